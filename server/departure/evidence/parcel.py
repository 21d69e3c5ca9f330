"""A pack as one thing under a name: a folder, or a file that ends in .zip. What stops half way leaves nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from server.departure.evidence.pack import Made, Wanted, make_pack
from server.departure.evidence.writer import zipped
from server.departure.means import Means, means_of
from server.master.meta import read_identity
from server.ports import Sources
from server.settings import Settings

__all__ = ["make_parcel", "parcel_apart"]


async def make_parcel(means: Means, wanted: Wanted, target: Path, agreements: Path) -> Made:
    """Make a pack under a name that is not there yet. Raises Refusal, OSError."""
    draft = _draft_beside(target)
    try:
        made = await make_pack(means, wanted, draft / "pack", agreements)
        if target.suffix == ".zip":
            zipped(draft / "pack", draft / "pack.zip")
            (draft / "pack.zip").rename(target)
        else:
            (draft / "pack").rename(target)
    finally:
        rmtree(draft)
    return made


def _draft_beside(target: Path) -> Path:
    """A folder on the same disk, in which the pack is made before it gets its name."""
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return Path(mkdtemp(prefix=".evidence-", dir=parent))


async def parcel_apart(settings: Settings, sources: Sources, wanted: Wanted, target: Path) -> Made:
    """The same in a thread with connections of its own: making a pack takes long, and a server answers meanwhile."""

    async def whole() -> Made:
        means = means_of(settings, sources)
        try:
            async with means.store.read() as tx:
                means.keys.follow((await read_identity(tx)).keys)
            return await make_parcel(means, wanted, target, settings.agreements)
        finally:
            await means.close()

    return await asyncio.to_thread(asyncio.run, whole())
