"""`explained`: gather from a change set, its findings and its rules all that bears on one thing.

Nothing is decided here: what a plan does not say is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.explanations.addresses import address_grounds, holders
from accountmerge.explanations.endings import ending_grounds
from accountmerge.explanations.explanation import Explanation, Ground
from accountmerge.explanations.mentions import Mentions, ends_of_edits, mentions_of, told_steps
from accountmerge.explanations.sources import LEDGER_RULES
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.instants import rfc3339
from accountmerge.rules.merge_rules import MergeRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.model.entities import EntityName

SHOWN_IDS = 5
"""How many ids a line names before it only counts: about one line."""


@attrs.frozen
class _Asked:
    """What an explanation is derived from."""

    change_set: ChangeSet
    findings: tuple[Finding, ...]
    rules: object


def explained(
    change_set: ChangeSet, asked: str, *, findings: Iterable[Finding] = (), rules: object = None
) -> Explanation:
    """Explain what becomes of one thing, and why.

    Args:
        change_set: What is to be done.
        asked: The id of a booking, record, customer, profile, access row or request; or an address, which is
            matched by its mailbox and shown nowhere.
        findings: What was found when it was planned.
        rules: What was in force.

    Returns:
        The explanation; of what the plan does not name it says so.

    Takes time in proportion to the edits and guards of the set.
    """
    source = _Asked(change_set, tuple(findings), rules)
    mentions = mentions_of(change_set, asked, source.findings)
    if mentions.is_any:
        return _of_ids(source, [(entity, asked) for entity in mentions.entities], [mentions], ())
    found = holders(change_set, asked)
    if not found:
        grounds = (Ground.of("untouched"), *_state(change_set), *_scope(change_set))
        return Explanation(subjects=(), grounds=grounds)
    each = [mentions_of(change_set, id, source.findings, entity) for entity, id in found]
    return _of_ids(source, list(found), each, tuple(address_grounds(change_set, asked)))


def _of_ids(
    source: _Asked,
    subjects: list[tuple[EntityName | None, str]],
    mentions: list[Mentions],
    first: tuple[Ground, ...],
) -> Explanation:
    """Explain what was found by its id, or by the address that it holds."""
    outcomes, grounds = [], list(first)
    for each in mentions:
        outcomes += list(_outcomes(each))
        grounds += [*_endings(source, each), *_step_grounds(source, each)]
    ids = {id for _, id in subjects}
    ledger = tuple(entry for entry in source.change_set.ledger if {entry.id, entry.from_id} & ids)
    findings = tuple(finding for finding in source.findings if ids & {*finding.ids})
    grounds += [*_ledger_grounds(ledger), *_finding_grounds(findings), *_obligation_grounds(source, ids)]
    steps = tuple(sorted({ordinal for each in mentions for ordinal in each.edited_in}))
    grounds += _state(source.change_set)
    through = source.change_set.through
    if through is not None and any(ordinal > through for ordinal in steps):
        grounds.append(Ground.of("not_applied", through=through))
    if not steps:
        grounds += _scope(source.change_set)
    return Explanation(
        subjects=tuple(subjects),
        grounds=tuple(dict.fromkeys((*outcomes, *grounds))),
        steps=steps,
        ledger=ledger,
        findings=findings,
    )


def _outcomes(mentions: Mentions) -> Iterator[Ground]:
    """Yield what becomes of a thing; of each, if the id is that of several."""
    for entity, edits in mentions.edits.items():
        first, last = ends_of_edits(edits)
        steps = told_steps(mentions.edited_in)
        if first is None:
            yield Ground.of("created", entity=entity, id=mentions.id, steps=steps)
        elif last is None:
            yield Ground.of("removed", entity=entity, id=mentions.id, steps=steps)
        else:
            fields = tuple(dict.fromkeys(name for edit in edits for name in edit.changed_fields))
            yield Ground.of("changed", entity=entity, id=mentions.id, fields=fields, steps=steps)
    if not mentions.edits and mentions.read_in:
        yield Ground.of("read", id=mentions.id, steps=told_steps(mentions.read_in))
    elif not mentions.edits:
        yield Ground.of("named", id=mentions.id)


def _endings(source: _Asked, mentions: Mentions) -> Iterator[Ground]:
    for edits in mentions.edits.values():
        yield from ending_grounds(source.change_set, *ends_of_edits(edits))


def _step_grounds(source: _Asked, mentions: Mentions) -> Iterator[Ground]:
    """Yield the reason of each step that edits a thing, with the rules by which its fields were decided."""
    wanted = set(mentions.edited_in)
    for step in source.change_set.steps:
        if step.ordinal not in wanted:
            continue
        yield Ground(f"reason.{step.reason.code}", step.reason.facts, step.ordinal)
        if step.kind == "merge_fields" and isinstance(source.rules, MergeRules):
            for field in dict.fromkeys(name for edit in step.edits for name in edit.changed_fields):
                yield _ruled(source.rules, field)
    if mentions.tolerated_in:
        yield Ground.of("tolerated", id=mentions.id, steps=told_steps(mentions.tolerated_in))


def _ruled(rules: MergeRules, field: str) -> Ground:
    """Return by which rule a field was decided; of attributes, the rule of all: a name may be personal."""
    ruled = field not in ("opt_outs", "former_record_numbers")  # these are a union, whatever the rules say
    policy = rules.field_rule(field).policy if ruled else "union"
    return Ground.of("field_ruled", field=field, policy=policy, rules=rules.title)


def _ledger_grounds(ledger: Iterable[LedgerEntry]) -> Iterator[Ground]:
    """Yield one ground for all values that went the same way, and the rule by which they did."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for entry in ledger:
        groups.setdefault((entry.entity, entry.field, entry.from_id, entry.rule), []).append(entry.id)
    for (entity, field, from_id, rule), ids in groups.items():
        named = tuple(dict.fromkeys(ids))
        shown = (*named[:SHOWN_IDS], *(["…"] if len(named) > SHOWN_IDS else []))
        facts = {"entity": entity, "field": field, "from_id": from_id}
        yield Ground.of("lost", **facts, ids=shown, count=len(ids))
        if rule in LEDGER_RULES:
            yield Ground(f"rule.{rule}", Facts())


def _finding_grounds(findings: Iterable[Finding]) -> Iterator[Ground]:
    for finding in findings:
        yield Ground(f"finding.{finding.code}", finding.facts)


def _obligation_grounds(source: _Asked, ids: set[str]) -> Iterator[Ground]:
    for obligation in source.change_set.obligations:
        if ids.intersection(fact for fact in obligation.facts.values() if isinstance(fact, str)):
            yield Ground(f"obligation.{obligation.kind}", obligation.facts)


def _state(change_set: ChangeSet) -> list[Ground]:
    """Return why nothing changes at all, if that is so."""
    if change_set.blocked:
        return [Ground.of("blocked", codes=change_set.blocked)]
    return [] if change_set.steps else [Ground.of("nothing_left")]


def _scope(change_set: ChangeSet) -> list[Ground]:
    """Return what a plan of this kind touches, so that what it leaves alone is understood."""
    request = change_set.request.value
    request = request if isinstance(request, dict) else {}
    if change_set.intent == "migration":
        profile_id = str(request.get("profile_id", ""))
        return [Ground.of("scope_migration", profile_id=profile_id, at=rfc3339(change_set.at))]
    if change_set.intent == "merge":
        absorbed = request.get("absorbed", ())
        ids = tuple(map(str, absorbed)) if isinstance(absorbed, list) else ()
        return [Ground.of("scope_merge", survivor_id=str(request.get("survivor", "")), absorbed_ids=ids)]
    return [Ground.of("scope_request")]
