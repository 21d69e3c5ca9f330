"""The server in memory: speaks the protocol to phones, without a socket, a process or a database.

Written from `sync/` alone and no stand-in for `server/`: it keeps one company in dictionaries, so that a test can look
at everything, stop it anywhere and copy it whole.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec

from client_sdk.ports import Reply, Request
from client_sdk.testing.answering import Settings, answer
from client_sdk.testing.company import Company, PhoneOfStaff
from client_sdk.testing.denied import Denied
from client_sdk.testing.network import Network
from client_sdk.testing.photos import Photos, take_photo, take_sealed_photo
from sync.codec import encode
from sync.diagnostics import Diagnostics, read_diagnostics
from sync.errors import ERRORS
from sync.frames import MEDIA_TYPE, read_request, write_answer
from sync.messages import Answer, Page, Standing, SyncRequest, Tail
from sync.signing import Kind, Signed, fingerprint, verified_device
from sync.statements import RequestProof

__all__ = ["Server"]


class Server(Network):
    """A company behind a network. `asked` keeps every sync request as it was read, `bodies` as it came; `photos` holds
    what was uploaded, by the id of its record; `wakes` the push addresses, `diagnostics` what
    was handed in, by device; `settings` how it answers.
    """

    def __init__(self, company: Company | None = None) -> None:
        self.company = company or Company()
        super().__init__(self.company.time)
        self.settings = Settings()
        self.asked: list[SyncRequest] = []
        self.bodies: list[bytes] = []
        self.photos: Photos = {}
        self.wakes: dict[UUID, str] = {}
        self.diagnostics: dict[UUID, list[Diagnostics]] = {}

    # ---- what the network asks of it --------------------------------------------------------

    def answered(self, request: Request) -> Reply:
        """The reply to a request. Raises Denied."""
        if request.path == "/enrol":
            return self._enrol(request)
        device = self.admit(request)
        if request.path == "/sync":
            return self._sync(device, request)
        if request.path == "/wake":
            return self._wake(device, request)
        if request.path == "/diagnostics" and device.standing in {Standing.ACTIVE, Standing.SUSPENDED}:
            self.diagnostics.setdefault(device.id, []).append(read_diagnostics(request.body))
            return Reply(204)
        if device.standing is not Standing.ACTIVE and not request.path.startswith("/photos/sealed"):
            raise Denied("departed", device)
        if request.path.startswith("/photos/sealed"):
            return take_sealed_photo(self.photos, self.company, device, request)
        return take_photo(self.photos, self.company, device, request)

    def _wake(self, device: PhoneOfStaff, request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, {}, msgspec.json.encode({"key": "BPush"}))
        self.wakes.pop(device.id, None)
        if request.method == "PUT":
            address = msgspec.json.decode(request.body)["address"]
            if not address.startswith("https://push.example/"):
                raise Denied("bad_value", device)
            self.wakes[device.id] = address
        return Reply(204)

    def denied(self, denied: Denied) -> Reply:
        """The reply to a request that is refused: the code, a new challenge, the orders of a device that departed."""
        row = ERRORS[denied.code]
        body: dict[str, object] = {"code": row.code, "detail": ""}
        if row.status == 401 and denied.device is not None:
            body |= {"challenge": self._challenge(denied.device).hex(), "epoch": self.company.master.epoch.hex()}
        if denied.device is not None and denied.device.standing is Standing.DEPARTED:
            body["orders"] = [encode(one).hex() for one in denied.device.orders]
        headers = {"retry-after": "3"} if row.status in {429, 503} else {}
        return Reply(row.status, headers, msgspec.json.encode(body))

    def _challenge(self, device: PhoneOfStaff) -> bytes:
        return hashlib.sha256(b"challenge" + device.id.bytes + self.company.master.epoch).digest()[:24]

    def admit(self, request: Request) -> PhoneOfStaff:
        """The device that signed a request. Raises Denied."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        device = self.company.devices.get(UUID(headers.get("saojie-device", str(UUID(int=0)))))
        if device is None:
            raise Denied("unknown_device")
        challenge = bytes.fromhex(headers.get("saojie-challenge", ""))
        if challenge != self._challenge(device):
            raise Denied("not_signed_in", device)
        epoch, digest = self.company.master.epoch, hashlib.sha256(request.body).digest()
        proof = encode(RequestProof(self.company.id, epoch, device.id, challenge, digest))
        signed = Signed(
            Kind.REQUEST, proof, fingerprint(device.public_key), bytes.fromhex(headers.get("saojie-proof", ""))
        )
        if not verified_device(signed, Kind.REQUEST, device.public_key):
            raise Denied("bad_signature", device)
        return device

    def _enrol(self, request: Request) -> Reply:
        asked = msgspec.json.decode(request.body)
        text, public = asked["code"], bytes.fromhex(asked["public_key"])
        signature = bytes.fromhex(asked["signature"])
        signed = Signed(Kind.ENROLMENT, text.encode(), fingerprint(public), signature)
        if not verified_device(signed, Kind.ENROLMENT, public):
            raise Denied("bad_signature")
        known = next((one for one in self.company.devices.values() if one.public_key == public), None)
        if text not in self.company.codes and known is None:
            raise Denied("code_wrong")
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
