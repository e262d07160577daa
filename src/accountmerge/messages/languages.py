"""The languages of the catalogues, and the words of practices for a customer."""

LANGUAGES = ("en", "fr")
"""The languages that have a complete catalogue; the first is the default."""

CUSTOMER_LABELS = ("customer", "client", "patient")
"""The words that a practice may choose for a customer; the first is the default, which French writes as *client*."""
