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
EXTRAS = ("cli", "testing")
"""Packages with dependencies of their own, which are imported by their names."""


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
            module = sys.modules[package]
            text = f"module {package!r} has no attribute {name!r}{_hint(package, rooms, name)}"
            raise AttributeError(text, name=name, obj=module)
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


def _hint(package: str, rooms: tuple[str, ...], name: str) -> str:
    """Return where a name is to be found, if it is not in this package."""
    if name.startswith("__"):
        return ""
    if package == ROOT and name in EXTRAS:
        return f"; it is an extra: import {ROOT}.{name}"
    for room in rooms if package == ROOT else (ROOT,):
        other = _module(f"{ROOT}.{room}" if package == ROOT else ROOT)
        if name in other.__all__:
            return f"; it is {'am' if other.__name__ == ROOT else f'am.{room}'}.{name}"
    return ""
