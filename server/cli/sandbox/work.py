"""Acts on work: what the office does in its way, and its being undone."""

from __future__ import annotations

from server.cli.sandbox.asked import Conflict, Done, Refuse, Words
from server.cli.sandbox.sandbox import Sandbox
from server.cli.sandbox.waiting import Wish

__all__ = ["conflict", "refuse"]


async def refuse(sandbox: Sandbox, asked: Refuse) -> Done:
    """The next work at an outlet finds the outlet gone; or what was taken comes back."""
    deployment = sandbox.deployment
    async with deployment.store.read() as tx:
        person = await deployment.person(tx, asked.who)
        outlet = await deployment.outlet(tx, asked.outlet) if asked.outlet is not None else None
    if asked.back:
        back = await sandbox.waiting.bring_back(deployment, person)
        return Done(
            Words(f"已还给 {person.name} {len(back)} 家终端", f"{person.name} has {len(back)} outlets again"),
            Words(
                "同步后 refusals.mend(id) 原样重新提交即可",
                "After a sync, refusals.mend(id) sends the refused work again as it was",
            ),
            {"outlets": back},
        )
    sandbox.waiting.lie(person.id, Wish("refuse", outlet))
    return Done(
        Words(
            f"{person.name} 下一次上传的终端工作将被退回：公司先把该终端收回公海",
            f"{person.name}'s next work at an outlet is refused: the office puts the outlet into the pool first",
        ),
        Words(
            "同步后 report.outcomes 含 refused（record_unknown），refusals.list() 多一条；"
            "拜访可用 mend(id, outlet=…) 改到别家，或先 saojie sandbox refuse --back",
            "After the sync report.outcomes has `refused` and refusals.list() one more (record_unknown); mend a visit "
            "with mend(id, outlet=…), or say `saojie sandbox refuse --back` first",
        ),
        {"staff": person.id, "outlet": outlet},
    )


async def conflict(sandbox: Sandbox, asked: Conflict) -> Done:
    """The next edit of an outlet finds that the office has changed the same fields."""
    deployment = sandbox.deployment
    async with deployment.store.read() as tx:
        person = await deployment.person(tx, asked.who)
        outlet = await deployment.outlet(tx, asked.outlet) if asked.outlet is not None else None
    sandbox.waiting.lie(person.id, Wish("conflict", outlet))
    return Done(
        Words(
            f"{person.name} 下一次修改终端的电话、名称、地址、营业时间或备注时，公司抢先改同一项",
            f"The office changes what {person.name}'s next edit changes of an outlet: its phone, name, address, "
            "hours or notes",
        ),
        Words(
            "同步后 report.outcomes 含 superseded，终端显示公司的值",
            "After the sync report.outcomes has `superseded`, and the outlet shows the office's value",
        ),
        {"staff": person.id, "outlet": outlet},
    )
