"""Several nodes of one company: real server processes over one PostgreSQL, and a balancer in front of them."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.nodes.balancer import Balancer, Choice

__all__ = ["COMPANY", "Node", "Nodes"]

COMPANY = "测试商贸"
MANAGER = "陈经理"


class Node(Deployment):
    """One node: a home of its own with the company's keys, over the database that all share."""

    def __init__(self, home: Path, database: str, settings: Mapping[str, str]) -> None:
        home.mkdir()
        super().__init__(home)
        lines = [f'{name} = "{value}"\n' for name, value in {"database_url": database, **settings}.items()]
        (home / "settings.toml").write_text("".join(lines), "utf-8")
        (home / "settings.toml").chmod(0o600)

    def pause(self) -> None:
        """SIGSTOP: the process holds what it holds and does nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        assert self.server is not None
        os.killpg(self.server.pid, which)

    def start(self) -> Node:
        """Start the server and wait until it answers."""
        super().start()
        return self

    def log(self) -> str:
        """What the server wrote."""
        return (self.home / "server.log").read_text("utf-8")


class Nodes(Deployment):
    """`count` nodes under `folder` over the database at `url` (postgresql://…), which is empty before `found`.

    Commands run on the first node's machine; phones, enrolled with `phone`, reach the company through the balancer.
    Photos are in a folder that all nodes share. `settings` go into each node's settings.toml.
    """

    def __init__(
        self, folder: Path, count: int, url: str, choice: Choice | None = None, silence_s: float = 15.0, **settings: str
    ) -> None:
        self.each = [Node(folder / f"node-{number}", url, settings) for number in range(count)]
        super().__init__(self.each[0].home)
        self.balancer = Balancer([node.port for node in self.each], choice, silence_s)
        (folder / "photos").mkdir()
        for node in self.each:
            (node.home / "photos").symlink_to(folder / "photos")

    @property
    def url(self) -> str:
        """Where the balancer answers."""
        return self.balancer.url

    def found(self) -> Nodes:
        """Set the company up on the first node, and give the others its keys."""
        self.command("init", "--company", COMPANY, "--manager", MANAGER)
        for node in self.each[1:]:
            shutil.copytree(self.home / "keys", node.home / "keys")
        return self

    def start(self) -> Nodes:
        """Start all nodes at once and the balancer."""
        for node in self.each:
            node.launch()
        for node in self.each:
            node.wait()
        self.balancer.start()
        return self

    def kill(self) -> None:
        """SIGKILL to all."""
        for node in self.each:
            node.kill()

    def stop(self) -> None:
        """SIGTERM to all, one after the other."""
        for node in self.each:
            node.stop()

    def close(self) -> None:
        """End the nodes, the balancer and all phones."""
        super().close()
        for node in self.each:
            node.close()
        self.balancer.close()
