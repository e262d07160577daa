"""For tests: strategies that draw values of the library and aim at trouble. Needs the extra `testing`."""
