"""Who plays in a check: the desk, three phones of one rep, and somebody who asks with a device's key."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from server.cli.conformance.asking import Asker
from server.cli.conformance.ground import Ground
from server.cli.conformance.phones import Markers
from server.cli.conformance.steps import Steps
from server.cli.trial.company import Company
from server.cli.trial.processes import Phone

__all__ = ["Cast"]


@dataclass
class Cast:
    """A check in progress. `live` holds a stream, `away` hears its order when it is on the network again, `letter` is
    handed its order as bytes while it has none. `token` is one that `asker` got before the cut-off; `pending` says how
    many operations the two phones without a network have logged.
    """

    company: Company
    steps: Steps
    place: Path
    running: ExitStack
    markers: Markers
    ground: Ground
    live: Phone = field(init=False)
    away: Phone = field(init=False)
    letter: Phone = field(init=False)
    asker: Asker = field(init=False)
    token: str = ""
    pending: int = 0

    @property
    def phones(self) -> tuple[Phone, Phone, Phone]:
        """All phones."""
        return self.live, self.away, self.letter
