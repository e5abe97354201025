"""What messages cost, as their providers tell it, else by a rate card; and what of it was wasted."""
