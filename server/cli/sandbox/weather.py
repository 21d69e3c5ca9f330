"""The network of a sandbox and the server's bad moments: slow, cut, 503; each until it is mended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from server.cli.sandbox.asked import Cut, Done, Fail, Mend, Slow, Words
from server.cli.trial.link import DIRECT, Link, LinkState

__all__ = ["Weather"]

_PHONES = frozenset({"diagnostics", "enrol", "live", "photos", "sync", "wake"})
"""What phones ask for: the office's pages go on while phones hear 503."""


@dataclass(slots=True)
class Weather:
    """The link between phones and the server, and the 503s that are still to be told (`fail` None: none)."""

    link: Link
    fail: Fail | None = None
    told: int = field(default=0)

    def fails(self, path: str) -> int | None:
        """In how many seconds a phone that asks for this is told to come back; None where it is answered."""
        if self.fail is None or path.split("/")[1] not in _PHONES:
            return None
        after = self.fail.after
        self.told += 1
        if self.fail.times is not None and self.told >= self.fail.times:
            self.fail = None
        return after

    def refuse_service(self, asked: Fail) -> Done:
        """Phones hear 503."""
        self.fail, self.told = asked, 0
        times = Words(f"接下来 {asked.times} 次请求", f"the next {asked.times} requests") if asked.times else None
        which = times or Words("此后的请求", "requests from now on")
        return Done(
            Words(f"手机{which.zh}得到 503", f"Phones hear 503 on {which.en}"),
            Words(
                "sync() 以 unavailable 结束；工作仍在手机上，稍后自动重试",
                "sync() ends with `unavailable`; the work stays safe, and the phone tries again by itself",
            ),
            {"times": asked.times, "after_s": asked.after},
        )

    async def slow_down(self, asked: Slow) -> Done:
        """The link is slow from now on, connections that are open included."""
        self.link.state = LinkState(asked.kbit * 1000, asked.delay / 1000, 0.0, asked.loss)
        return Done(
            Words(
                f"网络变慢：{asked.kbit} kbit/s，单程 {asked.delay} 毫秒，丢包 {asked.loss:.0%}",
                f"The link is slow: {asked.kbit} kbit/s, {asked.delay} ms one way, {asked.loss:.0%} of packets late",
            ),
            Words("同步变慢，进度慢慢前进；其余一切照常", "Syncs take long; all else is as ever"),
            {"kbit": asked.kbit, "delay_ms": asked.delay, "loss": asked.loss},
        )

    async def cut(self, _asked: Cut) -> Done:
        """No network."""
        await asyncio.to_thread(self.link.take_down)
        return Done(
            Words("网络已断：连接被拒绝", "The network is cut: connections are refused"),
            Words(
                "sync() 以 no_network 结束；离线照常工作，待上传增多，租约到期后锁定",
                "sync() ends with `no_network`; work goes on offline and is pending; it locks when the lease ends",
            ),
        )

    async def mend(self, _asked: Mend) -> Done:
        """All is well again."""
        self.fail, self.link.state = None, DIRECT
        await asyncio.to_thread(self.link.put_up)
        return Done(
            Words("网络与服务器恢复正常", "The network and the server are well again"),
            Words("下次同步即可上传全部工作", "The next sync hands everything in"),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """How it is now."""
        state = self.link.state
        return {
            "cut": self.link.is_down,
            "slow": None
            if state == DIRECT
            else {"bits_per_s": state.bits_per_s, "delay_s": state.delay_s, "loss": state.loss},
            "failing": self.fail is not None,
        }
