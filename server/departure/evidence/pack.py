"""The pack (证据包): a folder that a court's expert can check without us.

That it is made is noted in the journal first, and a checkpoint is taken, so that what is in it is covered by a signed
root. Everything else is read in one snapshot.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server.departure.checkpointing import checkpoint
from server.departure.evidence.agreements import kept_file
from server.departure.evidence.articles import ARTICLES
from server.departure.evidence.epochs import Epoch, epochs_of
from server.departure.evidence.facts import Told, facts_of
from server.departure.evidence.figures import LEFT_OUT, day_of, figures_of
from server.departure.evidence.gather import Gathered, gathered
from server.departure.evidence.pages import article_page, format_page, index_page
from server.departure.evidence.proofs import agreement_lines, order_lines, place_of, receipt_lines
from server.departure.evidence.segments import (
    Line,
    anchor_lines,
    checkpoint_lines,
    proofs_of,
    segment_of,
    worth_proving,
)
from server.departure.evidence.shown import Showing
from server.departure.evidence.single_file import verifier_source
from server.departure.evidence.writer import Writer, line_of
from server.departure.means import Means
from server.identity import staff
from server.master.journal import Note, note
from server.master.meta import Identity, read_identity
from server.master.scoping import numbers, open_scope
from server.master.store import Tx
from server.times import DEFAULT_ZONE
from sync.codec import encode
from sync.errors import Refusal
from sync.scopes import staff as staff_scope

__all__ = ["Made", "Wanted", "make_pack"]


Place = tuple[str, int]


class Wanted(msgspec.Struct, frozen=True):
    """A pack that somebody asks for: about whom, by whom (None: whoever operates this machine), the date of the secret
    points (server milliseconds; None: now), whether contacts' data is in it, the public registers, what an hour of a
    visit cost (minor units; 0 for not stated), the company's time zone.
    """

    person: UUID
    by: UUID | None = None
    as_of: int | None = None
    with_people: bool = False
    registers: frozenset[str] = frozenset()
    an_hour: int = 0
    zone: str = DEFAULT_ZONE


class Made(msgspec.Struct, frozen=True):
    """A pack that was made: the lines of its data files, how many entries of the journal, the signing key's name."""

    lines: dict[str, int]
    entries: int
    key: str


async def make_pack(means: Means, wanted: Wanted, folder: Path, agreements: Path) -> Made:
    """Make a pack in `folder`, which must not be there. `agreements` is the folder of the register's files.

    Raises Refusal, OSError.
    """
    now = means.sources.now()
    await means.store.transact(lambda tx: _note(tx, means, wanted))
    await checkpoint(means)
    writer = Writer(folder)
    async with means.store.read() as tx:
        found = await gathered(tx, wanted.person)
        identity = await read_identity(tx)
        showing = found.showing(with_people=wanted.with_people)
        entries = await _journal(tx, writer, found, showing)
    as_of = now if wanted.as_of is None else wanted.as_of
    told = Told(showing, as_of, wanted.registers, wanted.an_hour, wanted.zone)
    lines = _data(writer, found, told, now, agreements)
    epochs = await epochs_of(means)
    _pages(writer, found, told, lines, _about(identity, found, told, now, epochs))
    writer.text("verify_pack.py", verifier_source())
    about = {
        "company": {"id": identity.company, "name": identity.company_name},
        "staff": {"id": found.person.id, "name": found.person.name},
        "made_at": now,
        "as_of": as_of,
        "with_people": wanted.with_people,
        "keys": means.keys.signing_public,
        "key_changes": [encode(one).hex() for one in means.keys.changes],
        "epochs": epochs,
        "left_out": [{"zh": zh, "en": en} for zh, en in LEFT_OUT],
    }
    return Made({name: len(each) for name, each in lines.items()}, entries, writer.sign(about, means.keys.signing))


async def _note(tx: Tx, means: Means, wanted: Wanted) -> None:
    if await staff.lock(tx, wanted.person) is None:
        raise Refusal("not_found", f"there is no person {wanted.person}")
    scope = staff_scope(wanted.person)
    await open_scope(tx, scope)
    body = {"by": wanted.by, "as_of": wanted.as_of, "with_people": wanted.with_people}
    await note(tx, [Note(scope, "evidence_made", body)], means.sources.now(), means.sources.random)


async def _journal(tx: Tx, writer: Writer, found: Gathered, showing: Showing) -> int:
    """Write the segments with their proofs; how many entries there are."""
    by_name = await numbers(tx, found.scopes)
    proving = await worth_proving(tx, [one.issued_at for one in found.orders])
    proofs = await proofs_of(tx, list(by_name.values()), proving)
    covering = await checkpoint_lines(tx, proving)
    writer.lines("journal/checkpoints.jsonl", covering)
    _anchors(writer, await anchor_lines(tx, proving), {one["number"]: one["body"] for one in covering})
    heads: list[dict[str, Any]] = []
    removed: list[dict[str, Any]] = []
    removals = _removals(found)
    for at, name in enumerate(sorted(by_name), 1):
        file = f"journal/{at:03d}.jsonl"
        last = await _segment(writer, file, segment_of(tx, by_name[name], name, showing), name, removed, removals)
        entries, link = (last.p, last.l) if last is not None else (0, bytes(32))
        heads.append({"scope": name, "file": file, "entries": entries, "link": link, "proofs": proofs[by_name[name]]})
    writer.lines("journal/scopes.jsonl", heads)
    writer.lines("data/removed.jsonl", removed)
    return sum(one["entries"] for one in heads)


def _anchors(writer: Writer, attested: Sequence[Mapping[str, Any]], bodies: Mapping[int, bytes]) -> None:
    """Tokens of a time-stamping authority, each with the bytes that it attests, for `openssl ts -verify`."""
    for one in attested:
        name = f"journal/anchors/{one['number']}"
        writer.path(f"{name}.tsr").write_bytes(one["token"])
        writer.path(f"{name}.body").write_bytes(bodies[one["number"]])
    writer.lines("journal/anchors.jsonl", attested)


def _removals(found: Gathered) -> dict[Place, Place]:
    """Which order removed which entry, by scope and position."""
    return {
        (str(scope), int(position)): (one.scope, one.position)
        for one in found.removals
        for scope, position in one.note.get("entries", ())
    }


async def _segment(
    writer: Writer,
    file: str,
    entries: AsyncIterator[Line],
    name: str,
    removed: list[dict[str, Any]],
    removals: Mapping[Place, Place],
) -> Line | None:
    """Write one chain; its last entry. Entries whose body was removed go into `removed`."""
    last = None
    with writer.path(file).open("wb") as out:
        async for last in entries:
            out.write(line_of(last))
            if last.w == "removed":
                removed.append({"scope": name, "position": last.p, "by": removals.get((name, last.p))})
    return last


def _data(
    writer: Writer, found: Gathered, told: Told, now: int, agreements: Path
) -> dict[str, Sequence[Mapping[str, Any]]]:
    lines: dict[str, Sequence[Mapping[str, Any]]] = dict(facts_of(found, told))
    lines["agreements"] = list(agreement_lines(found, agreements))
    lines["orders"] = list(order_lines(found, now))
    lines["receipts"] = list(receipt_lines(found))
    for name, values in lines.items():
        writer.lines(f"data/{name}.jsonl", values)
    for one in found.agreements:
        file = kept_file(agreements, one)
        if file is not None:
            writer.copy(place_of(one), file)
    return lines


def _about(
    identity: Identity, found: Gathered, told: Told, now: int, epochs: Sequence[Epoch]
) -> list[tuple[str, str, str]]:
    """What the first page says the pack is about."""
    about = [
        ("公司", "company", identity.company_name),
        ("人员", "person", found.person.name),
        ("制作时间", "made at", day_of(now, told.zone)),
        ("秘密点日期", "secret points as of", day_of(told.as_of, told.zone)),
    ]
    restored = "；".join(day_of(one.at, told.zone) for one in epochs[1:])
    if restored:
        about.append(
            (
                "数据库曾恢复：此前至备份之间给出的内容不在记录中",
                "the store was restored: what was given between the backup and then is not on record",
                restored,
            )
        )
    return about


def _pages(
    writer: Writer,
    found: Gathered,
    told: Told,
    lines: Mapping[str, Sequence[Any]],
    about: Sequence[tuple[str, str, str]],
) -> None:
    of = figures_of(found, told, lines)
    for article in ARTICLES:
        writer.text(article.file, article_page(article, of))
    counts = {f"data/{name}.jsonl": len(values) for name, values in lines.items()}
    writer.text("format.html", format_page())
    writer.text("index.html", index_page(about, counts, LEFT_OUT))
