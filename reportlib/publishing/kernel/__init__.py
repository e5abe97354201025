"""A notebook run in a kernel."""
