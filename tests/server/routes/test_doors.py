"""What every answer carries, whom a proxy may speak for, and what a stranger can ask for in a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from server.app import _ROUTES
from server.routes.asker import address_of, is_https
from server.values import Network
from sync.ids import new_id
from tests.server.routes.conftest import housed
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire

PROXY = "10.0.0.5"
CARRIED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
JSON = {"Content-Type": "application/json"}
HSTS = "strict-transport-security"


def paths() -> list[tuple[str, str]]:
    """Every route that there is, with each of its methods; the OpenAPI, and what is no route."""
    found = [(method, path) for one in _ROUTES for path in one.paths for method in sorted(one.http_methods)]
    return [*found, ("GET", "/schema/openapi.json"), ("GET", "/nothing"), ("DELETE", "/sync"), ("TRACE", "/")]


def scope(peer: str | None, scheme: str = "http", **headers: str) -> Any:
    """What a server says of a request."""
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "scheme": scheme, "client": None if peer is None else (peer, 1), "headers": named}


TRUSTED: tuple[Network, ...] = (ip_network(PROXY), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[House]:
    """A deployment with little patience, behind a proxy at the address that tests come from."""
    changed = {"unsigned_per_minute": 3, "enrolments_per_minute": 3, "trusted_proxies": (ip_network("127.0.0.1"),)}
    async with housed(tmp_path / "home", **changed) as house:
        yield house


@pytest.mark.parametrize(("method", "path"), paths())
async def test_every_answer_tells_a_browser_to_show_keep_and_guess_nothing(
    house: House, method: str, path: str
) -> None:
    """Whatever is asked and however it is refused, once; HSTS over TLS alone."""
    answer = await house.client.request(method, path.replace("{photo:str}", str(new_id(1, bytes(10)))))
    assert {name: answer.headers.get_list(name) for name in CARRIED} == {name: [is_] for name, is_ in CARRIED.items()}
    assert HSTS not in answer.headers
    assert len(answer.headers["x-request-id"]) == 16
    assert "server" not in answer.headers
    over_tls = await house.client.request(method, "https://test" + path.replace("{photo:str}", "x"))
    assert over_tls.headers[HSTS] == "max-age=31536000"


async def test_answers_to_devices_and_streams_carry_it_too(house: House) -> None:
    """Also where a route says one of them itself."""
    phone = await house.phone()
    answer = await phone.post(b"no frame")
    assert {name: answer.headers[name] for name in CARRIED} == CARRIED
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.until(b":\n\n")
    headers = wire.sent[0]["headers"]
    assert [value for name, value in headers if name == b"cache-control"] == [b"no-store"]
    assert (b"x-content-type-options", b"nosniff") in headers
    wire.hang_up()
    await wire.ended()


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        (PROXY, "1.2.3.4, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        (PROXY, "", PROXY),
        (PROXY, "10.1.0.1", "10.1.0.1"),
        (PROXY, "1.2.3.4, unknown", "unknown"),
        (PROXY, "198.51.100.1:443", "198.51.100.1:443"),
        (PROXY, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        (None, "198.51.100.1", ""),
        ("", "198.51.100.1", ""),
        (PROXY, "x" * 5000, "x" * 64),
        (PROXY, ",".join(["10.1.0.1"] * 500 + [" "]), "10.1.0.1"),
    ],
)
def test_a_proxy_is_believed_where_it_is_ours(peer: str | None, forwarded: str, found: str) -> None:
    """From the last hop back to the first that is none of ours; an IPv6 line is one asker."""
    assert address_of(scope(peer, x_forwarded_for=forwarded), TRUSTED) == found
    assert address_of(scope(peer, x_forwarded_for=forwarded), ()) == address_of(scope(peer), ())


def test_a_header_that_came_twice_is_read_as_one() -> None:
    """As proxies that add a header of their own make it."""
    twice = scope(PROXY, x_forwarded_for="1.2.3.4")
    twice["headers"].append((b"x-forwarded-for", b"198.51.100.1"))
    assert address_of(twice, TRUSTED) == "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "scheme", "proto", "is_over_tls"),
    [
        (PROXY, "http", "https", True),
        (PROXY, "http", "http", False),
        (PROXY, "http", "", False),
        ("203.0.113.9", "http", "https", False),
        ("203.0.113.9", "https", "", True),
    ],
)
def test_only_our_proxy_says_that_it_was_tls(peer: str, scheme: str, proto: str, is_over_tls: bool) -> None:
    """Nobody sends a browser to TLS that is not there."""
    assert is_https(scope(peer, scheme, x_forwarded_proto=proto), TRUSTED) is is_over_tls


async def refused(house: House, address: str, **headers: str) -> int:
    """The status of a request that is not signed, from an address behind the proxy."""
    sent = {"X-Forwarded-For": address} | {name.replace("_", "-"): value for name, value in headers.items()}
    return (await house.client.post("/sync", content=b"", headers=sent)).status_code


async def test_an_address_that_hammers_is_sent_away_alone(small: House) -> None:
    """By Retry-After; another address, and devices that sign from that very one, notice nothing of it."""
    phone = await small.phone()
    assert [await refused(small, "198.51.100.1") for _ in range(5)] == [401, 401, 401, 429, 429]
    assert await refused(small, "198.51.100.2") == 401
    same = {"X-Forwarded-For": "198.51.100.1"}
    for _ in range(5):
        assert (await signed(phone, same)).status_code == 200
    away = await small.client.post("/sync", headers=same)
    assert (away.json()["code"], int(away.headers["Retry-After"]) > 0) == ("busy", True)
    small.desk.now += 60_000
    assert await refused(small, "198.51.100.1") == 401


async def signed(phone: Phone, headers: dict[str, str]) -> Any:
    """One exchange with a proof by the device's key and no token."""
    return await phone.house.client.post(
        "/sync", content=body(phone), headers=phone.proof(body(phone)) | JSON | headers
    )


def body(phone: Phone) -> bytes:
    """A request in JSON, the same each time."""
    epoch = phone.told["epoch"]
    moment = '{"boot":"b","elapsed":1,"claimed":1}'
    return f'{{"protocol":1,"schema":1,"epoch":"{epoch}","moment":{moment}}}'.encode()


async def test_a_device_that_cannot_sign_locks_out_no_colleague_behind_the_same_address(small: House) -> None:
    """A whole office has one address. A known device's failures are its own; they do not keep it out once it can."""
    broken, colleague = await small.phone(), await small.phone()
    office = "198.51.100.1"
    tries = [await refused(small, office, Saojie_Device=str(broken.device).upper()) for _ in range(5)]
    assert tries == [401, 401, 401, 429, 429]
    assert await refused(small, office, Saojie_Device=str(colleague.device)) == 401
    assert (await signed(broken, {"X-Forwarded-For": office})).status_code == 200
    for _ in range(3):
        await refused(small, office, Saojie_Device=str(small.desk.id()))
    assert await refused(small, office, Saojie_Device=str(small.desk.id())) == 429
    assert await refused(small, office, Saojie_Device=str(colleague.device)) == 401


async def test_codes_are_tried_by_address_and_a_forged_hop_buys_no_try(small: House) -> None:
    """What a stranger writes in front of the hop that our proxy saw changes nothing."""
    statuses = []
    for number in range(5):
        sent = {"X-Forwarded-For": f"1.2.3.{number}, 198.51.100.1"}
        statuses.append((await small.client.post("/enrol", json={}, headers=sent)).status_code)
    assert statuses == [400, 400, 400, 429, 429]
    other = await small.client.post("/enrol", json={}, headers={"X-Forwarded-For": "198.51.100.2"})
    assert other.status_code == 400


async def test_whoever_guesses_the_token_of_operations_keeps_nobody_from_the_meters(small: House) -> None:
    """From one address or many."""
    wrong = {"Authorization": "Bearer " + "0" * 64}
    tries = [(await small.client.get("/metrics", headers=wrong)).status_code for _ in range(5)]
    assert tries == [401, 401, 401, 429, 429]
    assert (await small.client.get("/metrics", headers=small.operator())).status_code == 200
