"""From where a request comes: the address that its budget is kept under, and whether it came over TLS.

A proxy says in `X-Forwarded-For` whom it speaks for, and so may anybody. It is believed of proxies that the company
named (`trusted_proxies`) alone: from the last hop back to the first that is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address

from litestar.types import Scope

from server.values import Network

__all__ = ["address_of", "is_https"]

_MOST_HOPS = 20
_V6_PREFIX = 64


def address_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Where a request comes from: an address, or the network of one that an IPv6 line has; empty where nobody says.

    Whoever has an IPv6 line has 2^64 addresses, and one budget.
    """
    hop = _peer(scope)
    if not _is_of(hop, trusted):
        return _line(hop)
    for named in _hops(_header(scope, b"x-forwarded-for")):
        hop = named
        if not _is_of(hop, trusted):
            break
    return _line(hop)


def is_https(scope: Scope, trusted: Sequence[Network]) -> bool:
    """Whether a request came over TLS, to us or to a proxy that we trust."""
    if scope["scheme"] == "https":
        return True
    return _is_of(_peer(scope), trusted) and _header(scope, b"x-forwarded-proto").strip().lower() == "https"


def _header(scope: Scope, name: bytes) -> str:
    """A header of a request, its repetitions joined by commas as they came; empty where there is none."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _hops(forwarded: str) -> Iterator[str]:
    """The hops of a request, the last first."""
    yield from (one.strip() for one in reversed(forwarded.split(",")[-_MOST_HOPS:]) if one.strip())


def _is_of(hop: str, trusted: Sequence[Network]) -> bool:
    if not trusted:
        return False
    try:
        address = ip_address(hop)
    except ValueError:
        return False
    return any(address in network for network in trusted if network.version == address.version)


def _line(hop: str) -> str:
    try:
        address = ip_address(hop)
    except ValueError:
        return hop[:64]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address) >> _V6_PREFIX << _V6_PREFIX, _V6_PREFIX)))
    return str(address)
