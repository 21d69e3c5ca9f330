"""Which notices hold the archive: those that must be acknowledged and are not, in the version that stands."""

from __future__ import annotations

from client_sdk.local.opened import OpenReplica
from sync.records import COLLECTIONS, Acknowledgement, Notice

__all__ = ["is_acknowledged", "unread"]


def unread(replica: OpenReplica) -> tuple[Notice, ...]:
    """The notices that have to be acknowledged before the archive opens, newest first. Looked up once for each state
    of the file.
    """
    version = replica.file.version()
    if replica.holding is None or replica.holding[0] != version:
        replica.holding = (version, _unread(replica))
    return replica.holding[1]


def _unread(replica: OpenReplica) -> tuple[Notice, ...]:
    found = replica.rows.shown_of(COLLECTIONS["notice"].tag)
    holding = [one for one in found if isinstance(one, Notice) and one.must_acknowledge]
    return tuple(one for one in holding if not is_acknowledged(replica, one))


def is_acknowledged(replica: OpenReplica, notice: Notice) -> bool:
    """Whether this person acknowledged the notice as it stands now."""
    row = replica.rows.get(notice.id.bytes)
    revision = row.revision if row else 0
    said = replica.rows.shown_of(COLLECTIONS["acknowledgement"].tag, notice.id)
    return any(isinstance(one, Acknowledgement) and one.notice_revision >= revision for one in said)
