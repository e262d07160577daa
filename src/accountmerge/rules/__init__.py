"""What is asked and what is allowed: requests, agreements, acceptances and rules, as plain data."""
