"""What a browser would send of a form on a page: its fields as they stand, before anybody types."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["fields_of"]


class _Forms(HTMLParser):
    """The fields of the form that is posted to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._action, self._is_in = action, False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A field begins, or its form."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_in = given.get("action") == self._action
        name = given.get("name", "")
        if not self._is_in:
            return
        if tag == "input" and name:
            is_sent = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if is_sent:
                self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = [given.get("value", "")]
        elif tag == "textarea":
            self._area = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        """A field ends, or its form."""
        if tag == "form":
            self._is_in = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """What stands in a field of several lines."""
        if self._area:
            self.fields[self._area][0] += data


def fields_of(page: str, action: str) -> dict[str, str | list[str]]:
    """The fields of the form that is posted to `action`, without its token: one value, or all of several."""
    reader = _Forms(action)
    reader.feed(page)
    found = {name: values for name, values in reader.fields.items() if name != "csrf"}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
