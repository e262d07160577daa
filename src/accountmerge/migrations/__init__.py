"""Moving a practitioner to a new profile."""
