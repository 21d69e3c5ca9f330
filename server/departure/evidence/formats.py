"""The format of a pack in words, so that an expert can write a verifier of their own instead of trusting ours."""

from __future__ import annotations

import msgspec

__all__ = ["FILES", "RULES", "Described"]


class Described(msgspec.Struct, frozen=True):
    """One file or rule, in both languages."""

    name: str
    zh: str
    en: str


FILES = (
    Described(
        "data/people.jsonl",
        "涉及的人员：编号、职务；本人及经理另列姓名",
        "people by id and role; by name the person and managers",
    ),
    Described(
        "data/devices.jsonl", "本人的设备、公钥及指纹", "the person's devices, their public keys and fingerprints"
    ),
    Described(
        "data/scopes.jsonl",
        "名册进出事件；每台设备持有各同步范围的期间",
        "joining and leaving rosters; periods of holding",
    ),
    Described(
        "data/exposure.jsonl", "设备最多持有的每条档案及时间上下界", "each record held at most, with bounds of time"
    ),
    Described(
        "data/openings.jsonl",
        "设备自行计数的联系人详情打开次数",
        "openings of contacts' details, as the device counted",
    ),
    Described("data/photos.jsonl", "读取过的照片（每日首次）", "photos whose bytes were given, first time on a day"),
    Described("data/fields.jsonl", "每项内容的来源、记录人、时间", "every value with its source, author and date"),
    Described(
        "data/secret_points.jsonl",
        "截至该日的秘密点及整体主张",
        "the secret points as of the date, and the compilations",
    ),
    Described(
        "data/dealings.jsonl",
        "每家终端的拜访、订单、送货、收款（分）；已并入者计入保留的终端",
        "visits, orders, deliveries, payments by outlet (fen); one that was merged is told under the one that stands",
    ),
    Described(
        "data/merges.jsonl",
        "合并及撤销：自何时起计入哪一家，日志位置",
        "outlets that were merged, and parted again: told under which from when, and the entries of the journal",
    ),
    Described("data/policies_and_notices.jsonl", "制度和通知的各个版本", "every version of policies and notices"),
    Described(
        "data/acknowledgements.jsonl", "本人确认过的通知版本", "which versions of notices the person acknowledged"
    ),
    Described(
        "data/agreements.jsonl", "协议与津贴登记，附文件哈希", "agreements and allowances, with the files' hashes"
    ),
    Described("data/access.jsonl", "查阅台账", "the access ledger"),
    Described("data/orders.jsonl", "擦除令、状态、证据等级、签名原文", "wipe orders, states, grades, signed bytes"),
    Described("data/receipts.jsonl", "设备回执（密钥的声明）签名原文", "receipts, claims by a key, signed bytes"),
    Described("data/evictions.jsonl", "收回片区后的设备回执", "receipts after a territory was taken away"),
    Described(
        "data/quarantine.jsonl", "离职设备交回的内容及决定", "what departed devices handed in, and the decisions"
    ),
    Described("data/handed_photos.jsonl", "离职设备交回的照片", "photos that departed devices handed in"),
    Described("data/leaving.jsonl", "离职通知、客户告知、手续清单", "the notice, customers informed, the checklist"),
    Described("data/handover.jsonl", "交接计划与移交清单", "the handover's plan and lists"),
    Described(
        "data/decoys_seen.jsonl", "在他处被发现的标记终端及其承诺值", "decoys seen elsewhere, with their commitments"
    ),
    Described("data/removed.jsonl", "依命令移除正文的日志条目", "entries of the journal whose body an order removed"),
    Described("journal/scopes.jsonl", "各日志链的末端与检查点路径", "each chain's end, and the paths to checkpoints"),
    Described("journal/checkpoints.jsonl", "公司签名的检查点", "signed checkpoints"),
    Described(
        "journal/anchors.jsonl", "时间戳机构的证明（RFC 3161）", "what a time-stamping authority attested (RFC 3161)"
    ),
)
"""Every file of JSON lines in a pack but the chains, which are `journal/NNN.jsonl`."""

RULES = (
    Described(
        "manifest.json",
        "files 列出每个文件的大小、SHA-256，以及每行 SHA-256 的前 8 位十六进制；keys 是公司用过的签名公钥，新的在前；"
        "key_changes 是密钥更换声明，各由当时的签名密钥签名。",
        "`files` lists size and SHA-256 of each file, and the first 8 hexadecimal digits of each line's SHA-256; "
        "`keys` are the company's public signing keys, the newest first; `key_changes` are the statements that changed "
        "them, each signed by the key before it.",
    ),
    Described(
        "manifest.sig",
        "三行：密钥指纹、manifest.json 的 SHA-256、Ed25519 签名；被签名的是 saojie/evidence、一个零字节、该 "
        "SHA-256 的 32 字节。",
        "Three lines: the key's fingerprint, the SHA-256 of manifest.json, an Ed25519 signature over "
        "saojie/evidence, a zero "
        "byte, and the 32 bytes of that SHA-256.",
    ),
    Described(
        "journal/NNN.jsonl",
        "每行一个条目：p 序号，at 毫秒，c 承诺值 = BLAKE2b-256(盐 s ‖ 正文 b)，l 链值 = BLAKE2b-256(前一链值 "
        "‖ p 8 字节 ‖ at 8 字节 ‖ c)，"
        "首个前值为 32 个零字节；b 为空时 w 说明原因（withheld 未提供，removed 依命令移除）。正文为 MessagePack。",
        "One entry a line: p position, at milliseconds, c commitment = BLAKE2b-256(salt s ‖ body b), l link = "
        "BLAKE2b-256(link "
        "before ‖ p, 8 bytes ‖ at, 8 bytes ‖ c), beginning with 32 zero bytes; where b is null, w says why "
        "(withheld, or "
        "removed by order). Bodies are MessagePack.",
    ),
    Described(
        "journal/checkpoints.jsonl",
        "body 为 MessagePack：公司、序号、时间、前一 body 的 BLAKE2b-256、根、链数、条目数；签名前缀 "
        "saojie/checkpoint 加零字节。"
        "根按 RFC 6962 的树形、BLAKE2b-256 计算；叶为 0x00 ‖ 条目数 8 字节 ‖ 链值 ‖ 同步范围名，节点为 0x01 ‖ "
        "左 ‖ 右。",
        "`body` is MessagePack: company, number, time, BLAKE2b-256 of the body before, root, chains, "
        "entries; signed with "
        "saojie/checkpoint and a zero byte in front. The root is a tree as in RFC 6962 with BLAKE2b-256: "
        "leaf 0x00 ‖ entries, "
        "8 bytes ‖ link ‖ scope's name; node 0x01 ‖ left ‖ right.",
    ),
    Described(
        "signed",
        "MessagePack 数组：种类、正文、密钥指纹、签名。公司用 Ed25519，设备用 P-256 ECDSA（SHA-256），"
        "前缀为 saojie/种类 加零字节。",
        "A MessagePack array: kind, body, fingerprint, signature; Ed25519 by the company, ECDSA on P-256 "
        "with SHA-256 by "
        "devices, with saojie/kind and a zero byte in front.",
    ),
    Described(
        "ref",
        "所依据的日志条目：同步范围与序号；at 与该条目一致。时间均为 1970 年以来的毫秒（UTC）。",
        "The entry of the journal that shows the line: scope and position; `at` is that entry's. Times are "
        "milliseconds since "
        "1970, UTC.",
    ),
)
"""How the files hang together."""
