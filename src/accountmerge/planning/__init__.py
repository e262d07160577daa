"""Deciding: from a snapshot, a request and rules to a plan. Pure: no clock, no chance, nothing read or written."""
