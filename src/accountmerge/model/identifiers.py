"""Derived ids for entities that a plan creates."""

from __future__ import annotations

from accountmerge.model.digests import sha256_of
from accountmerge.model.json_text import canonical

_LENGTH = 32  # hexadecimal digits, 128 bits as in a UUID: far beyond accidental collision


def derived_id(noun: str, *stands_for: str) -> str:
    """Return the id of a new entity, derived only from its kind and its meaning.

    The meaning is ids and references, such as the replaced appointment and the new profile. The same meaning gives the
    same id in every retry, independent of clock, memory address and plan.
    """
    return sha256_of(canonical([noun, *stands_for]))[:_LENGTH]
