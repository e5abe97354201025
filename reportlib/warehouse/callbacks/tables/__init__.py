"""Tables that are imported: which they are, what their columns mean, and what of them comes in."""
