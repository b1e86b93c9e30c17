import io

import pytest
import python_calamine

from tanhui.ui import downloads

HEADER = ["Code", "Name", "Tonnes"]
ROWS = [["000123456789012345", "碳汇, 林场", 12], ["01", "=1+1", -3]]


def csv_bytes(rows=ROWS):
    return b"".join(downloads.table("list", "csv", HEADER, rows).streaming_content)


class TestACsvFile:
    def test_opens_as_utf8_in_a_spreadsheet(self):
        assert csv_bytes().startswith(b"\xef\xbb\xbf")

    def test_keeps_ids_and_quotes_commas(self):
        assert csv_bytes().decode("utf-8-sig").splitlines()[:2] == [
            "Code,Name,Tonnes",
            '000123456789012345,"碳汇, 林场",12',
        ]

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
    def test_starts_no_formula(self, text):
        assert csv_bytes([["1", text, 1]]).decode("utf-8-sig").split("1,", 1)[1].lstrip('"').startswith("'")

    def test_leaves_negative_numbers_as_numbers(self):
        assert csv_bytes().decode("utf-8-sig").splitlines()[2] == "01,'=1+1,-3"


class TestAnXlsxFile:
    def test_keeps_ids_as_text_and_formulas_as_text(self):
        answer = downloads.table("list", "xlsx", HEADER, ROWS)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))

        assert book.get_sheet_by_index(0).to_python()[1:] == [
            ["000123456789012345", "碳汇, 林场", 12.0],
            ["01", "=1+1", -3.0],
        ]
