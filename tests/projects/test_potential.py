"""What could become a project: the predicates of the shelf asked of every parcel, with every reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.projects import surveying
from tests.projects.surveying import squares

from tanhui.projects import potential, regions
from tanhui.projects.acts import land
from tanhui.projects.potential import Key
from tanhui.projects.queries import land as known


def key(**given):
    plain = {
        "county": "150404", "year": 2024, "ecosystem": "other", "land_class": "宜林地", "species": "",
        "planted_year": None, "age": None, "titled": True, "open_before": True, "size_m2": 667,
    }  # fmt: skip
    return Key(**(plain | given))


def method(code):
    return next(one for one in potential.methods() if one.code == code)


AFFORESTATION = "ccer_14_001/v01"


class TestAParcel:
    def test_set_aside_for_trees_and_open_for_years_waits_only_for_lawfulness(self):
        found = potential.ask(method(AFFORESTATION), key(), 380)
        assert (found.verdict, found.asked, found.difficulty) == ("conditional", ("period_and_legality",), "low")
        assert found.tonnes_per_ha == pytest.approx(3.588, abs=0.01)  # 油松 over 20 years, by the growth curve

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"ecosystem": "forest", "land_class": "0301"}, "land_was_not_forest"),
            ({"ecosystem": "wetland", "land_class": "0402"}, "land_is_not_wetland"),
            ({"ecosystem": "crop", "land_class": "0103"}, "land_was_not_forest"),
            ({"size_m2": 0}, "parcels_are_large_enough"),
        ],
    )
    def test_that_fails_a_condition_is_left_out_with_that_reason(self, given, reason):
        found = potential.ask(method(AFFORESTATION), key(**given), 380)
        assert found.verdict == "excluded"
        assert reason in found.reasons
        assert found.tonnes_per_ha is None

    def test_without_title_and_history_has_more_to_bring(self):
        found = potential.ask(
            method(AFFORESTATION), key(titled=False, open_before=False, land_class="0404", ecosystem="grass")
        )
        assert found.verdict == "conditional"
        assert set(found.asked) >= {"title_is_clear", "land_was_not_forest", "is_additional"}
        assert found.difficulty == "medium"

    def test_of_other_land_is_not_asked(self):
        assert potential.ask(method("ar_cm_004/v01"), key()) is None
        assert potential.ask(method("ams_iii_au/v01"), key(ecosystem="crop", land_class="0103")) is None
        paddy = potential.ask(method("ams_iii_au/v01"), key(ecosystem="crop", land_class="0101"))
        assert paddy.verdict == "conditional"
        assert paddy.tonnes_per_ha == pytest.approx(1.7, abs=0.3)

    def test_names_its_methodology_conditions_in_words(self):
        said = potential.said(method(AFFORESTATION), "title_is_clear", "zh-hans")
        assert said["clause"] == "CCER-14-001-V01 §2 (b) (P3)"
        assert "林权证" in said["evidence"]


class TestARegion:
    def test_counts_each_county_by_one_survey_and_adds_up_to_its_city(self, db, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        company = surveying.Company()
        company.take(surveying.shape(places(["150404", "150426", "150404"])), year=2021)
        whole = company.take(surveying.shape(places(["150404", "150426", "150404", "330604"])), year=2024)
        company.source = land.open_source(
            name="国土三调图斑", kind="LAND_SURVEY", mandate=company.party.initiator, at=surveying.AT
        )
        other = company.take(surveying.shape(places(["150404"])), year=2024)
        newest = known.newest(company.person, at=surveying.AT)
        assert newest == [whole, other]
        with CaptureQueriesContext(connection) as asked:
            found = regions.together(newest, rain_mm=380)
        assert len(asked) == 1
        assert [(one.code, one.survey, one.beside) for one in found.counties] == [
            ("150404", whole, [other]), ("150426", whole, []), ("330604", whole, []),
        ]  # fmt: skip
        assert {city: [one.code for one in counties] for city, counties in found.cities.items()} == {
            "1504": ["150404", "150426"], "3306": ["330604"],
        }  # fmt: skip
        assert (found.parcels, found.area_m2) == (4, whole.counts["area_m2"])
        for method in found.methods:
            inside = [found.line(method.code, one.code) for one in found.counties]
            for division, lines in (("", inside), ("1504", inside[:2]), ("3306", inside[2:])):
                line = found.line(method.code, division)
                assert line.possible_m2 == sum(one.possible_m2 for one in lines)
                assert line.tonnes == pytest.approx(sum(one.tonnes for one in lines))
        assert found.line(AFFORESTATION).possible_m2 == found.area_m2
        assert whole.versions.filter(found.counted()).count() == 4
        assert other.versions.filter(found.counted()).count() == 0

    def test_of_no_land_is_empty(self, db):
        found = regions.together([])
        assert (found.counties, found.cities, found.parcels) == ([], {}, 0)


def places(counties):
    """A bare hill in each of these counties."""
    return [
        (outline, values | {"di_lei": "171", "xian": county, "cun": f"{county}102203"})
        for (outline, values), county in zip(squares(len(counties)), counties, strict=True)
    ]


class TestASurvey:
    def test_adds_up_by_methodology_and_county(self, db, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        company = surveying.Company()
        rows = [
            (outline, values | {"di_lei": land, "xian": county, "cun": f"{county}102203"})
            for (outline, values), land, county in zip(
                squares(6), ["171", "171", "0301", "0404", "1105", "0301"], ["150404", "150426"] * 3, strict=True
            )
        ]
        survey = company.take(surveying.shape(rows))
        assert survey.state == "TAKEN", survey.report
        found = potential.assess(survey, rain_mm=380)
        assert found.parcels == 6
        assert found.counties == ["150404", "150426"]
        line = found.line(AFFORESTATION)
        assert line.parcels == {"eligible": 0, "conditional": 3, "excluded": 3}
        assert sum(line.area_m2.values()) == found.area_m2
        for verdict in line.area_m2:
            assert line.area_m2[verdict] == sum(
                found.line(AFFORESTATION, one).area_m2[verdict] for one in found.counties
            )
        assert line.tonnes == pytest.approx(line.possible_m2 / 10_000 * 3.588, rel=0.01)
        rows = list(potential.each(survey, method(AFFORESTATION), rain_mm=380))
        assert [outcome.verdict for _one, outcome in rows].count("excluded") == 3
        assert method(AFFORESTATION).grade == "D"
