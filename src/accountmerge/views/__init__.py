"""What people see and ask: where a customer is found, and why somebody cannot sign in."""
