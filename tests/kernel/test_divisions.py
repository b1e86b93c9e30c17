import datetime as dt
import functools

import pytest

from tanhui.kernel import divisions

from . import shared

MERGED = {"310103": ("310101",), "310119": ("310115",)}  # 卢湾区 into 黄浦区 in 2011, 南汇区 into 浦东新区 in 2009
day = dt.date


@functools.cache
def table():
    return divisions.read(shared.LISTS / "gb2260_revisions.csv.gz", MERGED)


@shared.needs_lists
class TestTable:
    def test_knows_a_division_at_a_date(self):
        assert table().at("330682", day(2013, 12, 31)).name == "上虞市"
        assert table().at("330604", day(2026, 1, 1)).name == "上虞区"
        assert table().at("310119", day(2008, 6, 1)).name == "南汇区"

    def test_knows_an_earlier_name_of_the_same_code(self):
        assert table().at("420600", day(2009, 1, 1)).name == "襄樊市"
        assert table().at("420600", day(2013, 1, 1)).name == "襄阳市"

    def test_follows_what_became_of_a_division(self):
        assert [found.name for found in table().now("330682", day(2020, 1, 1))] == ["上虞区"]
        assert [found.name for found in table().now("320584", day(2020, 1, 1))] == ["吴江区"]
        assert [found.name for found in table().now("310103", day(2020, 1, 1))] == ["黄浦区"]
        assert [found.name for found in table().now("330682", day(2010, 1, 1))] == ["上虞市"]

    def test_refuses_an_ended_code_and_names_its_successor(self):
        with pytest.raises(divisions.EndedDivision, match="330604 上虞区"):
            table().at("330682", day(2020, 1, 1))

    def test_refuses_a_code_that_never_was_or_was_not_yet(self):
        with pytest.raises(divisions.UnknownDivision):
            table().at("999999", day(2020, 1, 1))
        with pytest.raises(divisions.UnknownDivision):
            table().at("330604", day(2010, 1, 1))
        with pytest.raises(divisions.UnknownDivision):
            table().now("999999", day(2020, 1, 1))

    def test_gives_no_successor_where_none_is_known(self):
        bare = divisions.read(shared.LISTS / "gb2260_revisions.csv.gz")
        assert bare.now("310103", day(2020, 1, 1)) == []

    def test_says_how_far_it_knows(self):
        assert table().newest == day(2014, 12, 31)

    def test_names_the_provinces_as_the_standard_does(self):
        for two, name in divisions.PROVINCES.items():
            assert table().at(f"{two}0000", day(2014, 12, 31)).name == name

    def test_reads_gb18030_as_it_reads_utf8(self):
        other = divisions.read(shared.LISTS / "gb2260_2014_gb18030.csv")
        assert other.at("330604", day(2014, 12, 31)).name == "上虞区"
        assert other.newest == table().newest


class TestSuccessor:
    def build(self, *rows, mergers=None):
        return divisions.build([(day(year, 12, 31), code, name) for year, code, name in rows], mergers or {})

    def test_is_not_inferred_in_another_province_or_of_another_name(self):
        table = self.build((2010, "330682", "上虞市"), (2011, "340604", "上虞区"), (2011, "330605", "柯桥区"))
        assert table.now("330682", day(2012, 1, 1)) == []

    def test_is_not_inferred_when_two_would_fit(self):
        table = self.build((2010, "330682", "上虞市"), (2011, "330604", "上虞区"), (2011, "330605", "上虞县"))
        assert table.now("330682", day(2012, 1, 1)) == []

    def test_is_not_inferred_from_a_name_that_says_little(self):
        table = self.build((2010, "330682", "郊区"), (2011, "330104", "郊县"))
        assert table.now("330682", day(2012, 1, 1)) == []

    def test_is_followed_over_several_steps_even_in_a_circle(self):
        rows = [(2010, "330001", "一县"), (2011, "330002", "二县"), (2012, "330003", "三县")]
        table = self.build(*rows, mergers={"330001": ("330002",), "330002": ("330003", "330001", "339999")})
        assert [found.name for found in table.now("330001", day(2013, 1, 1))] == ["三县"]


class TestProvince:
    def test_is_the_first_two_digits(self):
        assert divisions.province("330604") == "33"

    @pytest.mark.parametrize("code", ["", "99", "330a", "三三"])
    def test_is_refused_when_there_is_none(self, code):
        with pytest.raises(divisions.UnknownDivision):
            divisions.province(code)


class TestRead:
    @pytest.mark.parametrize(
        "content",
        ["", "revision,code,name\n", "code,name\n330604,上虞区\n", "revision,code,name\n2014,33060,上虞区\n",
         "revision,code,name\n2014,330604,\n", "revision,code,name\n201413,330604,上虞区\n",
         "revision,code,name\n201400,330604,上虞区\n"],
    )  # fmt: skip
    def test_refuses_what_is_no_table(self, tmp_path, content):
        (tmp_path / "divisions.csv").write_text(content, encoding="utf-8")
        with pytest.raises(divisions.TableUnreadable, match=r"divisions\.csv"):
            divisions.read(tmp_path / "divisions.csv")

    def test_refuses_a_file_that_is_packed_wrongly(self, tmp_path):
        (tmp_path / "divisions.csv.gz").write_text("revision,code,name\n")
        with pytest.raises(divisions.TableUnreadable):
            divisions.read(tmp_path / "divisions.csv.gz")
