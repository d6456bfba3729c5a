"""What people see of a command; loaded only when there is something to show."""
