"""`python -m accountmerge.cli` is `accountmerge`."""

from accountmerge.cli import main

main()
