"""How the reports' questions grow from a million to a hundred million messages: `make benchmark-scale`."""
