"""The published tables themselves: what they hold, and that their history closes when the acts repeat it."""

import os
from collections import Counter

import pytest

from tanhui.registry.tasks import carb, planning, reconciliation, remarks, replay

from . import tables

EVERY = 12  # of the ordinary projects, one in so many is repeated


@pytest.fixture(scope="module")
def folder(shared):
    found = shared / "data" / "registry" / "carb"
    if not found.is_dir():
        pytest.skip(f"the published tables are not at {found}")
    return found


@pytest.fixture(scope="module")
def published(folder):
    return carb.read(folder, tables.SNAPSHOT)


class TestThePublishedTables:
    def test_hold_what_their_description_says(self, published):
        assert len(published.rows) == 1918
        assert sum(row.issued_t or 0 for row in published.rows) == 266_519_677
        assert len(published.surrenders) == 2934
        assert published.left_out == {}

    def test_have_comments_that_tell_every_use_of_the_pool(self, published):
        kinds = Counter(type(said) for row in published.rows for said in row.said)
        assert kinds[remarks.Invalidated] == 5
        assert kinds[remarks.Replacement] == 4
        untold = [cause for cause in planning.plan(published).causes if cause.code == "pool_event_unknown"]
        assert untold == []

    def test_of_an_earlier_day_take_only_the_reports_of_that_time(self, folder):
        earlier = carb.read(folder, "2021-11-24")

        assert set(earlier.reports) == {"CP1_2013-2014", "CP2_2015-2017"}
        assert set(earlier.left_out.values()) == {"later"}


def unusual(published):
    """Projects with anything out of the ordinary, and a sample of the others."""
    ordinary, others = [], set()
    plan = planning.plan(published)
    noticed = {cause.issuance[:8] for cause in plan.causes if cause.code != "issued_in_parts"}
    for row in published.rows:
        spans = [one.span for one in published.rows if one.project == row.project and one.span]
        odd = not row.issued_t or any(not isinstance(said, remarks.BufferUse) for said in row.said)
        odd |= any(plan.surrendered.get((row.id, name), 0) != row.retired[name] for name in carb.PERIODS)
        odd |= sum(row.retired.values()) > (row.issued_t or 0)
        odd |= any(one != row.span and row.span and one.overlaps(row.span) for one in spans)
        if odd or row.project in noticed:
            others.add(row.project)
        elif row.project not in ordinary:
            ordinary.append(row.project)
    return others | set(ordinary[::EVERY])


@pytest.mark.slow
@pytest.mark.django_db
class TestTheirHistory:
    def test_closes_with_a_cause_for_every_difference(self, published):
        whole = os.environ.get("TANHUI_TEST_WHOLE_REPLAY")
        taken = published if whole else tables.part(published, unusual(published))

        found = reconciliation.reconcile(replay.replay(taken))

        assert found.unexplained == []
        assert found.audit.findings == []
        assert found.closed
        codes = Counter(cause.code for cause in found.causes if cause.effect_t)
        assert codes == {
            "refused": 2,
            "not_issued": 1,
            "retired_beyond_issued": 4,
            "replacement_in_column": 1,
            "missing_in_table": 1,
        }
        assert Counter(cause.code for cause in found.causes)["mistyped"] == 10
