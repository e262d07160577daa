"""The sample of the mutation run is honest: it is stable, and each package has its share."""

from __future__ import annotations

from collections import Counter

from mutation_run import package_of, sampled, score_lines, share_found

NAMES = [
    f"accountmerge.{package}.module.x_name__mutmut_{n}"
    for package, count in {"changes": 300, "findings": 100, "merges": 200}.items()
    for n in range(1, count + 1)
]


def test_each_package_has_its_share_of_a_sample() -> None:
    assert Counter(map(package_of, sampled(NAMES, 60))) == {"changes": 30, "findings": 10, "merges": 20}


def test_a_sample_depends_on_the_names_only() -> None:
    sample = sampled(NAMES, 25)
    assert sample == sampled(reversed(NAMES), 25)
    assert len(set(sample)) == 25


def test_a_sample_is_not_the_first_mutants_of_each_function() -> None:
    places = [int(name.rpartition("_")[2]) for name in sampled(NAMES, 60)]
    assert max(places) > 150


def test_a_sample_of_more_than_all_is_all() -> None:
    assert sorted(sampled(NAMES, 10_000)) == sorted(NAMES)
    assert sampled([], 10) == []


def test_a_mutant_that_no_test_runs_is_alive() -> None:
    codes = dict(zip(NAMES, (0, 33, 37, 1, None), strict=False))
    lines = list(score_lines(codes))
    assert share_found(codes) == 40
    assert lines[:2] == [
        "changes          5 mutants: 1 by types, 1 by tests, 3 alive",
        "all              5 mutants: 1 by types, 1 by tests, 3 alive",
    ]
    assert [line.rpartition("mutmut_")[2] for line in lines[2:5]] == ["1", "2 (no test runs it)", "5"]
    assert lines[5] == "40.0 % are found"
