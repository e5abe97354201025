"""A batch of callbacks put into the database: which message each is about, whose address, what is new."""
