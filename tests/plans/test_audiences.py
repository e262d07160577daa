"""Who sees which faults of a snapshot."""

from __future__ import annotations

import accountmerge as am
from accountmerge.plans.audiences import seen_faults
from small_values import access, appointment, customer, profile, slot, snapshot


def test_a_profile_sees_the_faults_of_its_customers_only() -> None:
    pairs = {"C1": ("A1", "A2"), "C2": ("A3", "A4")}
    data = snapshot(
        profiles=[profile(), profile("P2", practitioner_id="H2")],
        customers=[customer("C1"), customer("C2")],
        appointments=[
            appointment(id, slot(60), customer_id=name, profile_id="P1" if name == "C1" else "P2")
            for name, ids in pairs.items()
            for id in ids
        ],
        access=[access("X1"), access("X2", profile_id="P2", customer_id="C2")],
    )
    faults = am.find_faults(data)
    assert {finding.ids for finding in faults} == set(pairs.values())
    for id, name in (("P1", "C1"), ("P2", "C2")):
        assert {finding.ids for finding in seen_faults(data, faults, id)} == {pairs[name]}
