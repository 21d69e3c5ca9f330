"""`/settings`: where everything is and what was changed last; leases, holidays, and the settings of the deployment."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.rights import MANAGERS
from server.console.settings.changing import Hand
from server.console.settings.company import held
from server.console.settings.history import changes
from server.console.settings.holidays import add_day, drop_day, take_year, years
from server.console.settings.leases import clear_device, leases, set_role
from server.identity import staff
from server.identity.staff import Role
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.settings.writing import written
from server.values import Unfit, lasting

__all__ = ["ROUTES"]


@get("/settings", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """Where everything is, and what was changed last."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    before = view.query.get("before", "")
    async with view.store.read() as tx:
        made, following = await changes(tx, int(before) if before.isascii() and before.isdigit() else None)
        people = {one.id: one.name for one in await staff.everybody(tx)}
    return Page("settings.html", {"changes": made, "following": following, "people": people})


@get("/settings/leases", opt=opened_to(MANAGERS))
async def terms(request: AnyRequest) -> ASGIApp:
    """Leases of the company, of roles and of devices."""
    return await shown(request, _terms)


async def _terms(view: View) -> Page:
    settings = view.context.settings
    async with view.store.read() as tx:
        found = await leases(tx, view.viewer.now)
    company = [lasting(one) for one in (settings.lease_locks_after, settings.lease_erases_after)]
    return Page("settings_leases.html", {
        "leases": found, "company": company, "notice": lasting(settings.lease_under_notice)
    })  # fmt: skip


@post("/settings/leases/{role:str}", opt=opened_to(MANAGERS))
async def set_terms(request: AnyRequest, role: FromPath[str]) -> ASGIApp:
    """Give a role terms of its own, or none."""
    return await acted(request, partial(_set_terms, role=role), again=_terms)


async def _set_terms(view: View, role: str) -> Done:
    if role not in set(Role):
        raise Unfit("choose one of the roles", "请选择一个角色")
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        await set_role(hand, Role(role), form.text("locks"), form.text("erases"), form.text("seen"))
        return frozenset()

    await written(view, work)
    return Done(
        "/settings/leases", "租约已更改，各手机下次联系时生效。", "Changed; it holds from each phone's next contact."
    )


@post("/settings/leases/devices/{device:uuid}/clear", opt=opened_to(MANAGERS))
async def clear_terms(request: AnyRequest, device: FromPath[UUID]) -> ASGIApp:
    """Take a device's own terms away."""
    return await acted(request, partial(_clear_terms, device=device))


async def _clear_terms(view: View, device: UUID) -> Done:
    async def work(hand: Hand) -> frozenset[str]:
        await clear_device(hand, device)
        return frozenset()

    await written(view, work)
    return Done("/settings/leases", "已取消单独设定。", "Its own terms are taken away.")


@get("/settings/holidays", opt=opened_to(MANAGERS))
async def holidays(request: AnyRequest) -> ASGIApp:
    """Days on which no visit is due."""
    return await shown(request, _holidays)


async def _holidays(view: View) -> Page:
    async with view.store.read() as tx:
        return Page("settings_holidays.html", {"years": await years(tx, view.ground().today)})


@post("/settings/holidays/year", opt=opened_to(MANAGERS))
async def holidays_of(request: AnyRequest) -> ASGIApp:
    """Take in a year's public holidays."""
    return await acted(request, _take_year, again=_holidays)


async def _take_year(view: View) -> Done:
    typed = view.form.text("year")
    if not typed.isascii() or not typed.isdigit() or not 2000 <= int(typed) <= 2199:
        raise Unfit("a year is written as 2027", "年份写作 2027")
    taken: list[int] = []

    async def work(hand: Hand) -> frozenset[str]:
        count, changed = await take_year(hand, int(typed))
        taken.append(count)
        return changed

    await written(view, work)
    return Done("/settings/holidays", f"已导入 {taken[-1]} 天。", f"{taken[-1]} days are taken in.")


@post("/settings/holidays/add", opt=opened_to(MANAGERS))
async def add_holiday(request: AnyRequest) -> ASGIApp:
    """Add a day."""
    return await acted(request, _add_holiday, again=_holidays)


async def _add_holiday(view: View) -> Done:
    async def work(hand: Hand) -> frozenset[str]:
        return await add_day(hand, view.form.text("day"))

    await written(view, work)
    return Done("/settings/holidays", "已添加。", "The day is added.")


@post("/settings/holidays/drop", opt=opened_to(MANAGERS))
async def drop_holiday(request: AnyRequest) -> ASGIApp:
    """Leave a day out."""
    return await acted(request, _drop_holiday, again=_holidays)


async def _drop_holiday(view: View) -> Done:
    async def work(hand: Hand) -> frozenset[str]:
        return await drop_day(hand, view.form.text("day"))

    await written(view, work)
    return Done("/settings/holidays", "已去掉。", "The day is left out.")


@get("/settings/company", opt=opened_to(MANAGERS))
async def company(request: AnyRequest) -> ASGIApp:
    """The settings of the deployment, to be read."""
    return await shown(request, _company)


async def _company(view: View) -> Page:
    return Page("settings_company.html", {"settings": held(view.context.settings)})


ROUTES = (
    index, terms, set_terms, clear_terms, holidays, holidays_of, add_holiday, drop_holiday, company
)  # fmt: skip
