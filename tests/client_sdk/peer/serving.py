"""The peer as a transport: requests in, replies out, with every way in which a network can fail on the way."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.ports import Reply, Request, Unreachable
from sync.codec import decode, encode
from sync.errors import ERRORS
from sync.frames import MEDIA_TYPE, read_request, write_answer
from sync.messages import Answer, Page, SealedPhoto, Standing, SyncRequest, Tail
from sync.records import Photo
from sync.signing import Kind, Signed, fingerprint, verified_device
from sync.statements import RequestProof
from tests.client_sdk.ahead import begun
from tests.client_sdk.peer.answering import Settings, answer
from tests.client_sdk.peer.company import Company, PhoneOfStaff

Fault = Callable[[Request, Reply], Reply]


class Refused(Exception):
    """A request is refused with this code."""

    def __init__(self, code: str, device: PhoneOfStaff | None = None) -> None:
        super().__init__(code)
        self.code, self.device = code, device


class Peer:
    """The server. `online` switches the network; `fault` may spoil a reply, or raise; `asked` keeps every request."""

    def __init__(self, company: Company | None = None) -> None:
        self.company = company or Company()
        self.settings = Settings()
        self.online = True
        self.fault: Fault | None = None
        self.asked: list[SyncRequest] = []
        self.bodies: list[bytes] = []
        self.refuse: str | None = None
        self.photos: dict[UUID, bytearray] = {}
        self.wakes: dict[UUID, str] = {}
        self._streams: list[SimpleQueue[str | None]] = []
        self._lock = threading.Lock()

    # ---- the transport --------------------------------------------------------

    def send(self, request: Request) -> Reply:
        """One request and its reply."""
        if not self.online:
            raise Unreachable("the network is off")
        with self._lock:
            reply = self._replied(request)
        return self.fault(request, reply) if self.fault is not None else reply

    def begin(self, request: Request) -> Callable[[], Reply]:
        """The next request, ahead of its time."""
        return begun(self.send, request)

    @contextmanager
    def listen(self, request: Request) -> Iterator[tuple[int, Iterator[str]]]:
        """A live stream of words that tests say with `say`."""
        if not self.online:
            raise Unreachable("the network is off")
        with self._lock:
            try:
                self._admitted(request)
            except Refused:
                status = 401
            else:
                status = 200
        words: SimpleQueue[str | None] = SimpleQueue()
        words.put(":")
        self._streams.append(words)
        try:
            yield status, iter(words.get, None)
        finally:
            self._streams.remove(words)

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def say(self, word: str, data: str = "") -> None:
        """Send a word to every open stream."""
        for words in list(self._streams):
            words.put(f"event: {word}")
            words.put(f"data: {data}")

    def hang_up(self) -> None:
        """End every stream."""
        for words in list(self._streams):
            words.put(None)

    def close(self) -> None:
        """Nothing to let go of but streams."""
        self.hang_up()

    # ---- routes --------------------------------------------------------

    def _replied(self, request: Request) -> Reply:
        try:
            return self._route(request)
        except Refused as refused:
            return self._problem(refused)

    def _route(self, request: Request) -> Reply:
        if self.refuse is not None and request.path == "/sync":
            raise Refused(self.refuse)
        if request.path == "/enrol":
            return self._enrol(request)
        device = self._admitted(request)
        if request.path == "/sync":
            return self._sync(device, request)
        if request.path == "/wake":
            return self._wake(device, request)
        if device.standing is not Standing.ACTIVE and not request.path.startswith("/photos/sealed"):
            raise Refused("departed", device)
        if request.path.startswith("/photos/sealed"):
            return self._sealed_photo(device, request)
        return self._photo(device, request)

    def _wake(self, device: PhoneOfStaff, request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, {}, msgspec.json.encode({"key": "BPush"}))
        self.wakes.pop(device.id, None)
        if request.method == "PUT":
            address = msgspec.json.decode(request.body)["address"]
            if not address.startswith("https://push.example/"):
                raise Refused("bad_value", device)
            self.wakes[device.id] = address
        return Reply(204)

    def _problem(self, refused: Refused) -> Reply:
        row = ERRORS[refused.code]
        body: dict[str, object] = {"code": row.code, "detail": ""}
        if row.status == 401 and refused.device is not None:
            body |= {"challenge": self._challenge(refused.device).hex(), "epoch": self.company.master.epoch.hex()}
        if refused.device is not None and refused.device.standing is Standing.DEPARTED:
            body["orders"] = [encode(one).hex() for one in refused.device.orders]
        headers = {"retry-after": "3"} if row.status in {429, 503} else {}
        return Reply(row.status, headers, msgspec.json.encode(body))

    def _challenge(self, device: PhoneOfStaff) -> bytes:
        return hashlib.sha256(b"challenge" + device.id.bytes + self.company.master.epoch).digest()[:24]

    def _admitted(self, request: Request) -> PhoneOfStaff:
        headers = {name.lower(): value for name, value in request.headers.items()}
        device = self.company.devices.get(UUID(headers.get("saojie-device", str(UUID(int=0)))))
        if device is None:
            raise Refused("unknown_device")
        challenge = bytes.fromhex(headers.get("saojie-challenge", ""))
        if challenge != self._challenge(device):
            raise Refused("not_signed_in", device)
        epoch, digest = self.company.master.epoch, hashlib.sha256(request.body).digest()
        proof = encode(RequestProof(self.company.id, epoch, device.id, challenge, digest))
        signed = Signed(
            Kind.REQUEST, proof, fingerprint(device.public_key), bytes.fromhex(headers.get("saojie-proof", ""))
        )
        if not verified_device(signed, Kind.REQUEST, device.public_key):
            raise Refused("bad_signature", device)
        return device

    def _enrol(self, request: Request) -> Reply:
        asked = msgspec.json.decode(request.body)
        text, public = asked["code"], bytes.fromhex(asked["public_key"])
        signature = bytes.fromhex(asked["signature"])
        signed = Signed(Kind.ENROLMENT, text.encode(), fingerprint(public), signature)
        if not verified_device(signed, Kind.ENROLMENT, public):
            raise Refused("bad_signature")
        known = next((one for one in self.company.devices.values() if one.public_key == public), None)
        if text not in self.company.codes and known is None:
            raise Refused("code_wrong")
        device = known or self._new_device(text, public)
        device.sealing_key = bytes.fromhex(asked["sealing_key"])
        device.attestation = tuple(bytes.fromhex(one) for one in asked["attestation"])
        return Reply(200, {}, msgspec.json.encode(self._said(device)))

    def _new_device(self, text: str, public: bytes) -> PhoneOfStaff:
        person, confirm, enrolment = self.company.codes.pop(text)
        device = PhoneOfStaff(self.company.new_id(), person, public, enrolment, Standing.AWAITING)
        self.company.devices[device.id] = device
        if not confirm:
            self.company.confirm(device)
        return device

    def _said(self, device: PhoneOfStaff) -> dict[str, object]:
        company = self.company
        return {
            "company": str(company.id),
            "company_name": "京西烟酒",
            "device": str(device.id),
            "staff": str(device.staff),
            "staff_name": company.staff[device.staff].name,
            "epoch": company.master.epoch.hex(),
            "signing_keys": [company.signing.public_key().public_bytes_raw().hex()],
            "opening_key": company.opening.public_key().public_bytes_raw().hex(),
            "enrolment": device.enrolment.hex(),
            "confirm": device.standing is Standing.AWAITING,
            "challenge": self._challenge(device).hex(),
            "server_time": company.time.now,
        }

    def _sync(self, device: PhoneOfStaff, request: Request) -> Reply:
        read = read_request(request.body)
        self.asked.append(read)
        self.bodies.append(request.body)
        said: Answer = answer(self.company, device, read, self.settings)
        head = msgspec.structs.replace(said.head, challenge=self._challenge(device))
        body = write_answer(head, said.page or Page(), said.tail or Tail())
        return Reply(200, {"content-type": MEDIA_TYPE}, body)

    # ---- photos --------------------------------------------------------

    def _photo(self, device: PhoneOfStaff, request: Request) -> Reply:
        if request.path == "/photos":
            named = request.headers["Upload-Metadata"].removeprefix("record ")
            photo = self._record(device, UUID(base64.b64decode(named).decode()))
            assert int(request.headers["Upload-Length"]) == photo.size
            self.photos.setdefault(photo.id, bytearray())
            return Reply(201, {"location": f"/photos/{photo.id}"})
        photo = self._record(device, UUID(request.path.rsplit("/", 1)[-1]))
        held = self.photos.setdefault(photo.id, bytearray())
        if request.method == "GET":
            return Reply(200, {}, bytes(held))
        if request.method == "PATCH":
            if int(request.headers["Upload-Offset"]) != len(held):
                raise Refused("wrong_offset", device)
            held += request.body
        return Reply(204 if request.method == "PATCH" else 200, {"upload-offset": str(len(held))})

    def _sealed_photo(self, device: PhoneOfStaff, request: Request) -> Reply:
        if request.method == "POST":
            told = decode(request.body, SealedPhoto)
            if not told.size:
                device.lost.add(told.photo)
                return Reply(201, {"upload-offset": "0"})
            _, held = device.sealed.setdefault(told.photo, (told, bytearray()))
            return Reply(201, {"upload-offset": str(len(held))})
        told, held = device.sealed[UUID(request.path.rsplit("/", 1)[-1])]
        if int(request.headers["Upload-Offset"]) != len(held):
            raise Refused("wrong_offset", device)
        held += request.body
        if len(held) == told.size:
            self._open_photo(device, told, bytes(held))
        return Reply(204, {"upload-offset": str(len(held))})

    def _open_photo(self, device: PhoneOfStaff, told: SealedPhoto, body: bytes) -> None:
        try:
            key = AESGCM(self.company.unsealed(told.key))
            device.photos[told.photo] = key.decrypt(body[:12], body[12:], told.photo.bytes)
        except InvalidTag:
            device.photos[told.photo] = b""
            return
        if told.photo in self.company.master.records:
            self.photos[told.photo] = bytearray(device.photos[told.photo])

    def _record(self, device: PhoneOfStaff, photo: UUID) -> Photo:
        held = self.company.master.records.get(photo)
        granted = self.company.granted(self.company.staff[device.staff])
        if held is None or not isinstance(held.record, Photo) or held.scope not in granted:
            raise Refused("not_found", device)
        return held.record
