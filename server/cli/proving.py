"""`saojie conformance`, `saojie guarantee`: what is promised, and whether a deployment holds it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import rich_click as click

from server.cli.deployment import Deployment, opened, speaking
from server.cli.talk import Talk
from server.cli.trial.company import Company

__all__ = ["conformance", "guarantee"]


@click.group()
def conformance() -> None:
    """实地检验部署是否兑现承诺 · Try out whether a deployment holds what is promised."""


@conformance.command("wipe")
@click.option("--url", help="部署的地址；不给则自行启动一个 · Where the deployment answers; without it one is started.")
@speaking
def wipe(talk: Talk, url: str | None) -> None:
    """离职擦除全过程 · Offboard a throw-away rep with three phones, and look at all that is promised.

    With --url, SAOJIE_HOME has to be that deployment's home: the check enrols, confirms and offboards there.
    使用 --url 时，SAOJIE_HOME 须为该部署的目录。
    """
    is_held = asyncio.run(_wipe(talk, url))
    if not is_held:
        sys.exit(1)


async def _wipe(talk: Talk, url: str | None) -> bool:
    """Run the check and tell; whether all of it held."""
    from server.cli.conformance.steps import Broken, Steps
    from server.cli.conformance.wipe import check

    steps = Steps(talk)
    failed: dict[str, Any] | None = None
    async with _at(talk, url) as company:
        try:
            await check(company, steps)
        except Broken as broken:
            failure = broken.failure
            failed = {"step": broken.step, "error": failure.code, "en": failure.en, "zh": failure.zh}
    if failed is None:
        talk.say("全部符合。", "All of it holds.")
    talk.result({"conforms": failed is None, "url": company.url, "steps": steps.done, "failed": failed})
    return failed is None


@asynccontextmanager
async def _at(talk: Talk, url: str | None) -> AsyncIterator[Company]:
    """The deployment to check: the one of SAOJIE_HOME that answers at `url`, or one of the check's own."""
    if url is not None:
        async with opened(talk) as deployment:
            yield Company(deployment, url.rstrip("/"))
        return
    from server.cli.founding import establish
    from server.cli.trial.processes import ServerProcess
    from server.settings import Settings

    with tempfile.TemporaryDirectory(prefix="saojie-check-") as place:
        settings = Settings(Path(place) / "company")
        means, _ = await establish(Talk(talk.language, is_quiet=True), settings, "符合性检查", "检查经理")
        try:
            with ServerProcess(settings.home) as server:
                yield Company(Deployment(talk, settings, means), server.url)
        finally:
            await means.close()


@click.command()
@speaking
def guarantee(talk: Talk) -> None:
    """承诺、前提与不在承诺之内的情形 · What is promised, under which assumptions, and what is not."""
    from server.cli.guarantees.limits import LIMITS
    from server.cli.guarantees.promises import ASSUMPTIONS, PROMISES
    from server.cli.guarantees.threats import DEFENDED

    assumed = {one.id: talk.either(one.says.zh, one.says.en) for one in ASSUMPTIONS}
    headings = [("承诺", "Promised"), ("性质", "Kind"), ("前提", "Where")]
    rows = [
        (talk.either(one.says.zh, one.says.en), one.kind, " ".join(assumed[each] for each in one.assumes))
        for one in PROMISES
    ]
    talk.table(headings, rows)
    talk.say("\n不在承诺之内：", "\nNot promised:")
    for one in LIMITS:
        talk.say(
            f"- {one.who.zh}：{one.tries.zh}。{one.answer.zh}。", f"- {one.who.en}: {one.tries.en}: {one.answer.en}."
        )
    talk.say("依据与测试见 docs/threat-model.md 与 --json。", "Reasons and tests: docs/threat-model.md, and --json.")
    talk.result({"promises": PROMISES, "assumptions": ASSUMPTIONS, "defended": DEFENDED, "not_defended": LIMITS})
