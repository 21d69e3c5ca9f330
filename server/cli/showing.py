"""`saojie demo`."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import speaking
from server.cli.talk import Talk

__all__ = ["demo"]


@click.command()
@speaking
def demo(talk: Talk) -> None:
    """演示全过程 · Show the whole path on this machine."""
    from server.cli.demo.story import run

    run(talk)
