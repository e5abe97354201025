"""Which campaigns, accounts, groups and clocks a question is about."""
