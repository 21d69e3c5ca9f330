"""Diagnostics for support (`replica.diagnostics`): one act, in every state, and nothing of any customer in it."""

from __future__ import annotations

import platform
from collections import Counter
from pathlib import Path

import msgspec

from client_sdk.course import Course
from client_sdk.device import UNREADABLE, Built, Device
from client_sdk.errors import NoNetwork, SaojieError
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.exchange.orders import obey
from client_sdk.exchange.report import Ended, sentences
from client_sdk.keys import ENDING, Heard
from client_sdk.ports import AttestingKeyStore, Unreachable
from client_sdk.refusals import open_refusals
from client_sdk.settings import Preferences
from client_sdk.status import status_of
from client_sdk.version import __version__
from sync.diagnostics import Diagnostics, as_text
from sync.versions import CURRENT, SCHEMA

__all__ = ["Diagnosing", "Handed"]

_LONGEST = 100
_MOST = 1 << 53


class Handed(msgspec.Struct, frozen=True):
    """What came of handing diagnostics in. `ended` is `done`, or a code that says why not; then `text` is to be shared
    in another way. `en` and `zh` say it to a person.
    """

    ended: str
    en: str
    zh: str
    text: str

    @property
    def is_there(self) -> bool:
        """Whether the company has them."""
        return self.ended == Ended.DONE


class Diagnosing:
    """`replica.diagnostics`. Answered in every state."""

    def __init__(self, device: Device, conversation: Conversation) -> None:
        self._device = device
        self._conversation = conversation

    def collect(self) -> Diagnostics:
        """How this phone is: versions, times, counts, codes and sizes."""
        device = self._device
        with device.lock:
            status, heard = status_of(device), device.keys.get(Heard) or Heard()
            course, now = device.course.so_far(), device.now()
            records, refused = self._counted()
            built, chosen = device.keys.get(Built) or Built(), device.keys.get(Preferences) or Preferences()
            sqlite, cipher = device.keys.file.one("SELECT sqlite_version(), sqlite3mc_version()")
            return Diagnostics(
                device=device.enrolment.device,
                at=now,
                sdk=__version__,
                protocol=CURRENT,
                schema=SCHEMA,
                python=_short(platform.python_version()),
                platform=_short(f"{platform.system()} {platform.release()} {platform.machine()}"),
                sqlite=_short(str(sqlite)),
                cipher=_short(str(cipher)),
                state=str(status.state),
                why=_short(status.why),
                standing=_short(heard.standing),
                since=status.since,
                last_contact=status.last_contact,
                verified_at=status.verified_at,
                lease_ends=status.lease_ends,
                erases_at=status.erases_at,
                clock_ahead=max(-_MOST, min(device.ports.clock.wall() - now, _MOST)),
                records=records,
                pending=status.pending,
                photos_pending=status.photos_pending,
                refused=refused,
                differing=len(status.differing),
                rebuilt=built.damaged,
                met=_short_names(course),
                syncs=course.syncs,
                sizes=self._sizes(),
                free=_free(device.places.directory),
                settings={name: str(value) for name, value in msgspec.structs.asdict(chosen).items()},
                keystore=_short(type(device.ports.keystore).__name__),
                attests=isinstance(device.ports.keystore, AttestingKeyStore),
            )

    def hand_in(self) -> Handed:
        """Hand them to the company's server, which keeps the newest five of each phone. Without a network, after an
        order, and where the server takes none, the text is to be shared another way. It waits for the network: raises
        WrongThread on the screen's thread.
        """
        self._device.threads.check_network()
        told = self.collect()
        ended = self._sent(msgspec.json.encode(told))
        with self._device.lock:
            self._device.course.store()
        en, zh = sentences(ended)
        if ended == Ended.DONE:
            en, zh = "The company has the diagnostics.", "诊断信息已交给公司。"
        return Handed(ended, en, zh, as_text(told))

    # ---- inside --------------------------------------------------------

    def _sent(self, body: bytes) -> str:
        if self._device.settle() in ENDING:
            return Ended.WIPED
        try:
            self._conversation.ask("POST", "/diagnostics", body, {"Content-Type": "application/json"})
        except Unreachable:
            return NoNetwork.code
        except Refused as refused:
            with self._device.lock:
                obey(self._device, refused.orders, refused.changes)
            return refused.code
        return Ended.DONE

    def _counted(self) -> tuple[dict[str, int], dict[str, int]]:
        """Records by collection and open refused work by reason; nothing where the replica is not served."""
        try:
            with self._device.serving(is_gated=False) as replica:
                reasons = Counter(_short(one.reason) for one in open_refusals(replica))
                return replica.rows.counts(), dict(reasons)
        except (SaojieError, *UNREADABLE):
            return {}, {}

    def _sizes(self) -> dict[str, int]:
        places = self._device.places
        files = [places.keys, places.replica, places.outbox]
        found = {one.name: sum(_size(Path(f"{one}{more}")) for more in ("", "-wal", "-journal")) for one in files}
        return found | {"photos": sum(_size(one) for one in _inside(places.photos))}


def _size(path: Path) -> int:
    """Bytes of a file; none where it is not there, or goes away meanwhile."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _free(directory: Path) -> int:
    import shutil  # noqa: PLC0415  # it loads every way to compress a file

    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return 0


def _short(text: str) -> str:
    return text[:_LONGEST]


def _short_names(course: Course) -> dict[str, int]:
    return {_short(code): count for code, count in course.met.items()}
