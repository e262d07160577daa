"""Identifiers: opaque text given by the store, and how an id is derived for what a plan creates."""

from __future__ import annotations

import hashlib

from accountmerge.model.json_text import canonical

_LENGTH = 32  # hexadecimal digits, 128 bits: as many as a UUID, far beyond accidental collision


def derived_id(noun: str, *stands_for: str) -> str:
    """Return the id of something new, from what it stands for and nothing else.

    The same meaning gives the same id in every retry; it depends on no clock, address or plan.

    Args:
        noun: The kind of entity, such as `appointment`.
        stands_for: Ids and references that say what it stands for, such as the replaced appointment and
            the new profile.
    """
    return hashlib.sha256(canonical([noun, *stands_for]).encode()).hexdigest()[:_LENGTH]
