"""Acts of a phone that a test may kill in the middle, by name."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from sync.records import Outlet, Stock

__all__ = ["ACTS", "picture"]


def picture(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A picture as a camera makes it, small."""
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def _log(replica: Replica) -> None:
    outlet = replica.all(Outlet)[0]
    replica.visits.log(outlet.id, notes="killed visit", stock=[Stock("SKU-1", sold=1)])


def _log_prepared(replica: Replica) -> None:
    replica.visits.log(replica.all(Outlet)[0].id, notes="killed visit")


def _sweep_new(replica: Replica) -> None:
    session = replica.sweeps.current()
    assert session is not None
    session.register(name="扫到的新店")


def _open(replica: Replica) -> None:
    for outlet in replica.outlets.list():
        for card in replica.contacts.of(outlet.id):
            replica.contacts.get(card.id)


def _sync(replica: Replica) -> None:
    replica.sync()


def _look(replica: Replica) -> None:
    replica.status()


def _draft(replica: Replica) -> None:
    replica.drafts.save("form", {"notes": "second"})


def _attach(replica: Replica) -> None:
    replica.photos.attach(replica.all(Outlet)[0].id, picture())


def _upload(replica: Replica) -> None:
    replica.sync()
    replica.photos.upload()


def _accept(replica: Replica) -> None:
    """Take the signed bytes that lie beside the phone, as if they had been scanned."""
    replica.accept((replica._device.places.directory / "scanned").read_bytes())


def _letter(replica: Replica) -> None:
    """Put a visit into the letterbox, at the outlet whose id lies beside the phone."""
    outlet = UUID(bytes=(replica._device.places.directory / "scanned").read_bytes())
    replica.letterbox.visit(outlet, notes="letter while locked")


def _mend(replica: Replica) -> None:
    (refused,) = replica.refusals.list()
    replica.refusals.mend(refused.id, outlet=replica.all(Outlet)[0].id)


def _acknowledge(replica: Replica) -> None:
    for one in replica.notices.list(unread=True):
        replica.notices.acknowledge(one.id)


def _lapse_twice(replica: Replica) -> None:
    """Two processes find the lease over at once: the second stores its lapse when the first has locked already."""
    device = replica._device
    step, ports = device.ports.disk._step, device.ports
    moved = False

    def meddling(what: str) -> None:
        nonlocal moved
        if moved and what == "BEGIN IMMEDIATE":
            moved = False
            replica.status()
        step(what)

    other = Replica.open(
        device.places.directory,
        transport=ports.transport,
        clock=ports.clock,
        random=ports.random,
        disk=Disk(meddling),
    )
    clock: Any = ports.clock
    clock.passed, moved = 2_000, True
    other.status()
    assert not moved, "the second process stored nothing"


ACTS: dict[str, Callable[[Replica], None]] = {
    "accept": _accept,
    "acknowledge": _acknowledge,
    "attach": _attach,
    "draft": _draft,
    "lapse_twice": _lapse_twice,
    "letter": _letter,
    "log": _log,
    "log_prepared": _log_prepared,
    "look": _look,
    "mend": _mend,
    "open": _open,
    "sweep_new": _sweep_new,
    "sync": _sync,
    "upload": _upload,
}
