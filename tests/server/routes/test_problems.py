"""Every refusal is problem details with a stable code, and no fault of ours tells what it was about."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from litestar.exceptions import HTTPException
from sqlalchemy.exc import IntegrityError, OperationalError

from server.exchange.means import Means
from server.identity.locks import LockTimeoutError
from server.routes.problems import details_of, headers_of, refusal_of
from sync import frames
from sync.errors import ERRORS, Refusal
from tests.server.routes.house import House

SECRET = "13800000000 老张烟酒"


@pytest.mark.parametrize("code", list(ERRORS))
def test_every_code_has_a_problem(code: str) -> None:
    """Status, both languages, what to do: from the one table."""
    details = details_of(Refusal(code, "why"))
    assert (details.code, details.status, details.detail) == (code, ERRORS[code].status, "why")
    assert details.en
    assert details.zh
    assert details.todo
    assert details.type == f"urn:saojie:problem:{code}"


@pytest.mark.parametrize("code", list(ERRORS))
def test_what_may_pass_says_when_to_come_back(code: str) -> None:
    """429, 500, 503 and 507 carry Retry-After with jitter; a refusal that would repeat never does."""
    waits = {headers_of(Refusal(code), Refusal(code), bytes([draw]).__mul__).get("Retry-After") for draw in range(256)}
    if ERRORS[code].status in {429, 500, 503, 507}:
        assert len(waits) > 1
        assert all(wait is not None and int(wait) >= 1 for wait in waits)
    else:
        assert waits == {None}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HTTPException(status_code=404), "not_found"),
        (HTTPException(status_code=405), "method_not_allowed"),
        (HTTPException(status_code=413), "too_large"),
        (HTTPException(status_code=415), "media_type"),
        (HTTPException(status_code=400), "bad_request"),
        (HTTPException(status_code=500), "internal"),
        (LockTimeoutError(SECRET), "unavailable"),
        (RuntimeError(SECRET), "internal"),
        (OperationalError(SECRET, {}, Exception(SECRET)), "unavailable"),
        (IntegrityError(SECRET, {}, Exception(SECRET)), "internal"),
        (ConnectionResetError(SECRET), "unavailable"),
        (OSError(errno.ENOSPC, SECRET), "server_full"),
    ],
)
def test_every_error_is_one_of_the_codes(error: Exception, code: str) -> None:
    """What nobody foresaw is internal, and its message goes nowhere."""
    refusal = refusal_of(error)
    assert refusal.code == code
    assert SECRET not in refusal.detail


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/nothing/老张", 404, "not_found"),
        ("POST", "/sync/more", 404, "not_found"),
        ("GET", "/sync", 405, "method_not_allowed"),
        ("DELETE", "/enrol", 405, "method_not_allowed"),
        ("PUT", "/live", 405, "method_not_allowed"),
        ("BREW", "/sync", 405, "method_not_allowed"),
        ("GET", "/schema/swagger", 404, "not_found"),
        ("POST", "/sync", 401, "not_signed_in"),
    ],
)
async def test_paths_and_methods_that_are_not_there(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    """Unrouted paths and wrong methods are refused in the same form as everything else."""
    answer = await house.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_head_has_no_body(house: House) -> None:
    """A refusal of a HEAD is its status and its headers."""
    answer = await house.client.head("/nothing")
    assert (answer.status_code, answer.content) == (404, b"")


async def broken(house: House) -> httpx.Response:
    """A sync that fails in a way that nobody foresaw, with a customer's data in the exception."""
    phone = await house.phone()

    class Broken:
        def __getattr__(self, name: str) -> Means:
            raise RuntimeError(f"{SECRET} {name}")

    context = replace(house.context, exchange=Broken())  # type: ignore[arg-type]
    house.app.state.context = context
    return await phone.post(frames.write_request(phone.request()))


async def test_a_fault_of_ours_is_internal_and_tells_nothing(house: House) -> None:
    """500 with a code and a time to come back at; no exception's words in answer or log."""
    answer = await broken(house)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert int(answer.headers["Retry-After"]) >= 1
    assert SECRET not in answer.text
    assert "13800000000" not in house.log.getvalue()


async def test_a_fault_of_ours_is_logged_by_type_and_place(house: House) -> None:
    """Enough to find it: which exception, where in the code, in which request."""
    answer = await broken(house)
    failed, request = house.lines()[-2:]
    assert (failed["event"], failed["types"]) == ("failed", ["builtins.RuntimeError"])
    assert failed["places"][-1].endswith("__getattr__")
    assert (request["id"], request["status"]) == (answer.headers["x-request-id"], 500)


async def test_the_log_names_routes_and_devices_and_no_customer(house: House) -> None:
    """One line a request; never a path with an id, a name, a phone number, a body or a header."""
    person = await house.person("王伟")
    territory = await house.territory("东", person)
    await house.desk.register(house.desk.manager(), territory.id, "老张烟酒")
    phone = await house.phone(person)
    await phone.sync()
    await phone.post(json.dumps({"name": SECRET}).encode(), "application/json", **{"X-Secret": "13800000000"})
    await house.client.get("/13800000000?name=secret")
    await house.client.get(f"/photos/{UUID(int=5)}", headers=phone.bearer())
    text = house.log.getvalue()
    assert not any(word in text for word in ("老张", "王伟", "13800000000", "secret", str(UUID(int=5))))
    lines = [one for one in house.lines() if one["event"] == "request"]
    assert [one["route"] for one in lines] == ["/enrol", "/sync", "/sync", "unrouted", "/photos/{photo}"]
    assert [one["status"] for one in lines] == [200, 200, 400, 404, 404]
    assert {one["device"] for one in lines[1:3]} == {str(phone.device)}
    assert all(one["ms"] >= 0 and len(one["id"]) == 16 for one in lines)
