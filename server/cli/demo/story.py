"""The demo from its beginning to its end: the company is set up, two phones are enrolled, and the acts are played."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from server.cli.demo.parting import hear_of_it, leave, look_back
from server.cli.demo.stage import Measured, Stage
from server.cli.demo.work import come_together, work_offline
from server.cli.deployment import Deployment
from server.cli.founding import establish
from server.cli.lists import Wanted, bring_in
from server.cli.talk import Talk
from server.cli.trial.company import Company
from server.cli.trial.district import district_file
from server.cli.trial.processes import Phone, ServerProcess
from server.settings import Settings

__all__ = ["run"]

LEAVER, COLLEAGUE, PLACE = "周海波", "曹文俊", "城东片区"


def run(talk: Talk) -> None:
    """Run the demo and say what was measured. Raises Failure."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="saojie-demo-") as place:
        found = asyncio.run(_whole(talk, Path(place)))
    found.seconds = round(time.monotonic() - began, 1)
    talk.say(f"\n用时 {found.seconds} 秒。", f"\nIt took {found.seconds} s.")
    talk.result(vars(found))


async def _whole(talk: Talk, place: Path) -> Measured:
    settings = Settings(place / "company")
    means, _ = await establish(talk, settings, "云澜商贸", "刘经理")
    try:
        with ExitStack() as running:
            stage = await _begin(Deployment(talk, settings, means), place, running)
            work_offline(stage)
            await come_together(stage)
            await leave(stage, COLLEAGUE)
            await hear_of_it(stage)
            await look_back(stage)
            return stage.found
    finally:
        await means.close()


async def _begin(deployment: Deployment, place: Path, running: ExitStack) -> Stage:
    """The dealer's list goes in, the server starts, two phones are enrolled."""
    talk = deployment.talk
    talk.both("【1】导入经销商的客户表，启动服务器", "1. A dealer's list goes in, and the server starts")
    quiet = Deployment(Talk(talk.language, is_quiet=True), deployment.settings, deployment.means)
    done = await bring_in(quiet, Wanted(district_file()))
    talk.both(
        f"   {done['rows']} 行：导入 {done['imported']}，重复 {done['duplicates']}，退回 {done['rejected']}",
        f"   {done['rows']} rows: {done['imported']} in, {done['duplicates']} duplicates, {done['rejected']} back",
    )
    server_process = running.enter_context(ServerProcess(deployment.settings.home))
    company = Company(deployment, server_process.url)
    talk.say("", "")
    talk.both("【2】登记两部手机并首次同步", "2. Two phones are enrolled and filled")
    phones = [await _enrolled(company, name, place, running) for name in (LEAVER, COLLEAGUE)]
    stage = Stage(talk, company, phones[0], phones[1], (await company.territory(PLACE)).id)
    stage.found.imported = int(str(done["imported"]))
    stage.found.devices = await company.active_devices()
    for phone in phones:
        stage.sync(phone)
        held = phone.does("counts")["counts"]
        stage.tell(
            f"{phone.name} 的手机：{held['outlet']} 家终端、{held['contact']} 位联系人",
            f"{phone.name}'s phone: {held['outlet']} outlets, {held['contact']} contacts",
        )
    return stage


async def _enrolled(company: Company, name: str, place: Path, running: ExitStack) -> Phone:
    """A phone that somebody enrolled with a code and confirmed by its six digits."""
    person = await company.person(name)
    phone = running.enter_context(Phone(name, place / f"phone-{person.id.hex[-6:]}"))
    asked = phone.does("enrol", code=await company.code_for(person))
    await company.confirm(UUID(asked["device"]), asked["confirmation"])
    phone.device = UUID(asked["device"])
    return phone
