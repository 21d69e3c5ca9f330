"""The first page over HTTP: what waits leads to the inbox, orders that hang stand on top, service sees its own part."""

from __future__ import annotations

from server.identity.staff import Role
from sync.operations import Act
from tests.server.routes.console.scene import set_scene
from tests.server.routes.house import House

DAY = 86_400_000


async def test_a_manager_opens_the_day(house: House) -> None:
    """Counts lead to their lists; a wipe that nobody has confirmed for a day is on top; who is out comes first."""
    scene = await set_scene(house)
    outlet = await scene.register()
    gone = await house.person("赵敏")
    await house.phone(gone)
    await house.offboard(gone.id)
    house.desk.now += 2 * DAY
    await house.person("李娜")
    await scene.tries(Act.CREATE, "visit", house.desk.id(), outlet=outlet.bytes)
    browser = await house.console(Role.MANAGER)
    page = (await browser.get("/")).text
    assert 'href="/inbox?kind=registrations"' in page
    assert "擦除令未确认 1" in browser.says
    assert "1 / 2 人在外" in browser.says
    assert browser.says.index("王伟 1 / 1") < browser.says.index("李娜 0 / 0")
    assert "王伟" not in (await browser.get("/", only="in")).text
    assert 'data-live="staff territory company pool"' in page


async def test_service_people_see_their_own_part(house: House) -> None:
    """Nothing of the reps' day, and no order of a wipe."""
    browser = await house.console(Role.SERVICE)
    page = (await browser.get("/")).text
    assert "谁在外面" not in page
    assert "没有待决定的事项" in page
