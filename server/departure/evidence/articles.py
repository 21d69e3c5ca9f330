"""The pack told article by article: 法释〔2020〕7号, articles 3 to 6, 12 and 27, in Chinese and English.

Each page says in our own words what the article asks, what the pack shows for it and in which files, and what it does
not show. No page says more than the files do, and none says that anything outside the client is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

__all__ = ["ARTICLES", "Article", "Figures", "Statement", "statements_of"]


class Figures(msgspec.Struct, frozen=True):
    """What the pages count, from the same lines as the files."""

    name: str
    as_of: str
    outlets: int
    values: int
    public: int
    points: int
    compilations: int
    agreements: int
    penalty: bool
    undertakings: int
    allowance_months: int
    notices: int
    acknowledgements: int
    devices: int
    scopes: int
    openings: int
    photos: int
    exports: int
    refusals: int
    orders: int
    receipts: int
    grades: str
    contradicted: int
    quarantined: int
    visits: int
    hours: int
    deliveries: int
    handovers: int
    informed: int
    evictions: int
    decoys: int
    left: bool


class Statement(msgspec.Struct, frozen=True):
    """One sentence in both languages, with the files that show it."""

    zh: str
    en: str
    files: tuple[str, ...]


class Article(msgspec.Struct, frozen=True):
    """One article: its number, what it is about, what it asks, and what the pack does not show for it."""

    number: int
    title_zh: str
    title_en: str
    asks_zh: str
    asks_en: str
    not_zh: str
    not_en: str

    @property
    def file(self) -> str:
        """The page's name in the pack."""
        return f"article-{self.number:02d}.html"


ARTICLES = (
    Article(
        3, "不为公众所知悉", "Not known to the public",
        "被诉行为发生时，所主张的信息是否为所属领域的相关人员普遍知悉，或者容易获得。",
        "Whether, when the act complained of happened, people of the trade generally knew the information or could "
        "easily come by it.",
        "本包说明每项内容由谁、何时、从何处取得；不能证明其他人都不知道，也没有检索全部公开渠道。",
        "It says who obtained each value, when and from where. It cannot show that nobody else knew it, and "
        "no search of "
        "all public channels was made.",
    ),
    Article(
        4, "公众所知悉的情形", "What counts as known to the public",
        "一般常识、行业惯例、观察即可获得、已公开披露或可从其他公开渠道获得的信息，不属于秘密；对公开信息整理、"
        "加工而成的新信息，"
        "符合第三条的，可以是秘密。",
        "What is common knowledge or usage, can be seen by looking, was published, or can be had from another public "
        "channel is no secret; new information that was made by arranging and working on public information may be.",
        "“公开”按公司登记的公开来源名单判断；名单之外的公开渠道本包未作判断。店名、地址等路过可见的内容不单独主张。",
        "A value counts as public by the company's list of public registers; other public channels were not judged. "
        "What a passer-by can see, such as name and address, is not claimed by itself.",
    ),
    Article(
        5, "相应保密措施", "Corresponding measures of secrecy",
        "被诉行为发生前是否采取了与信息及其载体的性质、价值相适应、可识别的合理保密措施。",
        "Whether reasonable measures were taken before the act, recognisable and fitting the nature and worth of the "
        "information and of what carries it.",
        "措施是否与价值相称由法庭判断；本包只列出实际采取的措施及其时间。",
        "Whether the measures fit the worth is for the court; the pack lists which were taken, and when.",
    ),
    Article(
        6, "保密措施的情形", "Which measures count",
        "例如：保密协议；规章、书面告知等保密要求；区分、加密、限制接触人员；限制设备的访问、存储、复制；要求离"
        "职员工登记、返还、"
        "清除、销毁并继续保密。",
        "Such as confidentiality agreements; rules and written notices; sorting, encrypting, limiting who "
        "has access; "
        "limiting what devices may access, store and copy; asking leavers to register, return, clear and destroy.",
        "回执是设备密钥作出的声明，不证明世上没有其他副本；锁定之前或客户端之外的复制、拍照均不在本包所能说明的"
        "范围内。",
        "A receipt is a claim by the device's key, and no proof that there is no other copy. Copies and "
        "photographs made "
        "before the lock or outside the client are beyond what this pack can tell.",
    ),
    Article(
        12, "员工接触的渠道或者机会", "Whether the employee had a way or a chance to obtain it",
        "考虑其职务、职责、权限，承担的工作，参与的具体经营活动，以及是否保管、使用、存储、复制、控制或以其他方"
        "式接触该信息及其载体。",
        "To be considered: position, duties and rights; the work assigned; the part taken in the business concerned; "
        "whether the person kept, used, stored, copied, controlled or otherwise came into touch with it.",
        "“持有”是按服务器给出的记录计算的上限，“打开”是设备自行计数的声明；两者都不证明此人记住、抄录或使用了内容。",
        "What was held is an upper bound, computed from what the server gave; what was opened is the "
        "device's own count. "
        "Neither shows that the person remembered, copied or used it.",
    ),
    Article(
        27, "商业秘密的具体内容", "What exactly the trade secret is",
        "权利人应当在一审法庭辩论结束前明确所主张的商业秘密的具体内容；只能明确部分的，法院审理明确的部分。",
        "The claimant has to make clear what exactly the secret is before the debate of the first instance "
        "ends; where "
        "only a part is made clear, that part is tried.",
        "清单列出至该日仍然有效、且未被认定为公开的内容；主张哪些由权利人决定。掩码内容的原文须在不公开审理中另"
        "行提交。",
        "The list has what stood at the date and is not counted as public; which of it is claimed is for the "
        "claimant. "
        "Values shown masked have to be handed in apart, in a closed hearing.",
    ),
)  # fmt: skip


def statements_of(number: int, of: Figures) -> Sequence[Statement]:
    """What the pack shows for an article."""
    return _STATEMENTS[number](of)


def _article_3(of: Figures) -> Sequence[Statement]:
    return (
        Statement(
            f"{of.name} 的设备持有过 {of.outlets} 家终端的档案；其中终端和联系人的 {of.values} 项内容各附来源、"
            "记录人、"
            f"时间和日志条目。",
            f"{of.name}'s devices held the archive of {of.outlets} outlets; {of.values} values of outlets and "
            "contacts are "
            "listed, each with source, author, date and the journal's entry.",
            ("data/fields.jsonl", "data/exposure.jsonl"),
        ),
        Statement(
            f"为取得这些内容进行了 {of.visits} 次拜访，记录时长约 {of.hours} 小时。",
            f"{of.visits} visits were made at these outlets, about {of.hours} hours by what they recorded.",
            ("data/dealings.jsonl",),
        ),
    )


def _article_4(of: Figures) -> Sequence[Statement]:
    return (
        Statement(
            f"{of.public} 项内容来自公司登记的公开来源，已标为公开，不作主张。",
            f"{of.public} values came from registers that the company names as public; they are marked so and "
            "not claimed.",
            ("data/fields.jsonl",),
        ),
        Statement(
            f"按片区汇集、整理的客户资料列为 {of.compilations} 项整体主张。",
            f"The compiled and worked-on knowledge of customers is {of.compilations} points, one for each territory.",
            ("data/secret_points.jsonl",),
        ),
    )


def _article_5(of: Figures) -> Sequence[Statement]:
    return (
        Statement(
            "资料按同步范围分别授权，仅发给名册上的人员；设备上的副本加密，租约到期即锁定。授权与持有的起止时间逐条"
            "列出。",
            "Records are granted scope by scope to those on the roster; copies on devices are encrypted and "
            "lock when the "
            "lease ends. Who was granted and held what, from when to when, is listed.",
            ("data/scopes.jsonl", "data/devices.jsonl"),
        ),
        Statement(
            f"公司制度和通知共 {of.notices} 个版本；{of.name} 确认过 {of.acknowledgements} 次，各附所确认的版本。",
            f"There are {of.notices} versions of policies and notices; {of.name} acknowledged "
            f"{of.acknowledgements}, each "
            "in a version that is here.",
            ("data/policies_and_notices.jsonl", "data/acknowledgements.jsonl"),
        ),
        Statement(
            "档案的变更和要紧的查阅记入链式日志，由公司签名的检查点覆盖。",
            "Changes of the archive and accesses that matter are in a chained journal, covered by signed checkpoints.",
            ("journal/scopes.jsonl", "journal/checkpoints.jsonl"),
        ),
    )


def _article_6(of: Figures) -> Sequence[Statement]:
    penalty = ("，约定了违约金", ", with a penalty agreed") if of.penalty else ("", "")
    gone_zh = (
        f"离职时下达擦除令 {of.orders} 条，收到设备回执 {of.receipts} 份；证据等级 {of.grades}；"
        f"其后又有联系的 {of.contradicted} 条。"
    )
    gone_en = (
        f"On departure {of.orders} wipe orders were issued and {of.receipts} receipts by devices' keys came; "
        f"evidence grades {of.grades}; heard of again afterwards: {of.contradicted}."
    )
    if not (of.orders or of.left):
        gone_zh, gone_en = "截至制作时此人尚未离职。", "The person had not left when the pack was made."
    return (
        Statement(
            f"登记的协议 {of.agreements} 份{penalty[0]}，其中离职承诺书 {of.undertakings} 份；保密津贴 "
            f"{of.allowance_months} 个月。",
            f"{of.agreements} agreements are registered{penalty[1]}, {of.undertakings} of them departure "
            "undertakings; an "
            f"allowance was paid for {of.allowance_months} months.",
            ("data/agreements.jsonl",),
        ),
        Statement(
            f"导出 {of.exports} 次，被拒绝的请求 {of.refusals} 次，均有记录。",
            f"{of.exports} exports and {of.refusals} refused requests are on record.",
            ("data/access.jsonl",),
        ),
        Statement(gone_zh, gone_en, ("data/orders.jsonl", "data/receipts.jsonl", "data/handover.jsonl")),
        Statement(
            f"收回片区后设备声明已移除的回执 {of.evictions} 份。",
            f"Devices claimed {of.evictions} times that they dropped a scope which was taken away.",
            ("data/evictions.jsonl", "data/scopes.jsonl"),
        ),
        Statement(
            "证据等级：0 仅有擦除令，1 租约已到期，2 软件密钥的回执，3 经证明存于硬件的密钥的回执，4 设备已收回。",
            "Grades: 0 the order only, 1 the lease lapsed, 2 a receipt by a software key, 3 one by a key "
            "that was shown to "
            "be kept in hardware, 4 the device is in hand.",
            ("data/orders.jsonl", "data/devices.jsonl"),
        ),
        Statement(
            f"离职设备交回、待经理决定的内容 {of.quarantined} 条。",
            f"{of.quarantined} items that departed devices handed in are listed with what was decided.",
            ("data/quarantine.jsonl", "data/handed_photos.jsonl"),
        ),
    )


def _article_12(of: Figures) -> Sequence[Statement]:
    return (
        Statement(
            f"{of.name} 使用过 {of.devices} 台设备，先后持有 {of.scopes} 个同步范围；何时进入、离开名册逐条列出。",
            f"{of.name} had {of.devices} devices, which held {of.scopes} scopes; joining and leaving each "
            "roster is listed.",
            ("data/devices.jsonl", "data/scopes.jsonl", "data/people.jsonl"),
        ),
        Statement(
            "每条档案最早何时、最迟何时到达设备，以及何时起被要求删除，均列为可证明的上下界。",
            "For each record: the earliest and latest moment at which it reached the device, and from when "
            "on the device was "
            "told to drop it, as bounds that can be shown.",
            ("data/exposure.jsonl",),
        ),
        Statement(
            f"设备上报的联系人详情打开记录 {of.openings} 条，照片读取 {of.photos} 次。",
            f"Devices counted {of.openings} openings of contacts' details; {of.photos} photos were read.",
            ("data/openings.jsonl", "data/photos.jsonl", "data/access.jsonl"),
        ),
        Statement(
            f"只放在此人设备中的标记终端，在他处被发现 {of.decoys} 次；其承诺值在设备取得之前已记入日志。",
            f"Decoys that stood in this person's replicas alone were seen elsewhere {of.decoys} times; their "
            "commitments were in the journal before the devices got them.",
            ("data/decoys_seen.jsonl", "journal/scopes.jsonl"),
        ),
        Statement(
            f"离职交接涉及 {of.handovers} 个片区；由公司渠道告知的客户 {of.informed} 家。",
            f"The handover concerned {of.handovers} territories; {of.informed} customers were informed by the company.",
            ("data/handover.jsonl", "data/leaving.jsonl"),
        ),
    )


def _article_27(of: Figures) -> Sequence[Statement]:
    return (
        Statement(
            f"截至 {of.as_of}，秘密点共 {of.points} 项，逐项列明所属终端、字段、来源、记录人和时间；另有整体主张 "
            f"{of.compilations} 项。",
            f"As of {of.as_of} there are {of.points} secret points, each with outlet, field, source, author "
            "and date, and "
            f"{of.compilations} compilations.",
            ("data/secret_points.jsonl",),
        ),
    )


_STATEMENTS = {3: _article_3, 4: _article_4, 5: _article_5, 6: _article_6, 12: _article_12, 27: _article_27}
