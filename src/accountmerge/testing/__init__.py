"""Strategies that draw difficult values for tests. Needs the extra `testing`."""
