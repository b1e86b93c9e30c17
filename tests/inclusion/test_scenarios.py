import datetime as dt

import pytest
from tests import world
from tests.inclusion import city as cities
from tests.inclusion.city import START, ref

from tanhui.inclusion import compiling
from tanhui.inclusion.acts import providers, scenarios
from tanhui.inclusion.models import Scenario, ScenarioStep

LATER = START + dt.timedelta(days=1)


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_LAKE_BUCKETS = tmp_path, 1
    return cities.found()


class TestTheRuleOfAScenario:
    def test_is_the_methodologys_own_in_whole_numbers(self, city):
        one = city.apply()
        assert (one.unit, one.rule["numerator"], one.rule["denominator"]) == ("m", 9, 125)
        assert (one.cap_day_g, one.cap_year_g, one.rule["fastest_m_per_h"]) == (6_000, 800_000, 110_000)
        assert "其他出行时间重叠" in one.exclusions

    def test_counts_steps_by_the_length_the_rule_pack_gives(self, city):
        one = city.apply(code="steps", methodology="walking/v01", steps=True)
        # 0.104 kg a person-kilometre, 0.7 m a step
        assert (one.unit, one.rule["numerator"] / one.rule["denominator"]) == ("step", 0.0728)

    def test_may_lower_a_cap_and_never_raise_it(self, city):
        assert city.apply(cap_day_g=2_000).cap_day_g == 2_000
        with world.refuses(scenarios.ScenarioUnreadable, field="cap_day_g"):
            city.apply(code="other", cap_day_g=6_001)

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"methodology": "ar_cm_001/v01"}, "methods.not_a_scenario"),
            ({"division_code": "310101"}, "methods.scenario_elsewhere"),
            ({"methodology": "reusable_packaging/v01"}, "inclusion.cannot_settle"),
            ({"item": "box"}, "inclusion.cannot_settle"),
            ({"code": "Metro 1"}, "inclusion.scenario_unreadable"),
            ({"field": "SLEEP"}, "inclusion.scenario_unreadable"),
        ],
    )
    def test_is_refused_where_there_is_none(self, city, asked, refusal):
        with pytest.raises(scenarios.Refusal) as found:
            city.apply(**asked)
        assert found.value.code == refusal
        assert not Scenario.objects.exists()

    def test_can_be_read_for_every_methodology_that_is_offered(self, city):
        for name, _ in compiling.known():
            row = compiling.shelf.load(name).parameters["baseline_factor"]
            item = row.rows[0].key if row.keys else ""
            made = compiling.compiled(name, region="110105", item=item, steps=False, on=START.date())
            assert 0 < made.numerator / made.denominator < 25_000


class TestAScenario:
    def test_goes_from_its_application_to_operation(self, city):
        one = city.publish(city.apply())
        one, _ = city.operate(one, city.enter(one))
        assert one.state == "OPERATING"
        assert one.reassess_by == dt.date(2027, 6, 5)
        assert list(one.steps.order_by("number").values_list("act", flat=True)) == [
            "assess",
            "publish",
            "connect",
            "operate",
        ]

    def test_is_published_by_two_people(self, city):
        one = city.step(city.apply(), "assess")
        with world.refuses(scenarios.NothingProposed):
            scenarios.confirm(scenario=one, mandate=city.operator.confirmer, at=START)
        given = {"scenario": one, "revision": one.revision, "mandate": city.operator.initiator, "at": START}
        scenarios.propose(reference=ref(), **given)
        one.refresh_from_db()
        with world.refuses(scenarios.ProposedAlready):
            scenarios.propose(reference=ref(), **given | {"revision": one.revision})
        with pytest.raises(scenarios.Refusal):  # one person twice
            scenarios.confirm(scenario=one, mandate=city.operator.initiator, at=START)
        scenarios.drop(scenario=one, reason="再核对上限", mandate=city.operator.confirmer, at=START)
        one.refresh_from_db()
        assert one.state == "ASSESSED"

    def test_is_assessed_by_the_technical_body_alone(self, city):
        one = city.apply()
        with world.refuses(scenarios.NotYours):
            city.step(one, "assess", who=city.operator)

    def test_does_not_operate_before_a_provider_is_live(self, city):
        one = city.publish(city.apply())
        city.enter(one)
        with world.refuses(scenarios.NobodyConnected):
            city.step(one, "connect")

    def test_is_taken_away_with_a_reason_only(self, city):
        one = city.publish(city.apply())
        with world.refuses(scenarios.ReasonMissing):
            city.step(one, "remove", reason=" ")
        assert city.step(one, "remove", reason="方法学已退出").state == "REMOVED"
        with world.refuses(scenarios.MovedOn):
            city.step(one, "connect")

    def test_takes_a_step_once_however_often_it_is_asked(self, city):
        one = city.apply()
        asked = {"scenario": one, "act": "assess", "mandate": city.assessor.initiator, "reference": "a", "at": START}
        first = scenarios.take(**asked)
        assert scenarios.take(**asked) == first
        assert ScenarioStep.objects.count() == 1

    def test_is_reassessed_and_gets_a_new_day(self, city):
        one = city.publish(city.apply())
        one, _ = city.operate(one, city.enter(one))
        one = city.step(one, "reassess", at=START + dt.timedelta(days=200), reason="因子仍适用")
        assert one.reassess_by == dt.date(2027, 12, 22)


class TestAProvider:
    def test_goes_live_after_a_trial_that_passed(self, city):
        one = city.publish(city.apply())
        provider = city.enter(one)
        live = {"provider": provider, "state": "LIVE", "mandate": city.operator.initiator, "at": START}
        city.try_out(provider, one, rows=9)
        with world.refuses(providers.TrialNotPassed, rows=9, least=10):
            providers.turn(**live)
        city.try_out(provider, one, rows=1)
        assert providers.turn(**live).state == "LIVE"

    def test_is_suspended_with_a_reason_and_then_nothing_of_it_is_taken(self, city):
        one = city.publish(city.apply())
        city.scenario, city.provider = city.operate(one, city.enter(one))
        stop = {"provider": city.provider, "state": "SUSPENDED", "mandate": city.operator.initiator, "at": START}
        with world.refuses(scenarios.ReasonMissing):
            providers.turn(**stop)
        city.provider = providers.turn(**stop, reason="数据口径变更未报备")
        with pytest.raises(scenarios.Refusal) as found:
            city.take(cities.event("0" * 32, one))
        assert found.value.code == "inclusion.provider_stopped"

    def test_has_an_agreement_that_says_everything(self, city):
        one = city.publish(city.apply())
        for wrong in ({"purpose": " "}, {"until": dt.date(2025, 1, 1)}, {"retention_days": 0}, {"code": "X"}):
            with world.refuses(providers.AgreementUnreadable):
                city.enter(one, **wrong)
