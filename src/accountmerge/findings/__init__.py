"""What is wrong: the closed vocabulary of findings, and what finds them in a snapshot."""
