"""`/inbox`: work to decide, one list of it, a page for each item, and the decisions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.inbox.kinds import kind_of, lines, next_of, people_of, waiting
from server.console.inbox.parts import Act, Hand, Item, Kind, Look, Place
from server.console.rights import OFFICE
from server.departure.evidence.access import note_access
from server.departure.quarantine import Decided
from server.exchange.quarantined import take_in
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.saying import NoRight, moved
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["ROUTES", "hand_of"]

_OPEN, _DECIDED = "open", "decided"


def hand_of(view: View) -> Hand:
    """Whose decision a request is, and with what it is carried out."""
    by = view.viewer.person.id

    async def take(items: Sequence[UUID]) -> Decided:
        return await take_in(view.means, items, by)

    return Hand(view.viewer, view.store, view.sources, view.ground(), view.ruled, view.means, view.form, take)


def _address(kind: str, state: str, behind: str | None = None) -> str:
    named = {"kind": kind, "state": "" if state == _OPEN else state, "after": behind or ""}
    query = urlencode({name: value for name, value in named.items() if value})
    return f"/inbox?{query}" if query else "/inbox"


@get("/inbox", opt=opened_to(OFFICE))
async def inbox(request: AnyRequest) -> ASGIApp:
    """What waits for a decision, or what was decided."""
    return await shown(request, _list)


async def _list(view: View, kind: str | None = None) -> Page:
    hand, role = hand_of(view), view.viewer.person.role
    wanted, state = kind or view.query.get("kind", ""), view.query.get("state", _OPEN)
    only = _kind(view, wanted) if wanted else None
    look = Look(state != _DECIDED, Place.read(view.query.get("after", "")))
    async with view.store.read() as tx:
        counts, found = await waiting(tx, role, view.viewer.now), await lines(tx, hand, look, only)
        names = await people_of(tx, [one for line in found.lines for one in (line.staff, line.by)])
    await _note(view, only.key if only else "inbox", len(found.lines))
    bulk = only.bulk(hand) if only is not None and look.is_open and only.may_decide(role) else ()
    return Page(
        "inbox.html",
        {
            "waiting": counts,
            "kind": only,
            "kinds": {one.kind: view.viewer.say(one.zh, one.en) for one in counts},
            "state": _OPEN if look.is_open else _DECIDED,
            "lines": found.lines,
            "names": names,
            "bulk": bulk,
            "address": _address,
            "next": _address(wanted, state, found.behind) if found.behind else None,
            "first": _address(wanted, state) if look.behind else None,
        },
    )


async def _note(view: View, what: str, count: int) -> None:
    """A look at customers' data is in the journal before it is shown."""
    if count:
        work = partial(note_access, what=what, by=view.viewer.person.id, lines=count, sources=view.sources)
        await view.store.transact(work)


@get("/inbox/{kind:str}", opt=opened_to(OFFICE))
async def upcoming(request: AnyRequest, kind: FromPath[str]) -> ASGIApp:
    """On to the next item of a kind."""
    return await shown(request, partial(_upcoming, kind=kind))


async def _upcoming(view: View, kind: str) -> ASGIApp:
    return moved(await _next(view, _kind(view, kind), view.query.get("after", "")))


async def _next(view: View, kind: Kind, behind: str) -> str:
    """The address of the next item that is open, or of the list where none is."""
    async with view.store.read() as tx:
        found = await next_of(tx, hand_of(view), kind, behind)
    return f"/inbox/{found.ref}" if found is not None else _address(kind.key, _OPEN)


@get("/inbox/{kind:str}/{item:str}", opt=opened_to(OFFICE))
async def item(request: AnyRequest, kind: FromPath[str], item: FromPath[str]) -> ASGIApp:
    """One item, with all that is needed to decide on it, or with what became of it."""
    return await shown(request, partial(_item, kind=kind, item=item))


async def _item(view: View, kind: str, item: str) -> Page:
    hand, of = hand_of(view), _kind(view, kind)
    async with view.store.read() as tx:
        found = await of.item(tx, hand, item)
        people = [found.line.staff, found.line.by, *(step.by for step in found.story)]
        names = await people_of(tx, people)
    await _note(view, of.key, 1)
    acts = found.acts if of.may_decide(view.viewer.person.role) else ()
    values = {"item": found, "kind": of, "acts": acts, "names": names, "tried": view.form.text("act")}
    return Page("inbox_item.html", values)


@post("/inbox/{kind:str}/{item:str}", opt=opened_to(OFFICE))
async def decide(request: AnyRequest, kind: FromPath[str], item: FromPath[str]) -> ASGIApp:
    """Decide on one item; the next of its kind comes up."""
    again = partial(_item, kind=kind, item=item)
    return await acted(request, partial(_decide, kind=kind, item=item), again)


async def _decide(view: View, kind: str, item: str) -> Done:
    hand, of = hand_of(view), _kind(view, kind, to_decide=True)
    async with view.store.read() as tx:
        found = await of.item(tx, hand, item)
        names = await people_of(tx, [step.by for step in found.story])
    act = next((one for one in found.acts if one.name == view.form.text("act")), None)
    if act is None:
        return _decided_before(found, names)
    _check_asked(view, act)
    came = await of.decide(hand, [item], act.name)
    view.announce(came.changed)
    if not came.is_done:
        async with view.store.read() as tx:
            now = await of.item(tx, hand, item)
            names = await people_of(tx, [step.by for step in now.story])
        return Done(f"/inbox/{kind}/{item}", came.zh, came.en) if now.is_open else _decided_before(now, names)
    return Done(await _next(view, of, str(found.line.place)), came.zh, came.en)


def _kind(view: View, key: str, *, to_decide: bool = False) -> Kind:
    """The kind of that name. Raises Refusal where there is none, NoRight where it is not open to the viewer."""
    of = kind_of(key)
    if view.viewer.person.role not in (of.deciders if to_decide else of.roles):
        raise NoRight
    return of


def _decided_before(found: Item, names: dict[UUID, str]) -> Done:
    """Where somebody was quicker: what they decided."""
    last = next((step for step in reversed(found.story) if step.by is not None), None)
    if found.is_open or last is None:
        return Done(f"/inbox/{found.line.ref}", "请先选择一项决定。", "Choose a decision first.")
    who = names.get(last.by, "—") if last.by else "—"
    zh = f"没有再改动：{who} 已先作决定（{last.what}）。"
    return Done(f"/inbox/{found.line.ref}", zh, f"Nothing was changed: {who} had decided already ({last.what}).")


def _check_asked(view: View, act: Act) -> None:
    """Whether all that a decision asks for was typed. Raises Unfit."""
    for ask in act.asks:
        if ask.required and not view.form.text(ask.name):
            raise Unfit(f"{ask.label}: must not be empty", f"请填写“{ask.label}”")


@post("/inbox/{kind:str}", opt=opened_to(OFFICE))
async def decide_many(request: AnyRequest, kind: FromPath[str]) -> ASGIApp:
    """Decide on several items of a kind at once."""
    return await acted(request, partial(_decide_many, kind=kind), partial(_list, kind=kind))


async def _decide_many(view: View, kind: str) -> Done:
    hand, of = hand_of(view), _kind(view, kind, to_decide=True)
    act = next((one for one in of.bulk(hand) if one.name == view.form.text("act")), None)
    if act is None:
        raise Refusal("not_found", "there is no such decision on several at once")
    chosen = view.form.many("item")
    if not chosen:
        raise Unfit("choose at least one line", "请至少选择一项")
    if act.asks and not view.form.text("reason"):
        raise Unfit(f"{act.asks[0].label}: must not be empty", f"请填写“{act.asks[0].label}”")
    came = await of.decide(hand, chosen, act.name)
    view.announce(came.changed)
    return Done(_address(kind, _OPEN), came.zh, came.en)


ROUTES = (inbox, upcoming, item, decide, decide_many)
