"""SHA-256 digests, without loading OpenSSL for the few and short texts of a small plan.

`hashlib` loads OpenSSL, which takes longer than planning a small migration. Python has SHA-256 in a module of its own,
too, which the module `random` of Python uses for the same reason. It is as fast for short texts, and takes seven times
as long for long ones, so after some texts OpenSSL is loaded all the same.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = ("_sha2", "_sha256", "hashlib")
"""The modules that may have SHA-256, of Python 3.12 and later, of Python 3.11, and of every Python."""
_SHORT = 65_536
"""Bytes that are digested without OpenSSL, in about the tenth part of the time that it takes to load."""


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    data = text.encode()
    digest = new_sha256(len(data))
    digest.update(data)
    hexadecimal: str = digest.hexdigest()
    return hexadecimal


class _Digests:
    """The way to SHA-256, which changes after enough bytes."""

    def __init__(self) -> None:
        self.left = _SHORT
        self.new = self._first()

    def _first(self) -> Any:
        for module in _MODULES:
            try:
                return import_module(module).sha256
            except (ImportError, AttributeError):  # a Python that is built without it
                continue
        raise ImportError("SHA-256")

    def spend(self, length: int) -> None:
        self.left -= length
        if self.left < 0:
            self.new = import_module("hashlib").sha256
            self.left = 1 << 62


_digests = _Digests()


def new_sha256(length: int) -> Any:
    """Return a new SHA-256 for about so many bytes, with the methods of `hashlib.sha256`."""
    _digests.spend(length)
    return _digests.new()
