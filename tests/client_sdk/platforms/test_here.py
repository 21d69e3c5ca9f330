"""An app asks for what its phone brings, and gets the right thing under each toolchain."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk import Replica
from client_sdk.platforms.android import AndroidClock, AndroidKeyStore, AndroidSurroundings
from client_sdk.platforms.here import ports
from client_sdk.platforms.ios import IosClock, IosKeyStore, IosSurroundings
from client_sdk.testing.world import URL, World
from tests.client_sdk.platforms.android import Phone
from tests.client_sdk.platforms.ios import Iphone

FLET = {"FLET_JNI_READY": "1", "MAIN_ACTIVITY_HOST_CLASS_NAME": "com.flet.serious_python_android.PythonActivity"}
KIVY = {"ANDROID_ARGUMENT": "/data/app"}


@pytest.mark.parametrize("environment", [FLET, KIVY, KIVY | {"PYTHON_SERVICE_ARGUMENT": ""}])
def test_on_android_it_is_androids(tmp_path: Path, environment: dict[str, str]) -> None:
    """In an app of Flet, in one of Kivy, and in a service of that one."""
    brought = ports(tmp_path, environment=environment, java=Phone())
    kinds = {"keystore": AndroidKeyStore, "clock": AndroidClock, "surroundings": AndroidSurroundings}
    assert {name: type(one) for name, one in brought.items()} == kinds
    assert brought["clock"].boot() == "android 7"


def test_on_ios_it_is_one_name_for_one_installation(world: World) -> None:
    """The replica opens with what the Keychain has; what an earlier installation left there is never found."""
    phone, place = Iphone(), world.directory / "phone"
    brought = ports(place, platform="ios", environment={}, objc=phone)
    kinds = {"keystore": IosKeyStore, "clock": IosClock, "surroundings": IosSurroundings}
    assert {name: type(one) for name, one in brought.items()} == kinds
    code, given = world.company.code_for(world.rep), world.ports(place)
    Replica.enrol(URL, code=code, directory=place, keystore=brought["keystore"], **given).close()
    again = ports(place, platform="ios", environment={}, objc=phone)
    with Replica.open(place, keystore=again["keystore"], **given) as replica:
        assert replica.sync().ended == "done"
    earlier = set(phone.keys)
    anew = ports(world.directory / "anew", platform="ios", environment={}, objc=phone)
    anew["keystore"].make_key("device_key")
    assert len(phone.keys) == len(earlier) + 1


@pytest.mark.parametrize("environment", [{}, {"FLET_JNI_READY": "0"}])
def test_elsewhere_it_is_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    """On a desk, and on an Android whose app has no bridge to Java: nothing is imported there."""
    assert ports(tmp_path / "replica", platform="android", environment=environment) == {}
    assert list(tmp_path.iterdir()) == []
