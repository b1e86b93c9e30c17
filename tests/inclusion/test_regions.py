"""Mutual recognition: two signatures under a region and a ratio, signed statements, one home, one claim a behaviour.

The other region is real: a key of its own that signs its statements, and receives ours.
"""

import datetime as dt
import hashlib
import io
import itertools
import json
import uuid
import zipfile
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from tests import world
from tests.inclusion import city, people

from tanhui.inclusion import consent_texts, exporting, lakes, regionfiles, signed_files
from tanhui.inclusion.acts import accounts, scenarios, twofold
from tanhui.inclusion.acts import recognising as acts
from tanhui.inclusion.models import Entry, Mirror, MirrorDay, RegionClaim, RegionStatement
from tanhui.inclusion.queries import regions as queries
from tanhui.journal import log
from tanhui.kernel import clock
from tanhui.tlog import note

pytestmark = pytest.mark.django_db
NOON, TODAY = world.NOON, clock.day(world.NOON)
FIRST, DAY, LAST = dt.date(2026, 5, 1), dt.date(2026, 5, 3), dt.date(2026, 5, 31)
REFS = itertools.count(1)
PERSON = "ab" * 16


def evidence(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Elsewhere:
    """Another region with its own signing key."""

    def __init__(self, name="hangzhou.example.cn/carbon"):
        self.signer = note.Signer.generate(name)

    @property
    def key(self):
        return str(self.signer.verifier)

    def line(self, **overrides):
        values = {
            "theirs": "subway", "methodology": "HZ-SUBWAY-V02", "day": DAY, "grams": 1_000, "evidence": evidence("1"),
            "activities": (),
        } | overrides  # fmt: skip
        return regionfiles.Line(**values)

    def states(self, *lines, person=PERSON, to=None, first=FIRST, last=LAST):
        said = regionfiles.Said(to or log.signer().name, person, first, last, list(lines))
        return regionfiles.signed(said, self.signer, at=NOON)


def terms(there, **overrides):
    values = {
        "code": "hz", "name": "杭州市", "division_code": "330100", "body": "演示杭州碳普惠运营中心",
        "agreement": "沪杭互认〔2026〕1号", "key": there.key, "since": dt.date(2026, 1, 1),
        "until": dt.date(2028, 1, 1),
    } | overrides  # fmt: skip
    return acts.Terms(**values)


def ratio(scenario, **overrides):
    values = {
        "theirs": "subway", "their_methodology": "HZ-SUBWAY-V02", "scenario": scenario, "numerator": 2,
        "denominator": 3, "since": dt.date(2026, 2, 1), "until": dt.date(2027, 1, 1), "grade": "D",
        "basis": "两地轨道交通因子之比",
    } | overrides  # fmt: skip
    return acts.Ratio(**values)


def recognise(operator, there, **overrides):
    row = acts.ask_region(
        terms=terms(there, **overrides), mandate=operator.initiator, reference=f"r{next(REFS)}", at=NOON
    )
    acts.confirm(row=row, mandate=operator.confirmer, at=NOON)
    row.refresh_from_db()
    return row


def mapped(operator, region, scenario, **overrides):
    row = acts.ask_mapping(
        region=region, ratio=ratio(scenario, **overrides), mandate=operator.initiator, reference=f"r{next(REFS)}",
        at=NOON,
    )  # fmt: skip
    acts.confirm(row=row, mandate=operator.confirmer, at=NOON)
    row.refresh_from_db()
    return row


@pytest.fixture
def here(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    people.rules()
    operator, there = world.party("OPER"), Elsewhere()
    metro = people.scenario("metro")
    region = recognise(operator, there)
    mapped(operator, region, metro)
    return SimpleNamespace(operator=operator, there=there, metro=metro, region=region)


class TestARegion:
    def test_takes_two_people_of_the_operator(self, here):
        other = Elsewhere("suzhou.example.cn/carbon")
        row = acts.ask_region(
            terms=terms(other, code="sz"), mandate=here.operator.initiator, reference="x", at=NOON
        )  # fmt: skip
        assert row not in list(queries.open_regions())
        with pytest.raises(Exception, match="mandate"):
            acts.confirm(row=row, mandate=here.operator.initiator, at=NOON)
        with pytest.raises(scenarios.NotYours):
            acts.confirm(row=row, mandate=world.party("SCEN").confirmer, at=NOON)
        acts.drop(row=row, reason="印章不符", mandate=here.operator.confirmer, at=NOON)
        row.refresh_from_db()
        assert row.state == "DROPPED"

    @pytest.mark.parametrize("wrong", [
        {"code": "杭州"}, {"name": " "}, {"division_code": "x"}, {"body": ""}, {"agreement": ""},
        {"until": dt.date(2026, 1, 1)},
    ])  # fmt: skip
    def test_that_is_incomplete_is_refused(self, here, wrong):
        with world.refuses(acts.RegionIncomplete, field=next(iter(wrong))):
            acts.ask_region(
                terms=terms(here.there, **wrong), mandate=here.operator.initiator, reference="x", at=NOON
            )  # fmt: skip

    def test_signs_with_a_key_of_its_own(self, here):
        given = {"mandate": here.operator.initiator, "reference": "x", "at": NOON}
        with world.refuses(note.KeyMalformed):
            acts.ask_region(terms=terms(here.there, key="x", code="a"), **given)
        with world.refuses(acts.OurOwnKey):
            acts.ask_region(terms=terms(here.there, key=str(log.signer().verifier), code="a"), **given)

    def test_is_recognised_once(self, here):
        with world.refuses(twofold.AskedAlready):
            acts.ask_region(terms=terms(here.there), mandate=here.operator.initiator, reference="x", at=NOON)

    def test_that_ended_sends_nothing_more(self, here):
        raw = here.there.states(here.there.line())
        acts.end(row=here.region, reason="协议到期", mandate=here.operator.initiator, at=NOON)
        with world.refuses(regionfiles.SignerUnknown):
            acts.take_in(raw=raw, at=NOON)

    def test_is_not_recognised_outside_the_agreement(self, here):
        with world.refuses(acts.RegionNotRecognised, day="2028-01-01"):
            acts.take_in(raw=here.there.states(here.there.line()), at=dt.datetime(2028, 1, 1, 4, tzinfo=dt.UTC))


class TestAMapping:
    @pytest.mark.parametrize("wrong", [
        {"theirs": ""}, {"their_methodology": " "}, {"numerator": 0}, {"denominator": 10**9 + 1},
        {"until": dt.date(2030, 1, 1)}, {"grade": "X"}, {"basis": ""},
    ])  # fmt: skip
    def test_that_is_incomplete_is_refused(self, here, wrong):
        with world.refuses(acts.MappingIncomplete, field=next(iter(wrong))):
            acts.ask_mapping(
                region=here.region, ratio=ratio(here.metro, **{"theirs": "bus"} | wrong),
                mandate=here.operator.initiator, reference="x", at=NOON,
            )  # fmt: skip

    def test_of_one_scenario_is_one_at_a_time(self, here):
        with world.refuses(twofold.AskedAlready):
            acts.ask_mapping(
                region=here.region, ratio=ratio(here.metro), mandate=here.operator.initiator, reference="x", at=NOON
            )  # fmt: skip


class TestAStatementTakenIn:
    def test_is_mirrored_by_the_exact_ratio_rounded_down_and_gives_no_points(self, here):
        account, _ = people.resident()
        raw = here.there.states(
            here.there.line(grams=1_000), here.there.line(day=LAST, grams=7, evidence=evidence("2"))
        )
        made = acts.take_in(raw=raw, account=account, at=NOON)
        assert (made.receipt["received"], made.receipt["accepted"], made.receipt["grams"]) == (2, 2, 666 + 4)
        (told,) = queries.balance(queries.mirror(account))
        assert (told["there"], told["here"], told["days"]) == (1_007, 670, 2)
        assert not Entry.objects.filter(account=account).exists()
        assert not account.days.exists()

    def test_again_is_the_same_statement(self, here):
        raw = here.there.states(here.there.line())
        assert acts.take_in(raw=raw, at=NOON).pk == acts.take_in(raw=raw, at=NOON).pk
        assert (RegionStatement.objects.count(), MirrorDay.objects.count(), RegionClaim.objects.count()) == (1, 1, 1)

    def test_that_corrects_an_earlier_one_replaces_its_days(self, here):
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON)
        acts.take_in(raw=here.there.states(here.there.line(grams=300)), at=NOON)
        assert MirrorDay.objects.get().grams == 200

    def test_says_of_each_line_why_it_is_refused(self, here):
        line = here.there.line
        made = acts.take_in(
            raw=here.there.states(
                line(), line(evidence=evidence("x")), line(theirs="bus"), line(methodology="HZ-SUBWAY-V01"),
                line(day=dt.date(2026, 4, 30)), line(day=dt.date(2026, 1, 5)),
            ),
            at=NOON,
        )  # fmt: skip
        assert [row[3] for row in made.receipt["rows"]] == [
            "repeated", "not_mapped", "not_mapped", "outside_period", "outside_period",
        ]  # fmt: skip
        early = acts.take_in(
            raw=here.there.states(line(day=dt.date(2026, 1, 5), evidence=evidence("e")), first=dt.date(2026, 1, 1)),
            at=NOON,
        )
        assert early.receipt["rows"][0][3] == "outside_mapping"
        assert early.receipt["received"] == early.receipt["accepted"] + early.receipt["refused"]
        assert set(regionfiles.REASONS) >= {row[3] for row in made.receipt["rows"] + early.receipt["rows"]}

    def test_is_refused_unless_the_region_itself_signed_it_for_us(self, here):
        raw = here.there.states(here.there.line())
        with world.refuses(signed_files.SignedFileForged):
            acts.take_in(raw=raw.replace(b'"grams":1000', b'"grams":9000'), at=NOON)
        stranger = Elsewhere("stranger.example.cn")
        with world.refuses(regionfiles.SignerUnknown):
            acts.take_in(raw=stranger.states(stranger.line()), at=NOON)
        with world.refuses(acts.StatementForElsewhere):
            acts.take_in(raw=here.there.states(here.there.line(), to="nanjing.example.cn"), at=NOON)

    @pytest.mark.parametrize(("field", "value"), [
        ("grams", -1), ("grams", 1.5), ("grams", True), ("grams", 10**400), ("day", "2026-13-01"),
        ("day", "9999-12-31"),
        ("scenario", ""), ("methodology", 5), ("evidence_sha256", "00"), ("activities", "x"), ("activities", [""]),
    ])  # fmt: skip
    def test_with_a_line_of_another_shape_is_refused_as_a_whole(self, here, field, value):
        body = json.loads(here.there.states(here.there.line()))["body"]
        body["days"][0][field] = value
        try:
            raw = signed_files.signed(signed_files.STATEMENT, body, here.there.signer)
        except (TypeError, ValueError):  # nobody can sign it either
            return
        with world.refuses(regionfiles.StatementUnreadable, line=1, field=field):
            acts.take_in(raw=raw, at=NOON)


class TestABehaviour:
    def test_is_claimed_once_across_regions_by_its_activity_key(self, here):
        other = Elsewhere("suzhou.example.cn/carbon")
        suzhou = recognise(here.operator, other, code="sz", name="苏州市")
        mapped(here.operator, suzhou, here.metro)
        trip = here.there.line(activities=("CR-2026-0001",))
        assert acts.take_in(raw=here.there.states(trip), at=NOON).receipt["accepted"] == 1
        again = other.line(activities=("CR-2026-0001", "CR-2026-0002"), evidence=evidence("other"))
        made = acts.take_in(raw=other.states(again), at=NOON)
        assert [row[3] for row in made.receipt["rows"]] == ["claimed"]
        assert MirrorDay.objects.count() == 1

    def test_is_claimed_once_by_its_evidence_also_for_another_person(self, here):
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON)
        made = acts.take_in(raw=here.there.states(here.there.line(), person="cd" * 16), at=NOON)
        assert [row[3] for row in made.receipt["rows"]] == ["claimed"]

    def test_has_one_claim_by_the_database_itself(self, here):
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON)
        one = RegionClaim.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            RegionClaim.objects.create(key=bytes(one.key), day=DAY, statement=one.statement, reference="x")

    def test_that_a_provider_reported_here_too_is_not_mirrored(self, db, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        place = city.built(1)
        account, there = place.accounts[0], Elsewhere()
        region = recognise(place.operator, there)
        mapped(place.operator, region, place.scenario)
        place.take(city.event(place.marks[0], place.scenario, activity="CR-2026-0009"))
        assert lakes.folder().exists()
        lines = [
            there.line(day=city.DAY, activities=("CR-2026-0009",)),
            there.line(day=city.DAY - dt.timedelta(days=1), activities=("CR-2026-0008",), evidence=evidence("2")),
        ]
        made = acts.take_in(
            raw=there.states(*lines, last=city.DAY), account=account, at=city.NEXT
        )  # fmt: skip
        assert [row[3] for row in made.receipt["rows"]] == ["claimed"]
        assert made.receipt["accepted"] == 1


class TestAHome:
    def test_is_one(self, here):
        account, _ = people.resident()
        acts.take_in(raw=here.there.states(here.there.line()), account=account, at=NOON)
        with world.refuses(acts.OneHome):
            acts.take_in(
                raw=here.there.states(here.there.line(evidence=evidence("2")), person="cd" * 16), account=account,
                at=NOON,
            )  # fmt: skip
        other, _ = people.resident()
        with world.refuses(acts.OneHome):
            acts.take_in(raw=here.there.states(here.there.line()), account=other, at=NOON)
        people.post(DAY, (account, here.metro, 500))
        with world.refuses(acts.OneHome, home="杭州市"):
            give(here, account)
        assert Mirror.objects.get().account == account


def give(here, account, **overrides):
    values = {"first": FIRST, "last": LAST, "text_version": acts.TEXTS} | overrides
    return acts.give_out(account=account, region=here.region, at=NOON, **values)


class TestAStatementGivenOut:
    @pytest.fixture
    def account(self, here):
        made, _ = people.resident(name="林晓青")
        people.post(DAY, (made, here.metro, 500))
        return made

    def test_is_signed_by_us_and_names_nobody(self, here, account):
        raw = acts.handed(give(here, account))
        body = signed_files.opened(raw, signed_files.STATEMENT, [log.signer().verifier])
        assert (body["home"], body["to"]) == (log.signer().name, here.there.signer.name)
        assert [(one["grams"], one["scenario"]) for one in body["days"]] == [(500, here.metro.code)]
        assert "林晓青" not in raw.decode()
        assert str(account.id) not in raw.decode()

    def test_uses_one_mark_for_one_region(self, here, account):
        first = give(here, account)
        people.post(LAST, (account, here.metro, 90))
        assert give(here, account).reference == first.reference

    def test_claims_its_days_so_that_nobody_sends_them_back(self, here, account):
        made = give(here, account)
        days = regionfiles.read(json.loads(made.content)["body"]).lines
        back = acts.take_in(raw=here.there.states(here.there.line(evidence=days[0].evidence)), at=NOON)
        assert [row[3] for row in back.receipt["rows"]] == ["claimed"]

    def test_is_agreed_to_by_itself_and_taken_back(self, here, account):
        with world.refuses(acts.RegionTextOutdated):
            give(here, account, text_version="")
        made = give(here, account)
        acts.take_back(statement=made, at=NOON)
        made = acts.take_back(statement=made, at=NOON)
        with world.refuses(acts.StatementTakenBack, on=TODAY.isoformat()):
            acts.handed(made)

    def test_is_in_what_its_holder_takes_out_and_in_nobody_elses(self, here, account):
        made = give(here, account)
        packed = zipfile.ZipFile(io.BytesIO(exporting.packed(account)))
        said = json.loads(packed.read("account.json"))["regions"]
        (one,) = said["statements"]
        assert (one["way"], one["region"], one["content"]) == ("OUT", here.region.name, made.content)
        assert said["home"] == {}
        assert consent_texts.text("REGION", acts.TEXTS).zh.strip() in packed.read("texts.txt").decode()
        other, _ = people.resident()
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON, account=other)
        packed = zipfile.ZipFile(io.BytesIO(exporting.packed(other)))
        said = json.loads(packed.read("account.json"))["regions"]
        assert [one["way"] for one in said["statements"]] == ["IN"]
        assert said["home"]["region"] == here.region.name

    @pytest.mark.parametrize("anonymise", [False, True])
    def test_says_nothing_more_once_the_account_is_closed(self, here, account, anonymise):
        made = give(here, account)
        accounts.close(account=account, anonymise=anonymise, reference=uuid.uuid4(), at=NOON)
        kept = RegionStatement.objects.get()
        assert (kept.content, kept.reference, kept.sha256) == ("", "", made.sha256)
        with world.refuses(acts.StatementTakenBack):
            acts.handed(kept)

    def test_taken_in_is_nobodys_here_once_the_account_is_closed(self, here):
        account, _ = people.resident()
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON, account=account)
        accounts.close(account=account, anonymise=False, reference=uuid.uuid4(), at=NOON)
        assert Mirror.objects.get().account is None
        again, _ = people.resident()
        acts.take_in(raw=here.there.states(here.there.line()), at=NOON, account=again)
        assert Mirror.objects.get().account == again

    def test_is_of_past_days_with_something_in_them(self, here, account):
        for first, last in ((dt.date(2026, 1, 1), dt.date(2026, 1, 31)), (LAST, FIRST), (dt.date(2025, 1, 1), TODAY)):
            with world.refuses(acts.NothingToState):
                give(here, account, first=first, last=last)


class TestThePages:
    def test_show_everybody_what_is_recognised(self, here, client):
        page = client.get("/regions").content.decode()
        assert all(word in page for word in ("杭州市", "HZ-SUBWAY-V02", "2 : 3", here.there.key, here.metro.name))
        told = client.get("/api/v1/inclusion/regions").json()
        assert (told["key"], told["regions"][0]["mappings"][0]["numerator"]) == (str(log.signer().verifier), 2)

    def test_let_the_operator_sign_a_region_and_a_mapping(self, here, client):
        other = Elsewhere("suzhou.example.cn/carbon")
        world.sign_in(client, here.operator.initiator.membership.person)
        about = {"do": "ask"} | {
            name: getattr(terms(other, code="sz", name="苏州市"), name) for name in acts.Terms.__slots__
        }
        assert client.post("/desk/regions", about | {"key": "x"}).status_code == 422
        there = client.post("/desk/regions", about)["Location"]
        key = there.rpartition("/")[2]
        world.sign_in(client, here.operator.confirmer.membership.person)
        assert client.post(there, {"do": "confirm", "key": key}).status_code == 302
        world.sign_in(client, here.operator.initiator.membership.person)
        sent = {"do": "ask"} | {name: getattr(ratio(here.metro), name) for name in acts.Ratio.__slots__}
        assert client.post(there, sent | {"scenario": here.metro.pk, "numerator": "9" * 40}).status_code == 422
        assert client.post(there, sent | {"scenario": here.metro.pk}).status_code == 302
        assert "HZ-SUBWAY-V02" in client.get(there).content.decode()
        file = SimpleUploadedFile("s.json", here.there.states(here.there.line(), here.there.line(theirs="bus")))
        assert client.post(f"/desk/regions/{here.region.pk}", {"do": "file", "file": file}).status_code == 302
        page = client.get(f"/desk/regions/{here.region.pk}").content.decode()
        assert "没有生效的对应关系" in page
        assert client.post(there, {"do": "end", "key": key, "reason": ""}).status_code == 422
        for odd in ({}, {"do": "x"}, {"do": "end", "key": "\0"}, {"do": "file"}):
            assert client.post(there, odd).status_code == 422

    def test_let_a_resident_give_out_and_take_back_a_statement(self, here, client):
        account, who = people.resident()
        people.post(clock.day(timezone.now()) - dt.timedelta(days=3), (account, here.metro, 500))
        world.sign_in(client, who)
        assert client.get("/carbon/regions").status_code == 200
        sent = client.get("/carbon/regions").context["give"].initial
        sent |= {"do": "give", "region": here.region.pk, "agree": "on"}
        assert client.post("/carbon/regions", sent | {"agree": ""}).status_code == 422
        assert client.post("/carbon/regions", sent).status_code == 302
        made = RegionStatement.objects.get()
        raw = client.post("/carbon/regions", {"do": "download", "key": made.pk}).content
        assert signed_files.opened(raw, signed_files.STATEMENT, [log.signer().verifier])["person"] == made.reference
        client.logout()
        fetched = client.get(f"/api/v1/inclusion/regions/statements/{made.pk}")
        assert fetched.json()["signature"] == json.loads(raw)["signature"]
        world.sign_in(client, who)
        assert client.post("/carbon/regions", {"do": "back", "key": made.pk}).status_code == 302
        assert client.get(f"/api/v1/inclusion/regions/statements/{made.pk}").status_code == 403
        for odd in ({}, {"do": "x"}, {"do": "file"}, {"do": "back", "key": "\0"}):
            assert client.post("/carbon/regions", odd).status_code == 422

    def test_tie_a_home_elsewhere_to_whoever_hands_in_their_statement(self, here, client):
        _, who = people.resident()
        raw = here.there.states(here.there.line())
        sent = client.post("/api/v1/inclusion/regions/statements", raw, content_type="application/octet-stream")
        assert (sent.status_code, sent.json()["accepted"], sent.json()["region"]) == (200, 1, "hz")
        world.sign_in(client, who)
        file = SimpleUploadedFile("s.json", raw)
        assert client.post("/carbon/regions", {"do": "file", "file": file}).status_code == 302
        page = client.get("/carbon/regions").content.decode()
        assert "您的账户所在地是杭州市" in page
        for odd in (b"", b"\xff", b"{}", b"[" * 9_999):
            told = client.post("/api/v1/inclusion/regions/statements", odd, content_type="application/octet-stream")
            assert told.json()["code"] == "inclusion.signed_file_unreadable"
