"""Do campaigns differ, or is it luck?"""
