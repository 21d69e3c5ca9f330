"""Who is defended against, and with what. The rows of the first table of docs/threat-model.md."""

from __future__ import annotations

from server.cli.guarantees.rows import Said, Threat, at

__all__ = ["DEFENDED"]

_LEAVER = Said("a rep who has left", "已离职的业务员")
_LEAVING = Said("a rep who leaves soon", "即将离职的业务员")

DEFENDED: tuple[Threat, ...] = (
    Threat(
        "syncs_on",
        _LEAVER,
        Said("goes on syncing, with token, signature and cursors", "用令牌、签名和游标继续同步"),
        Said(
            "from the cut-off's commit on no record and no lease leaves the server to the rep's devices; an answer "
            "with records is handed over under a lock that the cut-off takes alone",
            "自切断提交起服务器不再向其设备给出记录或租约；含记录的应答在锁内交付，切断独占该锁",
        ),
        (
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
    Threat(
        "stays_away",
        Said("a rep who has left, phone off-line", "已离职且断网的业务员"),
        Said("keeps using the copy", "继续使用手机上的副本"),
        Said(
            "the lease locks the replica (24 h by default) without the network; when the phone has run for 7 days more "
            "the replica is erased, never the outbox",
            "租约到期（默认 24 小时）断网也会锁定，手机再运行满 7 天清除副本，待上传内容不受影响",
        ),
        (
            at("tests/client_sdk/test_lock.py", "test_a_replica_opens_until_its_lease_ends_and_not_a_moment_longer"),
            at("tests/client_sdk/test_lock.py", "test_locked_for_too_long_it_erases_and_keeps_the_outbox"),
            at("tests/end_to_end/test_threats.py", "test_a_phone_killed_while_open_does_not_open_after_its_lease"),
        ),
    ),
    Threat(
        "turns_the_clock",
        Said("a rep who has left, phone off-line", "已离职且断网的业务员"),
        Said("turns the date back, reboots, stops the phone", "调回日期、重启、关机"),
        Said(
            "time is what the server signed plus what has run since, with a high-water mark, and a reboot costs half "
            "an hour; no sequence of reboots and dates lets a replica be used for longer than its lease",
            "时间以服务器签名时间加其后实际经过的时间计，且只增不减，每次断网重启另计半小时；重启和改日期都不能使副本的可用时间超过租约",
        ),
        (
            at("tests/client_sdk/test_timekeeping.py", "test_no_sequence_of_reboots_and_dates_stretches_a_lease"),
            at("tests/client_sdk/test_lock.py", "test_a_reboot_with_the_date_set_back_gains_nothing"),
            at(
                "tests/client_sdk/test_leases_at_random.py",
                "test_whatever_is_done_to_a_phone_its_lease_holds_and_a_contact_heals",
            ),
        ),
    ),
    Threat(
        "keeps_the_files",
        Said("a rep who has left, phone online", "已离职且在线的业务员"),
        Said("keeps the files, or kills the app in the middle", "保留文件，或中途结束应用"),
        Said(
            "the order is verified and stored, the device's share is destroyed first, then the files go; it is gone "
            "on with after any kill; the server destroyed its share in the cut-off",
            "擦除令经验证并保存，先销毁设备份额，再移除文件；被中断后继续执行；服务器份额在切断时已销毁",
        ),
        (
            at("tests/client_sdk/test_kills.py", "test_a_wipe_killed_anywhere_is_finished"),
            at(
                "tests/end_to_end/test_wipes.py",
                "test_a_phone_killed_between_told_and_wiped_finishes_and_only_then_says_wiped",
            ),
            at("tests/client_sdk/test_wipe.py", "test_from_the_order_on_no_process_serves_a_call"),
        ),
    ),
    Threat(
        "holds_work_back",
        _LEAVER,
        Said("claims that the work never arrived, or hands in invented work", "声称工作已丢失，或交回编造的工作"),
        Said(
            "what was pending is sealed to the company, handed in after the lock, and kept in quarantine; what the "
            "running hash had told before the order is *committed*, the rest is *unproved*",
            "未上传内容密封给公司，锁定后交回并隔离待审；擦除令之前运行哈希已存证的为“已存证”，其余为“未证实”",
        ),
        (
            at("tests/server/departure/test_drain.py", "test_what_had_been_told_before_the_order_is_committed"),
            at("tests/server/departure/test_drain.py", "test_work_that_was_changed_after_it_was_told_is_unproved"),
            at(
                "tests/server/departure/test_quarantine.py",
                "test_nothing_is_in_the_master_store_before_somebody_decides",
            ),
        ),
    ),
    Threat(
        "spoils_the_archive",
        _LEAVING,
        Said("closes outlets, changes phones, spoils what there is", "批量关闭终端、篡改电话、破坏档案"),
        Said(
            "mass changes against the person's own habit become proposals while they happen; what was spoiled is "
            "taken back in one act that spares what others did since",
            "偏离本人习惯的批量更改即时转为待审；被破坏的内容可一次撤回，他人此后所做不受影响",
        ),
        (
            at(
                "tests/end_to_end/test_undo.py",
                "test_one_act_restores_all_that_a_leaver_spoiled_but_what_a_colleague_confirmed",
            ),
            at(
                "tests/end_to_end/test_mass_changes.py",
                "test_mass_changes_wait_and_the_phone_shows_what_stands_until_they_are_decided",
            ),
        ),
    ),
    Threat(
        "reads_more",
        _LEAVING,
        Said("reads more than the role allows", "读取超出权限的内容"),
        Said(
            "what a role may not see is in another scope and never leaves the server; scopes are computed on the "
            "server in each answer",
            "角色无权查看的内容在另一同步范围，不会离开服务器；范围由服务器在每次应答时计算",
        ),
        (
            at("tests/end_to_end/test_whole_path.py", "test_what_a_role_may_not_see_is_not_in_the_decrypted_bytes"),
            at(
                "tests/server/exchange/test_trespass.py",
                "test_what_a_request_says_besides_operations_changes_nothing_of_others",
            ),
            at("tests/server/identity/test_grants.py", "test_whoever_is_taken_off_a_roster_loses_the_scope"),
        ),
    ),
    Threat(
        "finds_a_phone",
        Said("a finder of a lost phone", "捡到手机的人"),
        Said("opens the files", "打开文件"),
        Said(
            "they are encrypted; the key needs the device's share, which is in the key store, and the lease's share, "
            "which a locked phone does not have",
            "文件均已加密；密钥需要密钥库中的设备份额和租约份额，锁定的手机没有后者",
        ),
        (
            at("tests/end_to_end/test_threats.py", "test_files_without_their_key_store_open_nothing"),
            at("tests/client_sdk/test_lock.py", "test_a_locked_phone_holds_nothing_that_opens_it"),
        ),
    ),
    Threat(
        "runs_a_copy",
        Said("somebody who copies a phone's directory", "复制手机目录的人"),
        Said("runs it a second time", "运行第二份"),
        Said(
            "numbers and a running hash show the fork; nothing is acknowledged; two live copies suspend the device",
            "编号与运行哈希会暴露分叉，不予确认；两份同时在用则暂停该设备",
        ),
        (
            at("tests/server/exchange/test_outboxes.py", "test_two_live_copies_of_one_phone_suspend_the_device"),
            at(
                "tests/end_to_end/test_whole_path.py",
                "test_a_device_that_was_away_gets_nothing_after_the_commit_whatever_it_still_has",
            ),
        ),
    ),
    Threat(
        "lies",
        Said("a device that lies", "说谎的设备"),
        Said(
            "asks for other scopes, names server-owned fields, signs for others, sends bombs",
            "索取其他范围、写入服务器字段、冒签、发送压缩炸弹",
        ),
        Said(
            "nothing a device says widens what it holds; operations name allow-listed fields; bodies are bounded "
            "before they are opened",
            "设备所言不能扩大其所持；操作只能涉及允许的字段；请求体在打开前即受限",
        ),
        (
            at("tests/server/exchange/test_trespass.py", "test_no_operation_reaches_beyond_what_a_rep_may_write"),
            at("tests/server/routes/test_trespass.py", "test_a_device_changes_nothing_of_others_whatever_it_sends"),
            at("tests/server/routes/test_sync.py", "test_a_small_body_cannot_become_a_huge_one"),
        ),
    ),
    Threat(
        "guesses_a_code",
        Said("a stranger", "陌生人"),
        Said("guesses or intercepts an enrolment code", "猜测或截获登记码"),
        Said(
            "128 bits, once, 15 minutes, five tries; nothing is given before its maker has compared six digits that "
            "both keys determine",
            "128 位、一次有效、15 分钟、五次机会；发放人核对六位数字之前不给出任何内容",
        ),
        (
            at("tests/server/identity/test_enrolment.py", "test_five_wrong_secrets_end_a_code"),
            at("tests/client_sdk/test_enrolment.py", "test_nothing_is_answered_before_the_digits_are_confirmed"),
        ),
    ),
    Threat(
        "listens",
        Said("somebody on the network", "网络上的人"),
        Said("records and replays, gives false orders, leases or letters", "录制重放，伪造擦除令、租约或信件"),
        Said(
            "TLS; requests are signed against a challenge and the body's hash; orders, leases and letters verify "
            "only with the company's pinned key",
            "TLS；请求针对质询和正文哈希签名；擦除令、租约和信件只认预置的公司密钥",
        ),
        (
            at("tests/server/identity/test_admission.py", "test_a_signature_over_another_body_is_refused"),
            at("tests/client_sdk/test_wipe.py", "test_only_the_company_can_order_a_wipe"),
            at("tests/client_sdk/test_letters.py", "test_only_the_company_writes_letters_and_only_to_this_device"),
        ),
    ),
    Threat(
        "restores_a_backup",
        Said("an operator's accident", "运维失误"),
        Said("restores yesterday's database", "恢复昨天的数据库"),
        Said(
            "the departures file stands outside it: departures are applied again and a new epoch begins before "
            "anything is answered",
            "离职文件独立于数据库：应答之前重新执行离职并开始新纪元",
        ),
        (
            at("tests/end_to_end/test_restores.py", "test_a_database_from_before_a_departure_brings_nobody_back"),
            at("tests/server/departure/test_recovery.py", "test_yesterdays_database_applies_the_departure_again"),
        ),
    ),
    Threat(
        "alters_the_file",
        Said("somebody who alters the departures file", "篡改离职文件的人"),
        Said("makes the company forget a departure", "使公司遗忘某次离职"),
        Said(
            "lines are chained and signed; the server does not start on a file that does not hold together",
            "各行相连并签名；文件不完整则服务器不启动",
        ),
        (
            at("tests/server/departure/test_departures_file.py", "test_a_removed_or_moved_or_repeated_line_is_found"),
            at("tests/server/departure/test_recovery.py", "test_an_altered_file_stops_the_start"),
        ),
    ),
    Threat(
        "copies_the_keys",
        Said("somebody who copied the company's keys", "复制了公司密钥的人"),
        Said(
            "signs orders, leases and keys of their own once the company has rotated its keys",
            "在公司更换密钥之后，仍用旧密钥签发擦除令、租约或另一套密钥",
        ),
        Said(
            "a new key is signed by the one before it and comes before anything it signed; a phone that has followed "
            "believes a retired key nothing, and one that was led elsewhere is put before the manager",
            "新密钥由前一密钥签名，并先于其签署的内容送达；已跟上的手机不再相信停用的密钥，被引向别处的手机会报告管理者",
        ),
        (
            at("tests/end_to_end/test_rotation.py", "test_what_a_stolen_key_signed_counts_no_more"),
            at("tests/sync/test_keychain.py", "test_what_does_not_follow_is_passed_over"),
            at(
                "tests/server/exchange/test_keys_followed.py",
                "test_a_phone_that_was_led_to_keys_of_somebody_else_is_put_before_the_manager_once",
            ),
        ),
    ),
    Threat(
        "rewrites_the_journal",
        Said("somebody with the database open", "能直接写数据库的人"),
        Said("alters, removes or inserts entries of the journal", "篡改、删除或插入日志"),
        Said(
            "each entry hashes the one before it; signed checkpoints cover all chains, and phones keep the newest "
            "that they saw",
            "每条日志含前一条的哈希；签名检查点覆盖全部日志链，手机保存其见过的最新检查点",
        ),
        (
            at("tests/server/master/test_verify.py", "test_any_byte_that_is_flipped_is_found_where_it_is"),
            at(
                "tests/server/master/test_verify.py",
                "test_a_history_rewritten_with_fitting_hashes_is_found_by_the_checkpoints",
            ),
            at("tests/client_sdk/test_witness.py", "test_a_rewritten_journal_is_told_and_both_sides_are_kept"),
        ),
    ),
)
