"""A plan says what is meant, or is refused with the place."""

import pytest

from nep import builders
from tanhui.nep import plan, refusals


def parse(tmp_path, changes=None, text=builders.PLAN):
    return plan.parse(builders.changed(text, changes or {}), base=tmp_path)


class TestPlan:
    def test_reads_layers_zones_and_methods(self, tmp_path):
        asked = parse(tmp_path)
        assert asked.years == (2023,)
        assert asked.models == ("pei", "raich_potter_bond_lamberty")
        assert asked.layers["npp"].of(2023) == "npp-2023.tif"
        assert asked.zones[0].level == "town"
        assert asked.classes[12] == 5

    def test_is_named_by_its_meaning_not_by_its_spelling(self, tmp_path):
        assert parse(tmp_path).digest == parse(tmp_path, {"sigma = 0.2": "# about right\nsigma  =  0.2"}).digest
        assert parse(tmp_path).digest != parse(tmp_path, {"sigma = 0.2": "sigma = 0.3"}).digest

    def test_knows_the_fills_of_a_product_by_its_name(self, tmp_path):
        asked = parse(tmp_path, {'path = "npp-{year}.tif"': 'path = "npp-{year}.tif"\nproduct = "mod17"'})
        assert asked.layers["npp"].scale == 0.1
        assert 32765 in asked.layers["npp"].fills


class TestAnotherMethod:
    """Chosen on the command line in place of the plan's own."""

    def test_takes_the_place_of_the_norm_and_changes_nothing_else(self, tmp_path):
        text = builders.PLAN.replace("[landcover]", '[norm]\nid = "上虞区存量碳汇办法 2024"\n# why\n\n[landcover]')
        made = plan.chosen(text, {"method": "rate", "id": "public", "region": "220000"})
        asked = plan.parse(made, base=tmp_path)
        assert (asked.way, dict(asked.norm)) == ("rate", {"id": "public", "method": "rate", "region": "220000"})
        assert asked.zones == plan.parse(text, base=tmp_path).zones
        assert made.count("[norm]") == 1
        assert asked.digest != plan.parse(text, base=tmp_path).digest

    def test_is_refused_where_the_norm_is_no_section(self):
        with pytest.raises(refusals.PlanValueWrong):
            plan.chosen('norm = { id = "public" }\n' + builders.PLAN, {"method": "rate"})

    def test_is_refused_a_text_that_is_no_plan(self):
        with pytest.raises(refusals.PlanUnreadable):
            plan.chosen("years = [", {"method": "rate"})


class TestBadPlan:
    @pytest.mark.parametrize(
        ("changes", "refusal", "facts"),
        [
            ({'method = "raster"': 'method = "casa2"'}, refusals.PlanValueWrong, {"key": "npp.method"}),
            ({'method = "raster"': 'method = "casa"'}, refusals.PlanKeyMissing, {"key": "layers.ndvi"}),
            ({"sigma = 0.2": "sigma = 0.2\nsgima = 3"}, refusals.PlanKeyUnknown, {"key": "npp.sgima"}),
            ({'"pei", ': '"pei", "gsmsr", '}, refusals.PlanKeyMissing, {"key": "layers.soc"}),
            ({'"pei", ': '"pei", "pei", '}, refusals.PlanValueWrong, {"key": "rh.models"}),
            ({'"pei", ': '"q10", '}, refusals.PlanKeyMissing, {"key": "rh.q10.r10"}),
            ({"years = [2023]": "years = [2023, 2022]"}, refusals.PlanValueWrong, {"key": "years"}),
            ({'scheme = "igbp"': 'scheme = "mine"'}, refusals.PlanValueWrong, {"key": "landcover.scheme"}),
            ({'like = "npp"': 'like = "npp"\ntile = 100'}, refusals.PlanValueWrong, {"key": "grid.tile"}),
            ({'like = "npp"': 'crs = "EPSG:4490"'}, refusals.PlanKeyMissing, {"key": "grid.cell"}),
            ({"[rh]": "[rates.water]\nvalue = 3\n[rh]"}, refusals.PlanKeyUnknown, {"key": "rates.water"}),
            ({"[rh]": "[rates.urban]\nvalue = 3\n[rh]"}, refusals.PlanKeyMissing, {"key": "rates.urban.source"}),
            ({'level = "town"': 'level = "../town"'}, refusals.PlanValueWrong, {"key": "zones[0].level"}),
        ],
    )  # fmt: skip
    def test_is_refused_with_the_key(self, tmp_path, changes, refusal, facts):
        with pytest.raises(refusal) as refused:
            parse(tmp_path, changes)
        assert refused.value.facts.items() >= facts.items()

    def test_is_refused_where_it_is_not_toml(self, tmp_path):
        with pytest.raises(refusals.PlanUnreadable, match=r"plan\.toml"):
            plan.parse("title = 1\nyears = [", base=tmp_path)

    def test_is_refused_when_shares_of_months_do_not_make_a_year(self, tmp_path):
        path = 'path = "precipitation-{year}.tif"'
        with pytest.raises(refusals.PlanValueWrong, match="shares"):
            parse(tmp_path, {path: f"{path}\nshares = [{', '.join(['0.1'] * 12)}]"})

    def test_is_refused_when_declared_numbers_name_no_source(self, tmp_path):
        text = builders.PLAN.replace('path = "temperature-{year}.tif"\nsource = "made up for tests"', "constants = [1]")
        with pytest.raises(refusals.PlanKeyMissing, match="unit, source"):
            plan.parse(text, base=tmp_path)
