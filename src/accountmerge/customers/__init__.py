"""Small plans around one customer, and how to find a customer."""
