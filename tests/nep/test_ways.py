"""A run by another method of a norm than NPP − Rh: by a ratio to NPP, by rates, by biomass at two surveys."""

import csv
import json

import numpy as np
import pypdf
import pytest
import rasterio
from tests.nep import builders

from tanhui.nep import (
    atlas,
    catalogue,
    drawing,
    facts,
    geopackage,
    maps,
    methodology,
    norms,
    page,
    plan,
    refusals,
    report,
    run,
    statistics,
    store,
    workbook,
)
from tanhui.nep.norms import Measured, Surveys
from tanhui.ui import glyphs

NORM = "GB/T 46869-2025"
HEAD = "norm,quantity,version,unit,type,region,value,beta,source,grade\n"
TABLES = {
    "nep_ratio": "".join(
        f"{NORM},alpha,2026-01,1,{kind},,{value},,keyed in for a test,{grade}\n"
        for kind, value, grade in (("forest", 0.35, "A"), ("crop", 0.12, "A"), ("wetland", -0.05, "C"))
    ),
    "rate": "".join(
        f"{NORM},rate,2026-01,tC ha-1 a-1,{kind},{region},{value},{beta},keyed in for a test,A\n"
        for kind, region, value, beta in (
            ("forest", "", 1.2, 0.5),
            ("forest", "330000", 1.5, 0.4),
            ("crop", "", 0.6, ""),
            ("water", "", 0.3, ""),
        )
    ),
    "biomass": "".join(
        f"{NORM},carbon_fraction,2026-01,1,{kind},,{value},,keyed in for a test,A\n"
        for kind, value in (("forest", 0.5), ("crop", 0.45), ("wetland", 0.47))
    ),
}
SURVEYS = """
[layers.biomass_before]
path = "biomass-2018.tif"
source = "made up for tests"

[layers.biomass_after]
path = "biomass-2023.tif"
source = "made up for tests"
"""
METHOD = """[norm]
id = "{norm}"
method = "{way}"
tables = "tables-{way}"
region = "330604"
{more}
[layers.npp]"""


def prepared(place, *, years=(2023,)):
    """The data of the small plan with tables and biomass beside it."""
    data = builders.small_data(place / "data", years=years)
    towns = builders.towns(margin=0.0137)  # its borders cut cells
    (data / "towns.geojson").write_text(json.dumps(towns, ensure_ascii=False), "utf-8")
    for way, text in TABLES.items():
        (data / f"tables-{way}").mkdir()
        (data / f"tables-{way}" / "table.csv").write_text(HEAD + text, "utf-8")
    noise = np.random.default_rng(7).normal(0, 5, (builders.ROWS, builders.COLUMNS))
    for year, mean in ((2018, 80), (2023, 95)):
        values = (mean + noise * (year - 2016)).clip(0, 300).astype("float32")
        values[0, :5] = -9999
        builders.save(data / f"biomass-{year}.tif", values, unit="t/ha", nodata=-9999)
    return data


def asked(data, way, *, more="", years=(2023,)):
    text = METHOD.format(norm=NORM, way=way, more=more)
    layers = SURVEYS if way == "biomass" else ""
    return builders.small_plan(data, {"[layers.npp]": text, "[[zones]]": layers + "[[zones]]"}, years=years)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("ways"))


@pytest.fixture(scope="module")
def found(data, tmp_path_factory):
    """A finished run by each way, with its statistics."""
    made = {}
    for way, more in (("nep_ratio", ""), ("rate", ""), ("biomass", "span = 5")):
        folder = tmp_path_factory.mktemp(way) / "run"
        run.prepare(asked(data, way, more=more), folder)
        run.carry_out(folder, workers=1)
        made[way] = folder, statistics.compute(folder)
    return made


def selection(data, way):
    return norms.select(way, NORM, tables=norms.shelf(data / f"tables-{way}"))


def tonnes_of(row):
    return row.nep_kg_c / 1000


class TestRunByARatio:
    def test_gives_the_norms_tonnes_of_carbon(self, data, found):
        chosen, told = selection(data, "nep_ratio"), found["nep_ratio"][1]
        for kind in ("forest", "crop", "wetland"):
            row = told.row(2023, type=kind)
            grown = Measured(np.array([row.npp_kg_c / row.computed_m2 * 1000 * 162 / 72]), "gDM m-2 a-1")
            by_norm = chosen.tonnes_carbon([kind], [row.computed_m2], region="330604", production=grown)
            assert tonnes_of(row) == pytest.approx(float(by_norm[0]), rel=1e-5)
            assert row.rule == "nep_ratio"

    def test_reads_no_weather(self, found):
        inputs = json.loads((found["nep_ratio"][0] / "record.json").read_text())["inputs"]
        assert sorted(inputs) == ["inputs/2023/npp.tif", "inputs/landcover.tif"]

    def test_errs_by_its_ratio_and_by_the_npp_it_is_of(self, found):
        row = found["nep_ratio"][1].row(2023, type="forest")
        share = row.sigma_kg_co2["npp_model"] / row.nep_kg_co2
        assert share == pytest.approx(np.hypot(0.2, 0.5), rel=1e-3)
        assert row.sigma_kg_co2["rh_model"] == row.sigma_kg_co2["weather"] == 0


class TestRunByRates:
    def test_gives_the_norms_tonnes_of_carbon_of_its_region(self, data, found):
        chosen, told = selection(data, "rate"), found["rate"][1]
        for kind in ("forest", "crop", "water"):
            row = told.row(2023, type=kind)
            by_norm = chosen.tonnes_carbon([kind], [row.area_m2], region="330604")
            assert tonnes_of(row) == pytest.approx(float(by_norm[0]), rel=1e-6)
            assert (row.rule, row.npp_kg_c, row.rh_kg_c) == ("rate", 0, 0)

    def test_leaves_a_type_without_a_rate_empty_and_says_so(self, found):
        folder, told = found["rate"]
        wetland = told.row(2023, type="wetland")
        assert wetland.area_m2 > 0
        assert (wetland.cells, wetland.coverage, wetland.nep_kg_co2) == (0, 0, 0)
        assert told.row(2023).coverage < 1
        assert "wetland" in json.loads((folder / "record.json").read_text())["way"]["without"]

    def test_needs_land_cover_alone_and_writes_no_layer_of_production(self, found):
        folder = found["rate"][0]
        assert {path.name for path in (folder / "layers" / "2023").glob("*.tif")} == {
            "nep.tif", "flags.tif", "landcover.tif",
        }  # fmt: skip
        with rasterio.open(folder / "layers" / "2023" / "nep.tif") as layer:
            cells = store.unpack(layer.read(1), store.QUANTITIES["nep"])
        assert sorted(set(np.unique(cells[~np.isnan(cells)]).round(1).tolist())) == [30.0, 60.0, 210.0]

    def test_errs_by_half_of_each_rate(self, found):
        row = found["rate"][1].row(2023, type="forest")
        assert row.sigma_kg_co2["npp_model"] == pytest.approx(row.nep_kg_co2 / 2, rel=1e-3)
        assert row.lower_kg_co2 < row.nep_kg_co2 < row.upper_kg_co2


class TestRunByBiomass:
    def test_gives_the_norms_tonnes_of_carbon(self, data, found):
        chosen, (folder, told) = selection(data, "biomass"), found["biomass"]
        with rasterio.open(folder / "inputs" / "biomass_before.tif") as file:
            before = store.unpack(file.read(1), store.QUANTITIES["biomass_before"])
        with rasterio.open(folder / "inputs" / "biomass_after.tif") as file:
            after = store.unpack(file.read(1), store.QUANTITIES["biomass_after"])
        record = run.read_record(folder)
        grid = run.grid_of(record)
        areas = np.concatenate([np.broadcast_to(grid.areas_m2(one), (one.height, one.width)) for one in grid.windows()])
        with rasterio.open(folder / "layers" / "2023" / "landcover.tif") as file:
            cover = file.read(1)
        for kind, code in (("forest", 1), ("crop", 5), ("wetland", 4)):
            here = (cover == code) & ~np.isnan(before) & ~np.isnan(after)
            surveys = Surveys(before[here], after[here], 5)
            by_norm = chosen.tonnes_carbon([kind] * int(here.sum()), areas[here], biomass=surveys)
            row = told.row(2023, type=kind)
            assert tonnes_of(row) == pytest.approx(float(by_norm.sum()), rel=1e-5)
            assert row.rule == "biomass"

    def test_errs_by_each_survey(self, found):
        """A small difference of two large numbers: a fifth of each is far more than a fifth of what lies between."""
        row = found["biomass"][1].row(2023, type="forest")
        assert row.sigma_kg_co2["npp_model"] > 1.5 * abs(row.nep_kg_co2)

    def test_wants_the_years_between_the_surveys(self, data):
        with pytest.raises(refusals.PlanKeyMissing, match=r"norm\.span"):
            asked(data, "biomass")

    def test_takes_no_carbon_for_biomass(self, data, tmp_path):
        text = asked(data, "biomass", more="span = 5").text.replace(
            'path = "biomass-2018.tif"', 'path = "biomass-2018.tif"\nunit = "tC ha-1"'
        )
        with pytest.raises(refusals.UnitUnclear, match="tC ha-1"):
            run.prepare(plan.parse(text, base=data), tmp_path / "run")


@pytest.fixture(scope="module")
def papers(found):
    """What the report of each way says, and the rows of its workbook's table."""
    said = {}
    for way, (folder, _) in found.items():
        report.write(folder, fonts=glyphs.folders(), kinds=("report", "bulletin", "special"))
        atlas.write(folder, fonts=glyphs.folders())
        workbook.write(folder)
        geopackage.write(folder)
        catalogue.write(folder)
        page.write(folder)
        pages = pypdf.PdfReader(folder / "archive" / "report.pdf").pages
        said[way] = "".join("".join(page.extract_text() for page in pages).split())
    return said


class TestPapersOfAnotherWay:
    @pytest.mark.parametrize("way", ["nep_ratio", "rate", "biomass"])
    def test_name_norm_table_hash_and_source_and_never_a_model_of_respiration(self, found, papers, way):
        text, told = papers[way], run.read_record(found[way][0])["way"]
        for wanted in (methodology.FORMULAS[way], NORM, "系数表2026-01版", told["sha256"], "keyedinforatest"):
            assert "".join(wanted.split()) in text, wanted
        for never in ("裴志永", "NEP=NPP−Rh。", "个异养呼吸模型", "Raich"):
            assert never not in text, never

    def test_name_the_types_without_a_coefficient(self, papers):
        assert "系数表中没有湿地的系数" in papers["rate"]
        assert "系数表中没有湿地的系数" not in papers["biomass"]

    def test_draw_what_there_is(self, found, papers):
        drawn = json.loads((found["rate"][0] / "archive/atlas/index.json").read_text())["maps"]
        names = {one["name"] for one in drawn}
        assert {"2023-nep", "2023-nep-forest", "2023-interval", "2023-flags"} <= names
        assert "2023-nep-wetland" not in names
        assert drawn[0]["title_zh"] == "2023年单位面积固碳量分布图"

    @pytest.mark.parametrize("way", ["rate", "biomass"])
    def test_leave_npp_and_respiration_empty(self, found, papers, way):
        text = (found[way][0] / "archive/statistics.csv").read_text("utf-8-sig")
        lines = list(csv.DictReader(text.splitlines()))
        assert {(one["NPP（千克碳/年）"], one["异养呼吸 Rh（千克碳/年）"]) for one in lines} == {("", "")}
        assert {one["核算方法"] for one in lines if one["类型"] == "forest"} == {methodology.SHORT[way]}

    def test_of_biomass_err_by_what_stood(self, found, papers):
        """The map of the interval's width and the row agree on what the surveys' errors come to."""
        folder, told = found["biomass"]
        known = facts.read(folder)
        seen = drawing.view(*known.size, most=max(known.size))
        sigma = maps.SIGMA["biomass"](known, 2023, seen)
        cover = drawing.codes(known.layer(2023, "landcover"), seen)
        with rasterio.open(known.layer(2023, "nep")) as layer:
            there = ~np.isnan(store.unpack(layer.read(1), store.QUANTITIES["nep"])) & (cover == 1)
        row = told.row(2023, type="forest")
        mean = row.sigma_kg_co2["npp_model"] / (44 / 12) / row.computed_m2 * 1000
        assert float(sigma[there].mean()) == pytest.approx(mean, rel=0.02)

    @pytest.mark.parametrize("way", ["nep_ratio", "rate", "biomass"])
    def test_say_the_same_on_the_public_page(self, found, papers, way):
        said = (found[way][0] / "archive/index.html").read_text("utf-8")
        assert methodology.FORMULAS[way] in said
        assert run.read_record(found[way][0])["way"]["sha256"] in said
        assert "裴志永" not in said

    def test_tell_the_catalogue_which_table(self, found, papers):
        told = json.loads((found["nep_ratio"][0] / "archive/stac/collection.json").read_text())
        assert told["tanhui:way"]["version"] == "2026-01"


class TestAnyWay:
    @pytest.mark.parametrize("way", ["nep_ratio", "rate", "biomass"])
    def test_has_zones_that_add_up_to_the_whole(self, found, way):
        told = found[way][1]
        for kind in ("all", "forest", "crop"):
            whole = told.row(2023, type=kind)
            zones = told.of(2023, "town", kind)
            assert sum(one.nep_kg_co2 for one in zones) == whole.nep_kg_co2
            assert all(one.lower_kg_co2 <= one.nep_kg_co2 <= one.upper_kg_co2 for one in zones)

    def test_keeps_its_table_in_the_record(self, found):
        told = run.read_record(found["rate"][0])["way"]
        assert (told["method"], told["norm"], told["version"], told["grade"]) == ("rate", NORM, "2026-01", "C")
        assert told["rows"]["forest"]["region"] == "330000"
        assert len(told["sha256"]) == 64

    def test_is_not_compared_with_a_run_by_another(self, found):
        from tanhui.nep import change

        assert "way" in change.differing(found["nep_ratio"][1].basis, found["rate"][1].basis)

    def test_is_another_run_once_its_table_changed(self, data, found):
        """Kept last: it changes the table."""
        table = data / "tables-rate" / "table.csv"
        before = table.read_text("utf-8")
        table.write_text(before.replace("1.5,0.4", "1.6,0.4"), "utf-8")
        try:
            with pytest.raises(refusals.AnotherRun):
                run.prepare(asked(data, "rate"), found["rate"][0])
        finally:
            table.write_text(before, "utf-8")

    def test_is_refused_where_the_norm_does_not_admit_it(self, data):
        with pytest.raises(refusals.MethodNotInNorm):
            builders.small_plan(
                data, {"[layers.npp]": '[norm]\nid = "上虞区存量碳汇办法 2024"\nmethod = "rate"\n[layers.npp]'}
            )

    def test_is_refused_without_a_table_before_anything_is_aligned(self, data, tmp_path):
        text = METHOD.format(norm=NORM, way="rate", more="").replace('tables = "tables-rate"', "")
        with pytest.raises(refusals.TableNotLoaded):
            run.prepare(builders.small_plan(data, {"[layers.npp]": text}), tmp_path / "run")
        assert not (tmp_path / "run").exists()
