"""What the phone that this runs on brings, found by itself: for apps of Flet and of python-for-android.

    from client_sdk.platforms.here import ports

    replica = Replica.open(directory, **ports(directory))

On a desk it is nothing, and the SDK's own stand in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import uuid4

from client_sdk.ports import Clock, KeyStore, Surroundings
from client_sdk.storage.disk import Disk

if TYPE_CHECKING:
    from client_sdk.platforms.android import Java
    from client_sdk.platforms.ios import ObjectiveC

__all__ = ["Brought", "ports"]

_KIVY = "org.kivy.android.Python"


class Brought(TypedDict, total=False):
    """Arguments of `Replica.enrol` and `Replica.open`."""

    keystore: KeyStore
    clock: Clock
    surroundings: Surroundings


def ports(
    directory: Path,
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    java: Java | None = None,
    objc: ObjectiveC | None = None,
) -> Brought:
    """Key store, clock and surroundings for the replica in `directory`; pass the same to `enrol` and to `open`.

    What runs where is told by the toolchain's variables and by `platform`. Raises StorageFailed where the phone's key
    store does not answer.
    """
    host = _host(environment)
    if host is not None:
        return _android(directory, host, java)
    if platform == "ios":
        return _ios(directory, objc)
    return {}


def _host(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """The class that holds Android's context and the name of the field; None elsewhere. Flet says whether the bridge is
    there: where it is not, an import of it would end the app.
    """
    if environment.get("FLET_JNI_READY") == "1":
        return environment["MAIN_ACTIVITY_HOST_CLASS_NAME"], "mActivity"
    if "PYTHON_SERVICE_ARGUMENT" in environment:
        return f"{_KIVY}Service", "mService"
    if "ANDROID_ARGUMENT" in environment:
        return f"{_KIVY}Activity", "mActivity"
    return None


def _android(directory: Path, host: tuple[str, str], java: Java | None) -> Brought:
    from client_sdk.platforms import android  # noqa: PLC0415  # only an Android app loads it

    used = java or android.jnius()
    context: Any = getattr(used.autoclass(host[0]), host[1]).getApplicationContext()
    return {
        "keystore": android.AndroidKeyStore(directory / "keystore", java=used),
        "clock": android.AndroidClock(context, java=used),
        "surroundings": android.AndroidSurroundings(context, java=used),
    }


def _ios(directory: Path, objc: ObjectiveC | None) -> Brought:
    from client_sdk.platforms import ios  # noqa: PLC0415  # only an iOS app loads it

    return {
        "keystore": ios.IosKeyStore(_installation(directory), objc=objc),
        "clock": ios.IosClock(objc=objc),
        "surroundings": ios.IosSurroundings(objc=objc),
    }


def _installation(directory: Path) -> str:
    """A name that was drawn when the app was first started: the Keychain outlives the app, its directory does not."""
    path, disk = directory / "installation", Disk()
    if not path.exists():
        disk.make_directory(directory)
        disk.write(path, uuid4().hex.encode())
    return path.read_text("ascii")
