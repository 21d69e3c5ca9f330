"""The register of agreements: what somebody signed, with the hashes of the file, and the allowance paid month by month.

A file is kept as it was handed in, or only its hashes are. An entry is never changed or removed; one that was wrong is
followed by another that says so in its notes.
"""

from __future__ import annotations

import hashlib
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from server.files import keep_names
from server.identity import staff
from server.master.evidence import agreements
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["MOST_BYTES", "Agreement", "AgreementKind", "add", "kept_file", "of_person"]

MOST_BYTES = 64 << 20
"""No file of the register is larger."""
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MOST_MONEY = 1 << 53


class AgreementKind(StrEnum):
    """What was agreed. An *allowance* is a payment of one month for keeping what was agreed."""

    CONFIDENTIALITY = "confidentiality"
    ALLOWANCE = "allowance"
    DEPARTURE_UNDERTAKING = "departure_undertaking"
    OTHER = "other"


class Agreement(msgspec.Struct, frozen=True):
    """One entry. `signed_on` is a day, `month` YYYY-MM, `amount` and `penalty` minor units (分), `size` bytes.

    `sha256` and `blake2b` (32 bytes each) are of the file; `is_kept` says whether a copy of it is kept.
    """

    id: UUID
    staff: UUID
    kind: AgreementKind
    added_at: int
    signed_on: str | None = None
    month: str | None = None
    amount: int | None = None
    penalty: int | None = None
    notes: str = ""
    file: str | None = None
    size: int | None = None
    sha256: bytes | None = None
    blake2b: bytes | None = None
    is_kept: bool = False
    added_by: UUID | None = None


def _checked(one: Agreement) -> Agreement:
    """An entry that says what its kind has to say. Raises Refusal."""
    if one.kind is AgreementKind.ALLOWANCE:
        if one.month is None or one.amount is None:
            raise Refusal("bad_value", "an allowance has a month and an amount")
    elif one.signed_on is None or one.sha256 is None:
        raise Refusal("bad_value", "an agreement has a file and the day on which it was signed")
    if one.month is not None and not _MONTH.fullmatch(one.month):
        raise Refusal("bad_value", f"a month is written YYYY-MM, not {one.month}")
    if one.signed_on is not None and not _DAY.fullmatch(one.signed_on):
        raise Refusal("bad_value", f"a day is written YYYY-MM-DD, not {one.signed_on}")
    if any(money is not None and not 0 <= money <= _MOST_MONEY for money in (one.amount, one.penalty)):
        raise Refusal("bad_value", "an amount of money is not negative")
    return one


async def add(
    store: Store, one: Agreement, sources: Sources, *, file: Path | None = None, folder: Path | None = None
) -> Agreement:
    """Enter an agreement, with its file's hashes; a copy goes into `folder`, or none where it is None. Raises Refusal,
    OSError. The copy is on the disk before the entry is.
    """
    data = None if file is None else _read(file)
    if file is not None and data is not None:
        one = msgspec.structs.replace(one, **_hashed(file, data), is_kept=folder is not None)
    one = _checked(one)
    if data is not None and folder is not None:
        _keep(folder, one, data)

    async def work(tx: Tx) -> None:
        if await staff.lock(tx, one.staff) is None:
            raise Refusal("not_found", f"there is no person {one.staff}")
        ids = {"id": one.id.bytes, "staff": one.staff.bytes, "added_by": one.added_by.bytes if one.added_by else None}
        await tx.execute(insert(agreements).values(msgspec.structs.asdict(one) | ids))
        body = msgspec.structs.asdict(one)
        await note(tx, [Note(scopes.staff(one.staff), "agreement_added", body)], sources.now(), sources.random)

    await store.transact(work)
    return one


def _read(file: Path) -> bytes:
    data = file.read_bytes()
    if len(data) > MOST_BYTES:
        raise Refusal("too_large", f"{file.name} is larger than {MOST_BYTES >> 20} MiB")
    return data


def _hashed(file: Path, data: bytes) -> dict[str, Any]:
    name = "".join(each for each in file.name if each.isprintable())[-200:]
    return {
        "file": name,
        "size": len(data),
        "sha256": hashlib.sha256(data).digest(),
        "blake2b": hashlib.blake2b(data, digest_size=32).digest(),
    }


def _keep(folder: Path, one: Agreement, data: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(_place(folder, one.id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    keep_names(folder)


def _place(folder: Path, agreement: UUID) -> Path:
    return folder / agreement.hex


def kept_file(folder: Path, one: Agreement) -> Path | None:
    """The copy of an agreement's file; None where none is kept, or it is gone."""
    path = _place(folder, one.id)
    return path if one.is_kept and path.exists() else None


async def of_person(tx: Tx, person: UUID) -> list[Agreement]:
    """A person's agreements and allowances, in the order of their entry."""
    wanted = select(agreements).where(agreements.c.staff == person.bytes)
    rows = await tx.execute(wanted.order_by(agreements.c.added_at, agreements.c.id))
    return [_agreement(row) for row in rows]


def _agreement(row: Any) -> Agreement:
    named = {name: getattr(row, name) for name in Agreement.__struct_fields__}
    ids = {name: UUID(bytes=bytes(named[name])) for name in ("id", "staff")}
    hashes = {name: None if named[name] is None else bytes(named[name]) for name in ("sha256", "blake2b")}
    by = UUID(bytes=bytes(row.added_by)) if row.added_by is not None else None
    return Agreement(**named | ids | hashes | {"kind": AgreementKind(row.kind), "added_by": by})
