"""Where opt-outs and complaints come from."""
