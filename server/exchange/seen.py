"""Whether a device holds what it was given: the digests that it tells, against the store's own.

A phone that says *verified* is believed by nobody but its rep; here the server looks for itself. Where nothing has
come since, digests are held against those of now; where something has, against the sum of the checkpoint that the
device was given last. What can be compared with neither is not judged.
"""

from __future__ import annotations

from server.exchange.pull import Pulled
from server.exchange.whole import sum_of
from server.identity.contacts import Seen
from sync.messages import SyncRequest

__all__ = ["seen"]


def seen(request: SyncRequest, epoch: bytes, pulled: Pulled, given: bytes | None) -> Seen:
    """What a request's digests show in the snapshot of a pull; `given` stands for the last checkpoint."""
    heads, all_of_it = pulled.heads, pulled.whole
    gives = all_of_it.sum if pulled.tail.checkpoint else None
    if request.epoch != epoch or not request.digests:
        return Seen(sum=gives)
    if request.cursors == all_of_it.cursors and request.digests == all_of_it.digests:
        return Seen(True, sum=gives)
    told = [(name, one.version, request.digests.get(name, b"")) for name, one in request.cursors.items()]
    whole = {name: digest for name, version, digest in told if name in heads and heads[name].head == version}
    apart = tuple(name for name, digest in whole.items() if digest != heads[name].digest)
    is_equal = not apart and (whole.keys() == heads.keys() or sum_of(told) == given)
    return Seen(is_equal, apart, gives)
