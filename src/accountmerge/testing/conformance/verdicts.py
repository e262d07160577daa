"""The order in which the laws of a profile are tried, and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.testing.conformance.capabilities import KnownBroken
from accountmerge.testing.conformance.profiles import LEVELS
from accountmerge.testing.conformance.reports import LawResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from accountmerge.testing.conformance.capabilities import Answer


def check_words(level: str, laws: Collection[str] | None, known: Collection[str]) -> None:
    """Raise `InvalidValueError` unless the level and the laws are known, and there is a law."""
    if level not in LEVELS:
        raise InvalidValueError("not_one_of", field="level", allowed=LEVELS)
    if laws is not None and not set() < set(laws) <= set(known):
        raise InvalidValueError("not_one_of", field="laws", allowed=tuple(known))


def in_order(
    known: Collection[str], wanted: Collection[str] | None, tried: Callable[[str], LawResult]
) -> tuple[LawResult, ...]:
    """Return the results of the wanted laws, in order; after a broken one, the others are not tried."""
    results: list[LawResult] = []
    for law in known:
        if wanted is None or law in wanted:
            stopped = any(result.status == "fail" for result in results)
            results.append(LawResult(law, "not_run") if stopped else tried(law))
    return tuple(results)


def judged(result: LawResult, floors: Mapping[str, int], answer: Answer = True) -> LawResult:
    """Return a result that takes the promises and the exercised amounts into account."""
    short = "\n".join(
        f"{result.counts.get(what, 0)} {what}, and at least {floor} are wanted"
        for what, floor in floors.items()
        if result.counts.get(what, 0) < floor
    )
    if isinstance(answer, KnownBroken):
        return _judged_as_known(result, short, answer)
    if result.status == "pass" and short:
        return attrs.evolve(result, status="vacuous", why=short)
    return result


def _judged_as_known(result: LawResult, short: str, answer: KnownBroken) -> LawResult:
    if result.status == "fail":
        return attrs.evolve(result, status="known_broken", why=f"{answer.ticket}: {result.why}")
    if short:
        why = f"{answer.ticket}: too little was exercised to say ({short})"
        return attrs.evolve(result, status="known_broken", why=why)
    why = f"known to be broken ({answer.ticket}), and it holds: say so in the capabilities"
    return attrs.evolve(result, status="unexpected_success", why=why)


def in_sight_of_all(
    results: Collection[LawResult], open_promises: Callable[[str], Collection[str]]
) -> tuple[LawResult, ...]:
    """Return results without an unexpected success for a promise that another law breaks."""
    broken = {
        promise
        for result in results
        if result.status == "known_broken"
        for promise in open_promises(result.law)
    }
    return tuple(
        attrs.evolve(result, status="pass", why="")
        if result.status == "unexpected_success" and broken.issuperset(open_promises(result.law))
        else result
        for result in results
    )
