"""The text of `--version`."""


def version_line() -> str:
    """Return the text of `--version`."""
    from importlib.metadata import version  # takes as long as a fifth of the parser

    return f"accountmerge {version('accountmerge')}"
