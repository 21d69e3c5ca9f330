"""The second phase of the appraisal is proposed once a territory is covered far enough; the dealer switches it."""

from __future__ import annotations

from server.field.appraisal.facts import Phase
from server.field.appraisal.phases import PHASE_READY, phases
from server.field.ground import Ground
from server.field.sweeps.coverage import covered
from server.master.inbox import Matter, bring_up, last_brought
from server.master.store import Tx
from sync.policies.trade import PHASE_COVERAGE

__all__ = ["propose_keeping"]

_AGAIN_MS = 30 * 86_400_000


async def propose_keeping(tx: Tx, ground: Ground) -> frozenset[str]:
    """Bring up each territory that is still being built and is covered far enough, at most every thirty days."""
    enough, now = ground.policies.of(PHASE_COVERAGE), ground.sources.now()
    stand, brought = await phases(tx), await last_brought(tx, PHASE_READY)
    for one in await covered(tx, ground):
        is_built = stand.get(one.territory, Phase.BUILD) is Phase.BUILD and (one.percent or 0) >= enough
        if is_built and now - brought.get(one.territory, -_AGAIN_MS) >= _AGAIN_MS:
            en = (
                f"{one.name} is covered to {one.percent} %: its archives can be kept from now on (appraisal phase keep)"
            )
            zh = f"{one.name} 覆盖率已达 {one.percent}%，可转入维护阶段（saojie appraisal phase）"
            await bring_up(tx, Matter(PHASE_READY, one.territory, en, zh), ground.sources)
    return frozenset()
