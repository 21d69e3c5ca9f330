"""`saojie agreements`: what somebody signed, and the allowance paid for keeping it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure.evidence import agreements as register
from server.departure.evidence.agreements import Agreement, AgreementKind
from server.identity import staff

__all__ = ["agreements"]

_MINOR = 100
_KINDS = {
    AgreementKind.CONFIDENTIALITY: ("保密协议", "confidentiality agreement"),
    AgreementKind.ALLOWANCE: ("保密津贴", "allowance"),
    AgreementKind.DEPARTURE_UNDERTAKING: ("离职承诺书", "departure undertaking"),
    AgreementKind.OTHER: ("其他", "other"),
}


@click.group()
def agreements() -> None:
    """协议登记 · The register of agreements."""


@agreements.command("add")
@click.option("--staff", "person", required=True, metavar="STAFF", help="签署人 · Who signed, or was paid.")
@click.option("--kind", required=True, type=click.Choice([one.value for one in AgreementKind]), help="种类 · What.")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="文件 · The signed file.")
@click.option("--hash-only", is_flag=True, help="只登记哈希，不保存副本 · Keep no copy, only the hashes.")
@click.option("--signed-on", metavar="YYYY-MM-DD", help="签署日期 · The day on which it was signed.")
@click.option("--penalty", metavar="YUAN", help="违约金（元） · The penalty agreed.")
@click.option("--amount", metavar="YUAN", help="金额（元） · The amount paid, of an allowance.")
@click.option("--month", metavar="YYYY-MM", help="所属月份 · The month that it was paid for.")
@click.option("--notes", default="", help="备注 · Notes.")
@click.option("--by", "manager", metavar="STAFF", help="登记人 · Who enters it.")
@acting
async def add_agreement(
    deployment: Deployment,
    *,
    person: str,
    kind: str,
    file: Path | None,
    hash_only: bool,
    signed_on: str | None,
    penalty: str | None,
    amount: str | None,
    month: str | None,
    notes: str,
    manager: str | None,
) -> None:
    """登记一份协议或一笔保密津贴 · Enter an agreement, or an allowance that was paid."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        by = await deployment.person(tx, manager) if manager else None
    sources = deployment.sources
    one = Agreement(
        sources.new_id(),
        who.id,
        AgreementKind(kind),
        sources.now(),
        signed_on,
        month,
        _minor("--amount", amount),
        _minor("--penalty", penalty),
        notes,
        added_by=by.id if by else None,
    )
    folder = None if hash_only else deployment.settings.agreements
    added = await register.add(deployment.store, one, sources, file=file, folder=folder)
    deployment.talk.say(f"已登记：{who.name}，{_KINDS[added.kind][0]}", f"Entered: {who.name}, {_KINDS[added.kind][1]}")
    if added.sha256 is not None:
        deployment.talk.say(f"SHA-256 {added.sha256.hex()}", f"SHA-256 {added.sha256.hex()}")
    deployment.talk.result(added)


@agreements.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@acting
async def list_agreements(deployment: Deployment, person: str | None) -> None:
    """列出协议与津贴 · List agreements and allowances."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        who = [await deployment.person(tx, person)] if person else await staff.everybody(tx)
        found = [one for each in who for one in await register.of_person(tx, each.id)]
    names = {one.id: one.name for one in who}
    headings = [
        ("人员", "Person"),
        ("种类", "Kind"),
        ("日期", "Day or month"),
        ("金额", "Amount"),
        ("违约金", "Penalty"),
        ("文件", "File"),
        ("登记时间", "Entered"),
        ("编号", "Id"),
    ]
    rows = [
        (
            names[one.staff],
            talk.either(*_KINDS[one.kind]),
            one.signed_on or one.month,
            _yuan(one.amount),
            _yuan(one.penalty),
            one.file,
            when(one.added_at),
            one.id,
        )
        for one in found
    ]
    talk.table(headings, rows)
    talk.result({"agreements": found})


def _minor(option: str, text: str | None) -> int | None:
    """An amount in yuan as minor units. Raises Failure."""
    if text is None:
        return None
    try:
        value = Decimal(text) * _MINOR
        if value == value.to_integral_value() and value >= 0:
            return int(value)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise Failure("bad_amount", f"{option}: {text} is no amount in yuan", f"{option}：“{text}”不是金额（元）")


def _yuan(minor: int | None) -> str | None:
    return None if minor is None else f"{minor / _MINOR:.2f}"
