"""An executed notebook as a page, and the index of pages."""
