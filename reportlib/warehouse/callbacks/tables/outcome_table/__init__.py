"""Tables of what people did: `columns` finds what is what, `row` reads it, `merging` writes it."""
