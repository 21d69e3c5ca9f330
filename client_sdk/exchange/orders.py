"""Wipe orders and leases: believed only when the company's pinned key signed them, for this company and device."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from client_sdk import lifecycle
from client_sdk.device import UNREADABLE, Device
from client_sdk.errors import StorageFailed, StorageFull
from client_sdk.keys import LeaseTerms
from client_sdk.timekeeping import Anchor
from client_sdk.vault import KEY_BYTES
from sync.codec import DecodeError
from sync.keychain import Pins, followed
from sync.machine import Event, State, after
from sync.messages import Lease
from sync.signing import Kind, Signed, opened, verified_company
from sync.statements import WipeOrder

__all__ = ["follow_keys", "keep_lease", "obey", "take_lease", "verified_order", "verified_terms"]


def verified_order(device: Device, signed: Signed, pinned: Collection[bytes]) -> WipeOrder | None:
    """The order in a signed statement, if it is one for this device by the company."""
    if not verified_company(signed, Kind.WIPE_ORDER, pinned):
        return None
    try:
        order = opened(signed, WipeOrder)
    except DecodeError:
        return None
    mine = (device.enrolment.company, device.enrolment.device)
    return order if (order.company, order.device) == mine else None


def follow_keys(device: Device, changes: Sequence[Signed]) -> Pins:
    """Follow changes of the company's keys, stored on return; what is believed then. One that does not follow is passed
    over. Raises StorageFull.
    """
    pins = device.keys.pins
    after = followed(pins, changes, device.enrolment.company)
    if after != pins:
        device.keys.put(after)
    return after


def obey(
    device: Device, orders: Sequence[Signed], changes: Sequence[Signed] = (), has: tuple[bytes, int] | None = None
) -> bool:
    """Follow the changes of keys that came along, store what holds of these orders, then do what follows from it;
    whether one held. Nothing else comes first, but for work that is to be handed in again: `has` says of an outbox id
    how far a server has it that lost what it had acknowledged.
    """
    pins = followed(device.keys.pins, changes, device.enrolment.company)
    held = [(order, one) for one in orders if (order := verified_order(device, one, pins.believed)) is not None]
    if held and has is not None:
        # The order is obeyed even where that cannot be.
        with suppress(StorageFull, StorageFailed, *UNREADABLE):
            device.outbox.hand_in_again(*has)
    for order, signed in held:
        _store(device, order, signed)
    # An order counts before the keys are kept: a disk without room for both has room for it once the replica is gone.
    if held:
        lifecycle.settle(device)
    with suppress(StorageFull, StorageFailed):
        follow_keys(device, changes)
    return bool(held)


def _store(device: Device, order: WipeOrder, signed: Signed) -> None:
    try:
        device.keys.store_order(order.id, signed, device.now())
    except (StorageFull, StorageFailed):
        lifecycle.make_room(device)
        device.keys.store_order(order.id, signed, device.now())


def verified_terms(device: Device, signed: Signed) -> LeaseTerms | None:
    """The terms in a signed lease, if it is one for this device by the company."""
    if not verified_company(signed, Kind.LEASE, device.keys.pinned):
        return None
    try:
        terms = opened(signed, LeaseTerms)
    except DecodeError:
        return None
    return terms if (terms.company, terms.device) == (device.enrolment.company, device.enrolment.device) else None


def take_lease(device: Device, lease: Lease | None) -> State:
    """Keep a lease that holds; the state after it."""
    state, held = device.keys.state or State.AWAITING, device.keys.get(LeaseTerms)
    terms = verified_terms(device, lease.terms) if lease is not None else None
    if lease is None or terms is None or len(lease.share) != KEY_BYTES:
        return state
    anchor = device.keys.get(Anchor)
    # One of a time that by this contact has not come was given while the server's date ran ahead: it is not newer.
    holds_newer = held is not None and anchor is not None and terms.issued_at < held.issued_at <= anchor.contact
    if holds_newer:
        return state
    return keep_lease(device, terms, lease.share)


def keep_lease(device: Device, terms: LeaseTerms, share: bytes) -> State:
    """Store a lease: the share first, then the terms with the state that they open; the state after it."""
    state = device.keys.state or State.AWAITING
    if after(state, Event.LEASE_GRANTED) is not None:
        if device.ports.keystore.get(lifecycle.LEASE_SHARE) != share:
            device.ports.keystore.put(lifecycle.LEASE_SHARE, share)
        if device.keys.advance(Event.LEASE_GRANTED, device.now(), terms) is not State.OPEN:
            # Another process stored an order in between, and destroyed the share before this put it back.
            device.ports.keystore.destroy(lifecycle.LEASE_SHARE)
    return device.keys.state or state
