"""The exit codes of the commands."""

READY = 0
FOUND = 1
"""A blocker, or something found."""
BAD_INPUT = 2
"""An input or output that failed, or a wrong command line."""
INTERRUPTED = 130
"""The exit code that shells report for an interrupted program: 128 and the number of SIGINT."""
CLOSED = 141
"""The exit code that shells report for a reader that went away, such as `head`: 128 and the number of SIGPIPE."""
TERMINATED = 143
"""The exit code that shells report for a terminated program: 128 and the number of SIGTERM."""
