"""`/outlets`: the archive, and each outlet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from server.console.outlets.filters import LACKS, MISSING_ANY, SEEN, read_filters
from server.console.outlets.listing import Choices, choices, listing, page_of
from server.console.rights import OFFICE
from server.console.viewer import Viewer
from server.console.words import WORDS
from server.departure.evidence.access import note_access
from server.routes.calls import AnyRequest
from server.routes.console import outlet
from server.routes.console.door import Page, View, opened_to, shown

__all__ = ["ROUTES"]

Options = list[tuple[str, str]]


@get("/outlets", opt=opened_to(OFFICE))
async def outlets(request: AnyRequest) -> ASGIApp:
    """The list of outlets."""
    return await shown(request, _outlets)


async def _outlets(view: View) -> Page:
    filters = read_filters(view.query)
    async with view.store.read() as tx:
        ground, known = await view.ruled(tx), await choices(tx)
        page = await listing(tx, filters, ground, known, **page_of(view.query))
    async with view.store.write() as tx:
        asked = filters.address()
        await note_access(tx, "outlets", view.viewer.person.id, len(page.lines), view.sources, filters=asked)
    return Page("outlets.html", {"page": page, "filters": filters, **_options(view.viewer, known)})


def _options(viewer: Viewer, known: Choices) -> Mapping[str, Options]:
    """What each filter can be."""

    def words(kind: str, values: Iterable[str]) -> Options:
        return [(one, viewer.say(*WORDS[kind][one])) for one in values]

    days = [(one, viewer.say(f"{one} 天内未拜访", f"Not for {one} days")) for one in SEEN if one != "never"]
    pool = viewer.say("公海", "Pool")
    return {
        "kinds": [(one.code, viewer.say(one.zh, one.en)) for one in known.classes],
        "grades": words("grade", WORDS["grade"]),
        "statuses": [*words("status", WORDS["status"]), ("all", viewer.say("全部", "All"))],
        "reviews": words("review", WORDS["review"]),
        "places": [(str(one.id), f"{one.name} · {pool}" if one.is_pool else one.name) for one in known.places],
        "reps": [(str(one.id), one.name) for one in known.reps],
        "seen": [*days, ("never", viewer.say("从未拜访", "Never visited"))],
        "missing": [(MISSING_ANY, viewer.say("任何必填项", "Anything required")), *words("missing", LACKS)],
        "sorts": [
            ("name", viewer.say("按店名拼音", "By name")),
            ("unseen", viewer.say("最久未拜访在前", "Longest not visited first")),
            ("seen", viewer.say("最近拜访在前", "Visited last first")),
        ],
    }


ROUTES: tuple[HTTPRouteHandler, ...] = (outlets, *outlet.ROUTES)
