"""Whoever alters a pack is found, and where: by any byte, and also with the company's own signature renewed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.departure.evidence.verifier.files import Fault, checked_files, opened_pack
from server.departure.evidence.verifier.main import _checked
from server.departure.evidence.writer import Writer, zipped
from server.master.store import Store
from tests.server.departure.evidence.case import Case, lines, whole_case

SEED = 20261125


@dataclass(frozen=True)
class Made:
    """A case with its pack."""

    case: Case
    pack: Path


@pytest.fixture(scope="module")
def made(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One pack, made once: what is in it does not depend on the store."""
    home = tmp_path_factory.mktemp("case")
    shutil.copy(sqlite_template, home / "master.db")

    async def make() -> Made:
        store = Store(f"sqlite+aiosqlite:///{home}/master.db")
        try:
            case = await whole_case(store, home)
            return Made(case, await case.pack())
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, make()).result()


@pytest.fixture
def case(made: Made) -> Case:
    """The rep who worked, signed and left."""
    return made.case


@pytest.fixture
def pack(made: Made, tmp_path: Path) -> Path:
    """A copy of the pack, to be altered."""
    shutil.copytree(made.pack, tmp_path / "pack")
    return tmp_path / "pack"


def faults(pack: Path) -> list[dict[str, Any]]:
    """What the verifier finds, in this process."""
    found: list[dict[str, Any]] = _checked(pack, "")["faults"]
    return found


def altered_files(pack: Path) -> list[Fault]:
    """What the check of the manifest and of the files finds; the rest is not looked at."""
    found: list[Fault] = []
    checked_files(opened_pack(pack), found, "")
    return found


def test_a_flipped_bit_anywhere_is_found_and_located(pack: Path) -> None:
    """Every file of a pack, the manifest, its signature and the verifier included, at random places: the file is
    named, and the line, which is the entry.
    """
    rng = Random(SEED)
    assert faults(pack) == []
    for path in sorted(one for one in pack.rglob("*") if one.is_file() and one.stat().st_size):
        whole = path.read_bytes()
        for at in {0, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(2))}:
            altered = bytearray(whole)
            altered[at] ^= 1 << rng.randrange(8)
            path.write_bytes(altered)
            name, line = path.relative_to(pack).as_posix(), whole[:at].count(b"\n") + 1
            found = {one.entry for one in altered_files(pack) if one.file == name}
            assert found, f"{name} at {at}, seed {SEED}"
            assert name.startswith("manifest.") or f"line {line}" in found, (name, at, found)
        assert faults(pack)
        path.write_bytes(whole)
    assert faults(pack) == []


def test_the_signature_is_written_in_one_way_only(pack: Path) -> None:
    """The same number in capital letters, or with a line more, is not what was signed."""
    path = pack / "manifest.sig"
    whole = path.read_bytes()
    for altered in (whole.upper(), whole[:30] + whole[30:].upper(), whole + b"\n", whole.rstrip(b"\n")):
        path.write_bytes(altered)
        assert "manifest.sig" in {one.file for one in altered_files(pack)}


def test_a_flipped_byte_in_a_zip_file_is_found(pack: Path, tmp_path: Path) -> None:
    """What the archive itself does not notice, the manifest does; a file that is no archive any more is no pack."""
    rng = Random(SEED)
    zipped(pack, tmp_path / "pack.zip")
    whole = (tmp_path / "pack.zip").read_bytes()
    first = whole.index(b"manifest.json")
    for at in (rng.randrange(first // 2) for _ in range(10)):
        altered = bytearray(whole)
        altered[at] ^= 0x10
        (tmp_path / "altered.zip").write_bytes(altered)
        assert faults(tmp_path / "altered.zip") or _is_the_same(tmp_path / "altered.zip", tmp_path / "pack.zip")


def _is_the_same(one: Path, other: Path) -> bool:
    """Whether two archives have the same files in them: some bytes of an archive say nothing."""
    with ZipFile(one) as first, ZipFile(other) as second:
        return [(name, first.read(name)) for name in first.namelist()] == [
            (name, second.read(name)) for name in second.namelist()
        ]


def test_files_that_are_missing_or_too_many_are_named(pack: Path) -> None:
    """A file that is taken out and one that is put in."""
    (pack / "data" / "receipts.jsonl").unlink()
    (pack / "data" / "more.jsonl").write_text("{}\n")
    named = {one["file"] for one in faults(pack)}
    assert {"data/receipts.jsonl", "data/more.jsonl"} <= named


def _signed_again(case: Case, pack: Path) -> None:
    """Renew the manifest over a pack that was altered, with the company's own key."""
    manifest = json.loads((pack / "manifest.json").read_text("utf-8"))
    about = {name: value for name, value in manifest.items() if name not in {"files", "format"}}
    for name in ("manifest.json", "manifest.sig"):
        (pack / name).unlink()
    moved = pack.with_name("aside")
    pack.rename(moved)
    writer = Writer(pack)
    for path in moved.rglob("*"):
        if path.is_file():
            writer.copy(path.relative_to(moved).as_posix(), path)
    shutil.rmtree(moved)
    writer.sign(about, case.company.means.departure.keys.signing)


def _line(pack: Path, name: str, change: Callable[[dict[str, Any]], object], at: int | None = None) -> None:
    """Change one line of a file: the first whose body is in the pack, where none is named."""
    path = pack / name
    entries = [json.loads(line) for line in path.read_bytes().splitlines()]
    at = next(each for each, one in enumerate(entries) if one.get("value", "") is not None) if at is None else at
    change(entries[at])
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in entries), "utf-8")


def _value(entry: dict[str, Any]) -> None:
    entry["value"] = "13900000000"


def _author(entry: dict[str, Any]) -> None:
    entry["author"] = "01a3185c-5000-7b09-8fb2-000000000000"


def _later(entry: dict[str, Any]) -> None:
    entry["at"] += 1


def _stage(entry: dict[str, Any]) -> None:
    entry["stage"] = "wiped"


def _issued(entry: dict[str, Any]) -> None:
    entry["issued_at"] -= 86_400_000


def _reason(entry: dict[str, Any]) -> None:
    entry["reason"] = "lost"


def _hash(entry: dict[str, Any]) -> None:
    entry["sha256"] = hashlib.sha256(b"another file").hexdigest()


def _key(entry: dict[str, Any]) -> None:
    entry["public_key"] = entry["public_key"][:-2] + "00"


def _reach(entry: dict[str, Any]) -> None:
    entry["ref"][1] += 10_000


def _root(entry: dict[str, Any]) -> None:
    entry["proofs"][0]["path"][0] = "00" * 32


def _shorter(entry: dict[str, Any]) -> None:
    entry["proofs"][0]["entries"] -= 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("data/fields.jsonl", _value),
        ("data/fields.jsonl", _author),
        ("data/fields.jsonl", _later),
        ("data/fields.jsonl", _reach),
        ("data/access.jsonl", _later),
        ("data/receipts.jsonl", _stage),
        ("data/orders.jsonl", _issued),
        ("data/orders.jsonl", _reason),
        ("data/agreements.jsonl", _hash),
        ("data/devices.jsonl", _key),
        ("journal/scopes.jsonl", _root),
        ("journal/scopes.jsonl", _shorter),
    ],
)
def test_what_the_data_says_is_held_against_what_shows_it(
    case: Case, pack: Path, name: str, change: Callable[[dict[str, Any]], object]
) -> None:
    """Also with a manifest that the company signed again: a value, author, time, receipt, order, hash or key that is
    not what the journal, a signature or a file says.
    """
    _line(pack, name, change)
    _signed_again(case, pack)
    found = faults(pack)
    assert found
    assert {one["file"].partition("/")[0] for one in found} <= {"data", "journal"}


def _body(entry: dict[str, Any]) -> None:
    entry["b"] = entry["b"][:-2] + f"{int(entry['b'][-2:], 16) ^ 1:02x}"


def _salt(entry: dict[str, Any]) -> None:
    entry["s"] = "00" * 16


def _time(entry: dict[str, Any]) -> None:
    entry["at"] += 1


def _commitment(entry: dict[str, Any]) -> None:
    entry["c"] = "00" * 32
    entry["b"] = entry["s"] = None
    entry["w"] = "withheld"


@pytest.mark.parametrize("change", [_body, _salt, _time, _commitment])
def test_an_altered_entry_of_the_journal_is_named_by_scope_and_position(
    case: Case, pack: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    """Also with a manifest that the company signed again: body, salt, time and commitment."""
    heads = [json.loads(line) for line in (pack / "journal" / "scopes.jsonl").read_bytes().splitlines()]
    own = next(one for one in heads if one["scope"] == f"staff/{case.company.wang}")
    _line(pack, own["file"], change, at=2)
    _signed_again(case, pack)
    assert (own["file"], f"{own['scope']} #3") in {(one["file"], one["entry"]) for one in faults(pack)}


@pytest.mark.parametrize("is_removed", [True, False])
def test_an_entry_that_was_taken_out_or_put_in_is_named(case: Case, pack: Path, is_removed: bool) -> None:
    """The chain has no gaps and ends where the signed checkpoint says."""
    heads = [json.loads(line) for line in (pack / "journal" / "scopes.jsonl").read_bytes().splitlines()]
    own = next(one for one in heads if one["scope"] == f"staff/{case.company.wang}")
    path = pack / own["file"]
    entries = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(entries[:1] + entries[2:] if is_removed else entries[:2] + entries[1:]))
    _signed_again(case, pack)
    where = {one["entry"] for one in faults(pack) if one["file"] == own["file"]}
    assert f"{own['scope']} #{2 if is_removed else 3}" in where


def test_a_chain_that_is_cut_at_its_end_does_not_fit_the_checkpoint(case: Case, pack: Path) -> None:
    """The newest entries left out, and the list of scopes changed to match: the checkpoint still covers them."""
    heads = [json.loads(line) for line in (pack / "journal" / "scopes.jsonl").read_bytes().splitlines()]
    at, own = next((at, one) for at, one in enumerate(heads) if one["scope"] == f"staff/{case.company.wang}")
    path = pack / own["file"]
    entries = path.read_bytes().splitlines(keepends=True)[:-1]
    path.write_bytes(b"".join(entries))
    last = json.loads(entries[-1])
    _line(pack, "journal/scopes.jsonl", lambda one: one.update(entries=last["p"], link=last["l"]), at=at)
    _signed_again(case, pack)
    assert any("checkpoint" in one["en"] for one in faults(pack) if one["file"] == own["file"])


def test_no_content_makes_the_verifier_fail_itself(pack: Path) -> None:
    """Whatever stands in a pack, the verifier ends with what it found: broken lines, other types, huge numbers."""
    rng = Random(SEED)
    odd: list[Any] = [None, True, -1, 1 << 70, "", "zz", [], {}, [[]], {"a": 1}, 1.5, "00" * 40]
    broken = [b"\xff\n", b"[" * 5000, b"null\n3\n[]\n", b'{"id": {}}\n']
    for path in sorted(one for one in pack.rglob("*.jsonl") if one.stat().st_size):
        whole = path.read_bytes()
        entries = [json.loads(line) for line in whole.splitlines()]
        at = rng.randrange(len(entries))
        key = rng.choice(sorted(entries[at]))
        changed = [*entries[:at], entries[at] | {key: rng.choice(odd)}, *entries[at + 1 :]]
        for content in ("".join(json.dumps(one) + "\n" for one in changed).encode(), rng.choice(broken)):
            path.write_bytes(content)
            assert path.relative_to(pack).as_posix() in {one["file"] for one in faults(pack)}
        path.write_bytes(whole)
    assert faults(pack) == []


def test_another_company_cannot_sign_for_this_one(case: Case, pack: Path, tmp_path: Path) -> None:
    """A pack whose manifest was renewed with another key does not fit the fingerprint that one was told."""
    manifest = pack / "manifest.json"
    told = case.made.key
    other = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    said = json.loads(manifest.read_text("utf-8"))
    about = {name: value for name, value in said.items() if name not in {"files", "format", "keys"}}
    about["keys"] = [other.public_key().public_bytes_raw().hex()]
    shutil.move(pack, tmp_path / "aside")
    writer = Writer(pack)
    for path in (tmp_path / "aside").rglob("*"):
        if path.is_file() and not path.name.startswith("manifest."):
            writer.copy(path.relative_to(tmp_path / "aside").as_posix(), path)
    writer.sign(about, other)
    code, found = case.verify(pack, "--key", told)
    assert code == 1
    assert any(one["file"] == "manifest.sig" for one in found["faults"])
    assert any(one["file"] == "data/orders.jsonl" for one in found["faults"])
    assert lines(pack, "orders")
