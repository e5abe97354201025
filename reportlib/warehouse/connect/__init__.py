"""What a platform holds, copied into a campaign database of our own: one module per platform, the rest is shared.

`platform` says what a module declares. `opening`: the platform's database, only ever read. `layout`: where its tables
are. `reading`: their rows as files. `local`: the database they come into. `run`: all of it, in one call.
"""
