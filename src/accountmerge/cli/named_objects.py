"""Find objects by their modules and names."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any


def named_object(name: str) -> Any:
    """Import an object by its module, also one in the current folder, and its name.

    Raises:
        ImportError: The module cannot be imported. The same holds for the other errors.
        AttributeError: The module has no such name.
        ValueError: The text has no module.
        TypeError: The name of the module starts with a full stop.
    """
    module, _, path = name.partition(":")
    if os.getcwd() not in sys.path:  # noqa: PTH109 - a text for the path of imports
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
