"""Clocks and surroundings of the two platforms."""

from __future__ import annotations

import time

from client_sdk.clock import SystemClock
from client_sdk.platforms.android import AndroidClock, AndroidSurroundings
from client_sdk.platforms.ios import IosClock, IosSurroundings
from client_sdk.ports import Clock, Surroundings
from tests.client_sdk.platforms.android import Phone
from tests.client_sdk.platforms.ios import Iphone


def test_android_names_a_run_by_how_often_the_phone_was_started() -> None:
    """Any process of one run says the same, and the time since goes on while the phone sleeps."""
    phone = Phone()
    clock = AndroidClock(phone, java=phone)
    assert isinstance(clock, Clock)
    assert (clock.boot(), clock.elapsed()) == ("android 7", 5_000)
    phone.running += 60_000
    assert AndroidClock(phone, java=phone).elapsed() == clock.elapsed() == 65_000
    phone.boots, phone.running = 8, 100
    assert AndroidClock(phone, java=phone).boot() != clock.boot()


def test_ios_names_a_run_by_the_session_of_the_kernel() -> None:
    """125 thirds of a nanosecond make a tick: 48 million of them are two seconds."""
    phone = Iphone()
    clock = IosClock(objc=phone)
    assert isinstance(clock, Clock)
    assert (clock.boot(), clock.elapsed()) == ("2A0C-SESSION", 2_000)
    phone.ticks += 24_000_000
    assert IosClock(objc=phone).elapsed() == clock.elapsed() == 3_000
    assert abs(clock.wall() - time.time() * 1000) < 60_000


def test_where_the_kernel_does_not_name_its_session_the_clock_of_any_machine_serves() -> None:
    """What is given up is lease time, never safety."""
    phone = Iphone()
    phone.session = b""
    assert IosClock(objc=phone).boot() == SystemClock().boot()
    phone.session = b"2A0C-SESSION"
    assert IosClock(objc=phone).boot() != SystemClock().boot()


def test_surroundings_say_what_the_platform_says() -> None:
    """Metered, saving; iOS takes the first from the app, and until it speaks says yes."""
    phone, iphone = Phone(), Iphone()
    android, ios = AndroidSurroundings(phone, java=phone), IosSurroundings(objc=iphone)
    assert isinstance(android, Surroundings)
    assert isinstance(ios, Surroundings)
    assert (android.is_metered(), android.is_saving_battery()) == (False, False)
    assert (ios.is_metered(), ios.is_saving_battery()) == (True, False)
    phone.metered = phone.saving = iphone.saving = True
    ios.metered = False
    assert (android.is_metered(), android.is_saving_battery()) == (True, True)
    assert (ios.is_metered(), ios.is_saving_battery()) == (False, True)
