"""Strict reading and canonical writing of JSON, its schemas, and the digest that seals a plan."""
