"""Tables of one row per message, our own detailed export or another tool's: read twice, checked, put into the database.

A file is surveyed first (`survey`: how its columns write times, which rows stand for one message), then read row by row
(`files`), each row made into a message and its engagement (`row`), and merged a batch at a time (`merging`).
"""

PROVIDER = "detailed"
