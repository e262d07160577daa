"""A language together with the time zone and the word for a customer of its texts."""

from __future__ import annotations

from typing import Self

LANGUAGES = ("en", "fr")
"""The languages that have a complete catalogue; the first is the default."""

CUSTOMER_LABELS = ("customer", "client", "patient")
"""The words that a practice may choose for a customer; the first is the default, which French writes as *client*."""


class Locale(str):
    """A language that also says the time zone of instants and the word for a customer.

    It is text, such as `fr`, so every function with an argument `language` takes it.

    Attributes:
        zone: The IANA zone in which sentences show instants. Default: UTC.
        customer: The word for a customer, one of `CUSTOMER_LABELS`.

    Args:
        language: One of `LANGUAGES`, also with a region (`fr-CA`).
        zone: The IANA zone. An unknown one counts as UTC, because a report must not fail.
        customer: One of `CUSTOMER_LABELS`. Any other word counts as the default.
    """

    __slots__ = ("customer", "zone")
    zone: str
    customer: str

    def __new__(cls, language: str = "en", *, zone: str = "UTC", customer: str = "customer") -> Self:
        """Make a locale."""
        made = super().__new__(cls, language)
        made.zone = zone
        made.customer = customer if customer in CUSTOMER_LABELS else CUSTOMER_LABELS[0]
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:  # type: ignore[override]
        """Return the arguments that make a copy."""
        return (str(self),), {"zone": self.zone, "customer": self.customer}
