"""Roles: who has a part in a migration, the closed list of them.

Source: design section 3.1, rule 10.
"""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["people_team", "practitioner", "support_team", "customer_service", "customer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Everybody, in the order of lists."""
