"""Honest status: computed from the stored state and the last verified digest, never from "connected".

It is answered in every state, also when nothing else is, and says in both languages what is the case and what to do.
"""

from __future__ import annotations

import msgspec

from client_sdk.device import Device
from client_sdk.errors import AppTooOld, ReplicaCorrupt, ReplicaLocked
from client_sdk.keys import Attempts, Contradicted, Health, Heard, LeaseTerms, Life
from client_sdk.lifecycle import HandedIn
from client_sdk.local.meta import Name
from client_sdk.local.notices import unread
from client_sdk.local.opened import OpenReplica
from client_sdk.proving import can_prove
from client_sdk.refusals import open_refusals
from client_sdk.saying import Situation, say
from client_sdk.settings import may_send_photos
from client_sdk.storage.driver import Damaged
from client_sdk.timekeeping import Anchor, proved, reckoned
from sync.machine import State
from sync.messages import Standing

__all__ = ["Status", "held_photos", "opened", "status_of"]

_ENDED = frozenset({State.ACKNOWLEDGED, State.WIPED})


class Status(msgspec.Struct, frozen=True):
    """What is the case. Times are server milliseconds, None where there is none.

    `why` is a stable word for the sentences in `en` and `zh`; `todo` and `todo_zh` say what to do about it, `call` whom
    to call. `since` is when that began: for a lock when it locked, from an order on when the order came.
    `verified` is true when the digests were equal at the last checkpoint; `verified_at` is when they last were.
    `pending` counts work that the server has not acknowledged, `photos_pending` photos (`photos_held` of them wait for
    Wi-Fi, as the settings say), `refused` own refused work (None while locked). `received` counts records of a first
    sync that is not finished. `differing` names scopes that repairs did not bring together. `unread` counts notices
    that hold the archive. `handed_in` counts operations that were handed in sealed, `photos_handed_in` and
    `photos_lost` say what became of photos then. `erases_at` is when a locked replica is removed at the earliest.
    `rewritten` counts pairs of checkpoints that contradict each other.
    """

    state: State
    why: str
    en: str
    zh: str
    todo: str
    since: int | None
    verified: bool
    verified_at: int | None
    last_contact: int | None
    pending: int
    photos_pending: int
    refused: int | None
    lease_ends: int | None
    erases_at: int | None
    complete: bool
    received: int
    differing: tuple[str, ...]
    next_attempt: int | None
    todo_zh: str = ""
    call: str = ""
    unread: int = 0
    handed_in: int = 0
    rewritten: int = 0
    photos_handed_in: int = 0
    photos_lost: int = 0
    photos_held: int = 0


def status_of(device: Device) -> Status:
    """The status now, whatever cannot be read but `keys.db`."""
    may_send = may_send_photos(device)
    with device.lock:
        state, replica, hindrance = opened(device)
        keys = device.keys
        health, heard = keys.get(Health) or Health(), keys.get(Heard) or Heard()
        life, terms, attempts = keys.get(Life), keys.get(LeaseTerms), keys.get(Attempts)
        anchor, handed_in = keys.get(Anchor), keys.get(HandedIn) or HandedIn()
        about = Situation(
            why="",
            now=device.now(),
            since=life.since if life else None,
            contact=anchor.contact if anchor else None,
            verified=health.verified_at,
            pending=device.work_count(),
            photos=device.photos_pending(),
            held=held_photos(device, state, may_send=may_send),
            handed_in=handed_in,
            notices=len(unread(replica)) if replica is not None else 0,
            call=heard.call,
        )
        about = msgspec.structs.replace(about, why=hindrance or _why(device, state, replica, about))
        said = say(about, device.ports.clock.day_of)
        return Status(
            state=state,
            why=about.why,
            en=said.en,
            zh=said.zh,
            todo=said.todo,
            todo_zh=said.todo_zh,
            call=about.call,
            since=about.since,
            verified=_is_verified(replica, health),
            verified_at=health.verified_at,
            last_contact=about.contact,
            pending=about.pending,
            photos_pending=about.photos,
            handed_in=handed_in.count,
            photos_handed_in=handed_in.photos,
            photos_lost=handed_in.lost,
            photos_held=about.held,
            rewritten=len((keys.get(Contradicted) or Contradicted()).pairs),
            unread=about.notices,
            refused=len(open_refusals(replica)) if replica is not None else None,
            lease_ends=terms.locks_at if terms else None,
            erases_at=terms.locks_at + terms.erases_after if terms else None,
            complete=replica.is_complete if replica is not None else False,
            received=replica.meta.number(Name.RECEIVED) if replica is not None else 0,
            differing=health.differing,
            next_attempt=attempts.not_before if attempts and attempts.failed else None,
        )


def opened(device: Device) -> tuple[State, OpenReplica | None, str]:
    """The state, and the replica where it opens, with what other processes have logged; else what hinders it."""
    state = device.settle()
    if state is not State.OPEN:
        return state, None, ""
    try:
        replica = device.replica()
        replica.catch_up()
    except ReplicaLocked:
        return device.settle(), None, ""
    except (Damaged, ReplicaCorrupt):
        return state, None, "damaged"
    except AppTooOld as error:
        return state, None, error.code
    return state, replica, ""


def held_photos(device: Device, state: State, *, may_send: bool) -> int:
    """How many photos wait for Wi-Fi. What is handed in after an order waits for nothing."""
    return 0 if may_send or state is not State.OPEN else device.photos_pending()


def _is_verified(replica: OpenReplica | None, health: Health) -> bool:
    is_equal = health.verified_at is not None and health.verified_at == health.checked_at
    return replica is not None and replica.is_complete and is_equal


def _why(device: Device, state: State, replica: OpenReplica | None, about: Situation) -> str:
    if state is State.LOCKED:
        return _why_locked(device)
    if state in {State.AWAITING, State.ERASED}:
        return str(state)
    if replica is None:
        return "ended" if state in _ENDED else "ending"
    return _why_open(replica, device.keys.get(Health) or Health(), about)


def _why_locked(device: Device) -> str:
    heard, terms, anchor = device.keys.get(Heard), device.keys.get(LeaseTerms), device.keys.get(Anchor)
    if heard is not None and heard.standing == Standing.SUSPENDED:
        return "suspended"
    if terms is None or anchor is None or reckoned(anchor, device.ports.clock) < terms.locks_at:
        held = can_prove(device.enrolment.public_key, device.ports.keystore)
        return "share_missing" if held else "key_store_lost"
    return "locked" if proved(anchor, device.ports.clock) >= terms.locks_at else "restarted"


def _why_open(replica: OpenReplica, health: Health, about: Situation) -> str:
    if about.notices:
        return "notice"
    if not replica.is_complete:
        return "rebuilding" if health.rebuilt else "filling"
    if health.differing:
        return "differing"
    if about.pending:
        return "behind"
    return "verified" if _is_verified(replica, health) else "unverified"
