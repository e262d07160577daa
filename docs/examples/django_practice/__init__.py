"""An invented practice as a Django app, with the settings that its examples and tests need."""

from typing import Any

import django
from django.conf import settings

DATABASE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "practice.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5},
}
"""A file in the working directory. `IMMEDIATE`: a transaction locks the file before it reads."""


def set_up() -> None:
    """Configure Django; your project has settings of its own."""
    if not settings.configured:
        field = "django.db.models.BigAutoField"
        apps, databases = ["django_practice"], {"default": DATABASE}
        settings.configure(INSTALLED_APPS=apps, DATABASES=databases, USE_TZ=True, DEFAULT_AUTO_FIELD=field)
        django.setup()
