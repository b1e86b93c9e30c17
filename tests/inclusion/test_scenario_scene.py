import pytest
from tests.inclusion import people

from tanhui.inclusion.models import Day, Provider, Scenario, Settlement, Suspicion
from tanhui.site.demonstration import inclusion_scenarios


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
