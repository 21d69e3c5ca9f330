"""Enrolment: a code and a fresh key become a device; nothing is trusted that the code does not vouch for."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest

from client_sdk.enrolment import read_code
from client_sdk.errors import EnrolmentRefused, NoNetwork, NotConfirmed, NotEnrolled
from client_sdk.keystore import FileKeyStore
from client_sdk.ports import AttestingKeyStore, Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.world import URL, World
from client_sdk.vault import sealing_public
from sync.machine import State
from sync.signing import fingerprint, six_digits


def payload(world: World, code: str, *, signing: str = "", opening: str = "") -> str:
    """What the QR code of an enrolment holds."""
    company = world.company
    signing = signing or fingerprint(company.signing.public_key().public_bytes_raw())
    opening = opening or fingerprint(company.opening.public_key().public_bytes_raw())
    return f"saojie:enrol?u={quote(URL, safe='')}&c={code.replace('-', '')}&s={signing}&o={opening}"


def test_both_sides_work_out_the_same_six_digits(world: World) -> None:
    """The phone shows what the maker of the code sees."""
    replica = world.enrolled(confirm=True)
    device = world.device(replica)
    assert replica.confirmation == six_digits(device.enrolment, device.public_key)
    assert len(replica.confirmation) == 6


def test_nothing_is_answered_before_the_digits_are_confirmed(world: World) -> None:
    """No lease and no record until somebody confirmed; then the next sync opens the replica."""
    world.outlet()
    replica = world.enrolled(confirm=True)
    assert replica.sync().ended == "awaiting_confirmation"
    with pytest.raises(NotConfirmed):
        replica.outlets.list()
    assert not (world.directory / "phone" / "replica.db").exists()
    world.company.confirm(world.device(replica))
    assert replica.sync().ended == "done"
    assert len(replica.outlets.list()) == 1


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_a_code_may_be_typed_in_any_way(world: World, change: object) -> None:
    """Case, dashes and spaces do not matter."""
    assert callable(change)
    code = world.company.code_for(world.rep)
    replica = Replica.enrol(
        URL, code=change(code), directory=world.directory / "typed", **world.ports(world.directory / "typed")
    )
    assert replica.status().state is State.AWAITING


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    """O is read as 0, I and L as 1."""
    assert read_code("OIL0-0000-0000-0000-0000-0000").text == "011000000000000000000000"


@pytest.mark.parametrize("typed", ["", "K7QF", "UUUU-0000-0000-0000-0000-0000", "saojie:enrol?c=1"])
def test_what_is_no_code_is_refused_before_anybody_is_asked(world: World, typed: str) -> None:
    """A mistyped code costs none of its five tries."""
    world.server.cut()
    with pytest.raises(EnrolmentRefused) as refused:
        Replica.enrol(URL, code=typed, directory=world.directory / "bad")
    assert refused.value.code == "bad_code"


def test_a_qr_code_needs_no_address(world: World) -> None:
    """The QR code holds the address and the fingerprints."""
    path = world.directory / "qr"
    code = payload(world, world.company.code_for(world.rep))
    assert Replica.enrol(code=code, directory=path, **world.ports(path)).sync().ended == "done"


@pytest.mark.parametrize("which", ["signing", "opening"])
def test_another_companys_keys_are_refused(world: World, which: str) -> None:
    """A server whose keys are not those of the QR code gets nothing, and nothing is stored."""
    path = world.directory / "qr"
    wrong = {which: "0000-0000-0000-0000-0000"}
    with pytest.raises(EnrolmentRefused) as refused:
        Replica.enrol(
            code=payload(world, world.company.code_for(world.rep), **wrong), directory=path, **world.ports(path)
        )
    assert refused.value.code == "wrong_server"
    with pytest.raises(NotEnrolled):
        world.opened("qr")


def test_the_servers_refusal_is_told_in_its_words(world: World) -> None:
    """A code that the server does not know."""
    with pytest.raises(EnrolmentRefused) as refused:
        Replica.enrol(URL, code="0" * 24, directory=world.directory / "no", **world.ports(world.directory / "no"))
    assert (refused.value.code, refused.value.zh) == ("code_wrong", "登记码错误。")


def test_after_a_lost_answer_the_same_call_enrols(world: World) -> None:
    """The code is used up on the server, and the phone still gets in: its key is the one that was enrolled."""
    path, code = world.directory / "lost", world.company.code_for(world.rep)

    def lost(_request: Request, _reply: Reply) -> Reply:
        raise Unreachable("lost on the way back")

    world.server.fault = lost
    with pytest.raises(NoNetwork):
        Replica.enrol(URL, code=code, directory=path, **world.ports(path))
    world.server.fault = None
    first = [device.sealing_key for device in world.company.devices.values()]
    assert Replica.enrol(URL, code=code, directory=path, **world.ports(path)).sync().ended == "done"
    assert [device.sealing_key for device in world.company.devices.values()] == first


def test_a_sealing_key_is_told_and_its_secret_stays_in_the_key_store(world: World) -> None:
    """Leases by letter are sealed to it; no file of the replica holds the secret."""
    replica = world.phone()
    secret = replica._device.ports.keystore.get("sealing_key")
    assert secret is not None
    assert sealing_public(secret) == world.device(replica).sealing_key
    assert all(secret not in path.read_bytes() for path in (world.directory / "phone").glob("*.db*"))


class Attesting(FileKeyStore):
    """A key store whose platform vouches for its keys, as far as a test can."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.asked: list[tuple[str, bytes, bytes | None]] = []

    def attest(self, name: str, challenge: bytes) -> tuple[bytes, ...]:
        """A chain that names the challenge."""
        self.asked.append((name, challenge, self.get(name)))
        return b"leaf " + challenge, b"root"


def test_a_key_store_that_attests_is_asked_with_the_code_before_the_key_is_made(world: World) -> None:
    """The challenge is the hash of the code in its normal form; the chain reaches the server as it is."""
    path, code = world.directory / "attested", world.company.code_for(world.rep)
    store = Attesting(path / "keystore")
    replica = Replica.enrol(URL, code=code.lower(), directory=path, keystore=store, **world.ports(path))
    challenge = hashlib.sha256(code.replace("-", "").encode()).digest()
    assert store.asked == [("device_key", challenge, None)]
    assert world.device(replica).attestation == (b"leaf " + challenge, b"root")
    assert isinstance(store, AttestingKeyStore)


def test_a_key_store_that_does_not_attest_is_not_asked(world: World) -> None:
    """The default one vouches for nothing."""
    assert world.device(world.phone()).attestation == ()
    assert not isinstance(FileKeyStore(world.directory), AttestingKeyStore)


def test_a_directory_is_enrolled_once(world: World) -> None:
    """A second enrolment would strand the first one's work."""
    world.enrolled()
    with pytest.raises(EnrolmentRefused) as refused:
        world.enrolled()
    assert refused.value.code == "already_enrolled"


def test_a_wiped_directory_begins_again_for_anybody(world: World) -> None:
    """A phone goes to the next person after a wipe: a new device with nothing of the old one in it."""
    world.outlet()
    replica = world.phone()
    replica.visits.log(replica.outlets.list()[0].id, notes="交接前")
    before = replica.device
    world.company.cut_off(world.rep)
    assert replica.sync().state is State.WIPED
    replica.close()
    successor = world.company.hire("小李", world.west)
    again = world.enrolled(successor)
    assert (again.staff, again.device != before) == (successor.id, True)
    assert again.sync().ended == "done"
    assert again.status().handed_in == 0
    assert [one.name for one in again.outlets.list()] == ["老张烟酒"]


def test_a_refused_code_leaves_a_wiped_phone_as_it_was(world: World) -> None:
    """What became of the last person's work can still be read until the next one is enrolled."""
    replica = world.phone()
    world.company.cut_off(world.rep)
    replica.sync()
    replica.close()
    with pytest.raises(EnrolmentRefused):
        Replica.enrol(URL, code="0" * 24, directory=world.directory / "phone", **world.ports(world.directory / "phone"))
    assert world.opened().status().state is State.WIPED


def test_an_empty_directory_is_not_opened(world: World) -> None:
    """Opening makes nothing."""
    with pytest.raises(NotEnrolled):
        world.opened("nobody")
    assert not (world.directory / "nobody").exists()
