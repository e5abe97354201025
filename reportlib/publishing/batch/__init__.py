"""Many reports at once, here or on a cluster."""
