"""The closed vocabulary of findings, and the functions that find faults in a snapshot."""
