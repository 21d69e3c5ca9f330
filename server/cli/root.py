"""The command with all its parts. A part is imported when it is called, so that `saojie --help` is quick."""

from __future__ import annotations

import os

import rich_click as click

from server.cli.parts.business import BUSINESS
from server.cli.parts.engine import ENGINE
from server.cli.talk import Talk, language_of

__all__ = ["PARTS", "saojie"]

PARTS = ENGINE | BUSINESS
"""Each part: how it is imported, and its help, which is the part's own."""


class _Parts(click.RichGroup):
    """A group that lists its parts without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All parts, in the order in which they are needed."""
        del ctx
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """What stands for a part in the list."""
        del ctx
        return click.Command(cmd_name, help=PARTS[cmd_name][1]) if cmd_name in PARTS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The part that is called."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, PARTS[name][0]() if name in PARTS else command, rest


@click.group(cls=_Parts, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="saojie")
@click.pass_context
def saojie(context: click.Context) -> None:
    """Saojie (扫街): a dealer's outlets, offline on the reps' phones; the customers stay with the company.

    离线可用的终端客户档案，客户留在公司。

    部署的全部状态在 SAOJIE_HOME（默认 ~/.saojie）。All state of a deployment is in SAOJIE_HOME (~/.saojie).
    """
    context.obj = Talk(language_of(os.environ))
