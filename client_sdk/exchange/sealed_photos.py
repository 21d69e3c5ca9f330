"""Handing in photos that this phone can no longer read: after an order, or of a replica that was erased.

The sealed file goes as it lies here, with the outbox key that only the company opens, from the byte where the server
is. A file that is gone is told as lost, so that it holds nothing up for good. Operations and receipts go before.
"""

from __future__ import annotations

from client_sdk.device import Device
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.exchange.tus import CHUNK, VERSION, Turns, chunk_at, offset_of
from client_sdk.lifecycle import HandedIn
from client_sdk.photo_queue import PhotoQueue, QueuedPhoto
from client_sdk.ports import Reply
from sync.codec import encode
from sync.frames import MEDIA_TYPE
from sync.machine import State
from sync.messages import SealedPhoto

__all__ = ["SealedPhotos"]

_SENDING = frozenset({State.OPEN, State.CLEARED})


class SealedPhotos:
    """The hand-in of one device's photos."""

    def __init__(self, device: Device, conversation: Conversation) -> None:
        self._device = device
        self._queue = PhotoQueue(device)
        self._conversation = conversation

    def hand_in(self) -> None:
        """After an order: hand in every photo that waits; one that is refused has its turn again, after the others.

        Raises Refused, Unreachable.
        """
        with self._device.lock:
            waiting = self._queue.waiting() if self._device.state() is State.CLEARED else []
        last: Refused | None = None
        for photo in waiting:
            try:
                self.send(photo)
            except Refused as refused:
                if refused.asks_to_wait:
                    raise
                last = refused
        if last is not None:
            raise last

    def send(self, photo: QueuedPhoto) -> bool:
        """Hand one photo in; False where it is lost. Raises Refused, Unreachable."""
        data = self._sealed(photo)
        if data and self._send_whole(photo, data):
            self._finish(photo, is_lost=False)
            return True
        if self._is_ours_to_tell(photo):
            self._tell_lost(photo)
            self._finish(photo, is_lost=True)
        return False

    def _tell_lost(self, photo: QueuedPhoto) -> None:
        """A server that has no room for that either holds nothing up."""
        try:
            self._begin(photo, 0)
        except Refused as refused:
            if refused.code != "too_large":
                raise

    def _sealed(self, photo: QueuedPhoto) -> bytes:
        """The file as it lies here; empty where it is gone."""
        try:
            return self._queue.path(photo.id).read_bytes()
        except OSError:
            return b""

    def _is_ours_to_tell(self, photo: QueuedPhoto) -> bool:
        """Whether the photo still waits: another process may have handed it in, and removed its file."""
        with self._device.lock:
            return self._device.state() in _SENDING and self._queue.is_waiting(photo.id)

    def _send_whole(self, photo: QueuedPhoto, data: bytes) -> bool:
        """Send what the server has not got; False where it takes no more from this device."""
        try:
            at, turns = self._begin(photo, len(data)), Turns()
            while at < len(data):
                try:
                    at = turns.after(at, offset_of(self._append(photo, at, data[at : at + CHUNK])))
                except Refused as refused:
                    turns.again(refused)
                    at = self._begin(photo, len(data))
        except Refused as refused:
            if refused.code != "too_large":
                raise
            return False
        return True

    def _append(self, photo: QueuedPhoto, at: int, chunk: bytes) -> Reply:
        return self._conversation.ask("PATCH", f"/photos/sealed/{photo.id}", chunk, chunk_at(at))

    def _begin(self, photo: QueuedPhoto, size: int) -> int:
        with self._device.lock:
            box, key = self._queue.sealed_key(photo.box)
            told = SealedPhoto(photo.id, box, key, size, self._device.moment())
        headers = VERSION | {"Content-Type": MEDIA_TYPE}
        return offset_of(self._conversation.ask("POST", "/photos/sealed", encode(told), headers))

    def _finish(self, photo: QueuedPhoto, *, is_lost: bool) -> None:
        with self._device.lock:
            if self._queue.is_waiting(photo.id):
                self._queue.acknowledge(photo)
                held = self._device.keys.get(HandedIn) or HandedIn()
                self._device.keys.put(HandedIn(held.count, held.photos + (not is_lost), held.lost + is_lost))
