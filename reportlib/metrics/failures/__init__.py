"""What failed, why, and what can be had back?"""
