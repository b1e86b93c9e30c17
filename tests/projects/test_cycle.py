"""A project and its reductions walk through their procedures; every other way is refused."""

import datetime as dt

import pytest
import shapely
from django.db import transaction
from psycopg.types.range import DateRange
from tests import world
from tests.projects import cycling
from tests.projects.cycling import DAY, SPAN, fresh, states

from tanhui.identity.acts import instruction
from tanhui.journal.models import Entry
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.kernel.workdays import Calendar
from tanhui.library import queries as library
from tanhui.projects import deadlines, drawing, evidence, guards, machine, numbers, refusals
from tanhui.projects.acts import asking, clawing, commenting, drafting, monitoring, papers, stamping, steps, timing
from tanhui.projects.models import Ban, Footprint, Nudge, Step
from tanhui.projects.queries import clawbacks, cycle, listing
from tanhui.registry.acts import choice, clawback, transfer
from tanhui.registry.acts import project as register
from tanhui.registry.models import Account
from tanhui.rulepacks import calendar

MACHINES = [
    (profile.code, one) for profile in machine.profiles().values() for one in (profile.development, profile.monitoring)
]
ROWS = [(code, one, row) for code, one in MACHINES for row in one.table]
NAMES = [f"{code}-{one.name}-{row.before}-{row.act}-{row.after}" for code, one, row in ROWS]


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path  # a log of its own: what a test writes is rolled back, what it publishes is not
    return cycling.Cast()


def forced(one, state, *, stage="", **changes):
    """The row put into a state by hand, to ask the table from there."""
    type(one).objects.filter(pk=one.pk).update(state=state, stage=stage, limit={}, due_on=None, **changes)
    return fresh(one)


class TestNational:
    def test_walks_from_draft_to_registration(self, cast):
        one = cast.registered()
        assert states(one) == ["PDD_PUBLICITY", "VALIDATION", "VALIDATED_POS", "REG_CHECK", "REGISTERED"]
        assert one.registered.owner == cast.owner.organisation
        assert one.registered.validator == cast.validator.organisation
        assert one.registered.methodology == "CCER-14-001-V01"
        assert one.footprints.filter(state=Footprint.State.LIVE).count() == 1
        assert [step.initiator is not None for step in one.steps.order_by("number")] == [True, False, True, True, True]

    def test_gives_a_notice_twenty_working_days(self, cast):
        one = cast.published()
        assert (one.due_on, one.limit["days"], one.limit["unit"]) == (dt.date(2025, 9, 1), 20, "workday")
        assert deadlines.left(one, today=clock.day(cast.at)).left == 20

    def test_ends_where_the_validator_says_no(self, cast):
        one = cast.wait(cast.published())
        cast.review(one, conclusion="NEGATIVE", unmet=("real_unique_additional",))
        cast.take(one, "refuse_validation", reason="额外性论证不成立。")
        assert fresh(one).state == "VALIDATED_NEG"
        assert not one.footprints.filter(state=Footprint.State.LIVE).exists()

    def test_stops_the_clock_while_papers_are_corrected_and_lets_it_go_on(self, cast):
        one = cast.validated()
        cast.hand_in(one, "APPLICATION", "COMMITMENT")
        cast.take(one, "apply")
        first_due = fresh(one).due_on
        cast.later(days=7)
        cast.take(one, "return", reason="承诺书未盖章。")
        held = fresh(one)
        assert (held.state, held.stage, held.due_on) == ("RETURNED", "REG_CHECK", None)
        used = held.used_days
        assert used == 5
        cast.later(days=30)
        cast.take(one, "resubmit")
        held = fresh(one)
        assert (held.state, held.used_days) == ("REG_CHECK", used)
        expected = calendar.announced().add(clock.day(cast.at), 15 - used).day
        assert held.due_on == expected > first_due

    def test_keeps_who_validated_named_and_the_draft_sound_when_it_is_handed_in_again(self, cast):
        """What is returned for correction was validated: another name there would let who validated verify."""
        one = cast.validated()
        cast.hand_in(one, "APPLICATION", "COMMITMENT")
        cast.take(one, "apply")
        cast.take(one, "return")

        def keep(**answers):
            held = fresh(one)
            return drafting.keep(
                development=held, answers=answers, revision=held.revision, mandate=cast.owner.initiator, at=cast.at
            )

        with world.refuses(drafting.BodyReported, body=cast.validator.organisation.name):
            keep(validator=cast.verifier.organisation.uscc)
        with world.refuses(drafting.BodyReported):
            keep(validator="")
        for answers, refusal in (
            ({"additionality": ""}, refusals.DraftOpen), ({"in_ets": "yes"}, refusals.Excluded),
            ({"construction_start": "2012-11-08"}, refusals.ConstructionEarly),
        ):  # fmt: skip
            keep(**answers)
            with world.refuses(refusal):
                cast.take(one, "resubmit")
            keep(**{name: cycling.FILLED[name] for name in answers})
        cast.take(one, "resubmit")
        cast.take(one, "register")
        assert fresh(one).registered.validator == cast.validator.organisation

    def test_bars_the_land_of_a_cancelled_project_for_good(self, cast):
        one = cast.registered()
        cast.take(one, "ask_cancel")
        held = fresh(one)
        assert (held.state, held.registered.state) == ("CANCELLED", "CANCELLED")
        assert set(one.footprints.values_list("state", flat=True)) == {Footprint.State.BARRED}

    def test_bans_the_owner_of_a_revoked_project_for_three_years(self, cast):
        one = cast.registered()
        cast.take(one, "revoke", reason="样地数据系编造。")
        ban = Ban.objects.get()
        assert (ban.since, ban.until) == (clock.day(cast.at), ban.since.replace(year=ban.since.year + 3))
        assert fresh(one).registered.state == "REVOKED"
        other = cast.drafted()
        with world.refuses(refusals.OwnerBanned, owner=cast.owner.organisation.name):
            guards.named("owner_not_banned")(other, None, cast.at)
        assert guards.named("owner_not_banned")(other, None, cast.at + 3 * 366 * DAY) is None

    def test_issues_nothing_of_a_suspended_project(self, cast):
        one = cast.registered()
        cast.take(one, "suspend", reason="核查举报。")
        with world.refuses(refusals.NotRegistered, project=one.code):
            cast.period(fresh(one))
        cast.take(one, "resume")
        assert cast.period(fresh(one)).state == "MR_DRAFT"


class TestLocal:
    def test_walks_from_county_review_to_issued_units(self, cast):
        one = cast.filed()
        assert states(one) == [
            "COUNTY_REVIEW", "CITY_FILING", "CLEARED", "STAKEHOLDER_NOTICE", "NOTIFIED", "APPLIED", "LOCAL_OPINION",
            "TECH_REVIEW", "EXPERT_REVIEW", "PUBLICITY", "FILING", "FILED",
        ]  # fmt: skip
        period = cast.issued(one)
        assert period.state == "ISSUED"
        issued = period.period.issuance
        assert issued.quantity_t == period.quantity_kg // 1000
        assert period.period.bundle is not None
        stages = {(each.which.name, each.state.code): each.mean for each in cycle.stages()}
        assert stages["development", "STAKEHOLDER_NOTICE"] >= 7
        assert stages["monitoring", "MR_PUBLICITY"] >= 7

    def test_keeps_the_boundary_as_county_and_city_saw_it(self, cast):
        one = cast.drafted("local")
        for act in ("submit_county", "approve_county", "file_city"):
            cast.take(one, act)
        one, mandate = fresh(one), cast.owner.initiator
        with world.refuses(drafting.NotEditable):
            drafting.draw(development=one, outlines=[("2", cycling.OUTLINE)], mandate=mandate, at=cast.at)
        with world.refuses(drafting.FiledAlready):
            drafting.keep(
                development=one, answers={"crediting_first": "2022-01-01"}, revision=one.revision, mandate=mandate,
                at=cast.at,
            )  # fmt: skip

    def test_asks_for_county_and_city_where_the_city_does(self, cast):
        one = cast.drafted("ccer", division_code="150404")
        with world.refuses(refusals.NotCleared, pack="cn-chifeng-sinks-2024"):
            guards.named("cleared_locally")(one, None, cast.at)
        for act in ("submit_county", "approve_county", "file_city"):
            cast.take(one, act)
        assert guards.named("cleared_locally")(fresh(one), None, cast.at) is None


class TestTable:
    @pytest.mark.parametrize("place", range(len(ROWS)), ids=NAMES)
    def test_names_guards_and_papers_that_exist(self, place):
        _code, one, row = ROWS[place]
        assert all(callable(guards.named(name)) for name in row.guards)
        assert row.clause
        assert row.label.zh
        assert row.label.en
        assert (row.side == "SYSTEM") == (row.act == "close_notice")
        if row.side == "SYSTEM":
            assert one.of(row.before).limit.notice

    def test_takes_every_act_only_from_where_it_starts(self, cast):
        for code, one in MACHINES:
            made = cast.drafted("ccer" if code == "ccer" else "local")
            if one.name == "monitoring":
                made = self.period(cast, made)
            for state in one.states:
                held = forced(made, state)
                for act in one.acts:
                    if one.row(act, state) is None:
                        with pytest.raises(steps.MovedOn), transaction.atomic():
                            steps.step(subject=held, act=act, mandate=cast.owner.initiator, reference="no", at=cast.at)
                assert fresh(made).state == state

    def test_lets_only_its_own_side_take_a_step(self, cast):
        for code, one in MACHINES:
            made = cast.drafted("ccer" if code == "ccer" else "local")
            if one.name == "monitoring":
                made = self.period(cast, made)
            for row in one.table:
                if row.side == "SYSTEM":
                    continue
                held = forced(made, row.before, stage=row.after if row.again else "")
                with pytest.raises(steps.NotYourTurn), transaction.atomic():
                    steps.step(
                        subject=held, act=row.act, mandate=cast.other.initiator, reference="no", at=cast.at,
                        said=steps.Said("理由"),
                    )  # fmt: skip

    def test_takes_no_step_of_two_people_from_one(self, cast):
        for code, one in MACHINES:
            made = cast.drafted("ccer" if code == "ccer" else "local")
            if one.name == "monitoring":
                made = self.period(cast, made)
            for row in one.table:
                if not row.two:
                    continue
                held = forced(made, row.before, stage=row.after if row.again else "")
                with pytest.raises(steps.SecondPersonNeeded), transaction.atomic():
                    steps.step(
                        subject=held, act=row.act, mandate=cast.side(held, row.side).initiator, reference="no",
                        at=cast.at, said=steps.Said("理由"),
                    )  # fmt: skip

    def test_leads_from_every_state_to_an_end(self):
        for _code, one in MACHINES:
            for state in one.states.values():
                assert state.last or one.out(state.code) or state.code in {"ISSUED"}
            assert set(drawing.ranks(one)) == set(one.states)
            assert drawing.mermaid(one).startswith("stateDiagram-v2")

    def period(self, cast, one):
        forced(one, "REGISTERED" if one.profile == "ccer" else "FILED")
        return one.monitorings.create(
            number=1, span=DateRange(SPAN.start, SPAN.end), state="MR_DRAFT", stage_since=cast.at, opened_at=cast.at,
            changed_at=cast.at, opened_by=cast.owner.initiator.membership.person,
            verifier=cast.verifier.organisation,
        )  # fmt: skip


class TestGuards:
    @pytest.mark.parametrize(
        ("name", "changes", "refusal"),
        [
            ("boundary_drawn", {"outline": None}, refusals.BoundaryMissing),
            ("crediting_given", {"answers": {"crediting_last": ""}}, refusals.CreditingMissing),
            ("county_named", {"answers": {"county": ""}}, refusals.CountyMissing),
            ("draft_complete", {"answers": {"baseline": ""}}, refusals.DraftOpen),
            ("construction_after", {"answers": {"construction_start": ""}}, refusals.ConstructionUnknown),
            ("construction_after", {"answers": {"construction_start": "2012-11-08"}}, refusals.ConstructionEarly),
            ("not_excluded", {"answers": {"in_ets": "yes"}}, refusals.Excluded),
            ("not_excluded", {"answers": {"legal_duty": "yes"}}, refusals.Excluded),
            ("validator_named", {"answers": {"validator": ""}}, refusals.BodyMissing),
            ("methodology_in_force", {"methodology": "CCER-14-009-V01"}, library.MethodologyUnknown),
        ],
    )
    def test_refuse_a_development_that_lacks_something(self, cast, name, changes, refusal):
        good = cast.drafted("ccer")
        assert guards.named(name)(good, None, cast.at) is None
        one = cast.drafted("ccer", **changes)
        with world.refuses(refusal):
            guards.named(name)(one, None, cast.at)

    def test_take_construction_from_the_day_after_on(self, cast):
        one = cast.drafted("ccer", answers={"construction_start": "2012-11-09"})
        assert guards.named("construction_after")(one, None, cast.at) is None

    def test_refuse_an_owner_that_decides(self, cast):
        one = cast.drafted("ccer")
        one.owner.role = "REG"
        with world.refuses(refusals.OwnerUnfit):
            guards.named("owner_is_organisation")(one, None, cast.at)

    def test_hold_a_step_back_until_comments_are_answered(self, cast):
        one = cast.published()
        said = commenting.comment(subject=one, text="面积不实。", person=world.person(at=cast.at), at=cast.at)
        with world.refuses(refusals.CommentsOpen, count=1):
            guards.named("comments_answered")(one, None, cast.at)
        commenting.answer(comment=said, text="已更正。", adopted=True, mandate=cast.owner.initiator, at=cast.at)
        assert guards.named("comments_answered")(one, None, cast.at) is None

    def test_judge_a_monitoring_period_by_its_days(self, cast):
        one = cast.registered()
        period = cast.period(one)
        at = cast.at
        with world.refuses(refusals.RunMissing):
            guards.named("run_complete")(period, None, at)
        with world.refuses(refusals.EvidenceMissing, count=12, first="2023-01"):
            guards.named("evidence_stamped")(period, None, at)
        for name, span, refusal in (
            ("generated_after", (dt.date(2020, 9, 22), dt.date(2021, 1, 1)), refusals.GeneratedEarly),
            ("inside_crediting", (dt.date(2020, 12, 31), dt.date(2021, 6, 1)), register.OutsideCrediting),
            ("period_over", (dt.date(2025, 1, 1), clock.day(at) + DAY), refusals.ReportEarly),
            ("period_in_reach", (clock.day(at) - 1827 * DAY, dt.date(2021, 6, 1)), refusals.OutOfReach),
        ):
            period.span = DateRange(*span)
            with world.refuses(refusal):
                guards.named(name)(period, None, at)
            period.span = DateRange(SPAN.start, SPAN.end)
            assert guards.named(name)(period, None, at) is None

    def test_let_no_period_be_opened_outside_the_crediting_period(self, cast):
        one = cast.registered()
        for first, last in ((dt.date(2020, 12, 31), dt.date(2021, 6, 1)), (dt.date(2040, 1, 1), dt.date(9999, 12, 30))):
            with world.refuses(register.OutsideCrediting, first=first.isoformat()):
                cast.period(one, span=Days.inclusive(first, last))
        assert cast.period(one, span=Days.inclusive(dt.date(2040, 1, 1), dt.date(2040, 12, 31))).number == 1

    def test_take_a_period_that_begins_five_years_before_the_application(self, cast):
        one = cast.registered()
        period = cast.period(one)
        today = clock.day(cast.at)
        period.span = DateRange(today.replace(year=today.year - 5), today)
        assert guards.named("period_in_reach")(period, None, cast.at) is None
        assert guards.named("period_over")(period, None, cast.at) is None

    def test_credit_no_day_twice(self, cast):
        one = cast.registered()
        cast.period(one)
        with world.refuses(refusals.PeriodTwice, other=f"{one.code}-1"):
            cast.period(one, span=Days(dt.date(2023, 12, 31), dt.date(2024, 6, 1)))

    def test_keep_the_validator_from_verifying(self, cast):
        one = cast.registered()
        period = cast.period(one)
        with world.refuses(register.ValidatorVerifies):
            monitoring.name_verifier(
                monitoring=period, verifier=cast.validator.organisation, mandate=cast.owner.initiator, at=cast.at
            )
        period.verifier = cast.validator.organisation
        with world.refuses(register.ValidatorVerifies):
            guards.named("verifier_is_not_validator")(period, None, cast.at)

    def test_keep_who_verified_named(self, cast):
        period = cast.applied(cast.verified(cast.filed()))
        cast.take(period, "return")
        third = world.party("VVB", at=cast.at)
        with world.refuses(drafting.BodyReported, body=cast.verifier.organisation.name):
            monitoring.name_verifier(
                monitoring=period, verifier=third.organisation, mandate=cast.owner.initiator, at=cast.at
            )

    def test_issue_exactly_what_was_verified(self, cast):
        one = cast.registered()
        period = cast.period(one)
        period.verified_kg = 1_999_999
        for applied in (1998, 2000, None):
            period.applied_t = applied
            with world.refuses(refusals.AppliedDiffers, verified=1999):
                guards.named("applied_equals_verified")(period, None, cast.at)
        period.applied_t = 1999
        assert guards.named("applied_equals_verified")(period, None, cast.at) is None


class TestComments:
    def test_are_taken_until_midnight_and_refused_a_second_later(self, cast):
        one = cast.published()
        end = deadlines.deadline(one).end
        person = world.person(at=cast.at)
        made = commenting.comment(subject=one, text="最后一刻的意见。", person=person, at=end - dt.timedelta(seconds=1))
        assert made.number == 1
        late = end + dt.timedelta(seconds=1)
        with world.refuses(commenting.CommentsClosed, until="2025-09-01"):
            commenting.comment(subject=one, text="迟到一秒。", person=person, at=late)
        with world.refuses(commenting.CommentsClosed):
            commenting.comment(subject=one, text="正好到点。", person=person, at=end)

    def test_are_the_same_when_said_twice(self, cast):
        one = cast.published()
        person = world.person(at=cast.at)
        first, again = (commenting.comment(subject=one, text="同一句。", person=person, at=cast.at) for _ in range(2))
        assert first.pk == again.pk

    def test_are_answered_once_by_the_owner(self, cast):
        one = cast.published()
        said = commenting.comment(subject=one, text="意见。", person=world.person(at=cast.at), at=cast.at)
        with world.refuses(drafting.NotTheOwner):
            commenting.answer(comment=said, text="答。", adopted=False, mandate=cast.other.initiator, at=cast.at)
        commenting.answer(comment=said, text="答。", adopted=False, mandate=cast.owner.initiator, at=cast.at)
        with world.refuses(commenting.AnsweredAlready, number=1):
            commenting.answer(comment=said, text="另答。", adopted=True, mandate=cast.owner.initiator, at=cast.at)


class TestClock:
    def test_is_provisional_while_a_calendar_is_not_announced_and_counted_anew_after(self, cast, monkeypatch):
        known = calendar.announced()
        without = Calendar(
            years=frozenset(known.years - {2025, 2026}),
            holidays=frozenset(day for day in known.holidays if day.year < 2025),
            makeup=frozenset(day for day in known.makeup if day.year < 2025),
        )
        monkeypatch.setattr(calendar, "announced", lambda: without)
        cast.at = dt.datetime(2025, 9, 15, 2, tzinfo=dt.UTC)
        one = cast.published()
        assert one.provisional
        assert not deadlines.left(one, today=clock.day(cast.at)).announced
        much_later = cast.at + 60 * DAY
        assert timing.settle(at=much_later) == 0
        assert commenting.open_to_comment(one, at=much_later)
        before = one.due_on
        monkeypatch.undo()
        assert timing.recount(at=cast.at) == 1
        one = fresh(one)
        assert (one.provisional, one.due_on) == (False, calendar.announced().add(dt.date(2025, 9, 15), 20).day)
        assert one.due_on > before  # the National Day week lies between

    def test_ends_a_notice_by_itself_and_only_after_its_last_day(self, cast):
        one = cast.published()
        end = deadlines.deadline(one).end
        assert timing.settle(at=end - dt.timedelta(seconds=1)) == 0
        assert timing.settle(at=end) == 1
        assert timing.settle(at=end) == 0
        assert fresh(one).state == "VALIDATION"
        step = one.steps.get(act="close_notice")
        assert (step.side, step.by, step.days) == ("SYSTEM", None, 21)

    def test_reminds_once_near_the_end_once_on_the_day_and_once_after(self, cast):
        one = cast.validated()
        cast.hand_in(one, "APPLICATION", "COMMITMENT")
        cast.take(one, "apply")
        due = fresh(one).due_on
        noon = dt.datetime(due.year, due.month, due.day, 4, tzinfo=dt.UTC)
        for at, stage in ((noon - 10 * DAY, None), (noon - DAY, "SOON"), (noon, "TODAY"), (noon + 5 * DAY, "OVERDUE")):
            sent = timing.remind(at=at)
            assert timing.remind(at=at) == 0
            assert sent == (stage is not None)
            if stage:
                assert Nudge.objects.latest("pk").stage == stage


class TestTwoPeople:
    def test_cannot_be_one(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        same = world.mandate(cast.owner.initiator.membership.person, cast.owner.organisation, "CONFIRM", at=cast.at)
        with world.refuses(instruction.OnePersonTwice):
            asking.confirm(subject=one, mandate=same, at=cast.at)

    def test_ask_and_confirm_once_however_often(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        first = asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        again = asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        assert first.pk == again.pk
        with world.refuses(asking.AskedAlready):
            asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="b", at=cast.at)
        made = asking.confirm(subject=one, mandate=cast.owner.confirmer, at=cast.at)
        assert asking.confirm(subject=one, mandate=cast.owner.confirmer, at=cast.at).pk == made.pk
        assert one.steps.count() == 1

    def test_judge_again_when_the_second_signs(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        Ban.objects.create(
            organisation=cast.owner.organisation, development=one, since=clock.day(cast.at), reason="弄虚作假",
            clause="第四十三条", entry=1, at=cast.at,
        )  # fmt: skip
        with world.refuses(refusals.OwnerBanned):
            asking.confirm(subject=one, mandate=cast.owner.confirmer, at=cast.at)
        assert fresh(one).state == "DRAFT"

    def test_sign_one_and_the_same(self, cast):
        """Draft, land, meters and papers that were changed after the first signature take a first signature anew."""
        one, mandate = cast.drafted(), cast.owner.initiator
        cast.hand_in(one, "DESIGN")
        moved = [("2 小班", shapely.transform(cycling.OUTLINE, lambda points: points - [0, 5]))]
        for change in (
            lambda held: drafting.keep(
                development=held, answers={"summary": "别的"}, revision=held.revision, mandate=mandate, at=cast.at
            ),
            lambda held: drafting.draw(development=held, outlines=moved, mandate=mandate, at=cast.at),
            lambda held: drafting.list_facilities(
                development=held, kind="METER", keys=["A-1"], mandate=mandate, at=cast.at
            ),
            lambda held: cast.hand_in(held, "DESIGN"),
        ):
            asking.ask(subject=one, act="publish", mandate=mandate, reference=f"a{cast.at:%H}", at=cast.at)
            change(fresh(one))
            with world.refuses(asking.AskedOtherwise, what=one.code):
                asking.confirm(subject=one, mandate=cast.owner.confirmer, at=cast.at)
            asking.drop(subject=one, mandate=cast.owner.confirmer, reason="请重新提交。", at=cast.at)
            cast.later(hours=1)
        cast.take(one, "publish")

    def test_sign_one_run_and_one_quantity(self, cast):
        period = cast.verified(cast.filed())
        cast.hand_in(period, "ISSUE_FORM", "ISSUE_COMMIT")
        for quantity in (period.verified_kg // 1000, 1, period.verified_kg // 1000):
            asked = {"monitoring": period, "quantity_t": quantity, "mandate": cast.owner.initiator, "at": cast.at}
            monitoring.apply_for(**asked)
            if fresh(period).instruction is None:
                asking.ask(
                    subject=period, act="apply", mandate=cast.owner.initiator, reference="apply", at=cast.at
                )  # fmt: skip
            elif quantity == 1:
                with world.refuses(asking.AskedOtherwise):
                    asking.confirm(subject=period, mandate=cast.owner.confirmer, at=cast.at)
        asking.confirm(subject=period, mandate=cast.owner.confirmer, at=cast.at)  # as it was asked for again
        assert fresh(period).state == "CONFIRMATION"

    def test_may_say_no(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        asking.drop(subject=one, mandate=cast.owner.confirmer, reason="再核对边界。", at=cast.at)
        assert fresh(one).instruction is None
        with world.refuses(asking.NothingAsked):
            asking.drop(subject=one, mandate=cast.owner.confirmer, reason="", at=cast.at)


class TestSteps:
    def test_leave_nothing_behind_when_they_are_killed_half_way(self, cast, monkeypatch):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="a", at=cast.at)
        before = (Step.objects.count(), Entry.objects.count(), Footprint.objects.count(), fresh(one).revision)

        def killed(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(Step.objects, "create", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            asking.confirm(subject=one, mandate=cast.owner.confirmer, at=cast.at)
        after = (Step.objects.count(), Entry.objects.count(), Footprint.objects.count(), fresh(one).revision)
        assert after == before
        assert fresh(one).state == "DRAFT"

    def test_refuse_whoever_decided_on_an_older_revision(self, cast):
        one = cast.drafted()
        with world.refuses(steps.ChangedSince, current=one.revision):
            steps.step(
                subject=one, act="withdraw", mandate=cast.owner.initiator, reference="w", at=cast.at,
                said=steps.Said("不做了。"), revision=one.revision - 1,
            )  # fmt: skip

    def test_ask_for_reason_and_papers(self, cast):
        one = cast.drafted()
        with world.refuses(steps.ReasonMissing):
            steps.step(subject=one, act="withdraw", mandate=cast.owner.initiator, reference="w", at=cast.at)
        with world.refuses(steps.PaperMissing):
            asking.ask(subject=one, act="publish", mandate=cast.owner.initiator, reference="p", at=cast.at)

    def test_keep_a_paper_on_notice_as_it_is(self, cast):
        one = cast.published()
        for kind, refusal in (("DESIGN", papers.NoticeRuns), ("VALIDATION", papers.PaperNotYours)):
            with pytest.raises(refusal):
                cast.hand_in(one, kind, by=cast.owner)
        assert one.papers.count() == 1


class TestEvidence:
    def test_is_due_from_the_month_of_registration_in_china_on(self, cast):
        one = cast.registered()
        one.registered.registered_at = dt.datetime(2025, 10, 31, 17, tzinfo=dt.UTC)  # an hour into November there
        found = evidence.under_way(one, today=dt.date(2026, 1, 5))
        assert [month.first for month in found] == [dt.date(2025, 11, 1), dt.date(2025, 12, 1)]

    def test_is_stamped_within_forty_days_and_kept_as_late_after(self, cast):
        one = cast.registered()
        given = {"development": one, "name": "a.csv", "size_bytes": 3, "mandate": cast.owner.initiator}
        due = dt.datetime(2025, 9, 30, 4, tzinfo=dt.UTC) + 40 * DAY
        month = dt.date(2025, 9, 1)
        in_time = stamping.stamp(month=month, sha256=stamping.digest(b"a"), at=due, **given)
        late = stamping.stamp(month=month, sha256=stamping.digest(b"b"), at=due + DAY, **given)
        assert (in_time.late, late.late) == (False, True)
        again = stamping.stamp(month=month, sha256=stamping.digest(b"a"), at=due, **given)
        assert again.pk == in_time.pk
        with world.refuses(stamping.MonthNotOver, month="2025-11"):
            stamping.stamp(month=dt.date(2025, 11, 1), sha256=stamping.digest(b"c"), at=due, **given)
        with world.refuses(stamping.EvidenceUnreadable):
            stamping.stamp(month=month, sha256="abc", at=due, **given)


class TestClawback:
    def test_stands_where_the_registers_rows_say(self, cast):
        period = cast.issued(cast.filed())
        order = clawback.order(
            project=period.period.project, quantity_t=2, deadline_date=clock.day(cast.at) + 30 * DAY,
            authority=cast.authority.organisation, document="决定书", document_sha256="0" * 64, reference="order",
            signatures=cast.operator.signatures, at=cast.at,
        )  # fmt: skip
        today = clock.day(cast.at)
        assert clawbacks.code(order, today=today) == "ORDERED"
        assert clawbacks.code(order, today=today + 31 * DAY) == "DEADLINE_MISSED"
        clawback.enforce(clawback=order, reference="force", signatures=cast.operator.signatures, at=cast.at + 31 * DAY)
        assert clawbacks.code(order, today=today + 31 * DAY) == "CLOSED"
        assert set(machine.clawback().states) >= {"ORDERED", "DEADLINE_MISSED", "CLOSED", "COMPLIED"}


class TestOrderingUnitsBack:
    """What the authority orders, the register carries out: suspended, cancelled, the shortfall replaced, the hold
    lifted; each by two people."""

    @pytest.fixture
    def period(self, cast):
        return cast.issued(cast.filed())

    def ordered(self, cast, period, tonnes, *, days=30):
        cast.hand_in(period, "ORDER")
        last = clock.day(cast.at) + days * DAY
        cast.take(period, "claw_back", details={"quantity_t": tonnes, "deadline": last.isoformat()})
        return clawbacks.of(fresh(period))

    def test_suspends_everything_and_bans_the_owner_for_all_to_see(self, cast, period, client):
        issued = period.period.issuance.quantity_t
        order = self.ordered(cast, period, issued)
        assert (order.quantity_t, order.authority, order.restriction.quantity_t) == (
            issued, cast.authority.organisation, issued,
        )  # fmt: skip
        assert order.initiator != order.confirmer
        assert Ban.objects.get().organisation == cast.owner.organisation
        assert clawbacks.code(order, today=clock.day(cast.at)) == "ORDERED"
        (listed,) = listing.page(listing.Asked()).rows
        assert (listed, listed.clawed) == (period.development, True)
        for page in ("/developments/all", f"/developments/{listed.code}"):
            assert "减排量追缴中" in client.get(page, headers={"accept-language": "zh-CN"}).content.decode()

    def test_is_settled_and_closed_where_the_owner_holds_enough(self, cast, period):
        order = self.ordered(cast, period, 2)
        cast.take(period, "settle")
        assert list(order.steps.values_list("kind", "quantity_t")) == [("COMPLIED", 2)]
        cast.take(period, "release")
        assert fresh(period).state == "CLAWBACK_CLOSED"
        assert order.restriction.lifting.initiator != order.restriction.lifting.confirmer

    def test_leaves_a_shortfall_that_is_replaced(self, cast, period):
        issued, buyer = period.period.issuance.quantity_t, world.party("OWN", operator=cast.operator, at=cast.at)
        own = Account.objects.get(organisation=cast.owner.organisation)
        other = Account.objects.get(organisation=buyer.organisation)
        self.sell(cast.owner, own, "ISSUED", other, 3, cast.at)
        order = self.ordered(cast, period, issued)
        self.refused(cast, period, "settle", clawing.StillOwed, owed=3)
        self.refused(cast, period, "enforce", clawback.DeadlineNotPast)
        cast.later(days=31)
        assert clawbacks.missed(cast.owner.organisation, today=clock.day(cast.at)) == order
        with world.refuses(refusals.OwnerBanned, until="—"):
            guards.named("owner_not_banned")(period, None, cast.at)
        cast.take(period, "enforce")
        assert clawbacks.code(order, today=clock.day(cast.at)) == "SHORTFALL_RETURN"
        self.refused(cast, period, "replace", clawing.ReplacementMissing, owed=3, held=0)
        self.sell(buyer, other, "HOLDING", own, 3, cast.at)
        cast.take(period, "replace")
        assert clawbacks.code(order, today=clock.day(cast.at)) == "CLOSED"
        assert list(order.steps.order_by("pk").values_list("kind", "quantity_t")) == [
            ("FORCED", issued - 3), ("REPLACED", 3),
        ]  # fmt: skip
        cast.take(period, "release")

    def test_of_two_orders_neither_stands_in_the_way_of_the_other(self, cast, period):
        """All the owner has is held back under both; each still cancels what it orders, in time and by force."""
        second = cast.issued(period.development, span=Days(dt.date(2022, 1, 1), dt.date(2023, 1, 1)))
        orders = [self.ordered(cast, one, one.period.issuance.quantity_t) for one in (period, second)]
        assert all(one.restriction for one in orders)
        cast.take(period, "settle")
        cast.later(days=31)
        cast.take(second, "settle")
        assert [clawback.owed_t(one) for one in orders] == [0, 0]
        for one in (period, second):
            cast.take(one, "release")

    def refused(self, cast, period, act, refusal, **facts):
        """Asked for by one person, refused when another confirms, and then taken back."""
        body = cast.side(period, deadlines.of(period).row(act, fresh(period).state).side)
        asking.ask(subject=period, act=act, mandate=body.initiator, reference=f"no-{act}", at=cast.at)
        with world.refuses(refusal, **facts):
            asking.confirm(subject=period, mandate=body.confirmer, at=cast.at)
        asking.drop(subject=period, mandate=body.confirmer, reason="暂缓。", at=cast.at)

    def sell(self, giver, source, purpose, target, tonnes, at):
        place = source.sub_accounts.get(purpose=purpose)
        transfer.transfer(
            source=place, target=target.sub_accounts.get(purpose="HOLDING"), wanted=choice.oldest(place, tonnes),
            reason="卖出", reference=f"t-{next(cycling.NUMBERS)}", signatures=giver.signatures, at=at,
        )  # fmt: skip

    def test_refuses_an_order_that_does_not_say_how_much_or_by_when(self, cast, period):
        cast.hand_in(period, "ORDER")
        good = {"quantity_t": 1, "deadline": (clock.day(cast.at) + DAY).isoformat()}
        most = period.period.issuance.quantity_t
        for bad in (
            {}, {"quantity_t": 0}, {"quantity_t": most + 1}, {"quantity_t": True}, {"quantity_t": "1"},
            {"deadline": clock.day(cast.at).isoformat()}, {"deadline": "9999-12-31"}, {"deadline": "morgen"},
        ):  # fmt: skip
            with world.refuses(clawing.OrderUnsaid, most=most):
                cast.take(period, "claw_back", details=(good | bad) if bad else {})
        assert fresh(period).state == "ISSUED"

    def test_reminds_the_owner_before_the_last_day(self, cast, period):
        order = self.ordered(cast, period, 1)
        cast.at = dt.datetime.combine(order.deadline_date, dt.time(2), dt.UTC)
        timing.remind(at=cast.at)
        assert Nudge.objects.get(what=timing.CLAWBACK).stage == "TODAY"


class TestNumbers:
    def test_stay_those_of_the_day_the_case_was_opened(self, cast):
        one = cast.drafted()
        assert numbers.value(one, "pdd_publicity") == 20
        assert numbers.said(one, "county_review", local=True)[0].id == "demo-local"
        with world.refuses(numbers.NumberMissing, key="no_such_key"):
            numbers.needed(one, "no_such_key")
