"""The languages of the catalogues, and the words of practices for a customer."""

from typing import Literal, get_args

LANGUAGES = ("en", "fr")
"""The languages that have a complete catalogue; the first is the default."""

CustomerLabel = Literal["customer", "client", "patient"]
CUSTOMER_LABELS: tuple[CustomerLabel, ...] = get_args(CustomerLabel)
"""The words that a practice may choose for a customer; the first is the default, which French writes as *client*."""
