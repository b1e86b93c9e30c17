"""Stock-sink products: made once from a published bound, handed on in order, used up for works and events, pledged."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import DateRange, Int8Range
from tests import world
from tests.inventory import using

from tanhui.identity.acts.instruction import OnePersonTwice
from tanhui.identity.models import Instruction, Organisation
from tanhui.inventory import choosing, stock
from tanhui.inventory.acts import pledge, product, second, supply
from tanhui.inventory.acts.steps import NotTheAuthority
from tanhui.inventory.choosing import Pick
from tanhui.inventory.models import Product, StockUse
from tanhui.journal import queries as journal
from tanhui.kernel import serials
from tanhui.ledger.models import Holding
from tanhui.registry import access, audit
from tanhui.registry.acts.restriction import RANK
from tanhui.registry.models import Batch, Retirement
from tanhui.rulepacks.queries import NoPackInForce

pytestmark = pytest.mark.django_db
AT = using.AT


@pytest.fixture
def bureau():
    using.rules()
    return using.authority()


@pytest.fixture
def year(bureau):
    return using.published(bureau)


def offer(bureau, figure, *, reference=None):
    return product.offer(
        figure=figure, mandate=bureau.initiator, reference=reference or f"offer-{figure.pk}", at=AT
    )  # fmt: skip


def made(bureau, figure, **more):
    using.confirm(offer(bureau, figure, **more), bureau)
    return Product.objects.get(figure=figure)


def supplied(bureau, buyer, tonnes, chosen=None, reference="s-1"):
    return supply.supply(
        target=buyer.organisation, tonnes=tonnes, district=using.DIVISION, chosen=chosen, mandate=bureau.initiator,
        reference=reference, at=AT,
    )  # fmt: skip


def used(party, tonnes, purpose="WORKS", reference="u-1", **more):
    return supply.use(
        purpose=purpose, undertaking="曹娥江岸线整治工程", beneficiary="演示建设公司", tonnes=tonnes, district="",
        mandate=party.initiator, reference=reference, at=AT, **more,
    )  # fmt: skip


def held(party):
    found = stock.account_of(party.organisation)
    return {one.name: one.left_t for one in stock.holdings(found)} if found else {}


class TestOffer:
    def test_makes_whole_tonnes_of_the_conservative_bound_and_keeps_the_rest(self, bureau, year):
        one = made(bureau, using.figure(year, kg=12_345_678))

        assert (one.quantity_t, one.residual_kg, one.bound_kg) == (12_345, 678, 12_345_678)
        assert one.code == f"STOCK-330604-2023-FOREST-{one.figure_id:06d}"
        assert Holding.objects.get(asset=one.asset).quantity == 12_345
        fact = journal.fact(one.entry)["fact"]
        assert (fact["quantity_t"], fact["conservative_kg"], fact["product"]) == (12_345, 12_345_678, one.code)
        assert (one.initiator_id, one.confirmer_id) == (
            bureau.initiator.membership.person_id, bureau.confirmer.membership.person_id,
        )  # fmt: skip

    def test_waits_for_another_person(self, bureau, year):
        asked = offer(bureau, using.figure(year))

        assert not Product.objects.exists()
        with world.refuses(OnePersonTwice):
            second.confirm(asked=asked, mandate=bureau.initiator, at=AT)

    def test_asked_twice_is_asked_once(self, bureau, year):
        figure = using.figure(year)
        one, other = offer(bureau, figure, reference="r"), offer(bureau, figure, reference="r")
        using.confirm(one, bureau)
        using.confirm(other, bureau)

        assert one.pk == other.pk
        assert Product.objects.count() == 1

    def test_refuses_what_is_offered_already(self, bureau, year):
        figure = using.figure(year)
        both = [offer(bureau, figure, reference=f"r{n}") for n in (1, 2)]
        using.confirm(both[0], bureau)

        with world.refuses(product.OfferedAlready, "inventory.offered_already", zone=figure.zone_name):
            using.confirm(both[1], bureau)
        with world.refuses(product.OfferedAlready):
            offer(bureau, figure, reference="r3")

    def test_refuses_the_same_sink_of_a_later_edition(self, bureau, year):
        made(bureau, using.figure(year))
        year.state = "SUPERSEDED"
        year.save()
        later = using.figure(using.published(bureau, edition=2, revises=year))

        with world.refuses(product.OfferedAlready):
            offer(bureau, later)

    def test_refuses_zones_of_another_level_which_may_overlap(self, bureau, year):
        made(bureau, using.figure(year))
        other = using.figure(year, "r-1", level="red_line")
        with world.refuses(product.OtherLevel, level="township"):
            offer(bureau, other)
        made(bureau, using.figure(year, "r-2", level="red_line", type="wetland"))

    def test_is_kept_from_two_levels_by_the_database_too(self, bureau, year):
        first, second_ = using.figure(year), using.figure(year, "r-1", level="red_line")
        waiting = [offer(bureau, first), offer(bureau, second_)]
        using.confirm(waiting[0], bureau)
        row = Product.objects.get()
        values = {f.attname: getattr(row, f.attname) for f in Product._meta.concrete_fields if f.name != "id"}
        with pytest.raises(IntegrityError, match="another level"), transaction.atomic():
            Product.objects.create(**values | {"figure_id": second_.pk, "level": "red_line", "reference": "x"})

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [({"type": "all"}, product.TypesMixed), ({"kg": 999}, product.NoWholeTonne),
         ({"kg": -5_000_000}, product.NoWholeTonne), ({"zone": ""}, product.NoZone),
         ({"of": 2022}, product.NotPublished)],
    )  # fmt: skip
    def test_refuses_what_is_no_product(self, bureau, year, change, refusal):
        figure = using.figure(year, **change)
        with world.refuses(refusal):
            offer(bureau, figure)

    @pytest.mark.parametrize("state", ["VERIFIED", "SUPERSEDED"])
    def test_refuses_a_year_that_is_not_in_force(self, bureau, state):
        figure = using.figure(using.published(bureau, state=state))
        with world.refuses(product.NotPublished):
            offer(bureau, figure)

    def test_refuses_others_years_and_other_bodies(self, bureau, year):
        figure, other, firm = using.figure(year), using.authority("别的局"), world.party()
        with world.refuses(product.NotPublished):
            offer(other, figure)
        with world.refuses(NotTheAuthority):
            offer(firm, figure)

    def test_lies_inside_the_red_line_where_its_boundaries_say_so(self, bureau, year):
        run = year.publication.computation
        run.facts = {"red_line": {"basis": "省级红线边界", "shares": {"township": {"1": 1.0, "2": 0.9995, "3": 0.98}}}}
        run.save()
        rows = [made(bureau, using.figure(year, zone)) for zone in ("1", "2", "3", "4")]
        assert [one.red_line for one in rows] == [True, True, False, False]
        assert [one.basis for one in rows] == ["省级红线边界", "省级红线边界", "", ""]


class TestSupply:
    @pytest.fixture
    def shelf(self, bureau, year):
        using.inside(year, "2")
        return {
            "common": made(bureau, using.figure(year, "1", kg=40_000)),
            "red": made(bureau, using.figure(year, "2", kg=30_900)),
        }

    def test_takes_the_red_line_first(self, bureau, shelf):
        buyer = world.party()
        using.confirm(supplied(bureau, buyer, 35), bureau)

        assert held(buyer) == {str(shelf["red"]): 30, str(shelf["common"]): 5}
        assert held(bureau) == {str(shelf["common"]): 35}

    def test_refuses_to_pass_over_the_red_line(self, bureau, shelf):
        buyer = world.party()
        with world.refuses(choosing.OutOfOrder, "inventory.out_of_order", passed=str(shelf["red"]), left=30):
            supplied(bureau, buyer, 5, [Pick(shelf["common"].code, 5)])

    def test_sets_the_units_aside_until_the_second_person_signs(self, bureau, shelf):
        buyer = world.party()
        asked = supplied(bureau, buyer, 60)

        assert sum(held(bureau).values()) == 10
        with world.refuses(choosing.TooFewOffered, asked=11, left=10):
            supplied(bureau, buyer, 11, reference="s-2")
        second.drop(asked=asked, outcome="REJECTED", mandate=bureau.confirmer, reason="价格未议定", at=AT)
        assert sum(held(bureau).values()) == 70
        assert held(buyer) == {}

    def test_refuses_itself_and_whoever_holds_nothing(self, bureau, shelf):
        buyer = world.party()
        with world.refuses(supply.ToItself):
            supplied(bureau, bureau, 1)
        with world.refuses(supply.NothingHeld):
            supplied(buyer, bureau, 1)

    def test_refuses_without_a_rule_in_force(self, year):
        party = using.authority("另一局")
        other = using.published(party, division="330602")
        made(party, using.figure(other))
        buyer = world.party()
        with connection.cursor() as cursor, world.refuses(NoPackInForce):
            cursor.execute("SELECT 1")
            supply.supply(
                target=buyer.organisation, tonnes=1, district="", mandate=party.initiator, reference="x",
                at=AT.replace(year=2024, month=1),
            )  # fmt: skip

    def test_holds_back_what_a_revised_year_no_longer_bears_out(self, bureau, year, shelf):
        year.state = "SUPERSEDED"
        year.save()
        later = using.published(bureau, edition=2, revises=year)
        using.figure(later, "1", kg=25_000)
        using.figure(later, "2", kg=90_000)

        assert held(bureau) == {str(shelf["common"]): 25, str(shelf["red"]): 30}


class TestUse:
    @pytest.fixture
    def buyer(self, bureau, year):
        made(bureau, using.figure(year, kg=100_000))
        party = world.party()
        using.confirm(supplied(bureau, party, 50), bureau)
        return party

    def test_takes_units_out_for_good_under_a_number_anybody_can_check(self, buyer):
        decision = using.confirm(used(buyer, 20), buyer)

        row = StockUse.objects.get()
        assert decision.result["certificate"] == row.number
        assert serials.parse(row.number).purpose == "SK"
        assert sum(held(buyer).values()) == 30
        fact = journal.fact(row.entry)["fact"]
        assert (fact["certificate"], fact["quantity_t"], fact["purpose"]) == (row.number, 20, "WORKS")
        assert [last - first + 1 for first, last in fact["products"][0]["serials"]] == [20]

    @pytest.mark.parametrize("purpose", ["ETS", "OFFSET", "COMPLIANCE"])
    def test_never_pays_an_offset_of_compliance(self, buyer, purpose):
        with world.refuses(supply.NeverAnOffset, "inventory.never_an_offset"):
            used(buyer, 1, purpose=purpose)

    def test_never_pays_an_offset_in_the_register_either(self, buyer):
        """What the register retires are batches; a stock sink is none, and the database lets it become none."""
        one = Product.objects.get()
        with world.refuses(access.BatchUnknown):
            access.batch(one.code)
        with pytest.raises(IntegrityError, match="no batch"), transaction.atomic():
            Batch.objects.create(
                asset=one.asset, project_id=1, number=1, vintage=2023, span=DateRange(None, None),
                serials=Int8Range(1, 2), quantity_t=1, issued_at=AT,
            )  # fmt: skip
        with pytest.raises(IntegrityError, match="pays no offset"), transaction.atomic():
            Retirement.objects.create(
                movement_id=one.movement_id, purpose="ETS", certificate="ET2026000000010", source_id=1, quantity_t=1,
                beneficiary_kind="EVENT", beneficiary_name="x", reference="x", body_sha256="", at=AT, entry=0,
                initiator_id=1, confirmer_id=2,
            )  # fmt: skip
        with pytest.raises(IntegrityError, match="a_stock_sink_pays_no_offset"), transaction.atomic():
            StockUse.objects.create(
                number="x", movement_id=one.movement_id, source=one.account, purpose="ETS", undertaking="x",
                beneficiary="x", rule="", picks=[], quantity_t=1, reference="y", body_sha256="", at=AT, entry=0,
                initiator_id=1, confirmer_id=2,
            )  # fmt: skip

    def test_refuses_purposes_nobody_knows_and_undertakings_without_a_name(self, buyer):
        with world.refuses(supply.PurposeUnknown, purpose="PARTY"):
            used(buyer, 1, purpose="PARTY")
        with world.refuses(supply.UndertakingUnnamed):
            supply.use(
                purpose="EVENT", undertaking=" ", beneficiary="x", tonnes=1, district="", mandate=buyer.initiator,
                reference="r", at=AT,
            )  # fmt: skip

    def test_leaves_a_sound_ledger_and_no_trace_in_the_registers_totals(self, buyer):
        using.confirm(used(buyer, 20), buyer)
        report = audit.audit(log=False)
        assert (report.findings, report.issued_t, report.retired_t) == ([], 0, 0)


class TestPledge:
    @pytest.fixture
    def holder(self, bureau, year):
        made(bureau, using.figure(year, kg=100_000))
        return bureau

    def asked(self, holder, bank, tonnes=40):
        return pledge.pledge(
            creditor=bank.organisation, document="碳汇质押合同 2026-07", loan_fen=50_000_000, tonnes=tonnes,
            mandate=holder.initiator, reference="p-1", at=AT,
        )  # fmt: skip

    def test_locks_the_units_until_the_creditor_lets_them_go(self, holder):
        bank = world.party(Organisation.Role.PLEDGEE)
        using.confirm(self.asked(holder, bank), holder)
        one = stock.pledges().get()

        assert sum(held(holder).values()) == 60
        assert one.lock.rank == RANK["PLEDGE"]
        with world.refuses(pledge.NotTheCreditor):
            pledge.release(pledge=one, reason="", mandate=holder.initiator, reference="l", at=AT)
        asked = pledge.release(pledge=one, reason="已还清", mandate=bank.initiator, reference="l", at=AT)
        using.confirm(asked, bank)
        assert sum(held(holder).values()) == 100
        with world.refuses(pledge.ReleasedAlready):
            pledge.release(pledge=one, reason="", mandate=bank.initiator, reference="l2", at=AT)
        assert audit.audit(log=False).findings == []

    def test_refuses_whoever_lends_nothing_and_contracts_without_a_name(self, holder):
        bank, firm = world.party(Organisation.Role.PLEDGEE), world.party()
        with world.refuses(pledge.NotACreditor):
            self.asked(holder, firm)
        with world.refuses(pledge.ContractUnnamed):
            pledge.pledge(
                creditor=bank.organisation, document=" ", loan_fen=None, tonnes=1, mandate=holder.initiator,
                reference="p", at=AT,
            )  # fmt: skip
        with world.refuses(choosing.TooFewOffered):
            self.asked(holder, bank, tonnes=101)


@pytest.mark.django_db(transaction=True)
class TestEightAtOnce:
    def test_make_one_product_of_one_sink(self):
        """Eight pairs of hands confirm eight requests for the same sink at the same moment."""
        bureau = using.authority()
        figure = using.figure(using.published(bureau))
        waiting = [offer(bureau, figure, reference=f"race-{n}").pk for n in range(8)]
        gate, outcomes = threading.Barrier(8, timeout=60), []

        def sign(key):
            try:
                asked = Instruction.objects.select_related("organisation").get(pk=key)
                gate.wait()
                second.confirm(asked=asked, mandate=bureau.confirmer, at=AT)
                outcomes.append("made")
            except product.OfferedAlready:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=sign, args=[key]) for key in waiting]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert sorted(outcomes) == ["made"] + ["refused"] * 7
        assert Product.objects.count() == 1
        assert Holding.objects.get().quantity == 12_345
