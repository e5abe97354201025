"""How did an account's week go, and is that usual?"""
