"""One module per platform; each declares a PLATFORM, and is found by its name."""
