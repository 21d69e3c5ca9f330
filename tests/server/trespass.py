"""What the server itself notes when a device speaks to it. Everything else that changes is a trespass.

The list below is all of it: a table that is not named may not change at all, nor a column of a row that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from server.master.typed import TYPED
from tests.server.whole import Change, Picture, changed

__all__ = ["Reach", "reach_of", "trespasses"]

CONTACT = frozenset(
    {
        "lease_issued_at", "lease_locks_at", "last_contact", "protocol", "schema", "clock_offset", "verified_at",
        "pending", "sdk", "checkpoint_sum", "apart", "apart_since", "said_verified_at", "differing", "damaged",
        "rebuilt",
    }
)  # fmt: skip
"""Columns of a device's own row: when it was heard, and what it is given."""
PROGRESS = frozenset({"state", "told_at", "locked_at", "drained_at", "wiped_at", "contradicted_at"})
"""Columns of a departed device's own order: how far its receipts say it has come, and what contradicts them."""
WORK = frozenset({"operation", "removed_along", "photo_lost", "photo_handed_in"})
"""Kinds of entries that a device's work leaves in the journal of its own scopes."""
DEPARTED = frozenset({"wipe_receipt", "wipe_contradicted", "handed_in", "photo_lost", "photo_handed_in"})
"""Kinds of entries that a departed device leaves in the journal of its person's scope."""


class Reach(msgspec.Struct, frozen=True):
    """Whose row is whose: a device, its person, the numbers of the scopes that it may write in, its outboxes, the
    records in its scopes, its orders, the outboxes of all other devices, and the entries (scope, position) that tell
    the company of an incident, as they are afterwards.
    """

    device: bytes
    staff: bytes
    scopes: frozenset[int]
    outboxes: frozenset[bytes]
    records: frozenset[bytes]
    orders: frozenset[bytes]
    others: frozenset[bytes]
    incidents: frozenset[tuple[int, int]]


def reach_of(picture: Picture, device: UUID, names: Iterable[str]) -> Reach:
    """The reach of a device that may write in the scopes of these names."""
    wanted = set(names)
    rows = picture.get
    mine = frozenset(row["no"] for row in rows("scopes", {}).values() if row["name"] in wanted)
    (who,) = (row for row in rows("devices", {}).values() if row["id"] == device.bytes)

    def own(table: str, column: str, value: bytes, key: str) -> frozenset[bytes]:
        return frozenset(row[key] for row in rows(table, {}).values() if row[column] == value)

    records = frozenset(row["record"] for row in rows("records", {}).values() if row["scope"] in mine)
    boxes, orders = own("outboxes", "device", device.bytes, "id"), own("wipe_orders", "device", device.bytes, "id")
    others = frozenset(row["id"] for row in rows("outboxes", {}).values()) - boxes
    told = (row for row in rows("journal_bodies", {}).values() if _kind_of(row) == "incident_found")
    incidents = frozenset((row["scope"], row["position"]) for row in told)
    return Reach(device.bytes, who["staff"], mine, boxes, records, orders, others, incidents)


def _kind_of(body: Mapping[str, Any]) -> str:
    return str(msgspec.msgpack.decode(body["body"])[0])


Rule = Callable[[Change, Reach], bool]


def _in_own_scope(one: Change, reach: Reach) -> bool:
    """A record that stood and stands where the device may write."""
    return all(row is None or row["scope"] in reach.scopes for row in (one.before, one.after))


def _of_own_device(one: Change, reach: Reach) -> bool:
    """What is kept about the device by itself; it stays about the device."""
    return all(row is None or bytes(row["device"]) == reach.device for row in (one.before, one.after))


def _own_contact(one: Change, reach: Reach) -> bool:
    return one.row["id"] == reach.device and one.before is not None and one.columns <= CONTACT


def _own_progress(one: Change, reach: Reach) -> bool:
    return one.row["id"] in reach.orders and one.before is not None and one.columns <= PROGRESS


def _new(column: str, whose: Callable[[Reach], Any]) -> Rule:
    """A row that came, and is about what is the device's own."""

    def rule(one: Change, reach: Reach) -> bool:
        found = whose(reach)
        return one.is_new and (one.row[column] in found if isinstance(found, frozenset) else one.row[column] == found)

    return rule


def _heads(one: Change, reach: Reach) -> bool:
    """A scope's own row: its head, count, digest and chain, never its name or that it ended; none comes or goes."""
    named = reach.scopes | {scope for scope, _ in reach.incidents}
    return one.row["no"] in named and not one.columns & {"no", "name", "ended"}


def _entry(one: Change, reach: Reach) -> bool:
    return one.is_new and (one.row["scope"] in reach.scopes or _is_incident(one, reach))


def _is_incident(one: Change, reach: Reach) -> bool:
    return (one.row["scope"], one.row["position"]) in reach.incidents


def _body(kinds: frozenset[str]) -> Rule:
    def rule(one: Change, reach: Reach) -> bool:
        return _entry(one, reach) and (_kind_of(one.row) in kinds or _is_incident(one, reach))

    return rule


def _question(one: Change, reach: Reach) -> bool:
    """Whether two outlets are one: asked about an outlet that is the device's own to register."""
    return one.is_new and bool({one.row["record"], one.row["other"]} & reach.records)


def _matter(one: Change, reach: Reach) -> bool:
    """What a rule puts before the manager or the dealer of the device's own work."""
    return one.is_new and (one.row["about"] in reach.records or one.row["staff"] == reach.staff)


def _operation(one: Change, reach: Reach) -> bool:
    """Work of the device, or of a rule that looked at it: what the rule did stands in records and is held to theirs."""
    return one.is_new and one.row["origin"] not in reach.others


def _turn(one: Change, reach: Reach) -> bool:
    """That a rule had its turn."""
    del reach
    return bool(one.row["key"] == "code_blocks")


_OWN_DEVICE = (
    "diagnostics",
    "holdings",
    "past_holdings",
    "photo_readings",
    "outboxes",
    "photo_files",
    "handed_photos",
    "wakes",
)
ACTIVE: dict[str, Rule] = {
    "devices": _own_contact,
    "scopes": _heads,
    "feed": _in_own_scope,
    "records": _in_own_scope,
    "tellings": _new("outbox", lambda reach: reach.outboxes),
    "operations": _operation,
    "dead_letters": _new("device", lambda reach: reach.device),
    "proposals": _new("record", lambda reach: reach.records),
    "conflicts": _new("record", lambda reach: reach.records),
    "questions": _question,
    "inbox": _matter,
    "incidents": _matter,
    "meta": _turn,
    "journal": _entry,
    "journal_bodies": _body(WORK),
    **dict.fromkeys((table.name for table in TYPED.values()), _in_own_scope),
    **dict.fromkeys(_OWN_DEVICE, _of_own_device),
}
"""What may change when an active device speaks."""
AFTER_AN_ORDER: dict[str, Rule] = {
    "devices": _own_contact,
    "scopes": _heads,
    "wipe_orders": _own_progress,
    "receipts": _new("order", lambda reach: reach.orders),
    "quarantine": _new("device", lambda reach: reach.device),
    "outboxes": _of_own_device,
    "handed_photos": _of_own_device,
    "tellings": _new("outbox", lambda reach: reach.outboxes),
    "journal": _entry,
    "journal_bodies": _body(DEPARTED),
}
"""What may change when a device speaks that was cut off; its reach is its person's scope alone."""


def trespasses(before: Picture, after: Picture, reach: Reach, allowed: dict[str, Rule]) -> list[str]:
    """Every change that is not on the list, as a line for whoever reads a failing test."""
    found = (one for one in changed(before, after) if one.table not in allowed or not allowed[one.table](one, reach))
    return [f"{one.table} {one.key}: {sorted(one.columns)} {_kind(one)}".rstrip() for one in found]


def _kind(one: Change) -> str:
    """What an entry of the journal is, for whoever reads a failing test."""
    return _kind_of(one.row) if one.table == "journal_bodies" else ""
