"""The fields that a list can carry, and the headings under which dealers keep them. Data, and one way to look it up.

A heading is compared without width, case, spaces, punctuation and bracketed remarks. To teach a heading, add a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from rapidfuzz import fuzz

from server.field.names import tidy

__all__ = [
    "FIELDS",
    "OUTLETS",
    "SEVERAL",
    "Field",
    "Vocabulary",
    "datum_in",
    "field",
    "heading_key",
    "known_heading",
    "register_in",
]


class Field(msgspec.Struct, frozen=True):
    """One field: its name in code and in `--map`, its labels, and the headings that mean it."""

    name: str
    zh: str
    en: str
    words: tuple[str, ...]


def field(name: str, zh: str, en: str, words: str) -> Field:
    """A field with its labels, which are headings too, and further headings between bars."""
    return Field(name, zh, en, tuple(heading_key(word) for word in (zh, en, *words.split("|"))))


_BRACKETS = re.compile(r"[(\[【<].*?[)\]】>]")
_NOISE = re.compile(r"[\W_]+")
_ALMOST = 90.0


def heading_key(heading: str) -> str:
    """What two spellings of one heading have in common."""
    wide = tidy(heading).casefold()
    return _NOISE.sub("", _BRACKETS.sub("", wide)) or _NOISE.sub("", wide)


_TABLE: tuple[Field, ...] = (
    field(
        "name",
        "店名",
        "Name",
        "终端名称|门店名称|店铺名称|客户名称|客户|商户名称|商户|网点名称|网点|单位名称|名称|门店|店铺|终端|店招|字号|招牌名"
        "|outlet|outlet name|shop|shop name|store|store name|customer|customer name|account name|company",
    ),
    field(
        "code",
        "客户编码",
        "Code",
        "编码|编号|客户编号|客户代码|终端编码|终端编号|门店编码|门店编号|网点编码|店号|会员号"
        "|outlet code|customer code|customer id|customer no|shop code|store code|account number",
    ),
    field(
        "outlet_class",
        "终端类型",
        "Class",
        "类型|类别|业态|渠道|渠道类型|客户类型|客户类别|门店类型|门店类别|终端类别|店铺类型|网点类型|经营业态|行业"
        "|kind|type|category|outlet class|outlet type|shop type|store type|channel|amenity",
    ),
    field(
        "grade",
        "等级",
        "Grade",
        "级别|客户等级|客户级别|终端等级|门店等级|终端级别|abc分类|abc|重要程度|outlet grade|rank|rating|tier|priority",
    ),
    field(
        "status",
        "合作状态",
        "Status",
        "状态|客户状态|采购状态|意向|客户意向|是否合作|营业状态|customer status|state|stage",
    ),
    field(
        "address",
        "地址",
        "Address",
        "详细地址|店铺地址|门店地址|终端地址|客户地址|经营地址|送货地址|收货地址|所在地|位置描述|省|省份|市|城市|区|县|区县"
        "|街道|乡镇|路|门牌|门牌号|city|town|province|street|street address|full address|location address|addr",
    ),
    field(
        "lat",
        "纬度",
        "Latitude",
        "lat|y|纬度坐标|wgs84纬度|gcj02纬度|bd09纬度|百度纬度|高德纬度|腾讯纬度|gps纬度|火星纬度",
    ),
    field(
        "lon",
        "经度",
        "Longitude",
        "lon|lng|long|x|经度坐标|wgs84经度|gcj02经度|bd09经度|百度经度|高德经度|腾讯经度|gps经度|火星经度",
    ),
    field(
        "position",
        "经纬度",
        "Position",
        "坐标|位置坐标|定位|gps|gps坐标|位置|百度坐标|高德坐标|腾讯坐标|火星坐标|coordinates|latlon|latlng|lnglat|geo|location",
    ),
    field("datum", "坐标系", "Datum", "坐标类型|坐标系统|坐标基准|crs|coordinate system|coord type"),
    field(
        "phone",
        "电话",
        "Phone",
        "联系电话|手机|手机号|手机号码|电话号码|联系方式|固定电话|座机|店铺电话|门店电话|客户电话|联系手机|号码"
        "|phone number|telephone|tel|mobile|mobile phone|cell|contact number",
    ),
    field(
        "contact_name",
        "联系人",
        "Contact",
        "联系人姓名|老板|老板姓名|店主|店主姓名|负责人|负责人姓名|法人|法人代表|经营者|姓名|主要联系人|采购|采购人"
        "|contact name|contact person|owner name|person in charge",
    ),
    field(
        "contact_role",
        "职务",
        "Contact's role",
        "联系人职务|职位|身份|岗位|contact role|role|job title|position title|title",
    ),
    field(
        "contact_phone",
        "联系人电话",
        "Contact's phone",
        "联系人手机|老板电话|老板手机|店主电话|店主手机|负责人电话|负责人手机|contact phone|contact mobile|owner phone",
    ),
    field("opening_hours", "营业时间", "Opening hours", "开门时间|经营时间|营业时段|hours|business hours|open hours"),
    field(
        "since",
        "合作起始",
        "Cooperation since",
        "合作时间|合作日期|开始合作|合作起始日|合作起始日期|开户日期|建档日期|首次合作|since|customer since|start date",
    ),
    field("level", "合作级别", "Cooperation level", "合作等级|合作程度|合作层级|cooperation level|level"),
    field("terms", "合作条件", "Terms", "合作条款|结算方式|付款方式|结款方式|合作政策|合作方式|payment terms|payment"),
    field(
        "credit_limit",
        "信用额度",
        "Credit limit",
        "授信额度|授信|赊销额度|额度|欠款上限|铺货额度|credit|limit|credit amount",
    ),
    field(
        "credit_days",
        "账期",
        "Credit days",
        "账期天数|帐期|信用期|结算周期|赊销天数|days of credit|credit period|net days",
    ),
    field(
        "territory",
        "片区",
        "Territory",
        "区域|所属片区|责任区|线路|片|网格|销售区域|大区|area|region|route|zone|district",
    ),
    field(
        "owner",
        "业务员",
        "Rep",
        "负责业务员|业代|业务代表|客户经理|所属业务员|跟进人|销售|销售员|业务|rep name|salesperson|sales rep|staff",
    ),
    field(
        "notes",
        "备注",
        "Notes",
        "说明|附注|其他|补充说明|描述|特别说明|remark|remarks|note|comment|comments|description|memo",
    ),
    field(
        "ref",
        "来源编号",
        "Source reference",
        "外部编号|原编号|osm_id|osm id|osm|poi id|poi|source ref|external id|ref|gid",
    ),
    field(
        "ignored",
        "不导入",
        "Ignored",
        "序号|no|行号|退回原因|退回原因 reason|reason|合计|身份证|身份证号|身份证号码|银行账号|开户行|id card",
    ),
)

FIELDS: dict[str, Field] = {one.name: one for one in _TABLE}
"""All fields by name. `ignored` is a column that is known and left out."""

SEVERAL = frozenset({"phone", "contact_phone", "address", "notes", "ignored"})
"""Fields that several columns may carry together."""


class Vocabulary:
    """The fields of one kind of file, and the headings that mean them; `several` are those that columns may share."""

    def __init__(self, fields: Iterable[Field], several: frozenset[str] = frozenset()) -> None:
        self.fields = {one.name: one for one in fields}
        self.several = several
        self._by_word = {word: one.name for one in reversed(list(self.fields.values())) for word in one.words if word}
        long = (word for word in self._by_word if len(word) > 1 and not word.isascii())
        self._long = sorted(long, key=len, reverse=True)
        self._latin = [word for word in self._by_word if len(word) > 4 and word.isascii()]

    def known(self, heading: str) -> tuple[str, bool] | None:
        """The field that a heading means, and whether it is known word for word; None if it is not known."""
        key = heading_key(heading)
        if key in self._by_word:
            return self._by_word[key], True
        numbered = key.rstrip("0123456789一二三")
        if numbered in self._by_word and self._by_word[numbered] in self.several:
            return self._by_word[numbered], True
        inside = next((word for word in self._long if word in key), None)
        if inside is not None:
            return self._by_word[inside], False
        return next(((self._by_word[word], False) for word in self._latin if fuzz.ratio(word, key) >= _ALMOST), None)


OUTLETS = Vocabulary(_TABLE, SEVERAL)
"""What lists of outlets say."""

_DATUMS = {
    "wgs84": "wgs84|gps|国际|地球|大地|原始|epsg4326|cgcs2000",
    "gcj02": "gcj02|gcj|火星|国测局|高德|腾讯|amap|mars",
    "bd09": "bd09|bd|百度|baidu",
}


def known_heading(heading: str) -> tuple[str, bool] | None:
    """The field of an outlet that a heading means, and whether it is known word for word; None if it is not known."""
    return OUTLETS.known(heading)


def datum_in(text: str) -> str | None:
    """The datum that a heading or a cell names (百度经度, GCJ-02), or None."""
    key = _NOISE.sub("", tidy(text).casefold())
    return next((datum for datum, words in _DATUMS.items() if _holds(key, words.split("|"))), None)


def register_in(heading: str) -> str:
    """The name of the register that a reference's heading names: osm for osm_id, otherwise ref."""
    return "osm" if heading_key(heading).startswith("osm") else "ref"


def _holds(key: str, words: Iterable[str]) -> bool:
    return any(word in key for word in words)
