"""What happened to each message, one row, kept in the DuckDB files that we write: what people are counted from first.

`table` has its tables, `reading` says whether it fits, and asks it; `people.folding` makes it, `people.settled` counts
from it. Where there is none that fits, messages and events are joined, and the figures are the same. Reports only read.

In the fold is only what nothing can change but the message and its events themselves. Of people of whom something is
open, because the moment or what the whole account's clicks show may have a say, or whose message failed, all messages
and events are kept as they are, few as they are: the question that is asked without a fold is asked of those alone
(`Warehouse.seen_from`), and its rows are added to those of the fold.
"""
