"""Make `data/fake_1000_pairs.csv`: pairs of rows of `fake_1000.csv` that may be one person, each with a score.

    python docs/examples/make_pairs.py [FILE]

Rows are compared if they agree in some fields. The score is the mean likeness of the fields that both rows have, from 0
to 1. It is as simple as an example may be: use a program for record linkage for your own data. The column `cluster`,
which has the truth, is not read.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

DATA = Path(__file__).parent / "data"
LEAST = 0.75
"""The least score of a pair that is written."""
KEYS = (
    ("first_name", "surname"),
    ("first_name", "dob"),
    ("surname", "dob"),
    ("surname", "city"),
    ("email",),
)
"""The fields in which two rows have to agree to be compared."""
WEIGHTS = {"first_name": 2, "surname": 3, "dob": 3, "city": 1, "email": 2}


def candidates(rows: list[dict[str, str]]) -> set[tuple[int, int]]:
    """Return the places of the rows that agree in all fields of a key."""
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        for key in KEYS:
            values = tuple(row[name] for name in key)
            if all(values):
                blocks[(*key, *values)].append(place)
    return {pair for places in blocks.values() for pair in combinations(places, 2)}


def score(one: dict[str, str], other: dict[str, str]) -> float:
    """Return the mean likeness of the fields that both rows have, by their weights."""
    known = [name for name in WEIGHTS if one[name] and other[name]]
    likeness = sum(
        WEIGHTS[name] * SequenceMatcher(None, one[name], other[name], autojunk=False).ratio()
        for name in known
    )
    return likeness / sum(WEIGHTS[name] for name in known)


def main(target: Path) -> None:
    """Write the pairs, the best first."""
    with (DATA / "fake_1000.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    scored = [
        (round(score(rows[a], rows[b]), 3), rows[a]["unique_id"], rows[b]["unique_id"])
        for a, b in candidates(rows)
    ]
    kept = sorted(
        (pair for pair in scored if pair[0] >= LEAST), key=lambda pair: (-pair[0], int(pair[1]), int(pair[2]))
    )
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("left", "right", "score"))
        writer.writerows((left, right, f"{value:.3f}") for value, left, right in kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else DATA / "fake_1000_pairs.csv")
