"""Rebooking lines: from a pasted message to the values that stand behind labels.

Quoting marks, bullets, blank lines, the order of lines, case, accents and words that say nothing do not count.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import attrs

from accountmerge.messages import LANGUAGES, sentence
from accountmerge.model.names import folded
from accountmerge.rules.rebooking_words import (
    LABELS,
    MAIL_WORDS,
    NO_LABEL_WORDS,
    WRITTEN_FIELDS,
    RebookingField,
)
from accountmerge.wire.written_times import holds_time, is_mail_time

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LABEL = 120
"""Characters; nothing longer is a label."""
_MARKS = re.compile(r"[\s>|]*(?:(?:[-*•·–—+]|\d{1,2}[.)])[\s>|]+)?")  # noqa: RUF001 - people's bullets
_SEPARATORS = (":", "\uff1a", "=", "\t", " - ", " \u2013 ", " \u2014 ")
_PARENTHESES = re.compile(r"\([^()]*\)?")
_WORD = re.compile("[a-z0-9]+")
_TIME_FIELDS: frozenset[RebookingField] = frozenset(("start", "date", "time"))


@attrs.frozen(repr=False)
class LabelledValue:
    """What stands behind a label.

    Attributes:
        field: Which field the label names, or seems to name.
        value: What stands behind it, as it was written.
        is_sure: Whether the label is understood; else only some of its words are.
    """

    field: RebookingField
    value: str
    is_sure: bool = True


def labelled_values(text: str) -> Iterator[LabelledValue]:
    """Yield what stands behind each label of a message, in the order of its lines.

    A label that stands alone on its line is that of the next line, if that has none of its own. A line without a
    label that is understood seems to name the start if it holds a date or a time. Takes time in proportion to the
    text.
    """
    waiting: RebookingField | None = None
    lines = [bare for line in text.splitlines() if (bare := line[_end_of_marks(line) :].strip())]
    is_mail = any(map(_is_of_mail_header, lines))
    for bare in lines:
        found = tuple(_labelled(bare, is_mail=is_mail))
        if waiting is not None and not any(each.is_sure for each in found):
            yield LabelledValue(waiting, bare)
            waiting = None
            continue
        if waiting is not None:
            yield LabelledValue(waiting, "")
            waiting = None
        if found and found[0].is_sure and not found[0].value:
            waiting = found[0].field
            continue
        yield from found
        if not any(each.is_sure or each.field in _TIME_FIELDS for each in found) and holds_time(bare):
            yield LabelledValue("start", bare, is_sure=False)
    if waiting is not None:
        yield LabelledValue(waiting, "")


def _end_of_marks(line: str) -> int:
    marks = _MARKS.match(line)
    return marks.end() if marks else 0


def _is_of_mail_header(line: str) -> bool:
    label, colon, _ = line.partition(":")
    return bool(colon) and len(label) <= LONGEST_LABEL and folded(label).strip(" *_\t\u00a0") in MAIL_WORDS


def _labelled(line: str, *, is_mail: bool) -> Iterator[LabelledValue]:
    """Yield the value of a line with a label that is understood, or else of all fields that it may name."""
    splits = [_split(line, separator) for separator in _SEPARATORS if separator in line]
    # The label ends at the first separator that makes one of it: a time has colons too.
    for label, value in splits:
        field = named_field(label)
        if field is not None:
            # When a mail was sent is not when the session is.
            is_sent = label_words(label) == ("date",) and (is_mail or is_mail_time(value))
            yield LabelledValue(field, value, is_sure=not is_sent)
            return
    for label, value in splits[:1]:
        words = label_words(label) if len(label) <= LONGEST_LABEL else ()
        yield from (
            LabelledValue(field, value, is_sure=False)
            for field, known in LABELS.items()
            if known.hint_at(words)
        )


def _split(line: str, separator: str) -> tuple[str, str]:
    label, _, value = line.partition(separator)
    return label.strip(), value.strip()


def named_field(label: str) -> RebookingField | None:
    """Return the field that a label names; what stands in parentheses counts only if the rest names none."""
    if len(label) > LONGEST_LABEL:
        return None
    for text in (_PARENTHESES.sub(" ", label), label):
        words = label_words(text)
        if words in _written_labels():
            return _written_labels()[words]
        names = {field: known.names(words) for field, known in LABELS.items()}
        best = max(names, key=names.__getitem__)
        if names[best]:
            return best
    return None


def label_words(label: str) -> tuple[str, ...]:
    """Return the words of a label that say something, folded."""
    text = folded(label).replace("e-mail", "email").replace("n\u00b0", "no ")
    return tuple(word for word in _WORD.findall(text) if word not in NO_LABEL_WORDS)


@cache
def _written_labels() -> dict[tuple[str, ...], RebookingField]:
    """Return the labels that messages are written with, in all languages."""
    return {
        label_words(_PARENTHESES.sub(" ", sentence(f"label.{field}", {}, language))): field
        for language in LANGUAGES
        for field in WRITTEN_FIELDS
    }
