"""The drawn examples do not depend on which modules of the project happen to be imported."""

from __future__ import annotations

from hypothesis.internal.conjecture import providers

from measuring import import_every_module


def test_no_constants_of_imported_modules_are_drawn() -> None:
    import_every_module()
    read = providers._get_local_constants()
    assert not any(read.set_for_type(kind) for kind in ("integer", "float", "bytes", "string"))
