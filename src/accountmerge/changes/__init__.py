"""What to do: edits, steps and guards, and what applying them to a snapshot means.

Nothing here knows a planner or a rule: whoever stores a change set can read, check and apply it without them.
"""
