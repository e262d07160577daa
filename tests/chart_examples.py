"""The example of the docs, and requests to move its practitioners."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import accountmerge as am

ROOT = Path(__file__).resolve().parents[1]
AT = datetime.fromisoformat("2026-03-02T09:00:00+11:00")


def request_to_move(profile_id: str, new_email: str) -> am.MigrationRequest:
    agreed_at = datetime.fromisoformat("2026-02-20T11:15:00+11:00")
    return am.MigrationRequest(
        profile_id=profile_id,
        new_email=new_email,
        reason="business_name_change",
        ticket=f"SUP-{profile_id}",
        agreement=am.Agreement(by="Nadia Haddad", at=agreed_at, version="1"),
    )
