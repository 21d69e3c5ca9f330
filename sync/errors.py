"""Everything that can be refused, as one table: a stable code, whose fault it is, what to do next.

The table is both the code and its documentation. A code is never renamed and never means anything else.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["ERRORS", "Fault", "Problem", "Refusal", "problem"]


class Fault(StrEnum):
    """Who has to do something about it."""

    APP = "app"
    PERSON = "person"
    NETWORK = "network"
    SERVER = "server"


class Problem(msgspec.Struct, frozen=True):
    """One kind of error. `status` is the HTTP status where a whole request fails with it.

    `repeats` is true when the same request would fail again: then it is never retried by itself.
    """

    code: str
    status: int
    fault: Fault
    repeats: bool
    en: str
    zh: str
    todo: str

    @property
    def todo_zh(self) -> str:
        """What to do next, in Chinese."""
        return _TODO_ZH[self.todo]


class Refusal(Exception):
    """Raised inside the engine to refuse one operation or one request, by code, with a sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.problem = ERRORS[code]
        self.detail = detail

    @property
    def code(self) -> str:
        """The stable code."""
        return self.problem.code


def _row(code: str, status: int, fault: Fault, repeats: bool, en: str, zh: str, todo: str) -> tuple[str, Problem]:
    return code, Problem(code, status, fault, repeats, en, zh, todo)


_APP, _PERSON, _NETWORK, _SERVER = Fault.APP, Fault.PERSON, Fault.NETWORK, Fault.SERVER

_TODO_ZH = {
    "Amend the newest one.": "请更正最新的一条。",
    "Amend your own record.": "请更正您自己的记录。",
    "Ask for a new code.": "请索取新的登记码。",
    "Ask for the offset.": "请先查询上传位置。",
    "Ask your manager.": "请询问经理。",
    "Call your manager.": "请致电经理。",
    "Check the address.": "请检查地址。",
    "Check the code.": "请核对登记码。",
    "Close the outlet, or merge it.": "请将终端关闭或合并。",
    "Enrol again.": "请重新登记。",
    "Enrol the phone.": "请登记本机。",
    "Give it a new id.": "请使用新的编号。",
    "Hand in the work.": "请交回未上传的工作。",
    "Log an amendment.": "请另行登记一条更正。",
    "Mend the app.": "请修正应用程序。",
    "Mend the value.": "请修改填写的内容。",
    "Read the six digits to your manager.": "请把六位数字读给经理。",
    "See PROTOCOL.md.": "请参阅 PROTOCOL.md。",
    "See the OpenAPI.": "请参阅 OpenAPI 文档。",
    "Send less at a time.": "请分批发送。",
    "Sign the challenge.": "请对质询签名。",
    "Sync, then try again.": "请先同步，然后重试。",
    "Tell us.": "请告知我们。",
    "Update the app.": "请更新应用。",
    "Tell your manager: the server has to be updated. Until then your work waits on this phone.": (
        "请告知经理升级服务器；在此之前您的工作保存在手机上。"
    ),
    "Upload it again.": "请重新上传。",
    "Wait.": "请稍候。",
}
"""What to do next, in Chinese, by the English sentence."""

ERRORS: dict[str, Problem] = dict(
    (
        # A whole request.
        _row("bad_request", 400, _APP, True, "The request cannot be read.", "请求无法解析。", "Mend the app."),
        _row(
            "bad_frame", 400, _APP, True, "The body is not framed as it should be.", "数据帧格式错误。", "Mend the app."
        ),
        _row("too_large", 413, _APP, True, "The request is larger than allowed.", "请求过大。", "Send less at a time."),
        _row(
            "media_type",
            415,
            _APP,
            True,
            "This content type is not spoken here.",
            "不支持的内容类型。",
            "See PROTOCOL.md.",
        ),
        _row(
            "protocol_too_old",
            426,
            _APP,
            True,
            "The app is too old for this server.",
            "应用版本过旧。",
            "Update the app.",
        ),
        _row(
            "protocol_too_new",
            426,
            _SERVER,
            True,
            "The company's server is too old for this app.",
            "公司服务器版本过旧，不支持此应用。",
            "Tell your manager: the server has to be updated. Until then your work waits on this phone.",
        ),
        _row("not_found", 404, _APP, True, "There is no such thing here.", "没有此项。", "Check the address."),
        _row("method_not_allowed", 405, _APP, True, "Not with this method.", "请求方法不支持。", "See the OpenAPI."),
        _row("not_signed_in", 401, _APP, False, "Sign with the device key.", "需要设备签名。", "Sign the challenge."),
        _row("bad_signature", 401, _APP, True, "The signature is not this device's.", "设备签名无效。", "Enrol again."),
        _row("unknown_device", 401, _PERSON, True, "This device is not enrolled.", "设备未登记。", "Enrol the phone."),
        _row(
            "awaiting_confirmation",
            403,
            _PERSON,
            False,
            "Somebody has to confirm the six digits.",
            "等待确认六位数字。",
            "Read the six digits to your manager.",
        ),
        _row(
            "device_suspended", 403, _PERSON, False, "This device is suspended.", "设备已停用。", "Call your manager."
        ),
        _row(
            "departed",
            403,
            _PERSON,
            True,
            "Access has ended; only a wipe is answered.",
            "权限已终止。",
            "Hand in the work.",
        ),
        _row("code_wrong", 403, _PERSON, True, "The enrolment code is wrong.", "登记码错误。", "Check the code."),
        _row(
            "code_used",
            403,
            _PERSON,
            True,
            "The enrolment code was used, ran out or was tried too often.",
            "登记码已使用、过期或尝试次数过多。",
            "Ask for a new code.",
        ),
        _row("busy", 429, _SERVER, False, "Too many requests; wait and come back.", "服务繁忙，请稍后再试。", "Wait."),
        _row("unavailable", 503, _SERVER, False, "The server cannot answer now.", "服务暂时不可用。", "Wait."),
        _row(
            "server_full",
            507,
            _SERVER,
            False,
            "The server has no room left; nothing was stored.",
            "服务器存储空间已满，未保存。",
            "Wait.",
        ),
        _row(
            "internal",
            500,
            _SERVER,
            False,
            "Something failed on the server; it is logged.",
            "服务器内部错误。",
            "Tell us.",
        ),
        # One photo.
        _row(
            "wrong_offset",
            409,
            _APP,
            True,
            "The upload goes on from another byte.",
            "上传位置不符。",
            "Ask for the offset.",
        ),
        _row("upload_version", 412, _APP, True, "Uploads speak tus 1.0.0.", "上传协议版本不符。", "See PROTOCOL.md."),
        _row(
            "wrong_digest",
            422,
            _APP,
            True,
            "The bytes are not the photo that its record describes.",
            "照片内容与档案记录不符。",
            "Upload it again.",
        ),
        # One operation: kept as a dead letter.
        _row("undecodable", 422, _APP, True, "The operation cannot be read.", "操作无法解析。", "Update the app."),
        _row(
            "unknown_collection", 422, _APP, True, "There is no such collection.", "没有这种档案。", "Update the app."
        ),
        _row(
            "unknown_field",
            422,
            _APP,
            True,
            "There is no such field, or it is not yours to write.",
            "没有此字段或无权填写。",
            "Update the app.",
        ),
        _row(
            "bad_value", 422, _PERSON, True, "A value is not allowed here.", "填写的内容不符合要求。", "Mend the value."
        ),
        _row("unknown_scope", 422, _APP, True, "There is no such scope.", "没有此同步范围。", "Sync, then try again."),
        _row("record_exists", 422, _APP, True, "A record with this id exists.", "该编号已存在。", "Give it a new id."),
        _row(
            "record_unknown",
            422,
            _PERSON,
            True,
            "The record is not there, or not in your part.",
            "档案不存在或不在您的范围内。",
            "Ask your manager.",
        ),
        _row("record_gone", 422, _PERSON, True, "The record has been removed.", "档案已被移除。", "Ask your manager."),
        _row("not_yours", 422, _PERSON, True, "Your role may not do this.", "您的角色无此权限。", "Ask your manager."),
        _row(
            "never_changed",
            422,
            _APP,
            True,
            "Such a record is never changed; amend it.",
            "此类记录不可修改，请另行更正。",
            "Log an amendment.",
        ),
        _row(
            "has_history",
            422,
            _PERSON,
            True,
            "Work or money was logged at this outlet, so it stays.",
            "该终端已有工作或资金记录，不可移除。",
            "Close the outlet, or merge it.",
        ),
        _row(
            "amends_unknown",
            422,
            _APP,
            True,
            "The record that this amends is not yours or not there.",
            "要更正的记录不存在或不属于您。",
            "Amend your own record.",
        ),
        _row(
            "already_amended",
            422,
            _APP,
            True,
            "This record was amended before; amend the amendment.",
            "该记录已更正过，请更正最新的一条。",
            "Amend the newest one.",
        ),
        _row(
            "credit_not_approved",
            422,
            _PERSON,
            True,
            "No credit is approved for this outlet.",
            "该终端的账期尚未批准，不得赊销。",
            "Ask your manager.",
        ),
        _row(
            "credit_stopped",
            422,
            _PERSON,
            True,
            "Money of this outlet is overdue, so it has no new credit.",
            "该终端有逾期货款，暂停赊销。",
            "Ask your manager.",
        ),
        _row(
            "credit_over_limit",
            422,
            _PERSON,
            True,
            "This delivery goes beyond the outlet's credit limit.",
            "本次送货超出该终端的账期额度。",
            "Ask your manager.",
        ),
        _row(
            "store_refused", 422, _SERVER, True, "The store refuses this operation.", "数据库拒绝此操作。", "Tell us."
        ),
    )
)


def problem(code: str) -> Problem:
    """The row of a code; `internal` for one that is not in the table."""
    return ERRORS.get(code, ERRORS["internal"])
