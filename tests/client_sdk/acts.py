"""Acts of a phone that a test may kill in the middle, by name."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

from PIL import Image

from client_sdk.replica import Replica
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


def _acknowledge(replica: Replica) -> None:
    for one in replica.notices.list(unread=True):
        replica.notices.acknowledge(one.id)


ACTS: dict[str, Callable[[Replica], None]] = {
    "accept": _accept,
    "acknowledge": _acknowledge,
    "attach": _attach,
    "draft": _draft,
    "letter": _letter,
    "log": _log,
    "look": _look,
    "sync": _sync,
    "upload": _upload,
}
