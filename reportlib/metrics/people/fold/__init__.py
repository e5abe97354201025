"""What happened to each message, one row, kept in the DuckDB files that we write: the first rung of `person_outcomes`.

`keeping` makes the fold and brings it up to date, after `load`, `import`, `connect` and `demo`; `reading` says whether
it fits, and gives its rows. Where there is none that fits, messages and events are joined, and the figures are the
same. Reports only read. In the fold is only what nothing can change but the message and its events themselves: a
message is `open`, and joined as ever, where the moment, or what the whole account's clicks show, may have a say.
"""
