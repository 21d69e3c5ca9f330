"""Passwords: Argon2id with the parameters that OWASP names (19 MiB, two passes, one lane), in threads, few at once."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.values import Unfit

__all__ = ["check_password", "hashed", "is_right"]

LEAST, MOST = 10, 200
_AT_ONCE = 2
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody")
"""What is compared where there is no such account, so that the answer takes as long."""
_LEAST_DIFFERENT = 5


class _Turns:
    """A few at once: each takes 19 MiB and a processor for some 35 ms."""

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    def __call__(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        self._by_loop = {one: turns for one, turns in self._by_loop.items() if not one.is_closed()}
        return self._by_loop.setdefault(loop, asyncio.Semaphore(_AT_ONCE))


_turns = _Turns()


def check_password(password: str, login: str) -> None:
    """Whether a password may be taken: 10 to 200 characters, not the login, not the same few again. Raises Unfit."""
    if not LEAST <= len(password) <= MOST:
        raise Unfit(f"a password has {LEAST} to {MOST} characters", f"密码须为 {LEAST} 至 {MOST} 个字符")
    if login.casefold() in password.casefold() or len(set(password)) < _LEAST_DIFFERENT:
        raise Unfit("this password is too easy to guess", "这个密码太容易被猜到")


async def hashed(password: str) -> str:
    """What is kept of a password."""
    async with _turns():
        return await asyncio.to_thread(_HASHER.hash, password)


async def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of which `kept` was kept; without one it takes as long and is not."""
    async with _turns():
        found = await asyncio.to_thread(_verified, password, kept or _NOBODY)
    return found and kept is not None


def _verified(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
