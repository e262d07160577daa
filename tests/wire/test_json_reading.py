"""Reading JSON text: every way to be no JSON is one clear fault, and nothing else is raised."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from full_documents import as_json, full_snapshot

if TYPE_CHECKING:
    from pathlib import Path

TEXT = am.dumps(full_snapshot())
MEGABYTE = 1024 * 1024


def refused(source: str | bytes) -> tuple[am.documents.Fault, ...]:
    with pytest.raises(am.LoadError) as caught:
        am.loads(source)
    for language in ("en", "fr"):
        assert all(fault.describe(language) for fault in caught.value.faults)
        assert caught.value.describe(language)
    return caught.value.faults


def codes(source: str | bytes) -> list[str]:
    return [fault.code for fault in refused(source)]


def test_text_bytes_and_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text(TEXT, encoding="utf-8")
    wanted = full_snapshot()
    assert am.loads(TEXT) == am.loads(TEXT.encode()) == am.loads(tmp_path / "file.json") == wanted
    assert am.loads(codecs.BOM_UTF8 + TEXT.encode()) == wanted
    assert am.loads(f"\r\n\t {TEXT}\n") == wanted


def test_text_is_never_taken_for_a_path(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(TEXT, encoding="utf-8")
    assert codes(str(path)) == ["not_json"]


@pytest.mark.parametrize("path", ["docs/practice.json", "C:\\données\\My file.JSON", "practice.json\n"])
def test_text_that_looks_like_a_path_is_told_to_be_taken_as_json(path: str) -> None:
    (fault,) = refused(path)
    assert "pathlib.Path" in fault.describe("en")
    assert "pathlib.Path" in fault.describe("fr")
    assert "practice" not in fault.describe()


@pytest.mark.parametrize("source", ["{practice.json", "a.json b", "x\ny.json", b"practice.json", ".json"])
def test_other_text_that_is_no_json_is_told_with_its_place(source: str | bytes) -> None:
    (fault,) = refused(source)
    assert fault.code == "not_json"
    assert "pathlib" not in fault.describe()


def test_a_file_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.json"):
        with pytest.raises(OSError, match=str(tmp_path)):
            am.loads(path)


@pytest.mark.parametrize("cut", range(0, len(TEXT), 50))
def test_a_file_that_is_cut_off_is_told_with_the_line(cut: int) -> None:
    (fault,) = refused(TEXT[:cut])
    assert fault.code == "not_json"
    assert fault.facts["line"] == 1
    assert 1 <= int(str(fault.facts["column"])) <= cut + 1
    assert codes(TEXT.encode()[:cut]) in (["not_json"], ["not_utf8"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_refused(encoding: str) -> None:
    assert codes(TEXT.encode(encoding))[0] in ("not_utf8", "not_json")


@pytest.mark.parametrize("junk", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\x80"])
def test_invalid_utf8_is_refused(junk: bytes) -> None:
    assert codes(TEXT.encode().replace(b"Street", junk)) == ["not_utf8"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", ['"zero":0', '"version":7', '"er":null'])
def test_what_is_no_number_is_refused(number: str, place: str) -> None:
    key = place.partition(":")[0]
    (fault,) = refused(TEXT.replace(place, f"{key}:{number}"))
    assert (fault.code, fault.facts["reason"]) == ("invalid_value", "json_not_a_number")


@pytest.mark.parametrize(
    ("place", "number", "path", "wanted"),
    [
        ('"zero":0', "1e400", "customers[0].attributes", "json_not_a_number"),
        ('"er":null', "-1e400", "records[0].data", "json_not_a_number"),
        ('"zero":0', "9007199254740993", "customers[0].attributes", "json_integer"),
        ('"version":7', "-9007199254740993", "profiles[0].version", "json_integer"),
        ('"version":7', "1e2", "profiles[0].version", "wrong_type"),
        ('"version":7', "1e400", "profiles[0].version", "wrong_type"),
    ],
)
def test_a_number_that_not_every_reader_keeps_is_refused(
    place: str, number: str, path: str, wanted: str
) -> None:
    key = place.partition(":")[0]
    (fault,) = refused(TEXT.replace(place, f"{key}:{number}"))
    assert fault.path == path
    assert wanted in (fault.code, fault.facts.get("reason"))


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert codes(TEXT.replace('"version":7', '"version":' + "7" * 5000)) == ["number_too_long"]


@pytest.mark.parametrize(
    "key", ['"given_name":"Ann"', '"address":"1 Example Street"', '"empty":""', '"phones":["2","1"]']
)
def test_half_a_character_pair_is_refused(key: str) -> None:
    head, _, value = key.partition(":")
    half = f'{head}:["\\ud83d"]' if value.startswith("[") else f'{head}:"\\ud83d"'
    (fault,) = refused(TEXT.replace(key, half))
    assert (fault.code, fault.facts["reason"]) == ("invalid_value", "json_surrogate")
    assert fault.path.startswith("customers[0].")


def test_both_halves_of_a_pair_are_a_character() -> None:
    found = am.loads(TEXT.replace('"given_name":"Ann"', '"given_name":"\\ud83d\\ude00"'))
    assert isinstance(found, am.Snapshot)
    assert found.customers["C1"].given_name == "\U0001f600"


@pytest.mark.parametrize(
    ("once", "path"),
    [
        ('"id":"P1"', "profiles[0]"),
        ('"zone":"Australia/Sydney"', "profiles[0].hours"),
        ('"use":"primary"', "customers[0].emails[1]"),
        ('"zero":0', "customers[0].attributes"),
        ('"er":null', "records[0].data"),
        ('"addresses":false', "complete_for"),
        ('"format":"accountmerge.snapshot/1"', ""),
        ('"profiles":[]', ""),
    ],
)
def test_a_key_that_stands_twice_is_told(once: str, path: str) -> None:
    key = once.partition(":")[0]
    text = (
        TEXT.replace(f"{key}:", f"{once},{key}:", 1)
        if once not in TEXT
        else TEXT.replace(once, f"{once},{once}")
    )
    assert ("repeated_key", path) in [(fault.code, fault.path) for fault in refused(text)]


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"a":', "}"), ("[{", ""), ('{"format":[', "")]
)
def test_nesting_without_end_is_refused(opening: str, closing: str) -> None:
    deep = opening * 100_000 + closing * 100_000
    assert codes(deep)[0] in ("too_deep", "not_json")
    assert codes(TEXT.replace('"er":null', f'"er":{deep}'))[0] in ("too_deep", "not_json")


def test_data_may_nest_as_deep_as_it_may() -> None:
    assert isinstance(am.loads(TEXT.replace('"er":null', '"er":' + "[" * 61 + "]" * 61)), am.Snapshot)
    (fault,) = refused(TEXT.replace('"er":null', '"er":' + "[" * 62 + "]" * 62))
    assert (fault.path, fault.facts["reason"]) == ("records[0].data", "json_too_deep")


@pytest.mark.parametrize(
    "chunk",
    [b"\x00", b"garbage ", b"[", b'{"a":', b"\xff\xfe", b"9", b'"', b"{}", b"\n", "é".encode()],
    ids=["nul", "words", "lists", "objects", "utf-16", "digits", "quotes", "many", "blank", "accents"],
)
def test_fifty_megabytes_of_garbage_are_one_fault(chunk: bytes) -> None:
    (fault,) = refused(chunk * (50 * MEGABYTE // len(chunk)))
    assert fault.code in ("not_json", "not_utf8", "too_deep", "number_too_long")
    assert fault.path == ""


@pytest.mark.parametrize("text", ["", " ", "null", "true", "1", '"accountmerge.snapshot/1"', "[]", "[{}]"])
def test_what_is_no_object_is_refused(text: str) -> None:
    assert codes(text)[0] in ("not_json", "wrong_type")


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40), st.text('[]{}":,0e.-ntf ', max_size=30)))
def test_no_text_raises_anything_else(source: str | bytes) -> None:
    refused(source)


@pytest.mark.parametrize(
    "name", ["accountmerge.snapshot/2", "accountmerge.receipt/2", "snapshot", "", 1, None, [], {}, True]
)
def test_an_unknown_format_is_told_with_those_that_are_read(name: object) -> None:
    (fault,) = refused(json.dumps({**as_json(full_snapshot()), "format": name}))
    assert (fault.code, fault.path) == ("unknown_format", "format")
    assert "accountmerge.snapshot/1" in fault.describe()


def test_a_missing_format_is_told() -> None:
    (fault,) = refused("{}")
    assert (fault.code, fault.path) == ("missing_key", "format")


def test_a_value_without_format_cannot_be_written() -> None:
    values: tuple[Any, ...] = (full_snapshot().profiles["P1"], None, {})
    for value in values:
        with pytest.raises(am.InvalidValueError) as caught:
            am.dumps(value)
        assert caught.value.code == "no_format"
