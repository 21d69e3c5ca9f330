"""What a registration has to have (客户信息登记表), by class: for the phone, the review and the appraisal alike.

As section 3 of `docs/rules.md` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sync.policies import Policies
from sync.policies.archive import REQUIRED
from sync.records import Outlet

__all__ = ["FRONT", "NO_CLASS", "is_complete", "missing", "missing_of"]

FRONT = "front"
"""The kind of photo that shows a shop from the street."""
NO_CLASS = "other"
"""The class of an outlet of which nobody has said what it is."""


def missing(fields: Mapping[str, Any], contacts: int, *, has_front: bool, policies: Policies) -> tuple[str, ...]:
    """What is still missing, in the order in which the setting `required` names it. `fields` are the outlet's by name,
    `contacts` counts those who are still there.
    """
    kind = str(fields.get("outlet_class") or NO_CLASS)
    has = {"contact": contacts > 0, "photo": has_front, "outlet_class": kind != NO_CLASS}
    wanted = policies.of(REQUIRED, kind)
    return tuple(name for name in wanted if not (has[name] if name in has else fields.get(name)))


def missing_of(outlet: Outlet, contacts: int, *, has_front: bool, policies: Policies) -> tuple[str, ...]:
    """What an outlet's registration is still missing."""
    return missing(msgspec.structs.asdict(outlet), contacts, has_front=has_front, policies=policies)


def is_complete(fields: Mapping[str, Any], contacts: int, *, has_front: bool, policies: Policies) -> bool:
    """Whether an archive has all that its class requires."""
    return not missing(fields, contacts, has_front=has_front, policies=policies)
