"""The kit that every report is made with."""
