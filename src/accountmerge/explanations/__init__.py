"""Why something ends where it ends: derived from a plan's steps, ledger, findings and rules, never decided anew."""
