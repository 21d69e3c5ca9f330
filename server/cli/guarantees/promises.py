"""What is promised about a departure, and what has to be so for it."""

from __future__ import annotations

from server.cli.guarantees.rows import Assumption, Kind, Promise, Said, at

__all__ = ["ASSUMPTIONS", "PROMISES"]

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "server_is_ours",
        Said(
            "The server, its database and the files under SAOJIE_HOME/keys are in the company's hands.",
            "服务器、数据库及 SAOJIE_HOME/keys 下的文件由公司掌握。",
        ),
    ),
    Assumption(
        "client_is_unmodified",
        Said(
            "The phone runs our client as it is, and the platform keeps what the key store holds.",
            "手机运行的是未经修改的客户端，平台能保护密钥库中的内容。",
        ),
    ),
    Assumption(
        "looked_at_its_clock",
        Said("The client has been started, or was running, after the lease.", "租约到期后客户端启动过或正在运行。"),
    ),
    Assumption(
        "contact",
        Said("The phone reaches the server, or is handed the signed bytes.", "手机能连接服务器，或收到签名字节。"),
    ),
    Assumption(
        "file_stands",
        Said(
            "The departures file was not lost together with the database.",
            "离职文件未与数据库同时丢失。",
        ),
    ),
)

PROMISES: tuple[Promise, ...] = (
    Promise(
        "cut_off",
        Said(
            "From the cut-off's commit on no record and no lease leaves the server to the devices that it names; "
            "what was on the wire counts as held.",
            "自切断提交之时起，服务器不再向所涉设备给出任何记录或租约；此刻在途的内容按已持有计。",
        ),
        Kind.PROVED,
        ("server_is_ours", "file_stands"),
        (
            at("tests/server/departure/test_cutoff.py", "test_from_the_commit_on_the_devices_get_nothing"),
            at(
                "tests/server/exchange/test_departed.py",
                "test_an_exchange_that_began_before_the_cut_off_is_answered_without_records",
            ),
            at("tests/server/routes/test_handing.py", "test_an_answer_that_a_cut_off_overtakes_holds_nothing"),
            at(
                "tests/end_to_end/test_threats.py",
                "test_whoever_has_the_device_key_gets_records_while_active_and_none_after",
            ),
        ),
    ),
    Promise(
        "lease",
        Said(
            "An unmodified client that has looked at its clock after the lease does not open, without the network too.",
            "未经修改的客户端在租约到期后看过时钟即无法打开，断网亦然。",
        ),
        Kind.PROVED,
        ("client_is_unmodified", "looked_at_its_clock"),
        (
            at("tests/client_sdk/test_lock.py", "test_a_replica_opens_until_its_lease_ends_and_not_a_moment_longer"),
            at("tests/client_sdk/test_kills.py", "test_a_lock_killed_anywhere_holds"),
            at("tests/end_to_end/test_threats.py", "test_a_phone_killed_while_open_does_not_open_after_its_lease"),
        ),
    ),
    Promise(
        "wipe",
        Said(
            "An unmodified client that has been told does not open, and nothing in its directory can be read with "
            "any key that is left there.",
            "未经修改的客户端收到擦除令后无法打开，其目录中剩下的任何密钥都读不出内容。",
        ),
        Kind.PROVED,
        ("client_is_unmodified", "contact"),
        (
            at(
                "tests/end_to_end/test_whole_path.py",
                "test_a_device_of_an_offboarded_rep_yields_nothing_and_its_work_arrives",
            ),
            at("tests/client_sdk/test_kills.py", "test_a_wipe_killed_anywhere_is_finished"),
            at("tests/end_to_end/test_conformance.py", "test_it_holds_on_a_deployment_that_it_starts_itself"),
        ),
    ),
    Promise(
        "pending_work",
        Said(
            "Work that was pending, photos too, is handed in after the lock, sealed to the company, and waits in "
            "quarantine; the phone can no longer read it.",
            "未上传的工作（含照片）在锁定后以密封形式交回公司并进入隔离区，手机已无法读取。",
        ),
        Kind.PROVED,
        ("client_is_unmodified", "contact"),
        (
            at(
                "tests/end_to_end/test_wipes.py",
                "test_thirty_pending_visits_outlive_the_wipe_and_none_is_readable_on_the_phone",
            ),
            at(
                "tests/end_to_end/test_photos_of_departed.py",
                "test_thirty_visits_with_photos_arrive_and_the_successor_sees_them",
            ),
            at("tests/end_to_end/test_whole_path.py", "test_work_of_a_phone_that_erased_its_replica_arrives"),
        ),
    ),
    Promise(
        "order_stands",
        Said(
            "An order stands until the device's final receipt, or until a person closes it with a reason; no row of "
            "it is ever removed.",
            "擦除令在收到设备的最终回执之前、或由人说明原因关闭之前一直有效，任何记录都不会被移除。",
        ),
        Kind.PROVED,
        ("server_is_ours",),
        (
            at("tests/server/departure/test_lasting.py", "test_an_order_left_alone_for_a_year_still_stands"),
            at("tests/server/departure/test_contact.py", "test_an_order_is_open_until_the_last_receipt_or_a_reason"),
        ),
    ),
    Promise(
        "reach",
        Said(
            "Nothing that a device can send changes staff, devices, rosters, leases, orders, the journal's past, or "
            "a territory that is not its own.",
            "设备发送的任何内容都不能改变人员、设备、协作小组、租约、擦除令、既有日志或他人的片区。",
        ),
        Kind.PROVED,
        ("server_is_ours",),
        (
            at("tests/server/exchange/test_trespass.py", "test_no_operation_reaches_beyond_what_a_rep_may_write"),
            at("tests/server/routes/test_trespass.py", "test_a_device_changes_nothing_of_others_whatever_it_sends"),
        ),
    ),
    Promise(
        "exposure",
        Said(
            "The device held at most what the exposure statement lists.",
            "设备所持有的内容不超过接触清单所列。",
        ),
        Kind.COMPUTED,
        ("server_is_ours",),
        (
            at(
                "tests/server/departure/evidence/test_exposure.py",
                "test_it_lists_what_was_given_and_nothing_of_another_territory",
            ),
            at("tests/server/departure/evidence/test_exposure.py", "test_the_times_are_bounds_that_hold"),
        ),
    ),
    Promise(
        "journal",
        Said(
            "What is altered, removed or inserted in the journal is found, with the place, by whoever holds an "
            "earlier checkpoint.",
            "日志中被改动、删除或插入的内容，持有较早检查点者均可发现并定位。",
        ),
        Kind.PROVED,
        (),
        (
            at("tests/server/master/test_verify.py", "test_any_byte_that_is_flipped_is_found_where_it_is"),
            at("tests/server/master/test_verify.py", "test_an_entry_that_is_removed_is_found"),
            at("tests/client_sdk/test_witness.py", "test_a_rewritten_journal_is_told_and_both_sides_are_kept"),
        ),
    ),
    Promise(
        "undo",
        Said(
            "What a person changed can be taken back in one act that spares what others changed or confirmed since.",
            "某人所改可一次撤回，他人此后更改或确认过的内容不受影响。",
        ),
        Kind.PROVED,
        ("server_is_ours",),
        (
            at(
                "tests/end_to_end/test_undo.py",
                "test_one_act_restores_all_that_a_leaver_spoiled_but_what_a_colleague_confirmed",
            ),
        ),
    ),
)
