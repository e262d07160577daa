"""Write the answers of the stored questions anew: `python tests/net/write.py`.

For one use: a commit that changes answers on purpose, and says so. The script asks the stored questions again and
writes what the planners answer now. It draws no new question, and changes no request, rules or snapshot; what was
renamed in them has to be renamed in the files first. It prints the names of the questions whose answers changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from stored_questions import QUESTIONS, answered, questions


def main() -> None:
    """Ask each question again, and write the file."""
    changed, written = [], []
    for question in questions():
        answer = answered(question)
        if answer != question["answer"]:
            changed.append(question["name"])
        written.append(json.dumps({**question, "answer": answer}, separators=(",", ":")) + "\n")
    QUESTIONS.write_text("".join(written), encoding="utf-8", newline="\n")
    print(f"{len(changed)} of {len(written)} answers changed.", *changed, sep="\n")


if __name__ == "__main__":
    main()
