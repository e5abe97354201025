"""Files, in a folder or an object store, written whole and by one at a time."""
