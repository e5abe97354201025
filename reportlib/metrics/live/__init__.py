"""How is a campaign going that is sending now?"""
