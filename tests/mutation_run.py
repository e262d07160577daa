"""The mutation run: mutmut on all mutants or on a sample of them, and the score by package.

python tests/mutation_run.py --sample 300      # a sample, which depends on the names of the mutants only
python tests/mutation_run.py --names FILE      # the mutants that a file names, such as survivors
python tests/mutation_run.py                   # all mutants, which takes hours
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FEWEST_FOUND = 90  # per cent of the mutants
BY_TYPES, UNTESTED = 37, 33
ALIVE = (0, 5, UNTESTED, None)
"""Exit codes of mutmut. 37: the types refuse the mutant. 33: no test runs it."""


def package_of(name: str) -> str:
    """Return the package of a mutant, such as `merges`."""
    return name.split(".")[1]


def digest(name: str) -> str:
    """Return the digest of the name of a mutant, which orders mutants without a choice."""
    return hashlib.sha256(name.encode()).hexdigest()


def sampled(names: Iterable[str], count: int) -> list[str]:
    """Return a sample of mutants that depends on their names only.

    The names are sorted by package, and within a package by their digest. Every n-th is taken. So each package has its
    share, and the person who runs the sample chooses no mutant.
    """
    ordered = sorted(names, key=lambda name: (package_of(name), digest(name)))
    count = min(count, len(ordered))
    return [ordered[n * len(ordered) // count] for n in range(count)]


class Generation:
    """The generation of mutants by mutmut, which may be limited to some of them.

    Without a limit, the type check of all mutants takes longer than the tests of a sample.
    """

    def __init__(self) -> None:
        self._mutating: Any = importlib.import_module("mutmut.mutation.file_mutation")
        self._full_name: Any = importlib.import_module("mutmut.utils.format_utils").get_mutant_name
        self._replace: Any = self._mutating.deep_replace
        self._arrange: Any = self._mutating.function_trampoline_arrangement
        self._only: Collection[str] = frozenset()

    def names(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield the name of each mutant of some files, without generating its code."""
        self._mutating.deep_replace = lambda tree, *_: tree
        for path in paths:
            mutated = self._mutating.mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
            yield from (self._full_name(path, name) for name in mutated.mutant_names)

    def limit(self, names: Collection[str]) -> None:
        """Generate only these mutants."""
        generate: Any = self._mutating.mutate_file_contents

        def of_file(filename: str, *code: Any) -> Any:
            module = self._full_name(Path(filename), "")
            self._only = {name.rpartition(".")[2] for name in names if name.startswith(module)}
            return generate(filename, *code)

        self._mutating.deep_replace = self._replaced
        self._mutating.function_trampoline_arrangement = self._arranged
        importlib.import_module("mutmut.__main__").__dict__["mutate_file_contents"] = of_file

    def _replaced(self, tree: Any, *nodes: Any) -> Any:
        return self._replace(tree, *nodes) if tree.name.value in self._only else tree

    def _arranged(self, function: Any, mutants: Any, class_name: str | None) -> tuple[Sequence[Any], ...]:
        """Arrange the wanted mutants of a function, under the names that they have among all mutants."""
        declared, copies, entered, names = self._arrange(function, mutants, class_name)
        kept = [name in self._only for name in names]
        if not any(kept):
            return (), (function,), (), ()
        wrapper_and_original = [True, True]
        return (
            declared,
            [copy for copy, keep in zip(copies, [*wrapper_and_original, *kept], strict=True) if keep],
            [entry for entry, keep in zip(entered, [True, *kept], strict=True) if keep],
            [name for name, keep in zip(names, kept, strict=True) if keep],
        )


def mutated_files() -> list[Path]:
    """Return the files that mutmut is configured to mutate."""
    configured = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    paths = {path for pattern in configured["only_mutate"] for path in Path().glob(pattern)}
    return sorted(path for path in paths if path.suffix == ".py")


def order_tests_and_mutants() -> None:
    """Have mutmut try mutants by digest, quick tests first, and the tests without mutants only once.

    One failure of a test is enough. In the order of the digests, an interrupted run is a sample too.
    """
    main: Any = importlib.import_module("mutmut.__main__")
    main.estimated_worst_case_time = digest
    state: Any = importlib.import_module("mutmut.state").state
    for_tests: Any = importlib.import_module("mutmut.runners.harness").PytestRunner
    for_mutants: Any = importlib.import_module("mutmut.workers.isolation").MutantRunner
    arguments = for_tests._pytest_args_regular_run

    def quick_first(self: Any, tests: Iterable[str]) -> Any:
        return arguments(self, sorted(tests, key=lambda test: (state().duration_by_test.get(test, 0), test)))

    for_tests._pytest_args_regular_run = quick_first
    for cls in for_mutants.__subclasses__():
        cls.run_clean_tests = lambda *_, **__: 0  # the run that measures the tests is without mutants


def results() -> dict[str, int | None]:
    """Return the exit code of each mutant of the last run; None if it was not tried."""
    return {
        name: code
        for path in sorted(Path("mutants").rglob("*.meta"))
        for name, code in json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items()
    }


def score_lines(codes: Mapping[str, int | None]) -> Iterator[str]:
    """Yield how many mutants the types and the tests find, by package and in all, and each that is alive."""
    for package in (*sorted(set(map(package_of, codes))), "all"):
        of = [code for name, code in codes.items() if package in ("all", package_of(name))]
        by = Counter("types" if code == BY_TYPES else "alive" if code in ALIVE else "tests" for code in of)
        yield (
            f"{package:12}{len(of):6} mutants: {by['types']} by types, {by['tests']} by tests, {by['alive']} alive"
        )
    for name, code in codes.items():
        if code in ALIVE:
            yield f"alive: {name}{' (no test runs it)' if code == UNTESTED else ''}"
    yield f"{share_found(codes):.1f} % are found"


def share_found(codes: Mapping[str, int | None]) -> float:
    """Return the mutants that the types or the tests find, in per cent."""
    return 100 * sum(code not in ALIVE for code in codes.values()) / max(len(codes), 1)


def main() -> None:
    """Run mutmut, and fail if too few mutants are found."""
    parser = argparse.ArgumentParser(
        description="Break the code in many places, and count the unseen changes."
    )
    parser.add_argument("--sample", type=int, help="try only so many mutants of all packages")
    parser.add_argument("--names", type=Path, help="try only the mutants that a file names, one a line")
    parser.add_argument("--max-children", type=int, help="try so many at a time")
    asked = parser.parse_args()
    shutil.rmtree("mutants", ignore_errors=True)  # mutants of another sample
    generation = Generation()
    if asked.names:
        generation.limit(asked.names.read_text(encoding="utf-8").split())
    elif asked.sample:
        generation.limit(sampled(generation.names(mutated_files()), asked.sample))
    order_tests_and_mutants()
    importlib.import_module("mutmut.__main__")._run((), asked.max_children)
    codes = results()
    sys.stdout.write("\n".join((*score_lines(codes), "")))
    if share_found(codes) < FEWEST_FOUND:
        sys.exit(f"fewer than {FEWEST_FOUND} % of the mutants are found")


if __name__ == "__main__":
    main()
