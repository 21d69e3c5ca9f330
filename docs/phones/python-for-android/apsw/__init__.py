"""A recipe for python-for-android: APSW over SQLite3MultipleCiphers, in place of the recipe `apsw`.

It builds what `sh tools/sqlite3mc.sh source FOLDER` unpacked; `P4A_apsw_DIR` names that folder.
"""

from pathlib import Path

from pythonforandroid.archs import Arch
from pythonforandroid.recipe import PyProjectRecipe


class ApswRecipe(PyProjectRecipe):
    """One extension with the one C file of SQLite in it: it needs no library of the platform."""

    name = "apsw"
    version = "3.54.0.0"
    url = None
    depends = ["python3", "setuptools"]  # noqa: RUF012  # as python-for-android has it
    site_packages_name = "apsw"

    def prebuild_arch(self, arch: Arch) -> None:
        """The build shall not fetch a second SQLite: the one that encrypts is there."""
        super().prebuild_arch(arch)
        settings = Path(self.get_build_dir(arch.arch), "setup.apsw")
        settings.write_text(settings.read_text("utf-8").replace("fetch = True", "fetch = False"), "utf-8")

    def check_prebuilt(self, arch: Arch, msg: str = "") -> bool:  # noqa: ARG002  # as python-for-android calls it
        """No wheel of an index is taken in its place: that would be one with a plain SQLite."""
        return False


recipe = ApswRecipe()
