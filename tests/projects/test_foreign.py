"""Lists of other mechanisms: read row by row, confirmed by another person, then in the way of claims here."""

import datetime as dt
import io
import json

import pytest
import shapely
import xlsxwriter
from django.urls import reverse
from tests import world
from tests.projects import claims
from tests.projects.claims import METRE, STEP, development, square

from tanhui.files.acts import receiving
from tanhui.projects import foreign, uniqueness
from tanhui.projects.acts import foreign as acts
from tanhui.projects.acts import uniqueness as claiming
from tanhui.projects.models import Footprint, ForeignList, Overlap
from tanhui.projects.queries import uniqueness as queries

HEAD = [
    "项目编号",
    "项目名称",
    "统一社会信用代码",
    "计入期开始",
    "计入期结束",
    "电表号",
    "设施",
    "行政区划代码",
    "坐标",
]
OWNER = world.uscc(77)


def row(number="VCS-1", outline=None, **given):
    given = {"title": "外地造林", "start": "2020-01-01", "end": "2039-12-31", "division": "15"} | given
    cells = [given.get(name, "") for name in ("title", "holder", "start", "end", "meter", "plant", "division")]
    return [number, *cells, shapely.to_wkt(outline) if outline else ""]


def sheet(*rows, head=HEAD):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for at, one in enumerate((head, *rows)):
            page.write_row(at, 0, one)
    return content.getvalue()


def table(*rows, encoding="gb18030"):
    quoted = (",".join(f'"{cell}"' for cell in one) for one in (HEAD, *rows))
    return "\r\n".join(quoted).encode(encoding)


def collection(*features):
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(outline)}
                for outline, properties in features
            ],
        }
    ).encode()


def read(tmp_path, content, form):
    path = tmp_path / "list"
    path.write_bytes(content)
    return foreign.read(path, f"list.{form}", form)


class TestAListIsRead:
    @pytest.mark.parametrize(("form", "write"), [("xlsx", sheet), ("csv", table)])
    def test_from_tables_with_chinese_headings(self, tmp_path, form, write):
        found = read(tmp_path, write(row(outline=square(0)), row(number="GEC-1", meter="N-1")), form)
        assert not found.faults
        assert [(one.row, one.kind, one.name) for one in found.rows] == [(2, "LAND", ""), (3, "METER", "N-1")]
        assert found.rows[0].area_m2 == pytest.approx(919_000, rel=0.01)
        assert (found.rows[0].start, found.rows[0].end) == (dt.date(2020, 1, 1), dt.date(2040, 1, 1))

    def test_from_utf8_as_from_gbk(self, tmp_path):
        rows = [row(title="巴林左旗造林", meter="N-1")]
        found = [read(tmp_path, table(*rows, encoding=one), "csv") for one in ("utf-8-sig", "gb18030")]
        assert found[0].rows == found[1].rows
        assert found[0].rows[0].title == "巴林左旗造林"

    def test_from_geojson(self, tmp_path):
        content = collection((square(0), {"name": "外地造林", "start": "2020-01-01", "activities": "afforestation"}))
        found = foreign.read(_put(tmp_path, content), "list.geojson", "geojson", crs="WGS84")
        assert [(one.title, one.activities, one.end) for one in found.rows] == [("外地造林", ("afforestation",), None)]

    @pytest.mark.parametrize(
        ("changes", "reason", "given"),
        [
            ({"title": ""}, "title_missing", ""),
            ({"start": ""}, "start_missing", ""),
            ({"start": "去年"}, "day_unreadable", "去年"),
            ({"start": "2040-01-01"}, "backwards", ""),
            ({"holder": "91150402MA0000000X"}, "holder_wrong", "91150402MA0000000X"),
            ({"meter": ""}, "nothing_claimed", ""),
            ({"division": ""}, "division_missing", ""),
            ({"division": "赤峰"}, "division_wrong", "赤峰"),
            ({"plant": "1号沼气池"}, "holder_missing", ""),
        ],
    )
    def test_row_by_row_each_with_its_reason(self, tmp_path, changes, reason, given):
        found = read(tmp_path, sheet(row(meter="N-1"), row(**{"number": "B", "meter": "N-2"} | changes)), "xlsx")
        assert [one.row for one in found.rows] == [2]
        assert foreign.Fault(3, reason, given) in found.faults

    def test_outline_by_outline(self, tmp_path):
        bow = shapely.Polygon([(119, 42), (119.1, 42.1), (119.1, 42), (119, 42.1)])
        abroad = shapely.box(2, 45, 2.1, 45.1)
        rows = [row(number=str(at), outline=one) for at, one in enumerate([square(0), bow, square(1), square(0)])]
        rows += [row(number="x", outline=abroad), [*row(number="y")[:-1], "多边形"]]
        rows += [row(number="0", outline=square(0))]
        found = read(tmp_path, sheet(*rows), "xlsx")
        assert [one.row for one in found.rows] == [2, 4, 5]
        assert [(one.row, one.reason) for one in found.faults] == [
            (3, "outline_invalid"), (6, "outside_china"), (7, "outline_unreadable"), (8, "twice"),
        ]  # fmt: skip

    def test_not_without_its_headings(self, db, tmp_path):
        with world.refuses(foreign.HeadingMissing, heading="项目名称"):
            read(tmp_path, sheet(["a", "b"], head=["列一", "列二"]), "xlsx")

    def test_in_two_languages_of_reasons(self):
        told = foreign.sentences([{"row": 3, "reason": reason, "given": "x"} for reason in foreign.REASONS])
        for _row, sentence, facts in told:
            assert world.CHINESE.search(world.language.translate(sentence, "zh-hans") % facts)


def _put(folder, content):
    path = folder / "list"
    path.write_bytes(content)
    return path


@pytest.fixture
def office(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    claims.activate()
    return world.party("REG", name="注册登记机构")


@pytest.fixture
def owner(office):
    return world.party("PART", name="赤峰市农投集团")


def upload(office, content, name="vcs.xlsx"):
    person = office.initiator.membership.person
    return receiving.receive(stream=io.BytesIO(content), name=name, person=person, kind=acts.SUBJECT, at=world.NOON)


def ask(office, content, **changes):
    given_in = upload(office, content) if isinstance(content, bytes) else content
    given = {
        "mechanism": "VCS", "source": "Verra 登记簿", "as_of": dt.date(2026, 6, 1), "crs": "EPSG:4490",
        "reference": f"r{world.uscc()}",
    } | changes  # fmt: skip
    return acts.ask(upload=given_in, mandate=office.initiator, at=world.NOON, **given)


def take(office, content, **changes):
    asked = ask(office, content, **changes)
    decision = acts.confirm(asked=asked, mandate=office.confirmer, at=world.NOON)
    return ForeignList.objects.get(pk=decision.result["list"])


class TestATakenList:
    def test_is_in_the_way_of_claims_to_the_same_land_or_meter(self, office, owner):
        made = take(office, sheet(row(outline=square(0)), row(number="VCS-2", meter="N 1")))
        assert (made.counts["taken"], made.counts["refused"], made.counts["conflicts"]) == (2, 0, 0)
        land, meter = development(owner, square(0.5)), development(owner, meters=["n1"])
        with world.refuses(uniqueness.Overlaps, project="VCS-1 外地造林", mechanism="VCS"):
            claiming.claim(development=land, at=world.NOON)
        with world.refuses(uniqueness.MeteredTwice, project="VCS-2 外地造林"):
            claiming.claim(development=meter, at=world.NOON)

    def test_needs_a_second_person(self, office):
        asked = ask(office, sheet(row(outline=square(0))))
        assert not Footprint.objects.exists()
        alone = world.mandate(office.initiator.membership.person, office.organisation, "CONFIRM")
        with pytest.raises(Exception, match="cannot confirm it too"):
            acts.confirm(asked=asked, mandate=alone, at=world.NOON)
        assert list(queries.waiting([office.organisation], at=world.NOON)) == [asked]
        acts.drop(asked=asked, outcome="REJECTED", mandate=office.confirmer, reason="旧", at=world.NOON)
        assert not ForeignList.objects.exists()

    def test_is_not_refused_for_meeting_claims_here_but_shows_them(self, office, owner):
        first, beside = development(owner, square(0)), development(owner, square(2))
        for one in (first, beside):
            claiming.claim(development=one, at=world.NOON)
        edge = square(3 - METRE / STEP)
        made = take(office, sheet(row(outline=square(0.5)), row(number="VCS-2", outline=edge)))
        assert made.counts["conflicts"] == 1
        kinds = {one.mine.development_id: one.kind for one in Overlap.objects.all()}
        assert kinds == {first.pk: "CONFLICT", beside.pk: "SLIVER"}
        assert [one.mine.development for one in queries.conflicts()] == [first]

    def test_takes_the_place_of_an_earlier_one_of_its_publisher(self, office, owner):
        first = take(office, sheet(row(outline=square(0))))
        second = take(office, sheet(row(outline=square(5))))
        assert second.replaces == first
        claiming.claim(development=development(owner, square(0)), at=world.NOON)

    def test_keeps_the_rows_left_out(self, office):
        made = take(office, sheet(row(outline=square(0)), row(number="B")))
        assert made.refused == [{"row": 3, "reason": "nothing_claimed", "given": ""}]
        assert made.counts["refused"] == 1

    def test_is_none_where_no_row_can_be_taken(self, office):
        content = upload(office, sheet(row(number="B")))
        with world.refuses(acts.NothingTaken, rows=1, file="vcs.xlsx"):
            ask(office, content)

    def test_says_whose_it_is_and_of_which_day(self, office, owner):
        content = upload(office, sheet(row(outline=square(0))))
        for changes in ({"mechanism": "X"}, {"source": " "}, {"as_of": dt.date(2027, 1, 1)}):
            with world.refuses(acts.NotForeign):
                ask(office, content, **changes)
        with world.refuses(acts.NotTheirOffice, organisation="赤峰市农投集团"):
            ask(owner, content)


class TestThePages:
    def test_walk_a_list_from_its_file_to_its_conflicts(self, office, owner, client):
        claiming.claim(development=development(owner, square(0)), at=world.NOON)
        world.sign_in(client, office.initiator.membership.person)
        file = io.BytesIO(sheet(row(outline=square(0.5)), row(number="B")))
        file.name = "vcs.xlsx"
        given = {"reference": "r1", "mechanism": "VCS", "source": "Verra", "as_of": "2026-06-01", "crs": "EPSG:4490"}
        answer = client.post(reverse("projects:foreign_take"), given | {"list_file": file})
        assert answer.status_code == 302, answer.content.decode()
        page = client.get(answer["Location"])
        assert "该行没有土地边界、计量表或设施。" in page.content.decode()
        world.sign_in(client, office.confirmer.membership.person)
        done = client.post(answer["Location"], {"do": "confirm"}, follow=True)
        assert "VCS-1 外地造林" in done.content.decode()
        assert "退化林地造林" in client.get(reverse("projects:foreign_lists")).content.decode()

    def test_are_not_for_owners(self, owner, client):
        world.sign_in(client, owner.initiator.membership.person)
        for name in ("foreign_lists", "foreign_take"):
            assert client.get(reverse(f"projects:{name}")).status_code == 404

    def test_look_at_a_file_without_keeping_anything(self, office, owner, client):
        first = development(owner, square(0))
        claiming.claim(development=first, at=world.NOON)
        stranger = world.party("PART")
        world.sign_in(client, stranger.initiator.membership.person)
        before = Footprint.objects.count()
        for outline, told in ((square(0.5), "不可申报"), (square(1), "可以申报")):
            file = io.BytesIO(collection((outline, {"name": "a"})))
            file.name = "a.geojson"
            given = {"outlines_file": file, "crs": "WGS84", "since": "2030-01-01", "until": "2031-12-31"}
            page = client.post(reverse("projects:uniqueness"), given).content.decode()
            assert told in page
        assert Footprint.objects.count() == before

    def test_look_at_ones_own_project_and_no_others(self, office, owner, client):
        first, second = development(owner, square(0)), development(owner, square(0.5))
        claiming.claim(development=first, at=world.NOON)
        world.sign_in(client, owner.initiator.membership.person)
        page = client.post(reverse("projects:uniqueness"), {"development": second.pk})
        assert str(first) in page.content.decode()
        world.sign_in(client, world.party("PART").initiator.membership.person)
        assert client.post(reverse("projects:uniqueness"), {"development": second.pk}).status_code == 422
