"""The pack: what is in it can be checked without us, what is not in it is told, and the store is left as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from server.departure.evidence.articles import ARTICLES
from server.departure.evidence.exposure import exposure_of
from server.departure.evidence.formats import FILES, RULES
from server.departure.evidence.segments import REMOVED, WITHHELD
from server.departure.evidence.verifier.succession import successors
from server.departure.evidence.writer import zipped
from server.departure.rotation import put_into_use
from server.field import canaries
from server.field.merging import merge, undo
from server.identity.key_changes import Turn, prepare
from server.master.decoys import decoys
from server.master.store import Store
from sync.codec import encode
from sync.keychain import FIRST
from sync.operations import Act
from sync.signing import Kind, company_signed, fingerprint
from sync.statements import KeyChange, KeyTurn
from tests.server.departure.evidence.case import PHONE_NUMBER, SECRET, Case, lines, whole_case
from tests.server.exchange.conftest import HOUR, founded
from tests.server.exchange.ways import boss


@pytest.fixture
async def case(store: Store, tmp_path: Path) -> Case:
    """A rep who worked, signed and left."""
    return await whole_case(store, tmp_path)


async def test_a_pack_verifies_on_plain_python(case: Case) -> None:
    """The one file, isolated, without site packages, in an empty folder, finds nothing wrong; nor in a zip file."""
    pack = await case.pack()
    code, said = case.verify(pack)
    assert (code, said["faults"]) == (0, [])
    assert said["keys"] == [case.made.key]
    assert said["entries"] == case.made.entries > 0
    zipped(pack, case.home / "pack.zip")
    assert case.verify(case.home / "pack.zip")[1]["faults"] == []
    assert case.verify(pack, "--key", case.made.key)[0] == 0
    assert case.verify(pack, "--key", "0000-0000-0000-0000-0000")[0] == 1


async def test_a_pack_verifies_with_the_fingerprint_of_an_earlier_key(case: Case) -> None:
    """Signed changes lead from it to the key that signed the pack."""
    means = case.company.means.departure
    earlier = fingerprint(means.keys.pins.signing)
    for _ in range(2):
        prepare(means.keys, case.company.desk.company, [Turn(KeyTurn.OPENING), Turn(KeyTurn.SIGNING)], means.sources)
        await put_into_use(means)
    pack = await case.pack()
    assert case.made.key == fingerprint(means.keys.pins.signing) != earlier
    code, said = case.verify(pack, "--key", earlier)
    assert (code, said["faults"]) == (0, [])
    assert said["keys"] == [fingerprint(one) for one in means.keys.signing_public]


def test_a_key_that_introduces_itself_follows_no_other() -> None:
    """Nor does one that another stranger introduced, or one behind bytes that cannot be read."""
    ours, theirs = [Ed25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (1, 2)]
    names = [fingerprint(one.public_key().public_bytes_raw()) for one in (ours, theirs)]
    said = KeyChange(UUID(int=1), 1, 0, FIRST, KeyTurn.SIGNING, theirs.public_key().public_bytes_raw())
    forged, signed = [encode(company_signed(Kind.KEY_CHANGE, encode(said), one)).hex() for one in (theirs, ours)]
    public = ours.public_key().public_bytes_raw()
    assert successors(public, [forged, "zz", None, forged[:-2]]) == names[:1]
    assert successors(public, [forged, signed]) == names


async def test_it_tells_each_value_with_source_author_and_date(case: Case) -> None:
    """The phone that Wang wrote is Wang's, collected, with the journal's entry; the name is the manager's."""
    pack = await case.pack()
    told = [one for one in lines(pack, "fields") if one["record"] == str(case.shops[0])]
    (number,) = [one for one in told if one["field"] == "phone"]
    assert (number["value"], number["author"], number["origin"]) == (PHONE_NUMBER, str(case.company.wang), "collected")
    assert number["ref"][0] == case.company.east_scope
    (name,) = [one for one in told if one["field"] == "name"]
    assert name["author"] != str(case.company.wang)


async def test_a_contact_is_masked_unless_the_hearing_is_closed(case: Case) -> None:
    """Without the word for it no file of the pack has the contact's name, phone or private part; with it the private
    part still is not there.
    """
    private = [form for text in ("钓鱼", SECRET) for form in (text.encode(), text.encode().hex().encode())]
    hidden = (*private, "张三".encode(), "张三".encode().hex().encode())
    whole = b"".join(one.read_bytes() for one in (await case.pack()).rglob("*") if one.is_file())
    assert [one for one in hidden if one in whole] == []
    opened = await case.pack(with_people=True)
    whole = b"".join(one.read_bytes() for one in opened.rglob("*") if one.is_file())
    assert [one for one in private if one in whole] == []
    assert "张三".encode() in whole
    assert case.verify(opened)[0] == 0


async def test_secret_points_are_as_of_a_date(case: Case) -> None:
    """A value that came later is no point of an earlier date; what a passer-by sees never is one by itself."""
    began = case.company.desk.now - 10 * 3_600_000
    now = lines(await case.pack(), "secret_points")
    fields = {one["field"] for one in now if one["kind"] == "value" and one["collection"] == "outlet"}
    assert "phone" in fields
    assert not fields & {"name", "address", "position", "outlet_class"}
    assert [one["outlets"] for one in now if one["kind"] == "compilation"] != []
    assert lines(await case.pack(as_of=began), "secret_points") == []


async def test_what_was_signed_ordered_and_receipted_is_in_it(case: Case) -> None:
    """Agreement with its file, allowance, notice in its version, acknowledgement, order, receipts, opening, photo."""
    pack = await case.pack()
    signed, paid = sorted(lines(pack, "agreements"), key=lambda one: one["kind"] != "confidentiality")
    assert (pack / signed["path"]).read_bytes() == (case.home / "协议.pdf").read_bytes()
    assert (paid["month"], paid["amount"]) == ("2026-11", 30_000)
    (version,) = lines(pack, "policies_and_notices")
    (acknowledged,) = lines(pack, "acknowledgements")
    assert version["text"]["body"] == "客户资料属于公司。"
    assert (acknowledged["notice"], acknowledged["revision"]) == (version["record"], version["revision"])
    (order,) = lines(pack, "orders")
    assert (order["state"], order["grade"]) == ("locked", 2)
    assert [one["stage"] for one in lines(pack, "receipts")] == ["locked", "told"]
    kinds = {one["kind"] for one in lines(pack, "access")}
    assert {"contact_opened", "device_enrolled", "photo_given", "departure", "evidence_made"} <= kinds
    (dealing,) = lines(pack, "dealings")
    assert (dealing["visits"], dealing["by_person"], dealing["seconds"]) == (1, 1, 1800)
    assert {one["kind"] for one in lines(pack, "scopes")} >= {"roster_joined", "handed_over", "held"}


def _told(file: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


async def test_what_was_done_at_a_merged_outlet_is_told_under_the_one_that_stands(case: Case) -> None:
    """Merged after the leaver was gone, into one that they never held: visits, points and values are found, the pack
    verifies and shows the merge. As of a day before, or once it is undone, the outlet is told for itself.
    """
    company, desk, gone = case.company, case.company.desk, case.shops[0]
    sources, before = company.means.departure.sources, desk.now
    stays = await desk.register(boss(company), company.west, "老张烟酒")
    desk.now += HOUR
    async with desk.store.write() as tx:
        await merge(tx, sources, gone, stays, reason="同一家", by=company.boss)
    pack = await case.pack()
    (dealing,) = lines(pack, "dealings")
    assert (dealing["outlet"], dealing["merged"], dealing["by_person"]) == (str(stays), [str(gone)], 1)
    for name in ("fields", "secret_points"):
        of = {one["outlet"] for one in lines(pack, name) if one["record"] in {str(gone), str(case.person)}}
        assert of == {str(stays)}, name
    (merged,) = lines(pack, "merges")
    assert (merged["gone"], merged["into"], merged["ref"][0]) == (str(gone), str(stays), "company")
    assert case.verify(pack)[1]["faults"] == []
    chains = {one["scope"]: pack / one["file"] for one in _told(pack / "journal" / "scopes.jsonl")}
    (entry,) = [one for one in _told(chains["company"]) if one["p"] == merged["ref"][1]]
    assert entry.get("w") not in {WITHHELD, REMOVED}
    (earlier,) = lines(await case.pack(as_of=before), "dealings")
    assert (earlier["outlet"], earlier["merged"]) == (str(gone), [])
    async with desk.store.write() as tx:
        await undo(tx, sources, gone, reason="是两家", by=company.boss)
    parted = await case.pack()
    assert [one["outlet"] for one in lines(parted, "dealings")] == [str(gone)]
    assert [one["undone_at"] for one in lines(parted, "merges")] == [desk.now]


async def test_each_article_has_a_page_whose_files_are_there(case: Case) -> None:
    """In both languages, with links to files of the pack only, and a section on what it does not show."""
    pack = await case.pack()
    for one in ARTICLES:
        page = (pack / one.file).read_text("utf-8")
        assert one.title_zh in page
        assert "What it does not show" in page
        assert "@media print" in page
        for name in page.split('href="')[1:]:
            assert (pack / name.partition('"')[0]).is_file()
        assert "http" not in page
        assert "deleted" not in page


async def test_a_store_that_was_restored_is_told(case: Case) -> None:
    """What was given between the backup and the restore is on no record, and the pack says so."""
    before = await case.pack()
    assert "the store was restored" not in (before / "index.html").read_text("utf-8")
    await case.company.means.recover()
    await case.company.means.recover()
    after = await case.pack()
    assert "the store was restored" in (after / "index.html").read_text("utf-8")
    assert len(msgspec.json.decode((after / "manifest.json").read_bytes())["epochs"]) > 1
    assert case.verify(after)[0] == 0


async def test_every_file_is_described(case: Case) -> None:
    """An expert finds each file of the pack in the page on its format, and no file that is not there."""
    pack = await case.pack()
    there = {one.relative_to(pack).as_posix() for one in pack.rglob("*.jsonl")}
    chains = {name for name in there if name.removeprefix("journal/")[:3].isdigit()}
    assert there - chains == {one.name for one in FILES}
    page = (pack / "format.html").read_text("utf-8")
    assert all(one.zh in page and one.name in page for one in (*FILES, *RULES))


async def test_making_it_is_in_the_journal_and_twice_the_same(case: Case) -> None:
    """A second pack is a second entry; all else in the data files is as it was."""
    first, second = await case.pack(), await case.pack()
    for name in ("fields", "exposure", "orders", "receipts", "dealings", "secret_points"):
        assert lines(first, name) == lines(second, name)
    made = [one for one in lines(second, "access") if one["kind"] == "evidence_made"]
    assert len(made) == 2


async def test_a_decoy_is_in_no_pack_until_it_was_seen_elsewhere(store: Store, tmp_path: Path) -> None:
    """Before: neither held, opened, claimed nor named. After: with the commitment that the journal had before."""
    case = Case(await founded(store, tmp_path), tmp_path)
    desk, sources = case.company.desk, case.company.means.departure.sources
    phone = await case.work()
    async with desk.store.write() as tx:
        await canaries.add_numbers(tx, ["+8613900001111"], case.company.boss, sources)
    assert await canaries.make_due(desk.store, sources, 1) == 1
    await phone.sync()
    given = [one for scope, rows in phone.rows.items() for one in rows if scope.startswith("territory/")]
    async with desk.store.read() as tx:
        held = {one.record.bytes for one in (await exposure_of(tx, case.company.wang)).devices[0].records}
    hidden = [UUID(bytes=one) for one in given if one not in held]
    async with desk.store.read() as tx:
        outlet = UUID(bytes=bytes((await tx.execute(select(decoys.c.outlet))).scalar_one()))
    (person,) = set(hidden) - {outlet}
    phone.log(Act.CREATE, "opening", phone.id(), contact=person, outlet=outlet, day="2027-01-15")
    await phone.sync()
    pack = await case.pack()
    data = b"".join(one.read_bytes() for one in (pack / "data").iterdir())
    assert [one for one in hidden if str(one).encode() in data] == []
    assert b"13900001111" not in data
    async with desk.store.write() as tx:
        await canaries.sighting(tx, "+8613900001111", "对手的客户表", case.company.boss, sources)
    seen = await case.pack()
    (told,) = lines(seen, "decoys_seen")
    assert (told["device"], told["seen"], told["ref"][0]) == (str(phone.device), "对手的客户表", "company")
    code, said = case.verify(seen)
    assert (code, said["faults"]) == (0, [])
    for changed in ({"salt": "00" * 16}, {"commitment": "00" * 32}, {"device": str(case.company.boss)}):
        (seen / "data" / "decoys_seen.jsonl").write_bytes(msgspec.json.encode(told | changed) + b"\n")
        found = [one["en"] for one in case.verify(seen)[1]["faults"] if one["file"] == "data/decoys_seen.jsonl"]
        assert any("commit" in one or "another device" in one for one in found)
