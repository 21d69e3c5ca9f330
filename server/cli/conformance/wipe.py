"""`saojie conformance wipe`: a rep with three phones is offboarded, one live, two away, and each promise is looked at:
cut-off, lock, drain, receipts, and that nothing can be read.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from server.cli.conformance.after import after
from server.cli.conformance.asking import must_answer
from server.cli.conformance.before import before
from server.cli.conformance.cast import Cast
from server.cli.conformance.ground import Ground, break_ground, clear
from server.cli.conformance.phones import Markers
from server.cli.conformance.steps import Broken, Steps
from server.cli.trial.company import Company

__all__ = ["check"]


async def check(company: Company, steps: Steps) -> None:
    """Run the check against the deployment of `company`, and take away what it made. Raises Broken."""
    with steps.step("ready", "建立一次性片区与人员", "A throw-away territory and rep are made") as seen:
        must_answer(company.url)
        ground = await break_ground(company)
        seen.update(territory=ground.territory.name, person=ground.person.name)
    try:
        await _played(company, steps, ground)
    except BaseException:
        with suppress(Broken), steps.step("cleared", "清理", "What was made is taken away"):
            await clear(company, ground)
        raise
    with steps.step("cleared", "清理", "What was made is taken away") as seen:
        seen.update(await clear(company, ground))


async def _played(company: Company, steps: Steps, ground: Ground) -> None:
    markers = Markers.drawn(company.deployment.sources.random)
    with tempfile.TemporaryDirectory(prefix="saojie-conformance-") as place, ExitStack() as running:
        cast = Cast(company, steps, Path(place), running, markers, ground)
        await before(cast)
        await after(cast)
