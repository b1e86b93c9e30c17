"""Green records: published uses, consents of their own, records that are signed and logged, hand-overs, withdrawal."""

import datetime as dt
import io
import itertools
import json
import zipfile
from types import SimpleNamespace

import pypdf
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import world
from tests.identity import test_clients as programs
from tests.inclusion import people

from tanhui.identity.models import Mandate
from tanhui.inclusion import consent_texts, credit_papers, exporting, greenrecords, models, signed_files, tasks
from tanhui.inclusion.acts import accounts, crediting, points, scenarios, twofold
from tanhui.inclusion.models import CreditConsent, CreditHandover, CreditPaper, CreditRecord, CreditUse
from tanhui.inclusion.queries import credit as queries
from tanhui.journal import queries as journal
from tanhui.journal import sequencer
from tanhui.kernel import clock
from tanhui.notices import telling, waiting
from tanhui.tlog import bundle, note, seal

pytestmark = pytest.mark.django_db
NOON, TODAY = world.NOON, clock.day(world.NOON)
FIRST = dt.date(2026, 4, 1)
REFS = itertools.count(1)


def asked(bank, **overrides):
    values = {
        "title": "绿色信贷评价", "recipient": bank.organisation.name, "uscc": bank.organisation.uscc,
        "purpose": "评定绿色消费贷款利率优惠", "basis": "个人信息保护法第十三条（本人单独同意）", "subject": "PERSON",
        "kinds": ["SUMMARY", "SCENARIOS", "MONTHS"], "longest_days": 90,
    } | overrides  # fmt: skip
    return crediting.Asked(**values)


def chosen(**overrides):
    values = {
        "kinds": ["SUMMARY", "SCENARIOS"], "first": FIRST, "last": TODAY,
        "expires_on": TODAY + dt.timedelta(days=30), "text_version": crediting.TEXTS,
    } | overrides  # fmt: skip
    return crediting.Chosen(**values)


def used(operator, bank, **overrides):
    """A use in force."""
    row = crediting.ask_use(
        asked=asked(bank, **overrides), mandate=operator.initiator, reference=f"u{next(REFS)}", at=NOON
    )
    crediting.confirm_use(use=row, mandate=operator.confirmer, at=NOON)
    row.refresh_from_db()
    return row


@pytest.fixture
def case(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path  # a log of its own
    people.rules()
    operator, bank = world.party("OPER"), world.party("PLED", name="演示绿色银行")
    account, who = people.resident(name="林晓青", phone="13800138000")
    metro, walk = people.scenario("metro"), people.scenario("walk")
    people.post(dt.date(2026, 4, 3), (account, metro, 800), (account, walk, 200))
    people.post(dt.date(2026, 5, 3), (account, metro, 500))
    people.post(dt.date(2026, 3, 3), (account, metro, 9_000))
    return SimpleNamespace(
        operator=operator, bank=bank, account=account, who=who, metro=metro, use=used(operator, bank)
    )


def agreed(case, **overrides):
    return crediting.agree(account=case.account, use=case.use, chosen=chosen(**overrides), at=NOON)


class TestAUse:
    def test_takes_two_people_and_names_its_ground(self, case):
        row = crediting.ask_use(asked=asked(case.bank), mandate=case.operator.initiator, reference="x", at=NOON)
        assert row.state == "ASKED"
        with pytest.raises(Exception, match="mandate"):
            crediting.confirm_use(use=row, mandate=case.operator.initiator, at=NOON)
        crediting.drop_use(use=row, reason="重复", mandate=case.operator.confirmer, at=NOON)
        row.refresh_from_db()
        assert (row.state, row.reason) == ("DROPPED", "重复")

    @pytest.mark.parametrize("wrong", [
        {"title": " "}, {"purpose": ""}, {"basis": ""}, {"kinds": []}, {"kinds": ["RETIREMENTS"]},
        {"longest_days": 0}, {"longest_days": 9_999}, {"recipient": "x" * 81},
    ])  # fmt: skip
    def test_that_is_incomplete_is_refused(self, case, wrong):
        with world.refuses(crediting.CreditUseIncomplete, field=next(iter(wrong))):
            crediting.ask_use(
                asked=asked(case.bank, **wrong), mandate=case.operator.initiator, reference="x", at=NOON
            )  # fmt: skip

    def test_is_the_operators(self, case):
        with pytest.raises(scenarios.NotYours):
            crediting.ask_use(asked=asked(case.bank), mandate=case.bank.initiator, reference="x", at=NOON)

    def test_that_ended_stops_what_was_agreed(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        with world.refuses(twofold.NoReason):
            crediting.end_use(use=case.use, reason=" ", mandate=case.operator.initiator, at=NOON)
        crediting.end_use(use=case.use, reason="合作到期", mandate=case.operator.initiator, at=NOON)
        with world.refuses(crediting.CreditUseEnded):
            crediting.hand_over(record_=row, at=NOON)
        assert crediting.erase(at=NOON) == 1


class TestAConsent:
    def test_is_narrower_than_the_use_and_of_past_days(self, case):
        for wrong in (
            {"kinds": []}, {"kinds": ["ISSUANCES"]}, {"first": TODAY, "last": FIRST},
            {"last": TODAY + dt.timedelta(days=1)}, {"expires_on": TODAY - dt.timedelta(days=1)},
            {"expires_on": TODAY + dt.timedelta(days=91)}, {"first": dt.date(2019, 1, 1)},
        ):  # fmt: skip
            with world.refuses(crediting.CreditConsentTooWide):
                agreed(case, **wrong)
        with world.refuses(crediting.CreditTextOutdated):
            agreed(case, text_version="2020-01")

    def test_says_nothing_of_the_person_in_the_log(self, case):
        row = agreed(case)
        told = json.dumps(journal.fact(row.entry), ensure_ascii=False)
        assert "林晓青" not in told
        assert case.bank.organisation.uscc not in told
        assert str(case.account.id) not in told

    def test_to_one_use_stands_once(self, case):
        agreed(case)
        with world.refuses(twofold.AskedAlready):
            agreed(case)

    def test_of_a_child_is_not_taken(self, case):
        account, _ = people.resident(born=dt.date(2015, 1, 1))
        account.state = "ACTIVE"
        account.save()
        with world.refuses(crediting.NoRecordOfMinors):
            crediting.agree(account=account, use=case.use, chosen=chosen(), at=NOON)

    def test_withdrawn_erases_what_the_record_says_and_refuses_the_rest(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        crediting.hand_over(record_=row, at=NOON, organisation=case.bank.organisation, by=case.bank.initiator)
        ended = crediting.withdraw(consent=row.consent, mandate=None, at=NOON)
        assert crediting.withdraw(consent=row.consent, mandate=None, at=NOON).pk == ended.pk
        assert not CreditPaper.objects.exists()
        with world.refuses(crediting.ConsentNotStanding, on=TODAY.isoformat()):
            crediting.hand_over(record_=row, at=NOON, organisation=case.bank.organisation, by=case.bank.initiator)
        with world.refuses(crediting.ConsentNotStanding):
            crediting.draw_up(consent=ended, at=NOON)
        assert (CreditRecord.objects.count(), CreditHandover.objects.count()) == (1, 1)  # written down for good
        assert case.account.receipts.filter(kind="WITHDRAWN").count() == 1
        agreed(case)  # and it can be given anew

    def test_runs_out(self, case):
        row = crediting.draw_up(consent=agreed(case, expires_on=TODAY), at=NOON)
        crediting.hand_over(record_=row, at=NOON)
        tomorrow = NOON + dt.timedelta(days=1)
        with world.refuses(crediting.ConsentNotStanding, on=TODAY.isoformat()):
            crediting.hand_over(record_=row, at=tomorrow)
        assert (crediting.erase(at=NOON), crediting.erase(at=tomorrow)) == (0, 1)

    def test_goes_with_the_account(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        accounts.close(account=case.account, anonymise=True, reference=row.consent_id, at=NOON)
        assert not CreditPaper.objects.exists()
        with world.refuses(crediting.ConsentNotStanding):
            crediting.hand_over(record_=row, at=NOON)
        with world.refuses(points.AccountNotActive):
            agreed(case)


class TestARecord:
    def test_says_what_was_agreed_to_and_no_more(self, case):
        row = crediting.draw_up(consent=agreed(case, kinds=["SUMMARY", "MONTHS"]), at=NOON)
        said = greenrecords.opened(crediting.hand_over(record_=row, at=NOON))
        assert said["contents"] == {
            "SUMMARY": {"grams": 1_500, "days": 2},
            "MONTHS": [{"month": "2026-04", "grams": 1_000}, {"month": "2026-05", "grams": 500}],
        }
        assert said["subject"] == {"kind": "PERSON", "name": "林晓青", "mobile": "138****8000"}
        assert (said["recipient"]["uscc"], said["purpose"]) == (case.bank.organisation.uscc, case.use.purpose)
        assert case.account.id.hex not in json.dumps(said).replace("-", "")

    def test_is_sealed_where_it_lies(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        assert "林晓青".encode() not in bytes(row.paper.content)

    def test_is_for_the_recipient_alone(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        other = world.party("PLED")
        with world.refuses(crediting.NotTheRecipient):
            crediting.hand_over(record_=row, at=NOON, organisation=other.organisation, by=other.initiator)

    def test_is_refused_once_it_is_changed_or_signed_by_another(self, case):
        raw = crediting.hand_over(record_=crediting.draw_up(consent=agreed(case), at=NOON), at=NOON)
        with world.refuses(signed_files.SignedFileForged):
            greenrecords.opened(raw.replace(b'"grams":1500', b'"grams":9500'))
        other = signed_files.signed(signed_files.RECORD, json.loads(raw)["body"], note.Signer.generate("other"))
        with world.refuses(signed_files.SignedFileForged):
            greenrecords.opened(other)

    @pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"format":1}', b"\xff", b"[" * 100_000, b'{"a":"\\u0000"}'])
    def test_that_is_none_is_refused(self, case, raw):
        with world.refuses(signed_files.SignedFileUnreadable):
            greenrecords.opened(raw)

    def test_comes_as_a_sealed_paper_whose_proof_names_the_file(self, case):
        row = crediting.draw_up(consent=agreed(case, kinds=["SUMMARY", "SCENARIOS", "MONTHS"]), at=NOON)
        raw = crediting.hand_over(record_=row, at=NOON)
        sequencer.sequence(at=NOON)
        pdf = credit_papers.drawn(row, raw)
        key = note.Verifier.parse(json.loads(raw)["key"])
        seal.check(pdf, key)
        verdict = bundle.verify(bundle.loads(seal.proof_file(pdf)), [str(key)])
        assert verdict.leaf["fact"] == {"record": row.code, "sha256": signed_files.digest(raw)}
        inside = pypdf.PdfReader(io.BytesIO(pdf))
        assert inside.attachments["record.json"] == [raw]
        text = "".join(page.extract_text() for page in inside.pages)
        assert "绿色信用记录" in text
        assert "1 500" in text.replace(",", " ").replace("\u2009", " ").replace("\u202f", " ") or "1500" in text
        assert credit_papers.drawn(row, raw) == pdf


class TestAnOrganisation:
    @pytest.fixture
    def firm(self, case):
        built = world.build()
        built.retire(60)
        use = used(
            case.operator,
            case.bank,
            title="企业环境信用评价",
            subject="ORGANISATION",
            kinds=["RETIREMENTS", "ISSUANCES"],
        )
        return SimpleNamespace(party=built.owner, use=use)

    def test_agrees_by_two_people_and_shows_what_the_register_says(self, case, firm):
        row = crediting.ask_agree(
            use=firm.use, chosen=chosen(kinds=["RETIREMENTS", "ISSUANCES"]), mandate=firm.party.initiator,
            reference="r", at=NOON,
        )  # fmt: skip
        with world.refuses(crediting.ConsentNotStanding):
            crediting.draw_up(consent=row, at=NOON)
        crediting.confirm_agree(consent=row, mandate=firm.party.confirmer, at=NOON)
        row.refresh_from_db()
        made = crediting.draw_up(consent=row, at=NOON)
        raw = crediting.hand_over(record_=made, at=NOON)
        said = greenrecords.opened(raw)
        assert said["subject"]["uscc"] == firm.party.organisation.uscc
        assert [one["tonnes"] for one in said["contents"]["RETIREMENTS"]] == [60]
        assert [one["tonnes"] for one in said["contents"]["ISSUANCES"]] == [1_000]
        sequencer.sequence(at=NOON)
        assert credit_papers.drawn(made, raw).startswith(b"%PDF")
        crediting.withdraw(consent=row, mandate=firm.party.confirmer, at=NOON)
        with world.refuses(crediting.ConsentNotStanding):
            crediting.hand_over(record_=made, at=NOON)

    def test_does_not_agree_to_what_is_asked_of_people(self, case, firm):
        with world.refuses(crediting.CreditUseEnded):
            crediting.ask_agree(
                use=case.use, chosen=chosen(), mandate=firm.party.initiator, reference="r", at=NOON
            )  # fmt: skip


class TestTheLists:
    def test_show_the_recipient_what_stands_and_the_subject_everything(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        assert list(queries.received([case.bank.organisation])) == [row]
        assert list(queries.received([world.organisation("PLED")])) == []
        crediting.withdraw(consent=row.consent, mandate=None, at=NOON)
        assert list(queries.received([case.bank.organisation])) == []
        assert [one.state for one in queries.consents(case.account)] == ["ENDED"]
        assert queries.by_digest(row.sha256).pk == row.pk
        assert CreditUse.objects.count() == CreditConsent.objects.count() == 1


class TestThePages:
    def test_lead_a_resident_through_agreeing_taking_out_and_withdrawing(self, case, client):
        world.sign_in(client, case.who)
        assert case.use.recipient in client.get("/carbon/credit").content.decode()
        page = f"/carbon/credit/{case.use.pk}"
        assert case.use.basis in client.get(page).content.decode()
        sent = client.get(page).context["form"].initial | {"agree": "on"}
        assert client.post(page, sent | {"agree": ""}).status_code == 422
        assert client.post(page, sent).status_code == 302
        row = CreditRecord.objects.get()
        taken = client.post("/carbon/credit", {"do": "take", "record": row.number, "format": "json"})
        assert greenrecords.opened(taken.content)["record"] == row.code
        assert client.post("/carbon/credit", {"do": "take", "record": row.number, "format": "pdf"}).status_code == 409
        sequencer.sequence(at=NOON)
        pdf = client.post("/carbon/credit", {"do": "take", "record": row.number, "format": "pdf"})
        assert pdf["Content-Type"] == "application/pdf"
        client.logout()
        for file, name in ((taken.content, "r.json"), (pdf.content, "r.pdf")):
            told = client.post("/credit/check", {"file": SimpleUploadedFile(name, file)})
            assert (told.status_code, told.context["over"]) == (200, None)
        world.sign_in(client, case.bank.initiator.membership.person)
        assert row.code in client.get("/credit/received").content.decode()
        assert client.post("/credit/received", {"record": row.number, "format": "json"}).status_code == 200
        api = client.get("/api/v1/inclusion/credit/records").json()
        assert [one["sha256"] for one in api] == [row.sha256]
        world.sign_in(client, case.who)
        assert case.bank.organisation.name in client.get("/carbon/credit").content.decode()
        assert client.post("/carbon/credit", {"do": "withdraw", "key": row.consent_id}).status_code == 302
        world.sign_in(client, case.bank.initiator.membership.person)
        assert client.post("/credit/received", {"record": row.number, "format": "json"}).status_code == 403
        csrf = client.post(f"/api/v1/inclusion/credit/records/{row.number}/fetch", content_type="application/json")
        assert csrf.json()["code"] == "inclusion.credit_consent_not_standing"
        told = client.post("/credit/check", {"file": SimpleUploadedFile("r.json", taken.content)})
        assert told.context["over"] is not None

    def test_hand_a_record_to_nobody_who_only_confirms(self, case, client):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        world.sign_in(client, case.bank.confirmer.membership.person)
        sent = {"record": row.number, "format": "json"}
        assert client.post("/credit/received", sent).status_code == 403
        world.mandate(case.bank.confirmer.membership.person, world.organisation("PLED"), "INITIATE", at=NOON)
        assert client.post("/credit/received", sent).status_code == 403  # initiates elsewhere
        assert not CreditHandover.objects.exists()

    @pytest.mark.parametrize(("scopes", "lists", "fetches"), [
        (["inclusion.credit_received"], 200, 403), (["inclusion.credit_fetch"], 403, 200),
    ])  # fmt: skip
    def test_let_a_program_do_what_its_scope_names_and_no_more(self, case, scopes, lists, fetches):
        row = crediting.draw_up(consent=agreed(case, expires_on=TODAY + dt.timedelta(days=90)), at=NOON)
        CreditConsent.objects.update(expires_on=clock.day(timezone.now()))
        token = programs.fetch(*programs.register(case.bank.organisation, scopes), scope=scopes[0]).json()[
            "access_token"
        ]
        assert programs.ask(token, "/inclusion/credit/records").status_code == lists
        answer = Client().post(
            f"/api/v1/inclusion/credit/records/{row.number}/fetch", content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == fetches
        assert CreditHandover.objects.count() == (fetches == 200)
        held = Mandate.objects.filter(membership__person__kind="SERVICE").values_list("capacity", flat=True)
        assert set(held) == ({"VIEW", "INITIATE"} if fetches == 200 else {"VIEW"})

    def test_let_two_people_of_an_organisation_agree(self, case, client):
        firm = world.party("OWN")
        use = used(case.operator, case.bank, title="企业评价", subject="ORGANISATION", kinds=["ISSUANCES"])
        world.sign_in(client, firm.initiator.membership.person)
        page = f"/credit/{use.pk}"
        sent = client.get(page).context["form"].initial | {"agree": "on"}
        assert client.post(page, sent).status_code == 302
        key = CreditConsent.objects.get().pk
        assert client.post("/credit", {"do": "confirm", "key": key}).status_code == 403
        world.sign_in(client, firm.confirmer.membership.person)
        assert client.post("/credit", {"do": "confirm", "key": key}).status_code == 302
        assert client.post("/credit", {"do": "draw", "key": key}).status_code == 302
        assert CreditRecord.objects.get().code in client.get("/credit").content.decode()
        assert client.post("/credit", {"do": "withdraw", "key": key}).status_code == 302

    def test_let_the_operator_publish_an_evaluation(self, case, client):
        world.sign_in(client, case.operator.initiator.membership.person)
        sent = {"do": "ask"} | {name: getattr(asked(case.bank), name) for name in crediting.Asked.__slots__}
        assert client.post("/desk/credit", sent | {"uscc": "x"}).status_code == 422
        assert client.post("/desk/credit", sent | {"title": "另一评价"}).status_code == 302
        key = CreditUse.objects.get(title="另一评价").pk
        world.sign_in(client, case.operator.confirmer.membership.person)
        assert client.post("/desk/credit", {"do": "confirm", "key": key}).status_code == 302
        assert "另一评价" in client.get("/desk/credit").content.decode()

    def test_answer_nonsense_without_falling_over(self, case, client):
        world.sign_in(client, case.who)
        for odd in ({}, {"do": "x"}, {"do": "withdraw"}, {"do": "withdraw", "key": "\0"}):
            assert client.post("/carbon/credit", odd).status_code == 422
        for odd in ({"do": "take"}, {"do": "take", "record": "9" * 30, "format": "pdf"}, {"do": "draw", "key": "\0"}):
            assert client.post("/carbon/credit", odd).status_code == 422
        for odd in ({"do": "take", "record": 2**62, "format": "pdf"}, {"do": "draw", "key": case.use.pk}):
            assert client.post("/carbon/credit", odd).status_code == 404
        assert client.post(f"/carbon/credit/{case.use.pk}", {"first": "9999-12-31"}).status_code == 422
        assert client.post("/credit/check", {}).status_code == 422
        for raw in (b"\0", b"%PDF", b"{}"):
            told = client.post("/credit/check", {"file": SimpleUploadedFile("x", raw)})
            assert told.status_code == 422


class TestWhatAPersonTakesOut:
    def test_has_each_consent_with_its_text_its_records_and_who_fetched_them(self, case):
        other, _ = people.resident()
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        crediting.hand_over(record_=row, at=NOON, organisation=case.bank.organisation, by=case.bank.initiator)
        crediting.withdraw(consent=row.consent, mandate=None, at=NOON)
        said, texts, readme = taken_out(case.account)
        (one,) = said["credit"]
        assert (one["state"], one["recipient"], one["uscc"]) == ("ENDED", case.use.recipient, case.use.uscc)
        assert (one["purpose"], one["basis"]) == (case.use.purpose, case.use.basis)
        (record,) = one["records"]
        assert (record["record"], record["sha256"]) == (row.code, row.sha256)
        assert [(each["way"], each["to"]) for each in record["handovers"]] == [("RECIPIENT", case.use.recipient)]
        assert consent_texts.text("CREDIT", crediting.TEXTS).zh.strip() in texts
        assert "绿色信用记录" in readme
        assert taken_out(other)[0]["credit"] == []

    def test_has_everything_that_stands_under_an_account(self, case):
        said, _, _ = taken_out(case.account)
        held = {one for one in apps.get_app_config("inclusion").get_models() if of_people(one)}
        assert held == KEPT.keys() | DERIVED
        assert set(KEPT.values()) <= said.keys()


KEPT = {  # what an account has, and where it stands in the file
    models.Day: "days", models.Claim: "claims", models.Entry: "points", models.Consent: "consents",
    models.DayChange: "changes", models.Pseudonym: "marks", models.Suspicion: "held_back", models.Voucher: "vouchers",
    models.Exchange: "exchanges", models.Objection: "objections", models.Deduction: "deductions",
    models.Receipt: "receipts", models.CreditConsent: "credit", models.Mirror: "regions",
    models.RegionStatement: "regions", models.Holder: "holder",
}  # fmt: skip
DERIVED = {models.Month, models.Purse, models.Gathered}  # sums of the days, claims and entries above


def of_people(model):
    return any(field.name == "account" for field in model._meta.fields)


def taken_out(account):
    """What a person takes out: the whole, the texts, and what it says of itself."""
    packed = zipfile.ZipFile(io.BytesIO(exporting.packed(account)))
    return json.loads(packed.read("account.json")), *(packed.read(f"{one}.txt").decode() for one in ("texts", "README"))


class TestWhoIsTold:
    def test_are_those_who_may_fetch_it(self, case):
        row = crediting.draw_up(consent=agreed(case), at=NOON)
        (told,) = telling.of("inclusion.credit_recorded")
        fact = telling.Fact(
            kind="inclusion.credit_recorded", index=0, entry=row.entry, fact={"record": row.code},
            private={"consent": str(row.consent_id)}, by=None, at=NOON,
        )  # fmt: skip
        assert set(told.recipients(fact)) == {case.bank.initiator.membership.person}
        assert told.words(fact) == {"record": row.code, "use": case.use.title}
        assert telling.concerned(fact) == {case.bank.organisation.pk}

    def test_is_whoever_may_sign_second(self, case):
        crediting.ask_use(
            asked=asked(case.bank, title="新评价"), mandate=case.operator.initiator, reference="x", at=NOON
        )
        first, second = (one.membership.person for one in (case.operator.initiator, case.operator.confirmer))
        assert [one.url for one in waiting.tasks(second, at=NOON)] == ["/desk/credit"]
        assert waiting.count(second, at=NOON) == 1
        assert waiting.tasks(first, at=NOON) == []

    def test_erases_in_time_by_the_worker(self, case):
        crediting.draw_up(consent=agreed(case, expires_on=TODAY), at=NOON)
        assert tasks.forget_records in [job for _, job in tasks.PERIODIC]
        tasks.forget_records()  # it is long after that day by the clock
        assert not CreditPaper.objects.exists()
