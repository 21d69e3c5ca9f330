"""Every way by which bytes from outside come into the engine: what it may raise, and what holds of what it reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.changes import SetChange, read_changes
from sync.codec import DecodeError, decode, encode, pack, peek, plain, unpack
from sync.diagnostics import Diagnostics, as_text, read_diagnostics
from sync.errors import Refusal
from sync.frames import FrameError, read_answer, read_request, write_answer, write_request
from sync.jsonform import request_from_json
from sync.keychain import bundled, unbundled
from sync.messages import Head, Page, SyncRequest, Tail
from sync.operations import Operation, read_operation
from sync.records import COLLECTIONS
from sync.rules import Merge
from sync.signing import Kind, Signed, company_signed, verified_company
from sync.versions import CURRENT, SCHEMA
from tests.sync.frozen import MESSAGES, sample

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["DOORS", "Broken", "Door"]

_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = _KEY.public_key().public_bytes_raw()
_MOST = 1 << 22


class Broken(AssertionError):
    """What was read is not what must hold."""


class Door(msgspec.Struct, frozen=True):
    """`enter` reads bytes, raises one of `refuses` for those it will not have, and Broken where what it read is wrong.
    `samples` are bytes that it reads. `wraps` puts mutated bytes into what surrounds them on the way.
    """

    name: str
    enter: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...] = (DecodeError,)
    wraps: Callable[[bytes], bytes] = bytes


def _same(before: object, after: object, what: str) -> None:
    if before != after:
        raise Broken(f"{what}: {before!r:.200} became {after!r:.200}")


def _record(data: bytes) -> None:
    record = unpack(data)
    again = pack(record)
    _same(pack(unpack(again)), again, "a record that was read is packed otherwise the second time")
    one, record_id = peek(again)
    _same((one.type, record_id), (type(record), record.id.bytes), "its first bytes say something else")
    json.dumps(plain(record))


def _message(kind: type[msgspec.Struct]) -> Callable[[bytes], None]:
    def enter(data: bytes) -> None:
        again = encode(decode(data, kind))
        _same(encode(decode(again, kind)), again, f"{kind.__name__} comes back otherwise")

    return enter


def _request(data: bytes) -> None:
    request = read_request(data)
    _same(read_request(write_request(request)), request, "the request comes back otherwise")
    for body in request.operations:
        read_operation(body)


def _answer(data: bytes) -> None:
    found = read_answer(data)
    if found.page is not None and found.tail is not None:
        again = read_answer(write_answer(found.head, found.page, found.tail))
        _same(encode(again), encode(found), "the answer comes back otherwise")


def _json(data: bytes) -> None:
    request = request_from_json(data)
    _same(read_request(write_request(request)), request, "the request comes back otherwise")


def _diagnostics(data: bytes) -> None:
    told = read_diagnostics(data)
    _same(read_diagnostics(msgspec.json.encode(told)), told, "diagnostics come back otherwise")
    as_text(told)


def _changes(name: str) -> Callable[[bytes], object]:
    return lambda data: encode(read_changes(COLLECTIONS[name], data))


def _statement(data: bytes) -> None:
    """Whatever is let in as the company's is what the company signed."""
    for one in unbundled(data):
        if verified_company(one, Kind.CHECKPOINT, [_PUBLIC]):
            _same(one.body, _SIGNED.body, "a statement that nobody signed is believed")


def _framed(kind: bytes) -> Callable[[bytes], bytes]:
    def wrap(body: bytes) -> bytes:
        pressed = zstd.compress(body[:_MOST])
        return kind + len(pressed).to_bytes(4, "big") + pressed

    return wrap


def _edited(name: str) -> bytes:
    """Changes of every field that an operation may change."""
    one = COLLECTIONS[name]
    rules = {each: rule.merge for each, rule in one.rules.items() if rule.merge is not Merge.DERIVED}
    record = sample(one.type)
    return encode(
        {
            each: SetChange(getattr(record, each)) if merge is Merge.SET else getattr(record, each)
            for each, merge in rules.items()
        }
    )


_SIGNED: Signed = company_signed(Kind.CHECKPOINT, encode(["what the company said"]), _KEY)
_HEAD, _PAGE, _TAIL = (sample(kind) for kind in (Head, Page, Tail))
_REQUEST: SyncRequest = msgspec.structs.replace(sample(SyncRequest), protocol=CURRENT, schema=SCHEMA)
_JSON = msgspec.json.encode(
    plain(_REQUEST) | {"operations": [plain(sample(Operation)) | {"changes": {"name": "老张"}}]}
)
_RECORDS = tuple(pack(sample(one.type)) for one in COLLECTIONS.values())

_DIAGNOSTICS = msgspec.json.encode(sample(Diagnostics))
DOORS: tuple[Door, ...] = (
    Door("record", _record, _RECORDS),
    Door("first bytes of a record", peek, _RECORDS),
    *(Door(f"message {name}", _message(kind), (encode(sample(kind)),)) for name, kind in MESSAGES.items()),
    *(Door(f"changes of {name}", _changes(name), (_edited(name),), (Refusal,)) for name in COLLECTIONS),
    Door("request", _request, (write_request(_REQUEST),), (FrameError, Refusal)),
    Door("request within its frame", _request, (encode(_REQUEST),), (FrameError, Refusal), _framed(b"R")),
    Door("answer", _answer, (write_answer(_HEAD, _PAGE, _TAIL),), (FrameError,)),
    Door("head within its frame", _answer, (encode(_HEAD),), (FrameError,), _framed(b"H")),
    Door("request as JSON", _json, (_JSON,), (Refusal,)),
    Door("diagnostics", _diagnostics, (_DIAGNOSTICS,)),
    Door("statement", _statement, (encode(_SIGNED), bundled([_SIGNED], _SIGNED))),
)
"""In the order in which they are tried."""
