"""What the person chose (`replica.settings`), and what follows from it and from the phone's surroundings.

Kept in `keys.db`, so it is answered and holds in every state. Text, orders and leases always go, on any network; what
is handed in after an order goes as well. Only photos and the live stream wait for what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import msgspec

from client_sdk.device import Device
from client_sdk.errors import InvalidInput

__all__ = ["Preferences", "Settings", "is_saving", "may_listen", "may_send_photos", "pause_ms"]

Photos = Literal["any", "wifi"]
Live = Literal["any", "wifi", "never"]

EVERY_MS = 5 * 60_000
SAVING_EVERY_MS = 30 * 60_000
"""So long from one sync to the next where nothing asks for one: for an order that no push announces, too."""


class Preferences(msgspec.Struct, array_like=True, frozen=True):
    """What the person chose. `photos` go over `any` network or only over `wifi`; the `live` stream is held on `any`
    network, only on `wifi`, or `never`; `saver` saves the battery, whatever the phone itself does.
    """

    photos: Photos = "any"
    live: Live = "any"
    saver: bool = False


class Settings:
    """`replica.settings`. Answered in every state."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def chosen(self) -> Preferences:
        """What holds now."""
        with self._device.lock:
            return _chosen(self._device)

    def choose(
        self, *, photos: Photos | None = None, live: Live | None = None, saver: bool | None = None
    ) -> Preferences:
        """Choose; what is left out stays. Durable on return, and at once for a worker that runs. Raises InvalidInput,
        StorageFull.
        """
        given = {"photos": photos, "live": live, "saver": saver}
        for name, allowed in (("photos", get_args(Photos)), ("live", get_args(Live)), ("saver", (True, False))):
            if given[name] is not None and given[name] not in allowed:
                raise InvalidInput("bad_value", name, f"one of {', '.join(map(str, allowed))}")
        with self._device.lock:
            said = {name: value for name, value in given.items() if value is not None}
            now = msgspec.structs.replace(_chosen(self._device), **said)
            self._device.keys.put(now)
        self.surroundings_changed()
        return now

    def surroundings_changed(self) -> None:
        """Say that the phone's network or its battery saver is another one now, so that what waited for it goes at
        once. Without it that goes with the next sync.
        """
        self._device.turned.set()
        self._device.work.set()
        self._device.news.tell()
        if not may_listen(self._device):
            self._device.ports.transport.hang_up()


def may_send_photos(device: Device) -> bool:
    """Whether photos go now."""
    with device.lock:
        chosen = _chosen(device)
    return chosen.photos == "any" or not _is_metered(device)


def may_listen(device: Device) -> bool:
    """Whether a live stream is held now."""
    with device.lock:
        chosen = _chosen(device)
    if chosen.live == "never" or is_saving(device):
        return False
    return chosen.live == "any" or not _is_metered(device)


def is_saving(device: Device) -> bool:
    """Whether the battery is saved: the person or the phone says so."""
    with device.lock:
        chosen = _chosen(device)
    return chosen.saver or _said(device.ports.surroundings.is_saving_battery, otherwise=False)


def pause_ms(device: Device) -> int:
    """How long from one sync to the next where nothing asks for one."""
    return SAVING_EVERY_MS if is_saving(device) else EVERY_MS


def _chosen(device: Device) -> Preferences:
    return device.keys.get(Preferences) or Preferences()


def _is_metered(device: Device) -> bool:
    """One that cannot tell is taken for metered: what was chosen to save money does not cost any."""
    return _said(device.ports.surroundings.is_metered, otherwise=True)


def _said(ask: Callable[[], bool], *, otherwise: bool) -> bool:
    """What the application answers; an error of its own holds up no sync."""
    try:
        return bool(ask())
    except Exception:  # noqa: BLE001  # whatever a platform raises
        return otherwise
