"""What was signed and what lies in files: agreements, wipe orders and receipts, as lines of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.agreements import Agreement, kept_file
from server.departure.evidence.gather import Gathered
from server.departure.evidence.history import Entry

__all__ = ["agreement_lines", "order_lines", "place_of", "receipt_lines"]

Line = Mapping[str, Any]


def place_of(one: Agreement) -> str:
    """Where the copy of an agreement's file stands in a pack."""
    return f"agreements/{one.id}"


def agreement_lines(found: Gathered, folder: Path) -> Iterator[Line]:
    """Each agreement with its hashes, its file in the pack, and the entry of the journal that has the same hashes."""
    noted = {_id(one): one for one in found.own if one.kind == "agreement_added"}
    for one in found.agreements:
        entry = noted.get(one.id.bytes)
        path = place_of(one) if kept_file(folder, one) is not None else None
        shown = {"ref": None} if entry is None else {"ref": (entry.scope, entry.position), "at": entry.at}
        yield msgspec.structs.asdict(one) | {"path": path} | shown


def _id(entry: Entry) -> bytes:
    return bytes(entry.note.get("id", b"")) if isinstance(entry.note, dict) else b""


def order_lines(found: Gathered, now: int) -> Iterator[Line]:
    """Each wipe order with its state, its grade of evidence, and the signed bytes whole."""
    for one in found.orders:
        judged = {"grade": one.grade(now), "lapsed": one.is_lapsed(now), "signed": found.signed[one.id]}
        yield msgspec.structs.asdict(one) | judged


def receipt_lines(found: Gathered) -> Iterator[Line]:
    """Each receipt, a claim by the device's key, with the signed bytes whole."""
    devices = {one.id: one.device for one in found.orders}
    for row in found.receipts:
        order = UUID(bytes=bytes(row.order))
        yield {
            "order": order,
            "device": devices.get(order),
            "stage": row.stage,
            "received_at": row.received_at,
            "signed": bytes(row.signed),
        }
