"""What a phone hands to support of itself: versions, times, counts, codes and sizes. Nothing of any customer.

Every text is a code, a version or a name of ours; no value of a record, no id of one, no position, no name of a person
has a field here. A server keeps what it knows of these fields and lets go of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.bounded import Edition, Label, Number, WallClock
from sync.codec import from_json
from sync.words import LABELS

__all__ = ["MOST_BYTES", "MOST_SYNCS", "Diagnostics", "SyncNote", "as_text", "read_diagnostics"]

MOST_BYTES = 32_768
"""No pack is larger than this as JSON."""
MOST_SYNCS = 20
"""So many of the last syncs are told."""
_MOST_NAMES = 200

Counts = Annotated[dict[Label, Number], Meta(max_length=_MOST_NAMES)]
"""How many of each, by a code or a name of ours."""


class SyncNote(msgspec.Struct, array_like=True, frozen=True):
    """One sync: when it ended (server ms), how (`done` or a code), how long it took (ms), bytes of bodies up and down,
    requests.
    """

    at: Number
    ended: Label
    took: Number = 0
    up: Number = 0
    down: Number = 0
    rounds: Number = 0


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """One pack. Times are server milliseconds, as the phone reckons them; None where there is none.

    `clock_ahead` is by how many ms the phone's date is ahead of the server's; `standing` what the company last said of
    the phone. `records` counts what it holds, by collection (empty while it is locked), `refused` own refused work by
    its reason, `met` errors that calls and syncs ended with, by code, `differing` scopes that repairs did not bring
    together. `sizes` are bytes of files, `free` of the storage; `keystore` names the kind of key store.
    """

    device: UUID
    at: Number
    sdk: Label
    protocol: Edition
    schema: Edition
    python: Label = ""
    platform: Label = ""
    sqlite: Label = ""
    cipher: Label = ""
    state: Label = ""
    why: Label = ""
    standing: Label = ""
    since: Number | None = None
    last_contact: Number | None = None
    verified_at: Number | None = None
    lease_ends: Number | None = None
    erases_at: Number | None = None
    clock_ahead: WallClock = 0
    records: Counts = {}
    pending: Number = 0
    photos_pending: Number = 0
    refused: Counts = {}
    differing: Number = 0
    rebuilt: Number = 0
    met: Counts = {}
    syncs: Annotated[tuple[SyncNote, ...], Meta(max_length=MOST_SYNCS)] = ()
    sizes: Counts = {}
    free: Number = 0
    settings: Annotated[dict[Label, Label], Meta(max_length=_MOST_NAMES)] = {}
    keystore: Label = ""
    attests: bool = False


def read_diagnostics(body: bytes) -> Diagnostics:
    """The pack that a phone sent, as JSON. Raises DecodeError."""
    return from_json(body, Diagnostics)


def as_text(told: Diagnostics) -> str:
    """The pack as a short text in both languages, for a letter or a message. Times are UTC."""
    syncs = (
        f"{_time(one.at)} {one.ended} {one.took} ms ↑{one.up} ↓{one.down} ×{one.rounds}"
        for one in sorted(told.syncs, key=lambda one: one.at, reverse=True)
    )
    rows = (
        ("设备 Device", str(told.device)),
        ("时间 Time", f"{_time(told.at)} ({told.clock_ahead / 1000:+.0f} s)"),
        ("版本 Versions", f"SDK {told.sdk} · {told.protocol}/{told.schema} · Python {told.python}"),
        ("系统 System", f"{told.platform} · SQLite {told.sqlite} · {told.cipher}"),
        ("状态 State", f"{told.state} · {told.why} · {told.standing} · {_time(told.since)}"),
        ("联系 Contact", f"{_time(told.last_contact)} · ✓ {_time(told.verified_at)}"),
        ("租约 Lease", f"{_time(told.lease_ends)} · {_time(told.erases_at)}"),
        ("待上传 Pending", f"{told.pending} + {told.photos_pending} 照片 photos"),
        ("档案 Records", _counts({" ".join(LABELS.get(name, (name,))): n for name, n in told.records.items()})),
        ("未被接受 Refused", _counts(told.refused)),
        ("不一致 Differing", f"{told.differing} · {told.rebuilt} 次重建 rebuilt"),
        ("错误 Errors", _counts(told.met)),
        ("存储 Storage", _counts({**told.sizes, "可用 free": told.free})),
        ("设置 Settings", ", ".join(f"{name} {value}" for name, value in sorted(told.settings.items())) or "—"),
        ("密钥 Keys", f"{told.keystore}{' (硬件 hardware)' if told.attests else ''}"),
        ("同步 Syncs", "\n  ".join(["", *syncs]) or "—"),
    )
    return "\n".join(f"{name}: {said}" for name, said in rows)


def _time(ms: int | None) -> str:
    if ms is None or ms > 253_402_300_799_000:
        return "—"
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _counts(found: Mapping[str, int]) -> str:
    told: Iterable[str] = (f"{name} {count:,}" for name, count in sorted(found.items()))
    return ", ".join(told) or "—"
