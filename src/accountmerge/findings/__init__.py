"""The closed vocabulary of findings, and functions that find faults in a snapshot."""
