"""Windows: how long a blackout has to be, and when it disturbs least: `estimate_blackout`, `propose_windows`."""

from accountmerge.planning.windows.estimates import BlackoutEstimate, estimate_blackout
from accountmerge.planning.windows.proposals import WindowProposal, propose_windows

__all__ = ["BlackoutEstimate", "WindowProposal", "estimate_blackout", "propose_windows"]
