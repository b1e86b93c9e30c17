"""A value of the monitoring data is put right before it is verified, on record, and the run is computed anew."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, transaction
from tests import world
from tests.methods import agri
from tests.projects import cycling
from tests.projects.cycling import fresh

from tanhui.journal.models import Entry
from tanhui.kernel.period import Period as Days
from tanhui.projects import refusals, runs
from tanhui.projects.acts import asking, correcting, drafting, monitoring
from tanhui.projects.models import Correction, Development

GOOD = {
    "what": "水位计 WL-01，2023-06-05",
    "before": "12.5",
    "after": "2.5",
    "unit": "cm",
    "reason": "误读，见现场照片。",
}


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return cycling.Cast()


@pytest.fixture
def period(cast):
    return cast.monitored(cast.filed())


def correct(cast, period, *, by=None, **changes):
    return correcting.correct(
        monitoring=period, **(GOOD | changes), mandate=(by or cast.owner).initiator, at=cast.at
    )  # fmt: skip


class TestCorrecting:
    def test_keeps_what_it_was_and_asks_for_a_new_run(self, cast, period):
        made = correct(cast, period)
        assert (made.number, made.before, made.after) == (1, "12.5", "2.5")
        assert correct(cast, period) == made
        told = Entry.objects.get(kind="projects.data_corrected")
        assert b"12.5" not in bytes(told.leaf)  # data may be withheld; that they were corrected is public
        assert runs.outdated(fresh(period))
        asking_for = {"subject": period, "act": "publish", "mandate": cast.owner.initiator, "at": cast.at}
        with world.refuses(refusals.RunOutdated, count=1):
            asking.ask(**asking_for, reference="p-1")
        farm = cycling.rice()
        correct_run(cast, period, farm)
        assert not runs.outdated(fresh(period))
        cast.take(period, "publish")

    def test_is_for_the_owner_before_verification_and_never_on_notice(self, cast, period):
        with world.refuses(drafting.NotTheOwner):
            correct(cast, period, by=cast.verifier)
        cast.take(period, "publish")
        with world.refuses(drafting.NotEditable):
            correct(cast, period)
        period = cast.wait(period)
        correct(cast, period)
        cast.verify(period)
        cast.hand_in(period, "VERIFICATION")
        with world.refuses(refusals.RunOutdated):
            asking.ask(
                subject=period, act="verify", mandate=cast.verifier.initiator, reference="v-1", at=cast.at
            )  # fmt: skip
        type(period).objects.filter(pk=period.pk).update(state="VERIFIED")
        with world.refuses(drafting.NotEditable):
            correct(cast, fresh(period), after="3.5")

    @pytest.mark.parametrize(
        "bad", [{"what": " "}, {"after": "12.5"}, {"reason": ""}, {"before": "1" * 61}, {"unit": "c\x00m"}]
    )
    def test_says_what_and_why(self, cast, bad):
        period = cast.period(cast.filed())
        with world.refuses(correcting.CorrectionUnsaid):
            correct(cast, period, **bad)

    def test_stays_as_it_was_kept(self, cast, period):
        correct(cast, period)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Correction.objects.update(after="0")

    def test_stands_on_the_page_of_the_period(self, cast, period, client):
        world.sign_in(client, cast.owner.initiator.membership.person)
        page = f"/desk/developments/periods/{period.code}"
        assert client.post(page, {"do": "correct"} | GOOD).status_code == 302
        assert "误读，见现场照片。" in client.get(page).content.decode()
        assert client.post(page, {"do": "correct"} | GOOD | {"before": "2.5"}).status_code == 422
        assert Correction.objects.count() == 1


class TestARun:
    """What is handed in as the run of a period is computed again first, and is the project's own."""

    def hand_in(self, cast, period, bundle):
        return monitoring.hand_in_run(monitoring=period, bundle=bundle, mandate=cast.owner.initiator, at=cast.at)

    def test_that_says_another_quantity_than_it_computes_is_refused(self, cast, period):
        content = json.loads(bytes(period.bundle))
        content["result"]["kg"] += 1000
        with world.refuses(monitoring.NotRecomputable, symbol="result.kg"):
            self.hand_in(cast, period, json.dumps(content, ensure_ascii=False).encode())

    def test_of_other_days_or_another_methodology_is_refused(self, cast, period):
        bundle = bytes(period.bundle)
        later = cast.period(period.development, span=Days(dt.date(2024, 1, 1), dt.date(2025, 1, 1)))
        with world.refuses(monitoring.AnotherPeriod):
            self.hand_in(cast, later, bundle)
        Development.objects.filter(pk=period.development_id).update(methodology="CCER-14-001-V01")
        with world.refuses(monitoring.AnotherMethodology):
            self.hand_in(cast, period, bundle)


def correct_run(cast, period, farm):
    inputs = {name: agri.as_table(name, rows) for name, rows in farm.sheets.items()}
    monitoring.compute(monitoring=period, project=farm.project, inputs=inputs, mandate=cast.owner.initiator, at=cast.at)
