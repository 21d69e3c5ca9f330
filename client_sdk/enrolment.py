"""Enrolment: a code and a fresh device key become a device of the company, with its keys pinned.

A QR code holds the fingerprints of the company's keys, and they are compared; a code that was typed trusts TLS. After a
lost answer the same call may be made again: the key is kept until the enrolment is stored.

A phone whose key store was lost can prove to nobody who it is. It may be enrolled again in the same directory, for the
same person: it is a new device then, and hands in the work that the old one left, sealed as it is. One that was wiped
has nothing left, and may be enrolled again for anybody.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from client_sdk import vault
from client_sdk.errors import EnrolmentRefused, NoNetwork
from client_sdk.keys import Enrolment, Keys, ServerFacts
from client_sdk.lifecycle import DEVICE_KEY, SEALING_KEY
from client_sdk.places import Places, Ports
from client_sdk.ports import AttestingKeyStore, KeyStore, Reply, Request, Unreachable
from client_sdk.proving import can_prove
from client_sdk.timekeeping import anchored, moment_of
from sync.codec import DecodeError, decode, from_json
from sync.enrolment import Enrolled, EnrolRequest
from sync.keychain import Pins, history, names_of
from sync.machine import State
from sync.signing import Kind, Signed, message_of

__all__ = ["Code", "enrol", "read_code"]

_LENGTH = 24
_ALPHABET = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class Code(msgspec.Struct, frozen=True):
    """What a code says: 24 characters, and from a QR code the address and the fingerprints of the company's keys."""

    text: str
    url: str = ""
    signing: str = ""
    opening: str = ""


class _Problem(msgspec.Struct, frozen=True):
    code: str = "internal"
    detail: str = ""


def read_code(typed: str) -> Code:
    """Read what was typed or scanned. Raises EnrolmentRefused."""
    typed = typed.strip()
    if not typed.lower().startswith("saojie:"):
        return Code(_normal(typed))
    fields = {name: values[0] for name, values in parse_qs(urlsplit(typed).query).items()}
    if not all(fields.get(name) for name in "ucso"):
        raise EnrolmentRefused("bad_code", "the QR code is not complete")
    return Code(_normal(fields["c"]), fields["u"], fields["s"], fields["o"])


def _normal(typed: str) -> str:
    text = typed.upper().translate(_LOOKS_LIKE)
    if len(text) != _LENGTH or not set(text) <= _ALPHABET:
        raise EnrolmentRefused("bad_code")
    return text


def enrol(code: Code, url: str, directory: Path, ports: Ports, model: str) -> None:
    """Enrol and store the enrolment. Raises EnrolmentRefused, NoNetwork."""
    places = Places(directory)
    ports.disk.make_directory(directory)
    keys = Keys(places.keys, ports.disk)
    try:
        is_over = keys.state is State.WIPED
        old = None if is_over else keys.enrolment
        if old is not None and (keys.orders or can_prove(old.public_key, ports.keystore)):
            raise EnrolmentRefused("already_enrolled")
        # Where a platform attests a key, it does so when it makes it.
        attestation = _attestation(code, ports.keystore)
        public = ports.keystore.make_key(DEVICE_KEY)
        asked = moment_of(ports.clock)
        said = _asked(_request(code, public, ports, model, attestation), ports)
        enrolled = _read(said)
        pins = _pins(code, enrolled)
        if old is not None and (old.company, old.staff) != (enrolled.company, enrolled.staff):
            raise EnrolmentRefused("already_enrolled", "the work in this directory is another person's")
        if is_over:
            keys.close()
            ports.disk.remove_database(places.keys)
            keys = Keys(places.keys, ports.disk)
        keys.enrol(
            _enrolment(url, enrolled, public),
            pins,
            ServerFacts(bytes.fromhex(enrolled.epoch), bytes.fromhex(enrolled.challenge)),
            anchored(asked, enrolled.server_time),
        )
    finally:
        keys.close()


def _attestation(code: Code, keystore: KeyStore) -> tuple[bytes, ...]:
    if not isinstance(keystore, AttestingKeyStore):
        return ()
    return keystore.attest(DEVICE_KEY, hashlib.sha256(code.text.encode()).digest())


def _sealing_key(ports: Ports) -> bytes:
    """The public half of the key that leases by letter are sealed to; made once, and kept before it is told."""
    secret = ports.keystore.get(SEALING_KEY)
    if secret is None:
        secret = ports.random.bytes(vault.KEY_BYTES)
        ports.keystore.put(SEALING_KEY, secret)
    return vault.sealing_public(secret)


def _request(code: Code, public: bytes, ports: Ports, model: str, attestation: tuple[bytes, ...]) -> EnrolRequest:
    signature = ports.keystore.sign(DEVICE_KEY, message_of(Kind.ENROLMENT, code.text.encode()))
    chain = tuple(one.hex() for one in attestation)
    return EnrolRequest(code.text, public.hex(), signature.hex(), model, _sealing_key(ports).hex(), chain)


def _asked(body: EnrolRequest, ports: Ports) -> Reply:
    request = Request("POST", "/enrol", {"Content-Type": "application/json"}, msgspec.json.encode(body))
    try:
        return ports.transport.send(request)
    except Unreachable as error:
        raise NoNetwork("enrolment") from error


def _read(reply: Reply) -> Enrolled:
    """What the server said, if it enrolled this phone. Raises EnrolmentRefused, NoNetwork."""
    try:
        if reply.status != 200:
            problem = from_json(reply.body, _Problem)
            raise EnrolmentRefused(problem.code, problem.detail)
        return from_json(reply.body, Enrolled)
    except DecodeError as error:
        raise NoNetwork("the answer was cut off, or is not a Saojie server's") from error


def _pins(code: Code, said: Enrolled) -> Pins:
    """The keys to pin, if those of the code lead to them: nobody else's do. Raises EnrolmentRefused, NoNetwork."""
    try:
        given = Pins(bytes.fromhex(said.signing_keys[0]), bytes.fromhex(said.opening_key))
        signing, opening = said.first_keys or (given.signing.hex(), given.opening.hex())
        first = Pins(bytes.fromhex(signing), bytes.fromhex(opening))
        changes = [decode(bytes.fromhex(one), Signed) for one in said.key_changes]
    except (DecodeError, ValueError, IndexError) as error:
        raise NoNetwork("the answer was cut off, or is not a Saojie server's") from error
    stages = history(first, changes, said.company)
    is_whole = (stages[-1].signing, stages[-1].opening) == (given.signing, given.opening)
    names = [names_of(one) for one in stages]
    if not is_whole or (code.signing and (code.signing, code.opening) not in names):
        raise EnrolmentRefused("wrong_server")
    return stages[-1]


def _enrolment(url: str, said: Enrolled, public: bytes) -> Enrolment:
    return Enrolment(
        url=url,
        company=said.company,
        company_name=said.company_name,
        device=said.device,
        staff=said.staff,
        staff_name=said.staff_name,
        enrolment=bytes.fromhex(said.enrolment),
        public_key=public,
        opening_key=bytes.fromhex(said.opening_key),
        confirm=said.confirm,
    )
