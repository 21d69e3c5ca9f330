"""`saojie policy`: the settings of the company's rules, with their defaults."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.field.policies import policies_of, reset_policy, set_policy
from sync.policies import SETTINGS

__all__ = ["policy"]


@click.group()
def policy() -> None:
    """公司规则的设置 · The settings of the company's rules."""


@policy.command("list")
@click.option("--set", "only_set", is_flag=True, help="只看改过的 · Only those that were set.")
@acting
async def list_policies(deployment: Deployment, only_set: bool) -> None:
    """列出各项设置：现值、默认值、含义 · List the settings: value, default, meaning."""
    async with deployment.store.read() as tx:
        texts = (await policies_of(tx)).texts
    shown = [one for one in SETTINGS.values() if one.key in texts or not only_set]
    more = sorted(texts.keys() - SETTINGS.keys())
    zh = deployment.talk.language == "zh"
    rows = [(one.key, texts.get(one.key, one.default), one.default, one.zh if zh else one.en) for one in shown]
    rows += [(key, texts[key], "", "") for key in more]
    deployment.talk.table([("设置", "Setting"), ("现值", "Value"), ("默认", "Default"), ("含义", "Meaning")], rows)
    found = [{"key": key, "value": value, "default": default, "set": key in texts} for key, value, default, _ in rows]
    deployment.talk.result({"policies": found})


@policy.command("set")
@click.argument("key")
@click.argument("value")
@acting
async def set_(deployment: Deployment, key: str, value: str) -> None:
    """改一项设置，下次同步到达各手机 · Change a setting; phones have it with their next sync."""
    async with deployment.store.write() as tx:
        changed = await set_policy(tx, key, value, deployment.sources)
    deployment.means.announcer.announce(changed)
    deployment.talk.say(f"{key} 已设为 {value}", f"{key} is {value}")
    deployment.talk.result({"key": key, "value": value})


@policy.command("reset")
@click.argument("key")
@acting
async def reset(deployment: Deployment, key: str) -> None:
    """恢复默认值 · Back to the default."""
    async with deployment.store.write() as tx:
        changed = await reset_policy(tx, key, deployment.sources)
    deployment.means.announcer.announce(changed)
    deployment.talk.say(f"{key} 已恢复默认。", f"{key} is at its default.")
    deployment.talk.result({"key": key, "reset": bool(changed)})
