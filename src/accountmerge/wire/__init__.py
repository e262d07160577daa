"""JSON in and out: strict on the way in, one form on the way out, and the digest that seals a plan."""
