"""Late readings by sheet, row by row; and reminders of certificates that end and of devices that fall silent."""

import datetime as dt
import io
import json
import re
import uuid
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests import world
from tests.projects import infield, surveying
from tests.projects.infield import NOON, row

from tanhui.files import store
from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction as instructions
from tanhui.journal.models import Entry
from tanhui.kernel import clock
from tanhui.kernel.period import Period
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, of
from tanhui.projects import latereadings
from tanhui.projects.acts import devices, late, nudging
from tanhui.projects.models import DeviceNudge, Evidence, Monitoring, ReadingSheet, Series
from tanhui.projects.queries import field as queries

DAY = dt.timedelta(days=1)
TODAY = clock.day(NOON)
HEAD = "时间,读数,单位\n"


@pytest.fixture
def field(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    store.place.cache_clear()
    surveying.rules()
    yield infield.build()
    store.place.cache_clear()


def sheet(*rows):
    return (HEAD + "\n".join(rows)).encode("gb18030")


def upload(field, content, name="补录.csv"):
    person = field.owner.initiator.membership.person
    return receiving.receive(stream=io.BytesIO(content), name=name, person=person, at=NOON, kind=late.SUBJECT)


def take(field, content, name="补录.csv", reference="", note="记录仪断网，现场读出"):
    """A sheet handed in, or an upload of one."""
    given = upload(field, content, name) if isinstance(content, bytes) else content
    return late.take(
        device=field.device, upload=given, note=note, mandate=field.owner.initiator,
        reference=reference or uuid.uuid4().hex, at=NOON,
    )  # fmt: skip


def span(start, end):
    return Period(start, end)


class TestASheet:
    def test_is_taken_row_by_row_as_beijing_time_however_old(self, field):
        field.take(row(60, 1.5))
        made = take(field, sheet(
            "2024-02-01 08:00,7.25,kWh", "2024/2/1 8:15,7.5,kWh", "2026-06-05 11:00,1.5,kWh", "2026-06-05 11:00,9,kWh",
            "昨天,1,kWh", "2026-06-04 10:00,很多,kWh", "2026-06-04 10:00,5,cm", "2026-06-04 10:05,5,",
            "2026-06-04 10:10,5000,kWh", "2026-06-06 10:00,5,kWh", "2026-06-04,5,kWh", ",,",
        ))  # fmt: skip
        assert (made.accepted, made.repeated, made.refused) == (2, 1, 8)
        assert [(line, code.removeprefix("projects.")) for line, code, _facts in made.report] == [
            (5, "reading_contradicts"), (6, "reading_row_without_time"), (7, "reading_row_without_reading"),
            (8, "unit_differs"), (9, "unit_missing"), (10, "reading_out_of_range"), (11, "reading_in_future"),
            (12, "reading_row_without_time"),
        ]  # fmt: skip
        old = queries.series(field.development, field.device, span(dt.date(2024, 2, 1), dt.date(2024, 2, 2)))
        first = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
        assert old.value.tolist() == [7.25, 7.5]
        assert old.at.tolist()[0] == first.timestamp() * 1e6
        field.device.refresh_from_db()
        assert field.device.heard_at == NOON  # by itself; a sheet is not heard of
        assert queries.contents(Series.objects.get(day="2024-02-01"))["source"].tolist() == [2, 2]

    def test_may_be_a_workbook_with_cells_of_dates(self, field):
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, ["采集时间", "单位", "读数（kWh）"])
            page.write_datetime(1, 0, dt.datetime(2026, 6, 1, 8, 30))  # noqa: DTZ001  # as a cell has it
            page.write_row(1, 1, ["kWh", 3.5])
        made = take(field, content.getvalue(), "补录.xlsx")
        assert (made.accepted, made.report) == (1, [])
        found = queries.series(field.development, field.device, span(dt.date(2026, 6, 1), dt.date(2026, 6, 2)))
        assert found.at.tolist() == [dt.datetime(2026, 6, 1, 0, 30, tzinfo=dt.UTC).timestamp() * 1e6]

    def test_handed_in_twice_is_one_and_the_same_reference_of_another_file_is_refused(self, field):
        first = take(field, sheet("2026-06-01 08:00,1,kWh"), reference="r-1")
        assert take(field, sheet("2026-06-01 08:00,1,kWh"), reference="r-1") == first
        other = upload(field, sheet("2026-06-01 08:00,2,kWh"))
        with world.refuses(instructions.ReferenceTaken):
            take(field, other, reference="r-1")
        assert ReadingSheet.objects.count() == 1

    @pytest.mark.parametrize(
        "content",
        [b"a,b,c\n1,2,3", HEAD.encode(), "时间,读数\n2026-06-01 08:00,1".encode()],
        ids=["heads", "rows", "unit"],
    )
    def test_that_is_none_is_refused_whole(self, field, content):
        wrong, good = upload(field, content), upload(field, sheet("2026-06-01 08:00,1,kWh"))
        with world.refuses(latereadings.SheetUnreadable):
            take(field, wrong)
        with world.refuses(late.OriginUnsaid):
            take(field, good, note=" ")
        assert not Series.objects.exists()

    def test_is_the_keepers_alone(self, field):
        given, stranger = upload(field, sheet("2026-06-01 08:00,1,kWh")), world.party("OWN").initiator
        with world.refuses(instructions.WrongMandate):
            late.take(device=field.device, upload=given, note="x", mandate=stranger, reference="r", at=NOON)

    def test_joins_a_stamped_month_and_keeps_the_file_the_stamp_names(self, field):
        field.take(row(1))
        june = dt.date(2026, 6, 1)
        named = Series.objects.get()
        Evidence.objects.create(
            development=field.development, month=june, sha256=world.HASH, name="m", size_bytes=1,
            due_on="2026-08-09", late=False, by=field.owner.initiator.membership.person, entry=1, at=NOON,
        )  # fmt: skip
        made = take(field, sheet("2026-06-05 08:00,1,kWh", "2026-06-04 08:00,1,kWh"))
        assert made.accepted == 2
        kept = queries.kept_beside(made).get()
        assert (kept.day, kept.rows, kept.sha256) == (named.day, 1, named.sha256)
        receiving.drop_unheld(named.sha256)
        assert store.read(named.sha256, named.size_bytes)
        assert Series.objects.get(day=named.day).sha256 != named.sha256

    def test_leaves_days_of_a_verified_period_as_they_were(self, field):
        period = Monitoring.objects.create(
            development=field.development, number=1, span=(dt.date(2026, 1, 1), dt.date(2026, 6, 1)), state="VERIFIED",
            stage_since=NOON, changed_at=NOON, opened_by=field.development.opened_by, opened_at=NOON,
        )  # fmt: skip
        made = take(field, sheet("2026-05-31 08:00,1,kWh", "2026-06-01 08:00,1,kWh"))
        assert (made.accepted, made.report) == (
            1, [[2, "projects.reading_verified", {"day": "2026-05-31", "period": period.code}]]
        )  # fmt: skip

    def test_is_handed_in_on_a_page_whose_receipt_says_each_row(self, field, client, monkeypatch):
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
        world.sign_in(client, field.owner.initiator.membership.person)
        address = reverse("projects:reading_sheet_new", args=[field.device.code])
        assert client.get(address, {"format": "xlsx"}).content[:2] == b"PK"
        reference = re.search(r'name="reference" value="([^"]+)"', client.get(address).content.decode()).group(1)
        given = {"reference": reference, "note": "断网", "sheet": ""}
        assert client.post(address, given).status_code == 422  # no file
        file = SimpleUploadedFile("补录.csv", sheet("2026-06-01 08:00,1,kWh", "2026-06-01 08:15,x,kWh"))
        answer = client.post(address, given | {"sheet_file": file}, follow=True)
        page = answer.content.decode()
        assert "「x」" in page or "“x”" in page
        assert "断网" in page
        receipt = answer.redirect_chain[-1][0]
        assert client.get(receipt, {"format": "xlsx"}).status_code == 200
        assert receipt in client.get(reverse("projects:device", args=[field.device.code])).content.decode()
        world.sign_in(client, world.party("OWN").initiator.membership.person)
        assert client.get(receipt).status_code == client.get(address).status_code == 404


class TestReminders:
    def certify(self, field, until):
        devices.certify(
            device=field.device, number=f"J-{until}", laboratory="检定所", since=until - 365 * DAY, until=until,
            permissible=Decimal(1), mandate=field.owner.initiator, at=NOON,
        )  # fmt: skip

    def told(self, kind):
        """Whom the last fact of a kind tells what."""
        one = Entry.objects.filter(kind=kind).latest("pk")
        said, private = json.loads(bytes(one.leaf))["fact"], one.private["private"]
        fact = Fact(kind, 0, one.pk, said, private, one.by_id, one.at)
        return [
            (
                tell.name,
                tell.subject % tell.words(fact),
                [str(person) for person in tell.recipients(fact)],
                tell.url(fact),
            )
            for tell in of(kind)
            if list(tell.recipients(fact))
        ]

    def test_of_a_certificate_come_once_at_each_distance_of_the_pack_and_once_it_has_passed(self, field):
        field.take(row(1))
        ends = TODAY + 61 * DAY
        self.certify(field, ends)
        sent = {}
        for later in range(75):
            at = NOON + later * DAY
            field.take(row(-later * 1440 + 1), at=at)
            if many := nudging.remind(at=at):
                sent[later] = many
            assert nudging.remind(at=at) == 0
        assert sent == {1: 1, 31: 1, 54: 1, 62: 1}
        assert list(DeviceNudge.objects.values_list("ahead", flat=True).order_by("pk")) == [60, 30, 7, -1]
        found = self.told("projects.device_calibration_due")
        person = str(field.owner.initiator.membership.person)
        assert [(name, people) for name, _subject, people, _url in found] == [("passed", [person])]
        assert found[0][1] == f"The calibration of {field.device.name} ended on {ends}"

    def test_of_a_new_certificate_begin_anew_and_a_stopped_device_is_left_alone(self, field):
        field.take(row(1))
        self.certify(field, TODAY + 5 * DAY)
        assert nudging.remind(at=NOON) == 1
        self.certify(field, TODAY + 25 * DAY)
        assert nudging.remind(at=NOON) == 1
        devices.turn(device=field.device, state="STOPPED", mandate=field.owner.initiator, at=NOON)
        assert nudging.remind(at=NOON + 100 * DAY) == 0

    def test_of_silence_come_once_for_each_silence(self, field):
        field.take(row(1))
        assert nudging.remind(at=NOON + 2 * DAY) == 0
        assert nudging.remind(at=NOON + 2 * DAY + infield.MINUTE) == 1
        assert nudging.remind(at=NOON + 9 * DAY) == 0
        (found,) = self.told("projects.device_silent")
        assert found[1] == f"Nothing was heard of {field.device.name} since 2026-06-05"
        assert field.device.code in found[3]
        field.take(row(-9 * 1440), at=NOON + 9 * DAY)
        assert nudging.remind(at=NOON + 12 * DAY) == 1

    def test_stand_among_what_waits_for_who_keeps_the_device(self, field):
        self.certify(field, TODAY + 20 * DAY)
        mine, other = field.owner.initiator.membership.person, field.owner.confirmer.membership.person
        (task,) = [one for one in waiting.tasks(mine, at=NOON) if field.device.code in one.url]
        assert task.due == TODAY + 20 * DAY
        assert not [one for one in waiting.tasks(other, at=NOON) if field.device.code in one.url]
        assert waiting.count(mine, at=NOON) == len(waiting.tasks(mine, at=NOON))
