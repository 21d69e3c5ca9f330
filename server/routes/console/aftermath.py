"""`/departures/{id}/…`: taking back what was spoiled, the handover sheet, what phones were given, evidence, effect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from hmac import compare_digest
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import quote
from uuid import UUID
from weakref import WeakKeyDictionary

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from server.console.departures.given import came, given
from server.console.departures.undoing import spoiled
from server.console.people.person import check_hand
from server.console.rights import MANAGERS
from server.departure.evidence.access import note_access
from server.departure.evidence.epochs import epochs_of
from server.departure.evidence.pack import Wanted
from server.departure.evidence.parcel import parcel_apart
from server.departure.leaving.handover import Entry, Handover, handover_of
from server.departure.leaving.handover_page import POLICY, page_of
from server.field.outgoing import hand_out
from server.field.undo.acting import undo
from server.identity.staff import PersonStatus
from server.master.store import Store, Tx
from server.routes.calls import AnyRequest, plain
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.times import midnight
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["ROUTES"]

_DAY_MS = 86_400_000
_BLOCK = 1 << 18
_NO_NAME = re.compile(r"[^\w.-]+")


@get("/departures/{person:uuid}/undo", opt=opened_to(MANAGERS))
async def spoilt(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """What somebody changed, and what taking it back would come to."""
    return await shown(request, partial(_spoilt, person=person))


async def _spoilt(view: View, person: UUID) -> Page:
    typed = view.form.text("since") or view.query.get("since", "")
    return Page("undo.html", {"page": await spoiled(view.store, view.sources, view.viewer, person, typed)})


@post("/departures/{person:uuid}/undo", opt=opened_to(MANAGERS))
async def take_back(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Take it back, as it was shown."""
    return await acted(request, partial(_take_back, person=person), again=partial(_spoilt, person=person))


async def _take_back(view: View, person: UUID) -> Done:
    if "sure" not in view.form:
        raise Unfit("tick that you have looked at what comes back", "请先勾选“我已核对要恢复的内容”")
    async with view.store.read() as tx:
        await check_hand(tx, view.viewer, person)
    found = await spoiled(view.store, view.sources, view.viewer, person, view.form.text("since"))
    if not compare_digest(view.form.text("seen").encode(), found.seal.encode()):
        raise Unfit(
            "something changed since you looked: nothing was done; look at this page again",
            "您查看之后内容有变动：尚未执行任何操作，请重新核对本页",
        )
    close = "registered" in view.form
    done = await undo(view.store, view.sources, found.shown, by=view.viewer.person.id, close_registered=close)
    view.announce(done.changed)
    refused = sum(done.refused.values())
    zh, en = (f"，{refused} 项未被接受", f", {refused} were refused") if refused else ("", "")
    return Done(
        f"/departures/{person}/undo?since={found.since}",
        f"已恢复 {done.restored} 项（{done.records} 个档案），关闭 {done.closed} 个{zh}。",
        f"Restored {done.restored} fields of {done.records} records, closed {done.closed}{en}.",
    )


@get("/departures/{person:uuid}/handover", opt=opened_to(MANAGERS))
async def handover(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """The handover sheet, to print: a list that goes out, so it stands in the journal and goes to nobody who leaves."""
    return await shown(request, partial(_handover, person=person))


async def _handover(view: View, person: UUID) -> ASGIApp:
    by, found = view.viewer.person.id, list[Handover]()

    async def gather(tx: Tx) -> tuple[Entry, ...]:
        found[:] = [await handover_of(tx, person, view.sources, by)]
        return found[0].entries

    await hand_out(view.store, view.sources, gather, {"what": "handover", "staff": person}, staff=by)
    headers = {"content-security-policy": POLICY, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    body = page_of(found[0], view.viewer.zone).encode()
    return plain(view.request, 200, body, "text/html; charset=utf-8", headers)


@get("/departures/{person:uuid}/exposure", opt=opened_to(MANAGERS))
async def exposure(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """What somebody's phones were given."""
    return await shown(request, partial(_exposure, person=person))


async def _exposure(view: View, person: UUID) -> Page:
    epochs = await epochs_of(view.means)
    async with view.store.read() as tx:
        page = await given(tx, view.viewer, person, epochs)
    async with view.store.write() as tx:
        by, lines = view.viewer.person.id, len(page.exposure.devices)
        await note_access(tx, "exposure", by, lines, view.sources, staff=person)
    return Page("exposure.html", {"page": page})


@get("/departures/{person:uuid}/effect", opt=opened_to(MANAGERS))
async def effect(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """What somebody's leaving came to, 30, 60 or 90 days after."""
    return await shown(request, partial(_effect, person=person))


async def _effect(view: View, person: UUID) -> Page:
    async with view.store.read() as tx:
        loss = view.context.settings.effect_loss
        page = await came(tx, view.viewer, person, view.query.get("days", ""), loss)
    lines = len(page.effect.compared.losses) if page.effect is not None else 0
    async with view.store.write() as tx:
        await note_access(tx, "effect", view.viewer.person.id, lines, view.sources, staff=person)
    return Page("effect.html", {"page": page})


@get("/departures/{person:uuid}/evidence", opt=opened_to(MANAGERS))
async def evidence(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """What a pack of evidence holds, and making one."""
    return await shown(request, partial(_evidence, person=person))


async def _evidence(view: View, person: UUID) -> Page:
    async with view.store.read() as tx:
        return Page("evidence.html", {"who": await check_hand(tx, view.viewer, person)})


@post("/departures/{person:uuid}/evidence", opt=opened_to(MANAGERS))
async def make_evidence(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Make a pack, and hand it out as one file."""
    return await acted(request, partial(_make_evidence, person=person), again=partial(_evidence, person=person))


async def _make_evidence(view: View, person: UUID) -> ASGIApp:
    async with view.store.read() as tx:
        who = await check_hand(tx, view.viewer, person)
    if view.viewer.person.status is not PersonStatus.ACTIVE:
        raise Refusal("not_yours", "no evidence goes to somebody who is leaving")
    wanted = _wanted(view, person)
    settings = view.context.settings
    async with _alone(view.store):
        draft = Path(mkdtemp(prefix=".evidence-", dir=settings.home))
        try:
            await parcel_apart(settings, view.sources, wanted, draft / "evidence.zip")
        except BaseException:
            rmtree(draft)
            raise
    name = f"evidence-{_NO_NAME.sub('-', who.name)}-{view.viewer.now}.zip"
    return _Handed(draft, draft / "evidence.zip", name)


def _wanted(view: View, person: UUID) -> Wanted:
    settings, typed = view.context.settings, view.form.text("as_of")
    try:
        as_of = midnight(date.fromisoformat(typed), view.viewer.zone) + _DAY_MS - 1 if typed else None
    except ValueError:
        raise Unfit("day: choose one, such as 2026-11-30", "日期：请选择，例如 2026-11-30") from None
    return Wanted(
        person=person,
        by=view.viewer.person.id,
        as_of=as_of,
        with_people="with_people" in view.form,
        registers=frozenset(one.strip() for one in settings.public_registers.split(",") if one.strip()),
        an_hour=settings.visit_hour_cost,
        zone=settings.time_zone,
    )


_TURNS: WeakKeyDictionary[Store, asyncio.Lock] = WeakKeyDictionary()


@asynccontextmanager
async def _alone(store: Store) -> AsyncIterator[None]:
    """One pack at a time. Raises Unfit while another is being made."""
    turn = _TURNS.setdefault(store, asyncio.Lock())
    if turn.locked():
        raise Unfit("another pack is being made: try again in a minute", "正在制作另一份证据包，请一分钟后再试")
    async with turn:
        yield


class _Handed:
    """A file that is handed out in pieces, and is gone with its folder afterwards."""

    def __init__(self, folder: Path, file: Path, name: str) -> None:
        self._folder, self._file, self._name = folder, file, name

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it, whole or as far as the browser takes it."""
        try:
            headers = [
                (b"content-type", b"application/zip"),
                (b"content-length", str(self._file.stat().st_size).encode()),
                (b"content-disposition", f"attachment; filename*=UTF-8''{quote(self._name)}".encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            with self._file.open("rb") as file:
                while block := await asyncio.to_thread(file.read, _BLOCK):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await asyncio.to_thread(rmtree, self._folder)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    spoilt,
    take_back,
    handover,
    exposure,
    effect,
    evidence,
    make_evidence,
)
