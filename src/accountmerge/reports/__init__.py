"""What people read: plans, change sets and findings as text, derived from the values and nothing else."""
