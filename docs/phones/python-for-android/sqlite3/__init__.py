"""A recipe for python-for-android: SQLite3MultipleCiphers in place of SQLite, so that Python's own `sqlite3` encrypts.

It builds what `sh tools/sqlite3mc.sh source FOLDER` unpacked; `P4A_sqlite3_DIR` names that folder.
"""

from pathlib import Path

from pythonforandroid.archs import Arch
from pythonforandroid.recipes.sqlite3 import Sqlite3Recipe

BEGINS, ENDS = "#ifndef SQLITE3_H\n", "#endif /* SQLITE3_H */\n"


def header_of(amalgamation: str) -> str:
    """The header that Python's module is compiled with: it stands within the one C file."""
    begins = amalgamation.index(BEGINS)
    return amalgamation[begins : amalgamation.index(ENDS, begins) + len(ENDS)]


class Sqlite3McRecipe(Sqlite3Recipe):
    """The recipe as it is, over another C file; `Android.mk` beside this file says which."""

    name = "sqlite3"
    version = "3.54.0.0"
    url = None

    def prebuild_arch(self, arch: Arch) -> None:
        """Put the header where the recipe of Python looks for it."""
        super().prebuild_arch(arch)
        folder = Path(self.get_build_dir(arch.arch))
        amalgamation = (folder / "sqlite3" / "sqlite3.c").read_text("utf-8")
        (folder / "sqlite3.h").write_text(header_of(amalgamation), "utf-8")


recipe = Sqlite3McRecipe()
