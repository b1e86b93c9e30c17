from decimal import Decimal

import pytest
from tests.methods import agri

from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable


@pytest.fixture
def farm():
    return agri.straw()


class TestStraw:
    def test_earns_for_what_was_weighed(self, farm):
        found = float(farm.run().quantity("reduction")[0])

        assert found == pytest.approx(98 * 0.5 * 0.07532 - 0.2 * 3.09591, rel=1e-6)

    @pytest.mark.parametrize("fate", ["returned", "burnt", "unknown"])
    def test_earns_nothing_where_it_stayed_burnt_or_vanished(self, farm, fate):
        farm.sheets["parcels"][0]["fate"] = fate
        done = farm.run()

        assert float(done.quantity("credited")[0]) == 0
        assert done.verified_kg < 0
        assert fate in {one["fate"] for one in done.notes}

    def test_never_counts_more_than_grew(self, farm):
        farm.sheets["parcels"][0]["weighed"] = 104  # scales differ by up to a twentieth

        assert float(farm.run().quantity("credited")[0]) == 100

    def test_refuses_more_than_can_have_grown(self, farm):
        farm.sheets["parcels"][0]["weighed"] = 120
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert [(one.rule, one.value) for one in refused.value.faults] == [("more_than_grown", "120")]

    @pytest.mark.parametrize(
        ("fact", "value", "predicate"),
        [
            ("burning_is_lawful", False, "burning_was_lawful"),
            ("burnt_fields_share", Decimal("0.1"), "burning_is_common"),
            ("fate_is_documented", False, "fate_is_documented"),
            ("soil_carbon_claimed", True, "straw_counted_once"),
        ],
    )
    def test_is_refused_without_a_baseline_or_a_fate(self, farm, fact, value, predicate):
        farm.project["facts"][fact] = value

        with pytest.raises(NotApplicable, match=f"{predicate} .*: fail"):
            farm.run(purpose="project", floor="D")

    def test_says_why_a_ban_leaves_nothing(self, farm):
        farm.project["facts"]["burning_is_lawful"] = False
        answers = {one["predicate"]: one["answer"] for one in farm.run().content["predicates"]}

        assert answers["burning_was_lawful"] == "fail"

    def test_names_a_fate_it_does_not_know(self, farm):
        farm.sheets["parcels"][0]["fate"] = "sea"
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert [(one.rule, one.column) for one in refused.value.faults] == [("unknown_code", "fate")]
