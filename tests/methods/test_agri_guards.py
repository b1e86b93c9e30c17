import numpy as np
import pytest
from tests.methods import agri

from tanhui.methods import guards
from tanhui.methods.engine import shelf
from tanhui.methods.guards import YieldFell


def claims(farm):
    done = farm.run()
    metadata = shelf.load(farm.package).metadata
    return list(guards.claims(metadata, done.content["axes"], farm.project["period"]))


class TestYield:
    def test_may_rise_and_may_fall_a_little(self):
        change = np.array([12.0, 0.0, -5.0])

        assert guards.keep_yield(change, 5.0) is change

    def test_that_fell_more_is_refused_by_the_name_of_every_stratum(self):
        with pytest.raises(YieldFell, match=r"east, west fell by 5\.1, 20\.0 %"):
            guards.keep_yield(np.array([-5.1, 0.0, -20.0]), 5.0, ["east", "north", "west"])

    def test_cites_the_policy(self):
        assert "沪农委〔2023〕406号" in YieldFell.clause


class TestClaims:
    def test_name_activity_thing_and_period(self):
        assert claims(agri.digester()) == [("manure_methane", "D1", "2026-01-01", "2026-12-31")]

    def test_of_two_rice_methods_on_one_field_collide(self):
        pairs = guards.overlap(claims(agri.rice()), claims(agri.default_cuts()))

        assert {one.thing for one, _ in pairs} == {"Q01", "Q02", "W01"}

    def test_of_two_periods_do_not_collide(self):
        first, second = agri.rice(), agri.rice()
        second.project["period"] = {"start": "2027-01-01", "end": "2027-12-31"}
        held = list(guards.claims(*self.about(first)))
        later = list(guards.claims(*self.about(second)))

        assert guards.overlap(held, later) == []

    def test_of_periods_that_share_one_day_collide(self):
        first, second = agri.rice(), agri.rice()
        second.project["period"] = {"start": "2026-12-31", "end": "2027-12-30"}

        assert guards.overlap(guards.claims(*self.about(first)), guards.claims(*self.about(second)))

    def test_of_different_activities_on_one_field_stand_together(self):
        rice, fertiliser = self.about(agri.rice()), self.about(agri.fertiliser())
        same = (fertiliser[0], rice[1], fertiliser[2])

        assert guards.overlap(guards.claims(*rice), guards.claims(*same)) == []

    def test_of_tillage_shut_out_fertiliser_and_straw_on_the_same_field(self):
        tillage, fertiliser, straw = (self.about(one()) for one in (agri.tillage, agri.fertiliser, agri.straw))
        field = {"parcel": ["S1"]}
        for other in (fertiliser, straw):
            pairs = guards.overlap(
                guards.claims(tillage[0], field, tillage[2]), guards.claims(other[0], field, other[2])
            )
            assert pairs

    def about(self, farm):
        axes = {"parcel": [row["parcel"] for row in farm.sheets["parcels"]]}
        return shelf.load(farm.package).metadata, axes, farm.project["period"]
