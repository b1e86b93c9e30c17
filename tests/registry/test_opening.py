"""An application's way from draft to account, by its acts."""

import datetime as dt

import pytest
from django.db import connection
from django.db.utils import DatabaseError, IntegrityError
from tests import world
from tests.registry import applying
from tests.registry.applying import DAY, NOON

from tanhui.identity.acts import instruction
from tanhui.identity.models import Organisation
from tanhui.journal import queries as journal
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers
from tanhui.registry import openings
from tanhui.registry.acts.opening import content, deciding, drafting, papers, reviewing, seats, steps
from tanhui.registry.models import Account, Paper, Round, Step

PEOPLE = {("何晓岚", "INITIATE"), ("何晓岚", "MANAGE"), ("邓一鸣", "CONFIRM")}


@pytest.fixture
def draft(db):
    return applying.begin()


@pytest.fixture
def case(draft):
    draft.fill_in()
    return draft


@pytest.fixture
def in_hand(case):
    case.submit()
    case.agree()
    case.take()
    return case


@pytest.fixture
def at_registry(case):
    case.to_registry()
    return case


def kinds():
    return [one.kind for one in Entry.objects.filter(kind__startswith="registry.opening").order_by("pk")]


class TestTheWholeWay:
    def test_ends_in_an_account_whose_people_may_sign(self, at_registry):
        at_registry.propose()
        decision = at_registry.confirm()

        account = Account.objects.get(organisation__uscc=at_registry.application.uscc)
        assert decision.result == {"account": account.code}
        assert (at_registry.application.state, at_registry.application.account) == ("OPEN", account)
        assert account.organisation.role == "OWN"
        assert applying.capacities(account.organisation) == PEOPLE

    def test_is_told_step_by_step(self, at_registry):
        at_registry.propose()
        at_registry.confirm()

        assert kinds() == [
            "registry.opening_submitted", "registry.opening_taken", "registry.opening_passed",
            "registry.opening_taken", "registry.opening_completed",
        ]  # fmt: skip

    def test_publishes_no_name_and_no_number_of_a_person(self, at_registry):
        at_registry.send_back(at_registry.operator.initiator)

        for entry in Entry.objects.filter(kind__startswith="registry.opening"):
            told = str(journal.fact(entry.pk))
            assert "何晓岚" not in told
            assert at_registry.application.uscc not in told
            assert "账号与证明不一致" not in told
            assert journal.opening(entry.pk)["private"]["id"] == str(at_registry.application.pk)

    def test_gives_representatives_their_mandate_as_long_as_the_letter_is_valid(self, at_registry):
        at_registry.propose()
        at_registry.confirm()

        held = at_registry.application.account.organisation.memberships.get(person=at_registry.colleague).mandates.get()
        assert held.until_at == dt.datetime(2030, 6, 5, 16, tzinfo=dt.UTC)


class TestDraft:
    def test_is_taken_up_again_while_it_is_empty(self, draft):
        assert drafting.start(by=draft.applicant, at=NOON) == draft.application

    def test_may_be_kept_half_filled_in(self, draft):
        draft.save(name="青川竹业有限公司")
        draft.save(uscc="123")

        assert draft.application.draft == {"name": "青川竹业有限公司", "uscc": "123"}

    def test_seals_what_is_secret(self, draft):
        draft.save(bank_account="6222 0000 1111 2222", legal_id="11010519491231002X", contact_phone="13800001234")

        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM registry_application t")
            row = cursor.fetchone()[0]
        assert "1949" not in row
        assert "6222" not in row
        assert "138000" not in row
        assert drafting.filled_in(draft.fresh())["bank_account"] == "6222 0000 1111 2222"

    def test_is_not_overwritten_from_another_window(self, draft):
        version = draft.application.version
        draft.save(name="甲")

        with world.refuses(steps.ChangedSince, "registry.opening_changed_since", given=version, current=version + 1):
            draft.save(name="乙", version=version)
        assert draft.fresh().draft["name"] == "甲"

    def test_takes_the_same_save_twice(self, draft):
        version = draft.application.version
        draft.save(name="甲")
        draft.save(name="甲", version=version)

        assert draft.application.version == version + 1

    def test_belongs_to_whoever_started_it(self, draft):
        with world.refuses(drafting.NotYours, "registry.opening_not_yours", applicant="何晓岚"):
            draft.save(by=draft.colleague, name="乙")

    @pytest.mark.parametrize("values", [{"nonsense": "x"}, {"name": "长" * 501}, {"name": "a\x00b"}])
    def test_has_no_other_fields_and_no_endless_ones(self, draft, values):
        with world.refuses(drafting.FieldUnknown, "registry.opening_field_unknown", field=next(iter(values))):
            draft.save(**values)

    def test_cannot_be_changed_once_it_is_submitted(self, case):
        case.submit()

        with world.refuses(drafting.NotEditable, "registry.opening_not_editable"):
            case.save(name="别的公司")


class TestFaults:
    def found(self, case, **overrides):
        case.save(**overrides)
        return {one.field: type(one.refusal) for one in drafting.faults(case.fresh(), at=NOON)}

    def test_are_none_in_a_complete_application(self, case):
        assert drafting.faults(case.application, at=NOON) == []

    def test_name_every_empty_field_and_paper(self, draft):
        found = {one.field for one in drafting.faults(draft.application, at=NOON)}

        assert {"uscc", "legal_id", "initiate_contact", "exchange", "undertaking", *Paper.Kind.values} <= found

    @pytest.mark.parametrize(
        ("field", "value", "refusal"),
        [
            ("role", "VVB", content.RoleExcluded),
            ("role", "REG", content.RoleExcluded),
            ("uscc", "92150402MA0000001X", None),
            ("bank_account", "12", content.BankAccountUnreadable),
            ("bank_account_name", "另一家公司", content.BankAccountNotOwn),
            ("undertaking", "", content.UndertakingNotAccepted),
            ("exchange", "91150402100000025X", content.NoExchange),
            ("legal_id", "110105194912310021", None),
        ],
    )
    def test_stand_at_their_field(self, case, field, value, refusal):
        found = self.found(case, **{field: value})

        assert set(found) == {field}
        assert refusal is None or found[field] is refusal

    def test_include_an_individual_household(self, case):
        code = "92150402" + world.uscc()[8:17]
        assert self.found(case, uscc=code + identifiers.uscc_check(code)) == {"uscc": content.NotABody}

    def test_take_brackets_of_either_width_for_the_same_name(self, case):
        assert self.found(case, name="青川（集团）有限公司", bank_account_name="青川(集团)有限公司") == {}

    def test_include_one_person_in_both_seats(self, case):
        found = self.found(case, confirm_name="何晓岚", confirm_contact=case.applicant.username)

        assert found == {"confirm_contact": content.RepresentativesSame}

    def test_include_a_colleague_of_a_verification_body(self, case):
        verifier = world.party("VVB").initiator.membership.person

        assert self.found(case, confirm_name=verifier.name, confirm_contact=verifier.username) == {
            "confirm_contact": seats.PersonBarred
        }

    def test_include_a_name_that_is_not_the_persons(self, case):
        assert self.found(case, confirm_name="别的人") == {"confirm_name": seats.NamedOtherwise}

    def test_include_a_subject_that_has_an_account(self, case):
        known = world.party("PART", operator=case.operator).organisation

        assert self.found(case, uscc=known.uscc)["uscc"] is content.SubjectHasAccount

    def test_include_a_subject_known_under_another_name(self, case):
        known = world.organisation("OWN", name="另一个名字")

        assert self.found(case, uscc=known.uscc) == {"uscc": content.KnownOtherwise}

    def test_include_a_paper_whose_end_is_not_said(self, case):
        Paper.objects.filter(kind="LICENCE").update(valid_until=None)

        assert self.found(case) == {"LICENCE": content.PaperWithoutEnd}


class TestSubmit:
    def test_gives_a_number_and_starts_the_clock(self, case):
        case.submit()  # a Friday

        application = case.application
        assert application.state == "APPLIED"
        assert application.code.startswith("K")
        assert application.due_on == dt.date(2026, 6, 12)
        assert openings.due(application, today=dt.date(2026, 6, 8)).left == 4

    def test_sets_no_day_where_no_rule_pack_does(self, case):
        case.submit(limits={})

        assert case.application.due_on is None
        assert openings.due(case.application, today=NOON.date()) is None

    def test_keeps_what_was_submitted_for_good(self, case):
        case.submit()
        with pytest.raises(DatabaseError, match="append-only"):
            Round.objects.update(number=7)

    def test_hands_in_once_under_one_reference(self, case):
        first = case.submit(reference="twice")
        again = case.submit(reference="twice", version=1)

        assert first == again
        assert Round.objects.count() == 1

    def test_refuses_the_fault_itself_when_there_is_one(self, case):
        case.save(bank_account="12")

        with world.refuses(content.BankAccountUnreadable, "registry.bank_account_unreadable"):
            case.submit()

    def test_counts_several(self, draft):
        with world.refuses(drafting.NotReady, "registry.opening_not_ready"):
            draft.submit()

    def test_refuses_a_second_application_for_one_subject(self, case):
        case.submit()
        other = applying.begin(case.operator, case.exchange)
        other.fill_in(uscc=case.application.uscc)

        with world.refuses(drafting.AlreadyApplied, "registry.opening_already_applied", uscc=case.application.uscc):
            other.submit()

    def test_lets_a_subject_apply_again_after_a_rejection(self, in_hand):
        in_hand.reject()
        other = applying.begin(in_hand.operator, in_hand.exchange)
        other.fill_in(uscc=in_hand.application.uscc)
        other.submit()

        assert other.application.state == "APPLIED"


class TestReview:
    def test_is_for_the_exchange_it_was_handed_to(self, case):
        case.submit()
        elsewhere = world.party("EXC", name="另一家交易所")

        with world.refuses(reviewing.NotTheReviewer, "registry.not_the_reviewer", organisation="另一家交易所"):
            case.take(elsewhere.initiator)
        with world.refuses(reviewing.NotTheReviewer, organisation="注册登记机构"):
            case.take(case.operator.initiator)

    def test_is_not_for_whoever_is_named_in_it(self, case):
        case.submit()
        insider = world.mandate(case.applicant, case.exchange.organisation, "CONFIRM")

        with world.refuses(reviewing.OwnApplication, "registry.own_application", person="何晓岚"):
            case.take(insider)

    def test_is_for_one_at_a_time(self, in_hand):
        second = in_hand.exchange.confirmer

        with world.refuses(reviewing.TakenByAnother, "registry.opening_taken_by_another"):
            in_hand.pass_on(second)
        in_hand.take(second)
        in_hand.pass_on(second)

        assert in_hand.application.state == "REG_FINAL"

    def test_passes_only_what_was_looked_at(self, in_hand):
        with world.refuses(reviewing.ChecklistOpen, "registry.opening_checklist_open", count=8):
            in_hand.pass_on(checklist=["BANK"])

    def test_decides_on_what_was_seen(self, in_hand):
        with world.refuses(steps.ChangedSince, current=in_hand.application.version):
            in_hand.reject(version=in_hand.application.version - 1)

    def test_decides_once(self, in_hand):
        version = in_hand.application.version
        in_hand.pass_on()

        with world.refuses(steps.MovedOn, "registry.opening_moved_on"):
            in_hand.pass_on(version=version)
        with world.refuses(reviewing.NotTheReviewer):
            in_hand.reject()

    def test_answers_the_same_request_the_same_way(self, in_hand):
        version = in_hand.application.version
        first = in_hand.pass_on(reference="once", version=version)

        assert in_hand.pass_on(reference="once", version=version) == first
        with world.refuses(instruction.ReferenceTaken):
            in_hand.reject(reference="once", version=version)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_says_why_it_turns_down(self, in_hand, reason):
        with world.refuses(reviewing.ReasonMissing, "registry.opening_reason_missing"):
            in_hand.reject(reason=reason)

    @pytest.mark.parametrize("remarks", [{}, {"bank_account": " "}, {"nonsense": "x"}])
    def test_says_what_to_correct_and_where(self, in_hand, remarks):
        with world.refuses(reviewing.ReasonMissing):
            in_hand.send_back(remarks=remarks)

    def test_records_who_opened_sealed_numbers(self, in_hand):
        reviewing.look(application=in_hand.application, mandate=in_hand.exchange.initiator, at=NOON)

        entry = Entry.objects.get(kind="registry.opening_particulars_seen")
        assert entry.by_id == in_hand.exchange.initiator.membership.person_id

    def test_has_only_steps_of_the_table(self, in_hand):
        latest = in_hand.application.steps.last()
        with pytest.raises(IntegrityError, match="a_step_is_in_the_table"):
            Step.objects.create(
                application=in_hand.application, number=99, act="open", before="DRAFT", after="OPEN",
                by=latest.by, reference="x", body_sha256="", entry=1, at=NOON,
            )  # fmt: skip


class TestCorrection:
    def test_stops_the_clock(self, in_hand):
        in_hand.send_back(at=NOON + 4 * DAY)  # a Tuesday, two of five working days used
        assert in_hand.application.state == "RETURNED"
        assert openings.due(in_hand.application, today=dt.date(2026, 6, 30)).stopped

        in_hand.save(bank_account="6222 0000 1111 3333")
        in_hand.submit(at=NOON + 10 * DAY)  # a Monday

        assert in_hand.application.state == "EXC_PRELIM"
        assert in_hand.application.due_on == dt.date(2026, 6, 18)

    def test_keeps_each_round_with_its_differences(self, in_hand):
        in_hand.send_back()
        in_hand.save(bank_account="6222 0000 1111 3333", address="新地址")
        in_hand.submit()

        first, second = openings.rounds(in_hand.application)
        assert {(one.field, one.before, one.after) for one in openings.differences(first, second)} == {
            ("address", "四川省广元市青川县乔庄镇竹园路 8 号", "新地址"),
            ("bank_account", "**** 2222", "**** 3333"),
        }
        assert openings.paper_differences(first, second) == set()

    def test_goes_back_to_whoever_returned_it(self, at_registry):
        at_registry.send_back(at_registry.operator.initiator)
        at_registry.save(address="新地址")
        at_registry.submit()

        assert at_registry.application.state == "REG_FINAL"
        assert at_registry.application.reviewer == at_registry.operator.initiator.membership.person

    def test_asks_again_only_whom_it_names_anew(self, in_hand):
        third = world.person(name="新代表")
        in_hand.send_back()
        in_hand.save(confirm_name="新代表", confirm_contact=third.username)
        in_hand.submit()

        held = {one.capacity: one for one in in_hand.application.seats.filter(ended_at__isnull=True)}
        assert held["INITIATE"].accepted_at
        assert held["CONFIRM"].person == third
        assert held["CONFIRM"].accepted_at is None


class TestWithdraw:
    @pytest.mark.parametrize("state", ["DRAFT", "APPLIED", "EXC_PRELIM", "RETURNED"])
    def test_is_possible_until_it_is_decided(self, case, state):
        for act in [case.submit, case.take, case.send_back][
            : ["DRAFT", "APPLIED", "EXC_PRELIM", "RETURNED"].index(state)
        ]:
            act()
        drafting.withdraw(application=case.application, reason="", reference="w", by=case.applicant, at=NOON)

        assert case.fresh().state == "WITHDRAWN"

    def test_is_for_the_applicant(self, case):
        with world.refuses(drafting.NotYours):
            drafting.withdraw(application=case.application, reason="", reference="w", by=case.colleague, at=NOON)


class TestSeats:
    def test_are_agreed_to_by_naming_oneself(self, case):
        case.submit()

        agreed = {one.capacity: bool(one.accepted_at) for one in case.application.seats.all()}
        assert agreed == {"INITIATE": True, "CONFIRM": False, "MANAGE": True}

    def test_keep_the_account_shut_while_one_is_open(self, case):
        case.submit()
        case.take()
        case.pass_on()
        case.take(case.operator.initiator)

        with world.refuses(deciding.SeatsOpen, "registry.opening_seats_open", names="邓一鸣"):
            case.propose()

    def test_are_taken_by_invitation_by_who_cannot_sign_in_yet(self, case):
        case.save(confirm_name="新人", confirm_contact="new@example.cn")
        case.submit()
        seat = case.application.seats.get(capacity="CONFIRM")
        code = seats.invite(seat=seat, by=case.applicant, at=NOON)
        newcomer = world.person(name="新人")

        assert seats.accept(seat=seat, by=newcomer, at=NOON).person == newcomer
        assert code.encode() not in bytes(seat.digest or b"")
        another = world.person(name="新人")
        with world.refuses(seats.SeatTaken, "registry.seat_taken"):
            seats.accept(seat=seat, by=another, at=NOON)

    def test_are_for_the_one_who_is_named(self, case):
        case.save(confirm_name="新人", confirm_contact="new@example.cn")
        case.submit()
        seat = case.application.seats.get(capacity="CONFIRM")

        another = world.person(name="别人")
        with world.refuses(seats.SeatNameDiffers, "registry.seat_name_differs", wanted="新人", name="别人"):
            seats.accept(seat=seat, by=another, at=NOON)

    def test_are_never_both_one_persons(self, case):
        case.save(confirm_name="何晓岚", confirm_contact="another@example.cn")
        case.submit()

        with world.refuses(content.RepresentativesSame, "registry.representatives_same"):
            seats.accept(seat=case.application.seats.get(capacity="CONFIRM"), by=case.applicant, at=NOON)

    def test_may_be_declined(self, case):
        case.submit()
        seats.decline(seat=case.application.seats.get(capacity="CONFIRM"), by=case.colleague, at=NOON)

        assert [one.name for one in seats.open_seats(case.application)] == ["邓一鸣"]


class TestOpening:
    def test_takes_two_people_of_the_registry(self, at_registry):
        at_registry.propose()
        first = world.mandate(
            at_registry.operator.initiator.membership.person, at_registry.operator.organisation, "CONFIRM"
        )

        with world.refuses(instruction.OnePersonTwice):
            at_registry.confirm(first)
        with world.refuses(instruction.WrongMandate):
            at_registry.confirm(at_registry.exchange.confirmer)

    def test_happens_once_however_often_it_is_confirmed(self, at_registry):
        at_registry.propose()

        assert at_registry.confirm() == at_registry.confirm()
        assert Account.objects.filter(organisation__uscc=at_registry.application.uscc).count() == 1

    def test_waits_for_nothing_else_meanwhile(self, at_registry):
        at_registry.propose()

        with world.refuses(reviewing.OpeningProposed, "registry.opening_proposed"):
            at_registry.send_back(at_registry.operator.initiator)

    def test_goes_back_into_review_when_the_second_does_not_sign(self, at_registry):
        at_registry.propose()
        deciding.turn_down(
            application=at_registry.application, mandate=at_registry.operator.confirmer, reason="授权书不清晰", at=NOON
        )
        at_registry.fresh()

        assert openings.turned_down(at_registry.application).reason == "授权书不清晰"
        at_registry.send_back(at_registry.operator.initiator)
        assert at_registry.application.state == "RETURNED"

    def test_may_be_proposed_again_after_it_lapsed(self, at_registry):
        at_registry.propose()
        later = NOON + 8 * DAY
        with world.refuses(deciding.NothingProposed, "registry.opening_nothing_proposed"):
            at_registry.confirm(at=later)
        at_registry.propose(at=later)

        at_registry.confirm(at=later)

        assert at_registry.application.state == "OPEN"

    def test_looks_once_more_whether_the_subject_got_an_account_meanwhile(self, at_registry):
        at_registry.propose()
        body = Organisation.objects.create(
            uscc=at_registry.application.uscc, name=at_registry.application.name, role="OWN", registered_at=NOON
        )
        Account.objects.create(code="A9999999", organisation=body, opened_at=NOON)

        with world.refuses(content.SubjectHasAccount):
            at_registry.confirm()

    def test_uses_the_entry_the_register_has(self, at_registry):
        known = Organisation.objects.create(
            uscc=at_registry.application.uscc, name=at_registry.application.name, role="OWN", registered_at=NOON
        )
        at_registry.propose()
        at_registry.confirm()

        assert at_registry.application.account.organisation == known

    def test_shuts_out_whoever_joined_the_exchange_meanwhile(self, at_registry):
        world.mandate(at_registry.colleague, at_registry.exchange.organisation, "VIEW")

        with world.refuses(seats.PersonBarred, "registry.person_barred", person="邓一鸣"):
            at_registry.propose()


class TestPapers:
    def test_are_counted_by_what_ends_soon(self, at_registry):
        at_registry.propose()
        at_registry.confirm()
        end = applying.UNTIL

        found = openings.ending_papers(today=end - 20 * DAY, within=30)
        assert {one.paper.kind for one in found} == set(Paper.EXPIRING)
        assert {one.days for one in found} == {20}
        assert openings.ending_papers(today=end - 40 * DAY, within=30) == []
        assert openings.ended_paper(at_registry.application.account, today=end + DAY)

    def test_are_renewed_when_the_account_is_open(self, at_registry):
        at_registry.propose()
        at_registry.confirm()
        upload = applying.uploaded(at_registry.applicant)
        made = papers.renew(
            application=at_registry.application, kind="LICENCE", upload=upload, valid_until=None, endless=True,
            by=at_registry.colleague, at=NOON,
        )  # fmt: skip

        assert (made.version, made.endless, made.valid_until) == (2, True, None)
        assert Entry.objects.filter(kind="registry.paper_renewed").count() == 1

    def test_are_not_renewed_before(self, case):
        upload = applying.uploaded(case.applicant)
        with world.refuses(papers.NotRenewable, "registry.paper_not_renewable"):
            papers.renew(
                application=case.application, kind="LICENCE", upload=upload,
                valid_until=None, endless=True, by=case.applicant, at=NOON,
            )  # fmt: skip
