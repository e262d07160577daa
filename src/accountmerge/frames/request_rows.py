"""Requests in the rows of a frame, and the faults of rows that hold none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from accountmerge.documents.files import written_document
from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.frames.engines import ENGINES
from accountmerge.frames.group_plans import Job, read_request
from accountmerge.frames.local_planning import lazy_frame
from accountmerge.frames.packed_rows import plain_text
from accountmerge.merges.requests import MergeRequest
from accountmerge.migrations.requests import MigrationRequest

NESTED = frozenset({"absorbed", "accept", "authority", "agreement", "window", "numbers"})
"""The columns of requests that hold a list or an object: as such, or as JSON text."""

KEYS: dict[Job, tuple[str, ...]] = {
    "merge": ("survivor", "absorbed", "actor", "accept", "authority"),
    "migration": ("profile_id", "new_email", "reason", "ticket", "agreement", "window", "numbers", "accept"),
}
"""The columns of a frame of requests. They are the keys of a request in a file."""

Placed = tuple[int, Any]
"""The number of a row, from 0, and its request or a `LoadError`."""


def requests_in(requests: Any, job: Job) -> Iterator[Placed]:
    """Yield the request of each row, or the error of reading it.

    Args:
        requests: A frame, or requests as values.
        job: The kind of the requests.
    """
    if isinstance(requests, Sequence | set | frozenset):
        cls: Any = MergeRequest if job == "merge" else MigrationRequest
        if not all(type(request) is cls for request in requests):
            raise InvalidValueError("wrong_type", field="requests", wanted=f"{job}_request")
        yield from enumerate(requests)
        return
    try:
        frame = lazy_frame(requests).collect()
    except Fault:
        raise InvalidValueError("frame_wanted", field="requests", allowed=ENGINES) from None
    known = [key for key in KEYS[job] if key in frame.columns]
    for place, row in enumerate(frame.select(known).iter_rows(named=True)):
        try:
            yield place, read_request(plain_text(row, NESTED), job)
        except LoadError as error:
            yield place, error


def text_of(request: Any) -> str:
    """Return a request as JSON text, which `read_request` reads."""
    plain = written_document(request)
    return json.dumps({key: value for key, value in plain.items() if key not in ("format", "intent")})


def request_members(
    groups: Sequence[Sequence[Any]], places: dict[Any, list[int]]
) -> Iterable[tuple[Any, ...]]:
    """Yield the rows of the table `requests`, with the group, the number of the row and the text."""
    for number, group in enumerate(groups, start=1):
        for request in group:
            text = text_of(request)
            yield from ((number, "requests", str(place), text) for place in places[request])


def members_frame(rows: Iterable[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    """Return rows as a frame."""
    return pl.DataFrame(list(rows), schema=schema, orient="row")
