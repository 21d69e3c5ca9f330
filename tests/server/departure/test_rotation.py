"""Changes of the company's keys on the server: prepared, in use, followed by other processes; keys that are let go."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from server.departure.cutoff import lose_device, offboard
from server.departure.means import Means
from server.departure.photo_records import listed, read_photo
from server.departure.recovery import reconcile
from server.departure.rotation import StillSealed, put_into_use, retire_opening, still_sealed, unaware
from server.identity.key_changes import Turn, prepare
from server.identity.keys import CompanyKeys, KeyFileError, load_keys
from server.master.departures import wipe_orders
from server.master.meta import read_identity
from server.master.people import devices as device_rows
from server.master.tables import meta
from sync.codec import encode
from sync.errors import Refusal
from sync.signing import Kind, fingerprint, verified_company
from sync.statements import KeyTurn
from tests.server.departure.office import Office, Phone
from tests.server.departure.sealing import hand_in, taken
from tests.source import ROOT

SIGNING, OPENING, RETIRED = KeyTurn.SIGNING, KeyTurn.OPENING, KeyTurn.RETIRED


async def rotated(means: Means, *turns: KeyTurn) -> None:
    """Prepare changes and put them into use."""
    async with means.store.read() as tx:
        company = (await read_identity(tx)).company
    prepare(means.keys, company, [Turn(one) for one in turns], means.sources)
    assert [one.turn for one in await put_into_use(means)] == [*turns]


async def says(office: Office, phone: Phone, number: int | None, sealed: int | None) -> None:
    """The phone said that it is so far."""
    values = {"keys_number": number, "keys_sealed": sealed}
    async with office.store.write() as tx:
        await tx.execute(update(device_rows).where(device_rows.c.id == phone.id.bytes).values(values))


def copied(office: Office, name: str) -> CompanyKeys:
    """The keys as another machine has them, which they were copied to now."""
    shutil.copytree(office.home / "keys", office.home / name)
    return load_keys(office.home / name)


async def test_what_is_prepared_changes_nothing_until_it_is_in_use(office: Office) -> None:
    """It is kept, told to nobody, and only one can wait."""
    before = office.keys.signing_public
    prepare(office.keys, office.company, [Turn(SIGNING), Turn(OPENING)], office.sources)
    assert (office.keys.number, office.keys.newest, office.keys.changes) == (0, 2, ())
    assert office.keys.signing_public == before == load_keys(office.keys.folder).signing_public
    with pytest.raises(KeyFileError, match=r"keys_prepared.*saojie keys use"):
        prepare(office.keys, office.company, [Turn(SIGNING)], office.sources)
    assert len(await put_into_use(office.means)) == 2
    assert office.keys.signing_public[1:] == before
    assert load_keys(office.keys.folder).signing_public == office.keys.signing_public
    assert await put_into_use(office.means) == ()
    assert [body["turn"] for kind, body in await office.journal() if kind == "keys_changed"] == [SIGNING, OPENING]


async def test_another_machine_follows_once_it_has_the_files_and_refuses_until_then(office: Office) -> None:
    """What it has not got it cannot sign with; orders of a cut-off do not slip through."""
    behind = copied(office, "behind")
    prepare(office.keys, office.company, [Turn(SIGNING)], office.sources)
    ready = copied(office, "ready")
    await put_into_use(office.means)
    phone = await office.enrol(office.wang)
    with pytest.raises(Refusal, match="keys_behind"):
        await lose_device(replace(office.means, keys=behind), phone.id)
    assert await office.orders(phone) == ()
    await lose_device(replace(office.means, keys=ready), phone.id)
    (order,) = await office.orders(phone)
    assert verified_company(order, Kind.WIPE_ORDER, [office.keys.pins.signing])
    assert (ready.number, load_keys(ready.folder).number) == (1, 1)


async def test_the_departures_file_is_read_across_changes(office: Office) -> None:
    """Lines by each key stand in one chain, also for a process that starts before it ever followed."""
    for _ in range(2):
        phone = await office.enrol(office.wang)
        await lose_device(office.means, phone.id)
        await rotated(office.means, SIGNING)
    (office.keys.folder / "in_use").unlink()
    fresh = load_keys(office.keys.folder)
    found = await reconcile(office.store, office.means.file, fresh, office.sources)
    assert (found.epoch, fresh.number) == (None, 2)
    assert len(office.file.read()) == 3


async def test_a_restored_database_does_not_bring_an_old_key_back(office: Office) -> None:
    """The files remember what was in use, and a start tells the database."""
    await rotated(office.means, SIGNING)
    async with office.store.write() as tx:
        await tx.execute(delete(meta).where(meta.c.key == "keys"))
    fresh = load_keys(office.keys.folder)
    assert fresh.number == 1
    await reconcile(office.store, office.file, fresh, office.sources)
    async with office.store.read() as tx:
        assert (await read_identity(tx)).keys == fresh.in_use_at(1)


async def test_orders_of_a_restored_database_are_signed_by_a_key_that_phones_believe(office: Office) -> None:
    """The backup is from before the key that had signed them was retired."""
    phone = await office.enrol(office.wang)
    await lose_device(office.means, phone.id)
    (before,) = await office.orders(phone)
    await rotated(office.means, SIGNING)
    prepare(office.keys, office.company, [Turn(RETIRED, office.keys.pins.older[0])], office.sources)
    await put_into_use(office.means)
    async with office.store.write() as tx:
        await tx.execute(delete(meta).where(meta.c.key == "keys"))
        await tx.execute(update(wipe_orders).values(signed=encode(before)))
    await reconcile(office.store, office.file, load_keys(office.keys.folder), office.sources)
    (after,) = await office.orders(phone)
    assert (after.body, after.key) == (before.body, fingerprint(office.keys.pins.signing))
    assert verified_company(after, Kind.WIPE_ORDER, office.keys.pins.believed)


async def test_of_two_machines_that_prepared_each_a_change_only_one_has_the_company_s_keys(office: Office) -> None:
    """The other answers nothing, neither with its own nor with the old ones, until it has a copy of the first's."""
    other = copied(office, "other")
    prepare(office.keys, office.company, [Turn(SIGNING)], office.sources)
    prepare(other, office.company, [Turn(SIGNING)], office.sources)
    await put_into_use(office.means)
    for _ in range(2):
        with pytest.raises(Refusal, match="keys_behind"):
            await put_into_use(replace(office.means, keys=other))
    phone = await office.enrol(office.wang)
    with pytest.raises(Refusal, match="keys_behind"):
        await lose_device(replace(office.means, keys=other), phone.id)
    assert other.number == 0
    shutil.copytree(office.keys.folder, other.folder, dirs_exist_ok=True)
    await lose_device(replace(office.means, keys=other), phone.id)
    (order,) = await office.orders(phone)
    assert verified_company(order, Kind.WIPE_ORDER, [office.keys.pins.signing])


async def test_orders_that_a_retired_key_signed_are_signed_again(office: Office) -> None:
    """The same order, by the new key; the private half of the retired one is gone."""
    phone = await office.enrol(office.wang)
    await lose_device(office.means, phone.id)
    (before,) = await office.orders(phone)
    await rotated(office.means, SIGNING)
    assert await office.orders(phone) == (before,)
    retired = Turn(RETIRED, office.keys.pins.older[0])
    prepare(office.keys, office.company, [retired], office.sources)
    await put_into_use(office.means)
    (after,) = await office.orders(phone)
    assert (after.body, after.key == before.key) == (before.body, False)
    assert verified_company(after, Kind.WIPE_ORDER, office.keys.pins.believed)
    assert not (office.keys.folder / "signing.key").exists()
    assert len(load_keys(office.keys.folder).signing_public) == 2


async def test_an_opening_key_is_needed_while_anything_may_be_sealed_to_it(office: Office) -> None:
    """By phones in use that say so or never said, and by ordered ones that have not handed in."""
    fresh, old, silent, gone = [await office.enrol(office.wang) for _ in range(4)]
    await rotated(office.means, OPENING)
    await says(office, fresh, 1, 1)
    await says(office, old, 1, 0)
    await says(office, gone, 0, 0)
    await lose_device(office.means, gone.id)
    async with office.store.read() as tx:
        found = await still_sealed(tx, 0, 1)
        assert {one.id for one in await unaware(tx)} == {silent.id}
    assert ({*found.phones}, found.ordered) == ({old.id, silent.id}, (gone.id,))
    for phone in (old, silent):
        await says(office, phone, 1, 1)
    async with office.store.read() as tx:
        assert await still_sealed(tx, 0, 1) == StillSealed((), (gone.id,))


async def test_photos_that_lie_here_are_sealed_to_the_new_key_before_the_old_one_goes(office: Office) -> None:
    """Handed in under the first key, read under the third, with both old ones gone."""
    phone = await office.enrol(office.wang)
    picture = taken(phone, phone.register(office.east, "老张烟酒"))
    await offboard(office.means, office.wang, "left")
    await rotated(office.means, OPENING)
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    await hand_in(office, phone, picture)
    await rotated(office.means, OPENING)
    assert [await retire_opening(office.means, number) for number in (0, 1)] == [1, 0]
    assert sorted(path.name for path in office.keys.folder.glob("opening*")) == ["opening-2.key"]
    async with office.store.read() as tx:
        (found,) = await listed(tx)
        means = replace(office.means, keys=load_keys(office.keys.folder))
        assert await read_photo(means, tx, found) == picture.data


@pytest.mark.parametrize("steps", [(SIGNING, RETIRED), (OPENING,), (SIGNING, OPENING)])
def test_killed_at_any_point_the_company_has_its_keys(tmp_path: Path, steps: tuple[KeyTurn, ...]) -> None:
    """A process that rotates is killed before each act on a file and before it commits. What is there then is whole, is
    what phones can follow, and the same can be done again to the end.
    """
    office = tmp_path / "office"
    done = subprocess.run(
        [sys.executable, "-m", "tests.server.departure.rotating", str(office), *steps],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kills = int(done.stdout.splitlines()[-1])
    assert kills >= 8
