import numpy as np
import pytest

from tanhui.nep import coefficients, norms, refusals
from tanhui.nep.norms import Measured, Surveys

ALPHA = """
norm = "DB33/T 2274-2025"
quantity = "alpha"
version = "2025-03"
unit = "1"
[[row]]
type = "forest"
value = 0.35
source = "keyed in for a test"
[[row]]
type = "forest"
region = "330604"
value = 0.30
source = "keyed in for a test"
grade = "A"
"""
CSV = """norm,quantity,version,unit,type,region,value,beta,source,grade
GB/T 46869-2025,rate,2026-01,tC ha-1 a-1,forest,,1.2,0.5,A.7,A
GB/T 46869-2025,rate,2026-01,tC ha-1 a-1,wetland,,0.6,,A.7,A
"""
FRACTION = ALPHA.replace('"alpha"', '"carbon_fraction"').replace("0.35", "0.5").replace("0.30", "0.47")


def loaded(tmp_path, *texts):
    for number, text in enumerate(texts):
        (tmp_path / f"table{number}{'.csv' if text is CSV else '.toml'}").write_text(text, encoding="utf-8")
    return norms.shelf(tmp_path)


def measured(*values, unit="gC m-2 a-1"):
    return Measured(np.array(values, dtype=float), unit)


class TestChoiceOfANorm:
    def test_for_the_local_measure_is_npp_less_respiration(self):
        chosen = norms.select("nep", "上虞区存量碳汇办法 2024")
        found = chosen.tonnes_carbon(["forest"], [1e9], production=measured(600), respired=measured(350))

        assert found == pytest.approx([250_000])
        assert chosen.record == {"method": "nep", "norm": "上虞区存量碳汇办法 2024", "grade": "A"}

    def test_names_the_version_and_the_bytes_of_its_table(self, tmp_path):
        chosen = norms.select("nep_ratio", "DB33/T 2274-2025", "2025-03", tables=loaded(tmp_path, ALPHA))

        assert chosen.record["alpha_version"] == "2025-03"
        assert len(chosen.record["alpha_sha256"]) == 64
        assert chosen.grade == "D"

    def test_takes_dry_matter_by_a_ratio_and_the_nearest_region(self, tmp_path):
        chosen = norms.select("nep_ratio", "DB33/T 2274-2025", tables=loaded(tmp_path, ALPHA))
        grown = measured(1575, unit="gDM m-2 a-1")

        assert chosen.tonnes_carbon(["forest"], [1e6], production=grown) == pytest.approx([245])
        assert chosen.tonnes_carbon(["forest"], [1e6], production=grown, region="330604") == pytest.approx([210])
        assert chosen.tonnes_carbon(["forest"], [1e6], production=grown, region="330106") == pytest.approx([245])

    def test_refuses_carbon_where_dry_matter_is_asked_for_and_the_reverse(self, tmp_path):
        ratio = norms.select("nep_ratio", "DB33/T 2274-2025", tables=loaded(tmp_path, ALPHA))
        with pytest.raises(refusals.UnitOfMethod, match=r"2\.25"):
            ratio.tonnes_carbon(["forest"], [1e6], production=measured(700))

        direct = norms.select("nep", "GB/T 46869-2025")
        with pytest.raises(refusals.UnitOfMethod, match="gDM"):
            direct.tonnes_carbon(["forest"], [1e6], production=measured(1575, unit="gDM m-2 a-1"), respired=measured(1))

    def test_takes_rates_with_their_soil_from_a_csv(self, tmp_path):
        chosen = norms.select("rate", "GB/T 46869-2025", "2026-01", tables=loaded(tmp_path, CSV))

        assert chosen.tonnes_carbon(["forest", "wetland"], [1e4, 1e4]) == pytest.approx([1.8, 0.6])
        with pytest.raises(refusals.CoefficientMissing, match="crop"):
            chosen.tonnes_carbon(["crop"], [1e4])

    def test_takes_two_surveys_of_biomass(self, tmp_path):
        chosen = norms.select("biomass", "DB33/T 2274-2025", tables=loaded(tmp_path, FRACTION))
        surveys = Surveys(np.array([100.0]), np.array([110.0]), 5)

        assert chosen.tonnes_carbon(["forest"], [1e4], biomass=surveys) == pytest.approx([1])
        with pytest.raises(refusals.InputOfMethodMissing):
            chosen.tonnes_carbon(["forest"], [1e4])

    @pytest.mark.parametrize("method", ["nep", "nep_ratio"])
    def test_needs_the_inputs_of_its_method(self, method, tmp_path):
        chosen = norms.select(method, "DB33/T 2274-2025", tables=loaded(tmp_path, ALPHA))

        with pytest.raises(refusals.InputOfMethodMissing, match="npp"):
            chosen.tonnes_carbon(["forest"], [1e4])

    @pytest.mark.parametrize(("method", "quantity"), [("nep_ratio", "alpha"), ("rate", "rate")])
    @pytest.mark.parametrize("norm", ["GB/T 46869-2025", "DB33/T 2274-2025"])
    def test_asks_for_tables_nobody_may_ship(self, norm, method, quantity):
        with pytest.raises(refusals.TableNotLoaded, match="Load the table") as refused:
            norms.select(method, norm, tables=norms.shelf())

        assert refused.value.facts["quantity"] == quantity
        assert "载入" in refused.value.say("zh-hans")

    def test_asks_for_the_version_that_was_named(self, tmp_path):
        with pytest.raises(refusals.TableNotLoaded, match="loaded: 2025-03"):
            norms.select("nep_ratio", "DB33/T 2274-2025", "2031-01", tables=loaded(tmp_path, ALPHA))

    def test_does_not_guess_between_two_versions(self, tmp_path):
        tables = loaded(tmp_path, ALPHA, ALPHA.replace("2025-03", "2026-01"))

        with pytest.raises(refusals.TableNotLoaded):
            norms.select("nep_ratio", "DB33/T 2274-2025", tables=tables)
        assert norms.select("nep_ratio", "DB33/T 2274-2025", "2026-01", tables=tables)

    def test_refuses_what_a_norm_does_not_admit(self):
        with pytest.raises(refusals.MethodNotInNorm, match="nep"):
            norms.select("rate", "上虞区存量碳汇办法 2024")
        with pytest.raises(refusals.NormUnknown, match="GB/T 1"):
            norms.select("nep", "GB/T 1")


class TestTables:
    def test_that_ship_have_a_public_source_for_each_value(self):
        for table in norms.shelf():
            assert table.norm == "public"
            assert all(row.source and row.grade in "APB" for row in table.rows)

    def test_that_ship_serve_where_they_were_measured_alone(self):
        chosen = norms.select("rate", "public", tables=norms.shelf())

        assert chosen.tonnes_carbon(["forest"], [1e4], region="220100") == pytest.approx([0.92])
        with pytest.raises(refusals.CoefficientMissing):
            chosen.tonnes_carbon(["forest"], [1e4], region="330604")

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (('unit = "1"', 'unit = "%"'), "unit"),
            (('"alpha"', '"beta"'), "beta is none of"),
            (("0.35", "35"), "value is 35"),
            (("0.35", '"much"'), "row 1: value is no number"),
            (('type = "forest"', 'type = "glacier"'), "glacier"),
            (('source = "keyed in for a test"', 'source = " "'), "source"),
            (('region = "330604"', 'region = ""'), "stands in it twice"),
            (('grade = "A"', 'grade = "Z"'), "grade"),
            (("[[row]]", "[[rows]]"), "row"),
            (('version = "2025-03"', ""), "version"),
            (("norm =", "norm"), "line 2"),
        ],
    )
    def test_that_mean_something_else_are_refused_by_their_place(self, tmp_path, change, problem):
        with pytest.raises(refusals.TableUnreadable, match=problem):
            loaded(tmp_path, ALPHA.replace(*change))

    def test_of_mixed_versions_are_refused(self, tmp_path):
        (tmp_path / "mixed.csv").write_text(CSV.replace("2026-01,tC ha-1 a-1,wetland", "2027-01,tC ha-1 a-1,wetland"))
        with pytest.raises(refusals.TableUnreadable, match="2027-01"):
            norms.shelf(tmp_path)

    def test_of_a_folder_that_is_not_there_are_none(self, tmp_path):
        assert norms.shelf(tmp_path / "nowhere") == norms.shelf()

    def test_without_a_column_are_refused(self, tmp_path):
        path = tmp_path / "short.csv"
        path.write_text("norm,type\nGB/T 46869-2025,forest\n")
        with pytest.raises(refusals.TableUnreadable):
            coefficients.load(path)
