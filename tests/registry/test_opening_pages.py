"""What applicants and reviewers meet on the pages of an application: their own and nobody else's, and nothing lost."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import world
from tests.registry import applying

from tanhui.identity.acts import enrolment
from tanhui.journal.models import Entry
from tanhui.registry.acts.opening import drafting, seats
from tanhui.registry.models import Application, Paper

NOON = applying.NOON


@pytest.fixture
def case(db):
    return applying.begin()


@pytest.fixture
def complete(case):
    case.fill_in()
    return case


def visitor(person):
    client = Client()
    client.force_login(person)
    return client


def of(mandate):
    return visitor(mandate.membership.person)


def form(case, part="subject", **values):
    said = drafting.filled_in(case.fresh()) | values
    return {name: value for name, value in said.items() if name != "undertaking"} | {
        "version": case.application.version,
        "then": values.get("then", "on"),
    }


def copies(application, many):
    """As many applications more, like this one, in the queue beside it."""
    seen = Application.objects.get(pk=application.pk)
    for number in range(1, many + 1):
        seen.pk, seen._state.adding = uuid.uuid4(), True
        seen.number, seen.uscc = application.number + number, f"{number}"
        seen.save()


class TestWhoSeesAnApplication:
    PAGES = ["", "/print"]
    OWN = ["/edit/subject", "/edit/bank", "/edit/people", "/edit/papers", "/edit/undertaking", "/check"]

    def test_its_applicant(self, complete):
        me, key = visitor(complete.applicant), complete.application.pk
        for page in [*self.PAGES, *self.OWN]:
            assert me.get(f"/openings/{key}{page}").status_code == 200, page

    def test_nobody_else_while_it_is_a_draft(self, complete):
        key = complete.application.pk
        for other in (complete.colleague, complete.exchange.initiator.membership.person, world.person()):
            for page in [*self.PAGES, *self.OWN]:
                assert visitor(other).get(f"/openings/{key}{page}").status_code == 404, page

    def test_who_is_named_in_it_reads_but_does_not_write(self, complete):
        complete.submit()
        colleague, key = visitor(complete.colleague), complete.application.pk

        assert colleague.get(f"/openings/{key}").status_code == 200
        for page in self.OWN:
            assert colleague.get(f"/openings/{key}{page}").status_code == 404

    def test_its_own_exchange_and_then_the_registry(self, complete):
        complete.submit()
        key = complete.application.pk
        registry, exchange = of(complete.operator.initiator), of(complete.exchange.initiator)
        elsewhere = of(world.party("EXC").initiator)

        assert exchange.get(f"/desk/openings/{key}/review").status_code == 200
        assert registry.get(f"/desk/openings/{key}/review").status_code == 404
        assert elsewhere.get(f"/desk/openings/{key}/review").status_code == 404
        complete.take()
        complete.pass_on()
        assert registry.get(f"/desk/openings/{key}/review").status_code == 200

    def test_no_account_holder_at_the_desk(self, complete):
        assert of(world.party("PART").initiator).get("/desk/openings").status_code == 404
        assert visitor(complete.applicant).get("/desk/openings/new").status_code == 404

    def test_no_stranger_a_paper(self, complete):
        complete.submit()
        one = complete.application.papers.first()
        address = f"/openings/{complete.application.pk}/papers/{one.document}/1"

        assert visitor(complete.applicant).get(address)["Content-Type"] == "application/pdf"
        assert of(complete.exchange.initiator).get(address).status_code == 200
        assert visitor(world.person()).get(address).status_code == 404
        assert Client().get(address).status_code == 302


class TestFillingIn:
    def test_keeps_what_is_wrong_and_says_so(self, case):
        me = visitor(case.applicant)
        answer = me.post(f"/openings/{case.application.pk}/edit/subject", form(case, uscc="12345", name="甲公司"))

        assert answer.status_code == 422
        assert "不是统一社会信用代码" in answer.content.decode() or "18" in answer.content.decode()
        assert case.fresh().draft["uscc"] == "12345"

    def test_goes_on_where_only_something_is_missing(self, case):
        me = visitor(case.applicant)
        answer = me.post(f"/openings/{case.application.pk}/edit/subject", form(case, name="甲公司"))

        assert answer.url == f"/openings/{case.application.pk}/edit/bank"

    def test_shows_both_when_another_window_was_faster(self, case):
        me, first = visitor(case.applicant), form(case, name="甲公司")
        case.save(name="乙公司")
        answer = me.post(f"/openings/{case.application.pk}/edit/subject", first)

        assert answer.status_code == 412
        text = answer.content.decode()
        assert "甲公司" in text
        assert "乙公司" in text
        assert case.fresh().draft["name"] == "乙公司"

    def test_takes_a_paper_with_its_end(self, case):
        me = visitor(case.applicant)
        answer = me.post(
            f"/openings/{case.application.pk}/edit/papers",
            {
                "BANK-file": SimpleUploadedFile("证明.pdf", applying.pdf()),
                "LICENCE-file": SimpleUploadedFile("执照.pdf", applying.pdf()), "LICENCE-valid_until": "2001-01-01",
            },
        )  # fmt: skip

        assert answer.status_code == 422
        assert "2001-01-01" in answer.content.decode()
        assert [one.kind for one in case.application.papers.all()] == ["BANK"]

    def test_refuses_what_is_no_paper(self, case):
        me = visitor(case.applicant)
        answer = me.post(
            f"/openings/{case.application.pk}/edit/papers", {"BANK-file": SimpleUploadedFile("证明.pdf", b"MZ")}
        )

        assert answer.status_code == 422
        assert not Paper.objects.exists()

    @pytest.mark.parametrize("version", ["", "x", "-1", "999999999999999999999"])
    def test_survives_a_version_that_is_none(self, case, version):
        me = visitor(case.applicant)
        answer = me.post(f"/openings/{case.application.pk}/edit/bank", {"version": version, "bank_name": "行"})

        assert answer.status_code in {412, 422}

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=1+1", "𬶏𠀀\u202e", "{{ 1 }}", "../../etc/passwd"])
    def test_stores_hostile_text_faithfully(self, case, text):
        me = visitor(case.applicant)
        me.post(f"/openings/{case.application.pk}/edit/bank", form(case, bank_name=text))

        assert case.fresh().draft["bank_name"] == text
        assert "<script>alert" not in me.get(f"/openings/{case.application.pk}/check").content.decode()

    def test_refuses_a_null_character(self, case):
        me = visitor(case.applicant)

        assert me.post(f"/openings/{case.application.pk}/edit/bank", form(case, bank_name="a\x00")).status_code == 422


class TestSubmitting:
    def test_happens_once_for_two_clicks(self, complete):
        me, key = visitor(complete.applicant), complete.application.pk
        asked = me.get(f"/openings/{key}/check").context["form"]
        data = {"version": asked["version"].value(), "reference": str(asked["reference"].value())}

        assert me.post(f"/openings/{key}/check", data).status_code == 302
        assert me.post(f"/openings/{key}/check", data).status_code == 302
        assert complete.fresh().rounds.count() == 1

    def test_lists_what_is_open_with_the_way_there(self, case):
        text = visitor(case.applicant).get(f"/openings/{case.application.pk}/check").content.decode()

        assert f"/openings/{case.application.pk}/edit/papers" in text
        assert "提交申请" not in text


class TestInvitation:
    def test_leads_a_newcomer_to_the_seat(self, complete):
        complete.save(confirm_name="新人", confirm_contact="new@example.cn")
        complete.submit()
        me, key = visitor(complete.applicant), complete.application.pk
        me.post(f"/openings/{key}", {"do": "invite", "capacity": "CONFIRM"})
        link = me.get(f"/openings/{key}").context["invitation"]["link"]
        newcomer = enrolment.enrol(username="newcomer", name="新人", password=None, at=NOON)
        path = link.partition("testserver")[2]

        assert Client().get(path).status_code == 302
        assert visitor(newcomer).get(path).status_code == 200
        assert visitor(newcomer).post(path, {"do": "accept"}).status_code == 302
        assert complete.application.seats.get(capacity="CONFIRM").person == newcomer
        assert visitor(world.person()).get(path).status_code == 404

    def test_is_found_by_no_guess(self, complete):
        assert visitor(complete.colleague).get("/openings/seats/guess").status_code == 404


class TestReviewing:
    def review(self, client, case, do, **values):
        return client.post(
            f"/desk/openings/{case.application.pk}/review",
            {"version": case.fresh().version, "reference": f"r{case.application.version}", "do": do, **values},
        )

    def test_takes_returns_and_passes(self, complete):
        complete.submit()
        desk = of(complete.exchange.initiator)
        self.review(desk, complete, "take")
        answer = self.review(desk, complete, "return", reason="请补正", **{"remark-BANK": "看不清"})

        assert answer.status_code == 302
        assert complete.fresh().state == "RETURNED"
        page = visitor(complete.applicant).get(f"/openings/{complete.application.pk}/edit/papers").content.decode()
        assert "看不清" in page

    def test_keeps_what_the_reviewer_wrote_when_it_is_refused(self, complete):
        complete.submit()
        desk = of(complete.exchange.initiator)
        self.review(desk, complete, "take")
        answer = self.review(desk, complete, "pass", checklist=["BANK"], reason="还没看完")

        assert answer.status_code == 422
        assert "还没看完" in answer.content.decode()
        assert "还有 8 份材料未核对" in answer.content.decode()

    def test_shows_masked_numbers_until_they_are_asked_for(self, complete):
        complete.submit()
        desk = of(complete.exchange.initiator)
        self.review(desk, complete, "take")
        number = "11010519491231002X"

        assert number not in desk.get(f"/desk/openings/{complete.application.pk}/review").content.decode()
        assert number in self.review(desk, complete, "reveal").content.decode()
        assert Entry.objects.filter(kind="registry.opening_particulars_seen").count() == 1

    def test_compares_two_rounds(self, complete):
        complete.submit()
        complete.take()
        complete.send_back()
        complete.save(address="新地址一号")
        complete.submit()
        desk = of(complete.exchange.initiator)

        text = desk.get(f"/desk/openings/{complete.application.pk}/compare/1/2").content.decode()
        assert "新地址一号" in text
        assert desk.get(f"/desk/openings/{complete.application.pk}/compare/1/3").status_code == 404

    def test_asks_a_constant_number_of_questions_however_long_the_queue_is(
        self, complete, django_assert_max_num_queries
    ):
        complete.submit()
        desk = of(complete.exchange.initiator)
        desk.get("/desk/openings")  # a session's first page also writes when it was last seen
        with CaptureQueriesContext(connection) as short:
            assert desk.get("/desk/openings").status_code == 200
        copies(complete.application, 5)
        with django_assert_max_num_queries(len(short)):
            assert len(desk.get("/desk/openings").context["rows"]) == 6

    def test_finds_by_name_code_and_number(self, complete):
        complete.submit()
        desk = of(complete.exchange.initiator)
        for wanted in ("竹业", complete.application.uscc, complete.application.code, complete.application.code.lower()):
            assert len(desk.get("/desk/openings/new", {"q": wanted}).context["rows"]) == 1, wanted
        for other in ("没有这一家", "K99999999999999999999", "\x00"):
            assert desk.get("/desk/openings/new", {"q": other}).status_code == 200


class TestRenewal:
    def test_is_for_those_who_sign(self, complete):
        complete.to_registry()
        complete.propose()
        complete.confirm()
        Application.objects.update(applicant=world.person())
        address = f"/openings/{complete.application.pk}/papers"

        assert visitor(complete.colleague).get(address).status_code == 200
        assert visitor(world.person()).get(address).status_code == 404
        answer = visitor(complete.colleague).post(
            address, {"BANK-file": SimpleUploadedFile("新证明.pdf", applying.pdf())}
        )
        assert answer.status_code == 302
        assert Paper.objects.get(kind="BANK").version == 2


class TestSeatPages:
    def test_let_the_one_who_is_named_agree(self, complete):
        complete.submit()
        colleague = visitor(complete.colleague)
        colleague.post(f"/openings/{complete.application.pk}", {"do": "accept", "capacity": "CONFIRM"})

        assert complete.application.seats.get(capacity="CONFIRM").accepted_at
        assert seats.open_seats(complete.application) == []

    def test_let_nobody_take_anothers(self, complete):
        complete.submit()
        answer = visitor(complete.applicant).post(
            f"/openings/{complete.application.pk}", {"do": "accept", "capacity": "CONFIRM"}
        )

        assert answer.status_code == 409
        assert complete.application.seats.get(capacity="CONFIRM").accepted_at is None
