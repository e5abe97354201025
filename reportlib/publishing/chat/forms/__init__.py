"""What each chat's webhook takes: one module a chat."""
