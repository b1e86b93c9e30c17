"""What is owed and what lapses with time: yearly reports of bodies, claims nobody takes on, second signatures."""

import datetime as dt

import pytest
from tests import world
from tests.projects import cycling, reviewing
from tests.projects.cycling import DAY, fresh

from tanhui.identity import powers
from tanhui.identity.acts import verifier
from tanhui.identity.models import WorkReport
from tanhui.journal import sequencer
from tanhui.notices import telling
from tanhui.notices.acts import notifying
from tanhui.notices.models import Notice
from tanhui.projects.acts import asking, lapsing, yearly
from tanhui.projects.models import Footprint, Nudge, ReportNudge
from tanhui.projects.queries import cycle

JANUARY = dt.datetime(2026, 1, 5, 2, tzinfo=dt.UTC)


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return cycling.Cast()


def told(at):
    """Who was told what so far: titles by person."""
    while sequencer.sequence(at=at) == sequencer.BATCH:
        pass
    while notifying.follow(at=at).behind:
        pass
    return [(one.person_id, str(one)) for one in Notice.objects.order_by("pk")]


class TestTheYearlyReport:
    def test_is_owed_by_every_body_that_was_qualified_in_the_year(self, cast):
        assert yearly.owe(at=JANUARY) == 2
        assert yearly.owe(at=JANUARY) == 0
        assert {one.organisation for one in WorkReport.objects.all()} == {
            cast.validator.organisation, cast.verifier.organisation,
        }  # fmt: skip
        assert set(WorkReport.objects.values_list("year", "due_on")) == {(2025, dt.date(2026, 3, 31))}

    def test_is_reminded_of_once_at_each_distance_and_not_once_it_is_there(self, cast):
        yearly.owe(at=JANUARY)
        assert yearly.remind(at=JANUARY) == 0
        report = WorkReport.objects.get(organisation=cast.verifier.organisation)
        self.hand_in(cast, report, at=JANUARY)
        for day, many in ((dt.date(2026, 3, 20), 1), (dt.date(2026, 3, 31), 1), (dt.date(2026, 4, 2), 1)):
            at = dt.datetime.combine(day, dt.time(2), dt.UTC)
            assert (yearly.remind(at=at), yearly.remind(at=at)) == (many, 0)
        assert list(ReportNudge.objects.order_by("at").values_list("stage", flat=True)) == ["SOON", "TODAY", "OVERDUE"]

    def hand_in(self, cast, report, *, by=None, at):
        body = by or cast.verifier
        person = body.initiator.membership.person
        upload = reviewing.uploaded(person, at=at, kind=yearly.KIND)
        return yearly.hand_in(report=report, upload=upload, mandate=body.initiator, at=at)

    def test_is_handed_in_by_its_own_body_until_it_is_received(self, cast):
        yearly.owe(at=JANUARY)
        report = WorkReport.objects.get(organisation=cast.verifier.organisation)
        with world.refuses(verifier.NotFiled, year=2025):
            yearly.receive(report=report, mandate=cast.authority.initiator, at=JANUARY)
        upload = reviewing.uploaded(cast.validator.initiator.membership.person, at=JANUARY, kind=yearly.KIND)
        with world.refuses(yearly.ReportNotYours, year=2025):
            yearly.hand_in(report=report, upload=upload, mandate=cast.validator.initiator, at=JANUARY)
        self.hand_in(cast, report, at=JANUARY)
        yearly.receive(report=report, mandate=cast.authority.initiator, at=JANUARY + DAY)
        assert fresh(report).published_at is not None
        upload = reviewing.uploaded(cast.verifier.initiator.membership.person, at=JANUARY, kind=yearly.KIND)
        with world.refuses(yearly.ReportReceived, year=2025):
            yearly.hand_in(report=report, upload=upload, mandate=cast.verifier.initiator, at=JANUARY + DAY)

    def test_stands_on_a_page_for_everybody_and_is_read_by_few(self, cast, client):
        yearly.owe(at=JANUARY)
        report = WorkReport.objects.get(organisation=cast.verifier.organisation)
        text = client.get("/verification/reports").content.decode()
        assert "演示核查机构" in text
        assert "upload" not in text
        self.hand_in(cast, report, at=JANUARY)
        paper = f"/files/{fresh(report).document}"
        assert client.get(paper).status_code == 404
        world.sign_in(client, cast.authority.initiator.membership.person)
        assert client.get(paper).status_code == 200
        sent = {"do": "receive", "report": report.pk}
        assert client.post("/verification/reports", sent).status_code == 302
        assert client.post("/verification/reports", {"do": "receive", "report": 2**40}).status_code == 404
        for unsaid in ({}, {"do": "receive"}, {"do": "receive", "report": "9" * 40}, {"report": "\x00"}):
            answer = client.post("/verification/reports", unsaid)
            assert (answer.status_code, yearly.ReportUnsaid.code in answer.content.decode()) == (422, True)
        world.sign_in(client, cast.validator.initiator.membership.person)
        assert client.post("/verification/reports", {"report": report.pk}).status_code == 404


class TestAClaimNobodyTakesOn:
    def cleared(self, cast):
        one = cast.drafted("ccer")
        for act in ("submit_county", "approve_county", "file_city"):
            cast.take(one, act)
        return fresh(one)

    def live(self, one):
        return one.footprints.filter(state=Footprint.State.LIVE).count()

    def test_lapses_after_the_days_of_the_rule_pack_with_notice_before(self, cast):
        one = self.cleared(cast)
        assert (one.state, self.live(one)) == ("CLEARED", 1)
        assert lapsing.lapse(at=cast.at + 140 * DAY) == 0
        assert not Nudge.objects.filter(what=lapsing.CLAIM).exists()
        assert lapsing.lapse(at=cast.at + 160 * DAY) == 0
        assert Nudge.objects.get(what=lapsing.CLAIM).stage == "SOON"
        assert lapsing.lapse(at=cast.at + 180 * DAY) == 0
        assert lapsing.lapse(at=cast.at + 181 * DAY) == 1
        assert lapsing.lapse(at=cast.at + 182 * DAY) == 0
        assert self.live(one) == 0
        people = {person for person, subject in told(cast.at + 182 * DAY) if one.name in subject}
        assert cast.owner.initiator.membership.person_id in people

    def test_is_made_anew_with_the_next_step(self, cast):
        one = self.cleared(cast)
        lapsing.lapse(at=cast.at + 181 * DAY)
        cast.later(days=181)
        cast.hand_in(one, "DESIGN")
        cast.take(one, "publish")
        assert self.live(one) == 1


class TestAReminderOfEvidence:
    def test_names_its_month_and_goes_to_the_owner(self, cast):
        one = cast.opened()
        said = {"what": "2025-07", "due": "2025-09-09", "stage": "OVERDUE", "development": one.code}
        fact = telling.Fact("projects.deadline_near", 1, 1, said, {"development": str(one.pk)}, None, cast.at)
        (told,) = [each for each in telling.of(fact.kind) if list(each.recipients(fact))]
        people = {cast.owner.initiator.membership.person, cast.owner.confirmer.membership.person}
        assert set(told.recipients(fact)) == people
        assert "2025-07" in told.subject % told.words(fact)
        assert told.url(fact) == f"/desk/developments/{one.code}#evidence"


class TestASecondSignature:
    def test_is_told_to_whoever_must_give_it_and_its_refusal_to_whoever_asked(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="p-1", at=cast.at)
        asks = [person for person, subject in told(cast.at) if one.code in subject]
        assert asks == [cast.owner.confirmer.membership.person_id]
        held = powers.of(cast.owner.confirmer.membership.person, at=cast.at)
        assert [what for _one, what in cycle.my_turn(held)] == ["confirm"]
        asking.drop(subject=one, mandate=cast.owner.confirmer, reason="设计文件有误。", at=cast.at)
        after = [person for person, subject in told(cast.at) if one.code in subject]
        assert after == [*asks, cast.owner.initiator.membership.person_id]
