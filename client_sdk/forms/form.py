"""A form: fields to draw, troubles to show beside them, and the keywords of the call that stores what was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.forms.fields import FormField, Trouble
from client_sdk.forms.reading import is_empty, read, trouble, troubles_of
from client_sdk.writing import as_sets, checked
from sync.business.registration import NO_CLASS
from sync.errors import problem
from sync.records import COLLECTIONS, Consent, Record

__all__ = ["Form"]


class Form(msgspec.Struct, frozen=True):
    """What an app draws for a `kind` of record, field by field in the order of the eye.

    `belongs` names what the screen knows and the call takes besides (the outlet that somebody stands before). `record`
    is what is mended; a form without one is for a new record. Of lines, `field` of `collection` holds them.
    """

    kind: str
    zh: str
    en: str
    fields: tuple[FormField, ...]
    belongs: tuple[str, ...] = ()
    collection: str = ""
    field: str = ""
    record: Record | None = None

    def check(self, values: Mapping[str, Any]) -> dict[str, Trouble]:
        """What is wrong with these values, by field; `stock.0.on_hand` for a value in a line. Nothing is stored.

        Values are as `Input` says. What is missing and only the company requires does not stop (`Trouble.stops`).
        """
        known = {one.name: one for one in self.fields}
        row = problem("unknown_field")
        unknown = values.keys() - known.keys() - set(self.belongs)
        found = {name: Trouble(row.code, row.zh, row.en) for name in unknown}
        for name, field in known.items():
            given = values.get(name, field.value)
            found |= {f"{name}{at}": one for at, one in self._troubles(field, given).items()}
        return found

    def given(self, values: Mapping[str, Any], apart: str = "") -> dict[str, Any]:
        """The keywords for the call that stores the record: `outlets.register(**form.given(values))`; with `apart`
        (`contact`) those for the call that stores that. Raises InvalidInput for what `check` says stops.
        """
        stopping = {name: one for name, one in self.check(values).items() if one.stops}
        if stopping:
            name = min(stopping)
            raise InvalidInput("unknown_field" if name in values and not self._has(name) else "bad_value", name)
        if apart:
            part = next(one for one in self.fields if one.name == apart and one.apart)
            return dict(read(part, values.get(apart) or {}))
        entered = {one.name: read(one, values[one.name]) for one in self.fields if one.name in values and not one.apart}
        named = {name: values[name] for name in self.belongs if name in values}
        return named | {name: value for name, value in entered.items() if self._counts(name, value)}

    def of_values(self, values: Mapping[str, Any]) -> Form:
        """This form with those fields alone of which there are values, and with these in them."""
        fields = tuple(
            msgspec.structs.replace(one, value=values[one.name]) for one in self.fields if one.name in values
        )
        return msgspec.structs.replace(self, fields=fields)

    # ---- inside --------------------------------------------------------

    def _has(self, name: str) -> bool:
        return any(one.name == name.partition(".")[0] for one in self.fields)

    def _counts(self, name: str, value: Any) -> bool:
        """Of a new record what was entered, of one that is mended what is another value."""
        return not is_empty(value) if self.record is None else value != getattr(self.record, name)

    def _troubles(self, field: FormField, given: Any) -> dict[str, Trouble]:
        if _is_lacking(field, given):
            return {"": trouble("missing", field, stops=field.stops)} if field.required else {}
        if found := troubles_of(field, given):
            return found
        return {} if field.apart else self._of_engine(field, given)

    def _of_engine(self, field: FormField, given: Any) -> dict[str, Trouble]:
        """What the engine itself would say, for what the bounds above let pass."""
        one, value = COLLECTIONS[self.collection], read(field, given)
        if isinstance(value, Consent) and value.given and not value.purposes:
            purposes = next(part for part in field.parts if part.name == "purposes")
            return {".purposes": trouble("missing", purposes)}
        if self.field:
            return {}
        try:
            checked(one, as_sets(one, {field.name: value}, self.record))
        except InvalidInput as error:
            return {"": Trouble(error.code, error.zh, error.en)}
        return {}


def _is_lacking(field: FormField, given: Any) -> bool:
    """A class that nobody has said is as good as none."""
    return is_empty(given) or (field.name == "outlet_class" and field.required and given == NO_CLASS)
