"""Booking a customer's next session into the new profile: `plan_rebooking`."""

from accountmerge.planning.rebookings.plan import plan_rebooking

__all__ = ["plan_rebooking"]
