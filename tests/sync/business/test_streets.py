"""Streets as people write them in China and elsewhere."""

from __future__ import annotations

import pytest

from sync.business.streets import street_of


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("朝阳路12号", "朝阳路"),
        ("云澜区解放大道 8 号附 3", "解放大道"),
        ("北京市东城区东华门街道南池子大街12号", "南池子大街"),
        ("杭州市上城区清波街道延安路5号", "延安路"),
        ("哈尔滨市道里区中央大街8号", "中央大街"),
        ("唐山市路北区新华道3号", "新华道"),
        ("台州市路桥区银座街1号", "银座街"),
        ("道口镇解放路1号", "解放路"),
        ("延安西路1228弄5号", "延安西路"),
        ("市场街2号", "市场街"),
        ("人民路市政府对面", "人民路"),
        ("街心花园旁", None),
        ("胜利小区3栋", "胜利小区"),
        ("12 Main Street", "Main Street"),
        ("221B Baker Street, London", "Baker Street"),
        ("5, rue de Rivoli", "rue de Rivoli"),
        ("柳巷3号", "柳巷"),
        ("Mannerheimintie 5 B", "Mannerheimintie"),
        ("12", None),
        ("", None),
    ],
)
def test_a_street_is_read_from_an_address(address: str, street: str | None) -> None:
    """Without the district, whatever that is called; the number may stand before or after."""
    assert street_of(address) == street
