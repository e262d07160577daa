"""The shape that all plans share, and what is derived from a plan."""
