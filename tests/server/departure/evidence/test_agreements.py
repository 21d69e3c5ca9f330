"""The register of agreements: hashes, copies that only we may read, and a journal entry for each."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import msgspec
import pytest

from server.departure.evidence.agreements import Agreement, AgreementKind, add, kept_file, of_person
from server.departure.evidence.history import notes_in
from server.ports import Sources
from sync.errors import Refusal
from sync.scopes import staff
from tests.server.exchange.conftest import Company

TEXT = "保密协议：甲方……".encode()


def entry(company: Company, kind: AgreementKind, **said: object) -> Agreement:
    """An entry about Wang."""
    made = Agreement(company.desk.id(), company.wang, kind, company.desk.now)
    return msgspec.structs.replace(made, **said)


def sources(company: Company) -> Sources:
    """Clock and randomness of the company."""
    return company.means.departure.sources


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A signed file."""
    path = tmp_path / "保密协议.pdf"
    path.write_bytes(TEXT)
    return path


async def test_an_agreement_is_kept_with_its_hashes(company: Company, file: Path, tmp_path: Path) -> None:
    """SHA-256 and BLAKE2b of the bytes, a copy that nobody else may read, an entry in the person's journal."""
    one = entry(company, AgreementKind.CONFIDENTIALITY, signed_on="2026-01-05", penalty=5_000_000)
    added = await add(company.desk.store, one, sources(company), file=file, folder=tmp_path / "kept")
    assert added.sha256 == hashlib.sha256(TEXT).digest()
    assert added.blake2b == hashlib.blake2b(TEXT, digest_size=32).digest()
    copy = kept_file(tmp_path / "kept", added)
    assert copy is not None
    assert (copy.read_bytes(), stat.S_IMODE(copy.stat().st_mode)) == (TEXT, 0o600)
    async with company.desk.store.read() as tx:
        assert await of_person(tx, company.wang) == [added]
        notes = [note for note in await notes_in(tx, [staff(company.wang)]) if note.kind == "agreement_added"]
    assert [note.note["sha256"] for note in notes] == [added.sha256]


async def test_only_the_hashes_may_be_kept(company: Company, file: Path, tmp_path: Path) -> None:
    """Without a folder nothing of the file is stored."""
    one = entry(company, AgreementKind.OTHER, signed_on="2026-01-05")
    added = await add(company.desk.store, one, sources(company), file=file)
    assert (added.is_kept, kept_file(tmp_path, added)) == (False, None)
    assert added.sha256 == hashlib.sha256(TEXT).digest()


async def test_an_allowance_is_an_entry_a_month(company: Company) -> None:
    """Each month paid stands by itself, without a file."""
    for month in ("2026-10", "2026-11"):
        one = entry(company, AgreementKind.ALLOWANCE, month=month, amount=30_000)
        await add(company.desk.store, one, sources(company))
    async with company.desk.store.read() as tx:
        found = await of_person(tx, company.wang)
    assert [(one.month, one.amount) for one in found] == [("2026-10", 30_000), ("2026-11", 30_000)]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": AgreementKind.ALLOWANCE, "month": "2026-11"},
        {"kind": AgreementKind.ALLOWANCE, "amount": 1},
        {"kind": AgreementKind.ALLOWANCE, "amount": -1, "month": "2026-11"},
        {"kind": AgreementKind.ALLOWANCE, "amount": 1, "month": "2026-13"},
        {"kind": AgreementKind.CONFIDENTIALITY, "signed_on": "2026-01-05"},
        {"kind": AgreementKind.CONFIDENTIALITY, "sha256": bytes(32)},
        {"kind": AgreementKind.CONFIDENTIALITY, "sha256": bytes(32), "signed_on": "yesterday"},
    ],
)
async def test_an_entry_says_what_its_kind_has_to_say(company: Company, said: dict[str, object]) -> None:
    """An allowance without month or amount, an agreement without file or day is refused, and leaves nothing."""
    with pytest.raises(Refusal):
        await add(company.desk.store, entry(company, **said), sources(company))  # type: ignore[arg-type]  # by name
    async with company.desk.store.read() as tx:
        assert await of_person(tx, company.wang) == []
