"""Lazy doors: the public names of a package, each imported when it is first used.

Nothing is imported here but `sys`, so that importing the library costs next to nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

ROOT = "accountmerge"
EXTRAS = ("cli", "frames", "notebook", "sql", "testing")
"""Packages with dependencies of their own, which are imported by their names."""

_MEANT = "; did you mean "


def door(
    package: str, homes: Mapping[str, str], rooms: tuple[str, ...] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package.

    Args:
        package: The name of the package.
        homes: By public name, the module that defines it, without the name of the library.
        rooms: The sub-packages that are reached as attributes.
    """

    def __getattr__(name: str) -> object:  # noqa: N807
        if name in homes:
            value: object = getattr(_module(f"{ROOT}.{homes[name]}"), name)
        elif name in rooms:
            value = _module(f"{package}.{name}")
        else:
            hint = _hint(package, name)
            text = f"module {package!r} has no attribute {name!r}{hint}"
            if hint.startswith(_MEANT):  # Python would add the same hint to the name and the module
                raise AttributeError(text)
            raise AttributeError(text, name=name, obj=sys.modules[package])
        vars(sys.modules[package])[name] = value
        return value

    def __dir__() -> list[str]:  # noqa: N807
        return sorted({*filter(_is_special, vars(sys.modules[package])), *homes, *rooms})

    return __getattr__, __dir__


def _is_special(name: str) -> bool:
    return name.startswith("__")


def _module(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def _hint(package: str, name: str) -> str:
    """Return the place of a name that is not in this package, or the name that is meant."""
    if name.startswith("_"):
        return ""
    if package == ROOT and name in EXTRAS:
        return f"; it is an extra: import {ROOT}.{name}"
    places = _places()
    if name in places:
        return f"; it is {places[name]}"
    from difflib import get_close_matches  # only an error needs it

    own = [known for known in dir(sys.modules[package]) if not _is_special(known)]
    for known in (own, list(places)):
        for meant in get_close_matches(name, known, n=1, cutoff=0.8):
            return f"{_MEANT}{places[meant]}?"
    return ""


def _places() -> dict[str, str]:
    """Return each room and each public name as users write it."""
    root = _module(ROOT)
    rooms: tuple[str, ...] = vars(root)["_ROOMS"]
    found = {room: f"am.{room}" for room in rooms}
    for room in rooms:
        found.update((name, f"am.{room}.{name}") for name in _module(f"{ROOT}.{room}").__all__)
    found.update((name, f"am.{name}") for name in root.__all__)
    return found
