"""Asking the server with a device's own token and signature, and not as our client would: it obeys no order.

It knows the protocol and where the default key store keeps the device key, and nothing of the SDK's code.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.cli.talk import Failure
from sync import frames
from sync.clock import Moment
from sync.codec import encode
from sync.messages import Answer, Page, Standing, SyncRequest
from sync.signing import Kind, message_of
from sync.statements import RequestProof
from sync.versions import CURRENT, SCHEMA

__all__ = ["Asker", "Given", "must_answer"]

_TIMEOUT_S = 30


class Given(msgspec.Struct, frozen=True):
    """What an answer gave: records of any form, a lease's share, orders; and the token that came with it."""

    records: int
    has_lease: bool
    orders: int
    standing: Standing
    token: str | None


class Asker:
    """Whoever has the device key that lies in `directory` and asks for everything, from the beginning."""

    def __init__(self, url: str, company: UUID, device: UUID, directory: Path) -> None:
        self._url, self._company, self._device = url, company, device
        key = serialization.load_der_private_key((directory / "keystore" / "device_key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Failure("not_a_device_key", "the device key is of another kind", "设备密钥类型不符")
        self._key = key

    def with_signature(self) -> Given:
        """Ask with a signature over a challenge that the server has just given. Raises Failure."""
        status, body = self._post({}, self._body())
        if status != 401:
            raise _unexpected(status)
        problem = msgspec.json.decode(body)
        request = self._body()
        status, answer = self._post(self._proof(problem, request), request)
        return self._given(status, answer)

    def with_token(self, token: str) -> Given:
        """Ask with a token from before. Raises Failure."""
        status, answer = self._post({"Authorization": f"Bearer {token}"}, self._body())
        return self._given(status, answer)

    def _body(self) -> bytes:
        now = time.time_ns() // 1_000_000
        return frames.write_request(SyncRequest(CURRENT, SCHEMA, b"", Moment("conformance", now, now)))

    def _proof(self, problem: dict[str, Any], body: bytes) -> dict[str, str]:
        epoch, challenge = bytes.fromhex(problem["epoch"]), bytes.fromhex(problem["challenge"])
        proof = RequestProof(self._company, epoch, self._device, challenge, hashlib.sha256(body).digest())
        signature = self._key.sign(message_of(Kind.REQUEST, encode(proof)), ec.ECDSA(hashes.SHA256()))
        return {"Saojie-Challenge": challenge.hex(), "Saojie-Proof": signature.hex()}

    def _post(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        told = {"Saojie-Device": str(self._device), "Content-Type": frames.MEDIA_TYPE} | headers
        request = Request(f"{self._url}/sync", body, told)  # noqa: S310  # the address that whoever checks has named
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as reply:  # noqa: S310  # the same
                return reply.status, reply.read()
        except HTTPError as error:
            return error.code, error.read()

    def _given(self, status: int, body: bytes) -> Given:
        if status != 200:
            raise _unexpected(status)
        answer: Answer = frames.read_answer(body)
        head = answer.head
        return Given(_records(answer.page), head.lease is not None, len(head.orders), head.standing, head.token)


def must_answer(url: str) -> None:
    """Make sure that a server answers at this address. Raises Failure."""
    try:
        with urlopen(f"{url}/healthz", timeout=_TIMEOUT_S):  # noqa: S310  # the address that whoever checks has named
            return
    except (URLError, TimeoutError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise Failure(
            "no_server", f"no healthy server at {url} ({why}); start it, or name another address with --url",
            f"{url} 没有正常运行的服务器（{why}），请启动服务器或用 --url 指定地址",
        ) from error  # fmt: skip


def _records(page: Page | None) -> int:
    """Records in whatever form: whole, light, in an index, mended."""
    if page is None:
        return 0
    pulled = sum(len(one.rows) + len(one.light) for one in page.scopes)
    return pulled + sum(len(one.light) for one in page.indexes) + sum(len(one.rows) for one in page.mended)


def _unexpected(status: int) -> Failure:
    return Failure(
        "answer_unexpected", f"the server answered {status}; see its log", f"服务器返回 {status}，请查看服务器日志"
    )
