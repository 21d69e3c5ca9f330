"""Speaking to the server as this device: a token while it is good, else a signature over the server's challenge.

Knows how a request is signed and what a refusal looks like, nothing of what is asked. No check uses the phone's date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from client_sdk.device import Device
from client_sdk.keys import ServerFacts
from client_sdk.lifecycle import DEVICE_KEY
from client_sdk.ports import AheadTransport, Reply, Request
from sync.codec import DecodeError, decode, encode, from_json
from sync.signing import Kind, Signed, message_of
from sync.statements import RequestProof

__all__ = ["Conversation", "Refused", "wait_of"]


class _Problem(msgspec.Struct, frozen=True):
    """The body of a refusal, as far as the phone reads it."""

    code: str = "internal"
    detail: str = ""
    challenge: str = ""
    epoch: str = ""
    orders: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Refused(Exception):
    """Raised when the server refused a request: its code, orders that rode on it and the changes of the company's keys,
    how long to wait (ms).
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        orders: tuple[Signed, ...] = (),
        wait_ms: int = 0,
        changes: tuple[Signed, ...] = (),
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.orders, self.wait_ms, self.changes = code, detail, orders, wait_ms, changes

    @property
    def asks_to_wait(self) -> bool:
        """Whether the server wants to be left alone for a while: whatever is asked next is refused as well."""
        return self.wait_ms > 0 or self.code in {"busy", "unavailable"}


class Conversation:
    """Sends requests of one device. The token stays in memory: it is worth as much as the device key while it lasts."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._token: str | None = None

    def take_token(self, token: str | None) -> None:
        """Use this token from now on."""
        self._token = token or self._token

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """Send a request; an answer of 2xx. Raises Refused, Unreachable."""
        request = Request(method, path, headers or {}, body)
        return self.accepted(request, self._device.ports.transport.send(self._signed(request)))

    def begin(self, request: Request) -> Callable[[], Reply] | None:
        """Send a request and let its reply come meanwhile: what is returned waits for it, and raises Unreachable. None
        where the transport cannot do that; then nothing was sent.
        """
        transport = self._device.ports.transport
        return transport.begin(self._signed(request)) if isinstance(transport, AheadTransport) else None

    def accepted(self, request: Request, reply: Reply) -> Reply:
        """The reply to a request, or that to a second try where the first brought a challenge. Raises Refused,
        Unreachable.
        """
        problem = _problem(reply)
        if reply.status >= 300 and self._may_sign(reply.status, problem):
            reply = self._device.ports.transport.send(self._signed(request))
            problem = _problem(reply)
        if reply.status < 300:
            return reply
        orders, changes = _statements(problem.orders), _statements(problem.keys)
        raise Refused(problem.code, problem.detail, orders, wait_of(reply), changes)

    def listen(self, path: str) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """Open a stream, signed in. Raises Unreachable."""
        return self._device.ports.transport.listen(Request("GET", path, self._proof(b"")))

    def _signed(self, request: Request) -> Request:
        return msgspec.structs.replace(request, headers=request.headers | self._proof(request.body))

    def _may_sign(self, status: int, problem: _Problem) -> bool:
        """Take the challenge of a 401; whether signing it is worth another try."""
        had_token, self._token = self._token is not None, None
        if status != 401 or not problem.challenge:
            return status == 401 and had_token
        try:
            facts = ServerFacts(bytes.fromhex(problem.epoch), bytes.fromhex(problem.challenge))
        except ValueError:
            return False
        with self._device.lock:
            self._device.keys.put(facts)
        return problem.code == "not_signed_in"

    def _proof(self, body: bytes) -> dict[str, str]:
        name = str(self._device.enrolment.device)
        if self._token is not None:
            return {"Saojie-Device": name, "Authorization": f"Bearer {self._token}"}
        with self._device.lock:
            facts = self._device.keys.get(ServerFacts)
        if facts is None or not facts.challenge:
            return {"Saojie-Device": name}
        return {
            "Saojie-Device": name,
            "Saojie-Challenge": facts.challenge.hex(),
            "Saojie-Proof": self._signature(facts, body).hex(),
        }

    def _signature(self, facts: ServerFacts, body: bytes) -> bytes:
        enrolment = self._device.enrolment
        digest = hashlib.sha256(body).digest()
        proof = RequestProof(enrolment.company, facts.epoch, enrolment.device, facts.challenge, digest)
        try:
            return self._device.ports.keystore.sign(DEVICE_KEY, message_of(Kind.REQUEST, encode(proof)))
        except KeyError as error:
            raise Refused("unknown_device", "the device key is not on this phone any more") from error


def wait_of(reply: Reply) -> int:
    """How long the server asks to be left alone, in milliseconds."""
    text = reply.headers.get("retry-after", "")
    return int(text) * 1000 if text.isascii() and text.isdigit() else 0


def _problem(reply: Reply) -> _Problem:
    if reply.status < 300:
        return _Problem()
    try:
        return from_json(reply.body, _Problem)
    except DecodeError:
        return _Problem("unavailable" if reply.status >= 500 else "internal", f"status {reply.status}")


def _statements(texts: tuple[str, ...]) -> tuple[Signed, ...]:
    found: list[Any] = []
    for text in texts:
        try:
            found.append(decode(bytes.fromhex(text), Signed))
        except (ValueError, DecodeError):
            continue
    return tuple(found)
