"""What was typed in a form, or uploaded with it."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict, UploadFile

from server.values import Unfit

__all__ = ["Form"]


class Form:
    """The fields of one form. Text comes without spaces around it."""

    def __init__(self, fields: FormMultiDict) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str) -> str:
        """What was typed in a field; empty where nothing was."""
        found = self._fields.get(name)
        return found.strip() if isinstance(found, str) else ""

    def needed(self, name: str, zh: str, en: str) -> str:
        """What was typed in a field that may not be empty, which is called so. Raises Unfit."""
        found = self.text(name)
        if not found:
            raise Unfit(f"{en}: must not be empty", f"{zh}：不能为空")
        return found

    def secret(self, name: str) -> str:
        """What was typed in a field, character for character."""
        found = self._fields.get(name)
        return found if isinstance(found, str) else ""

    def many(self, name: str) -> list[str]:
        """All values of a field that may be chosen several times."""
        return [one.strip() for one in self._fields.getall(name, []) if isinstance(one, str) and one.strip()]

    def names(self) -> list[str]:
        """The names of all fields, each once, as they came."""
        return list(dict.fromkeys(self._fields))

    def upload(self, name: str) -> UploadFile | None:
        """The file of a field; None where none was chosen."""
        found = self._fields.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None
