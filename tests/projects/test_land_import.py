"""Taking surveys over: every format, every coordinate system, every fault said row by row, nothing half-stored."""

import io
import zipfile

import pyproj
import pytest
import shapely
from tests import world
from tests.projects import surveying
from tests.projects.surveying import squares

from tanhui.files import inspection
from tanhui.files.acts import filing
from tanhui.files.models import Document
from tanhui.kernel.refusal import Refusal
from tanhui.projects import placing, shapes
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
        assert (version.parcel.code, version.species, version.holder) == ("150404-150404102203-00001", "油松", "张三")
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
