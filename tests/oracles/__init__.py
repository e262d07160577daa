"""Oracles: what ought to come of a plan, found by brute force on the data alone, with no look at the planners."""
