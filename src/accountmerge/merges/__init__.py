"""Merging customers who are one person."""
