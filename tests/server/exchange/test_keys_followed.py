"""What phones say of the company's keys that they follow: kept where it is news, and one led astray is seen."""

from __future__ import annotations

import shutil
from pathlib import Path

from server.departure.rotation import put_into_use
from server.exchange.keys_followed import STRANGE_KEYS
from server.identity import devices
from server.identity.devices import ASTRAY
from server.identity.key_changes import Turn, prepare
from server.identity.keys import load_keys
from server.master import inbox
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.keychain import Pins, followed
from sync.messages import KeysHeld
from sync.signing import Signed
from sync.statements import KeyTurn
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone


async def kept(company: Company, phone: Phone) -> tuple[int | None, int | None]:
    """What is kept of the keys that a phone follows."""
    async with company.desk.store.read() as tx:
        found = await devices.find(tx, phone.device)
    assert found is not None
    return found.keys_number, found.keys_sealed


async def told(company: Company) -> tuple[int, int]:
    """How often the manager was told, and how many entries of the journal say so."""
    async with company.desk.store.read() as tx:
        items = await inbox.listed(tx, kind=STRANGE_KEYS)
        bodies = [decode(bytes(row.body), list) for row in await tx.execute(journal_bodies.select())]
    return sum(one.times for one in items), sum(body[0] == STRANGE_KEYS for body in bodies)


def held(pins: Pins) -> KeysHeld:
    """What a phone says that believes this and has nothing left that is sealed to an earlier key."""
    return KeysHeld(pins.number, pins.last, pins.since)


async def changed(company: Company, *turns: KeyTurn) -> tuple[Signed, ...]:
    """Change keys; the changes since the first."""
    means = company.means.departure
    prepare(means.keys, company.desk.company, [Turn(one) for one in turns], means.sources)
    await put_into_use(means)
    return means.keys.changes


async def test_a_phone_gets_the_changes_that_it_has_not_followed_and_no_others(company: Company) -> None:
    """What it says is kept; one of an earlier version, which says nothing, gets none."""
    phone, silent = await company.phone(company.wang), await company.phone(company.wang)
    pins = company.means.departure.keys.first
    await phone.sync(keys=held(pins))
    assert await kept(company, phone) == (0, 0)
    changes = await changed(company, KeyTurn.SIGNING, KeyTurn.OPENING)
    reply = await phone.ask(keys=held(pins))
    assert reply.head.keys == changes
    halfway = followed(pins, changes[:1], company.desk.company)
    assert (await phone.ask(keys=held(halfway))).head.keys == changes[1:]
    whole = followed(pins, reply.head.keys, company.desk.company)
    assert (await phone.ask(keys=held(whole))).head.keys == ()
    assert (await silent.ask()).head.keys == ()
    assert (await kept(company, phone), await kept(company, silent)) == ((2, 2), (None, None))


async def test_a_phone_that_was_led_to_keys_of_somebody_else_is_put_before_the_manager_once(
    company: Company, tmp_path: Path
) -> None:
    """Whoever has a copy of the keys signed a change of his own, and the phone followed it; later it is well again."""
    means = company.means.departure
    shutil.copytree(means.keys.folder, tmp_path / "stolen")
    thief = load_keys(tmp_path / "stolen")
    prepare(thief, company.desk.company, [Turn(KeyTurn.SIGNING)], means.sources)
    led = followed(thief.first, thief.all_changes, company.desk.company)
    phone = await company.phone(company.wang)
    await phone.sync(keys=held(means.keys.pins))
    assert await told(company) == (0, 0)
    await changed(company, KeyTurn.SIGNING)
    for _ in range(3):
        reply = await phone.sync(keys=held(led))
        assert reply.head.keys == means.keys.changes
    assert (await kept(company, phone), await told(company)) == ((ASTRAY, 0), (1, 1))
    await phone.sync(keys=held(means.keys.pins))
    assert (await kept(company, phone), await told(company)) == ((1, 0), (1, 1))
