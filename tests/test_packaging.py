"""What an installation takes: pinned packages without an address, and for the phone none that only a server needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.source import PACKAGES, ROOT, declared, distribution, project

REQUIREMENTS = ROOT / "requirements"
ASSETS = Path("server/console/assets")
LOCKS = [ROOT / ASSETS / "package-lock.json", ROOT / "tests" / "browser" / "package-lock.json"]
PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [a-zA-Z0-9_'<>=!.() -]+)?( --hash=sha256:[0-9a-f]{64})+")


def pins(name: str) -> list[str]:
    """The lines of a file of requirements, each with its hashes beside it."""
    return (REQUIREMENTS / name).read_text("utf-8").replace(" \\\n    ", " ").splitlines()


def versions(name: str) -> set[str]:
    """The pins of a file without their hashes."""
    return {pin.partition(" --hash")[0] for pin in pins(name)}


def distributions(name: str) -> set[str]:
    """The distributions that a file pins."""
    return {distribution(pin) for pin in pins(name)}


@pytest.mark.parametrize("name", ["dev.txt", "failover.txt", "sdk.txt", "server.txt"])
def test_a_requirement_is_a_version_with_hashes_and_nothing_else(name: str) -> None:
    """No address, no path, no option: where packages come from is for the person who installs to say."""
    assert pins(name)
    assert [pin[:80] for pin in pins(name) if not PIN.fullmatch(pin)] == []


@pytest.mark.parametrize(
    "line",
    [
        "saojie==0.1.0",
        "saojie>=0.1.0 --hash=sha256:" + "0" * 64,
        "saojie @ file:///tmp/saojie --hash=sha256:" + "0" * 64,
        "--index-url https://packages.example/simple",
        "-e .",
    ],
)
def test_a_loose_requirement_is_found(line: str) -> None:
    """A pin without a hash, a range, an address, a path or an option is seen."""
    assert not PIN.fullmatch(line)


@pytest.mark.parametrize("name", ["sdk.txt", "server.txt"])
def test_what_runs_for_others_runs_on_the_versions_that_the_tests_ran_on(name: str) -> None:
    """What a server or an app installs is a part of what the tests install."""
    pinned = {pin.partition(" ")[0] for pin in versions(name)}
    assert pinned - {pin.partition(" ")[0] for pin in versions("dev.txt")} == set()


def test_every_declared_package_is_pinned() -> None:
    """A dependency that was declared and not pinned would stop an installation by hash."""
    groups = project()["dependency-groups"]
    build = {distribution(requirement) for requirement in groups["build"] + project()["build-system"]["requires"]}
    tests = {distribution(requirement) for requirement in groups["dev"]}
    server = declared("server", "postgres", "redis") | build
    assert declared() - distributions("sdk.txt") == set()
    assert server - distributions("server.txt") == set()
    assert (server | tests | declared("testing")) - distributions("dev.txt") == set()


def test_a_server_installs_no_tool_of_the_tests() -> None:
    """A test runner, a type checker or an embedded PostgreSQL has no place on a company's server."""
    brought_by_litestar = {"httpx"}
    tests = {distribution(requirement) for requirement in project()["dependency-groups"]["dev"]}
    assert tests & distributions("server.txt") == brought_by_litestar


def test_the_sdk_takes_no_package_of_the_server() -> None:
    """`saojie` alone is what a phone needs; all that a server needs beyond it comes with the extras. Of some packages
    a phone takes older builds than a server.
    """
    needed_by_both = {"cryptography", "msgspec", "pypinyin"}
    extras = project()["project"]["optional-dependencies"]
    server = {distribution(requirement) for name in ("server", "postgres", "redis") for requirement in extras[name]}
    assert declared() & server == needed_by_both


def test_a_wheel_carries_every_file_of_the_packages_and_no_other(tmp_path: Path) -> None:
    """Migrations, the protocol's text and type markers are installed with the code; tests and pins are not. The sample
    district comes along, for the demo and the sandbox.
    """
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    district = "server/cli/trial/district.xlsx"
    ours = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in files(ROOT / package)}
    assert carried == {*ours, district}


@pytest.mark.parametrize("lock", LOCKS, ids=["console", "tests"])
def test_what_npm_brings_is_a_version_with_a_hash_and_no_address(lock: Path) -> None:
    """As with the packages of Python: where npm looks is for the person who installs to say."""
    text = lock.read_text("utf-8")
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []
    assert "://" not in text


def test_a_build_without_a_registry_goes_on_and_says_what_is_missing(tmp_path: Path) -> None:
    """Nothing is left half there; one sentence in each language says what the console does without its map."""
    shutil.copytree(ROOT / ASSETS, tmp_path / ASSETS)
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    nowhere = {**os.environ, "npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(tmp_path / "cache")}
    said = subprocess.run(
        [sys.executable, "hatch_build.py"], check=False, cwd=tmp_path, env=nowhere, capture_output=True, text=True
    )
    assert said.returncode == 1
    english, chinese = said.stderr.splitlines()
    assert "make map" in english
    assert "make map" in chinese
    assert not (tmp_path / "server" / "console" / "static").exists()


def files(package: Path) -> list[Path]:
    """The files of a package that Python did not write."""
    return [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
