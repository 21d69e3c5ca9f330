"""The company's keys: files under `keys/`, mode 0600. Private keys are never in the database, in a log or a message.

The signing key signs orders, leases and checkpoints; the opening key opens what phones sealed to the company. Both
change (`key_changes`): the database says which changes are in use, and a process that has others reads the files again,
or refuses. The three other keys authenticate what only this server reads again: cursors,
tokens and challenges.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from server.files import keep_names
from server.identity.key_files import (
    KEY_BYTES,
    KeyFileError,
    behind,
    check_closed,
    damaged,
    key_path,
    read_changes,
    read_in_use,
    read_secret,
    write_in_use,
    write_secret,
)
from server.master.meta import Identity, KeysInUse, read_identity
from server.master.store import Tx
from sync.codec import DecodeError
from sync.errors import Refusal
from sync.keychain import Pins, history
from sync.messages import KeysHeld
from sync.signing import Signed, opened
from sync.statements import KeyChange, KeyTurn

__all__ = ["CompanyKeys", "KeyFileError", "create_keys", "load_keys", "load_operations_token", "load_push_key"]

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_NAMES = ("signing", "opening", "cursor", "token", "challenge")


@dataclass(frozen=True, slots=True, repr=False)
class _Ring:
    """The two key pairs as they stand with `number` changes in use. `pins` are what holds after 0, 1, … changes;
    `openings` are the opening keys that are here, by the number of the change that brought them, the newest first.
    """

    number: int
    pins: tuple[Pins, ...]
    changes: tuple[Signed, ...]
    signing: Ed25519PrivateKey
    openings: dict[int, X25519PrivateKey]


class CompanyKeys:
    """All keys of the company, as this machine has them. Public halves are 32 raw bytes each; the symmetric keys 32."""

    __slots__ = ("_ring", "challenge_key", "cursor_key", "folder", "token_key")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cursor_key, self.token_key, self.challenge_key = (
            read_secret(key_path(folder, name)) for name in ("cursor", "token", "challenge")
        )
        self._ring = _read_ring(folder, read_in_use(folder))
        with suppress(OSError):
            self._drop_retired()

    @property
    def signing(self) -> Ed25519PrivateKey:
        """The key that signs."""
        return self._ring.signing

    @property
    def opening(self) -> X25519PrivateKey:
        """The key that phones seal to."""
        return next(iter(self._ring.openings.values()))

    @property
    def openings(self) -> dict[int, X25519PrivateKey]:
        """All opening keys that are kept, by the number of the change that brought them, the newest first."""
        return dict(self._ring.openings)

    @property
    def pins(self) -> Pins:
        """What phones believe that have followed every change in use."""
        return self._ring.pins[self._ring.number]

    @property
    def first(self) -> Pins:
        """What phones believed before the first change."""
        return self._ring.pins[0]

    @property
    def all_pins(self) -> tuple[Pins, ...]:
        """What is believed after 0, 1, … changes, those that are prepared included."""
        return self._ring.pins

    @property
    def number(self) -> int:
        """How many changes are in use."""
        return self._ring.number

    @property
    def newest(self) -> int:
        """How many changes there are, those that are prepared included."""
        return len(self._ring.changes)

    @property
    def changes(self) -> tuple[Signed, ...]:
        """The changes that are in use, in order."""
        return self._ring.changes[: self._ring.number]

    @property
    def all_changes(self) -> tuple[Signed, ...]:
        """The changes, those that are prepared included."""
        return self._ring.changes

    @property
    def signing_public(self) -> list[bytes]:
        """Every signing key that the company has had in use, the current one first: what is on record verifies."""
        had = [one.signing for one in self._ring.pins[self._ring.number :: -1]]
        return list(dict.fromkeys(had))

    @property
    def opening_public(self) -> bytes:
        """The public half of the key that phones seal to."""
        return self.pins.opening

    async def in_step(self, tx: Tx) -> Identity:
        """Use the keys that the store says are in use; whose they are. Raises what `follow` raises."""
        identity = await read_identity(tx)
        self.follow(identity.keys)
        return identity

    def follow(self, keys: KeysInUse) -> None:
        """Use these changes of the keys from here on; fewer than are in use already change nothing.

        Raises Refusal where this machine has not got them: it must not answer with keys that were replaced, or that
        were only prepared here while another machine's came into use.
        """
        if keys.number <= self._ring.number and self.has(keys):
            return
        try:
            ring = _read_ring(self.folder, max(keys.number, self._ring.number))
            if ring.pins[keys.number].last != keys.last:
                raise behind(self.folder)
        except KeyFileError as error:
            raise Refusal("unavailable", f"{error.code}: {error.en}") from error
        self._ring = ring
        # Only a restored database needs the mark: a folder that may not be written is no reason to refuse.
        with suppress(OSError):
            write_in_use(self.folder, ring.number)
            self._drop_retired()

    def _drop_retired(self) -> None:
        """Remove the private halves of signing keys that are not believed any more."""
        for number, pins in enumerate(self._ring.pins[: self.number + 1]):
            path = key_path(self.folder, "signing", number)
            if pins.signing not in self.pins.believed and path.exists():
                path.unlink(missing_ok=True)
                keep_names(self.folder)

    def has(self, keys: KeysInUse) -> bool:
        """Whether these changes are the first of those that are here, those that are prepared included."""
        return keys.number < len(self._ring.pins) and self._ring.pins[keys.number].last == keys.last

    def in_use_at(self, number: int) -> KeysInUse:
        """What is in use once the first `number` changes are."""
        return KeysInUse(number, self._ring.pins[number].last)

    def signing_at(self, number: int) -> Ed25519PrivateKey:
        """The key that signs once the first `number` changes are in use. Raises KeyFileError."""
        return _read_ring(self.folder, number).signing

    def read_again(self) -> None:
        """Read the files again, after changes were prepared. Raises KeyFileError."""
        self._ring = _read_ring(self.folder, self._ring.number)

    def changes_for(self, held: KeysHeld | None) -> tuple[Signed, ...]:
        """The changes that a phone has to follow yet, by what it says of itself; none for one that knows of none."""
        if held is None or (held.number, held.last) == (self.pins.number, self.pins.last):
            return ()
        return self.changes[held.number :] if self.is_ours(held) else self.changes

    def changes_after(self, number: int | None) -> tuple[Signed, ...]:
        """The changes after the first `number`; none for a phone that never said that it knows of them."""
        return () if number is None else self.changes[number:]

    def is_ours(self, held: KeysHeld) -> bool:
        """Whether what a phone follows is our chain, as far as it is."""
        return self.has(KeysInUse(held.number, held.last))


def create_keys(folder: Path, random: Callable[[int], bytes]) -> CompanyKeys:
    """Make new keys in `folder`, on the disk before this returns. Raises KeyFileError where there are keys."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    present = [path for path in (key_path(folder, name) for name in _NAMES) if path.exists()]
    if present:
        raise KeyFileError("keys_exist", present[0], "there are keys already; they stay", "密钥已存在，保持不变")
    for name in _NAMES:
        write_secret(key_path(folder, name), random(KEY_BYTES))
    keep_names(folder)
    return CompanyKeys(folder)


def load_keys(folder: Path) -> CompanyKeys:
    """The keys in `folder`. Raises KeyFileError, also where anybody but the owner may read them."""
    check_closed(folder)
    return CompanyKeys(folder)


def load_push_key(folder: Path, random: Callable[[int], bytes]) -> ec.EllipticCurvePrivateKey:
    """The key that push services know this company by, made where there is none yet. Raises KeyFileError."""
    number = int.from_bytes(_made(folder, "push", random), "big") % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def load_operations_token(folder: Path, random: Callable[[int], bytes]) -> str:
    """The token of whoever watches the server, the 64 hexadecimal digits in `operations.key`; made where there is none
    yet. Raises KeyFileError.
    """
    return _made(folder, "operations", random).hex()


def _made(folder: Path, name: str, random: Callable[[int], bytes]) -> bytes:
    """A secret that nobody outside has to know beforehand, made where there is none yet. Raises KeyFileError."""
    check_closed(folder)
    path = key_path(folder, name)
    if not path.exists():
        with suppress(FileExistsError):
            write_secret(path, random(KEY_BYTES))
            keep_names(folder)
    return read_secret(path)


def _read_ring(folder: Path, number: int) -> _Ring:
    kept = read_changes(folder)
    changes = kept[1] if kept is not None else ()
    if number > len(changes):
        raise behind(folder)
    brought = {turn: _brought(changes, turn, number) for turn in KeyTurn}
    signing = Ed25519PrivateKey.from_private_bytes(
        read_secret(key_path(folder, "signing", brought[KeyTurn.SIGNING][0]))
    )
    openings = {
        one: X25519PrivateKey.from_private_bytes(read_secret(path))
        for one in brought[KeyTurn.OPENING]
        if (path := key_path(folder, "opening", one)).exists()
    }
    first = kept[0] if kept is not None else Pins(_public(signing), _public(openings.get(0)))
    pins = _history(folder, first, changes)
    ring = _Ring(number, pins, changes, signing, openings)
    newest = openings.get(brought[KeyTurn.OPENING][0])
    if (pins[number].signing, pins[number].opening) != (_public(signing), _public(newest)):
        raise KeyFileError(
            "keys_behind",
            folder,
            "a private key does not fit the company's changes of keys; copy keys/ whole from another machine or backup",
            "私钥与密钥更换记录不符；请从另一台机器或备份完整复制 keys/",
        )
    return ring


def _brought(changes: tuple[Signed, ...], turn: KeyTurn, number: int) -> list[int]:
    """The numbers of the changes in use that brought a key of this kind, the newest first, down to 0 for the first."""
    found = [at for at, one in enumerate(changes[:number], 1) if opened(one, KeyChange).turn is turn]
    return [*reversed(found), 0]


def _history(folder: Path, first: Pins, changes: tuple[Signed, ...]) -> tuple[Pins, ...]:
    try:
        company = opened(changes[0], KeyChange).company if changes else None
    except DecodeError as error:
        raise damaged(folder / "changes") from error
    pins = history(first, changes, company) if company is not None else (first,)
    if len(pins) <= len(changes):
        raise damaged(folder / "changes")
    return pins


def _public(key: Ed25519PrivateKey | X25519PrivateKey | None) -> bytes:
    return key.public_key().public_bytes_raw() if key is not None else b""
