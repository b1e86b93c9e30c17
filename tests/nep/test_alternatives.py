import dataclasses

import pytest

from tanhui.nep import alternatives, norms, refusals
from tanhui.nep.rows import Row, Statistics


def row(kind, area_km2, npp, rh, *, rule="nep", zone="all", level="area"):
    nep = (npp - rh) * area_km2 * 1000
    co2 = round(nep * 44 / 12)
    return Row(
        year=2025,
        level=level,
        zone=zone,
        name="",
        type=kind,
        rule=rule,
        cells=1.0,
        area_m2=round(area_km2 * 1e6),
        coverage=1.0,
        npp_kg_c=round(npp * area_km2 * 1000),
        rh_kg_c=round(rh * area_km2 * 1000),
        nep_kg_c=round(nep),
        models={},
        nep_kg_co2=co2,
        lower_kg_co2=co2 // 2,
        upper_kg_co2=co2 * 2,
        conservative_kg_co2=0,
        sigma_kg_co2={},
        flags={},
    )


@pytest.fixture
def statistics():
    rows = (
        row("all", 30, 500, 300, rule="sum"),
        row("forest", 20, 700, 450),
        row("water", 10, 0, 0),
        row("crop", 0, 0, 0),
    )
    return Statistics(run="r", years=(2025,), models=(), levels={}, basis={}, uncertainty={}, rows=rows)


def chosen(tmp_path, method, quantity="rate", unit="tC ha-1 a-1", value=1.5):
    (tmp_path / "table.toml").write_text(
        f'norm = "GB/T 46869-2025"\nquantity = "{quantity}"\nversion = "v"\nunit = "{unit}"\n'
        f'[[row]]\ntype = "forest"\nvalue = {value}\nsource = "表 A"\n',
        encoding="utf-8",
    )
    return norms.select(method, "GB/T 46869-2025", "v", tables=norms.shelf(tmp_path))


class TestAlternatives:
    def test_by_a_rate_stand_beside_the_nep_of_types_with_land(self, statistics, tmp_path):
        forest, water = alternatives.compare(statistics, chosen(tmp_path, "rate"), year=2025)

        assert (forest.type, forest.other_kg_co2) == ("forest", round(1.5 * 2000 * 44 / 12 * 1000))
        assert forest.inside is True
        assert (water.other_kg_co2, water.inside) == (None, None)

    def test_by_a_ratio_take_the_run_s_npp_as_dry_matter(self, statistics, tmp_path):
        forest, _ = alternatives.compare(statistics, chosen(tmp_path, "nep_ratio", "alpha", "1", 0.1), year=2025)

        assert forest.other_kg_co2 == round(0.1 * 700 * 20e6 / 1000 * 44 / 12)
        assert forest.inside is False

    def test_by_npp_less_respiration_are_the_run_itself(self, statistics):
        forest, water = alternatives.compare(statistics, norms.select("nep", "GB/T 46869-2025"), year=2025)

        assert forest.other_kg_co2 == forest.nep_kg_co2
        assert water.other_kg_co2 is None

    def test_by_biomass_need_surveys_that_statistics_do_not_hold(self, statistics, tmp_path):
        table = chosen(tmp_path, "biomass", "carbon_fraction", "1", 0.5)
        with pytest.raises(refusals.InputOfMethodMissing):
            alternatives.compare(statistics, table, year=2025)

    @pytest.mark.parametrize(
        ("language", "words"), [("zh-hans", "| 森林 | 20.0 | 18,333 |"), ("en", "| forest | 20.0 |")]
    )
    def test_are_told_with_norm_version_and_source(self, statistics, tmp_path, language, words):
        selected = chosen(tmp_path, "rate")
        text = alternatives.markdown(alternatives.compare(statistics, selected, year=2025), selected, language)

        assert "GB/T 46869-2025" in text
        assert "rate v" in text
        assert "表 A" in text
        assert words in text


class TestARunWithoutNpp:
    def test_is_compared_by_rates_alone(self, statistics, tmp_path):
        by_rate = dataclasses.replace(statistics, basis={"way": {"method": "biomass"}})
        with pytest.raises(refusals.InputOfMethodMissing, match="npp"):
            alternatives.compare(by_rate, chosen(tmp_path, "nep"), year=2025)
        lines = alternatives.compare(by_rate, chosen(tmp_path, "rate"), year=2025)
        said = alternatives.markdown(lines, chosen(tmp_path, "rate"), "zh-hans", alternatives.way(by_rate))
        assert "| 生物量法（两期生物量之差） tCO₂ |" in said
