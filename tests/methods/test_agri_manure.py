import pytest
from tests.methods import agri

from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.packages.cms_026.v01.formulas import LargerThanHousehold

NUMBER = pytest.approx


def value(done, name):
    return float(done.quantity(name)[0])


class TestFarmDigester:
    def test_is_capped_by_what_the_meters_saw(self):
        done = agri.digester().run()

        assert value(done, "possible") == NUMBER(4583.85, rel=1e-6)
        assert value(done, "emissions_baseline") == NUMBER(400_000 * 0.6 * 0.67 * 28 / 1000)
        assert value(done, "emissions_baseline") < value(done, "possible")

    def test_earns_no_more_than_the_model_when_the_meters_saw_more(self):
        farm = agri.digester()
        farm.sheets["digesters"][0]["biogas"] = 900_000
        done = farm.run()

        assert value(done, "emissions_baseline") == NUMBER(4583.85, rel=1e-6)

    def test_pays_for_leak_slip_and_electricity(self):
        done = agri.digester().run()
        leak = 10_000 * 122.786 * 0.29 * 0.67 * 0.0141 * 28 / 1000
        slip = 400_000 * 0.6 * 0.67 * 0.05 * 28 / 1000

        assert value(done, "emissions_leak") == NUMBER(leak)
        assert value(done, "emissions_slip") == NUMBER(slip)
        assert value(done, "emissions_electricity") == NUMBER(120 * 0.5306)
        assert value(done, "reduction") == NUMBER(400_000 * 0.6 * 0.67 * 28 / 1000 - leak - slip - 120 * 0.5306)

    def test_is_never_worth_more_than_the_methane_that_burnt(self):
        done = agri.digester().run()

        assert value(done, "reduction") < value(done, "metered") * 0.95 * 28 / 1000

    def test_without_gas_is_a_loss(self):
        farm = agri.digester()
        farm.sheets["digesters"][0]["biogas"] = 0
        done = farm.run()

        assert done.verified_kg < 0
        assert done.tonnes == 0

    def test_takes_an_electricity_factor_of_the_projects_own_grid(self):
        farm = agri.digester()
        own = agri.stated("0.4974", "tCO2/MWh", "A", "生态环境部 2025年第47号公告, 浙江 2023")
        farm.project["own"] = [{"parameter": "grid_factor"} | own]

        assert value(farm.run(), "emissions_electricity") == NUMBER(120 * 0.4974)

    @pytest.mark.parametrize(
        ("table", "column", "value", "rule"),
        [
            ("herds", "animal", "panda", "unknown_code"),
            ("herds", "system", "river", "unknown_value"),
            ("herds", "digester", "D9", "unknown_reference"),
            ("herds", "weight", "58000", "out_of_bounds"),  # grams
            ("herds", "days", "400", "out_of_bounds"),
            ("herds", "share", "1.2", "out_of_bounds"),
            ("digesters", "methane_share", "60", "out_of_bounds"),  # percent
            ("digesters", "zone", "tropical", "unknown_value"),
        ],
    )
    def test_names_bad_cells(self, table, column, value, rule):
        farm = agri.digester()
        farm.sheets[table][0][column] = value
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert (rule, column, value) in {(one.rule, one.column, one.value) for one in refused.value.faults}

    def test_refuses_methane_claimed_with_its_power(self):
        farm = agri.digester()
        farm.project["facts"]["energy_claimed_elsewhere"] = True

        with pytest.raises(NotApplicable, match="methane_claimed_once"):
            farm.run(purpose="project", floor="D")


class TestHouseholdDigester:
    def test_adds_the_coal_it_displaces(self):
        done = agri.households().run()

        assert value(done, "coal_displaced") == NUMBER(0.6 * 19.57 * 0.0261 * 0.93 * 44 / 12)
        assert value(done, "operating") == NUMBER(270)
        assert value(done, "reduction") == NUMBER(418.462493, rel=1e-6)

    def test_pays_for_coal_where_more_was_burnt(self):
        farm = agri.households()
        farm.sheets["groups"][0]["coal"] = 1.5

        assert value(farm.run(), "coal_displaced") < 0

    def test_counts_only_digesters_in_operation(self):
        farm = agri.households()
        farm.sheets["groups"][0]["operating_share"] = 0.45

        assert farm.run().verified_kg == NUMBER(agri.households().run().verified_kg / 2, rel=1e-4)

    def test_is_capped_by_the_metered_sample(self):
        farm = agri.households()
        farm.sheets["groups"][0]["biogas"] = 20

        assert value(farm.run(), "emissions_baseline") == NUMBER(20 * 0.6 * 0.67 * 28 / 1000)

    def test_is_no_farm(self):
        farm = agri.households()
        farm.sheets["groups"][0] |= {"heads": 60, "biogas": 4000}

        with pytest.raises(LargerThanHousehold, match="group village would earn"):
            farm.run()

    def test_earns_nothing_for_coal_that_was_banned(self):
        farm = agri.households()
        farm.project["facts"]["coal_ban_before"] = True

        with pytest.raises(NotApplicable, match="coal_was_lawful"):
            farm.run(purpose="project", floor="D")
