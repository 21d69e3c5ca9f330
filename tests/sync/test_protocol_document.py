"""`sync/PROTOCOL.md` is executed: every example is encoded, decoded and compared, and every table with the code."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sync import digest
from sync.clock import Bounds, Moment, bound
from sync.codec import decode, encode, pack, peek, plain, unpack
from sync.cursors import is_ours, seal
from sync.errors import ERRORS, problem
from sync.frames import MAX_ANSWER, MAX_REQUEST, read_answer, read_request, write_answer, write_request
from sync.jsonform import answer_to_json, request_from_json
from sync.machine import OWED, TRANSITIONS, State, after
from sync.messages import Answer, Head, Page, SealedPhoto, Tail
from sync.operations import START_HASH, Operation, chain
from sync.outbox import Known, Told, judge
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Home
from sync.scopes import parse_scope
from sync.signing import Kind, Signed, company_signed, message_of, six_digits, verified_company, verified_device
from sync.statements import LeaseTerms, Receipt, RequestProof, WipeOrder
from tests.sync.document import blocks, example, fields_of, hexadecimal, table, text, untagged
from tests.sync.frozen import MESSAGES

REQUEST = {"protocol": 1, "schema": 1, "epoch": "", "moment": {"boot": "", "elapsed": 0, "claimed": 0}}


def _read(**more: Any) -> Any:
    return request_from_json(msgspec.json.encode(REQUEST | more))


def a_frame() -> None:
    """The frame opens to a request that leaves everything out, and what it says of itself is so."""
    data = hexadecimal("frame")
    request = read_request(data)
    assert (data[:1], int.from_bytes(data[1:5], "big")) == (b"R", len(data) - 5)
    least = {"epoch": request.epoch.hex(), "moment": plain(request.moment)}
    assert read_request(write_request(request)) == request == _read(**least)


def a_packed_record() -> None:
    """Names and packed bytes are the same record."""
    shown, packed = example("packed-contact"), hexadecimal("packed-contact")
    assert peek(packed)[0].name == shown["collection"]
    assert plain(unpack(packed)) == shown["record"]
    assert pack(unpack(packed)) == packed


def an_operation() -> None:
    """The JSON becomes exactly these bytes."""
    assert _read(operations=[example("operation")]).operations == (hexadecimal("operation"),)
    assert decode(hexadecimal("operation"), Operation).id == UUID(example("operation")["id"])


def the_running_hash() -> None:
    """Over the two operations of the request."""
    current, rows = START_HASH, example("running-hash")
    for number, body in enumerate((b"", *_read(operations=example("sync-request")["operations"]).operations)):
        current = chain(current, body) if number else current
        assert rows[number] == {"after": number, "hash": current.hex()}
    assert len(rows) == 3


def bounds() -> None:
    """Each case comes to its bounds."""
    for case in example("bounds"):
        event, told = Moment(**case["event"]), Moment(**case["told"])
        assert bound(event, told, case["now"], case["contact"]) == Bounds(**case["bounds"]), case["what"]


def _at(word: str) -> tuple[int, bytes]:
    current = START_HASH
    for letter in word:
        current = chain(current, letter.encode())
    return len(word), current


def verdicts() -> None:
    """Each case is judged as it says."""
    for case in example("verdicts"):
        word, known = case["outbox"], case["known"]
        start = case["acknowledged"]
        last = _at(word[: case.get("last", len(word))])
        told = Told(bytes(16), *_at(word[:start]), *last)
        bodies = [letter.encode() for letter in word[start : start + case["sends"]]]
        record = Known(*_at(known["acknowledged"]), *_at(known["last"]))
        assert judge(told, bodies, record) == case["verdict"], case["what"]


def a_cursor() -> None:
    """The seal is made and recognised."""
    shown = example("cursor")
    key, epoch = bytes.fromhex(shown["key"]), bytes.fromhex(shown["epoch"])
    cursor = seal(key, epoch, shown["scope"], shown["version"])
    assert cursor.seal.hex() == shown["seal"]
    assert is_ours(key, epoch, shown["scope"], cursor)


def a_digest() -> None:
    """Hashes, short hashes, their sum and the sums by bucket."""
    shown = example("digest")
    rows = [(one, bytes.fromhex(one["packed"])) for one in shown["rows"]]
    epoch = bytes.fromhex(shown["epoch"])
    entries = [digest.entry_hash(epoch, one["version"], one["revision"], packed) for one, packed in rows]
    assert [one.hex() for one in entries] == [one["hash"] for one, _ in rows]
    assert [digest.short_hash(packed).hex() for _, packed in rows] == [one["short_hash"] for one, _ in rows]
    assert digest.total(entries).hex() == shown["digest"]
    sums = digest.bucket_sums((peek(packed)[1], entry) for (_, packed), entry in zip(rows, entries, strict=True))
    found = {str(at): sums[at * 4 : at * 4 + 4].hex() for at in range(digest.BUCKETS) if any(sums[at * 4 : at * 4 + 4])}
    assert found == shown["buckets"]


def a_request() -> None:
    """JSON and compact form are the same request."""
    request = request_from_json(blocks()["sync-request", "json"].encode())
    assert encode(request) == hexadecimal("sync-request")
    assert read_request(write_request(request)) == request
    assert example("sync-request").keys() == {*request.__struct_fields__}


def an_answer() -> None:
    """Three parts, and the JSON that is made of them; its sums are those of its rows."""
    compact = [hexadecimal(f"sync-answer-{name}") for name in ("head", "page", "tail")]
    head, page, tail = decode(compact[0], Head), decode(compact[1], Page), decode(compact[2], Tail)
    assert [encode(head), encode(page), encode(tail)] == compact
    assert read_answer(write_answer(head, page, tail)) == Answer(head, page, tail)
    shown = example("sync-answer")
    assert msgspec.json.decode(answer_to_json(head, page, tail)) == shown
    rows = [row for part in ("scopes", "mended") for one in shown["page"][part] for row in one["rows"]]
    scope = shown["page"]["scopes"][0]["scope"]
    assert digest.total(bytes.fromhex(row["hash"]) for row in rows).hex() == shown["tail"]["sums"][scope]["digest"]


def _by_company(name: str, kind: Kind, statement: type[msgspec.Struct]) -> None:
    shown = example(name)
    body = bytes.fromhex(shown["body"])
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(shown["private_key"]))
    signed = company_signed(kind, body, key)
    assert plain(decode(body, statement)) == shown["statement"]
    assert (signed.key, signed.signature.hex()) == (shown["key"], shown["signature"])
    assert message_of(kind, body).hex() == shown["message"]
    assert verified_company(signed, kind, [bytes.fromhex(shown["public_key"])])


def a_wipe_order() -> None:
    """Signed by the company, byte for byte."""
    _by_company("wipe-order", Kind.WIPE_ORDER, WipeOrder)


def a_lease() -> None:
    """The same for the terms of a lease."""
    _by_company("lease", Kind.LEASE, LeaseTerms)


def a_receipt() -> None:
    """Signed by a device, and named by its token."""
    shown = example("receipt")
    body, public = bytes.fromhex(shown["body"]), bytes.fromhex(shown["public_key"])
    receipt = decode(body, Receipt)
    assert plain(receipt) == shown["statement"]
    assert message_of(Kind.RECEIPT, body).hex() == shown["message"]
    signed = Signed(Kind.RECEIPT, body, shown["key"], bytes.fromhex(shown["signature"]))
    assert verified_device(signed, Kind.RECEIPT, public)
    assert shown["token"] == (receipt.order.bytes + receipt.stage.encode()).hex()


def a_request_proof() -> None:
    """The headers hold for this body and no other."""
    shown, headers = example("request-proof"), example("request-proof")["headers"]
    proof = decode(bytes.fromhex(shown["body"]), RequestProof)
    assert plain(proof) == shown["statement"]
    assert proof.body == hashlib.sha256(bytes.fromhex(shown["http_body"])).digest()
    assert (str(proof.device), proof.challenge.hex()) == (headers["Saojie-Device"], headers["Saojie-Challenge"])
    key = example("receipt")["key"]
    signed = Signed(Kind.REQUEST, bytes.fromhex(shown["body"]), key, bytes.fromhex(headers["Saojie-Proof"]))
    assert verified_device(signed, Kind.REQUEST, bytes.fromhex(shown["public_key"]))


def a_sealed_row() -> None:
    """The company's opening key opens the outbox key, and that the row."""
    shown = example("sealed-row")
    opening = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(shown["opening_private_key"]))
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    key = suite.decrypt(bytes.fromhex(shown["key"]), opening, info=b"saojie/outbox")
    assert key.hex() == shown["outbox_key"]
    place = bytes.fromhex(shown["outbox"]) + shown["number"].to_bytes(8, "big")
    body = bytes.fromhex(shown["body"])
    assert (place.hex(), body[:12].hex()) == (shown["associated_data"], shown["nonce"])
    operation = AESGCM(key).decrypt(body[:12], body[12:], place)
    assert operation.hex() == shown["operation"]
    assert chain(START_HASH, operation).hex() == shown["hash"]


def a_sealed_photo() -> None:
    """The message is these bytes, and the company opens the file with the outbox key in it."""
    shown = example("sealed-photo")
    told = decode(bytes.fromhex(shown["body"]), SealedPhoto)
    assert plain(told) == shown["statement"]
    assert encode(told).hex() == shown["body"]
    opening = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(shown["opening_private_key"]))
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    key = suite.decrypt(told.key, opening, info=b"saojie/outbox")
    file, place = bytes.fromhex(shown["file"]), told.photo.bytes
    assert (key.hex(), place.hex(), file[:12].hex()) == (
        shown["outbox_key"],
        shown["associated_data"],
        shown["nonce"],
    )
    assert len(file) == told.size
    assert AESGCM(key).decrypt(file[:12], file[12:], place).hex() == shown["bytes"]


def six_digits_() -> None:
    """Worked out from the enrolment's id and the public key."""
    shown = example("six-digits")
    assert six_digits(bytes.fromhex(shown["enrolment"]), bytes.fromhex(shown["public_key"])) == shown["digits"]


def the_live_stream() -> None:
    """Every event is in the table, names a scope where it says so, and brings the order that it says."""
    known = {row[0].strip("`"): row[1] for row in table("The live stream")}
    events = [part.splitlines() for part in blocks()["live-stream", "text"].split("\n\n") if part.startswith("event")]
    for name, data in events:
        assert name.removeprefix("event: ") in known
        said, brings = data.removeprefix("data: "), known[name.removeprefix("event: ")]
        assert (parse_scope(said) is not None) == (brings == "a scope's name")
        if "Signed" in brings:
            order = example("wipe-order")
            assert decode(bytes.fromhex(said), Signed).signature == bytes.fromhex(order["signature"])
    assert len(events) == len(known)


def a_problem() -> None:
    """Its words are those of the table."""
    shown = example("problem")
    row = problem(shown["code"])
    assert shown["type"] == f"urn:saojie:problem:{row.code}"
    assert shown["title"] == row.en
    for name in ("code", "status", "fault", "repeats", "en", "zh", "todo", "todo_zh"):
        assert shown[name] == getattr(row, name)


EXAMPLES = {
    "frame": a_frame,
    "packed-contact": a_packed_record,
    "operation": an_operation,
    "running-hash": the_running_hash,
    "bounds": bounds,
    "verdicts": verdicts,
    "cursor": a_cursor,
    "digest": a_digest,
    "sync-request": a_request,
    "sync-answer": an_answer,
    "wipe-order": a_wipe_order,
    "lease": a_lease,
    "receipt": a_receipt,
    "request-proof": a_request_proof,
    "sealed-row": a_sealed_row,
    "sealed-photo": a_sealed_photo,
    "six-digits": six_digits_,
    "live-stream": the_live_stream,
    "problem": a_problem,
}
OVER_HTTP = {"enrolment-code", "enrolment-request", "enrolment-answer"}
"""Examples of what only the server speaks, executed by test_protocol_over_http.py."""
PARTS_OF_AN_ANSWER = {"sync-answer-head", "sync-answer-page", "sync-answer-tail"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_the_code_does(name: str) -> None:
    """Encoded and decoded by the code, and compared."""
    EXAMPLES[name]()


def test_every_example_is_executed() -> None:
    """A fenced block that no test knows would go stale unseen."""
    assert untagged() == []
    assert {name for name, _ in blocks()} == EXAMPLES.keys() | OVER_HTTP | PARTS_OF_AN_ANSWER


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_described_field_by_field(name: str) -> None:
    """Name, type and default of each field in order, and a meaning beside it."""
    rows = table(name)
    assert [row[:3] for row in rows] == fields_of(MESSAGES[name])
    assert all(row[3] for row in rows)


STANDS = {
    Home.NAMED: "the scope that the operation names",
    Home.OUTLET: "with its outlet",
    Home.PRIVATE: "the private scope beside its outlet's",
    Home.STAFF: "the person's own scope",
    Home.COMPANY: "`company`",
}


def test_the_table_of_collections_is_the_code() -> None:
    """Name, tag, where records stand, what a rep may do, and whether they are ever changed."""
    rows = {row[0].strip("`"): row[1:] for row in table("Collections")}
    assert list(rows) == list(COLLECTIONS)
    for one in COLLECTIONS.values():
        tag, stands, may, changes, holds = rows[one.name]
        assert (int(tag), stands) == (one.tag, STANDS[one.home])
        allowed = [word for word, is_so in (("create", one.rep_creates), ("edit", one.rep_edits)) if is_so]
        assert may == (", ".join(allowed) or "read")
        assert changes.startswith("never") == one.append_only
        assert holds


def test_the_table_of_errors_is_the_code() -> None:
    """Every code in order, with everything that it says."""
    assert table("Error codes") == [
        [f"`{one.code}`", str(one.status), one.fault, "yes" if one.repeats else "no", one.en, one.zh, one.todo]
        for one in ERRORS.values()
    ]


def test_the_table_of_outcomes_is_the_code() -> None:
    """From the plainest to the gravest, with both sentences."""
    assert table("Outcomes") == [[f"`{code}`", code.en, code.zh] for code in OutcomeCode]


def test_the_table_of_states_is_the_code() -> None:
    """What each state owes, what moves it on, and a reason for it."""
    rows = {row[0].strip("`"): row[1:] for row in table("The phone's states")}
    assert list(rows) == list(State)
    for name, (owes, moves, why) in rows.items():
        state = State(name)
        assert owes == (", ".join(f"`{one}`" for one in OWED[state]) or "—")
        assert moves == (", ".join(_moves(state)) or "—")
        assert why


def _moves(state: State) -> list[str]:
    return [f"`{event}` → `{after(state, event)}`" for of, event in TRANSITIONS if of is state]


def test_bounds_of_bodies_are_those_of_the_code() -> None:
    """Numbers in the running text."""
    assert f"opens to at most {MAX_REQUEST >> 20} MiB" in " ".join(text().split())
    assert f"answer to at most {MAX_ANSWER >> 20} MiB" in " ".join(text().split())
