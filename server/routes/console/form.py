"""What was typed in a form, or uploaded with it; and whether it came from a page of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hmac import compare_digest
from urllib.parse import urlsplit

from litestar.datastructures import FormMultiDict, UploadFile

from server.routes.calls import AnyRequest
from server.routes.context import Context
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["NOTHING", "Form", "check_token", "masked", "read_form"]

_REVISION_DIGITS = 17
_NO_FORM = "this form is no longer valid: open the page again and send it once more"
_NO_FORM_ZH = "表单已失效，请重新打开页面后再提交"


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

    def revision(self) -> int:
        """The revision that the form showed. Raises Refusal."""
        found = self.text("revision")
        if not (found.isascii() and found.isdigit() and len(found) < _REVISION_DIGITS):
            raise Refusal("bad_request", "the form names no revision")
        return int(found)

    def upload(self, name: str) -> UploadFile | None:
        """The file of a field; None where none was chosen."""
        found = self._fields.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None


NOTHING = Form(FormMultiDict([]))
"""The form of a request that sends none."""


async def read_form(request: AnyRequest) -> Form:
    """What was sent, from a page of ours and in time. Raises Unfit, Refusal."""
    _check_origin(request)
    context: Context = request.app.state.context
    try:
        async with asyncio.timeout(context.settings.body_wait / 1000):
            return Form(await request.form())
    except TimeoutError as error:
        raise Refusal("unavailable", "the form did not arrive in time") from error


def _check_origin(request: AnyRequest) -> None:
    """Whether a form was sent from a page of ours, as the browser says it. Raises Unfit.

    Over TLS browsers say it in one word, which holds whatever a proxy makes of the host's name; without TLS the origin
    is compared with that name.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if site not in {"same-origin", "none"} if site is not None else not is_ours:
        raise Unfit(_NO_FORM, _NO_FORM_ZH)


def check_token(form: Form, token: str, header: str = "") -> None:
    """Whether a form, or a script's header, carries the token that a page of the session has shown. Raises Unfit."""
    if not compare_digest(_unmasked(form.text("csrf") or header), _unmasked(token)):
        raise Unfit(_NO_FORM, _NO_FORM_ZH)


def masked(token: str, random: Callable[[int], bytes]) -> str:
    """A session's token (hexadecimal) as one page shows it: otherwise on each, so that the length of a compressed page
    tells nothing of it.
    """
    plain = bytes.fromhex(token)
    mask = random(len(plain))
    return (mask + _mixed(plain, mask)).hex()


def _unmasked(shown: str) -> bytes:
    """The session's token that a page has shown; nothing for what is none."""
    try:
        both = bytes.fromhex(shown)
    except ValueError:
        return b""
    half = len(both) // 2
    return _mixed(both[half:], both[:half]) if both and len(both) % 2 == 0 else b""


def _mixed(one: bytes, two: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, two, strict=True))
