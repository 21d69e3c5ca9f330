"""Being woken: the application tells the company at which address its push service wakes this phone.

A wake carries nothing. The application answers one by calling `replica.sync()`; without any it works as well, only an
order may reach the phone later.
"""

from __future__ import annotations

import msgspec

from client_sdk.device import Device
from client_sdk.errors import InvalidInput, NoNetwork
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.ports import Reply, Unreachable
from sync.codec import DecodeError, from_json

__all__ = ["Waking"]


class _Key(msgspec.Struct, frozen=True):
    key: str = ""


class Waking:
    """`replica.waking`. Every call asks the server. Raises NoNetwork, WrongThread, and what the state demands."""

    def __init__(self, device: Device, conversation: Conversation) -> None:
        self._device = device
        self._conversation = conversation

    def key(self) -> str:
        """The company's key to subscribe with (VAPID: base 64 for addresses); empty where it wakes no phones."""
        reply = self._asked("GET", b"")
        try:
            return from_json(reply.body, _Key).key
        except DecodeError as error:
            raise NoNetwork("the answer was cut off") from error

    def at(self, address: str) -> None:
        """Be woken at the address that the push service gave. Raises InvalidInput for one that the company refuses."""
        self._asked("PUT", msgspec.json.encode({"address": address}))

    def never(self) -> None:
        """Be woken no more."""
        self._asked("DELETE", b"")

    def _asked(self, method: str, body: bytes) -> Reply:
        self._device.threads.check_network()
        with self._device.serving(is_gated=False):
            pass
        try:
            return self._conversation.ask(method, "/wake", body, {"Content-Type": "application/json"} if body else {})
        except Unreachable as error:
            raise NoNetwork("waking") from error
        except Refused as refused:
            raise InvalidInput(refused.code, "address", refused.detail) from refused
