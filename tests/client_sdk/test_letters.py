"""Orders and leases as small signed bytes: believed only from the company, for this device, while they help."""

from __future__ import annotations

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_sdk.errors import InvalidInput, LetterRefused, ReplicaLocked, ReplicaWiped
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import World
from client_sdk.timekeeping import Anchor
from sync.codec import decode, encode
from sync.machine import State
from sync.records import Outlet, Visit
from sync.signing import Kind, Signed, company_signed
from sync.statements import LeaseLetter
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_with_keys
from tests.client_sdk.test_kills import kill_everywhere


def refused(replica: Replica, signed: Signed) -> str:
    """The code with which signed bytes are refused."""
    with pytest.raises((InvalidInput, LetterRefused, ReplicaWiped)) as error:
        replica.accept(encode(signed))
    return str(error.value.code)


def locked(world: World) -> Replica:
    """A phone with pending work whose lease is over, without a network."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="pending")
    world.time.now += DAY + HOUR
    world.server.cut()
    assert replica.status().state is State.LOCKED
    return replica


def test_a_letter_opens_a_locked_phone_without_a_network(world: World) -> None:
    """The same share comes, so the archive and the pending work are there; it runs as long as the letter says."""
    replica = locked(world)
    status = replica.accept(encode(world.company.letter_for(world.device(replica), 5 * HOUR)))
    assert (status.state, status.lease_ends) == (State.OPEN, world.time.now + 5 * HOUR)
    assert [one.notes for one in replica.all(Visit)] == ["pending"]
    world.time.now += 5 * HOUR
    with pytest.raises(ReplicaLocked):
        replica.all(Outlet)


def test_a_letter_fits_into_a_code_to_scan(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A QR code holds about 2,900 bytes; small codes are scanned from a cracked screen."""
    device = world.device(world.phone())
    lease, order = encode(world.company.letter_for(device)), encode(world.company.order_wipe(device))
    with capsys.disabled():
        print(f"\na lease by letter has {len(lease)} bytes, an order {len(order)}")  # noqa: T201  # a size to look at
    assert len(lease) < 700
    assert len(order) < 400


def test_a_letter_comes_as_bytes_as_a_code_or_as_a_pasted_line(world: World) -> None:
    """However it was carried; a line may be broken, and noise is refused."""
    replica = locked(world)
    signed = encode(world.company.letter_for(world.device(replica), 5 * HOUR))
    plain = base64.b64encode(signed).decode()
    code = f"saojie:accept?b={base64.urlsafe_b64encode(signed).decode().rstrip('=')}"
    for carried in (signed, code, plain, f"  {plain[:76]}\r\n{plain[76:]}\n", plain.rstrip("=")):
        assert replica.accept(carried).state is State.OPEN
    for noise in ("", "saojie:accept", "saojie:accept?b=%%%", "写", "QUJD", b""):
        with pytest.raises(InvalidInput):
            replica.accept(noise)


def test_a_letter_may_come_twice(world: World) -> None:
    """It says the same; it is refused only when its lease is over."""
    replica = locked(world)
    letter = world.company.letter_for(world.device(replica), 5 * HOUR)
    replica.accept(encode(letter))
    world.time.now += HOUR
    assert replica.accept(encode(letter)).state is State.OPEN
    world.time.now += 4 * HOUR
    assert refused(replica, letter) == "letter_over"
    assert replica.status().state is State.LOCKED


def test_a_letter_older_than_the_lease_held_is_refused(world: World) -> None:
    """A kept letter does not lengthen a lease that was cut short since."""
    world.outlet()
    replica = world.phone()
    kept = world.company.letter_for(world.device(replica), 7 * DAY)
    world.time.now += HOUR
    replica.accept(encode(world.company.letter_for(world.device(replica), 2 * HOUR)))
    assert refused(replica, kept) == "letter_old"
    assert replica.status().lease_ends == world.time.now + 2 * HOUR


def test_a_letter_whose_lease_is_over_is_refused_by_the_reckoned_time(world: World) -> None:
    """However the date is set: boots and running time count."""
    replica = locked(world)
    letter = world.company.letter_for(world.device(replica), HOUR)
    for _ in range(3):
        world.clock().reboot()
        world.clock().ahead -= 30 * DAY
        replica = world.opened()
        replica.status()
    assert refused(replica, letter) == "letter_over"


def test_a_letter_moves_no_time_backwards_and_is_no_contact(world: World) -> None:
    """It shows that its time has come; a phone whose date ran ahead stays ahead until it hears the server."""
    replica = locked(world)
    keys = replica._device.keys
    contact = replica.status().last_contact
    letter = world.company.letter_for(world.device(replica), 2 * DAY)
    world.clock().reboot()
    world.clock().ahead = DAY
    replica.status()
    before = keys.get(Anchor)
    assert before is not None
    assert replica.accept(encode(letter)).state is State.OPEN
    after = keys.get(Anchor)
    assert after is not None
    assert (after.high, after.server, after.contact) == (before.high, before.server, contact)
    world.clock().reboot()
    world.clock().ahead = -30 * DAY
    world.time.now += DAY
    replica.accept(encode(world.company.letter_for(world.device(replica), 5 * DAY)))
    told = keys.get(Anchor)
    assert told is not None
    assert told.high >= world.time.now
    assert told.proved == world.time.now
    assert told.contact == contact


def test_an_erased_phone_begins_a_new_replica_by_letter(world: World) -> None:
    """It keeps its sealing key; what was pending stays sealed for the company."""
    replica = locked(world)
    world.time.now += 8 * DAY
    assert replica.status().state is State.ERASED
    status = replica.accept(encode(world.company.letter_for(world.device(replica))))
    assert (status.state, status.complete, status.pending) == (State.OPEN, False, 1)
    world.server.mend()
    assert replica.sync().ended == "done"
    assert len(replica.all(Outlet)) == 1


def test_only_the_company_writes_letters_and_only_to_this_device(world: World) -> None:
    """Another key outside or inside, another device, noise inside: refused, and nothing has changed."""
    replica = locked(world)
    device, company = world.device(replica), world.company
    other = world.device(world_other(world))
    letter = company.letter_for(device)
    inside = decode(letter.body, LeaseLetter)
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    foreign = company_signed(Kind.LEASE, inside.terms.body, stranger)
    theirs = decode(company.letter_for(other).body, LeaseLetter)
    forged = [
        msgspec.structs.replace(letter, signature=bytes(64)),
        company_signed(Kind.LEASE_LETTER, letter.body, stranger),
        company_signed(Kind.LEASE_LETTER, b"\x90", company.signing),
        company_signed(Kind.LEASE, letter.body, company.signing),
        *(
            company_signed(Kind.LEASE_LETTER, encode(body), company.signing)
            for body in (
                msgspec.structs.replace(inside, terms=foreign),
                msgspec.structs.replace(inside, terms=theirs.terms),
                msgspec.structs.replace(inside, device=company.new_id()),
                msgspec.structs.replace(inside, company=company.new_id()),
            )
        ),
        company.letter_for(other),
    ]
    assert {refused(replica, one) for one in forged} == {"bad_signature"}
    assert replica.status().state is State.LOCKED
    assert replica._device.ports.keystore.get("lease_share") is None


def world_other(world: World) -> Replica:
    """Another person's phone of the same company."""
    world.server.mend()
    replica = world.phone(world.company.hire("老李", world.east), name="other")
    world.server.cut()
    return replica


def test_a_share_sealed_to_another_key_opens_nothing(world: World) -> None:
    """Also where a phone has no sealing key at all, because its key store was lost."""
    replica = locked(world)
    device = world.device(replica)
    mine = device.sealing_key
    device.sealing_key = world.device(world_other(world)).sealing_key
    assert refused(replica, world.company.letter_for(device)) == "letter_sealed"
    device.sealing_key = mine
    replica._device.ports.keystore.destroy("sealing_key")
    assert refused(replica, world.company.letter_for(device)) == "letter_sealed"


def test_after_an_order_no_letter_opens_anything(world: World) -> None:
    """It was written before the order, or after: the phone stays what it is, and its sealing key is gone."""
    replica = locked(world)
    device = world.device(replica)
    before = world.company.letter_for(device)
    share = device.share
    replica.accept(encode(world.company.order_wipe(device)))
    device.share = share
    for letter in (before, world.company.letter_for(device)):
        assert refused(replica, letter) == "replica_wiped"
    store = replica._device.ports.keystore
    assert store.get("sealing_key") is store.get("lease_share") is store.get("device_share") is None


def test_a_letter_killed_at_every_write_is_taken_or_not(world: World, killer: Killer) -> None:
    """What was stored is whole: the next process is locked as before or open, and the letter may come again."""
    replica = locked(world)
    letter = encode(world.company.letter_for(world.device(replica), 5 * HOUR))
    replica.close()
    (world.directory / "phone" / "scanned").write_bytes(letter)

    def check(replica: Replica, is_done: bool) -> None:
        state = replica.status().state
        assert state is State.OPEN if is_done else state in {State.OPEN, State.LOCKED}
        assert replica.accept(letter).state is State.OPEN
        assert [one.notes for one in replica.all(Visit)] == ["pending"]

    kill_everywhere(world, killer, "accept", check, least=4)


def test_an_order_scanned_without_a_network_and_killed_at_every_write_is_carried_out(
    world: World, killer: Killer
) -> None:
    """From the moment it is stored nothing opens; work that was pending is handed in when there is a network."""
    outlet = world.outlet(phone="13811112222")
    words = {"老张烟酒", "13811112222", "pending"}
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="pending")
        order = encode(world.company.order_wipe(world.device(replica)))
    (world.directory / "phone" / "scanned").write_bytes(order)

    def check(replica: Replica, is_done: bool) -> None:
        world.server.cut()
        if is_done or replica.status().state is not State.OPEN:
            with pytest.raises(ReplicaWiped):
                replica.all(Outlet)
            assert found_with_keys(replica._device.places.directory, words) == set()
        replica.accept(order)
        assert (replica.status().pending, replica.sync().ended) == (1, "wiped")
        world.server.mend()
        assert (replica.sync().state, replica.status().handed_in) == (State.WIPED, 1)

    kill_everywhere(world, killer, "accept", check, least=12)
