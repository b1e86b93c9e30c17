"""Facts become notices: each for whom it concerns, once, whatever is killed on the way."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import world

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Person
from tanhui.journal.models import Follower, SetAside
from tanhui.notices import telling
from tanhui.notices.acts import notifying
from tanhui.notices.models import Letter, Notice, Preference, Reach
from tanhui.registry.acts import desk, restriction, setting_aside
from tanhui.registry.models import Restriction


def people(party):
    return {party.initiator.membership.person_id, party.confirmer.membership.person_id}


def told(subject):
    """Who was told a thing, by the beginning of its Chinese subject."""
    return {one.person_id for one in Notice.objects.all() if one.said("subject", "zh-hans").startswith(subject)}


class TestAnInstruction:
    def test_is_told_to_those_who_can_confirm_it(self, register, tell):
        asked = register.initiate(70)
        tell()

        assert told("待您确认：") == {register.owner.confirmer.membership.person_id}
        notice = Notice.objects.get(category="INSTRUCTION")
        assert notice.url == f"/instructions/{asked.pk}"
        assert "70" in notice.said("subject", "zh-hans")
        assert "70" in notice.said("subject", "en")
        assert notice.at == world.NOON

    def test_when_confirmed_is_told_to_who_gave_it(self, register, tell):
        asked = register.initiate(70)
        desk.confirm(instruction=asked, mandate=register.owner.confirmer, at=world.NOON)
        tell()

        assert told("已确认并办结：") == {asked.initiator_id}
        assert told("收到减排量：") == people(register.buyer)

    def test_when_decided_no_longer_asks_for_attention(self, register, tell):
        first, second = register.initiate(70), register.initiate_retirement(30)
        tell()
        desk.confirm(instruction=first, mandate=register.owner.confirmer, at=world.NOON)
        desk.reject(instruction=second, mandate=register.owner.confirmer, reason="x", at=world.NOON)
        tell()

        asked = Notice.objects.filter(person=register.owner.confirmer.membership.person_id, category="INSTRUCTION")
        assert asked.count() == 2
        assert not asked.filter(read_at__isnull=True).exists()
        assert (
            Notice.objects.filter(person=first.initiator_id, read_at__isnull=True, category="INSTRUCTION").count() == 2
        )

    def test_when_rejected_is_told_with_the_reason(self, register, tell):
        asked = register.initiate(70)
        desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="数量有误", at=world.NOON)
        tell()

        assert told("已驳回：") == {asked.initiator_id}
        rejected = Notice.objects.get(person=asked.initiator_id, reference__contains="rejected")
        assert "数量有误" in rejected.said("body", "zh-hans")

    def test_when_withdrawn_is_told_to_nobody(self, register, tell):
        asked = register.initiate(70)
        tell()
        before = Notice.objects.count()
        desk.withdraw(instruction=asked, mandate=register.owner.initiator, reason="", at=world.NOON)
        tell()

        assert Notice.objects.count() == before

    def test_that_ran_out_is_told_to_both_sides(self, register, tell):
        asked = register.initiate(70)
        instructions.drop(
            instruction=asked,
            outcome="EXPIRED",
            at=asked.expires_at,
            by=None,
            undo=lambda held: setting_aside.give_back(held, asked.expires_at),
        )
        tell()

        assert told("已失效：") == people(register.owner)


class TestAMovement:
    def test_of_issued_units_is_told_to_the_owner(self, register, tell):
        tell()

        assert told("减排量已签发：") == people(register.owner)

    def test_that_ends_in_a_certificate_points_there(self, register, tell):
        retired = register.retire(20)
        tell()

        notice = Notice.objects.get(url__contains="/certificates/")
        assert notice.url == f"/certificates/{retired.certificate}"
        assert retired.certificate in notice.said("body", "zh-hans")

    def test_within_one_organisation_is_not_told_as_received(self, register, tell):
        register.transfer(10, target=register.owner.holding)
        tell()

        assert told("收到减排量：") == set()


class TestARestriction:
    def test_is_told_when_placed_and_when_lifted(self, register, tell):
        court = world.organisation("COURT", name="某人民法院")
        placed = restriction.place(
            account=register.owner.account, kind=Restriction.Kind.JUDICIAL, authority=court, document="（2026）协执1号",
            document_sha256=world.HASH, units=restriction.everything(register.owner.account), until_at=None,
            reference="r1", signatures=register.operator.signatures, at=world.NOON,
        )  # fmt: skip
        restriction.lift(
            restriction=placed, authority=court, reason="解除", reference="l1",
            signatures=register.operator.signatures, at=world.NOON,
        )  # fmt: skip
        tell()

        found = Notice.objects.filter(category="RESTRICTION", person=register.owner.initiator.membership.person_id)
        assert [one.url for one in found] == [f"/accounts/{register.owner.account.code}"] * 2
        assert "（2026）协执1号" in found.order_by("pk")[0].said("body", "zh-hans")


class TestFollowing:
    def test_again_tells_nothing_twice(self, register, tell):
        register.transfer(10)
        tell()
        before = Notice.objects.count()
        assert before

        tell()
        Follower.objects.filter(name=telling.FOLLOWER).update(next_index=0)  # as after a restored backup
        tell()

        assert Notice.objects.count() == before

    def test_keeps_notice_and_position_together(self, register, tell, monkeypatch):
        register.transfer(10)
        tell()
        position = Follower.objects.get(name=telling.FOLLOWER).next_index
        register.transfer(10)
        real = notifying.letters

        def killed(*words):
            raise KeyboardInterrupt

        monkeypatch.setattr(notifying, "letters", killed)  # after the notices were written, before the end
        before = Notice.objects.count()
        with pytest.raises(KeyboardInterrupt):
            tell()
        assert Notice.objects.count() == before
        assert Follower.objects.get(name=telling.FOLLOWER).next_index == position

        monkeypatch.setattr(notifying, "letters", real)
        tell()

        assert Notice.objects.count() > before

    def test_sets_aside_what_a_telling_chokes_on_and_tells_it_later(self, register, tell, monkeypatch):
        def choke(fact):
            raise LookupError("not yet")

        poisoned = telling.Telling("registry.transferred", "poison", "OTHER", choke, "", "", str, lambda fact: {})
        monkeypatch.setitem(telling._tellings, "registry.transferred", [*telling.of("registry.transferred"), poisoned])
        register.transfer(10)
        tell()
        assert SetAside.objects.get().follower_id == telling.FOLLOWER
        assert told("收到减排量：") == set()

        monkeypatch.setitem(telling._tellings, "registry.transferred", telling.of("registry.transferred")[:-1])
        assert notifying.retry(at=world.NOON).set_aside == 0

        assert told("收到减排量：") == people(register.buyer)

    def test_asks_nothing_of_the_database_for_what_nobody_is_told(self, register, tell):
        with CaptureQueriesContext(connection) as asked:
            notifying.take_in(0, {"kind": "test.untold", "fact": {}}, world.NOON)

        assert len(asked) == 0


@pytest.fixture
def mailed(register):
    """The owner's confirmer, who can be mailed."""
    person = register.owner.confirmer.membership.person
    person.email = "confirmer@example.cn"
    person.save(update_fields=["email"])
    return person


class TestALetter:
    def test_goes_out_at_once_where_nothing_else_was_chosen(self, register, tell, mailed):
        register.initiate(70)
        tell()

        letter = Letter.objects.get(notice__reference__contains=":", notice__category="INSTRUCTION")
        assert (letter.notice.person, letter.channel, letter.daily) == (mailed, "EMAIL", False)

    def test_is_not_written_to_who_does_not_want_it(self, register, tell, mailed):
        Preference.objects.create(person=mailed, category="INSTRUCTION", email="NEVER", sms=False)
        register.initiate(70)
        tell()

        assert not Letter.objects.filter(notice__category="INSTRUCTION").exists()

    def test_once_a_day_leaves_at_eight_in_the_morning(self, register, tell, mailed):
        Preference.objects.create(person=mailed, category="INSTRUCTION", email="DAILY", sms=False)
        register.initiate(70)
        tell()

        letter = Letter.objects.get(notice__category="INSTRUCTION")
        assert letter.daily
        assert letter.due_at == dt.datetime(2026, 6, 6, 0, tzinfo=dt.UTC)

    def test_by_text_needs_a_number_and_the_wish(self, register, tell, mailed):
        Preference.objects.create(person=mailed, category="INSTRUCTION", email="NEVER", sms=True)
        register.initiate(70)
        tell()
        assert not Letter.objects.filter(channel="SMS").exists()
        Reach(person=mailed, mobile="13800138000").save()

        register.initiate(30)
        tell()

        assert Letter.objects.get(channel="SMS").notice.person == mailed


class TestTelling:
    def test_of_an_unknown_category_is_a_programming_error(self):
        with pytest.raises(ValueError, match="none of"):
            telling.tell("test.kind", recipients=list, subject="", body="", url=str, category="GOSSIP")

    def test_under_a_name_twice_is_one_too(self, db):
        with pytest.raises(ValueError, match="already"):
            telling.tell(
                next(iter(telling.kinds() & {"registry.issued"})), recipients=list, subject="", body="", url=str
            )


class TestHolders:
    def test_are_those_with_a_mandate_that_stands(self, register):
        body = register.owner.organisation
        past = world.mandate(world.person(), body, "CONFIRM", until_at=world.NOON)
        gone = world.person()
        world.mandate(gone, body, "CONFIRM")
        Person.objects.filter(pk=gone.pk).update(is_active=False)

        found = {one.pk for one in telling.holders(body.uscc, at=world.NOON)}

        assert found == people(register.owner)
        assert past.membership.person_id not in found
        assert {one.pk for one in telling.holders(body, at=world.NOON, without=min(found))} == found - {min(found)}
