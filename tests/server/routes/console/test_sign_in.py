"""Signing in: codes, passwords, lock-out, sessions and their end, and forms that did not come from a page of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.identity import invitations, staff
from server.identity.accounts import account_of
from server.identity.staff import Role
from tests.server.routes.browsing import Browser
from tests.server.routes.house import MINUTE, PASSWORD, House

HOUR = 60 * MINUTE


async def _first(house: House, **changed: str) -> Browser:
    async with house.store.write() as tx:
        made = await invitations.invite_first(tx, house.sources)
    assert made is not None
    browser = Browser(house.app)
    house.browsers.append(browser)
    given = {"code": made.code.shown, "name": "刘老板", "login": "Liu", "password": PASSWORD, "repeated": PASSWORD}
    await browser.post("/welcome", given | changed)
    return browser


async def _tries(house: House, login: str, password: str, browser: Browser | None = None) -> Browser:
    browser = browser or Browser(house.app)
    house.browsers.append(browser)
    await browser.post("/sign-in", {"login": login, "password": password})
    return browser


async def test_a_code_from_the_terminal_makes_the_first_account(house: House) -> None:
    """A dealer is added, is in at once, and signs in later with login and password."""
    browser = await _first(house)
    assert "刘老板" in browser.says
    again = await _tries(house, "liu", PASSWORD)
    assert "刘老板" in again.says
    async with house.store.read() as tx:
        assert [one.role for one in await staff.named(tx, "刘老板")] == [Role.DEALER]


async def test_there_is_no_first_account_twice(house: House) -> None:
    """A code for the first account is good once, and none is made where there is an account."""
    await _first(house)
    async with house.store.write() as tx:
        assert await invitations.invite_first(tx, house.sources) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "0000-0000-0000-0000-0000-0000"},
        {"password": "short", "repeated": "short"},
        {"repeated": "another one that differs"},
        {"login": "刘"},
        {"name": ""},
    ],
)
async def test_what_is_typed_wrong_is_told_and_kept(house: House, changed: dict[str, str]) -> None:
    """The form comes back with a reason and with what was typed, except the passwords; nothing was made."""
    browser = await _first(house, **changed)
    assert browser.page is not None
    assert browser.page.status_code >= 400
    assert 'role="alert"' in browser.page.text
    assert PASSWORD not in browser.page.text
    async with house.store.read() as tx:
        assert await staff.named(tx, "刘老板") == []


async def test_a_code_dies_after_five_wrong_secrets(house: House) -> None:
    """Whoever knows the beginning of a code has five tries at the rest."""
    async with house.store.write() as tx:
        made = await invitations.invite_first(tx, house.sources)
    assert made is not None
    browser = Browser(house.app)
    house.browsers.append(browser)
    given = {"name": "刘老板", "login": "liu", "password": PASSWORD, "repeated": PASSWORD}
    for _ in range(5):
        await browser.post("/welcome", given | {"code": made.code.shown[:4] + "0" * 20})
    await browser.post("/welcome", given | {"code": made.code.shown})
    assert (
        "刘老板" not in browser.says.replace("刘老板", "", 0) or browser.page is None or browser.page.status_code == 403
    )


async def test_wrong_passwords_lock_an_account_for_a_while(house: House) -> None:
    """After five in a row the right one is refused too, until the time is over; another person's account is not."""
    await _first(house)
    browser = Browser(house.app)
    for _ in range(5):
        await _tries(house, "liu", "wrong password", browser)
    await _tries(house, "liu", PASSWORD, browser)
    assert "陈经理" not in browser.says
    assert "错误次数过多" in browser.says
    house.desk.now += MINUTE
    await _tries(house, "liu", PASSWORD, browser)
    assert "刘老板" in browser.says


async def test_tries_that_are_made_at_once_do_not_get_past_the_lock(house: House) -> None:
    """Of many wrong passwords and the right one, all sent together, none opens an account that five have locked."""
    await _first(house)
    sent = [*(f"wrong password {number}" for number in range(8)), PASSWORD]
    came = await asyncio.gather(*(_tries(house, "liu", password) for password in sent))
    async with house.store.read() as tx:
        (person,) = await staff.named(tx, "刘老板")
        found = await account_of(tx, person.id)
    assert found is not None
    if found.failures >= 5:
        assert all("今天" not in one.says for one in came)
    assert (await _tries(house, "liu", "wrong password")).says.count("错误次数过多") == 1


async def test_an_unknown_login_is_told_as_a_wrong_password(house: House) -> None:
    """Nobody learns from the answer which logins there are."""
    await _first(house)
    unknown, wrong = await _tries(house, "nobody", PASSWORD), await _tries(house, "liu", "wrong password")
    assert unknown.says.replace("nobody", "") == wrong.says.replace("liu", "")


async def test_a_session_ends_with_its_time(house: House) -> None:
    """Two hours without use, or twelve in all."""
    browser = await house.console()
    house.desk.now += 2 * HOUR
    assert "登录" in (await browser.get("/settings/me")).text.partition("<h1>")[2][:20]
    busy = await _tries(house, "manager", PASSWORD)
    for _ in range(12):
        house.desk.now += HOUR
        await busy.get("/settings/me")
    assert "<h1>登录" in (await busy.get("/settings/me")).text


async def test_a_session_ends_when_its_person_leaves(house: House) -> None:
    """From the commit of the cut-off on."""
    browser = await house.console()
    assert browser.person is not None
    await house.offboard(browser.person.id)
    assert "<h1>登录" in (await browser.get("/settings/me")).text


async def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    """The cookie that somebody kept is worth nothing afterwards."""
    browser = await house.console()
    kept = dict(browser.client.cookies)
    await browser.post("/sign-out")
    browser.client.cookies.update(kept)
    assert "<h1>登录" in (await browser.get("/settings/me")).text


async def test_a_new_password_ends_all_sessions(house: House) -> None:
    """Whoever changes it signs in again, and so does whoever else had a session."""
    browser = await house.console()
    other = await _tries(house, "manager", PASSWORD)
    new = "another long password"
    await browser.post("/settings/me/password", {"old": PASSWORD, "password": new, "repeated": new})
    assert "<h1>登录" in (await other.get("/settings/me")).text
    assert "陈经理" in (await _tries(house, "manager", new)).says


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("0" * 32, {}),
        (None, {"Origin": "https://elsewhere.example"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
async def test_a_form_from_elsewhere_is_refused(house: House, token: str | None, headers: dict[str, str]) -> None:
    """Without the session's token, or sent from another site's page, nothing happens."""
    browser = await house.console()
    sent: dict[str, Any] = {"language": "en"} | ({} if token is None else {"csrf": token})
    answer = await browser.post("/settings/me/language", sent, headers=headers)
    assert answer.status_code == 422
    assert 'lang="zh-CN"' in (await browser.get("/settings/me")).text


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example/",
        "/\\elsewhere.example",
        "/\t\\elsewhere.example/",
        "/\n/elsewhere.example",
        "javascript:x",
    ],
)
async def test_signing_in_leads_to_pages_of_ours_alone(house: House, wanted: str) -> None:
    """An address somewhere else in `next` is not followed."""
    await house.console()
    browser = Browser(house.app)
    house.browsers.append(browser)
    sent = {"login": "manager", "password": PASSWORD}
    answer = await browser.client.post("/sign-in", params={"next": wanted}, data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_each_page_in_each_language(house: House) -> None:
    """What the browser speaks, what was chosen in this browser, what the person chose."""
    english = await house.console(Role.SERVICE, "en")
    assert "<h1>My account</h1>" in (await english.get("/settings/me")).text
    await english.post("/settings/me/language", {"language": "zh"})
    assert "<h1>我的账号</h1>" in (await english.get("/settings/me")).text


async def test_a_browser_that_asks_for_no_page_of_ours_is_told_on_one(house: House) -> None:
    """A wrong address is answered in words; a program hears the same as problem details."""
    answer = await house.client.get("/no-such-page", headers={"accept": "text/html", "accept-language": "en"})
    assert (answer.status_code, "There is no such thing here." in answer.text) == (404, True)
    assert (await house.client.get("/no-such-page")).json()["code"] == "not_found"


async def test_pages_load_nothing_that_stands_inside_them(house: House) -> None:
    """No inline script and no inline style is allowed, and none is there."""
    browser = await house.console()
    answer = await browser.get("/settings/me")
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    # Under `no-referrer` a browser names no origin with a form, and every form would be refused.
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "style=" not in answer.text
    assert "<style" not in answer.text


async def test_the_token_of_forms_looks_otherwise_on_each_page(house: House) -> None:
    """And each of them is good: a form that was opened before another page is sent all the same."""
    browser = await house.console()
    await browser.get("/settings/me")
    first = browser.token
    await browser.get("/settings/me")
    assert browser.token != first
    browser.token = first
    await browser.post("/settings/me/language", {"language": "en"})
    assert "<h1>My account</h1>" in (await browser.get("/settings/me")).text
