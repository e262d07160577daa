"""Strategies and a conformance kit for tests, which need the extra `testing`."""
