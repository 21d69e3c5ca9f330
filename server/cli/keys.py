"""`saojie keys`: the company's two key pairs, how they change, and who has followed.

A change is prepared in the files, copied to the other machines, put into use, and what it replaced is retired once
nothing needs it. On one machine `--use` does the first and the third in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure import rotation
from server.identity import devices
from server.identity.devices import ASTRAY, Device
from server.identity.key_changes import Turn, in_words, prepare
from server.identity.keys import CompanyKeys
from server.master.meta import read_identity
from sync.messages import Standing
from sync.signing import fingerprint
from sync.statements import KeyChange, KeyTurn

__all__ = ["keys"]

_USE = click.option("--use", is_flag=True, help="只有一台机器：立即启用 · Only one machine: put it into use at once.")
_EVEN_SO = click.option("--even-so", is_flag=True, help="明知后果仍执行 · Although something would be lost.")
_KINDS = click.Choice(["signing", "opening"])
_WORDS = {
    "prepared": "已准备",
    "in_use": "使用中",
    "believed": "仍被信任",
    "retired": "已停用",
    "kept": "为解封保留",
    "gone": "已删除",
}


class _Key(msgspec.Struct, frozen=True):
    """One key that the company has or had. `number` is the change that brought it, 0 for the first."""

    kind: str
    number: int
    public: bytes
    state: str
    since: int | None

    @property
    def name(self) -> str:
        return fingerprint(self.public)


@click.group()
def keys() -> None:
    """公司密钥：查看、更换、停用 · The company's keys: look at them, rotate them, retire them."""


@keys.command("list")
@acting
async def list_keys(deployment: Deployment) -> None:
    """列出公司密钥，以及多少手机已跟上 · List the company's keys, and how many phones have followed."""
    held, talk = deployment.means.keys, deployment.talk
    async with deployment.store.read() as tx:
        phones = [one for one in await devices.listing(tx) if one.standing is Standing.ACTIVE]
    found = _all_keys(held)
    headings = [("用途", "For"), ("指纹", "Fingerprint"), ("状态", "State"), ("自", "Since"), ("更换号", "Change")]
    rows = [
        (one.kind, one.name, talk.either(_WORDS[one.state], one.state), when(one.since), one.number) for one in found
    ]
    talk.table(headings, rows)
    far = _how_far(phones, held.number)
    talk.say(
        f"使用中的手机 {len(phones)} 台：已跟上最新密钥 {far['followed']} 台，尚未 {far['behind']} 台，"
        f"从未表示能跟上 {far['unaware']} 台，跟了别人的密钥 {far['astray']} 台。",
        f"Of {len(phones)} phones in use {far['followed']} follow the newest keys, {far['behind']} not yet, "
        f"{far['unaware']} never said that they can, {far['astray']} follow somebody else's.",
    )
    shown = [msgspec.structs.asdict(one) | {"key": one.name} for one in found]
    talk.result({"keys": shown, "in_use": held.number, "prepared": held.newest - held.number, "phones": far})


def _how_far(phones: Sequence[Device], number: int) -> dict[str, int]:
    said = [one.keys_number for one in phones]
    return {
        "followed": sum(one is not None and one >= number for one in said),
        "behind": sum(one is not None and ASTRAY < one < number for one in said),
        "unaware": sum(one is None for one in said),
        "astray": sum(one == ASTRAY for one in said),
    }


def _all_keys(held: CompanyKeys) -> list[_Key]:
    first = [_Key("signing", 0, held.first.signing, "", None), _Key("opening", 0, held.first.opening, "", None)]
    made = [_Key(one.turn, one.number, one.public, "", one.at) for one in in_words(held) if one.turn != KeyTurn.RETIRED]
    return [msgspec.structs.replace(one, state=_state(held, one)) for one in (*first, *made)]


def _state(held: CompanyKeys, key: _Key) -> str:
    if key.number > held.number:
        return "prepared"
    if key.public in {held.pins.signing, held.pins.opening}:
        return "in_use"
    if key.kind == KeyTurn.SIGNING:
        return "believed" if key.public in held.pins.older else "retired"
    return "kept" if key.number in held.openings else "gone"


@keys.command("rotate")
@click.argument("kind", type=_KINDS)
@click.option(
    "--compromised", is_flag=True, help="旧签名密钥已泄露，一并停用 · The old key is stolen: retire it as well."
)
@_USE
@_EVEN_SO
@acting
async def rotate(deployment: Deployment, kind: str, *, compromised: bool, use: bool, even_so: bool) -> None:
    """更换密钥：新密钥由旧密钥签名引入 · Prepare a new key, signed by the old one; phones follow by themselves."""
    if compromised and kind == "opening":
        raise Failure(
            "option_pointless",
            "an opening key signs nothing; rotate it, and retire the old one once nothing is sealed to it",
            "解封密钥不用于签名；请更换它，待不再有数据封给旧密钥后停用旧密钥",
        )
    turns = [Turn(KeyTurn(kind))]
    if compromised:
        turns.append(Turn(KeyTurn.RETIRED, deployment.means.keys.pins.signing))
    await _prepare(deployment, turns, use=use, even_so=even_so)


@keys.command("use")
@_EVEN_SO
@acting
async def use_prepared(deployment: Deployment, *, even_so: bool) -> None:
    """启用已准备的更换（先复制到所有机器） · Put what is prepared into use; every machine must have the files."""
    await _use(deployment, even_so=even_so)


@keys.command("retire")
@click.argument("kind", type=_KINDS)
@click.argument("key")
@_USE
@_EVEN_SO
@acting
async def retire(deployment: Deployment, kind: str, key: str, *, use: bool, even_so: bool) -> None:
    """停用旧密钥：签名密钥不再被信任，解封密钥删除 · Phones stop believing an old signing key; an opening key goes."""
    held = deployment.means.keys
    found = [one for one in _all_keys(held) if one.kind == kind and one.name.startswith(key.lower())]
    if len(found) != 1 or found[0].state not in {"believed", "kept"}:
        raise Failure(
            "key_unknown",
            f"there is no old {kind} key {key} to retire; see `saojie keys list`",
            f"没有可停用的密钥 {key}；请查看 saojie keys list",
        )
    if kind == "signing":
        await _prepare(deployment, [Turn(KeyTurn.RETIRED, found[0].public)], use=use, even_so=even_so)
    else:
        await _retire_opening(deployment, found[0], even_so=even_so)


async def _prepare(deployment: Deployment, turns: Sequence[Turn], *, use: bool, even_so: bool) -> None:
    async with deployment.store.read() as tx:
        identity = await read_identity(tx)
    if use:
        await _check_phones(deployment, turns, even_so=even_so)
    made = prepare(deployment.means.keys, identity.company, turns, deployment.sources)
    if use:
        await _use(deployment, even_so=even_so)
        return
    folder = deployment.means.keys.folder
    deployment.talk.say(
        f"已准备，尚未启用：{_said(made)}。请备份 {folder}，完整复制到每台机器，再运行 saojie keys use。",
        f"Prepared and not in use: {_said(made)}. Back up {folder}, copy it whole to every machine, then run "
        "`saojie keys use`.",
    )
    deployment.talk.result({"prepared": [_facts(one) for one in made], "used": []})


async def _use(deployment: Deployment, *, even_so: bool) -> None:
    held = deployment.means.keys
    fresh = list(in_words(held))[held.number :]
    await _check_phones(deployment, [Turn(one.turn) for one in fresh], even_so=even_so)
    used = await rotation.put_into_use(deployment.means)
    if used:
        deployment.talk.say(
            f"已启用：{_said(used)}。手机下次联系时自动跟上；请备份 {held.folder}。此前印发的登记码仍可使用。",
            f"In use: {_said(used)}. Phones follow at their next contact; back up {held.folder}. Enrolment codes that "
            "are out still work.",
        )
    else:
        deployment.talk.say("没有待启用的更换。", "Nothing is prepared.")
    deployment.talk.result({"used": [_facts(one) for one in used], "in_use": held.number})


async def _check_phones(deployment: Deployment, turns: Sequence[Turn], *, even_so: bool) -> None:
    """Phones of a version that knows of no changes would refuse everything that a new key signs."""
    if even_so or not any(one.turn is KeyTurn.SIGNING for one in turns):
        return
    async with deployment.store.read() as tx:
        found = await rotation.unaware(tx)
    if found:
        listed = ", ".join(str(one.id) for one in found)
        raise Failure(
            "phones_unaware",
            f"{len(found)} phones in use never said that they follow changes of keys; they would lock when their lease "
            f"ends. Let them sync with this version first, or say --even-so: {listed}",
            f"有 {len(found)} 台使用中的手机从未表示能跟上密钥更换，租约到期后会锁定。"
            f"请先让它们用新版本同步一次，或加 --even-so：{listed}",
        )


async def _retire_opening(deployment: Deployment, key: _Key, *, even_so: bool) -> None:
    held = deployment.means.keys
    after = min(one.number for one in in_words(held) if one.turn is KeyTurn.OPENING and one.number > key.number)
    async with deployment.store.read() as tx:
        sealed = await rotation.still_sealed(tx, key.number, after)
    names = (*sealed.phones, *sealed.ordered)
    if names and not even_so:
        listed = ", ".join(map(str, names))
        raise Failure(
            "still_sealed",
            f"work on {len(names)} phones may still be sealed to it, {len(sealed.ordered)} of them under a wipe order; "
            f"without the key nobody can ever read it. Wait until they have synced, or say --even-so: {listed}",
            f"有 {len(names)} 台手机上的数据可能仍封给此密钥，其中 {len(sealed.ordered)} 台有未完成的擦除令；"
            f"没有此密钥就再也无法读取。请等它们同步，或加 --even-so：{listed}",
        )
    photos = await rotation.retire_opening(deployment.means, key.number)
    deployment.talk.say(
        f"已删除解封密钥 {key.name}；{photos} 张照片改用新密钥封存。请在其他机器上也运行本命令，并更新备份。",
        f"The opening key {key.name} is gone; {photos} photos were sealed to the current one. Run this on the other "
        "machines too, and renew the backup.",
    )
    deployment.talk.result({"retired": key.name, "photos": photos, "given_up": list(names)})


def _said(changes: Sequence[KeyChange]) -> str:
    return ", ".join(f"{one.number} {one.turn} {fingerprint(one.public)}" for one in changes)


def _facts(change: KeyChange) -> dict[str, Any]:
    return {"number": change.number, "turn": change.turn, "key": fingerprint(change.public), "at": change.at}
