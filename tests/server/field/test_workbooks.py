"""Workbooks: text is text whatever it looks like, and numbers are numbers in their shape."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook

from server.field.workbooks import AMOUNT, PERCENT, Sheet, workbook


def test_no_text_becomes_a_formula_and_numbers_keep_their_shape() -> None:
    """What begins like a formula is kept letter for letter; an amount and a percent are numbers; titles are mended."""
    rows = [("=1+1", 12.5, 0.5), ("+86", None, None), ("@cmd", -1.0, 1.0), ("-2\x07", 0, 0)]
    made = workbook(
        [Sheet("销售/月:度" + "很" * 40, ("甲", "乙", "丙"), rows, ("", AMOUNT, PERCENT)), Sheet("", ("丁",), [])]
    )
    first, second = load_workbook(BytesIO(made))
    assert first.title == "销售月度" + "很" * 27
    assert [one.data_type for one in first["A"]] == ["s"] * 5
    assert [one.value for one in first["A"]] == ["甲", "=1+1", "+86", "@cmd", "-2"]
    assert [(one.value, one.number_format) for one in first["B"][1:2]] == [(12.5, AMOUNT)]
    assert first["C"][1].number_format == PERCENT
    assert [one.value for one in second["A"]] == ["丁"]
