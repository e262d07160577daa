"""Return the shipped JSON Schema of each format."""

from __future__ import annotations

import json
import pkgutil
from typing import Any

from accountmerge.documents.files import FORMATS
from accountmerge.errors import InvalidValueError

SCHEMA_NAMES: tuple[str, ...] = tuple(name.split(".")[1].split("/")[0] for name in FORMATS)
"""The nouns of the formats: `snapshot` for `accountmerge.snapshot/1`."""


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a format.

    `loads` refuses every document that the schema refuses, and more: a schema cannot say that references lead to an
    entity, that ids differ, that images of edits join or that a plan id fits.

    Args:
        name: A format such as `accountmerge.snapshot/1`, or its noun: `snapshot`.

    Raises:
        InvalidValueError: There is no such format.
    """
    return dict(json.loads(schema_text(name)))


def schema_text(name: str) -> str:
    """Return the schema of a format as the text of its file.

    Raises:
        InvalidValueError: There is no such format.
    """
    noun = dict(zip(FORMATS, SCHEMA_NAMES, strict=True)).get(name, name)
    if noun not in SCHEMA_NAMES:
        raise InvalidValueError("not_one_of", field="name", allowed=SCHEMA_NAMES)
    content = pkgutil.get_data("accountmerge.documents", f"schemas/{noun}-1.json")
    return (content or b"").decode()
