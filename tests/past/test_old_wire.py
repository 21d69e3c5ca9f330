"""Phones of every schema that was ever out speak to this server; what is appended later is passed over."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sync import digest, frames, scopes
from sync.codec import decode, encode
from sync.messages import Answer, SyncRequest
from sync.operations import Act
from tests.server.routes.conftest import house
from tests.server.routes.house import House, Phone, zstd
from tests.sync.frozen import FOLDER, MESSAGES, sample

__all__ = ["house"]

SCHEMAS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("schema-*.json"))}
LATER = ["of a later version", {"more": 1}, None]
_REQUIRED = sum(field.required for field in msgspec.structs.fields(SyncRequest))


def frame(kind: bytes, value: object) -> bytes:
    """One frame, as any version writes it."""
    body = zstd.compress(encode(value))
    return kind + len(body).to_bytes(4, "big") + body


def positions(value: object) -> list[Any]:
    """A message as the array that it is on the wire."""
    found: list[Any] = msgspec.msgpack.decode(encode(value))
    return found


async def asked(phone: Phone, request: list[Any]) -> Answer:
    """Send a request as it stands."""
    answer = await phone.post(frame(b"R", request))
    assert answer.status_code == 200, answer.text
    return frames.read_answer(answer.content)


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_phone_of_every_schema_has_the_same_records_and_reads_those_that_it_knows(
    house: House, name: str
) -> None:
    """It sends what its version knows of an outlet; each record comes with the fields of then in their places, and the
    bytes that came make the server's digests.
    """
    old = SCHEMAS[name]
    person = await house.person()
    scope = scopes.territory((await house.territory("东", person)).id)
    phone = await house.phone(person)
    known = set(old["collections"]["outlet"]["fields"])
    values: dict[str, Any] = {"name": "老张烟酒", "phone": "13800000001", "address": "东升大道 1 号"}
    assert values.keys() <= known
    shop = house.desk.id()
    create = house.desk.operation(Act.CREATE, "outlet", shop, scope=scope, **values)
    visit = house.desk.operation(Act.CREATE, "visit", house.desk.id(), outlet=shop, notes="of then")
    request = phone.request(create, visit, schema=old["schema"])
    answer = await asked(phone, positions(request)[: SyncRequest.__struct_fields__.index("operations") + 1])
    assert [one.code for one in answer.head.outcomes] == ["applied", "applied"]
    assert answer.page is not None
    assert answer.tail is not None
    by_tag = {one["tag"]: one["fields"] for one in old["collections"].values()}
    seen = {}
    for page in answer.page.scopes:
        entries = [digest.entry_hash(answer.head.epoch, row.version, row.revision, row.packed) for row in page.rows]
        assert answer.tail.sums[page.scope].digest == digest.total(entries)
        for row in page.rows:
            tag, *fields = msgspec.msgpack.decode(row.packed)
            if tag in by_tag:
                assert len(fields) >= len(by_tag[tag])
                seen[fields[0]] = dict(zip(by_tag[tag], fields, strict=False))
    assert seen[shop.bytes].items() >= values.items()
    assert seen[visit.record.bytes]["notes"] == "of then"


@pytest.mark.parametrize("count", range(_REQUIRED, len(SyncRequest.__struct_fields__) + 1))
async def test_a_request_that_ends_sooner_is_answered(house: House, count: int) -> None:
    """Fields of a message were appended one after another: whoever does not know the last ones leaves them out."""
    phone = await house.phone()
    answer = await asked(phone, positions(phone.request())[:count])
    assert answer.tail is not None


async def test_a_request_of_a_later_version_of_this_protocol_is_answered(house: House) -> None:
    """Fields and frames that it has besides are passed over: a server may be one behind."""
    phone = await house.phone()
    body = frame(b"R", [*positions(phone.request(schema=99)), *LATER]) + frame(b"Z", LATER)
    answer = await phone.post(body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_appended_to_a_message_is_passed_over(name: str) -> None:
    """Either side may be ahead, in every message that travels."""
    kind = MESSAGES[name]
    value = sample(kind)
    assert decode(encode([*positions(value), *LATER]), kind) == value
