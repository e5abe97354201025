"""How the people of an account are: who can be reached, who still reacts, who leaves."""
