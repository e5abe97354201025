"""What a report is: its parameters, their checks, its record."""
