"""Profile records: the kinds of record that name a profile, and what a migration does with each."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import checked, words

Becomes = Literal["stays", "moves", "copied", "ends"]
BECOMES: tuple[Becomes, ...] = get_args(Becomes)


@attrs.frozen(kw_only=True, field_transformer=checked(kind=IDENTIFIER, becomes=words(*BECOMES)))
class ProfileRecords:
    """A kind of record that names a profile, declared once: what a migration does, and what its completeness is proved by.

    Attributes:
        kind: The kind, as records name it; a built-in one may be declared to change how it is treated.
        becomes: `stays` with the old profile, as history does; `moves` to the new one; `copied`: the old profile
            keeps the record, and the new one gets its own; `ends`: it is removed, with a ledger entry.
    """

    kind: str
    becomes: Becomes
