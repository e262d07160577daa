"""Strict readers of JSON text, and of the texts, numbers and times in it, without coercion."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NoReturn

import pendulum

from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.messages import Fact, Facts
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import from_microseconds, parse_rfc3339
from accountmerge.model.json_text import LARGEST_INTEGER, FrozenJson
from accountmerge.wire.faults import HIDDEN_KEY, each, shown_key

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")


def wrong_type(wanted: str, value: object) -> Fault:
    """Return the fault that a value is not of the wanted JSON type."""
    if isinstance(value, RepeatedKeys):
        return Fault("repeated_key")
    return Fault("wrong_type", wanted=wanted, found=_JSON_TYPES.get(type(value), "value"))


_PATH = r"(?i)[^{}\r\n]+\.json\s*"
"""Text that is the path of a file, and no JSON; compiled at the first fault."""
_JSON_TYPES: dict[type, str] = {
    dict: "object",
    list: "list",
    str: "text",
    int: "number",
    float: "number",
    bool: "truth_value",
    type(None): "null",
}


def text(value: Any, _: Any = None) -> str:
    """Read text."""
    if type(value) is str:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Fault("invalid_value", reason="json_surrogate") from None
        return value
    raise wrong_type("text", value)


def texts(value: Any, _: Any = None) -> list[str]:
    """Read a list of texts."""
    if type(value) is not list:
        raise wrong_type("list", value)
    return list(each(((f"[{position}]", item) for position, item in enumerate(value)), text))


def integer(value: Any, _: Any = None) -> int:
    """Read a whole number that every reader of JSON can represent."""
    if type(value) is not int:
        raise wrong_type("whole_number", value)
    if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return value
    raise Fault("invalid_value", reason="json_integer")


def truth(value: Any, _: Any = None) -> bool:
    """Read a truth value."""
    if type(value) is not bool:
        raise wrong_type("truth_value", value)
    return value


def version(value: Any, _: Any = None) -> str | int:
    """Read a version, which is text or a whole number."""
    if type(value) is int:
        return integer(value)
    if type(value) is str:
        return text(value)
    raise wrong_type("text_or_whole_number", value)


def instant(value: Any, _: Any = None) -> pendulum.DateTime:
    """Read an instant."""
    return from_microseconds(instant_us(value))


def instant_us(value: Any) -> int:
    """Read an instant as microseconds."""
    if type(value) is not str:
        raise wrong_type("time", value)
    try:
        return parse_rfc3339(value)
    except InvalidValueError as error:
        raise Fault("invalid_value", reason=error.code) from None


def day(value: Any, _: Any = None) -> date:
    """Read a date."""
    if type(value) is not str:
        raise wrong_type("date", value)
    try:
        if DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Fault("invalid_value", reason="not_a_date")


def wall_time(value: Any, _: Any = None) -> time:
    """Read a time of day."""
    if type(value) is not str:
        raise wrong_type("time_of_day", value)
    try:
        if TIME.fullmatch(value):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise Fault("invalid_value", reason="not_a_time_of_day")


def local_time(value: Any, _: Any = None) -> datetime:
    """Read a date and time of day without offset, in whole seconds."""
    if type(value) is not str:
        raise wrong_type("wall_time", value)
    try:
        if LOCAL_TIME.fullmatch(value) and not value.endswith("24:00:00", 11):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise Fault("invalid_value", reason="not_a_wall_time")


def written_time(value: time) -> str:
    """Write a time of day in its shortest form."""
    return value.isoformat() if value.second or value.microsecond else value.isoformat("minutes")


def each_of(values: list[Any], read: Callable[[Any, Any], Any]) -> list[Any]:
    """Read the entries of a list, and collect the faults of all of them."""
    return each(
        ((f"[{position}]", item) for position, item in enumerate(values)), lambda item: read(item, None)
    )


def email_address(value: Any, _: Any = None) -> EmailAddress:
    """Read an address, malformed or not."""
    return EmailAddress(text(value))


def any_json(value: Any, _: Any = None) -> FrozenJson:
    """Read any JSON."""
    try:
        return FrozenJson.of(value)
    except InvalidValueError as error:
        if (
            error.code == "json_type"
        ):  # `json_type` has no other cause, because the value was read from JSON text
            raise Fault("repeated_key") from None
        raise Fault("invalid_value", reason=error.code) from None


def json_object(value: Any, _: Any = None) -> FrozenJson:
    """Read a JSON object of any content."""
    if type(value) is not dict:
        raise wrong_type("object", value)
    return any_json(value)


def json_scalars(value: Any, _: Any = None) -> FrozenJson:
    """Read a JSON object that holds only scalars."""
    if type(value) is not dict:
        raise wrong_type("object", value)
    if any(isinstance(item, dict | list) for item in value.values()):
        each(((HIDDEN_KEY, item) for item in value.values()), _scalar)
    return any_json(value)


def facts(value: Any, _: Any = None) -> Facts:
    """Read facts by name. A fact is a text, a whole number, a truth value or a list of texts."""
    if type(value) is not dict:
        raise wrong_type("object", value)
    for name, item in value.items():
        if not (type(item) is str and item.isascii() and name.isascii()):
            break
    else:
        return Facts.of(value)  # nearly all facts are so
    try:
        return Facts.of({text(name): _fact(item) for name, item in value.items()})
    except Fault:  # read again, so that each fault has its path
        named = ((shown_key(name), (name, item)) for name, item in value.items())
        return Facts.of(dict(each(named, _named_fact)))


def _scalar(value: Any) -> None:
    if isinstance(value, dict | list):
        raise wrong_type("scalar", value)


def _named_fact(pair: tuple[str, Any]) -> tuple[str, Fact]:
    return text(pair[0]), _fact(pair[1])


def _fact(value: Any) -> Fact:
    if type(value) is list:
        return tuple(text(item) for item in value)
    if type(value) is bool:
        return value
    return version(value)


class RepeatedKeys(dict[str, Any]):
    """A JSON object that has a key twice. No hook accepts it as an object."""


def read_json(source: str | bytes | os.PathLike[str]) -> Any:
    """Return the plain data of JSON text.

    Args:
        source: JSON text, its UTF-8 bytes, or the path of a file that holds them.

    Raises:
        LoadError: The source is no JSON, or too big or too deep to be read.
        InvalidValueError: The source is none of these.
        OSError: The file cannot be read.
    """
    if not isinstance(source, str | bytes | os.PathLike):
        raise InvalidValueError("wrong_type", field="source", wanted="source")
    content = Path(source).read_bytes() if isinstance(source, os.PathLike) else source
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refused_constant)
    except UnicodeDecodeError:
        raise LoadError([Fault("not_utf8")]) from None
    except json.JSONDecodeError as error:
        hint: dict[str, Any] = (
            {"is_path": True} if isinstance(source, str) and re.fullmatch(_PATH, source) else {}
        )
        raise LoadError([Fault("not_json", line=error.lineno, column=error.colno, **hint)]) from None
    except RecursionError:
        raise LoadError([Fault("too_deep")]) from None
    except ValueError:  # an integer of thousands of digits
        raise LoadError([Fault("number_too_long")]) from None


def json_value(text: str) -> Any:
    """Return the plain data of the JSON text of one value.

    Raises:
        Fault: It is no JSON, or too big or too deep to be read.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Fault("not_json", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Fault("too_deep") from None
    except ValueError:  # an integer of thousands of digits
        raise Fault("number_too_long") from None
    except LoadError as error:
        raise error.faults[0] from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeys(members)


def _refused_constant(_: str) -> NoReturn:
    raise LoadError([Fault("invalid_value", reason="json_not_a_number")])


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refused_constant)
"""Made once, because making one takes as long as reading a short text."""
