"""The cycle of monitoring: set by the authority, reminded of, answered by the next publication."""

import datetime as dt

import pytest
from django.urls import reverse
from tests import world
from tests.inventory import publishing

from tanhui.inventory import due
from tanhui.inventory.acts import monitoring, steps
from tanhui.inventory.models import Cycle, Reminder
from tanhui.journal.models import Entry
from tanhui.notices import telling, waiting

NOON, DAY = world.NOON, dt.timedelta(days=1)
FIRST = dt.date(2026, 12, 31)


class Case:
    def __init__(self):
        self.authority = world.party("NATR", name="演示区自然资源局")
        self.verifier = world.party("VVB", name="演示核查机构")

    def set(self, mandate=None, at=NOON, **overrides):
        values = {
            "division_code": publishing.DIVISION, "area_name": publishing.AREA, "months": 12, "first_due": FIRST,
            "reason": "年度自然资源公报需要",
        }  # fmt: skip
        return monitoring.set_cycle(mandate=mandate or self.authority.initiator, at=at, **values | overrides)

    def due(self, day):
        return due.due(due.cycles().get(), today=day)


@pytest.fixture
def case(db):
    return Case()


def refuses(refusal, act):
    before = Cycle.objects.count(), Entry.objects.count()
    with pytest.raises(refusal) as raised:
        act()
    assert (Cycle.objects.count(), Entry.objects.count()) == before
    return raised.value


class TestSettingACycle:
    def test_is_for_the_authority_alone(self, case):
        refuses(steps.NotTheAuthority, lambda: case.set(mandate=case.verifier.initiator))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"months": 0}, {"months": 121}, {"reason": " "}, {"area_name": ""}, {"division_code": "33060"},
            {"division_code": "３３０６０４"}, {"first_due": dt.date(2026, 6, 1)}, {"first_due": dt.date(2099, 1, 1)},
        ],
    )  # fmt: skip
    def test_is_refused_where_something_is_missing_or_wrong(self, case, wrong):
        refuses(monitoring.CycleUnreadable, lambda: case.set(**wrong))

    def test_again_takes_the_earlier_ones_place(self, case):
        case.set()
        refuses(monitoring.CycleUnchanged, case.set)
        later = case.set(months=60, at=NOON + DAY)
        assert list(due.cycles([case.authority.organisation.pk])) == [later]
        assert Cycle.objects.count() == 2


class TestWhatIsDue:
    def test_is_the_first_day_as_long_as_nothing_was_published(self, case):
        case.set()
        found = case.due(dt.date(2026, 6, 5))
        assert (found.on, found.last, found.stage, found.days) == (FIRST, None, "", 209)

    def test_follows_the_last_publication(self, case):
        case.set()
        publishing.year(case.authority, case.verifier, at=NOON + 30 * DAY)
        assert case.due(dt.date(2026, 8, 1)).on == dt.date(2027, 7, 5)

    def test_is_not_put_off_by_what_was_published_before_the_cycle(self, case):
        publishing.year(case.authority, case.verifier, at=NOON - 300 * DAY)
        case.set()
        assert case.due(dt.date(2026, 8, 1)).on == FIRST

    @pytest.mark.parametrize(
        ("day", "stage"),
        [
            ("2026-10-01", ""), ("2026-10-02", "SOON"), ("2026-12-17", "NEAR"), ("2026-12-31", "NEAR"),
            ("2027-01-01", "OVERDUE"),
        ],
    )  # fmt: skip
    def test_comes_nearer(self, case, day, stage):
        case.set()
        assert case.due(dt.date.fromisoformat(day)).stage == stage

    def test_keeps_to_the_end_of_short_months(self):
        assert due.after(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
        assert due.after(dt.date(2026, 12, 31), 2) == dt.date(2027, 2, 28)
        assert due.after(dt.date(2026, 1, 15), 60) == dt.date(2031, 1, 15)


class TestReminders:
    def test_are_sent_once_for_each_stage(self, case):
        case.set()
        at = dt.datetime(2026, 10, 10, 4, tzinfo=dt.UTC)
        assert [len(monitoring.remind(at=at + n * DAY)) for n in (-30, 0, 0, 1, 75, 76, 90, 91)] == [
            0,
            1,
            0,
            0,
            1,
            0,
            1,
            0,
        ]
        assert list(Reminder.objects.order_by("pk").values_list("stage", flat=True)) == ["SOON", "NEAR", "OVERDUE"]

    def test_go_to_those_who_sign_for_the_authority(self, case):
        case.set()
        (one,) = monitoring.remind(at=dt.datetime(2027, 1, 3, 4, tzinfo=dt.UTC))
        entry = Entry.objects.get(pk=one.entry)
        (told,) = telling.of(entry.kind)
        private = {"cycle": one.cycle_id, "organisation": case.authority.organisation.uscc, "area": publishing.AREA}
        fact = telling.Fact(entry.kind, 0, entry.pk, {"due": "2026-12-31", "stage": "OVERDUE"}, private, None, one.at)
        assert {person.pk for person in told.recipients(fact)} == {
            case.authority.initiator.membership.person_id, case.authority.confirmer.membership.person_id,
        }  # fmt: skip
        assert "逾期" in str(told.words(fact)["stage"])

    def test_wait_at_the_authoritys_desk(self, case):
        case.set()
        person = case.authority.initiator.membership.person
        titles = [one.title for one in waiting.tasks(person, at=dt.datetime(2027, 1, 3, 4, tzinfo=dt.UTC))]
        assert "更新发布演示区的存量碳汇" in titles
        assert not any("存量碳汇" in one.title for one in waiting.tasks(person, at=NOON))


class TestThePage:
    @pytest.fixture
    def now(self, monkeypatch, case):
        from django.utils import timezone

        monkeypatch.setattr(timezone, "now", lambda: NOON)
        return case

    def test_sets_a_cycle_and_says_what_is_due(self, client, now):
        world.sign_in(client, now.authority.initiator.membership.person)
        page = reverse("inventory:monitoring")
        form = {
            "area_name": publishing.AREA, "division_code": publishing.DIVISION, "months": 12,
            "first_due": "2026-12-31", "reason": "年度公报",
        }  # fmt: skip
        assert client.post(page, form).url == page
        assert "2026-12-31" in client.get(page).content.decode()
        assert client.post(page, form).status_code == 409

    def test_shows_the_public_that_it_is_overdue(self, client, now):
        now.set(at=NOON - 300 * DAY, first_due=dt.date(2026, 5, 1))
        publishing.year(now.authority, now.verifier, at=NOON - 500 * DAY)
        assert "已逾期" in client.get(reverse("inventory:atlas", args=[publishing.DIVISION, 2024])).content.decode()

    def test_is_for_those_who_account(self, client, now):
        world.sign_in(client, world.party("PART").initiator.membership.person)
        assert client.get(reverse("inventory:monitoring")).status_code == 404
