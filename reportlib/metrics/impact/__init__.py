"""What messages caused: experiments with their outcomes; and what attribution would say without one."""
