"""Panels of the expert committee: who may sit, how it is voted, what follows, and what is refused."""

import datetime as dt

import pytest
from tests import world
from tests.projects import reviewing
from tests.projects.reviewing import DAY, NOON

from tanhui.projects import guards, minutes
from tanhui.projects.acts import experts, panel
from tanhui.projects.guards import review as guard
from tanhui.projects.models import Expert, Panel, Seat

TODAY = NOON.date()


@pytest.fixture
def case(db):
    return reviewing.Case()


@pytest.fixture
def matter(case):
    return case.developed("EXPERT_REVIEW", profile="local")


def seats(made):
    return list(Seat.objects.filter(panel=made).select_related("expert__person").order_by("pk"))


def vote(seat, choice="APPROVE", reason="资料齐全，方法得当。", at=NOON):
    if not seat.declared:
        panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=at)
    return panel.vote(seat=seat, choice=choice, reason=reason, by=seat.expert.person, at=at)


def conclude(case, made, at=NOON):
    return panel.conclude(
        panel=made, text="会议审阅了设计文件与审定报告。", held_on=TODAY, mandate=case.authority.initiator, at=at
    )


class TestAPanel:
    def test_that_approves_lets_the_project_go_on(self, case, matter):
        made = case.convene(matter)
        for number, seat in enumerate(seats(made)):
            vote(seat, "APPROVE" if number < 4 else "REJECT")
        with world.refuses(guard.PanelNotApproved):
            guards.named("panel_approved")(matter, None, NOON)
        kept = conclude(case, made)
        assert (kept.outcome, kept.approve, kept.reject) == ("APPROVED", 4, 1)
        guards.named("panel_approved")(matter, None, NOON)
        made = Panel.objects.select_related("development__owner", "convener", "minutes__by").get(pk=made.pk)
        assert minutes.pdf(made).startswith(b"%PDF")
        assert minutes.pdf(made) == minutes.pdf(made)

    def test_that_does_not_reach_the_majority_stops_it(self, case, matter):
        made = case.convene(matter)
        for seat, choice in zip(seats(made), ["APPROVE", "APPROVE", "APPROVE", "REJECT", "ABSTAIN"], strict=True):
            vote(seat, choice)
        assert conclude(case, made).outcome == "REJECTED"
        with world.refuses(guard.PanelNotApproved):
            guards.named("panel_approved")(matter, None, NOON)

    @pytest.mark.parametrize(
        ("approve", "cast", "outcome"),
        [(2, 3, "REJECTED"), (67, 100, "APPROVED"), (66, 100, "REJECTED"), (0, 0, "REJECTED"), (5, 5, "APPROVED")],
    )
    def test_counts_the_share_of_all_that_were_cast(self, approve, cast, outcome):
        assert panel.decided(approve, cast, 67) == outcome

    def test_of_too_few_different_experts_is_refused(self, case, matter):
        one = case.expert()
        people = [one] * 5
        with world.refuses(panel.TooFewExperts, quorum=5, named=1):
            case.convene(matter, people)

    def test_is_convened_at_expert_review_by_who_may(self, case, matter):
        people = [case.expert() for _ in range(5)]
        with world.refuses(panel.NotAtThePanel):
            case.convene(case.development, people)
        with world.refuses(panel.NotAConvener, organisation="演示农投集团"):
            case.convene(matter, people, by=case.owner)

    def test_runs_once_at_a_time(self, case, matter):
        people = [case.expert() for _ in range(5)]
        case.convene(matter, people)
        with world.refuses(panel.PanelRunning):
            case.convene(matter, people)

    def test_without_a_quorum_is_not_concluded(self, case, matter):
        made = case.convene(matter)
        for seat in seats(made)[:4]:
            vote(seat)
        with world.refuses(panel.TooFewVotes, cast=4, quorum=5):
            conclude(case, made)
        late = case.expert()
        vote(panel.appoint(panel=made, person=late, mandate=case.authority.initiator, at=NOON))
        assert conclude(case, made).appointed == 6

    def test_is_closed_once_it_is_concluded(self, case, matter):
        made = case.convene(matter, [case.expert() for _ in range(6)])
        *first, last = seats(made)
        for seat in first:
            vote(seat)
        conclude(case, made)
        with world.refuses(panel.PanelClosed):
            conclude(case, made)
        with world.refuses(panel.PanelClosed):
            panel.declare(seat=last, conflict=False, statement="", by=last.expert.person, at=NOON)

    def test_needs_minutes_with_a_day_that_has_been(self, case, matter):
        made = case.convene(matter)
        for text, day in ((" ", TODAY), ("纪要", TODAY + DAY), ("纪要", TODAY - DAY)):
            with world.refuses(panel.MinutesEmpty):
                panel.conclude(panel=made, text=text, held_on=day, mandate=case.authority.initiator, at=NOON)

    def test_of_before_it_came_here_does_not_count(self, case, matter):
        made = case.convene(matter, at=NOON)
        for seat in seats(made):
            vote(seat)
        conclude(case, made)
        matter.stage_since = NOON + DAY
        with world.refuses(guard.PanelNotApproved):
            guards.named("panel_approved")(matter, None, NOON + DAY)


class TestAnExpert:
    def test_who_works_for_a_party_is_not_appointed(self, case, matter):
        one = case.expert(name="张专家")
        world.mandate(one, case.validator.organisation, "VIEW")
        people = [one, *(case.expert() for _ in range(5))]
        with world.refuses(panel.ExpertBarred, person="张专家", organisation="演示审定机构", years=5):
            case.convene(matter, people)

    @pytest.mark.parametrize(("until", "barred"), [(TODAY - 4 * 365 * DAY, True), (TODAY - 6 * 365 * DAY, False)])
    def test_who_was_employed_by_the_owner_within_the_years_is_not(self, case, matter, until, barred):
        job = experts.Employer("演示农投集团", dt.date(2010, 1, 1), until)
        people = [case.expert(employers=[job]), *(case.expert() for _ in range(5))]
        if barred:
            with world.refuses(panel.ExpertBarred, organisation="演示农投集团"):
                case.convene(matter, people)
        else:
            case.convene(matter, people)

    def test_not_on_the_roster_or_no_longer_is_not_appointed(self, case, matter):
        people = [case.expert() for _ in range(5)]
        stranger = world.person(name="路人")
        over = case.expert(name="离任专家", until=TODAY)
        for who, name in ((stranger, "路人"), (over, "离任专家")):
            with world.refuses(panel.ExpertNotListed, person=name):
                case.convene(matter, [*people, who])

    def test_who_recuses_has_no_vote_and_cannot_take_it_back(self, case, matter):
        seat, *_rest = seats(case.convene(matter))
        with world.refuses(panel.ConflictUnstated):
            panel.declare(seat=seat, conflict=True, statement=" ", by=seat.expert.person, at=NOON)
        panel.declare(seat=seat, conflict=True, statement="配偶任职于业主。", by=seat.expert.person, at=NOON)
        with world.refuses(panel.Recused):
            vote(Seat.objects.get(pk=seat.pk))
        with world.refuses(panel.DeclaredAlready):
            panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=NOON)

    def test_whose_interest_comes_to_light_later_has_no_vote(self, case, matter):
        seat, *_rest = seats(case.convene(matter))
        panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=NOON)
        held = Expert.objects.get(pk=seat.expert_id)
        held.employers = [{"name": "演示农投集团", "uscc": "", "from": "2020-01-01", "until": None}]
        held.save()
        seat = Seat.objects.get(pk=seat.pk)
        with world.refuses(panel.Recused):
            vote(seat)

    def test_votes_once_with_reasons_after_declaring_for_themselves_alone(self, case, matter):
        seat, other, *_rest = seats(case.convene(matter))
        with world.refuses(panel.Undeclared):
            panel.vote(seat=seat, choice="APPROVE", reason="同意。", by=seat.expert.person, at=NOON)
        with world.refuses(panel.NotYourSeat):
            panel.declare(seat=seat, conflict=False, statement="", by=other.expert.person, at=NOON)
        panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=NOON)
        for choice, reason in (("APPROVE", " "), ("MAYBE", "同意。")):
            with world.refuses(panel.VoteIncomplete):
                panel.vote(seat=seat, choice=choice, reason=reason, by=seat.expert.person, at=NOON)
        first = vote(Seat.objects.get(pk=seat.pk))
        assert vote(Seat.objects.get(pk=seat.pk)).pk == first.pk
        again = Seat.objects.get(pk=seat.pk)
        with world.refuses(panel.VotedAlready):
            vote(again, "REJECT")


class TestTheRoster:
    def test_is_kept_by_the_committee_of_its_own_members(self, case):
        person = world.person(name="新专家")
        given = {"person": person, "field": "草原碳汇", "title": "", "employers": [], "since": TODAY, "at": NOON}
        with world.refuses(experts.NotItsMember, person="新专家"):
            experts.list_(mandate=case.committee.initiator, **given)
        with world.refuses(experts.NotTheCommittee, organisation="演示主管部门"):
            experts.list_(mandate=case.authority.initiator, **given)
        world.mandate(person, case.committee.organisation, "VIEW")
        experts.list_(mandate=case.committee.initiator, **given)
        again = experts.list_(mandate=case.committee.initiator, **given | {"field": "湿地碳汇"})
        assert (Expert.objects.count(), again.field) == (1, "湿地碳汇")
        with world.refuses(experts.RosterIncomplete):
            experts.list_(mandate=case.committee.initiator, **given | {"field": " "})
