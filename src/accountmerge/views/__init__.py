"""Views of everything visible and bookable at an instant."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.views.availability import manual_availability, portal_availability
    from accountmerge.views.bookability import BookabilityOverlap, find_bookability_overlap
    from accountmerge.views.booking_routes import BookingRoute, booking_route
    from accountmerge.views.expected_snapshots import expected_snapshot
    from accountmerge.views.profile_views import (
        ProfileHistory,
        profile_history,
        quick_view,
        visible_customers,
    )
    from accountmerge.views.visibility import (
        ProfileView,
        Visibility,
        WorkingLogins,
        visibility_at,
        working_logins,
    )

__all__ = [
    "BookabilityOverlap",
    "BookingRoute",
    "ProfileHistory",
    "ProfileView",
    "Visibility",
    "WorkingLogins",
    "booking_route",
    "expected_snapshot",
    "find_bookability_overlap",
    "manual_availability",
    "portal_availability",
    "profile_history",
    "quick_view",
    "visibility_at",
    "visible_customers",
    "working_logins",
]

_HOMES = {
    "BookabilityOverlap": "views.bookability",
    "BookingRoute": "views.booking_routes",
    "ProfileHistory": "views.profile_views",
    "ProfileView": "views.visibility",
    "Visibility": "views.visibility",
    "WorkingLogins": "views.visibility",
    "booking_route": "views.booking_routes",
    "find_bookability_overlap": "views.bookability",
    "expected_snapshot": "views.expected_snapshots",
    "manual_availability": "views.availability",
    "portal_availability": "views.availability",
    "profile_history": "views.profile_views",
    "quick_view": "views.profile_views",
    "visible_customers": "views.profile_views",
    "visibility_at": "views.visibility",
    "working_logins": "views.visibility",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
