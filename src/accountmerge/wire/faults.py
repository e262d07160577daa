"""Report every error of reading a file as a list of faults with their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

from accountmerge.errors import SHOWN_FAULTS, Fault, FaultList, InvalidValueError
from accountmerge.model.private import DECLARED, UnknownKeys

T = TypeVar("T")

_NAMES = {"slot": "", "from_id": "from", "except_ids": "except"}
"""Attributes with another name in JSON, or with none because their parts are keys of their own."""
_SHOWABLE_ID = r"[*]|[A-Za-z_][A-Za-z0-9_.-]{0,40}"  # compiled at the first fault
_WORD = r"[a-z_0-9]{1,40}"
HIDDEN_KEY = "<key>"
"""The text in a path for a key that may be personal, such as the name of an attribute."""
_WORDS_OF_FILES = (
    "after annotations before clusters complete_for created_at data days end entity except format from held images "
    "intent local_start made_by merged_at op session_id start "
    "addresses practitioners profile profiles customer customers appointment appointments record records access "
    "access_request access_requests monday tuesday wednesday thursday friday saturday sunday"
)
"""Keys of files that are no names of fields."""


class Faults(Exception):  # noqa: N818 - it is caught inside this package and never reaches a caller
    """Several faults, raised together. Beyond a limit, further faults are only counted."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(len(faults))
        self.faults = faults
        self.more = faults.more if isinstance(faults, FaultList) else 0


def faults_of(error: BaseException, path: str = "") -> Iterator[Fault]:
    """Yield the faults behind an error of reading, with their paths below a path.

    An error that is no fault of the data is raised again, because it is a defect of the library.
    """
    if isinstance(error, Fault):
        yield error.below(path)
    elif isinstance(error, Faults):
        yield from (fault.below(path) for fault in error.faults)
    elif isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from faults_of(inner, _joined(path, _attribute(inner)))
    elif isinstance(error, KeyError):
        yield Fault("missing_key", path)
    elif isinstance(error, InvalidValueError):
        yield Fault("invalid_value", path, reason=error.code, **error.facts)
    else:
        raise error


def collect(faults: list[Fault], error: BaseException, path: str = "") -> None:
    """Add the faults behind an error to those of a file. Beyond a limit, they are only counted."""
    if not isinstance(faults, FaultList):
        faults.extend(faults_of(error, path))
    elif faults.is_full:
        faults.more += _count(error)
    else:
        faults.extend(faults_of(error, path))
        faults.more += _more(error)


def _count(error: BaseException) -> int:
    if isinstance(error, Faults):
        return len(error.faults) + error.more
    if isinstance(error, ExceptionGroup):
        return sum(map(_count, error.exceptions))
    if isinstance(error, Fault | KeyError | InvalidValueError):
        return 1
    raise error


def _more(error: BaseException) -> int:
    if isinstance(error, ExceptionGroup):
        return sum(map(_more, error.exceptions))
    return error.more if isinstance(error, Faults) else 0


def each(values: Iterable[tuple[str, Any]], read: Callable[[Any], T]) -> list[T]:
    """Read values at paths, or raise the faults of all of them."""
    values_read: list[T] = []
    faults = FaultList()
    for path, value in values:
        try:
            values_read.append(read(value))
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            collect(faults, error, path)
    if faults:
        raise Faults(faults)
    return values_read


def shown_key(key: str) -> str:
    """Return a key as a path may show it.

    Only words of the formats are shown, in any spelling, because other keys may be personal.
    """
    return (
        key
        if key.isascii() and key.isprintable() and _folded(key) in _known_words(len(DECLARED))
        else HIDDEN_KEY
    )


def unknown_keys(found: Collection[str], known: Collection[str], shown: UnknownKeys) -> Iterator[Fault]:
    """Yield a fault for each unknown key of an object, with the known key that it resembles.

    Args:
        found: The unknown keys.
        known: The known keys.
        shown: The unknown keys that may be shown. Words of the formats are always shown.
    """
    for place, key in enumerate(sorted(found)):
        is_word = shown != "hidden" and re.fullmatch(_WORD, key) is not None
        meant = _resembled(key, known) if is_word and place < SHOWN_FAULTS else ""
        path = key if meant or (is_word and shown == "words") else shown_key(key)
        yield Fault("unknown_key", path, meant=meant) if meant else Fault("unknown_key", path)


def _resembled(key: str, known: Collection[str]) -> str:
    """Return the known key that a key resembles most, or empty text."""
    from difflib import get_close_matches  # only a fault needs it

    return next(iter(get_close_matches(key, sorted(known), n=1, cutoff=0.8)), "")


def shown_id(key: str) -> str:
    """Return an id as a path may show it. Long ids and addresses are hidden."""
    return key if re.fullmatch(_SHOWABLE_ID, key) and "@" not in key else HIDDEN_KEY


@cache
def _known_words(_: int) -> frozenset[str]:
    """Return the words of the formats. Cached by the number of declared classes.

    `documents.files` imports every declared class, `documents.snapshots` only those of snapshots.
    """
    fields = (name for declared in DECLARED.values() for name in (*declared.personal, *declared.plain))
    return frozenset(map(_folded, (*_WORDS_OF_FILES.split(), *fields)))


def _folded(key: str) -> str:
    """Return a key in lower case without joints, so that `givenName` equals `given_name`."""
    return re.sub(r"[-_ ]", "", key).lower()


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _attribute(error: BaseException) -> str:
    # Only the converter leaves such notes. Its import is slow, so this module does not import it.
    from cattrs.errors import AttributeValidationNote

    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return _NAMES.get(note.name, note.name)
    return ""


def read_part(data: dict[str, Any], key: str, read: Callable[[Any], Any], faults: list[Fault]) -> Any:
    """Read one key of an object. After a fault, add it to the faults and return None."""
    try:
        if key not in data:
            raise Fault("missing_key")
        return read(data[key])
    except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
        collect(faults, error, key)
        return None
