import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.nep import builders

from tanhui.nep import change, plan, refusals, remarks, rows, run, statistics, tabulation
from tanhui.nep.rows import Row, Statistics

YEARS = (2022, 2023)
TOGETHER = ("area_m2", "npp_kg_c", "rh_kg_c", "nep_kg_c", "nep_kg_co2", "cells")
RATE = '\n[rates.urban]\nvalue = 55.5\nsource = "made up for tests"\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years, two towns whose borders cut cells (as GeoJSON says, so that they are cut exactly)."""
    place = tmp_path_factory.mktemp("statistics")
    data = builders.small_data(place / "data", years=YEARS)
    towns = builders.towns(margin=0.0137)
    (data / "towns.geojson").write_text(json.dumps(towns, ensure_ascii=False), "utf-8")
    asked = builders.small_plan(data, {"[layers.npp]": RATE + "\n[layers.npp]"}, years=YEARS)
    run.prepare(asked, place / "run")
    run.carry_out(place / "run", workers=1)
    statistics.compute(place / "run")
    return place / "run"


@pytest.fixture(scope="module")
def found(folder: Path) -> Statistics:
    return statistics.read(folder)


def row_of(found: Statistics, *key: object) -> Row:
    row = found.row(*key)  # type: ignore[arg-type]
    assert row is not None
    return row


class TestRows:
    def test_of_zones_and_outside_add_up_to_the_whole_in_whole_kilograms(self, found: Statistics) -> None:
        for year in YEARS:
            for kind in ("all", "forest", "crop", "wetland", "urban", "water"):
                whole = row_of(found, year, "all", kind)
                zones = found.of(year, "town", kind)
                for name in TOGETHER[:-1]:
                    assert sum(getattr(one, name) for one in zones) == getattr(whole, name), (year, kind, name)
                for model in found.models:
                    assert sum(one.models[model] for one in zones) == whole.models[model]
                assert sum(one.cells for one in zones) == pytest.approx(whole.cells, abs=0.01)

    def test_of_types_add_up_to_their_zone(self, found: Statistics) -> None:
        for whole in (one for one in found.rows if one.type == "all"):
            types = found.types(whole.year, whole.level, whole.zone)
            for name in TOGETHER[:-1]:
                assert sum(getattr(one, name) for one in types) == getattr(whole, name)

    def test_print_a_difference_that_is_the_difference_of_what_is_printed(self, found: Statistics) -> None:
        for one in (one for one in found.rows if one.rule == "nep"):
            assert one.npp_kg_c - one.rh_kg_c == one.nep_kg_c
            assert one.nep_kg_co2 == pytest.approx(one.nep_kg_c * 44 / 12, abs=5)

    def test_never_stand_without_an_interval_and_a_bound_below_it(self, found: Statistics) -> None:
        for one in found.rows:
            assert one.conservative_kg_co2 <= one.lower_kg_co2 <= one.nep_kg_co2 <= one.upper_kg_co2
            assert set(one.sigma_kg_co2) == {"npp_model", "rh_model", "weather", "land_cover", "pixel"}
            if one.rule == "nep" and one.cells:
                assert one.lower_kg_co2 < one.nep_kg_co2 < one.upper_kg_co2

    def test_take_a_mean_over_the_land_that_has_a_value(self, found: Statistics) -> None:
        forest = row_of(found, 2023, "all", "forest")
        assert forest.coverage < 1
        over = 1000 * forest.nep_kg_c / forest.area_m2 / forest.coverage
        assert rows.grams_per_m2(forest, found.computed_m2(forest)) == pytest.approx(over)
        assert found.computed_m2(row_of(found, 2023, "all", "water")) == 0

    def test_take_the_mean_of_all_types_over_the_same_land(self, found: Statistics) -> None:
        parts = [one for one in found.types(2023) if one.rule == "nep"]
        assert found.computed_m2(row_of(found, 2023, "all")) == sum(one.area_m2 * one.coverage for one in parts)

    def test_come_whole_area_first_and_outside_last(self, found: Statistics) -> None:
        order = list(dict.fromkeys((one.level, one.zone) for one in found.rows if one.year == 2023))
        assert order == [("area", "all"), ("town", "330604001"), ("town", "330604002"), ("town", "")]
        assert [one.type for one in found.types(2023)] == list(tabulation.ecosystems.NAMES)

    def test_give_water_no_sink_and_built_up_land_only_its_rate(self, found: Statistics) -> None:
        water, urban = row_of(found, 2023, "all", "water"), row_of(found, 2023, "all", "urban")
        assert (water.rule, water.nep_kg_co2, water.upper_kg_co2, water.coverage) == ("not_applicable", 0, 0, 1.0)
        assert water.area_m2 > 0
        assert (urban.rule, urban.npp_kg_c) == ("rate", 0)
        assert urban.nep_kg_c == pytest.approx(urban.area_m2 * 55.5 / 1000, abs=1)
        assert urban.sigma_kg_co2["npp_model"] == pytest.approx(urban.nep_kg_co2 / 2, abs=1)

    def test_name_the_zone(self, found: Statistics) -> None:
        assert row_of(found, 2023, "330604001").name == "百官街道"
        assert row_of(found, 2023).name == "样例区"
        assert found.row(2023, "none") is None

    def test_know_what_has_no_data(self, found: Statistics) -> None:
        forest = row_of(found, 2023, "all", "forest")
        assert forest.flags["nodata"] == 9
        assert forest.coverage == pytest.approx(1 - 9 / (forest.cells + 9), rel=1e-3)
        assert row_of(found, 2023, "330604001").coverage < 1


class TestExactZones:
    def test_take_the_share_of_each_cell_that_lies_in_them(self, folder: Path, found: Statistics) -> None:
        with rasterio.open(folder / "layers/2023/nep.tif") as file:
            stored = file.read(1).astype(float)
            transform = file.transform
        sink = np.where(stored == -32768, 0, stored * 0.1)
        drawn = json.loads((folder / "zones/town.geojson").read_text("utf-8"))["features"]
        grid = run.grid_of(run.read_record(folder))
        areas = np.broadcast_to(grid.row_areas_m2(), sink.shape)
        for zone in drawn:
            shape = shapely.geometry.shape(zone["geometry"])
            expected = 0.0
            for row, column in np.argwhere(sink != 0):
                (west, north), (east, south) = transform @ (column, row), transform @ (column + 1, row + 1)
                cell = shapely.box(west, south, east, north)
                expected += sink[row, column] * areas[row, column] * shape.intersection(cell).area / cell.area
            told = row_of(found, 2023, zone["properties"]["code"]).nep_kg_c
            assert told == pytest.approx(expected / 1000, rel=2e-4)  # the layer is rounded to 0.1 gC

    def test_say_so(self, found: Statistics) -> None:
        assert found.levels["town"]["exact"] is True
        assert any(not float(one.cells).is_integer() for one in found.of(2023, "town"))


class TestComputing:
    def test_gives_the_same_bytes_again(self, folder: Path) -> None:
        before = statistics.digest(folder)
        statistics.compute(folder)
        assert statistics.digest(folder) == before

    def test_does_not_depend_on_the_tiles(self, folder: Path, tmp_path: Path, found: Statistics) -> None:
        data = folder.parent / "data"
        big = builders.small_data(tmp_path / "data", rows=40, columns=600)
        assert data != big
        text = {'like = "npp"': 'like = "npp"\ntile = 512'}
        one, other = tmp_path / "one", tmp_path / "other"
        for place, changes in ((one, text), (other, {'like = "npp"': 'like = "npp"\ntile = 1024'})):
            run.prepare(builders.small_plan(big, changes), place)
            run.carry_out(place, workers=1)
            statistics.compute(place)
        assert len(list(one.glob("tiles/2023/*"))) == 2
        assert statistics.read(one).rows == statistics.read(other).rows

    def test_refuses_a_run_that_is_not_finished(self, folder: Path, tmp_path: Path) -> None:
        data = builders.small_data(tmp_path / "data")
        run.prepare(builders.small_plan(data), tmp_path / "run")
        with pytest.raises(refusals.NotFinished):
            statistics.compute(tmp_path / "run")
        assert not (tmp_path / "run/statistics.json").exists()

    def test_reads_back_what_it_wrote(self, folder: Path, found: Statistics) -> None:
        assert rows.decoded(rows.encoded(found)) == found
        assert (folder / "statistics.json").read_bytes() == rows.encoded(found)


class TestAssumptions:
    @pytest.mark.parametrize(
        "said",
        [
            "npp_model = 1.2",
            "rain = -0.1",
            "patch = 0",
            'classes = ["森林"]',
            'classes = ["forest"]\nconfusion = [[1, 2]]',
            'classes = ["forest"]\nconfusion = [[-1]]',
            "unheard_of = 1",
        ],
    )
    def test_that_cannot_be_meant_are_refused(self, tmp_path: Path, said: str) -> None:
        text = builders.PLAN.replace("[[zones]]", f"[uncertainty]\n{said}\n\n[[zones]]")
        with pytest.raises((refusals.PlanValueWrong, refusals.PlanKeyUnknown), match=said.split(" ")[0]):
            tabulation.assumptions(plan.parse(text, base=tmp_path))

    def test_come_from_the_plan(self, tmp_path: Path) -> None:
        text = builders.PLAN.replace("[[zones]]", "[uncertainty]\ndegrees = 0\nrain = 0\n\n[[zones]]")
        assumed = tabulation.assumptions(plan.parse(text, base=tmp_path))
        assert (assumed.weather, assumed.npp_model, assumed.land_cover) == (0, 0.2, 0.1)

    def test_of_land_cover_follow_a_confusion_matrix(self) -> None:
        sums = {kind: tabulation.Sums(area_m2=100.0, rh_kg_c=(0.0,)) for kind in ("forest", "crop")}
        assumed = tabulation.Assumptions(classes=("forest", "crop"), confusion=((90, 10), (0, 100)))
        shares = tabulation.land_cover_shares(sums, assumed)
        assert shares["forest"] == pytest.approx(math.hypot(0.10, 0.0302), rel=0.02)


class TestRounding:
    @given(st.lists(st.floats(-1e9, 1e12), min_size=1, max_size=40))
    def test_keeps_the_total_and_moves_no_part_by_a_whole_unit(self, parts: list[float]) -> None:
        total = round(math.fsum(parts))
        found = rows.apportioned(total, parts)
        assert sum(found) == total
        assert all(abs(one - part) < 1 + 1e-3 for one, part in zip(found, parts, strict=True))

    def test_gives_the_rest_to_the_largest_remainders(self) -> None:
        assert rows.apportioned(10, [3.5, 3.3, 3.2]) == [4, 3, 3]
        assert rows.apportioned(0, [0.4, -0.4]) == [0, 0]
        assert rows.apportioned(1, [0.25] * 4) == [1, 0, 0, 0]

    def test_of_a_level_that_weighed_its_cells_otherwise_are_brought_to_the_total(self) -> None:
        parts = [184_000_000.25, -62_000_000.5, 0.0]
        even = rows.agreeing(122_000_004.0, parts)
        assert math.fsum(even) == pytest.approx(122_000_004.0, abs=1e-6)
        assert max(abs(one - other) for one, other in zip(even, parts, strict=True)) < 4
        assert even[2] == 0
        assert rows.agreeing(0.0, []) == []
        with pytest.raises(ValueError, match="not those of"):
            rows.agreeing(122_001_000.0, parts)

    @given(
        st.dictionaries(
            st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["forest", "crop", "urban"])),
            st.tuples(st.floats(0, 1e10), st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9)),
            min_size=1,
        )
    )
    def test_makes_zones_and_outside_add_up_to_every_total(
        self, parts: dict[tuple[str, str], tuple[float, float, float, float]]
    ) -> None:
        zones = {
            place: tabulation.Sums(
                cells=9, area_m2=area, data_m2=area, npp_kg_c=npp, rh_kg_c=(first, second), nep=900, nep_squared=1e5
            )
            for place, (area, npp, first, second) in parts.items()
        }
        area = {
            kind: tabulation.total([one for (_, own), one in sorted(zones.items()) if own == kind], 2)
            for kind in tabulation.ecosystems.NAMES
        }
        names = {"area": {"all": "全区"}, "town": {"a": "甲", "b": "乙", "c": "丙"}}
        made = tabulation.year_rows(2023, area, {"town": zones}, {}, names, ("pei", "q10"), tabulation.Assumptions())
        for kind in ("all", *tabulation.ecosystems.NAMES):
            (whole,) = (one for one in made if (one.level, one.type) == ("area", kind))
            own = [one for one in made if (one.level, one.type) == ("town", kind)]
            for name in ("area_m2", "npp_kg_c", "rh_kg_c", "nep_kg_c", "nep_kg_co2"):
                assert sum(getattr(one, name) for one in own) == getattr(whole, name)
            for model in ("pei", "q10"):
                assert sum(one.models[model] for one in own) == whole.models[model]

    def test_refuses_parts_of_another_total(self) -> None:
        with pytest.raises(ValueError, match="not those of 9"):
            rows.apportioned(9, [1.0, 2.0])


class TestChange:
    def test_between_two_years_has_an_interval_of_its_own(self, found: Statistics) -> None:
        whole = change.changes(found, found, 2022, 2023)[8]
        before, after = row_of(found, 2022), row_of(found, 2023)
        assert whole.nep_kg_co2 == after.nep_kg_co2 - before.nep_kg_co2 == after.change_kg_co2
        half = whole.upper_kg_co2 - whole.nep_kg_co2
        assert 0 < half < after.upper_kg_co2 - after.nep_kg_co2  # what errs alike in both years is left out

    def test_of_runs_on_other_grids_or_by_other_methods_is_refused(self, folder: Path, tmp_path: Path) -> None:
        told = statistics.read(folder)
        basis = {**told.basis, "rh": {"models": ["pei"]}, "grid": {**told.basis["grid"], "width": 61}}
        other = tmp_path / "statistics.json"
        other.write_bytes(rows.encoded(replace(told, basis=basis)))
        with pytest.raises(change.NotComparable) as met:
            change.between(folder, tmp_path)
        assert met.value.facts["parts"] == "grid、rh"
        assert "back series" in str(met.value)

    def test_of_a_year_that_is_not_there_is_refused(self, folder: Path) -> None:
        with pytest.raises(change.YearNotThere, match="2022、2023"):
            change.between(folder, folder, earlier_year=2019)

    @pytest.mark.parametrize(("last", "jump"), [(1000, False), (1401, True), (1400, False), (599, True)])
    def test_of_more_than_two_fifths_is_a_jump(self, found: Statistics, last: int, jump: bool) -> None:
        row = row_of(found, 2022)
        pair = [replace(row, nep_kg_co2=1000), replace(row, year=2023, nep_kg_co2=last)]
        _, after = tabulation.compared(pair)
        assert (after.change_kg_co2, after.jump) == (last - 1000, jump)


class TestRemarks:
    @pytest.fixture
    def forest(self, found: Statistics) -> Row:
        row = row_of(found, 2023, "all", "forest")
        return replace(row, coverage=1.0, nep_kg_c=round(row.area_m2 * 0.3), nep_kg_co2=round(row.area_m2 * 1.1))

    def codes(self, row: Row) -> list[str]:
        return [one.code for one in remarks.found([row])]

    def test_are_silent_on_what_is_plausible(self, forest: Row) -> None:
        assert self.codes(forest) == []

    def test_name_a_mean_that_is_not(self, forest: Row) -> None:
        assert self.codes(replace(forest, nep_kg_c=round(forest.area_m2 * 1.2))) == ["mean_implausible"]

    def test_name_missing_data_a_jump_a_source_and_impossible_cells(self, forest: Row) -> None:
        assert self.codes(replace(forest, coverage=0.5)) == ["coverage"]
        assert self.codes(replace(forest, jump=True, change_kg_co2=forest.nep_kg_co2 // 2)) == ["jump"]
        assert self.codes(replace(forest, nep_kg_co2=-1)) == ["source"]
        flags = {**forest.flags, "rh_above_respiration": forest.cells / 2}
        (told,) = remarks.found([replace(forest, flags=flags)])
        assert "50 %" in remarks.say(told, "en")

    def test_leave_types_of_single_zones_alone(self, forest: Row) -> None:
        assert self.codes(replace(forest, level="town", zone="1", coverage=0.5)) == []
