"""Two spellings of one name become one; different names stay different."""

from __future__ import annotations

import pytest

from server.field.names import core_name, pinyin_of, plain_name, tidy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("老张烟酒", "老张烟酒（个体工商户）"),
        ("老张烟酒", "　老张 烟酒有限公司"),
        ("ＡＢＣ超市", "abc超市"),
        ("Hesburger", "HESBURGER Oy"),
        ("Robert's Coffee", "Roberts Coffee"),
        ("R-kioski", "R-Kioski"),
        ("Acme Trading", "ACME Trading Co., Ltd."),
    ],
)
def test_width_case_punctuation_and_legal_suffix_make_no_other_name(one: str, other: str) -> None:
    """What a registry adds to a name, or a keyboard does to it, does not make another outlet."""
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("美宜佳(人民路店)", "美宜佳(解放路店)"), ("老张烟酒", "老王烟酒"), ("Picnic", "Picnic Bar"), ("!!!", "???")],
)
def test_what_sets_outlets_apart_stays_in_the_name(one: str, other: str) -> None:
    """A branch's name in brackets, a family name, a second word and mere signs all tell outlets apart."""
    assert plain_name(one) != plain_name(other)


def test_a_name_that_is_only_a_suffix_or_a_trade_keeps_it() -> None:
    """Nothing is cut away until nothing is left."""
    assert plain_name("有限公司") == "有限公司"
    assert plain_name("Oy") == "oy"
    assert core_name("超市") == "超市"
    assert core_name("Cafe") == "cafe"


def test_the_core_is_what_is_left_without_the_trade() -> None:
    """Trade words alone make nobody alike."""
    assert core_name("老张名烟名酒店") == core_name("老张超市") == "老张"
    assert core_name("Ravintola Kaisaniemi") == core_name("Kaisaniemi Bar") == "kaisaniemi"


def test_homophones_and_both_scripts_sound_the_same() -> None:
    """张记, 章记 and 章記 are one to the ear."""
    assert pinyin_of("张记饭店") == pinyin_of("章记饭店") == pinyin_of("章記飯店")
    assert pinyin_of("老张") != pinyin_of("老王")


def test_tidying_keeps_words_and_drops_what_nobody_sees() -> None:
    """Full width, line breaks and zero-width characters become plain text."""
    assert tidy(" １３８\u200b０　元\n整 ") == "1380 元 整"
