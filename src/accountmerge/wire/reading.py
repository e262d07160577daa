"""Read JSON text, bytes or a file as plain data, and report every failure as a fault."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn

from accountmerge.errors import Fault, LoadError


class RepeatedKeys(dict[str, Any]):
    """A JSON object that has a key twice. No hook accepts it as an object."""


def read_json(source: str | bytes | os.PathLike[str]) -> Any:
    """Return the plain data of JSON text.

    Args:
        source: JSON text, its UTF-8 bytes, or the path of a file that holds them.

    Raises:
        LoadError: The source is no JSON, or too big or too deep to be read.
        OSError: The file cannot be read.
    """
    content = Path(source).read_bytes() if isinstance(source, os.PathLike) else source
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refused_constant)
    except UnicodeDecodeError:
        raise LoadError([Fault("not_utf8")]) from None
    except json.JSONDecodeError as error:
        raise LoadError([Fault("not_json", line=error.lineno, column=error.colno)]) from None
    except RecursionError:
        raise LoadError([Fault("too_deep")]) from None
    except ValueError:  # an integer of thousands of digits
        raise LoadError([Fault("number_too_long")]) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatedKeys(found)


def _refused_constant(_: str) -> NoReturn:
    raise LoadError([Fault("invalid_value", reason="json_not_a_number")])
