import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
import python_calamine
from tests.nep import builders

from tanhui.nep import rows, statistics, workbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = builders.small_run(tmp_path_factory.mktemp("workbook"), years=(2022, 2023))
    statistics.compute(place)
    workbook.write(place)
    return place


@pytest.fixture(scope="module")
def book(folder: Path) -> dict[str, list[list[object]]]:
    opened = python_calamine.CalamineWorkbook.from_path(str(folder / "archive/statistics.xlsx"))
    return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


class TestTheWorkbook:
    def test_has_its_six_sheets_in_order(self, book: dict[str, list[list[object]]]) -> None:
        assert list(book) == ["汇总", "分类型", "分区域", "年际变化", "不确定性", "方法与数据"]

    def test_holds_whole_numbers_with_their_unit_in_the_head(
        self, folder: Path, book: dict[str, list[list[object]]]
    ) -> None:
        heads, *years = book["汇总"]
        whole = statistics.read(folder).row(2023)
        assert whole
        told = dict(zip(heads, years[1], strict=True))
        assert told["年份"] == 2023
        assert told["固碳量 NEP（千克CO₂/年）"] == whole.nep_kg_co2
        assert told["90%区间下限（千克CO₂/年）"] == whole.lower_kg_co2
        assert told["保守下限（千克CO₂/年）"] == whole.conservative_kg_co2
        assert told["较上年变化（千克CO₂/年）"] == whole.change_kg_co2
        assert all("（" in str(head) or head in ("年份", "有数据面积占比") for head in heads)

    def test_adds_zones_up_to_the_whole(self, book: dict[str, list[list[object]]]) -> None:
        heads, *zones = book["分区域"]
        kind, year, mass = (heads.index(name) for name in ("生态系统类型", "年份", "固碳量 NEP（千克CO₂/年）"))
        every = sum(int(str(one[mass]).split(".")[0]) for one in zones if one[year] == 2023 and one[kind] == "全部类型")
        assert every == book["汇总"][2][mass - 4]

    def test_keeps_codes_as_text_and_names_what_lies_outside(self, book: dict[str, list[list[object]]]) -> None:
        named = {(row[2], row[3]) for row in book["分区域"][1:]}
        assert named == {("330604001", "百官街道"), ("330604002", "曹娥街道"), ("", "（各区域之外）")}

    def test_compares_years_with_an_interval(self, book: dict[str, list[list[object]]]) -> None:
        heads, *changes = book["年际变化"]
        whole = next(row for row in changes if row[0] == "全区" and row[3] == "全部类型")
        told = dict(zip(heads, whole, strict=True))
        assert (told["上年"], told["本年"]) == (2022, 2023)
        assert told["变化量90%区间下限（千克CO₂/年）"] < told["变化量（千克CO₂/年）"]  # type: ignore[operator]

    def test_says_method_data_and_what_the_number_is_not(self, book: dict[str, list[list[object]]]) -> None:
        told = {str(key): str(value) for key, value in book["方法与数据"]}
        assert "用户提供" in told["NPP 方法"]
        assert "集合平均" in told["Rh 模型"]
        assert "不是减排量" in told["性质"]
        assert "made up for tests" in told["数据：气温"]
        assert len(told["计划摘要 SHA-256"]) == 64
        assert "97.5 %" in told["核验提示 2022–2023：（各区域之外） 全部类型"]

    def test_is_the_same_bytes_each_time(self, folder: Path) -> None:
        before = [path.read_bytes() for path in workbook.write(folder)]
        assert [path.read_bytes() for path in workbook.write(folder)] == before


class TestTheTable:
    def test_opens_in_a_spreadsheet_as_utf8(self, folder: Path) -> None:
        content = (folder / "archive/statistics.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        heads, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        found = statistics.read(folder)
        assert len(lines) == len(found.rows)
        place = heads.index("固碳量 NEP（千克CO₂/年）")
        said = ["" if not row.cells else str(row.nep_kg_co2) for row in found.rows]
        assert [line[place] for line in lines] == said
        assert all(len(line) == len(heads) for line in lines)

    def test_runs_no_formula_out_of_a_name(self, folder: Path) -> None:
        found = statistics.read(folder)
        hostile = replace(found, rows=tuple(replace(row, name="=HYPERLINK(1)") for row in found.rows))
        content = workbook.as_csv(*workbook.every(hostile)).decode("utf-8-sig")
        assert ",'=HYPERLINK(1)," in content
        assert ",=HYPERLINK" not in content
        sheet = workbook.as_xlsx({"分区域": workbook.by_zone(hostile)}, 2023)
        opened = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet))
        assert opened.get_sheet_by_name("分区域").to_python()[1][3] == "=HYPERLINK(1)"

    def test_writes_a_run_of_one_year_too(self, folder: Path) -> None:
        found = statistics.read(folder)
        one = replace(found, years=(2022,), rows=tuple(row for row in found.rows if row.year == 2022))
        _, changes = workbook.by_year(one)
        assert list(changes) == []
        assert rows.decoded(rows.encoded(one)) == one
