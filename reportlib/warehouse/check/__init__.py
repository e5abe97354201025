"""Do the data fit the contract? Its rules, and a report of every problem."""
