"""All machines on loopback, where no namespaces are permitted: everything but a partition."""

from __future__ import annotations

__all__ = ["Plain"]


class Plain:
    """Speaks as `Wires` does; its wires cannot be cut."""

    def address(self, machine: str, network: str) -> str:  # noqa: ARG002  # all are the same one
        """Where a machine is."""
        return "127.0.0.1"

    def within(self, machine: str) -> list[str]:  # noqa: ARG002  # there is nothing to enter
        """What to put before a command that runs on a machine."""
        return []

    def close(self) -> None:
        """Nothing was made."""
