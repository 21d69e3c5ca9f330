"""A checkpoint: no scope has more, and both sides compare what they hold. Only then is anything called verified.

A scope that differs is first counted again from its bytes, then repaired by the buckets that differ, twice at most;
after that the difference is reported and both sides stay as they are.
"""

from __future__ import annotations

import msgspec

from client_sdk.local.meta import Name
from client_sdk.local.opened import OpenReplica
from sync.messages import ScopeSum, Tail

__all__ = ["Checked", "check"]

MOST_REPAIRS = 2


class Checked(msgspec.Struct, frozen=True):
    """Scopes that differ at this checkpoint, and those of them that repairs did not bring together."""

    differing: tuple[str, ...]
    given_up: tuple[str, ...]


def check(replica: OpenReplica, tail: Tail) -> Checked | None:
    """Compare at a checkpoint; None when this is none, on either side. Runs in the transaction of the page."""
    if not tail.checkpoint or _is_waiting(replica):
        return None
    differing = _differing(replica, tail.sums)
    if differing:
        replica.scopes.recount()
        differing = _differing(replica, tail.sums)
    _finish_first(replica)
    replica.overlay.settle()
    given_up = tuple(name for name in differing if not _repair(replica, name))
    for one in replica.scopes.all():
        if one.name not in differing:
            replica.scopes.settle(one.id)
    return Checked(differing, given_up)


def _is_waiting(replica: OpenReplica) -> bool:
    """Whether something that the phone asked for is still on its way."""
    wants = replica.file.one("SELECT 1 FROM want LIMIT 1")
    return wants is not None or any(one.next is not None for one in replica.scopes.all())


def _differing(replica: OpenReplica, sums: dict[str, ScopeSum]) -> tuple[str, ...]:
    held = {one.name: (one.count, one.digest) for one in replica.scopes.all()}
    theirs = {name: (one.count, one.digest) for name, one in sums.items()}
    return tuple(sorted(name for name in held.keys() | theirs.keys() if held.get(name) != theirs.get(name)))


def _finish_first(replica: OpenReplica) -> None:
    """At the first checkpoint every scope is here, so that what waits in the outbox finds its place."""
    if not replica.is_complete:
        replica.meta.put(Name.COMPLETE, 1)
        replica.overlay.derive_all()


def _repair(replica: OpenReplica, name: str) -> bool:
    """Begin a repair, if there has been none too many; whether it was begun."""
    scope = replica.scopes.find(name)
    if scope is None or scope.repairs >= MOST_REPAIRS:
        return False
    replica.scopes.start_repair(scope.id)
    return True
