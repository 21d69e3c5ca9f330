"""The rounds of one sync: ask, hear, take, until a checkpoint with nothing left to send, or until nothing moves.

The files are locked while a request is read and while an answer is taken, never while the network is awaited. What an
answer orders is done before anything else in it is looked at. While a page is taken in, the next one is on its way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from client_sdk import lifecycle
from client_sdk.device import Device
from client_sdk.errors import ReplicaCorrupt, ReplicaLocked, SaojieError
from client_sdk.exchange.claims import sign_claims
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.exchange.orders import obey, take_lease
from client_sdk.exchange.pace import Pace
from client_sdk.exchange.report import Ended, SyncReport, Tally
from client_sdk.exchange.request import Asked, ask_for_lease, ask_for_more, ask_to_drain, ask_to_hand_in, ask_to_sync
from client_sdk.exchange.sealed_photos import SealedPhotos
from client_sdk.exchange.speaking import Speech
from client_sdk.exchange.taking import take
from client_sdk.exchange.witness import take_checkpoint
from client_sdk.keys import Heard, LeaseTerms, ServerFacts
from client_sdk.lifecycle import HandedIn
from client_sdk.local.meta import Name
from client_sdk.openings import tell_openings
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.refusals import still_open
from client_sdk.storage.driver import Damaged
from client_sdk.timekeeping import anchored
from sync.codec import DecodeError
from sync.frames import FrameError, read_answer
from sync.machine import State
from sync.messages import Answer, Head, Standing

__all__ = ["Exchange"]

MOST_ROUNDS = 200
STANDSTILL = 4
"""So many rounds in a row may change nothing before a sync gives up."""
WEEK_MS = 7 * 86_400_000
_CALL = 200
"""So many letters are kept of whom to call."""

_WORKING = frozenset({State.AWAITING, State.OPEN, State.LOCKED, State.ERASED})
_DRAINING = frozenset({State.ORDERED, State.SHARELESS, State.CLEARED, State.DRAINED})


class _Coming(msgspec.Struct, frozen=True):
    """A request that was sent, as it was made and as it was sent, when (`elapsed` of the clock), and what waits for its
    reply.
    """

    asked: Asked
    request: Request
    began: int
    arrive: Callable[[], Reply]


class Exchange:
    """Syncs one device. One sync at a time in a process; several processes do not harm each other. `since` is when the
    sync that is running began (server milliseconds).
    """

    def __init__(self, device: Device) -> None:
        self.conversation = Conversation(device)
        self._photos = SealedPhotos(device, self.conversation)
        self._device = device
        self._one_at_a_time = threading.Lock()
        self._coming: _Coming | None = None
        self._pace = Pace()
        self.since: int | None = None
        self._speech = Speech()

    def sync(self) -> SyncReport:
        """One sync; whatever comes of it is in the report. Raises nothing that a network or a server can cause."""
        with self._one_at_a_time, self._running():
            tally, began = Tally(), self._elapsed()
            ended = self._answered(tally)
            with self._device.lock:
                state = self._device.settle()
                note = tally.note(ended, self._device.now(), self._elapsed() - began)
                self._device.course.note(note, is_dull=tally.is_dull(ended))
                if state is State.OPEN:
                    with suppress(Damaged, SaojieError):
                        self._device.replica().scrub()
                return SyncReport.of(ended, state, tally)

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Have it seen that a sync runs."""
        self.since = self._device.now()
        self._device.news.tell()
        try:
            yield
        finally:
            self.since = None
            self._device.news.tell()

    def _answered(self, tally: Tally) -> str:
        try:
            try:
                ended = self._work(tally)
            finally:
                self._let_pass()
        except Unreachable:
            self._pace.broke()
            ended = Ended.CUT_OFF if tally.rounds else Ended.NO_NETWORK
        except (FrameError, DecodeError):
            self._pace.broke()
            ended = Ended.CUT_OFF
        except SaojieError as error:
            ended = error.code
        except Damaged:
            ended = ReplicaCorrupt.code
        except Refused as refused:
            tally.rounds += 1
            ended, tally.wait_ms = refused.code, refused.wait_ms
            with self._device.lock:
                obey(self._device, refused.orders, refused.changes)
        return self._after_an_order(tally, ended)

    def _after_an_order(self, tally: Tally, ended: str) -> str:
        """An order may have come with any answer: go on to hand in, in the same sync, unless that was tried in it."""
        is_cut = ended in {Ended.NO_NETWORK, Ended.CUT_OFF}
        if self._device.settle() in _DRAINING and not is_cut and not tally.has_drained:
            try:
                self._drain(tally)
            except Refused as refused:
                tally.wait_ms = max(tally.wait_ms, refused.wait_ms)
            except (Unreachable, FrameError, DecodeError, Damaged, SaojieError):
                return Ended.WIPED
        return Ended.WIPED if self._device.settle() not in _WORKING else ended

    # ---- while the device works --------------------------------------------------------

    def _work(self, tally: Tally) -> str:
        if self._device.settle() not in _WORKING:
            self._drain(tally)
            return Ended.WIPED
        before, still = None, 0
        for _ in range(MOST_ROUNDS):
            ended = self._round(tally)
            if ended is not None:
                return ended
            now = self._progress()
            still = still + 1 if now == before else 0
            if still >= STANDSTILL:
                break
            before = now
        return Ended.UNSETTLED

    def _round(self, tally: Tally) -> str | None:
        """Ask once and take the answer; how the sync ended, or None when it goes on."""
        asked, hindrance, answer = self._heard(tally)
        with self._device.lock:
            if obey(self._device, answer.head.orders, answer.head.keys, _short_of(asked, answer.head)):
                self._note_contact(asked, answer)
                return Ended.WIPED
            self._note_contact(asked, answer)
            if answer.head.standing is not Standing.ACTIVE:
                return str(answer.head.standing)
            if take_lease(self._device, answer.head.lease) is not State.OPEN:
                return Ended.LOCKED
            if hindrance is not None:
                raise hindrance
            if not self._taken(asked, answer, tally):
                return None
        return self._finished(tally)

    def _heard(self, tally: Tally) -> tuple[Asked, SaojieError | None, Answer]:
        """A request and its answer: the one that is on its way, else one that is made now; and what hindered it."""
        coming, self._coming = self._coming, None
        if coming is not None:
            tally.up += len(coming.request.body)
            reply = self.conversation.accepted(coming.request, coming.arrive())
            return coming.asked, None, self._understood(reply, coming.began, tally)
        with self._device.lock:
            asked, hindrance = self._prepared()
        return asked, hindrance, self._hear(asked, tally)

    def _ask_for_more(self, asked: Asked, answer: Answer) -> bool:
        """Have the next page come while this one is taken in, and only then be taken; whether there is one."""
        more = ask_for_more(self._device, asked, answer, self._pace.times)
        if more is not None:
            request, began = self._speech.posted(more), self._elapsed()
            arrive = self.conversation.begin(request)
            self._coming = _Coming(more, request, began, arrive) if arrive is not None else None
        return more is not None

    def _let_pass(self) -> None:
        """Wait for a reply that nobody takes any more: when a sync has ended, nothing of it is on its way."""
        coming, self._coming = self._coming, None
        if coming is not None:
            with suppress(Unreachable):
                coming.arrive()

    def _prepared(self) -> tuple[Asked, SaojieError | None]:
        """Read a request; a replica that turns out to be damaged is begun again first. Whatever hinders it, an order is
        asked for.
        """
        try:
            with suppress(ReplicaLocked):
                # Where its share is gone, that is stored by now: the second reading asks for the lease alone.
                try:
                    return self._read(), None
                except Damaged:
                    self._device.rebuild()
            return self._read(), None
        except Damaged:
            return ask_for_lease(self._device, "outbox.db"), ReplicaCorrupt("outbox.db")
        except SaojieError as error:
            return ask_for_lease(self._device), error

    def _read(self) -> Asked:
        if self._device.state() is State.OPEN:
            replica = self._device.replica()
            replica.catch_up()
            sign_claims(self._device, replica)
            tell_openings(self._device, replica)
            # A date that ran ahead may have dated the last audit to a day that is yet to come.
            if not 0 <= self._device.now() - replica.meta.number(Name.AUDITED) <= WEEK_MS:
                replica.recount(self._device.now())
        return ask_to_sync(self._device, self._pace.times)

    def _taken(self, asked: Asked, answer: Answer, tally: Tally) -> bool:
        """Take an answer; whether nothing is left to ask."""
        checkpoints = tally.is_checkpoint
        tally.is_checkpoint = False
        try:
            is_part = self._ask_for_more(asked, answer)
            take(self._device, asked, answer, tally, is_part=is_part)
        except Damaged:
            self._let_pass()
            self._device.rebuild()
            tally.is_checkpoint = checkpoints
            return False
        return tally.is_checkpoint and not self._is_work_left() and not self._has_to_claim(tally)

    def _is_work_left(self) -> bool:
        replica, told = self._device.replica(), self._device.outbox.told()
        replica.catch_up()
        comparing = any(one.next is not None for one in replica.scopes.all())
        return comparing or (told is not None and told.acknowledged < told.last)

    def _has_to_claim(self, tally: Tally) -> bool:
        """Whether something that was dropped is to be told: once in a sync, a server that takes no claim is left be."""
        sign_claims(self._device, self._device.replica())
        wants = bool(self._device.keys.receipts_to_send()) and not tally.has_claimed
        tally.has_claimed = tally.has_claimed or wants
        return wants

    def _finished(self, tally: Tally) -> str | None:
        """Tidy up: forget what no restored server can need, hand in what this phone cannot read any more. None where
        something was handed in: it is own work, and this sync brings it back.
        """
        device = self._device
        with device.lock:
            terms = device.keys.get(LeaseTerms)
            if terms is not None and device.state() is State.OPEN:
                device.outbox.prune(device.now() - terms.erases_after - (terms.locks_at - terms.issued_at))
                if tally.is_verified:
                    device.outbox.settle_refused(still_open(device.replica()))
        handed_in = tally.handed_in
        while (asked := self._left_to_hand_in()) is not None:
            before = device.pending_count()
            self._hand_in(asked, tally)
            if device.pending_count() == before:
                break
        if tally.handed_in > handed_in:
            return None
        return Ended.DONE if tally.is_verified else Ended.UNSETTLED

    def _left_to_hand_in(self) -> Asked | None:
        with self._device.lock:
            return ask_to_hand_in(self._device) if self._device.state() is State.OPEN else None

    def _progress(self) -> object:
        """What changes when a round moved anything on."""
        with self._device.lock:
            if self._device.state() is not State.OPEN:
                return self._device.keys.state
            replica, told = self._device.replica(), self._device.outbox.told()
            wants = replica.file.one("SELECT count(*) FROM want")[0]
            return told, wants, replica.scopes.epoch, [(one.cursor, one.next) for one in replica.scopes.all()]

    # ---- after an order --------------------------------------------------------

    def _drain(self, tally: Tally) -> None:
        """Hand in, send receipts, until the server has everything or nothing moves any more. Photos go last."""
        before, still, tally.has_drained = None, 0, True
        while self._device.settle() in _DRAINING and still < STANDSTILL:
            with self._device.lock:
                asked = ask_to_drain(self._device)
            self._hand_in(asked, tally)
            if not self._device.pending_count():
                self._photos.hand_in()
            with self._device.lock:
                counts = (self._device.pending_count(), self._device.photos_pending())
                now = (self._device.keys.state, counts, self._device.keys.receipts_to_send())
            still = still + 1 if now == before else 0
            before = now

    def _hand_in(self, asked: Asked, tally: Tally) -> None:
        answer = self._hear(asked, tally)
        head = answer.head
        with self._device.lock:
            obey(self._device, head.orders, head.keys)
            self._note_contact(asked, answer)
            if asked.sealed is not None:
                last = asked.sealed.rows[-1].number
                self._handed_in(asked.sealed.outbox, min(head.acknowledged, last), head.server_time, tally)
            lifecycle.settle(self._device)

    def _handed_in(self, box: bytes, number: int, now: int, tally: Tally) -> None:
        before = self._device.pending_count()
        self._device.outbox.acknowledge(box, number, now)
        more = before - self._device.pending_count()
        held = self._device.keys.get(HandedIn) or HandedIn()
        if more and self._device.keys.orders:
            self._device.keys.put(HandedIn(held.count + more, held.photos, held.lost))
        tally.handed_in += more

    # ---- both --------------------------------------------------------

    def _hear(self, asked: Asked, tally: Tally) -> Answer:
        while True:
            request, began = self._speech.posted(asked), self._elapsed()
            tally.up += len(request.body)
            try:
                reply = self.conversation.ask(request.method, request.path, request.body, request.headers)
            except Refused as refused:
                if not self._speech.steps_back(refused.code):
                    raise
            else:
                return self._understood(reply, began, tally)

    def _elapsed(self) -> int:
        return self._device.ports.clock.elapsed()

    def _understood(self, reply: Reply, began: int, tally: Tally) -> Answer:
        tally.down += len(reply.body)
        if reply.whole:
            self._pace.came(len(reply.body), self._elapsed() - began)
        else:
            self._pace.broke()
        answer = read_answer(reply.body)
        tally.rounds += 1
        tally.wait_ms = max(tally.wait_ms, answer.head.wait_ms)
        self.conversation.take_token(answer.head.token)
        return answer

    def _note_contact(self, asked: Asked, answer: Answer) -> None:
        """Set the anchor of time (to the moment of asking, so that a slow answer gains nothing), keep what was said."""
        head, device = answer.head, self._device
        facts = device.keys.get(ServerFacts)
        challenge = head.challenge or (facts.challenge if facts else b"")
        anchor = anchored(asked.request.moment, head.server_time)
        before = device.keys.get(Heard) or Heard()
        heard = Heard(str(head.standing), head.call[:_CALL] or before.call)
        is_news = facts is None or (facts.epoch, before) != (head.epoch, heard)
        device.note_contact(anchor, ServerFacts(head.epoch, challenge), heard, is_news=is_news)
        device.keys.acknowledge_receipts(head.receipts)
        take_checkpoint(device, head)


def _short_of(asked: Asked, head: Head) -> tuple[bytes, int] | None:
    """The outbox id and how far the server has it, where that is less than it once said; else None."""
    told = asked.told
    return (told.id, head.acknowledged) if told is not None and head.acknowledged < told.acknowledged else None
