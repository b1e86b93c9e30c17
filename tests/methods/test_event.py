import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.shelf import NeverIssues

EVENT, PERSON = "event_footprint/v01", "personal_footprint/v01"
CASES = [
    pytest.param(shelf.load(name), case, id=f"{name}:{case['name']}")
    for name in (EVENT, PERSON)
    for case in shelf.load(name).cases()
]
TABLES = {
    "transport": "leg,mode,persons,distance\n1,hsr,200,300\n2,air,50,1200\n",
    "lodging": "stay,nights\n1,150\n",
    "electricity": "supply_point,area,consumed\n1,上海,20000\n",
    "spending": "bill,bill_kind,spent,measured\n1,hotel,60000,1\n2,taxi,5000,0\n",
}
UNITS = {
    "distance": "km",
    "nights": "night",
    "consumed": "kWh",
    "spent": "CNY",
    "burnt_mass": "kg",
    "gas_volume": "m3",
}


def run(package, inputs, *, purpose="demonstration", **changes):
    project = {
        "region": "310000",
        "period": {"start": "2026-05-01", "end": "2026-05-03"},
        "units": UNITS,
        "facts": {"boundary_stated": True, "all_sources": True},
    } | changes
    read = {name: tables.parse(text.encode(), file=f"{name}.csv") for name, text in inputs.items()}
    return engine.run(package, project=project, inputs=read, purpose=purpose)


class TestCases:
    @pytest.mark.parametrize(("package", "case"), CASES)
    def test_come_out(self, package, case):
        assert [one for one in cases.play(package, case) if not one.holds] == []


class TestEvent:
    def test_keeps_both_totals_and_reports_by_quantity(self):
        done = run(EVENT, TABLES)

        assert done.quantity("by_quantity") == ["27902.35"]
        assert done.quantity("by_spending") == ["23942.35"]
        assert done.quantity("gap") == ["0.0769230769231"]
        assert done.quantity("emission") == ["27902.35"]
        assert done.content["result"]["kg"] == 27902

    def test_reproduces_byte_for_byte(self):
        assert engine.rerun(run(EVENT, TABLES).bundle()) is None

    def test_takes_the_factor_of_its_time(self):
        earlier = run(EVENT, TABLES, period={"start": "2025-05-01", "end": "2025-05-03"})

        assert earlier.quantity("powered") == ["11698"]
        assert run(EVENT, TABLES).quantity("powered") == ["11474"]

    def test_without_anything_is_not_believed(self):
        with pytest.raises(FaultyInput, match="missing_table"):
            run(EVENT, {})

    def test_never_issues(self):
        with pytest.raises(NeverIssues, match="footprint"):
            run(EVENT, TABLES, purpose="issuance")

    def test_needs_the_unit_of_each_column(self):
        with pytest.raises(FaultyInput, match="unit_not_declared"):
            run(EVENT, TABLES, units=UNITS | {"spent": ""})

    def test_knows_no_factor_for_a_mode_by_its_name_alone(self):
        with pytest.raises(FaultyInput) as refused:
            run(EVENT, TABLES | {"transport": "leg,mode,persons,distance\n1,petrol_car,2,30\n"})

        assert [(one.rule, one.row, one.value) for one in refused.value.faults] == [("unknown_code", 2, "petrol_car")]

    def test_answers_what_still_needs_evidence(self):
        answers = run(EVENT, TABLES, facts={"all_sources": False}).content["predicates"]

        assert [one["answer"] for one in answers] == ["needs_evidence", "fail"]

    def test_burns_gas_at_the_factor_of_burning_not_of_its_supply(self):
        gas = shelf.load(EVENT).parameters["gas_factor"]

        assert float(gas.row().value) == 2.16  # a row of the same name says .608: upstream
        assert gas.bounds is not None
        assert not gas.bounds[0] <= 0.608 <= gas.bounds[1]


class TestPerson:
    def test_adds_up_what_was_handed_in(self):
        inputs = {
            "electricity": "supply_point,source_kind,consumed\n1,全国平均,1000\n",
            "fuels": "fill,fuel,burnt_mass\n1,gasoline,100\n",
            "gas": "gas_bill,gas_volume\n1,500\n",
        }
        done = run(PERSON, inputs)

        assert done.quantity("powered") == ["577.7"]
        assert float(done.quantity("burnt")[0]) == pytest.approx(292.5056, abs=1e-4)
        assert float(done.quantity("gas_burnt")[0]) == pytest.approx(1081.0944, abs=1e-4)
        assert engine.rerun(done.bundle()) is None

    def test_without_anything_is_not_believed(self):
        with pytest.raises(FaultyInput, match="missing_table"):
            run(PERSON, {})

    def test_never_issues(self):
        with pytest.raises(NeverIssues):
            run(PERSON, {"lodging": "x"}, purpose="issuance")

    def test_lies_two_percent_below_tables_that_burn_all_carbon(self):
        gasoline_all, diesel_all = 69.3, 74.1  # kg/GJ, oxidation 1
        gasoline, diesel = 0.0189 * 0.98 * 44 / 12 * 1000, 0.0202 * 0.98 * 44 / 12 * 1000

        assert gasoline_all / gasoline == pytest.approx(1.020, abs=1e-3)
        assert diesel_all / diesel == pytest.approx(1.021, abs=1e-3)
