"""Making the fold, and bringing it up to date: after `load`, `import`, `connect` and `demo`."""
