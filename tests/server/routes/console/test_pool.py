"""The pool over HTTP: outlets are returned, allotted and dealt, and each act says what it left and why."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from server.identity import territories
from server.identity.staff import Role
from server.identity.territories import Pool
from sync import scopes
from tests.server.routes.console.scene import Scene, set_scene
from tests.server.routes.house import House


async def _pooled(house: House) -> tuple[Scene, Pool, UUID]:
    """王伟's territory has a pool, and so has 李娜's; its id."""
    scene = await set_scene(house)
    li = await house.person("李娜")
    async with house.store.write() as tx:
        pool = await territories.add_pool(tx, "城区公海", house.sources)
        west = await territories.add_territory(tx, "城西", pool.id, house.sources)
        north = await territories.add_territory(tx, "城北", pool.id, house.sources)
        await territories.assign(tx, west.id, li.id, house.sources, private=True)
        await territories.assign(tx, north.id, scene.wang.id, house.sources, private=True)
    scene.east = north
    return scene, pool, west.id


async def _standing(house: House, scope: str) -> set[UUID]:
    return {one for one, record in (await house.desk.records(scope)).items() if type(record).__name__ == "Outlet"}


async def test_an_outlet_is_returned_and_allotted_to_somebody_else(house: House) -> None:
    """What is protected stays unless it is meant even so; the page keeps what was typed."""
    scene, pool, west = await _pooled(house)
    outlet = await scene.register()
    browser = await house.console(Role.MANAGER)
    held = f"/pool/territories/{scene.east.id}"
    await browser.get(held)
    assert "老张烟酒" in browser.says
    refused = await browser.post(f"{held}/return", {"outlet": str(outlet)})
    assert (refused.status_code, "checked" in refused.text) == (422, True)
    assert "退回原因" in browser.says
    house.desk.now += 1000
    await browser.post(f"{held}/return", {"outlet": str(outlet), "reason": "没有人管", "even": "yes"})
    assert "已退回公海 1 家" in browser.says
    await browser.get(f"/pool/{pool.id}")
    assert "王伟" in browser.says
    li = next(iter(_options(browser.page)))
    assert (await browser.post(f"/pool/{pool.id}/allot", {"to": li})).status_code == 422
    assert "请至少选择一家终端" in browser.says
    house.desk.now += 1000
    await browser.post(f"/pool/{pool.id}/allot", {"to": li, "outlet": str(outlet)})
    assert "已指派 1 家" in browser.says
    assert outlet in await _standing(house, scopes.territory(west))
    await browser.get(f"/pool/history/{outlet}")
    assert "没有人管" in browser.says
    assert "指派 李娜" in browser.says


def _options(page: Any) -> list[str]:
    """The people of the choice whose name is 李娜."""
    return re.findall(r'<option value="([0-9a-f-]+_[0-9a-f-]+)"[^>]*>李娜', page.text)


async def test_a_pool_is_dealt_evenly_and_the_draw_can_be_checked(house: House) -> None:
    """The number of each is asked for in words; the deal's page draws it again."""
    scene, pool, west = await _pooled(house)
    outlets = [await scene.register(f"店{number}", phone="", position=None) for number in range(4)]
    browser = await house.console(Role.MANAGER)
    sent = {"outlet": [str(one) for one in outlets], "reason": "重新分配", "even": "yes"}
    await browser.post(f"/pool/territories/{scene.east.id}/return", sent)
    assert "4 家终端可分配或领取" in (await browser.get("/pool")).text.replace('<span class="number">4</span>', "4")
    assert (await browser.post(f"/pool/{pool.id}/deal", {"share": "many"})).status_code == 422
    page = await browser.post(f"/pool/{pool.id}/deal", {"share": "2"})
    assert page.url.path.startswith("/pool/deals/")
    assert "已分给 2 人，共 4 家" in browser.says
    assert "核对一致" in browser.says
    both = [await _standing(house, scopes.territory(one)) for one in (scene.east.id, west)]
    assert [len(one) for one in both] == [2, 2]
