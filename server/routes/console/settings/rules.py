"""`/settings/rules` and `/settings/required`: the rules of the business, and what a registration has to have."""

from __future__ import annotations

from functools import partial

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.rights import MANAGERS
from server.console.settings.changing import Hand
from server.console.settings.required import FIELDS, require, required
from server.console.settings.rules import change_rule, one_rule, rules, shown_value
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.settings.writing import written

__all__ = ["ROUTES"]


@get("/settings/rules", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """All rules with their values."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    async with view.store.read() as tx:
        groups = await rules(tx)
    return Page("settings_rules.html", {"groups": groups, "value_of": partial(shown_value, viewer=view.viewer)})


@get("/settings/rules/{key:str}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, key: FromPath[str]) -> ASGIApp:
    """One rule, to change it, with what was changed."""
    return await shown(request, partial(_one, key=key))


async def _one(view: View, key: str) -> Page:
    async with view.store.read() as tx:
        found = await one_rule(tx, key, view.viewer)
    values = {"one": found, "rule": found.rule, "value_of": partial(shown_value, viewer=view.viewer)}
    return Page("settings_rule.html", values)


@post("/settings/rules/{key:str}", opt=opened_to(MANAGERS))
async def set_one(request: AnyRequest, key: FromPath[str]) -> ASGIApp:
    """Give a rule another value; one for a class or a purpose, where the form names one."""
    return await acted(request, partial(_set, key=key), again=partial(_one, key=key))


async def _set(view: View, key: str) -> Done:
    form = view.form
    value = ",".join(form.many("value")) if form.text("many") else form.text("value")
    names = [form.text(one) for one in ("of", "grade") if form.text(one)]
    whole, seen = "_".join([key, *names]), form.text("seen")

    async def work(hand: Hand) -> frozenset[str]:
        return await change_rule(hand, whole, value, seen)

    is_new = await written(view, work)
    return Done(f"/settings/rules/{key}", *_said(is_new=is_new))


@post("/settings/rules/{key:str}/reset", opt=opened_to(MANAGERS))
async def reset_one(request: AnyRequest, key: FromPath[str]) -> ASGIApp:
    """Put a rule back to its default."""
    return await acted(request, partial(_reset, key=key), again=partial(_one, key=key))


async def _reset(view: View, key: str) -> Done:
    whole, seen = view.form.text("key") or key, view.form.text("seen")

    async def work(hand: Hand) -> frozenset[str]:
        return await change_rule(hand, whole, None, seen)

    await written(view, work)
    return Done(f"/settings/rules/{key}", "已恢复默认值。", "It is at its default.")


def _said(*, is_new: bool) -> tuple[str, str]:
    if not is_new:
        return "原已如此，没有改动。", "It stood like that already; nothing was changed."
    return "已更改，各手机下次同步时生效。", "Changed; phones have it with their next sync."


@get("/settings/required", opt=opened_to(MANAGERS))
async def fields(request: AnyRequest) -> ASGIApp:
    """What a registration has to have, by class."""
    return await shown(request, _fields)


async def _fields(view: View) -> Page:
    async with view.store.read() as tx:
        return Page("settings_required.html", {"wanted": await required(tx, view.viewer), "fields": FIELDS})


@post("/settings/required", opt=opened_to(MANAGERS))
async def set_fields(request: AnyRequest) -> ASGIApp:
    """Say what a class has to have."""
    return await acted(request, _set_fields, again=_fields)


async def _set_fields(view: View) -> Done:
    form = view.form
    chosen = None if form.text("reset") else form.many("field")

    async def work(hand: Hand) -> frozenset[str]:
        return await require(hand, form.text("of"), chosen, form.text("seen"))

    return Done("/settings/required", *_said(is_new=await written(view, work)))


ROUTES = (index, one, set_one, reset_one, fields, set_fields)
