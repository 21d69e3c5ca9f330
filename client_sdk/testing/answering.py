"""Answering a sync request: push, pull, checkpoint; and what a departed device is told."""

from __future__ import annotations

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.testing.company import Company, PhoneOfStaff
from client_sdk.testing.denied import Denied
from client_sdk.testing.master import CURSOR_KEY, Actor, Feed
from sync import digest
from sync.clock import bound
from sync.codec import DecodeError, decode
from sync.cursors import START, is_ours
from sync.messages import Answer, Head, Index, Mended, Page, ScopePage, Sealed, Standing, SyncRequest, Tail
from sync.operations import Operation, chain
from sync.outbox import Known, Told, Verdict, judge
from sync.outcomes import Outcome
from sync.signing import Kind, Signed, opened, verified_device
from sync.statements import EvictionReceipt, Receipt

_Pushed = tuple[Verdict, Known, tuple[Outcome, ...]]


class Settings(msgspec.Struct):
    """How the server answers: `echo` gives a device's own changes light, `patches` gives changes of what it has, `page`
    bounds an answer in bytes, `names` says in each outcome which operation it is of, and `takes_sealed` hears rows that
    an active phone cannot read itself.
    """

    echo: bool = False
    patches: bool = False
    names: bool = True
    takes_sealed: bool = True
    page: int = 200_000


def answer(company: Company, device: PhoneOfStaff, request: SyncRequest, settings: Settings) -> Answer:
    """The answer to one request of an authenticated device. Raises Denied."""
    device.contact, device.witness = request.moment, request.witness
    head = Head(
        device.standing,
        company.time.now,
        company.master.epoch,
        tuple(device.orders),
        staff=device.staff,
        call=company.call,
    )
    receipts = tuple(_receipts(device, request))
    if device.standing is not Standing.ACTIVE:
        acknowledged = _hand_in(company, device, request)
        return Answer(msgspec.structs.replace(head, receipts=receipts, acknowledged=acknowledged), Page(), Tail())
    verdict, known, outcomes = _push(company, device, request, settings)
    page, evictions, reconcile, is_whole = _pull(company, device, request, settings)
    granted = company.granted(company.staff[device.staff])
    sums = {name: company.master.sum_of(name) for name in granted} if is_whole else {}
    head = msgspec.structs.replace(
        head,
        verdict=verdict,
        acknowledged=known.acknowledged,
        hash=known.hash,
        outcomes=tuple(one if settings.names else msgspec.structs.replace(one, operation=None) for one in outcomes),
        evictions=evictions,
        reconcile=reconcile,
        lease=company.lease_for(device, request.lease),
        receipts=receipts,
        checkpoint=company.checkpoint,
    )
    expected = 0 if is_whole else sum(company.master.sum_of(name).count for name in granted)
    return Answer(head, page, Tail(is_whole, sums, expected))


# ---- in ----------------------------------------------------------------------------------------------------------


def _push(company: Company, device: PhoneOfStaff, request: SyncRequest, settings: Settings) -> _Pushed:
    if request.sealed is not None and settings.takes_sealed:
        return _push_sealed(company, device, request, request.sealed)
    told = request.outbox
    if told is None:
        return Verdict.GO_ON, Known(hash=b""), ()
    known = company.outboxes.get(told.id, Known())
    verdict = judge(told, list(request.operations), known)
    if verdict is not Verdict.GO_ON:
        return verdict, known if verdict is Verdict.RESEND else Known(hash=b""), ()
    rows = dict(enumerate(request.operations, told.acknowledged + 1))
    outcomes = _apply(company, device, request, told, rows)
    number, reached = told.acknowledged, told.hash
    for body in request.operations:
        number, reached = number + 1, chain(reached, body)
    if number < known.acknowledged:
        number, reached = known.acknowledged, known.hash
    known = Known(number, reached, told.last, told.last_hash)
    company.outboxes[told.id] = known
    return verdict, known, outcomes


def _push_sealed(company: Company, device: PhoneOfStaff, request: SyncRequest, sealed: Sealed) -> _Pushed:
    """Rows that an active phone can no longer read itself."""
    rows = {one.number: _unsealed(company, device, sealed, one.number, one.body) for one in sealed.rows}
    outcomes = _apply(company, device, request, Told(sealed.outbox), rows)
    last = sealed.rows[-1]
    return Verdict.GO_ON, Known(last.number, last.hash), outcomes


def _apply(
    company: Company, device: PhoneOfStaff, request: SyncRequest, told: Told, rows: dict[int, bytes]
) -> tuple[Outcome, ...]:
    granted = frozenset(company.granted(company.staff[device.staff]))
    outcomes: list[Outcome] = []
    for number, body in rows.items():
        actor = Actor(device.id.bytes, device.staff, told.id, number, granted)
        try:
            operation = decode(body, Operation)
        except DecodeError:
            outcomes.append(company.master.apply(number, body, None, company.time.now, actor))
            continue
        at = bound(operation.moment, request.moment, company.time.now, 0).estimate
        outcomes.append(company.master.apply(number, body, operation, at, actor))
    return tuple(outcomes)


def _receipts(device: PhoneOfStaff, request: SyncRequest) -> list[bytes]:
    kept = []
    for signed in request.receipts:
        if signed.kind is Kind.EVICTION:
            _check(signed, Kind.EVICTION, device)
            claim = opened(signed, EvictionReceipt)
            device.claims[claim.id] = claim
            kept.append(claim.id.bytes + b"evicted")
            continue
        _check(signed, Kind.RECEIPT, device)
        receipt = opened(signed, Receipt)
        name = receipt.order.bytes + receipt.stage.encode()
        device.receipts[name] = signed
        kept.append(name)
    return kept


def _check(signed: Signed, kind: Kind, device: PhoneOfStaff) -> None:
    if not verified_device(signed, kind, device.public_key):
        raise Denied("bad_signature", device)


def _hand_in(company: Company, device: PhoneOfStaff, request: SyncRequest) -> int:
    """How far a hand-in got: rows are opened with the company's key and kept."""
    if request.outbox is not None:
        rows = device.handed_in.setdefault(request.outbox.id, [])
        rows.extend(body for body in request.operations if body not in rows)
        return request.outbox.acknowledged + len(request.operations)
    if request.sealed is None:
        return 0
    for row in request.sealed.rows:
        body = _unsealed(company, device, request.sealed, row.number, row.body)
        kept = device.handed_in.setdefault(request.sealed.outbox, [])
        if body not in kept:
            kept.append(body)
    return request.sealed.rows[-1].number


def _unsealed(company: Company, device: PhoneOfStaff, sealed: Sealed, number: int, body: bytes) -> bytes:
    place = sealed.outbox + number.to_bytes(8, "big")
    try:
        return AESGCM(company.unsealed(sealed.key)).decrypt(body[:12], body[12:], place)
    except InvalidTag as error:
        raise Denied("undecodable", device) from error


# ---- out ---------------------------------------------------------------------------------------------------------


def _pull(
    company: Company, device: PhoneOfStaff, request: SyncRequest, settings: Settings
) -> tuple[Page, tuple[str, ...], tuple[str, ...], bool]:
    granted = company.granted(company.staff[device.staff])
    scopes: list[ScopePage] = []
    indexes: list[Index] = []
    mended: list[Mended] = []
    reconcile: list[str] = []
    left, is_whole = min(request.limit, settings.page), True
    for name in granted:
        feed = company.master.feed(name)
        if name in request.wants:
            mended.append(_mended(company, feed, name, request.wants[name]))
        if name in request.sums:
            indexes.append(_index(company, feed, name, request))
            is_whole = False
            continue
        cursor = request.cursors.get(name, START)
        is_known = request.epoch == company.master.epoch or cursor.version == 0
        if not is_known or not is_ours(CURSOR_KEY, company.master.epoch, name, cursor) or cursor.version > feed.head:
            reconcile.append(name)
            is_whole = False
            continue
        if cursor.version == feed.head and name in request.cursors:
            continue
        if left <= 0:
            is_whole = False
            continue
        page, size = _scope_page(company, device, feed, name, cursor.version, left, settings)
        left -= size
        is_whole = is_whole and not page.more
        scopes.append(page)
    evictions = tuple(name for name in request.cursors if name not in granted)
    return Page(tuple(scopes), tuple(indexes), tuple(mended)), evictions, tuple(reconcile), is_whole


def _scope_page(
    company: Company, device: PhoneOfStaff, feed: Feed, name: str, after: int, left: int, settings: Settings
) -> tuple[ScopePage, int]:
    master, size, last = company.master, 0, after
    rows, removed, light, patches = [], [], [], []
    newer = sorted((entry.version, record) for record, entry in feed.entries.items() if entry.version > after)
    for version, record in newer:
        if size >= left:
            break
        entry = feed.entries[record]
        size += len(entry.packed or b"") + 20
        last = version
        if entry.packed is None:
            removed.append(master.removal(record, entry))
        elif settings.echo and entry.writer == device.id.bytes:
            light.append(master.light(record, entry))
        elif settings.patches and entry.before is not None and entry.before[0] <= after:
            patches.append(master.patch(record, entry))
        else:
            rows.append(master.row(entry))
    more = bool(newer) and last < newer[-1][0]
    reached = last if more else feed.head
    page = ScopePage(
        name, after, master.cursor(name, reached), tuple(rows), tuple(removed), tuple(light), more, tuple(patches)
    )
    return page, size


def _index(company: Company, feed: Feed, name: str, request: SyncRequest) -> Index:
    """Half of the buckets at a time, so that a comparison takes several answers."""
    start = request.after.get(name, 0)
    end = min(256, start + 128)
    sums = request.sums[name]
    mine = digest.bucket_sums((record, company.master.hash_of(one)) for record, one in feed.rows().items())
    buckets = tuple(
        one for one in range(start, end) if not sums or sums[one * 4 : one * 4 + 4] != mine[one * 4 : one * 4 + 4]
    )
    light = tuple(
        company.master.light(record, entry)
        for record, entry in feed.rows().items()
        if digest.bucket_of(record) in buckets
    )
    return Index(name, company.master.cursor(name, feed.head), buckets, light, end if end < 256 else None)


def _mended(company: Company, feed: Feed, name: str, wants: tuple[bytes, ...]) -> Mended:
    rows = feed.rows()
    found = tuple(company.master.row(rows[record]) for record in wants if record in rows)
    return Mended(name, found, tuple(record for record in wants if record not in rows))
