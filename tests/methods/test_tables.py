"""Input files as people have them: UTF-8, GBK, Excel."""

import datetime as dt
import io

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from tanhui.methods import engine
from tanhui.methods.engine import tables

TEXT = "地块编号,农场,绿肥,面积,播种日期\n北坡,老磨坊,vetch,10,2024-09-20\n南坡,老磨坊,clover,5.5,2024-09-25\n"
COLUMNS = {
    "地块编号": ["北坡", "南坡"],
    "农场": ["老磨坊", "老磨坊"],
    "绿肥": ["vetch", "clover"],
    "面积": ["10", "5.5"],
    "播种日期": ["2024-09-20", "2024-09-25"],
}


def workbook(*sheets):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet(f"表{number + 1}")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, column, cell, day)
                else:
                    sheet.write(row, column, cell)
    book.close()
    return out.getvalue()


ROWS = [
    ["地块编号", "农场", "绿肥", "面积", "播种日期"],
    ["北坡", "老磨坊", "vetch", 10, dt.datetime(2024, 9, 20)],  # noqa: DTZ001
    ["南坡", "老磨坊", "clover", 5.5, dt.datetime(2024, 9, 25)],  # noqa: DTZ001
]


class TestATable:
    @pytest.mark.parametrize(
        ("content", "encoding"),
        [
            (TEXT.encode(), "utf-8"),
            (TEXT.encode("utf-8-sig"), "utf-8"),
            (TEXT.replace("\n", "\r\n").encode(), "utf-8"),
            (TEXT.encode("gbk"), "gb18030"),
            (workbook(ROWS), "xlsx:表1"),
            (workbook(ROWS, [["别的"], ["x"]]), "xlsx:表1"),
        ],
    )
    def test_reads_the_same_from_every_file(self, content, encoding):
        table = tables.parse(content, file="fields")

        assert table.columns == COLUMNS
        assert table.lines == [2, 3]
        assert table.ragged == ()
        assert table.encoding == encoding

    def test_keeps_the_rows_of_a_sheet_as_the_sheet_counts_them(self):
        table = tables.parse(workbook([ROWS[0], [], ROWS[1], ["", "", ""], ROWS[2]]), file="x.xlsx")

        assert table.lines == [3, 5]

    def test_names_the_row_that_is_longer_than_its_head(self):
        table = tables.parse(workbook([ROWS[0], [*ROWS[1], "more"], ROWS[2]]), file="x.xlsx")

        assert [(one.rule, one.row) for one in table.ragged] == [("ragged_row", 2)]

    def test_writes_numbers_of_a_sheet_as_people_type_them(self):
        table = tables.parse(workbook([["a", "b", "c", "d"], [620.0, 0.1, 1e-7, True]]), file="x.xlsx")

        assert [cells[0] for cells in table.columns.values()] == ["620", "0.1", "1e-07", "true"]

    @pytest.mark.parametrize(
        "content",
        [b"\xff\xfea\x00,\x00", b"PK\x03\x04 nothing", workbook()[:200], b"\x89PNG\r\n\x1a\n\x00\x00", b"\x80\x81\xff"],
    )
    def test_is_refused_when_it_is_neither(self, content):
        with pytest.raises(ValueError, match=r"UTF-8 nor GBK|not a text file|not an Excel workbook"):
            tables.parse(content, file="x")

    def test_leaves_out_the_empty_edge_that_spreadsheets_leave(self):
        table = tables.parse(b"a,b,,\n1,2,,\n,,,\n3,4\n", file="x.csv")

        assert (table.columns, table.lines, table.ragged) == ({"a": ["1", "3"], "b": ["2", "4"]}, [2, 4], ())

    def test_names_what_stands_beside_its_head(self):
        table = tables.parse(b"a,b,,\n1,2,,5\n", file="x.csv")

        assert [(one.rule, one.row) for one in table.ragged] == [("ragged_row", 2)]

    @given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
    @example(b'"' + b"x" * 200_000)
    def test_is_read_or_refused_whatever_it_is(self, content):
        try:
            table = tables.parse(content, file="x")
        except ValueError:
            return

        assert all(len(cells) == len(table) for cells in table.columns.values())

    @pytest.mark.parametrize("content", [b"", b"\n", b"a,b\n"])
    def test_may_be_empty_which_is_a_fault_later(self, content):
        assert len(tables.parse(content, file="x.csv")) == 0


class TestTheRecord:
    @pytest.fixture
    def run(self, broken):
        broken({})

        def again(content):
            inputs = {
                "fields": tables.parse(content, file="fields"),
                "farms": tables.parse("farm,zone\n老磨坊,warm\n".encode(), file="farms.csv"),
            }
            project = {"units": {"area": "ha"}, "period": {"start": "2024-01-01", "end": "2025-12-31"}}
            return engine.run("broken_crops/v01", project=project, inputs=inputs, purpose="demonstration")

        return again

    @pytest.mark.parametrize(("content", "encoding"), [(TEXT.encode("gbk"), "gb18030"), (workbook(ROWS), "xlsx:表1")])
    def test_says_how_a_file_was_read(self, run, content, encoding):
        done = run(content)

        assert done.content["files"][1]["encoding"] == encoding
        assert encoding in done.notes[0]["text_zh"]
        assert engine.rerun(done.bundle()) is None

    def test_says_nothing_of_plain_text(self, run):
        done = run(TEXT.encode())

        assert "encoding" not in done.content["files"][1]
        assert done.notes == []
        assert done.inputs_sha256 == run(workbook(ROWS)).inputs_sha256  # the same input, however it came
