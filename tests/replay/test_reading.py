"""The tables are read as they stand; what cannot be read is refused with its place."""

from datetime import date

import pytest

from tanhui.kernel.period import Period
from tanhui.registry.tasks import carb, remarks, restatement

from . import tables


class TestReadingAnIssuance:
    def test_takes_whole_numbers_as_spreadsheets_write_them(self, tmp_path):
        found = tables.read(tmp_path, [tables.row(issued="2163951", buffer="415479.0", period_1="817980")]).rows[0]

        assert (found.issued_t, found.buffer_t, found.vintage) == (2163951, 415479, 2014)
        assert found.retired["period_1"] == 817980
        assert found.span == Period(date(2014, 1, 1), date(2015, 1, 1))
        assert found.project == "CAFR5001"

    @pytest.mark.parametrize("stated", ["", "reforest defer", "n/a"])
    def test_leaves_a_quantity_open_that_is_no_number(self, tmp_path, stated):
        found = tables.read(tmp_path, [tables.row(issued=stated, on="", vintage="")]).rows[0]

        assert (found.issued_t, found.stated, found.issued_on, found.vintage) == (None, stated, None, None)

    def test_takes_a_blank_or_a_word_for_no_retirement(self, tmp_path):
        found = tables.read(tmp_path, [tables.row(buffer_pool="", voluntary="n/a")]).rows[0]

        assert found.retired[carb.BUFFER_POOL] == found.retired[carb.VOLUNTARY] == 0

    @pytest.mark.parametrize(("cell", "value"), [("issued", "12.5"), ("issued", "-3"), ("on", "2015-13-01")])
    def test_refuses_a_number_or_day_that_cannot_be(self, tmp_path, cell, value):
        with pytest.raises(carb.CellUnreadable) as refused:
            tables.read(tmp_path, [tables.row(), tables.row(id="CAFR5001-B", **{cell: value})])

        assert (refused.value.facts["line"], refused.value.facts["value"]) == (3, value)

    def test_refuses_an_id_that_issues_twice_but_not_two_remarks_under_one_id(self, tmp_path):
        remark = tables.row(id="CAFR5001-(zero)", issued="")
        assert len(tables.read(tmp_path, [tables.row(), remark, remark]).rows) == 3

        with pytest.raises(carb.IssuanceTwice):
            tables.read(tmp_path, [tables.row(), tables.row()])

    def test_refuses_a_table_without_its_columns_or_not_there(self, tmp_path):
        with pytest.raises(carb.TableMissing):
            carb.read(tmp_path, tables.SNAPSHOT)

        tables.write(tmp_path, [])
        tables.save(tmp_path / "offset_surrenders.csv", ["report", "quantity"], [])
        with pytest.raises(carb.ColumnsMissing) as refused:
            carb.read(tmp_path, tables.SNAPSHOT)
        assert "carb_issuance_id" in refused.value.facts["columns"]

    def test_joins_what_a_cell_breaks_over_lines(self, tmp_path):
        found = tables.read(tmp_path, [tables.row(operator="Perennial CMM,\n LLC \n")]).rows[0]

        assert found.operator == "Perennial CMM, LLC"


class TestTakingReports:
    def test_leaves_out_an_annual_report_that_a_full_one_contains(self, tmp_path):
        found = tables.read(
            tmp_path,
            [tables.row()],
            [tables.surrender(report="annual_2016"), tables.surrender(report="CP2_2015-2017")],
        )

        assert set(found.reports) == {"CP2_2015-2017"}
        assert found.left_out == {"annual_2016": "contained"}
        assert [one.report for one in found.surrenders] == ["CP2_2015-2017"]

    def test_keeps_annual_reports_of_a_period_not_reported_in_full(self, tmp_path):
        found = tables.read(
            tmp_path, [], [tables.surrender(report="annual_2021"), tables.surrender(report="annual_2022")]
        )

        assert {report.reason for report in found.reports.values()} == {"period_4"}
        assert found.left_out == {}

    def test_leaves_out_a_report_later_than_the_snapshot_and_keeps_what_it_would_contain(self, tmp_path):
        reports = [tables.surrender(report="annual_2018"), tables.surrender(report="CP3_2018-2020")]
        found = tables.read(tmp_path, [], reports, snapshot="2021-11-24")

        assert found.left_out == {"CP3_2018-2020": "later"}
        assert set(found.reports) == {"annual_2018"}

    def test_adds_up_the_summaries_of_the_reports_taken(self, tmp_path):
        summary = [("CP1_2013-2014", "CA1001", "60"), ("CP1_2013-2014", "CA1002", "0"), ("annual_2013", "CA1001", "9")]
        surrenders = [tables.surrender(), tables.surrender(report="annual_2013")]

        assert tables.read(tmp_path, [], surrenders, summary=summary).summary == {"CA1001": 60}

    def test_refuses_a_report_it_cannot_place(self, tmp_path):
        with pytest.raises(carb.CellUnreadable):
            tables.read(tmp_path, [], [tables.surrender(report="CP9_2040-2042")])


class TestReadingAComment:
    def test_finds_each_use_of_the_buffer_with_its_day_and_reversal(self):
        said = remarks.read(
            "On 9/12/2017, ARB retired 178,642 of 415,479 credits from the buffer pool for the CAFR5076-A "
            "unintentional reversal; on 4/13/2021, CARB retired the remaining 236,837 credits from the buffer pool for "
            "the CAFR5224-A-B reversal. On 8/13/2024, CARB retired from the buffer pool 119,018 credits for the "
            "CAFR0001-B-H unintentional reversal and 337,587 credits for the CAFR5308-A reversal."
        )

        assert said == (
            remarks.BufferUse(date(2017, 9, 12), 178_642, "CAFR5076"),
            remarks.BufferUse(date(2021, 4, 13), 236_837, "CAFR5224"),
            remarks.BufferUse(date(2024, 8, 13), 119_018, "CAFR0001"),
            remarks.BufferUse(date(2024, 8, 13), 337_587, "CAFR5308"),
        )

    def test_tells_invalidation_from_replacement_and_compensation(self):
        said = remarks.read(
            "In May 2021, CARB invalidated 466 of 30,811 offset credits issued as CALS5021-F. In July 2021, 38 credits "
            "surrendered by a covered entity to meet the obligation for the CALS5021-F invalidation were retired. In "
            "June 2024, 158,171 credits surrendered by the offset project operator to meet the obligation for the "
            "CAFR6313 reversal/termination were retired."
        )

        assert said == (
            remarks.Invalidated(date(2021, 5, 31), 466, "CALS5021-F"),
            remarks.Replacement(date(2021, 7, 31), 38, "CALS5021-F"),
            remarks.Compensation(date(2024, 6, 30), 158_171),
        )

    def test_parts_a_reversal_by_intent_and_takes_the_verified_shares(self):
        (said,) = remarks.read(
            "On 8/13/2024, CARB approved the verification of a reversal of 820,725 mtCO2e during the third period. The "
            "reversal was 698,765 mtCO2e intentional and 121,960 mtCO2e unintentional. CARB retired 119,018 ARB Offset "
            "Credits from the Forest Buffer Account due to the reversal. The remaining 16,795 mtCO2e intentional and "
            "2,942 unintentional reversal are to be compensated elsewhere."
        )

        assert said == remarks.Reversed(date(2024, 8, 13), 698_765, 121_960, 119_018)

    def test_gathers_nothing_from_phrases_it_does_not_know(self):
        assert remarks.read("Credits voluntarily retired include 2,094 credits in November 2021.") == ()


class TestRestatements:
    def test_tell_what_fell_or_changed_and_not_what_grew(self, tmp_path):
        tables.write(tmp_path, [tables.row(voluntary="20297", state="WV", period_3="5")], snapshot="2021-11-24")
        now = tables.read(tmp_path, [tables.row(intentional_reversal="20297", state="PA", period_3="9")])

        found = [(cause.facts["column"], cause.quantity_t) for cause in restatement.since_earlier(tmp_path, now)]

        assert found == [("Retired Voluntarily", 20297), ("State", 0)]

    def test_are_none_without_an_earlier_snapshot(self, tmp_path):
        assert restatement.since_earlier(tmp_path, tables.read(tmp_path, [tables.row()])) == []
