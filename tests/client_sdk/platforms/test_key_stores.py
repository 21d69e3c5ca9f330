"""One contract for every key store: files, the Android Keystore, the iOS Keychain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client_sdk import Replica
from client_sdk.errors import ReplicaWiped, StorageFailed
from client_sdk.keystore import FileKeyStore
from client_sdk.lifecycle import DEVICE_SHARE, LEASE_SHARE, SEALING_KEY
from client_sdk.platforms.android import AndroidKeyStore
from client_sdk.platforms.ios import IosKeyStore
from client_sdk.ports import AttestingKeyStore, KeyStore
from client_sdk.storage.disk import Disk
from client_sdk.testing.world import URL, World
from sync.codec import encode
from tests.client_sdk.platforms.android import ATTESTATION, Phone
from tests.client_sdk.platforms.ios import Iphone

Opened = Callable[[str], KeyStore]
"""The key store of the replica of this name, as a fresh process opens it."""


@pytest.fixture(params=["file", "android", "ios"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Key stores of one phone."""
    android, iphone = Phone(), Iphone()
    kinds: dict[str, Opened] = {
        "file": lambda name: FileKeyStore(tmp_path / name / "keystore"),
        "android": lambda name: AndroidKeyStore(tmp_path / name / "keystore", java=Phone(android.entries)),
        "ios": lambda name: IosKeyStore(name, objc=iphone),
    }
    yield kinds[request.param]
    assert iphone.leaked == 0


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key in these bytes signed the message."""
    key = serialization.load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def test_it_keeps_to_the_interface(opened: Opened) -> None:
    """Whatever asks for a key store takes it."""
    assert isinstance(opened("replica"), KeyStore)


def test_a_key_is_made_once_and_signs_in_any_process(opened: Opened) -> None:
    """Also messages that are empty or long."""
    public = opened("replica").make_key("device_key")
    assert opened("replica").make_key("device_key") == public
    for message in (b"", b"message", bytes(5000)):
        assert is_signed(public, opened("replica").sign("device_key", message), message)
    assert not is_signed(public, opened("replica").sign("device_key", b"message"), b"another")


def test_a_secret_is_kept_replaced_and_found_by_any_process(opened: Opened) -> None:
    """As it went in, zeros in it or not."""
    assert opened("replica").get("share") is None
    for secret in (b"s" * 32, bytes(31) + b"\x01", bytes(range(256))):
        opened("replica").put("share", secret)
        assert opened("replica").get("share") == secret


def test_what_was_destroyed_is_gone(opened: Opened) -> None:
    """A key signs no more and is made anew as another; destroying what is not there does nothing."""
    store = opened("replica")
    public = store.make_key("device_key")
    store.put("share", b"s" * 32)
    for name in ("device_key", "share", "share", "never"):
        store.destroy(name)
    assert opened("replica").get("share") is None
    with pytest.raises(KeyError):
        opened("replica").sign("device_key", b"message")
    assert opened("replica").make_key("device_key") != public
    store.put("share", b"t" * 32)
    assert opened("replica").get("share") == b"t" * 32


def test_two_replicas_of_one_app_share_nothing(opened: Opened) -> None:
    """Destroying for one leaves the other as it is."""
    mine, yours = opened("mine"), opened("yours")
    assert mine.make_key("device_key") != yours.make_key("device_key")
    mine.put("share", b"m" * 32)
    assert yours.get("share") is None
    yours.put("share", b"y" * 32)
    mine.destroy("share")
    mine.destroy("device_key")
    assert yours.get("share") == b"y" * 32
    assert yours.sign("device_key", b"message")


def test_a_replica_lives_and_ends_on_it(opened: Opened, world: World) -> None:
    """From the enrolment to the wipe: no share and no sealing key is left, and the archive is gone."""
    outlet = world.outlet()
    code, place = world.company.code_for(world.rep), world.directory / "phone"
    store = opened("replica")
    with Replica.enrol(URL, code=code, directory=place, keystore=store, **world.ports(place)) as replica:
        replica.sync()
        replica.visits.log(outlet.id, notes="补货")
    with Replica.open(place, keystore=opened("replica"), **world.ports(place)) as replica:
        assert replica.sync().ended == "done"
        assert store.get(LEASE_SHARE) is not None
        (device,) = world.company.devices.values()
        replica.accept(encode(world.company.order_wipe(device)))
        with pytest.raises(ReplicaWiped):
            replica.outlets.list()
    assert [opened("replica").get(name) for name in (LEASE_SHARE, DEVICE_SHARE, SEALING_KEY)] == [None] * 3


def test_where_the_hardware_does_not_answer_the_app_hears_of_storage(tmp_path: Path) -> None:
    """Both platforms: an error of the SDK's own, which an app shows as any other."""
    phone, iphone = Phone(), Iphone()
    stores: tuple[KeyStore, ...] = (AndroidKeyStore(tmp_path, java=phone), IosKeyStore("replica", objc=iphone))
    phone.broken = iphone.locked = True
    acts: list[Callable[[KeyStore], object]] = [
        lambda store: store.make_key("device_key"),
        lambda store: store.sign("device_key", b""),
        lambda store: store.put("share", b"s"),
        lambda store: store.destroy("share"),
    ]
    for store, act in product(stores, acts):
        with pytest.raises(StorageFailed):
            act(store)


def test_android_secrets_are_worth_nothing_without_their_phone(tmp_path: Path) -> None:
    """The files hold no secret, and a copy on another phone opens none; a kill between two steps leaves none either."""
    store = AndroidKeyStore(tmp_path, java=Phone())
    store.put("share", b"a readable secret of 32 bytes...")
    assert all(b"readable" not in one.read_bytes() for one in tmp_path.iterdir())
    elsewhere = AndroidKeyStore(tmp_path, java=Phone())
    assert elsewhere.get("share") is None
    elsewhere.put("share", b"t" * 32)
    assert elsewhere.get("share") == b"t" * 32


def test_what_a_kill_leaves_of_a_secret_that_was_destroyed_is_none(tmp_path: Path) -> None:
    """Its file stood when the phone was switched off; then a new one was begun, and that was interrupted too."""
    phone = Phone()
    store = AndroidKeyStore(tmp_path, java=phone)
    store.put("share", b"s" * 32)
    phone.entries.clear()
    interrupted = AndroidKeyStore(tmp_path, java=phone, disk=Disk(ending_before("write share")))
    with pytest.raises(InterruptedError):
        interrupted.put("share", b"t" * 32)
    assert AndroidKeyStore(tmp_path, java=phone).get("share") is None


def ending_before(act: str) -> Callable[[str], None]:
    """What ends a process before an act on a file."""

    def step(what: str) -> None:
        if what == act:
            raise InterruptedError(what)

    return step


def test_android_vouches_for_the_key_of_an_enrolment(world: World, tmp_path: Path) -> None:
    """The chain goes to the company: its first certificate is of the device key, and names the code."""
    code, place = world.company.code_for(world.rep), world.directory / "phone"
    store = AndroidKeyStore(tmp_path / "keystore", java=Phone())
    assert isinstance(store, AttestingKeyStore)
    Replica.enrol(URL, code=code, directory=place, keystore=store, **world.ports(place)).close()
    (device,) = world.company.devices.values()
    first = x509.load_der_x509_certificate(device.attestation[0])
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert first.public_key().public_bytes(*form) == device.public_key == store.make_key("device_key")
    said = first.extensions.get_extension_for_oid(ATTESTATION).value
    assert isinstance(said, x509.UnrecognizedExtension)
    challenge = said.value
    assert len(challenge) == len(hashlib.sha256(code.encode()).digest())
    assert store.attest("device_key", challenge) == device.attestation
    assert store.attest("device_key", challenge[::-1]) != device.attestation
