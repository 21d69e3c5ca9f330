"""The machines' networks: namespaces of their own, joined by wires that can be cut.

Each machine has two wires, one to the cluster's network (the other machines and etcd) and one to the network that the
nodes reach it by. This process has an address in the second one; nothing here can be reached from elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

__all__ = ["BACK", "FRONT", "Wires", "permitted"]

FRONT = "front"
BACK = "back"
_OURS = 1
_FIRST = {FRONT: 10, BACK: 138}
_NETWORKS = 200


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def permitted() -> str:
    """Why namespaces cannot be had here, in plain words; empty where they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need iproute2"
    probe = f"saojie-probe-{os.getpid()}"
    try:
        _ip("netns", "add", probe)
        try:
            _ip("-n", probe, "link", "add", "name", "probe", "type", "bridge")
        finally:
            _ip("netns", "del", probe)
    except subprocess.CalledProcessError as error:
        return f"network namespaces are not permitted here: {error.stderr.strip()}"
    return ""


class Wires:
    """The networks 198.18.N.0/25 (front) and 198.18.N.128/25 (back), for machines by name; closed with `close`."""

    def __init__(self, machines: Sequence[str]) -> None:
        self._machines = tuple(machines)
        self._number, self._switch = _taken()
        for network in (FRONT, BACK):
            _ip("-n", self._switch, "link", "add", "name", network, "type", "bridge")
            _ip("-n", self._switch, "link", "set", network, "up")
        self._link = f"saojie-{self._number}"
        _ip("link", "add", "name", self._link, "type", "veth", "peer", "name", "us", "netns", self._switch)
        self._joined("us", FRONT)
        _ip("address", "add", f"{self._at(_OURS)}/25", "dev", self._link)
        _ip("link", "set", self._link, "up")
        for name in self._machines:
            self._wire(name)

    def address(self, machine: str, network: str) -> str:
        """Where a machine is in a network."""
        return self._at(_FIRST[network] + self._machines.index(machine))

    def within(self, machine: str) -> list[str]:
        """What to put before a command that runs on a machine."""
        return ["ip", "netns", "exec", self._room(machine)]

    def cut(self, machine: str, network: str) -> None:
        """Let nothing through a wire, either way, and tell neither end."""
        _ip("-n", self._switch, "link", "set", _end(machine, network), "nomaster")

    def join(self, machine: str, network: str) -> None:
        """Mend a wire."""
        _ip("-n", self._switch, "link", "set", _end(machine, network), "master", network)

    def close(self) -> None:
        """Take everything down."""
        for room in (*map(self._room, self._machines), self._switch):
            subprocess.run(["ip", "netns", "del", room], check=False, capture_output=True)

    def _at(self, host: int) -> str:
        return f"198.18.{self._number}.{host}"

    def _room(self, machine: str) -> str:
        return f"{self._switch}-{machine}"

    def _joined(self, end: str, network: str) -> None:
        _ip("-n", self._switch, "link", "set", end, "master", network)
        _ip("-n", self._switch, "link", "set", end, "up")

    def _wire(self, machine: str) -> None:
        room = self._room(machine)
        _ip("netns", "add", room)
        _ip("-n", room, "link", "set", "lo", "up")
        for network in (FRONT, BACK):
            end = _end(machine, network)
            _ip("-n", room, "link", "add", "name", network, "type", "veth", "peer", "name", end, "netns", self._switch)
            self._joined(end, network)
            _ip("-n", room, "address", "add", f"{self.address(machine, network)}/25", "dev", network)
            _ip("-n", room, "link", "set", network, "up")


def _end(machine: str, network: str) -> str:
    return f"{machine}-{network}"


def _taken() -> tuple[int, str]:
    """A number that nobody else has, and the namespace by which it is taken. Raises CalledProcessError."""
    begin = os.getpid() % _NETWORKS
    for step in range(_NETWORKS):
        number = (begin + step) % _NETWORKS
        try:
            _ip("netns", "add", f"saojie-{number}")
        except subprocess.CalledProcessError:
            if step == _NETWORKS - 1:
                raise
        else:
            return number, f"saojie-{number}"
    raise AssertionError
