"""`/pool`: outlets that nobody holds: looking at them, dealing, allotting and returning them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.pool import WHY, held_page, pool_page, pools_page, story_page
from server.console.rights import MANAGERS
from server.departure.evidence.access import note_access
from server.field.pool import desk
from server.field.pool.stays import Moved
from server.identity import staff
from server.master.store import Tx
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit
from sync.ids import parse_id

__all__ = ["ROUTES"]

_MOST = 1000


async def _note(view: View, count: int) -> None:
    """A look at outlets is in the journal before it is shown."""
    if count:
        work = partial(note_access, what="pool", by=view.viewer.person.id, lines=count, sources=view.sources)
        await view.store.transact(work)


@get("/pool", opt=opened_to(MANAGERS))
async def pools(request: AnyRequest) -> ASGIApp:
    """The pools, the limits that hold, and the newest claims."""
    return await shown(request, _pools)


async def _pools(view: View) -> Page:
    async with view.store.read() as tx:
        found = await pools_page(tx, await view.ruled(tx))
    await _note(view, len(found.claims))
    return Page("pool.html", {"page": found})


@get("/pool/{pool:uuid}", opt=opened_to(MANAGERS))
async def pool(request: AnyRequest, pool: FromPath[UUID]) -> ASGIApp:
    """What lies in a pool."""
    return await shown(request, partial(_pool, of=pool))


async def _pool(view: View, of: UUID) -> Page:
    async with view.store.read() as tx:
        found = await pool_page(tx, await view.ruled(tx), of, parse_id(view.query.get("after", "")))
    await _note(view, len(found.outlets))
    return Page("pool_lying.html", {"page": found, "chosen": view.form.many("outlet")})


@get("/pool/territories/{territory:uuid}", opt=opened_to(MANAGERS))
async def territory(request: AnyRequest, territory: FromPath[UUID]) -> ASGIApp:
    """What a territory holds, and when it goes back."""
    return await shown(request, partial(_territory, of=territory))


async def _territory(view: View, of: UUID) -> Page:
    async with view.store.read() as tx:
        found = await held_page(tx, await view.ruled(tx), of, parse_id(view.query.get("after", "")))
    await _note(view, len(found.outlets))
    return Page("pool_held.html", {"page": found, "chosen": view.form.many("outlet")})


@get("/pool/history/{outlet:uuid}", opt=opened_to(MANAGERS))
async def history(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """Where an outlet has been."""
    return await shown(request, partial(_history, outlet=outlet))


async def _history(view: View, outlet: UUID) -> Page:
    async with view.store.read() as tx:
        found = await story_page(tx, outlet)
    await _note(view, 1)
    return Page("pool_history.html", {"page": found})


@get("/pool/deals/{deal:uuid}", opt=opened_to(MANAGERS))
async def deal(request: AnyRequest, deal: FromPath[UUID]) -> ASGIApp:
    """A deal as the journal has it, drawn again and compared."""
    return await shown(request, partial(_dealt, deal=deal))


async def _dealt(view: View, deal: UUID) -> Page:
    async with view.store.read() as tx:
        found, is_same = await desk.verify(tx, deal)
        people = await staff.find_all(tx, set(found.given))
    given = [(people[one].name if one in people else "—", len(outlets)) for one, outlets in found.given.items()]
    return Page("pool_deal.html", {"deal": found.deal, "seed": found.deal.seed.hex(), "given": given, "same": is_same})


@post("/pool/{pool:uuid}/deal", opt=opened_to(MANAGERS))
async def deal_out(request: AnyRequest, pool: FromPath[UUID]) -> ASGIApp:
    """Deal to each rep of the region the same number."""
    return await acted(request, partial(_deal_out, of=pool), partial(_pool, of=pool))


async def _deal_out(view: View, of: UUID) -> Done:
    typed = view.form.text("share")
    if typed and not (typed.isdigit() and 1 <= int(typed) <= _MOST):
        raise Unfit(f"how many each gets: a number from 1 to {_MOST}", f"每人几家：请填 1 到 {_MOST} 之间的数")

    async def work(tx: Tx) -> desk.Dealt:
        share = int(typed) if typed else None
        return await desk.deal(tx, of, await view.ruled(tx), share=share, by=view.viewer.person.id)

    dealt = await view.store.transact(work)
    view.announce(dealt.changed)
    count = sum(map(len, dealt.given.values()))
    return Done(
        f"/pool/deals/{dealt.deal.id}",
        f"已分给 {len(dealt.given)} 人，共 {count} 家。",
        f"{count} outlets were dealt to {len(dealt.given)} people.",
    )


@post("/pool/{pool:uuid}/allot", opt=opened_to(MANAGERS))
async def allot(request: AnyRequest, pool: FromPath[UUID]) -> ASGIApp:
    """Allot outlets of the pool to a person."""
    return await acted(request, partial(_allot, of=pool), partial(_pool, of=pool))


async def _allot(view: View, of: UUID) -> Done:
    outlets = _chosen(view)
    person, _, place = view.form.text("to").partition("_")
    to, into = parse_id(person), parse_id(place)
    if to is None:
        raise Unfit("choose who gets them", "请选择指派给谁")

    async def work(tx: Tx) -> Moved:
        ground = await view.ruled(tx)
        return await desk.allot(tx, outlets, to, ground, into=into, by=view.viewer.person.id)

    moved = await view.store.transact(work)
    view.announce(moved.changed)
    return _told(f"/pool/{of}", moved, ("已指派", "allotted"))


@post("/pool/territories/{territory:uuid}/return", opt=opened_to(MANAGERS))
async def put_back(request: AnyRequest, territory: FromPath[UUID]) -> ASGIApp:
    """Return outlets of a territory to its pool."""
    return await acted(request, partial(_put_back, of=territory), partial(_territory, of=territory))


async def _put_back(view: View, of: UUID) -> Done:
    outlets, reason = _chosen(view), view.form.needed("reason", "退回原因", "why they are returned")
    even = view.form.text("even") == "yes"

    async def work(tx: Tx) -> Moved:
        ground = await view.ruled(tx)
        return await desk.put_back(tx, outlets, reason, ground, even_protected=even, by=view.viewer.person.id)

    moved = await view.store.transact(work)
    view.announce(moved.changed)
    return _told(f"/pool/territories/{of}", moved, ("已退回公海", "returned to the pool"))


def _chosen(view: View) -> Sequence[UUID]:
    found = [one for text in view.form.many("outlet") if (one := parse_id(text)) is not None]
    if not found:
        raise Unfit("choose at least one outlet", "请至少选择一家终端")
    return found


def _told(path: str, moved: Moved, words: tuple[str, str]) -> Done:
    zh, en = f"{words[0]} {len(moved.moved)} 家。", f"{len(moved.moved)} {words[1]}."
    for why, count in _counts(moved.refused).items():
        reason = WHY.get(why, (why, why))
        zh += f"{count} 家未移动：{reason[0]}。"
        en += f" {count} stay: {reason[1]}."
    return Done(path, zh, en)


def _counts(refused: Mapping[UUID, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for why in refused.values():
        found[why] = found.get(why, 0) + 1
    return found


ROUTES = (pools, pool, territory, history, deal, deal_out, allot, put_back)
