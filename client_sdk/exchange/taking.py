"""Taking an answer: the replica commits rows, cursors, acknowledged number and outcomes first, then the outbox forgets.

A page applies only if the cursors are still those of its request. Orders and leases were dealt with before; nothing
here waits for the outbox, so evictions happen whatever is stuck in it.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from client_sdk.device import Device
from client_sdk.exchange.checkpoint import Checked, check
from client_sdk.exchange.report import Tally
from client_sdk.exchange.request import Asked
from client_sdk.keys import Extent, Health, Territories
from client_sdk.local.meta import Name
from client_sdk.local.opened import OpenReplica
from client_sdk.outbox_rows import quiet_among
from sync.messages import Answer, Head, Page, Tail
from sync.operations import Operation, read_operation
from sync.outbox import Verdict
from sync.outcomes import Outcome, OutcomeCode
from sync.scopes import ScopeKind, parse_scope

__all__ = ["take"]


class _Reached(msgspec.Struct, frozen=True):
    """How far the server has an outbox: its id, the number, and the place here."""

    box: bytes
    number: int
    place: int


def take(device: Device, asked: Asked, answer: Answer, tally: Tally, *, is_part: bool = False) -> None:
    """Apply an answer to the open replica, then to the outbox. Rows that are a part of what is on its way need not have
    reached the storage on return: whatever is stored after them is so only with them, and what the power takes away is
    asked for again.
    """
    replica, head = device.replica(), answer.head
    reached = _reached(device, asked, head)
    is_forked = head.verdict is Verdict.FORK or (asked.told is not None and _tells_other(device, asked, head))
    checked: Checked | None = None
    with replica.change(durable=not is_part):
        stands = _still_stands(replica, asked)
        began = _begin_epoch(replica, head)
        _evict(device, replica, head, tally)
        for name in head.reconcile:
            scope = replica.scopes.find(name)
            if scope is not None and scope.next is None:
                replica.scopes.start_comparing(scope.id)
        if began and device.outbox.is_spread():
            replica.overlay.take_back(0)
        elif head.verdict is Verdict.RESEND and asked.told is not None:
            replica.overlay.take_back(device.outbox.place_of(asked.told.id, head.acknowledged))
        elif reached is not None and not is_forked:
            _hear_outcomes(device, replica, reached, head)
        if answer.page is not None and stands and not (began and asked.cursors):
            checked = _take_page(replica, answer.page, answer.tail, tally)
    _tell_outbox(device, asked, head, reached, is_forked=is_forked, began=began, tally=tally)
    quiet = _quiet(device, asked.told.id, head) if asked.told else set()
    for outcome in head.outcomes:
        if outcome.number in quiet:
            continue
        tally.outcomes[outcome.code] = tally.outcomes.get(outcome.code, 0) + 1
    _note_health(device, replica, head, checked, tally)
    _note_territories(device, replica)


def _still_stands(replica: OpenReplica, asked: Asked) -> bool:
    """Whether the replica is where the request was read: no other process has taken an answer since."""
    held = {one.name: one.cursor for one in replica.scopes.all()}
    return all(asked.cursors.get(name) == cursor for name, cursor in held.items())


def _begin_epoch(replica: OpenReplica, head: Head) -> bool:
    """Whether another epoch began: the server was restored. Then every cursor is of no use."""
    before = replica.scopes.epoch
    if before == head.epoch:
        return False
    replica.scopes.begin_epoch(head.epoch)
    return bool(before)


def _evict(device: Device, replica: OpenReplica, head: Head, tally: Tally) -> None:
    """Drop scopes, and note with it what is to be claimed: neither is ever there without the other."""
    intake = replica.intake()
    gone: list[str] = []
    for name in head.evictions:
        scope = replica.scopes.find(name)
        if scope is not None and intake.evict(name):
            replica.claims.add(UUID(bytes=device.ports.random.bytes(16), version=4), scope, device.moment())
            gone.append(name)
    intake.finish()
    if gone:
        replica.meta.put(Name.SCRUB, 1)
        tally.evicted += gone
        tally.removed += intake.removed


def _reached(device: Device, asked: Asked, head: Head) -> _Reached | None:
    if asked.told is None or head.verdict is not Verdict.GO_ON or head.acknowledged < asked.told.acknowledged:
        return None
    return _Reached(asked.told.id, head.acknowledged, device.outbox.place_of(asked.told.id, head.acknowledged))


def _tells_other(device: Device, asked: Asked, head: Head) -> bool:
    """Whether the server's running hash is not ours at the number it acknowledges: it has heard another phone."""
    if asked.told is None or head.verdict is not Verdict.GO_ON:
        return False
    ours = device.outbox.hash_at(asked.told.id, head.acknowledged)
    return ours is not None and bool(head.hash) and ours != head.hash


def _hear_outcomes(device: Device, replica: OpenReplica, reached: _Reached, head: Head) -> None:
    places = device.outbox.places(reached.box, [one.number for one in head.outcomes])
    heard = [(places[one.number], one) for one in head.outcomes if one.number in places]
    replica.overlay.acknowledge(reached.place, {place: one.at for place, one in heard if one.at})
    bodies = device.outbox.bodies(places.values())
    quiet = _quiet(device, reached.box, head)
    for place, outcome in heard:
        if outcome.number in quiet:
            continue
        operation = read_operation(bodies.get(place) or b"")
        record = operation.record.bytes if operation is not None else None
        replica.outcomes.put(place, record, _with_id(outcome, operation))
    replica.outcomes.prune()


def _quiet(device: Device, box: bytes, head: Head) -> set[int]:
    """Which outcomes are of no work of the rep's."""
    return quiet_among(device.outbox.file, box, [one.number for one in head.outcomes])


def _with_id(outcome: Outcome, operation: Operation | None) -> Outcome:
    """The outcome with the id of its operation, which a brief answer leaves out."""
    return outcome if operation is None else msgspec.structs.replace(outcome, operation=operation.id)


def _take_page(replica: OpenReplica, page: Page, tail: Tail | None, tally: Tally) -> Checked | None:
    intake = replica.intake()
    intake.page(page)
    intake.finish()
    replica.index.put((number, tag, packed) for number, _, tag, *_, packed in intake.changed.values())
    replica.overlay.rows_came(intake.changed)
    if intake.removed:
        replica.meta.put(Name.SCRUB, 1)
    if not replica.is_complete:
        replica.meta.put(Name.RECEIVED, replica.meta.number(Name.RECEIVED) + intake.received)
        if tail is not None and tail.expected:
            replica.meta.put(Name.EXPECTED, tail.expected)
    tally.received += intake.received
    tally.removed += intake.removed
    return check(replica, tail) if tail is not None else None


def _tell_outbox(
    device: Device, asked: Asked, head: Head, reached: _Reached | None, *, is_forked: bool, began: bool, tally: Tally
) -> None:
    """The outbox hears last: what it forgets is in the replica by now."""
    outbox, told = device.outbox, asked.told
    if began and outbox.send_all_again():
        return
    if told is None:
        return
    if is_forked:
        outbox.fork(told.id)
    elif head.verdict is Verdict.RESEND:
        outbox.resend(told.id, head.acknowledged, head.hash)
    elif reached is not None and reached.number > told.acknowledged:
        refused = {
            one.number: one.operation.bytes
            for one in head.outcomes
            if one.code is OutcomeCode.REFUSED and one.operation is not None
        }
        outbox.acknowledge(told.id, reached.number, head.server_time, refused)
        came = range(told.acknowledged + 1, reached.number + 1)
        tally.sent += len(came) - len(quiet_among(outbox.file, told.id, came))


def _note_territories(device: Device, replica: OpenReplica) -> None:
    """Ids that a locked phone needs to add work; written only where they changed."""
    found = [parse_scope(one.name) for one in replica.scopes.all()]
    ids = [one.of for one in found if one is not None and one.kind is ScopeKind.TERRITORY and one.of is not None]
    held = Territories(tuple(sorted(ids)))
    if device.keys.get(Territories) != held:
        device.keys.put(held)


def _note_health(device: Device, replica: OpenReplica, head: Head, checked: Checked | None, tally: Tally) -> None:
    if checked is None:
        return
    before = device.keys.get(Health) or Health()
    tally.is_checkpoint = True
    tally.is_verified = not checked.differing
    verified_at = before.verified_at if checked.differing else head.server_time
    is_news = before.verified_at is None or before.rebuilt or before.differing != checked.given_up
    extent = Extent(sum(one.count for one in replica.scopes.all()))
    device.keys.put(Health(verified_at, head.server_time, checked.given_up), extent, durable=is_news)
