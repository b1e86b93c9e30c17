"""Letters go out once if all goes well, again if not, and say nothing beyond the sentence."""

import datetime as dt
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import world

from tanhui.notices import outside
from tanhui.notices.acts import notifying, posting, reaching
from tanhui.notices.models import Letter, Notice, Preference, Reach

DAY = dt.timedelta(days=1)


class Away(EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("nobody there")


@pytest.fixture
def person(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.TANHUI_ADDRESS = "https://registry.example"
    made = world.person(name="李确认")
    made.email = "li@example.cn"
    made.save(update_fields=["email"])
    return made


@pytest.fixture
def tell(person):
    def tell(number=1, category="UNITS", at=world.NOON):
        return notifying.notify(
            people=[person], category=category, subject={"zh-hans": f"收到减排量：{number} 吨", "en": "Units"},
            body={"zh-hans": "甲公司<b>转入</b>。", "en": "From A."}, url="/accounts/A1", reference=f"r{number}",
            told_of=at, at=at,
        )  # fmt: skip

    return tell


def send(at=world.NOON):
    posting.dispatch(at=at)
    found = [job.args["letters"] for job in ProcrastinateJob.objects.filter(task_name=posting.JOB).order_by("pk")]
    return posting.post(letters=[int(key) for key in found[-1].split(",")], at=at) if found else 0


class TestALetter:
    def test_says_the_sentence_and_where_to_read_on(self, person, tell):
        (notice,) = tell()

        assert send() == 1

        (sent,) = mail.outbox
        assert sent.to == ["li@example.cn"]
        assert sent.subject == "[碳汇登记簿] 收到减排量：1 吨"
        assert "李确认，您好：" in sent.body
        assert f"https://registry.example/notices/{notice.pk}" in sent.body
        html = sent.alternatives[0][0]
        assert "甲公司&lt;b&gt;转入&lt;/b&gt;。" in html
        assert "?" not in html, "no secret stands in an address"
        assert Letter.objects.get().state == "SENT"

    def test_is_in_the_readers_language(self, person, tell):
        Reach(person=person, language="en").save()
        tell()
        send()

        assert "Units" in mail.outbox[0].subject

    def test_is_told_apart_by_mail_servers_and_answers_no_machine(self, person, tell):
        tell()
        send()
        raw = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)

        assert raw["Message-ID"] == f"<letter-{Letter.objects.get().pk}@registry.example>"
        assert raw["Auto-Submitted"] == "auto-generated"

    def test_is_not_sent_twice_by_two_who_took_it(self, person, tell):
        tell()
        posting.dispatch(at=world.NOON)
        keys = [Letter.objects.get().pk]

        assert (posting.post(letters=keys, at=world.NOON), posting.post(letters=keys, at=world.NOON)) == (1, 0)
        assert len(mail.outbox) == 1

    def test_taken_by_one_who_died_is_taken_again(self, person, tell):
        tell()
        assert posting.dispatch(at=world.NOON) == 1
        assert posting.dispatch(at=world.NOON) == 0
        assert posting.dispatch(at=world.NOON + posting.LEASE) == 1

    def test_is_sent_again_later_and_given_up_at_last(self, person, tell, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Away"
        tell()
        at = world.NOON
        for wait in [dt.timedelta(), *posting.AGAIN]:
            assert Letter.objects.get().state == "WAITING"
            at += wait
            send(at=at)

        given_up = Letter.objects.get()
        assert (given_up.state, given_up.tries) == ("FAILED", len(posting.AGAIN) + 1)
        assert "nobody there" in given_up.fault

    def test_to_a_person_without_address_any_more_is_given_up_at_once(self, person, tell):
        tell()
        person.email = ""
        person.save(update_fields=["email"])
        send()

        assert Letter.objects.get().state == "FAILED"

    def test_cannot_be_given_headers_by_what_it_says(self, person):
        notifying.notify(
            people=[person], category="UNITS", subject={"zh-hans": "甲\nBcc: x@example.cn"}, body={"zh-hans": "乙"},
            url="/", reference="r", told_of=world.NOON, at=world.NOON,
        )  # fmt: skip
        send()

        assert mail.outbox[0].recipients() == ["li@example.cn"]
        assert "\n" not in mail.outbox[0].subject


class TestTheDailyLetter:
    def test_has_the_whole_day_in_it(self, person, tell):
        Preference.objects.create(person=person, category="UNITS", email="DAILY", sms=False)
        tell(1)
        tell(2)
        assert posting.dispatch(at=world.NOON) == 0

        assert send(at=world.NOON + DAY) == 2

        (sent,) = mail.outbox
        assert sent.subject == "[碳汇登记簿] 2 条通知"
        assert "1 吨" in sent.body
        assert "2 吨" in sent.body


class TestATextMessage:
    def test_is_handed_to_the_gateway_with_the_subject_alone(self, person, tell, settings, tmp_path):
        settings.TANHUI_SMS = "tanhui.notices.outside.TextFolder"
        wishes = {"UNITS": (Preference.Email.NEVER, True)}
        reaching.prefer(person=person, wishes=wishes, mobile="13800138000", at=world.NOON)
        tell()

        assert send() == 1

        (file,) = (tmp_path / "sms").iterdir()
        assert file.read_text() == "***8000\n收到减排量：1 吨。详情请登录登记簿查看。\n"
        assert file.stat().st_mode & 0o077 == 0

    def test_to_no_mobile_number_is_refused(self, person):
        with world.refuses(reaching.MobileUnusable, given="12345"):
            reaching.prefer(person=person, wishes={}, mobile="12345", at=world.NOON)

    def test_by_a_gateway_of_ones_own(self, person, settings):
        settings.TANHUI_SMS = f"{__name__}.Gateway"

        assert isinstance(outside.text_messages(), Gateway)


class Gateway:
    """An operator's own."""


class TestANotice:
    def test_is_told_once_whoever_tells_it_again(self, person, tell):
        assert len(tell()) == 1
        assert tell() == []
        assert Notice.objects.count() == 1
