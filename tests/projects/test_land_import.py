"""Taking surveys over: every format, every coordinate system, every fault said row by row, nothing half-stored."""

import io
import struct
import zipfile

import pyproj
import pytest
import shapely
import xlsxwriter
from tests import world
from tests.projects import surveying
from tests.projects.surveying import squares

from tanhui.files.acts import filing
from tanhui.files.models import Document
from tanhui.kernel.refusal import Refusal
from tanhui.notices import waiting
from tanhui.projects import checking, placing, shapes
from tanhui.projects.acts import land
from tanhui.projects.models import Parcel, ParcelVersion, Survey
from tanhui.projects.queries import land as lands


@pytest.fixture
def company(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return surveying.Company()


def rules_of(survey):
    return [one[3] for one in survey.report]


class TestASurvey:
    def test_in_gbk_is_read_as_was_answered_and_stored(self, company):
        taken = company.take(surveying.shape(squares(30)))
        assert taken.state == "TAKEN", taken.refusal
        assert taken.counts["system"].endswith("(EPSG:4528)")
        version = ParcelVersion.objects.select_related("parcel").earliest("row")
        assert (version.parcel.code, version.species, version.holder) == ("150404102203-00001", "油松", "张三")
        assert (version.ecosystem, version.age, version.surveyed_area_m2) == ("forest", 12, 40_000)
        assert version.area_m2 == pytest.approx(40_000, abs=60)
        assert version.area_m2 == shapes.area_m2(shapes.geometry(version.geometry))
        assert 118 < version.box.west < version.box.east < 119.5
        company.source.refresh_from_db()
        assert company.source.mapping["columns"]["species"] == ["you_shi_sz"]

    @pytest.mark.parametrize("form", ["gpkg", "geojson", "wkt", "corners", "north_first"])
    def test_comes_in_every_format(self, company, form, tmp_path):
        rows = list(squares(4))
        corners = lambda one: "；".join(f"{x:.3f}，{y:.3f}" for x, y in one.exterior.coords)  # noqa: E731
        exchanged = lambda one: "; ".join(f"{y:.3f},{x:.3f}" for x, y in one.exterior.coords)  # noqa: E731
        content, name, crs = {
            "gpkg": lambda: (surveying.geopackage(rows, tmp_path / "one.gpkg"), "小班.gpkg", ""),
            "geojson": lambda: (surveying.geojson(rows), "小班.geojson", placing.DEGREES),
            "wkt": lambda: (surveying.workbook(rows), "小班.xlsx", surveying.ZONE_40),
            "corners": lambda: (surveying.workbook(rows, "坐标", corners), "小班.xlsx", surveying.ZONE_40),
            "north_first": lambda: (surveying.workbook(rows, "坐标", exchanged), "小班.xlsx", surveying.ZONE_40),
        }[form]()
        taken = company.take(content, name, crs=crs)
        assert taken.state == "TAKEN", (taken.refusal, taken.report)
        assert taken.counts["area_m2"] == pytest.approx(160_000, abs=250)
        assert ("axes_exchanged" in taken.counts["placed"]) == (form == "north_first")


class TestAWorkbook:
    """As people in counties keep them: a title above, cells merged over rows, notes on a sheet of their own."""

    def book(self, fill, *, text=lambda outline: surveying.degrees(outline).wkt):
        rows, content = list(squares(4)), io.BytesIO()
        head = [*rows[0][1], "坐标"]
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            fill(book, head, [[*values.values(), text(outline)] for outline, values in rows])
        return content.getvalue()

    def take(self, company, content):
        taken = company.take(content, "台账.xlsx", crs=placing.DEGREES)
        assert taken.state == "TAKEN", (taken.refusal, taken.report)
        return taken, list(ParcelVersion.objects.order_by("row"))

    def test_may_have_a_title_and_notes(self, company):
        def fill(book, head, rows):
            book.add_worksheet("填表说明").write(0, 0, "单位：公顷")
            sheet = book.add_worksheet("小班")
            sheet.merge_range(0, 0, 0, len(head) - 1, "松山区小班调查表")
            for number, row in enumerate([head, *rows], 1):
                sheet.write_row(number, 0, row)

        _taken, found = self.take(company, self.book(fill))
        assert [one.row for one in found] == [3, 4, 5, 6]
        assert found[0].surveyed_area_m2 == 40_000

    def test_says_the_same_in_every_row_of_a_merged_cell(self, company):
        def fill(book, head, rows):
            sheet = book.add_worksheet()
            for number, row in enumerate([head, *rows]):
                sheet.write_row(number, 0, row)
            for name, said in (("cun", "150404102203"), ("you_shi_sz", "樟子松")):
                sheet.merge_range(1, head.index(name), 3, head.index(name), said)

        _taken, found = self.take(company, self.book(fill))
        assert [one.parcel.code for one in found] == [f"150404102203-0000{number}" for number in (1, 2, 3, 4)]
        assert [one.species for one in found] == ["樟子松"] * 3 + ["油松"]

    def test_may_have_headings_in_two_rows_and_one_twice(self, company):
        def fill(book, head, rows):
            sheet = book.add_worksheet()
            for place, name in enumerate([*head, "xbmj"]):
                sheet.merge_range(0, place, 1, place, name)
            for number, row in enumerate(rows, 2):
                sheet.write_row(number, 0, [*row, 99.0])

        _taken, found = self.take(company, self.book(fill))
        assert [one.surveyed_area_m2 for one in found] == [40_000] * 4
        assert found[0].attributes["xbmj (2)"] == 99

    def test_may_have_coordinates_as_a_spreadsheet_shortens_them(self, company):
        def fill(book, head, rows):
            for number, row in enumerate([head, *rows]):
                (book.get_worksheet_by_name("Sheet1") or book.add_worksheet()).write_row(number, 0, row)

        def text(outline):
            return ";".join(f"{x:.9e},{y:.9e}" for x, y in surveying.degrees(outline).exterior.coords)

        taken, _found = self.take(company, self.book(fill, text=text))
        assert taken.counts["area_m2"] == pytest.approx(160_000, abs=250)


class TestAFile:
    """Whatever is wrong with the file as such is a refusal that says what to do, and nothing is kept of it."""

    def refused(self, company, content, name="小班.zip", **how):
        with pytest.raises(Refusal) as refusal:
            company.ask(content, name, **how)
        assert not Survey.objects.exists()
        assert not Document.objects.exists()
        assert refusal.value.clause
        return refusal.value.code

    def test_that_does_not_say_its_system_is_asked_about(self, company):
        rows = list(squares(3))
        assert self.refused(company, surveying.shape(rows, crs="")) == "projects.system_unsaid"
        assert company.take(surveying.shape(rows, crs=""), crs=surveying.ZONE_40).counts["placed"] == [
            "system_declared"
        ]

    @pytest.mark.parametrize(
        ("epsg", "declared", "code"),
        [
            ("EPSG:4326", "", "projects.system_undeclared"),
            ("EPSG:4326", "GCJ02", "projects.system_shifted"),
            ("EPSG:4326", "BD09", "projects.system_shifted"),
            ("EPSG:2364", "", "projects.system_outdated"),  # Xian 1980, 3° zone 40
            ("EPSG:4528", "EPSG:4529", "projects.system_contradicted"),
        ],
    )
    def test_in_another_system_is_refused(self, company, epsg, declared, code):
        change = pyproj.Transformer.from_crs(surveying.ZONE_40, "EPSG:4490", always_xy=True)
        rows = [
            (shapely.transform(one, change.transform, interleaved=False) if epsg == "EPSG:4326" else one, values)
            for one, values in squares(3)
        ]
        assert self.refused(company, surveying.shape(rows, crs=epsg), crs=declared) == code

    def test_in_wgs_84_is_taken_when_that_is_declared_and_noted(self, company):
        rows = [(surveying.degrees(one), values) for one, values in squares(3)]
        taken = company.take(surveying.shape(rows, crs="EPSG:4326"), crs=placing.WGS84)
        assert (taken.state, taken.counts["placed"]) == ("TAKEN", ["taken_as_cgcs2000"])

    def test_of_another_zone_than_was_declared_is_refused(self, company):
        rows = [(shapely.transform(one, lambda xy: xy - [39_900_000, 0]), values) for one, values in squares(3)]
        content = surveying.shape(rows, crs="")
        assert self.refused(company, content, crs=surveying.ZONE_40) == "projects.outside_zone"
        assert company.take(content, crs="EPSG:4549").state == "TAKEN"  # the central meridian 120° E

    def test_recognised_by_the_zone_in_its_easting_is_offered_that_zone(self):
        assert placing.guess(40_412_000, 4_672_000) == "EPSG:4528"
        assert placing.guess(20_600_000, 4_672_000) == "EPSG:4498"
        assert placing.guess(118.9, 42.2) == "EPSG:4490"
        assert placing.guess(412_000, 4_672_000) == ""

    def test_whose_attributes_are_fewer_than_its_outlines_is_refused(self, company):
        """Readers take the smaller number, and the last parcels would be lost without a word."""
        content, changed = surveying.shape(squares(6)), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(changed, "w") as archive:
            for one in whole.namelist():
                part = whole.read(one)
                archive.writestr(one, part[:4] + struct.pack("<I", 4) + part[8:] if one.endswith("dbf") else part)
        with pytest.raises(Refusal) as refusal:
            company.upload(changed.getvalue())
        assert (refusal.value.code, refusal.value.facts["missing"]) == ("files.shape_incomplete", ".dbf (4 ≠ 6)")

    @pytest.mark.parametrize("text", ["118°54′00″E 42°12′00″N", "见附图", "POLYGON ((118 42))", "东至沟，西至路"])
    def test_whose_outlines_no_program_reads_is_refused_with_how_to_write_them(self, company, text):
        content = surveying.workbook(squares(3), "坐标", lambda outline: text)
        for declared in ("", placing.DEGREES):
            assert self.refused(company, content, "台账.xlsx", crs=declared) == "projects.no_outlines"

    def test_whose_upload_broke_off_is_not_taken(self, company):
        from tanhui.files.models import Upload

        whole = company.upload(surveying.shape(squares(3)))
        Upload.objects.filter(pk=whole.pk).update(state="RECEIVING", received_bytes=100)
        whole.refresh_from_db()
        with pytest.raises(filing.UploadUnfinished):
            land.ask(
                source=company.source, upload=whole, year=2024, mapping={"columns": {}, "numbered": True}, crs="",
                mandate=company.party.initiator, at=surveying.AT,
            )  # fmt: skip
        assert not Survey.objects.exists()

    def test_that_swells_when_unpacked_is_refused_before_anything_reads_it(self, company):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in ("shp", "shx"):
                archive.writestr(f"小班.{suffix}", b"")
            with archive.open("小班.dbf", "w") as part:
                for _ in range(301):
                    part.write(bytes(1 << 20))
        with pytest.raises(Refusal) as refusal:
            company.upload(content.getvalue())
        assert refusal.value.code.startswith("files.")
        assert not Survey.objects.exists()

    def test_without_a_column_of_numbers_is_asked_for_one(self, company):
        content = surveying.shape(squares(3))
        mapping = {"columns": {"species": ["you_shi_sz"]}, "numbered": False}
        assert self.refused(company, content, mapping=mapping) == "projects.code_unmapped"
        mapping = {"columns": {"code": ["不存在"]}, "numbered": False}
        assert self.refused(company, content, mapping=mapping) == "projects.column_missing"


class TestARow:
    def test_with_a_fault_keeps_the_whole_survey_out_until_somebody_leaves_it_out(self, company):
        rows = [(one, dict(values)) for one, values in squares(14)]
        ring = list(rows[0][0].exterior.coords)
        rows[0] = (shapely.Polygon([ring[0], ring[2], ring[1], ring[3]]), rows[0][1])  # crosses itself
        rows[1][1]["xiao_ban"] = rows[2][1]["xiao_ban"]
        rows[3][1]["cun"] = "330682101202"  # 上虞市, 上虞区 since
        rows[4][1]["cun"] = "999999101202"
        rows[5][1]["pingjun_nl"] = 4600
        rows[6] = (rows[7][0], rows[6][1])
        rows[8] = (None, rows[8][1])
        rows[9][1]["qlr"] = "䶮" * 40  # forty characters no common font has
        rows[10][1]["xbmj"] = 4.5
        apart = shapely.box(40_420_000, 4_680_000, 40_420_200, 4_680_200)
        rows[11] = (shapely.MultiPolygon([rows[11][0], apart]), rows[11][1] | {"xbmj": 8.0})
        rows[12] = (shapely.box(40_430_000, 4_680_000, 40_430_005, 4_680_009), rows[12][1] | {"xbmj": 0.0045})
        survey = company.take(surveying.shape(rows, encoding="utf-8", cpg=True))

        assert survey.state == "FAULTY"
        assert not Parcel.objects.exists()
        assert not ParcelVersion.objects.exists()
        by_row = {}
        for row, _code, field, rule, facts in survey.report:
            by_row.setdefault(row, []).append((field, rule, facts))
        rules = {row: {rule for _field, rule, _facts in found} for row, found in by_row.items()}
        assert "outline_broken" in rules[1]
        assert rules[3] >= {"code_twice"}
        assert rules[4] == {"division_ended"}
        assert by_row[4][0][2]["successors"] == "330604 上虞区"
        assert rules[5] == {"division_unknown"}
        assert rules[6] == {"out_of_bounds"}
        assert rules[8] == {"outline_twice"}
        assert rules[9] == {"outline_missing"}
        assert 10 not in rules
        assert rules[11] == {"area_differs"}
        assert "parts" in rules[12]
        assert "sliver" in rules[13]
        assert survey.counts["left_out"] == 7

        land.take_good(survey=survey, mandate=company.party.initiator, at=surveying.AT)
        taken = land.carry_out(key=survey.pk, at=surveying.AT, told=lambda: surveying.AT)
        assert (taken.state, taken.partial, ParcelVersion.objects.count()) == ("TAKEN", True, 7)
        assert ParcelVersion.objects.get(row=10).holder == "䶮" * 40
        assert not ParcelVersion.objects.filter(row__in=[1, 3, 4, 5, 6, 8, 9]).exists()
        assert "outline_broken" in rules_of(taken)  # what was left out stays on record

    def test_of_nothing_but_faults_leaves_nothing_to_take(self, company):
        rows = [(None, values) for _one, values in squares(2)]
        survey = company.take(surveying.geojson_of_nothing(rows), "小班.geojson", crs=placing.DEGREES)
        assert survey.state == "FAULTY"
        with pytest.raises(land.NothingGood):
            land.take_good(survey=survey, mandate=company.party.initiator, at=surveying.AT)


class TestOverlaps:
    """Ground in two rows of one survey, by the tolerance of the rule pack: a fault of the later row, or a sliver."""

    def test_beyond_the_tolerance_keep_the_later_row_out_and_narrower_ones_are_noted(self, company):
        rows = list(squares(6))
        wide, narrow = rows[1][0], rows[4][0]  # each begins where its neighbour to the west ends
        rows[1] = (shapely.union(wide, shapely.box(*moved(wide, west=-50))), rows[1][1])
        rows[4] = (shapely.union(narrow, shapely.box(*moved(narrow, west=-1))), rows[4][1])
        survey = company.take(surveying.shape(rows))
        assert survey.state == "FAULTY"
        found = {row: (rule, facts) for row, _code, _field, rule, facts in survey.report if "overlap" in rule}
        assert {row: rule for row, (rule, _facts) in found.items()} == {2: "overlaps", 5: "overlap_sliver"}
        facts = found[2][1]
        assert facts["other"] == 1
        assert float(facts["area"]) == pytest.approx(50 * 200, rel=0.01)
        assert float(facts["width"]) == pytest.approx(2 * 50 * 200 / 500, rel=0.01)  # area × 2 ÷ perimeter
        assert float(found[5][1]["area"]) == pytest.approx(200, rel=0.02)

        (task,) = [one for one in waiting.tasks(company.person, at=surveying.AT) if str(survey.pk) in one.url]
        assert "1" in task.title
        land.take_good(survey=survey, mandate=company.party.initiator, at=surveying.AT)
        taken = land.carry_out(key=survey.pk, at=surveying.AT, told=lambda: surveying.AT)
        assert not [one for one in waiting.tasks(company.person, at=surveying.AT) if str(survey.pk) in one.url]
        assert sorted(taken.versions.values_list("row", flat=True)) == [1, 3, 4, 5, 6]
        assert taken.counts["findings"]["overlap_sliver"] == 1

    def test_of_one_outline_given_twice_are_said_once(self, company):
        rows = list(squares(3))
        rows[2] = (rows[0][0], rows[2][1])
        survey = company.take(surveying.shape(rows))
        assert rules_of(survey) == ["outline_twice"]


def moved(outline, *, west):
    x, y, right, top = outline.bounds
    return x + west, y, right, top


class TestTheYears:
    def test_keep_a_parcel_by_its_number_and_every_version(self, company):
        rows = list(squares(5))
        before = company.take(surveying.shape(rows), year=2020)
        rows[0] = (rows[0][0].buffer(-10), rows[0][1] | {"di_lei": "171"})
        after = company.take(surveying.shape(rows), year=2024)
        assert Parcel.objects.count() == 5
        parcel = Parcel.objects.get(code__endswith="00001")
        assert lands.version(parcel).survey == after
        assert lands.version(parcel, 2022).survey == before
        assert [one.year for one in lands.history(parcel)] == [2024, 2020]
        assert lands.version(parcel, 2019) is None

    def test_of_one_year_are_replaced_by_a_later_survey_and_withdrawn_with_a_reason(self, company):
        first = company.take(surveying.shape(squares(5)))
        second = company.take(surveying.shape(squares(4)))
        first.refresh_from_db()
        assert (first.state, second.state) == ("SUPERSEDED", "TAKEN")
        with pytest.raises(land.ReasonUnsaid):
            land.withdraw(survey=second, reason=" ", mandate=company.party.initiator, at=surveying.AT)
        land.withdraw(survey=second, reason="坐标有误", mandate=company.party.initiator, at=surveying.AT)
        assert lands.version(Parcel.objects.first()) is None
        with pytest.raises(land.SurveyMoved):
            land.withdraw(survey=second, reason="再次", mandate=company.party.initiator, at=surveying.AT)

    def test_one_import_runs_at_a_time_and_done_twice_is_done_once(self, company):
        asked = company.ask(surveying.shape(squares(3)))
        with pytest.raises(land.ImportRunning):
            company.ask(surveying.shape(squares(3)))
        assert Document.objects.count() == 1
        for _ in range(2):
            land.carry_out(key=asked.pk, at=surveying.AT, told=lambda: surveying.AT)
        assert ParcelVersion.objects.count() == 3

    def test_checked_by_two_at_once_are_stored_by_the_first_and_found_done_by_the_second(self, company):
        asked = company.ask(surveying.shape(squares(3)))
        slow = Survey.objects.select_related("source__organisation").get(pk=asked.pk)
        sheet, placed = land.opened(slow)  # the second has read it, and then
        limits = land.limits(surveying.AT.date())
        found = checking.check(sheet, placed, slow.mapping, year=slow.year, kind=slow.source.kind, limits=limits)
        first = land.carry_out(key=asked.pk, at=surveying.AT, told=lambda: surveying.AT)
        for late in (
            land.stored(slow, found, land.summary(found, placed), surveying.AT),
            land.refused(slow, land.NothingGood(), surveying.AT),
        ):
            assert (late.state, late.entry) == ("TAKEN", first.entry)
        asked.refresh_from_db()
        assert (asked.state, asked.refusal, ParcelVersion.objects.count()) == ("TAKEN", None, 3)

    def test_a_stranger_signs_for_nothing(self, company):
        stranger = world.party("OWN")
        survey = company.take(surveying.shape(squares(2)))
        with pytest.raises(land.NotCompetent):
            land.withdraw(survey=survey, reason="无", mandate=stranger.initiator, at=surveying.AT)
        assert not lands.sources(stranger.initiator.membership.person, at=surveying.AT).exists()


class TestRealParcels:
    """Forest stands of Ontario: twenty multiparts, slivers, no .cpg and a WKT without EPSG code."""

    def archive(self, shared):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in (shared / "data" / "parcels" / "sgsr_ontario").glob("inventory_polygons.*"):
                archive.write(part, part.name)
        return content.getvalue()

    def test_are_taken_as_declared_but_for_a_sliver_with_no_area(self, company, shared):
        content = self.archive(shared)
        with pytest.raises(placing.SystemUndeclared, match="UTM_Zone_17"):
            company.ask(content, "stands.zip")
        how = {"columns": {"land_class": ["POLYTYPE"]}, "unit": "m2", "numbered": True, "division": "150404"}
        taken = company.take(content, "stands.zip", crs=placing.WGS84, mapping=how)
        assert (taken.state, rules_of(taken).count("outline_small")) == ("FAULTY", 1)  # of a third of a square metre
        land.take_good(survey=taken, mandate=company.party.initiator, at=surveying.AT)
        taken = land.carry_out(key=taken.pk, at=surveying.AT, told=lambda: surveying.AT)
        assert (taken.state, ParcelVersion.objects.count()) == ("TAKEN", 631)
        found = taken.counts["findings"]
        assert (taken.counts["rows"], found["parts"], found["outside_china"]) == (632, 20, 632)
        assert found["sliver"] >= 1
        stands = ParcelVersion.objects.filter(land_class="FOR")
        assert set(stands.values_list("ecosystem", flat=True)) == {"forest"}
        assert taken.counts["area_m2"] == sum(ParcelVersion.objects.values_list("area_m2", flat=True))

    def test_of_the_azores_come_from_a_geopackage(self, company, shared):
        content = (shared / "data" / "parcels" / "azores" / "concelhos.gpkg").read_bytes()
        how = {"columns": {}, "numbered": True, "division": "150404", "unit": "m2"}
        taken = company.take(content, "concelhos.gpkg", crs=placing.WGS84, mapping=how)
        assert (taken.state, taken.counts["rows"]) == ("TAKEN", 6), (taken.refusal, taken.report[:3])
        assert 7e8 < taken.counts["area_m2"] < 7.8e8  # São Miguel has some 745 km²
