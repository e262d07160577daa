r"""Count the texts that break the rules of plain English, for `tests/docs/test_plain_english.py`.

The readers of this project have English as a second or third language. A text is one docstring of a module, a
class or a function (a note below an attribute is no docstring), one sentence of a page, or one message of the
English catalogue. A text is counted once for each kind of breach, however often it has it. Code in backticks
does not count.

Seven kinds are counted as follows, so that others can count them again:

- `opens_with_what`: docstrings in which a sentence, or the text of an argument, opens with the word *What*: the
  word is the first of the text, or follows `.`, `:` or `;`, or a blank line.
- `stands`: docstrings with the word *stand* or *stands*, in any case.
- `somebody`: docstrings with the word *somebody*.
- `nothing_if`: docstrings with the words *nothing if*.
- `nobody`: docstrings with the word *nobody*.
- `whom`: docstrings with the word *whom*.
- `noun_phrase`: docstrings of modules with a colon in the first paragraph ("Noun: phrase").

Run as a program, this module writes `tests/data/plain_english.json`: the counts, and a short digest of each
sentence that breaks a rule, so that the test can name a new one. It refuses to write a count that has risen.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests/data/plain_english.json"

FIRST_PAGES = ("README.md", "docs/index.md", "docs/applying.md", "docs/merging.md", "docs/migration.md")
"""The pages that a new reader opens first: their counts are zero."""

CATALOGUE = "src/accountmerge/messages/locale/en/LC_MESSAGES/accountmerge.po"

LONGEST_FIRST_SENTENCE = 18
"""How many words the first sentence of a docstring may have."""

OPENING = r"(?:^|[.:;?!][\"')*]*\s+|\n\s*\n)[\s\W]*"
SUBJECT = r"(?:it|they|there|he|she|we|you|nobody|nothing|neither|none)\b"
NOUN = r"(?:the|a|an|this|that|these|those|its|their|such|no)\s(?:(?!that|which|who|whose)[\w'-]+\s){1,5}?"
FINITE = r"(?:is|are|was|were|has|have|had|does|do|did|may|might|can|cannot|could|must|will|would|shall|should|needs?)\b"

PATTERNS = {
    "opens_with_what": rf"{OPENING}What\b",
    "stands": r"(?i)\bstands?\b",
    "somebody": r"(?i)\bsomebody\b",
    "nothing_if": r"(?i)\bnothing\s+if\b",
    "nothing_where": r"(?i)\bnothing\s+(?:where|when|unless)\b",
    "nobody": r"(?i)\bnobody\b",
    "whom": r"(?i)\bwhom\b",
    "whoever": r"(?i)\bwhoever\b",
    "so_far_as": r"(?i)\bso\s+far\s+as\b",
    "besides": r"(?i)\bbesides\b",
    "all_that": r"(?i)\ball\s+that\b",
    "hangs_on": r"(?i)\b(?:hangs?|hung|hanging)\s+(?:on|upon)\b",
    "lets_go": r"(?i)\b(?:lets?|letting)\s+go\b",
    "lays": r"(?i)\b(?:lays?|laid|laying)\b",
    "comes_along": r"(?i)\b(?:comes?|came|coming)\s+along\b",
    "carried_out": r"(?i)\b(?:carry|carries|carried|carrying)\s+out\b",
    "put_to_the_test": r"(?i)\bput(?:s|ting)?\s+to\s+the\s+test\b",
    "holds_out": r"(?i)\b(?:holds?|held|holding)\s+out\b",
    "tells": rf"(?i:\btells\b|\btell(?:ing)?\s+(?:whether|how|if|what|which|where|when)\b)|{OPENING}Tell\s+(?:apart|by)\b",
    "anew": r"(?i)\banew\b",
    "meanwhile": r"(?i)\bmeanwhile\b",
    "for_as_because": rf"(?i),\s+for\s+(?:{SUBJECT}|{NOUN}{FINITE})",
    "section_number": (
        r"(?i)(?<!\w)(?<!RFC \d{4} )(?:sections?|laws?|rules?)\s+\d+(?:\.\d+)*(?!\w)(?!\s+of\s+RFC)|\bDESIGN\b|"
        r"\((?:[1-9]|1\d)\.\d+(?:\.\d+)?\)"
    ),
}
"""The kinds that are recognised by words."""

SHAPES = ("noun_phrase", "long_first_sentence", "colon_in_first_sentence")
"""The kinds that only docstrings have."""

KINDS = (*PATTERNS, *SHAPES)
AREAS = ("docstrings", "docs", "first_pages", "catalogue")

Counts = dict[str, dict[str, int]]


@attrs.frozen
class Breach:
    """A text that breaks a rule: where it is, of which kind the breach is, and the sentence that has it."""

    area: str
    kind: str
    place: str
    sentence: str

    @property
    def digest(self) -> str:
        """The sentence in eight digits, whatever its line breaks are and wherever it is moved to."""
        return hashlib.sha256(self.sentence.encode()).hexdigest()[:8]


def breaches(root: Path = ROOT) -> tuple[Breach, ...]:
    """Return every breach below a directory, in the order of areas, files and texts."""
    found: list[Breach] = []
    for path in sorted((root / "src/accountmerge").rglob("*.py")):
        for name, text in docstrings(path.read_text(encoding="utf-8")):
            place = f"{path.relative_to(root)} {name}".strip()
            found += (Breach("docstrings", kind, place, said) for kind, said in judged_docstring(text, name))
    for page in (root / "README.md", *sorted((root / "docs").glob("*.md"))):
        place = str(page.relative_to(root))
        area = "first_pages" if place in FIRST_PAGES else "docs"
        for sentence in sentences_of_page(page.read_text(encoding="utf-8")):
            found += (Breach(area, kind, place, said) for kind, said in judged(sentence))
    for key, text in messages((root / CATALOGUE).read_text(encoding="utf-8")):
        found += (Breach("catalogue", kind, key, said) for kind, said in judged(text))
    return tuple(sorted(found, key=lambda breach: AREAS.index(breach.area)))


def counted(found: Iterable[Breach]) -> Counts:
    """Return how many breaches each area has of each kind, without the kinds that it does not have."""
    counts: Counts = {area: {} for area in AREAS}
    for breach in found:
        counts[breach.area][breach.kind] = counts[breach.area].get(breach.kind, 0) + 1
    return {area: dict(sorted(kinds.items())) for area, kinds in counts.items()}


def docstrings(source: str) -> Iterator[tuple[str, str]]:
    """Yield the docstrings of a module, its classes and its functions, with their names (of a module: empty)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield "" if isinstance(node, ast.Module) else node.name, text


def judged_docstring(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield each kind of breach of a docstring once, with its first sentence that has it; no name: a module."""
    yield from judged(text)
    first_paragraph = one_line(without_code(text.split("\n\n", maxsplit=1)[0]))
    first = sentences(first_paragraph)[0]
    if not name and ":" in first_paragraph:
        yield "noun_phrase", first
    if name and ":" in first:
        yield "colon_in_first_sentence", first
    if len(re.findall(r"[\w`][\w`'’.-]*", first)) > LONGEST_FIRST_SENTENCE:
        yield "long_first_sentence", first


def judged(text: str) -> Iterator[tuple[str, str]]:
    """Yield each kind of breach that a text has by its words, once, with the first sentence that has it."""
    plain = without_code(text)
    for kind, pattern in PATTERNS.items():
        if re.search(pattern, plain):
            having = (part for part in sentences(plain) if re.search(pattern, part))
            yield kind, next(having, one_line(plain))


def without_code(text: str) -> str:
    """Return a text with each piece of code as one neutral word."""
    return re.sub(r"(`+)[^`]+\1", "`code`", text)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    parts = re.split(r"(?<=[.!?])[\"')*]*\s+|\n\s*\n|\n(?=\s+\w+: )", text.strip())
    return [one_line(part) for part in parts if part.strip()] or [""]


def one_line(text: str) -> str:
    """Return a text with one space for each white space."""
    return " ".join(text.split())


def sentences_of_page(page: str) -> Iterator[str]:
    """Yield the sentences of a Markdown page: of paragraphs, headings, items and cells, but not of snippets."""
    prose = re.sub(r"^```.*?^```$", "\n", page, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^(?:[-*]|\d+\.|#+|>)\s+", "\n\n", prose, flags=re.MULTILINE)
    prose = re.sub(r"^\s+[-*]\s+", "\n\n", prose, flags=re.MULTILINE)
    prose = re.sub(r"^\|[-| :]+\|$", "\n", prose, flags=re.MULTILINE)
    rows = re.sub(
        r"^\|(.*)\|$", lambda row: "\n\n" + row[1].replace("|", "\n\n") + "\n\n", prose, flags=re.MULTILINE
    )
    for block in re.split(r"\n\s*\n", rows):
        if block.strip():
            yield from sentences(without_code(block))


def messages(catalogue: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and the sentences of a gettext catalogue; a sentence in two numbers is two texts."""
    for entry in re.split(r"\n\s*\n", catalogue):
        texts = {
            word: "".join(json.loads(line) for line in lines.splitlines())
            for word, lines in re.findall(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', entry, flags=re.MULTILINE)
        }
        if texts.get("msgid"):
            yield from ((texts["msgid"], text) for word, text in texts.items() if word.startswith("msgstr"))


def record(found: Iterable[Breach]) -> dict[str, Any]:
    """Return what the file of known breaches has to say of these."""
    found = tuple(found)
    digests = {area: sorted({breach.digest for breach in found if breach.area == area}) for area in AREAS}
    return {"counts": counted(found), "sentences": digests}


def risen(known: Counts, now: Counts) -> list[tuple[str, str]]:
    """Return the areas and kinds of which more breaches are counted than are known."""
    return [
        (area, kind)
        for area, kinds in now.items()
        for kind, count in kinds.items()
        if count > known.get(area, {}).get(kind, 0)
    ]


def fallen(known: Counts, now: Counts) -> list[tuple[str, str]]:
    """Return the areas and kinds of which fewer breaches are counted than are known."""
    return risen(now, known)


def new_sentences(known: dict[str, Any], found: Iterable[Breach], area: str, kind: str) -> list[Breach]:
    """Return the breaches of an area and a kind whose sentence is not among the known ones."""
    digests = set(known["sentences"].get(area, ()))
    return [
        breach
        for breach in found
        if breach.area == area and breach.kind == kind and breach.digest not in digests
    ]


def main() -> int:
    """Write the record of the present breaches, unless a count has risen."""
    found = breaches()
    if RECORD.exists():
        known = json.loads(RECORD.read_text(encoding="utf-8"))
        more = risen(known["counts"], counted(found))
        for area, kind in more:
            for breach in new_sentences(known, found, area, kind):
                sys.stderr.write(f"{area} {kind}: {breach.place}: {breach.sentence}\n")
        if more:
            return 1
    RECORD.write_text(json.dumps(record(found), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
