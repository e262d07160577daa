"""Help of the command line in another language than English, translated when it is shown.

Help is written in English beside its command and its options. A translation is an entry of the catalogue
`messages/locale/<language>/LC_MESSAGES/help.po`, keyed by one paragraph or one line of the English help. An example
is no text for people, so it has no translation. A text without an entry stays English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accountmerge.messages import help_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NOTES = re.compile(r"(?P<text>.*?)(?:(?:^|  )\[(?P<notes>[^\[\]]+)\])?", re.DOTALL)
"""A line of help, with the notes that the parser adds, such as `[default: 5; required]`."""


def texts_of(text: str) -> Iterator[str]:
    """Yield the parts of a help text that need a translation, each on one line."""
    for part in re.split(r"\n[ \t]*\n", text.partition("\f")[0].strip()):
        if not part.lstrip().startswith("\b"):
            yield " ".join(part.split())
        elif len(lines := part.strip("\b \n").split("\n")) > 1:
            yield lines[0].strip()


def texts_of_row(text: str) -> Iterator[str]:
    """Yield the parts of the help of an option that need a translation, without notes such as `[required]`."""
    if plain := _NOTES.fullmatch(text.strip()):
        yield from texts_of(plain["text"])


_NAME = re.compile(r"(?<![\w-])[A-Z]+(?:_[A-Z]+)*(?!\w)")
"""The name of a value, such as `FILE`."""


def value_names(metavar: str) -> list[str]:
    """Return the names of values in text such as `MODULE:NAME`."""
    return _NAME.findall(metavar)


def names_told(text: str, language: str) -> str:
    """Return text with the names of values, such as `FILE`, in a language."""
    return _NAME.sub(lambda found: help_text(found[0], language), text)


class _Translated:
    """A formatter of help that writes in a language; it comes before a class of formatters."""

    language = "en"

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line with the names of the arguments."""
        words = names_told(args.replace("COMMAND [ARGS]", self._word("COMMAND [ARGS]")), self.language)
        super().write_usage(prog, words, prefix or self._word("Usage: ") + " ")  # type: ignore[misc]

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        indent = " " * self.current_indent  # type: ignore[attr-defined]
        self.write(indent + self._word(f"{heading}:") + "\n")  # type: ignore[attr-defined]

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text("\n\n".join(self._parts(text)))  # type: ignore[misc]

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **extra: Any) -> None:
        """Write names with their help."""
        told = [(names_told(name, self.language), self._row(text)) for name, text in rows]
        super().write_dl(told, *args, **extra)  # type: ignore[misc]

    def _word(self, text: str) -> str:
        return help_text(text.strip(), self.language)

    def _parts(self, text: str) -> Iterator[str]:
        for part in re.split(r"\n[ \t]*\n", text):
            lines = part.split("\n")
            if lines[0].strip() != "\b":
                yield self._word(" ".join(part.split()))
                continue
            if len(lines) > 1:
                lines[1] = self._word(lines[1])
            yield "\n".join(lines)

    def _row(self, text: str) -> str:
        read = _NOTES.fullmatch(text.strip())
        if read is None:
            return self._word(text)
        told = self._word(" ".join(read["text"].split()))
        if not read["notes"]:
            return told
        notes = "; ".join(self._note(note) for note in read["notes"].split("; "))
        return f"{told}  [{notes}]".strip()

    def _note(self, note: str) -> str:
        name, colon, value = note.partition(": ")
        return f"{self._word(name + ':')} {self._word(value)}" if colon else self._word(note)


def translated(formatter: Any, language: str) -> Any:
    """Return a formatter of the parser as one that writes in a language."""
    kind = type(formatter)
    formatter.__class__ = type(f"Translated{kind.__name__}", (_Translated, kind), {"language": language})
    return formatter
