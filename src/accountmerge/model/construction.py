"""Construction: values made of parts that are known to be valid, without checking them a second time.

A frozen class sets each field through `object.__setattr__`, and its constructor applies the rule of each field. Whoever
has applied the rules already, such as the reader of files, makes the value here: a subclass that is not frozen sets the
fields plainly, and then hands its instance over to the class itself. Nothing else in the library takes this path.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def maker(cls: type) -> Callable[..., Any]:
    """Return what makes an instance of a frozen, slotted class of attrs from the values of all its fields.

    Args:
        cls: The class. The values are given in the order of its fields, in the form that its constructor keeps.
    """
    names = [field.name for field in attrs.fields(cls)]
    lines = [f"def __init__(self, {', '.join(names)}):"]
    lines += [f"    self.{name} = {name}" for name in names]
    lines += ["    self.__class__ = cls"]
    namespace: dict[str, Any] = {"cls": cls}
    exec("\n".join(lines), namespace)  # noqa: S102 - the text is made of names of fields alone
    members = {"__slots__": (), "__setattr__": object.__setattr__, "__init__": namespace["__init__"]}
    return type(cls.__name__, (cls,), members)
