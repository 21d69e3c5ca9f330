"""Who is not defended against, and what is so then. The rows of the second table of docs/threat-model.md."""

from __future__ import annotations

from server.cli.guarantees.rows import Said, Threat, at

__all__ = ["LIMITS"]

LIMITS: tuple[Threat, ...] = (
    Threat(
        "copies_before_the_lock",
        Said("whoever copies before the lock", "在锁定之前复制的人"),
        Said(
            "takes the files together with the phone's key store while the lease runs",
            "在租约有效期内把文件连同密钥库一并复制",
        ),
        Said(
            "can open that copy for good, outside our client; it gets nothing new from the server, and the device "
            "held at most what the exposure statement lists",
            "可在客户端之外永久打开该副本；但不会再从服务器得到新内容，设备所持不超过接触清单",
        ),
        (
            at(
                "tests/end_to_end/test_threats.py",
                "test_a_copy_taken_with_its_key_store_can_be_opened_and_gets_nothing_new",
            ),
            at(
                "tests/server/departure/evidence/test_exposure.py",
                "test_it_lists_what_was_given_and_nothing_of_another_territory",
            ),
        ),
        is_defended=False,
    ),
    Threat(
        "photographs_the_screen",
        Said("a rep with a second camera", "另有相机的业务员"),
        Said("takes screenshots, or photographs the screen", "截屏或翻拍屏幕"),
        Said(
            "keeps those pictures; the openings of contacts' details are counted on the device, so that the evidence "
            "tells *held* from *opened*",
            "图片会留在其手中；查看联系人详情会在设备上计数，证据中区分“持有”与“打开”",
        ),
        (
            at(
                "tests/server/departure/evidence/test_exposure.py",
                "test_photos_and_openings_are_told_apart_from_what_was_held",
            ),
            at("tests/test_guarantees.py", "test_nothing_that_we_say_claims_that_copies_are_gone"),
        ),
        is_defended=False,
    ),
    Threat(
        "breaks_the_phone",
        Said("a phone whose protection is broken", "防护被破坏的手机"),
        Said("is rooted or debugged, or runs a modified client", "已 root、被调试或运行修改版客户端"),
        Said(
            "can keep what it was given, and may sign a receipt all the same; what it is given next is still decided "
            "by the server",
            "可保留已得到的内容，也可能照样签出回执；但此后给它什么仍由服务器决定",
        ),
        (
            at(
                "tests/end_to_end/test_threats.py",
                "test_whoever_has_the_device_key_gets_records_while_active_and_none_after",
            ),
            at(
                "tests/server/departure/test_contact.py",
                "test_anything_that_is_heard_after_the_last_receipt_contradicts_it",
            ),
        ),
        is_defended=False,
    ),
    Threat(
        "default_key_store",
        Said("whoever reads the phone's files, with the default key store", "默认密钥库下能读取手机文件的人"),
        Said("reads the shares where they lie", "读取所存份额"),
        Said(
            "it is a file with mode 0600 and no more than that; an app on Android or iOS passes the platform's key "
            "store instead, and then the device's share is as safe as that hardware",
            "它只是权限为 0600 的文件；Android 与 iOS 应用应改用平台密钥库，设备份额的安全性取决于该硬件",
        ),
        (
            at("tests/client_sdk/test_storage.py", "test_every_file_is_the_owners_alone"),
            at(
                "tests/end_to_end/test_threats.py",
                "test_a_copy_taken_with_its_key_store_can_be_opened_and_gets_nothing_new",
            ),
            at("tests/end_to_end/test_threats.py", "test_files_without_their_key_store_open_nothing"),
        ),
        is_defended=False,
    ),
    Threat(
        "administrators",
        Said("the company's own administrators", "公司自己的管理员"),
        Said("read the archive, or write the past anew", "读取档案，或改写历史"),
        Said(
            "whoever holds the server's keys and database can read the archive; a past that they write anew does not "
            "fit the checkpoints that phones and time-stamping authorities have",
            "掌握服务器密钥与数据库者可读取档案；其改写的历史与手机及时间戳机构持有的检查点不符",
        ),
        (
            at(
                "tests/server/master/test_anchors.py",
                "test_a_past_that_the_holder_of_all_keys_wrote_anew_does_not_fit_the_tokens",
            ),
            at("tests/client_sdk/test_witness.py", "test_a_rewritten_journal_is_told_and_both_sides_are_kept"),
        ),
        is_defended=False,
    ),
    Threat(
        "reaches_a_phone_first",
        Said("somebody who copied the signing key and reaches a phone", "复制了签名密钥并能触及手机的人"),
        Said(
            "orders it wiped, or leads it to keys of their own, before the phone hears of the rotation",
            "在手机得知密钥更换之前，令其擦除，或将其引向另一套密钥",
        ),
        Said(
            "that phone obeys them and no longer us: it is told at its next contact and has to be enrolled again; it "
            "takes the phone's TLS connection or somebody who scans a false letter, and opens nothing that is sealed",
            "该手机听从对方而不再听从本公司：下次联系时报告，须重新登记；对方须攻破其 TLS 连接或诱人扫描假授权信，"
            "且仍打不开已封存的内容",
        ),
        (
            at(
                "tests/server/exchange/test_keys_followed.py",
                "test_a_phone_that_was_led_to_keys_of_somebody_else_is_put_before_the_manager_once",
            ),
        ),
        is_defended=False,
    ),
    Threat(
        "a_receipt_is_a_claim",
        Said("whoever reads a receipt as more than it is", "高估回执的人"),
        Said("takes it for proof that no copy exists", "以为回执证明不存在副本"),
        Said(
            "it is a claim by a key: evidence that this key said *wiped*; its grade says what kind of key that was, "
            "and whatever is heard afterwards contradicts it",
            "回执是密钥的陈述：证明该密钥说过“已擦除”；等级说明密钥种类，此后收到的任何内容都与之矛盾",
        ),
        (
            at(
                "tests/server/departure/test_contact.py",
                "test_anything_that_is_heard_after_the_last_receipt_contradicts_it",
            ),
            at("tests/test_guarantees.py", "test_nothing_that_we_say_claims_that_copies_are_gone"),
        ),
        is_defended=False,
    ),
)
