"""Who looks at a page: in which language, at which hour, in which company; and, once signed in, which person."""

from __future__ import annotations

from dataclasses import dataclass

from server.console.rights import MANAGERS
from server.identity.staff import Person

__all__ = ["LANGUAGES", "Reader", "Viewer"]

LANGUAGES = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, signed in or not. `language` is zh or en, `zone` an IANA name, `now` server milliseconds."""

    language: str
    zone: str
    now: int
    company: str

    def say(self, zh: str, en: str) -> str:
        """The one of two texts that is in the reader's language."""
        return zh if self.language == "zh" else en


@dataclass(frozen=True, slots=True)
class Viewer(Reader):
    """Somebody who has signed in. `csrf` is what each form of this page carries."""

    person: Person
    csrf: str

    @property
    def is_manager(self) -> bool:
        """Whether the viewer's word is final: a dealer's and a manager's."""
        return self.person.role in MANAGERS
