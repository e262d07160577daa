"""The rules of the small plans around one customer."""

from __future__ import annotations

import attrs

from accountmerge.messages import CUSTOMER_LABELS, CustomerLabel
from accountmerge.model.private import privacy
from accountmerge.model.texts import IDENTIFIER, LABEL
from accountmerge.model.value_rules import TRUTH, checked, words
from accountmerge.model.values import ShownValue, value_class


@privacy(plain="name version staff_may_decide customer_label", unknown_keys="words")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        name=IDENTIFIER, version=LABEL, staff_may_decide=TRUTH, customer_label=words(*CUSTOMER_LABELS)
    ),
)
class CustomerRules(ShownValue):
    """The decisions of a practice about access, primary emails and details of its customers.

    Attributes:
        name: The name of the rules, which each plan shows.
        version: The version of the rules.
        staff_may_decide: Whether staff may record the decision of a customer who has no login.
        customer_label: The word for a customer in reports of a plan, one of `CUSTOMER_LABELS`.
    """

    name: str = attrs.field(default="default", metadata={"always_written": True})
    version: str = attrs.field(default="1", metadata={"always_written": True})
    staff_may_decide: bool = False
    customer_label: CustomerLabel = "customer"
