"""Booking the next session of a customer into the new profile."""
