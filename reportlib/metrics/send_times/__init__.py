"""When does an audience respond?"""
