"""A campaign that is sending, watched without a browser: who is to hear of an alarm hears of it once."""
