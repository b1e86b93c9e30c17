import numpy as np
import pytest
from tests.methods import agri

from tanhui.methods import guards
from tanhui.methods.engine import shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.guards import YieldFell


def claims(farm):
    done = farm.run()
    metadata = shelf.load(farm.package).metadata
    return list(guards.claims(metadata, done.content["axes"], farm.project))


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
        assert claims(agri.digester()) == [("manure_methane", "digester", "00", "D1", "2026-01-01", "2026-12-31")]

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
        return shelf.load(farm.package).metadata, axes, farm.project

    @pytest.mark.parametrize("same", ["q01", "Ｑ０１", " Q 01", "Q01\u3000"])
    def test_know_a_thing_by_whatever_it_is_written(self, same):
        metadata, _, project = self.about(agri.rice())
        first, second = (guards.claims(metadata, {"parcel": [name]}, project) for name in ("Q01", same))

        assert len(guards.overlap(first, second)) == 1

    def test_of_another_province_are_of_another_thing(self):
        metadata, axes, project = self.about(agri.rice())
        held = list(guards.claims(metadata, axes, project))

        assert guards.overlap(held, guards.claims(metadata, axes, project | {"region": "310000"}))
        assert guards.overlap(held, guards.claims(metadata, axes, project | {"region": "330118"})) == []

    def test_of_another_kind_or_activity_are_of_another_thing(self):
        _, _, project = self.about(agri.rice())

        def key(activity, thing):
            about = {"double_count_key": {"activities": [activity], "thing": thing}}
            return next(guards.claims(about, {thing: ["1"]}, project)).key

        keys = {key(activity, thing) for activity in ("straw", "grassland") for thing in ("parcel", "meter")}
        assert len(keys) == 4

    def test_of_meters_are_never_the_parcels_of_the_project(self):
        about = {"double_count_key": {"activities": ["straw"], "thing": "meter"}}
        project = {"period": {"start": "2026-01-01", "end": "2026-12-31"}, "parcels": ["P"]}

        assert list(guards.claims(about, {}, project)) == []

    def test_of_one_day_each_meet_on_that_day_alone(self):
        about = {"double_count_key": {"activities": ["straw"], "thing": "parcel"}}

        def held(first, last):
            return list(guards.claims(about, {"parcel": ["P"]}, {"period": {"start": first, "end": last}}))

        year, last, next_ = (
            held("2026-01-01", "2026-12-31"),
            held("2026-12-31", "2027-06-30"),
            held("2027-01-01", "2027-06-30"),
        )
        assert len(guards.overlap(year, last)) == len(guards.overlap(last, year)) == 1
        assert guards.overlap(year, next_) == guards.overlap(next_, year) == []

    def test_of_names_without_end_keep_to_a_length_and_apart(self):
        metadata, _, project = self.about(agri.rice())
        first, second = (list(guards.claims(metadata, {"parcel": ["Q" * 9000 + end]}, project)) for end in "12")

        assert len(first[0].key) < 200
        assert guards.overlap(first, second) == []

    def test_of_land_measured_by_plots_are_the_parcels_the_project_lists(self):
        forest = shelf.load("ccer_14_001/v01").metadata
        project = {"period": {"start": "2020-01-01", "end": "2024-12-31"}, "region": "1504", "parcels": ["150402-7"]}
        found = list(guards.claims(forest, {"plot": ["1"], "stratum": ["pine"]}, project))

        assert {(one.activity, one.area, one.thing) for one in found} == {
            ("afforestation", "15", "150402-7"),
            ("forest_management", "15", "150402-7"),
        }
        assert list(guards.claims(forest, {"plot": ["1"]}, project | {"parcels": []})) == []

    def test_of_two_surveys_last_from_one_to_the_other(self):
        project = {"surveys": {"first": "2021-12-01", "second": "2026-10-31"}, "parcels": ["P"]}
        found = next(guards.claims(shelf.load("ccer_14_001/v01").metadata, {}, project))

        assert (found.area, found.start, found.end) == ("00", "2021-12-01", "2026-10-31")


class TestParcelsOfAProject:
    @pytest.mark.parametrize("parcels", ["310118-7", 7, {}, [7], ["310118-7", ""], [" "], None])
    def test_are_a_list_of_names(self, parcels):
        farm = agri.rice()
        farm.project["parcels"] = parcels

        with pytest.raises(FaultyInput) as refused:
            farm.run()
        assert [(one.rule, one.column) for one in refused.value.faults] == [("wrong_section", "parcels")]

    def test_are_kept_in_the_bundle(self):
        farm = agri.rice()
        farm.project["parcels"] = ["310118-7"]

        assert farm.run().content["inputs"]["project"]["parcels"] == ["310118-7"]


class TestEveryMethodologyThatIssues:
    @pytest.mark.parametrize("name", [one.name for one in shelf.survey()[0] if one.may_issue])
    def test_says_what_may_not_be_counted_twice(self, name):
        key = shelf.load(name).metadata["double_count_key"]

        assert key["activities"]
        assert key["thing"]
