import datetime as dt

import pytest
from django.utils import timezone
from tests.inclusion import people

from tanhui.inclusion.models import Day, Pool, Provider, Scenario, Settlement, Suspicion
from tanhui.inclusion.queries import pools as queries
from tanhui.kernel import clock
from tanhui.site.demonstration import inclusion_pools, inclusion_scenarios, stage


@pytest.fixture
def scene(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    people.rules()
    inclusion_scenarios.load(None)


class TestTheScene:
    def test_shows_scenarios_providers_and_a_settled_day(self, scene):
        assert Scenario.objects.filter(state="OPERATING").count() == 5
        assert Provider.objects.filter(state="LIVE").count() == 3
        made = Settlement.objects.get()
        assert made.state == "DONE", made.stop
        assert made.grams > 10_000
        assert Day.objects.filter(grams__gt=0).count() > 30
        assert sorted(Suspicion.objects.values_list("state", flat=True)) == ["REFUSED", "WAITING"]
        inclusion_scenarios.load(None)
        assert Settlement.objects.count() == 1


class TestThePool:
    def test_is_verified_issued_and_sold_with_a_rest_left_free(self, scene, settings, tmp_path):
        settings.TANHUI_MODE, settings.TANHUI_SECRETS = "demonstration", tmp_path / "secrets"
        now = timezone.now()
        made = stage.found_stage(now)
        inclusion_pools.load(made)
        pool = Pool.objects.get()
        assert (pool.state, pool.tonnes) == ("VERIFIED", 1)
        assert queries.issued(pool)
        assert pool.proceeds.get().fen == 8_600
        yesterday = clock.day(now) - dt.timedelta(days=1)
        assert queries.free_g(pool.scenario, pool.last_day, yesterday) > 100_000
        inclusion_pools.load(made)
        assert Pool.objects.count() == 1
