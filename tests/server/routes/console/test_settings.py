"""Settings over HTTP: a form carries what it showed, a refusal keeps what was typed, a change tells the phones."""

from __future__ import annotations

import re

from server.field.policies import policies_of
from server.identity.staff import Role
from tests.server.routes.browsing import Browser
from tests.server.routes.house import House

PAGES = ("", "/rules", "/rules/visit_fence", "/rules/required", "/rules/reward_build", "/rules/checklist", "/required",
         "/classes", "/products", "/notices", "/leases", "/holidays", "/company")  # fmt: skip


def seen(browser: Browser) -> str:
    """What the first form of the page showed."""
    assert browser.page is not None
    found = re.search(r'name="seen" value="([^"]*)"', browser.page.text)
    assert found is not None
    return found[1]


async def fence(house: House) -> str | None:
    """The setting as the store has it."""
    async with house.store.read() as tx:
        return (await policies_of(tx)).texts.get("visit_fence")


async def test_every_page_is_there_in_both_languages(house: House) -> None:
    """Nothing stands in them that the policy forbids."""
    for role, language in ((Role.DEALER, "zh"), (Role.MANAGER, "en")):
        browser = await house.console(role, language)
        for page in PAGES:
            answer = await browser.get(f"/settings{page}")
            assert answer.status_code == 200, page
            assert " style=" not in answer.text


async def test_a_rule_is_changed_by_a_form_and_who_is_too_late_is_told(house: House) -> None:
    """Two managers have the page open; the second sees what the first wrote, and what was typed stays."""
    first, second = await house.console(Role.DEALER), await house.console(Role.MANAGER, "en")
    await first.get("/settings/rules/visit_fence")
    await second.get("/settings/rules/visit_fence")
    old = seen(second)
    await first.post("/settings/rules/visit_fence", {"value": "300", "seen": seen(first)})
    assert "已更改" in first.says
    assert await fence(house) == "300"
    answer = await second.post("/settings/rules/visit_fence", {"value": "450", "seen": old})
    assert answer.status_code == 422
    assert "somebody changed this meanwhile" in second.says.lower()
    assert 'value="450"' in answer.text
    assert await fence(house) == "300"
    await second.post("/settings/rules/visit_fence", {"value": "450", "seen": seen(second)})
    assert await fence(house) == "450"
    await second.get("/settings")
    assert "300 → 450" in second.says
    assert second.person is not None
    assert second.person.name in second.says


async def test_a_class_a_product_and_a_notice_are_made_by_forms(house: House) -> None:
    """Each is on its list afterwards; what is missing is said."""
    browser = await house.console(Role.MANAGER)
    await browser.get("/settings/classes")
    fields = {"code": "noodle", "zh": "面馆", "en": "Noodles", "colour": "#1f7a8c"}
    await browser.post("/settings/classes", fields)
    assert "面馆" in browser.says
    answer = await browser.post("/settings/classes", fields | {"zh": "粉店"})
    assert answer.status_code == 422
    assert 'value="粉店"' in answer.text
    await browser.get("/settings/products")
    await browser.post("/settings/products", {"code": "SKU-1", "name": "老窖", "unit": "瓶"})
    assert "老窖" in browser.says
    await browser.get("/settings/notices")
    await browser.post("/settings/notices", {"title": "盘点", "body": "周五", "must_acknowledge": "yes"})
    assert "须确认已读" in browser.says


async def test_nobody_but_managers_changes_a_setting(house: House) -> None:
    """The service people and the archivist are refused before anything is read."""
    for role in (Role.SERVICE, Role.ARCHIVIST):
        browser = await house.console(role)
        await browser.get("/settings/me")
        answer = await browser.post("/settings/rules/visit_fence", {"value": "300", "seen": "200"})
        assert answer.status_code == 403
    assert await fence(house) is None


async def test_what_was_chosen_stays_in_a_form_that_is_refused(house: House) -> None:
    """Ticks of required fields, a length that is none, the words of a list."""
    browser = await house.console(Role.MANAGER)
    await browser.get("/settings/required")
    answer = await browser.post("/settings/required", {"of": "", "seen": "something old", "field": ["code", "status"]})
    assert answer.status_code == 422
    ticked = re.findall(r'name="field" value="(\w+)" checked', answer.text)
    assert ticked == ["status", "code"]
    await browser.get("/settings/leases")
    answer = await browser.post("/settings/leases/rep", {"locks": "zwei", "erases": "3d", "seen": "/"})
    assert answer.status_code == 422
    assert [answer.text.count(f'value="{one}"') for one in ("zwei", "3d")] == [1, 1]
    await browser.get("/settings/rules/festivals")
    sent = {"value": ["dragon_boat"], "many": "yes", "seen": "something old"}
    answer = await browser.post("/settings/rules/festivals", sent)
    assert re.findall(r'name="value" value="(\w+)" checked', answer.text) == ["dragon_boat"]
    await browser.post("/settings/rules/festivals", sent | {"seen": seen(browser)})
    assert "已更改" in browser.says
