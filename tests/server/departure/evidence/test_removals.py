"""A pack after personal data was removed by order, with time stamps, and with receipts of evictions: it still verifies,
and says what is not there and why.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, insert, select

from server.departure.evidence.verifier.main import _checked
from server.departure.evidence.writer import Writer
from server.identity import territories
from server.master.anchors import anchors
from server.master.concerned import concerned
from server.master.erasing import erase
from server.master.scoping import names
from server.master.store import Store
from server.master.tables import journal_bodies
from sync.codec import encode
from sync.scopes import COMPANY
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import EvictionReceipt
from tests.server.departure.evidence.case import Case, lines, whole_case
from tests.server.exchange.conftest import founded


@pytest.fixture
async def case(store: Store, tmp_path: Path) -> Case:
    """A rep who worked, signed and left."""
    return await whole_case(store, tmp_path)


def faults(pack: Path) -> list[dict[str, Any]]:
    """What the verifier finds, in this process."""
    found: list[dict[str, Any]] = _checked(pack, "")["faults"]
    return found


async def erased(case: Case, record: UUID) -> list[tuple[str, int]]:
    """The bodies about a record removed by a journalled order; which entries these were."""
    company, of = case.company, journal_bodies.c
    async with company.desk.store.write() as tx:
        ids = await concerned(tx, record)
        places = (await tx.execute(select(of.scope, of.position).where(of.record.in_(ids)))).all()
        await erase(tx, record, "asked to", company.boss, company.means.departure.sources)
        named = await names(tx, {row.scope for row in places})
    return sorted((named[row.scope], row.position) for row in places)


async def test_it_verifies_and_names_the_order_after_personal_data_was_removed(case: Case) -> None:
    """Which entries have no body, and which order of the journal took them; nothing of the value is left in it."""
    # The tasks of whoever followed told of the person as well; they are a colleague's and in no pack.
    gone = [one for one in await erased(case, case.person) if not one[0].startswith("staff/")]
    pack = await case.pack(with_people=True)
    code, said = case.verify(pack)
    assert (code, said["faults"]) == (0, [])
    assert said["without_body"]["removed"] == len(gone) > 0
    removed = lines(pack, "removed")
    assert sorted((one["scope"], one["position"]) for one in removed) == gone
    assert {one["by"][0] for one in removed} == {COMPANY}
    whole = b"".join(one.read_bytes() for one in pack.rglob("*") if one.is_file())
    assert "张三".encode() not in whole
    assert "张三".encode().hex().encode() not in whole


@pytest.mark.parametrize("change", ["no_order", "other_order", "not_listed"])
async def test_a_body_that_no_order_removed_is_a_fault(case: Case, change: str) -> None:
    """Taken out without an order, under an order about something else, or not listed at all."""
    async with case.company.desk.store.write() as tx:
        of = journal_bodies.c
        row, *_ = (await tx.execute(select(of.scope, of.position).where(of.record == case.private.bytes))).all()
        await tx.execute(delete(journal_bodies).where(of.scope == row.scope, of.position == row.position))
    if change != "no_order":
        await erased(case, case.person)
    pack = await case.pack()
    if change == "no_order":
        assert any(one["file"] == "data/removed.jsonl" for one in faults(pack))
        return
    entries = lines(pack, "removed")
    order = next(one["by"] for one in entries if one["by"] is not None)
    changed = [one | {"by": order} for one in entries] if change == "other_order" else entries[1:]
    (pack / "data" / "removed.jsonl").write_text("".join(json.dumps(one) + "\n" for one in changed), "utf-8")
    signed_again(case, pack)
    assert {one["file"] for one in faults(pack)} == {"data/removed.jsonl"}


def signed_again(case: Case, pack: Path) -> None:
    """Renew the manifest of a pack with the company's own key."""
    said = json.loads((pack / "manifest.json").read_text("utf-8"))
    moved = pack.with_name("aside")
    shutil.move(pack, moved)
    writer = Writer(pack)
    for path in moved.rglob("*"):
        if path.is_file() and not path.name.startswith("manifest."):
            writer.copy(path.relative_to(moved).as_posix(), path)
    about = {name: value for name, value in said.items() if name not in {"files", "format"}}
    writer.sign(about, case.company.means.departure.keys.signing)


async def test_a_time_stamp_is_about_the_checkpoint_that_it_stands_beside(case: Case) -> None:
    """The token and the bytes that it attests are in the pack; one that is about other bytes is a fault."""
    pack = await case.pack()
    number = json.loads((pack / "journal" / "checkpoints.jsonl").read_bytes().splitlines()[-1])["number"]
    body = bytes.fromhex(json.loads((pack / "journal" / "checkpoints.jsonl").read_bytes().splitlines()[-1])["body"])
    for token, is_good in ((b"token " + hashlib.sha256(body).digest(), True), (b"token " + bytes(32), False)):
        async with case.company.desk.store.write() as tx:
            await tx.execute(delete(anchors))
            row = {"number": number, "authority": "https://tsa.example", "token": token, "at": case.company.desk.now}
            await tx.execute(insert(anchors).values(row))
        pack = await case.pack()
        assert (pack / "journal" / "anchors" / f"{number}.tsr").read_bytes() == token
        assert (pack / "journal" / "anchors" / f"{number}.body").read_bytes() == body
        assert [one["file"] for one in faults(pack)] == ([] if is_good else [f"journal/anchors/{number}.tsr"])


async def test_a_receipt_of_an_eviction_is_in_it_whole(store: Store, tmp_path: Path) -> None:
    """A territory was taken away and the phone claims to have dropped it: the claim is checked against its key."""
    case = Case(await founded(store, tmp_path), tmp_path)
    phone = await case.work()
    company = case.company
    async with company.desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.wang, company.means.departure.sources)
    await phone.sync()
    claim = EvictionReceipt(company.desk.id(), phone.device, company.east_scope, 5, 4, phone.moment)
    body = encode(claim)
    signature = case.key.sign(message_of(Kind.EVICTION, body), ec.ECDSA(hashes.SHA256()))
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    public = case.key.public_key().public_bytes(serialization.Encoding.DER, kind)
    await phone.ask(receipts=(Signed(Kind.EVICTION, body, fingerprint(public), signature),))
    pack = await case.pack()
    (told,) = lines(pack, "evictions")
    assert (told["scope"], told["rows"], told["device"]) == (company.east_scope, 4, str(phone.device))
    assert faults(pack) == []
    (held,) = [one for one in lines(pack, "scopes") if one["kind"] == "held" and one["scope"] == company.east_scope]
    assert held["evicted_at"] is not None
    changed = json.dumps(told | {"rows": 400}) + "\n"
    (pack / "data" / "evictions.jsonl").write_text(changed, "utf-8")
    signed_again(case, pack)
    assert [one["file"] for one in faults(pack)] == ["data/evictions.jsonl"]
