"""What the pages of a pack count, and what they say was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.departure.evidence.agreements import AgreementKind
from server.departure.evidence.articles import Figures
from server.departure.evidence.facts import Told
from server.departure.evidence.gather import Gathered
from server.identity.staff import PersonStatus
from server.times import local

__all__ = ["LEFT_OUT", "day_of", "figures_of"]

LEFT_OUT = (
    (
        "联系人的私人资料（爱好、家庭、生日）只列字段名，不放内容。",
        "Of the private part of contacts (hobbies, family, birthdays) only the names of fields are in it, no content.",
    ),
    (
        "联系人的姓名、电话等只放掩码，除非以 --with-people 制作供不公开审理使用的证据包。",
        "Contacts' names and phones are masked, unless the pack was made for a closed hearing (--with-people).",
    ),
    (
        "同事只以编号和职务表示；同事提交的拜访、订单、收款的正文不放入。",
        "Colleagues are told by id and role; their reports of visits, orders and payments are withheld.",
    ),
    (
        "未放入正文的日志条目保留其承诺值、时间和链接，链条仍可核验。",
        "Entries of the journal without a body keep commitment, time and link, so that the chain can be checked.",
    ),
    (
        "此人没有持有过的同步范围不在其中；其链条末端由检查点的路径隐去。",
        "Scopes that the person never held are not in it; the paths of the checkpoints hide them.",
    ),
)  # fmt: skip


def day_of(ms: int, zone: str) -> str:
    """A server time for people, in the company's time zone, which is named."""
    return f"{local(ms, zone)} ({zone})"


def figures_of(found: Gathered, told: Told, lines: Mapping[str, Sequence[Any]]) -> Figures:
    """The figures, from the same lines as the files."""
    kinds = [one.kind for one in found.agreements]
    points = lines["secret_points"]
    compilations = sum(one["kind"] == "compilation" for one in points)
    access = [one["kind"] for one in lines["access"]]
    return Figures(
        name=found.person.name,
        as_of=day_of(told.as_of, told.zone),
        outlets=len({one["outlet"] for one in lines["fields"]}),
        values=len(lines["fields"]),
        public=sum(one["is_public"] for one in lines["fields"]),
        points=len(points) - compilations,
        compilations=compilations,
        agreements=sum(one is not AgreementKind.ALLOWANCE for one in kinds),
        penalty=any(one.penalty for one in found.agreements),
        undertakings=kinds.count(AgreementKind.DEPARTURE_UNDERTAKING),
        allowance_months=len({one.month for one in found.agreements if one.kind is AgreementKind.ALLOWANCE}),
        notices=len(lines["policies_and_notices"]),
        acknowledgements=len(lines["acknowledgements"]),
        devices=len(found.devices),
        scopes=len({period.scope for device in found.exposure.devices for period in device.periods}),
        openings=len(lines["openings"]),
        photos=len(lines["photos"]),
        exports=access.count("exported"),
        refusals=sum("refused" in kind for kind in access),
        orders=len(found.orders),
        receipts=len(found.receipts),
        grades="、".join(str(one["grade"]) for one in lines["orders"]) or "—",
        contradicted=sum(one.contradicted_at is not None for one in found.orders),
        quarantined=len(found.quarantine),
        visits=sum(one["visits"] for one in lines["dealings"]),
        hours=sum(one["seconds"] for one in lines["dealings"]) // 3600,
        deliveries=sum(one["deliveries"] for one in lines["dealings"]),
        handovers=len({one["territory"] for one in lines["handover"] if one["kind"] == "planned"}),
        informed=len({one["outlet"] for one in lines["leaving"] if one["kind"] == "informed"}),
        evictions=len(lines["evictions"]),
        decoys=len(lines["decoys_seen"]),
        left=found.person.status is PersonStatus.DEPARTED,
    )
