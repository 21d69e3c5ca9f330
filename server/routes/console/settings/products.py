"""`/settings/products`: products and prices."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.rights import MANAGERS
from server.console.settings import products as desk
from server.console.settings.changing import Hand
from server.console.settings.classes import classes
from server.console.settings.history import changes_of
from server.identity import staff
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.settings.writing import revision_seen, written

__all__ = ["ROUTES"]


@get("/settings/products", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """Products by code, with the price that holds for all, and a form for a new one."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    text = view.query.get("q", "").strip()
    async with view.store.read() as tx:
        found, following = await desk.products(tx, view.query.get("after", ""), text)
    today = view.ground().today
    return Page("settings_products.html", {"products": found, "following": following, "text": text, "today": today})


@post("/settings/products", opt=opened_to(MANAGERS))
async def make(request: AnyRequest) -> ASGIApp:
    """Add a product."""
    return await acted(request, _make, again=_index)


async def _make(view: View) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        return await desk.add_product(hand, form.text("code"), form.text("name"), form.text("unit"))

    await written(view, work)
    return Done("/settings/products", "产品已添加。", "The product is added.")


@get("/settings/products/{of:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """One product with its prices."""
    return await shown(request, partial(_one, of=of))


async def _one(view: View, of: UUID) -> Page:
    async with view.store.read() as tx:
        product = await desk.one_product(tx, of)
        made = await changes_of(tx, [of, *(price.id for price in product.prices)])
        kinds = [(kind.code, view.viewer.say(kind.zh, kind.en)) for kind in await classes(tx)]
        people = {one.id: one.name for one in await staff.everybody(tx)}
    values = {"product": product, "changes": made, "kinds": kinds, "people": people, "today": view.ground().today}
    return Page("settings_product.html", values)


@post("/settings/products/{of:uuid}", opt=opened_to(MANAGERS))
async def mend(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """Change a product."""
    return await acted(request, partial(_mend, of=of), again=partial(_one, of=of))


async def _mend(view: View, of: UUID) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        said, active = (form.text("name"), form.text("unit")), bool(form.text("active"))
        return await desk.change_product(hand, of, revision_seen(view), *said, active=active)

    await written(view, work)
    return Done(f"/settings/products/{of}", "产品已更改。", "The product is changed.")


@post("/settings/products/{of:uuid}/prices", opt=opened_to(MANAGERS))
async def price(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """Add a price to a product."""
    return await acted(request, partial(_price, of=of), again=partial(_one, of=of))


async def _price(view: View, of: UUID) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        amount = desk.minor(form.text("amount"))
        return await desk.add_price(hand, of, amount, form.text("outlet_class"), form.text("since"))

    await written(view, work)
    return Done(f"/settings/products/{of}", "价格已添加。", "The price is added.")


@post("/settings/products/{of:uuid}/prices/{gone:uuid}/remove", opt=opened_to(MANAGERS))
async def remove_price(request: AnyRequest, of: FromPath[UUID], gone: FromPath[UUID]) -> ASGIApp:
    """Take a price away."""
    return await acted(request, partial(_remove_price, of=of, gone=gone))


async def _remove_price(view: View, of: UUID, gone: UUID) -> Done:
    async def work(hand: Hand) -> frozenset[str]:
        return await desk.remove_price(hand, of, gone)

    await written(view, work)
    return Done(f"/settings/products/{of}", "价格已取消。", "The price is taken away.")


ROUTES = (index, make, one, mend, price, remove_price)
