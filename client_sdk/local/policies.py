"""The settings of the company's rules, as this phone has them."""

from __future__ import annotations

from client_sdk.local.opened import OpenReplica
from sync.policies import Policies
from sync.records import COLLECTIONS, Policy

__all__ = ["policies_of"]


def policies_of(replica: OpenReplica) -> Policies:
    """The company's settings. Of two policies of one key, the newer counts, as on the server."""
    shown = replica.rows.shown_of(COLLECTIONS["policy"].tag)
    found = sorted((one for one in shown if isinstance(one, Policy)), key=lambda one: one.id)
    return Policies({one.key: one.value for one in found})
