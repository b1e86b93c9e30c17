"""The pool: scored term by term, pilots picked with a reason, agreements on land one at a time, opened and closed."""

import copy
import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from tests import world
from tests.projects import pooling
from tests.projects.sharing import NOON, refuses

from tanhui.identity.acts import instruction as instructions
from tanhui.journal import sequencer
from tanhui.notices import telling, waiting
from tanhui.notices.acts import notifying
from tanhui.notices.models import Notice
from tanhui.projects import poolscore
from tanhui.projects.acts import agreement as acts
from tanhui.projects.acts import pool
from tanhui.projects.models import Absorption, Agreement, AgreementParcel, Candidate, Score
from tanhui.projects.queries import pool as known
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

MARKS = pooling.MARKS
FORMULA = poolscore.Formula(
    "p", "1", {"site": 20, "value": 25, "ease": 20, "air": 10, "resources": 5, "circular": 5, "ecology": 15}, 5, 5
)
PACK = pooling.PACK


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield pooling.Case(password="x")
        transaction.set_rollback(True)


@pytest.fixture
def case(once, monkeypatch, django_db_blocker):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    with transaction.atomic():
        yield copy.copy(once)
        transaction.set_rollback(True)


class TestScore:
    def test_adds_up_term_by_term(self):
        found = poolscore.terms(MARKS, annual_t=3000, area_m2=10_000_000, revitalisation=True, formula=FORMULA)
        assert {one.key: one.points for one in found} == {
            "site": 1600, "value": 1500, "ease": 1400, "air": 200, "resources": 200, "circular": 150, "ecology": 1350,
            "revitalisation": 500,
        }  # fmt: skip
        assert poolscore.total(found) == 6900

    def test_caps_the_value_and_knows_no_area_of_nothing(self):
        assert poolscore.value(10**9, 10_000, 5) == 100
        assert poolscore.value(10, 0, 5) == 0

    @pytest.mark.parametrize("wrong", [{"site": 101}, {"site": -1}, {"site": None}, {"site": "80"}, {"more": 1}])
    def test_is_refused_without_proper_marks(self, wrong):
        with pytest.raises(poolscore.MarksUnusable):
            poolscore.check(MARKS | wrong)

    def test_is_refused_with_weights_that_are_not_100(self):
        formula = poolscore.Formula("p", "1", FORMULA.weights | {"site": 19}, 5, 5)
        with pytest.raises(poolscore.WeightsUnusable):
            poolscore.terms(MARKS, annual_t=1, area_m2=1, revitalisation=False, formula=formula)


@pytest.mark.django_db
class TestPool:
    @pytest.fixture
    def _django_db_helper(self, once):
        """In place of pytest-django's: a test's own transaction lies inside that of the module."""

    def test_ranks_by_score_and_keeps_every_term(self, case):
        better = case.scored(reference="a", measures=MARKS | {"site": 100})
        worse = case.scored(reference="b")
        unscored = case.enter(reference="c")
        assert list(known.kept_by(case.person, at=NOON)) == [better, worse, unscored]
        one = known.scores(worse).get()
        assert (one.total, one.pack, len(one.terms)) == (6900, PACK, 8)

    def test_scores_the_same_once(self, case):
        one = case.scored()
        assert pool.score(candidate=one, pack=PACK, mandate=case.city.initiator, at=NOON).number == 1
        assert Score.objects.filter(candidate=one).count() == 1

    def test_entered_twice_is_one(self, case):
        assert case.enter() == case.enter()
        with refuses(instructions.ReferenceTaken):
            case.enter(name="另一个")

    @pytest.mark.parametrize(
        "wrong", [{"name": ""}, {"kind": "X"}, {"area_m2": 0}, {"annual_t": -1}, {"place": " "}, {"note": "长" * 1001}]
    )
    def test_refuses_what_makes_no_sense(self, case, wrong):
        with refuses(pool.CandidateUnclear):
            case.enter(**wrong)

    def test_is_kept_by_developers(self, case):
        with refuses(pool.NotAKeeper):
            case.enter(mandate=case.bank.initiator)

    def test_picks_state_farms_first_or_says_why_not(self, case):
        farm = case.scored(reference="f", name="演示国有林场", state_farm=True)
        other = case.scored(reference="o")
        with refuses(pool.StateFarmsFirst, number=farm.code):
            case.pick(other)
        assert case.pick(other, f"{farm.code} 权属待核，先行试点本项目").state == "PILOT"
        assert case.pick(farm).state == "PILOT"
        with refuses(pool.CandidateMoved):
            case.pick(farm)

    def test_asks_the_pack_of_its_city_whether_state_farms_come_first(self, case):
        here, elsewhere = case.scored(reference="a"), case.scored(reference="b", division_code="310118")
        day = NOON.date()
        assert known.state_farms_first(here, day) is known.state_farms_first(elsewhere, day) is True
        people = case.operator.signatures.people
        content = copy.deepcopy(dict(packs.ship("cn-chifeng-sinks-2024").content))
        content["params"]["pilot_state_farms_first"]["value"] = False
        pack = packs.load(content, "cn-chifeng-sinks-2024.toml")
        activation.activate(pack=pack, mode="demonstration", at=NOON, **people)
        assert known.state_farms_first(here, day) is False
        assert known.state_farms_first(elsewhere, day) is True

    def test_picks_nothing_unscored_or_without_reason(self, case):
        one = case.enter()
        with refuses(pool.NotScored):
            case.pick(one)
        scored = case.scored(reference="s")
        with refuses(pool.PilotUnfounded):
            case.pick(scored, " ")

    def test_drops_for_a_reason_and_for_good(self, case):
        one = pool.drop(candidate=case.enter(), reason="权属争议", mandate=case.city.initiator, at=NOON)
        with refuses(pool.CandidateMoved):
            pool.score(candidate=one, pack=PACK, mandate=case.city.initiator, at=NOON)

    def test_opens_to_banks_and_closes_again(self, case):
        one = case.enter()
        banker = case.bank.initiator.membership.person
        assert not known.library(banker, at=NOON).exists()
        values = {"candidate": one, "mandate": case.city.initiator, "at": NOON}
        assert pool.open_to_banks(given=True, **values) == pool.open_to_banks(given=True, **values)
        assert list(known.library(banker, at=NOON)) == [one]
        assert not known.library(case.county.initiator.membership.person, at=NOON).exists()
        pool.open_to_banks(given=False, **values)
        assert not known.library(banker, at=NOON).exists()
        assert known.consents(one).count() == 2

    def test_shows_bank_and_keeper_what_is_theirs(self, case, client):
        one = case.scored()
        address = reverse("projects:candidate", args=[one.pk])
        world.sign_in(client, case.bank.initiator.membership.person)
        assert client.get(address).status_code == 404
        pool.open_to_banks(candidate=one, given=True, mandate=case.city.initiator, at=NOON)
        assert "69.00" in client.get(address).content.decode()
        assert client.post(address, {"do": "drop", "reason": "x"}).status_code in (403, 404)
        world.sign_in(client, case.person)
        assert one.name in client.get(reverse("projects:pool")).content.decode()
        assert client.get(reverse("projects:pool"), {"format": "xlsx"}).status_code == 200
        assert client.post(address, {"do": "pick", "reason": "条件好"}).status_code == 302
        assert client.post(address, {"do": "close"}).status_code == 302
        assert "试点" in client.get(address).content.decode()

    def test_takes_a_candidate_from_a_form(self, case, client):
        world.sign_in(client, case.person)
        address = reverse("projects:candidate_new")
        given = {
            "reference": "form-1", "name": "演示", "kind": "GRASS", "mechanism": "VCS", "place": "克什克腾旗",
            "division_code": "150425", "hectares": "120.5", "annual_t": 90, "parcels": "XB-0，XB-1", **MARKS,
        }  # fmt: skip
        assert client.post(address, given | {"parcels": "XB-9"}).status_code == 422
        assert client.post(address, given | {"site": 200}).status_code == 422
        many = ",".join(f"XB-{n}" for n in range(5001))
        assert "5,000" in client.post(address, given | {"parcels": many}).content.decode()
        answer = client.post(address, given)
        made = Candidate.objects.get(reference="form-1")
        assert (answer.status_code, made.area_m2, made.land.count()) == (302, 1_205_000, 2)


@pytest.mark.django_db
def told(asked):
    """What was told of an instruction, once the log and who follows it have caught up."""
    while sequencer.sequence(at=NOON) == sequencer.BATCH:
        pass
    while notifying.follow(at=NOON).behind:
        pass
    return list(Notice.objects.filter(url=reverse("projects:agreement_asked", args=[asked.pk])))


class TestAgreement:
    @pytest.fixture
    def _django_db_helper(self, once):
        """In place of pytest-django's: a test's own transaction lies inside that of the module."""

    def test_takes_two_people_and_its_land(self, case):
        one = case.agreed()
        assert (one.code, one.partner, one.land.count()) == ("XY-2026-001", case.county.organisation, 2)
        assert list(known.agreements(case.county.initiator.membership.person, at=NOON)) == [one]

    def test_waits_at_the_desk_of_who_signs_second_and_of_nobody_else(self, case):
        asked = case.propose()
        first, second = (one.membership.person for one in (case.city.initiator, case.city.confirmer))
        address = reverse("projects:agreement_asked", args=[asked.pk])
        (task,) = [one for one in waiting.tasks(second, at=NOON) if one.url == address]
        assert task.due == (NOON + acts.OPEN_FOR).date()
        assert not [one for one in waiting.tasks(first, at=NOON) if one.url == address]
        assert waiting.count(second, at=NOON) == len(waiting.tasks(second, at=NOON))
        fact = telling.Fact(
            "identity.instruction_given", 0, 1, {"instruction": str(asked.pk)}, {}, first.pk, NOON
        )  # fmt: skip
        told = [
            (one.words(fact)["title"], one.url(fact))
            for one in telling.of(fact.kind)
            if second in list(one.recipients(fact))
        ]
        assert told == [("生态碳汇联合开发协议", address)]
        acts.confirm(asked=asked, mandate=case.city.confirmer, at=NOON)
        assert not [one for one in waiting.tasks(second, at=NOON) if one.url == address]

    def test_covers_a_parcel_one_at_a_time(self, case):
        first = case.agreed()
        with refuses(acts.ParcelUnderAgreement, parcel="XB-0", agreement=first.code, until="2045-12-31"):
            case.propose(reference="x-2", since=dt.date(2045, 12, 31), until=dt.date(2050, 1, 1))
        case.agreed(reference="x-3", since=dt.date(2046, 1, 1), until=dt.date(2050, 1, 1))
        taken = AgreementParcel.objects.filter(agreement=first).first()
        others = AgreementParcel.objects.filter(parcel=taken.parcel).exclude(pk=taken.pk)
        with pytest.raises(IntegrityError, match="a_parcel_is_under_one_agreement_at_a_time"), transaction.atomic():
            others.update(days=taken.days)

    def test_gives_land_back_when_it_ends_early(self, case):
        first = case.agreed()
        values = {"agreement": first, "reason": "协商解除", "mandate": case.city.initiator, "at": NOON}
        acts.end(ends_on=dt.date(2026, 6, 30), **values)
        with refuses(acts.AgreementOver):
            acts.end(ends_on=dt.date(2026, 7, 30), **values)
        assert case.agreed(reference="x-2", since=dt.date(2026, 7, 1)).land.count() == 2

    @pytest.mark.parametrize(
        "wrong",
        [{"title": ""}, {"kind": "X"}, {"until": dt.date(2025, 1, 1)}, {"until": dt.date(2200, 1, 1)},
         {"since": dt.date(9990, 1, 1), "until": dt.date.max},
         {"partner": 2**40}, {"parcels": ("00000000-0000-0000-0000-000000000007",)}],
    )  # fmt: skip
    def test_is_refused_when_unclear(self, case, wrong):
        scan = case.scan()
        with refuses(acts.AgreementUnclear):
            acts.propose(
                terms=case.terms(**wrong), scan=scan, mandate=case.city.initiator, reference="w", at=NOON
            )  # fmt: skip

    def test_of_land_names_it_and_a_mandate_may_not(self, case):
        scan = case.scan()
        with refuses(acts.LandMissing):
            acts.propose(
                terms=case.terms(parcels=()), scan=scan, mandate=case.city.initiator, reference="w", at=NOON
            )  # fmt: skip
        assert case.agreed(kind="MANDATE", parcels=(), title="委托授权协议").land.count() == 0

    def test_takes_an_earlier_contract_over(self, case):
        one = case.agreed()
        earlier = acts.Earlier(
            title="碳汇合作开发合同", party="某碳资产公司", division_code="150430", begun=False,
            signed_on=dt.date(2023, 5, 1), manner="ABSORBED", note="未实施，双方解除并由市农投承接",
            agreement=str(one.pk),
        )  # fmt: skip
        asked = acts.take_over(
            earlier=earlier, scan=case.scan(), mandate=case.city.initiator, reference="e-1", at=NOON
        )  # fmt: skip
        acts.confirm(asked=asked, mandate=case.city.confirmer, at=NOON)
        made = Absorption.objects.get()
        assert (made.agreement, made.manner, made.begun) == (one, "ABSORBED", False)
        scan = case.scan()
        with refuses(acts.AbsorptionUnclear):
            wrong = acts.Earlier(**{**earlier.body(), "signed_on": dt.date(2030, 1, 1)})
            acts.take_over(earlier=wrong, scan=scan, mandate=case.city.initiator, reference="e-2", at=NOON)

    def test_ends_what_was_told_of_an_earlier_contract_once_both_have_signed(self, case):
        earlier = acts.Earlier(
            title="碳汇合作开发合同", party="某碳资产公司", division_code="150430", begun=False,
            signed_on=dt.date(2023, 5, 1), manner="ENDED", note="未实施，双方解除", agreement="",
        )  # fmt: skip
        asked = acts.take_over(
            earlier=earlier, scan=case.scan(), mandate=case.city.initiator, reference="e-3", at=NOON
        )  # fmt: skip
        confirmer = case.city.confirmer.membership.person
        assert [(one.person, one.read_at) for one in told(asked)] == [(confirmer, None)]
        acts.confirm(asked=asked, mandate=case.city.confirmer, at=NOON)
        assert [one.read_at for one in told(asked)] == [NOON]
        assert "碳汇合作开发合同" in str(Notice.objects.filter(person=case.person).latest("pk"))

    def test_is_shown_to_its_parties_alone(self, case, client):
        one = case.agreed()
        address = reverse("projects:agreement", args=[one.pk])
        world.sign_in(client, case.bank.initiator.membership.person)
        assert client.get(address).status_code == 404
        world.sign_in(client, case.county.initiator.membership.person)
        assert "XB-0" in client.get(address).content.decode()
        world.sign_in(client, case.person)
        assert one.title in client.get(reverse("projects:agreements")).content.decode()
        assert client.get(reverse("projects:agreement_new")).status_code == 200
        assert client.get(reverse("projects:absorb")).status_code == 200
        asked = case.propose(reference="x-9", parcels=(str(case.parcels[2].pk),))
        world.sign_in(client, case.city.confirmer.membership.person)
        there = reverse("projects:agreement_asked", args=[asked.pk])
        shown = client.get(there).content.decode()
        assert "演示旗林场" in shown
        assert case.parcels[2].code in shown
        (scan,) = set(re.findall(r'href="(/files/[0-9a-f-]{36}/1/[^"]+)"', shown))
        assert b"".join(client.get(scan).streaming_content).startswith(b"%PDF")  # what the second person compares
        assert client.post(there, {"do": "confirm"}).status_code == 302
        assert Agreement.objects.count() == 2
