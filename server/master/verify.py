"""The journal verified as a whole: chains, bodies, heads, checkpoints, and what phones
brought back. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from server.master.anchors import Anchor, check_anchors
from server.master.chain_check import PAGE, check_chains
from server.master.checkpoint_check import check_checkpoints
from server.master.flaws import Flaw, Flaws
from server.master.meta import read_identity
from server.master.store import Tx
from server.master.witnesses import unexplained

__all__ = ["Verified", "verify"]


class Verified(msgspec.Struct, frozen=True):
    """What verifying came to: how much was looked at, how many bodies orders have removed, how many checkpoints
    and time stamps there are, and what was found.

    `found` counts all findings; the first thousand are in `flaws`.
    """

    scopes: int
    entries: int
    erased: int
    checkpoints: int
    anchors: int
    found: int
    flaws: tuple[Flaw, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.found


async def verify(tx: Tx, pinned: Collection[bytes], page: int = PAGE, anchor: Anchor | None = None) -> Verified:
    """Verify the journal in the snapshot of `tx`. `pinned` are the company's public keys, 32 bytes each.

    With the authority that it was anchored with, the tokens are checked too.
    """
    flaws = Flaws()
    chains = await check_chains(tx, flaws, page)
    company = (await read_identity(tx)).company
    count = await check_checkpoints(tx, company, pinned, flaws)
    for number in await unexplained(tx):
        flaws.add("witness_differs", "", number)
    anchored = await check_anchors(tx, anchor, flaws) if anchor is not None else 0
    return Verified(chains.chains, chains.entries, chains.erased, count, anchored, flaws.count, tuple(flaws))
