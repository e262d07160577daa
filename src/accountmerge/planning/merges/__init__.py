"""Merging customers: `plan_merge`, many at once, and which customer might be the survivor."""
