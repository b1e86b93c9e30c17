"""The scene of the demonstration: one year archived, the next before its verifier, one by rates, nothing twice."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from tests import world

from tanhui.inventory import checks, queries
from tanhui.inventory.models import AccountingYear, Item
from tanhui.site.demonstration import inventory as scene

pytestmark = pytest.mark.slow


class TestTheScene:
    def test_shows_a_published_year_one_in_progress_and_one_by_rates(self, db, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        stage = SimpleNamespace(bodies={"verifier": world.organisation("VVB")})

        scene.load(stage)
        scene.load(stage)

        by_rates, published, coming = AccountingYear.objects.order_by("year")
        assert (by_rates.state, published.state, coming.state) == ("COMPUTED", "ARCHIVED", "COMPUTED")
        assert {one.rule for one in queries.finished(by_rates).figures.filter(type="forest")} == {"rate"}
        assert "table" not in {one.name for one in checks.open_ones(checks.of(by_rates))}
        assert {one.category for one in published.items.all()} == set(Item.Category)
        names = [one.zone_name for one in queries.published_figures(published).filter(level="township", type="all")]
        assert {"云溪镇", "东湖街道"} <= set(names)
        assert [one.name for one in checks.open_ones(checks.of(coming))] == ["compared", "verified"]
        assert all(step.at <= timezone.now() for step in queries.steps(coming))
