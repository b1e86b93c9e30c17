"""Shares: a roll, four signatures under a rule, sales shared out to the last fen, paid, contested, taken back."""

import copy
import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from tests import world
from tests.projects import sharing
from tests.projects.sharing import DAY, NOON, TODAY

from tanhui.identity import vault
from tanhui.identity.acts import instruction as instructions
from tanhui.journal.models import Entry
from tanhui.kernel import clock
from tanhui.projects import splitting
from tanhui.projects.acts import dispute, payout, roll, sale, shares, shares_second, split
from tanhui.projects.models import (
    AccountChange,
    Dispute,
    Holder,
    PayoutLine,
    Receipt,
    Sale,
    ShareLine,
    SplitProposal,
    SplitRule,
    TenureRoll,
)  # fmt: skip
from tanhui.projects.queries import shares as known
from tanhui.registry.acts.lines import Wanted
from tanhui.rulepacks import queries as rules

Terms = splitting.Terms
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    """Two projects, one of them with a rule in force, in one transaction that all tests here share."""
    with django_db_blocker.unblock(), transaction.atomic():
        plain = sharing.Case()
        agreed = copy.copy(plain)
        agreed.project = world.project(operator=plain.operator, owner=plain.city, validator=plain.validator)
        agreed.rule = agreed.ruled(reference="agreed")
        yield plain, agreed
        transaction.set_rollback(True)


@pytest.fixture
def apart(once):
    """What a test does is undone after it."""
    with transaction.atomic():
        yield once
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(apart):
    """In place of pytest-django's: a test's own transaction lies inside that of the module."""


@pytest.fixture
def case(apart):
    return copy.copy(apart[0])


@pytest.fixture
def agreed(apart):
    return copy.copy(apart[1])


def by_party(sold):
    return {
        (one.tier, one.village, one.holder.key if one.holder else ""): one.fen
        for one in ShareLine.objects.filter(sale=sold).select_related("holder")
    }


class TestRoll:
    def test_is_kept_with_names_and_accounts_sealed(self, case):
        made = case.enter_roll()
        one = Holder.objects.get(roll=made, village="甲村", key="001")
        assert (made.holders_count, made.villages_count, made.weight) == (7, 2, 39_408)
        assert (one.masked, one.account_tail) == ("张*", "0011")
        assert (vault.opened(one, "name"), vault.opened(one, "account")) == ("张三", "6228480000000011")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM projects_holder h WHERE h::text LIKE '%%张三%%' OR h::text LIKE '%%0000011%%'"
            )
            assert cursor.fetchone() == (0,)

    def test_tells_the_log_sums_and_no_name(self, case):
        made = case.enter_roll()
        leaf = bytes(Entry.objects.get(pk=made.entry).leaf).decode()
        assert '"holders":7' in leaf
        assert "张" not in leaf

    def test_entered_twice_is_one(self, case):
        assert case.enter_roll() == case.enter_roll()
        assert TenureRoll.objects.filter(project=case.project).count() == 1
        with sharing.refuses(instructions.ReferenceTaken):
            case.enter_roll(case.rows()[:3])

    def test_knows_an_organisation_by_its_code(self, case):
        made = case.enter_roll()
        farm = Holder.objects.get(roll=made, village="乙村", key="002")
        assert (farm.organisation, farm.masked) == (case.stranger.organisation, "演示林场")

    def test_is_refused_with_a_holder_twice(self, case):
        rows = case.rows()
        with sharing.refuses(splitting.HolderTwice, holder="150404101 001"):
            case.enter_roll([*rows, rows[1]])

    def test_is_refused_without_tenure_or_rows(self, case):
        with sharing.refuses(splitting.NobodyToShareWith):
            case.enter_roll(case.rows()[:1])
        with sharing.refuses(roll.RollUnclear):
            case.enter_roll([])

    def test_is_entered_by_a_county_only(self, case):
        with sharing.refuses(shares.NotACounty):
            case.enter_roll(mandate=case.city.initiator)
        with sharing.refuses(shares.NotACounty):
            case.enter_roll(mandate=case.stranger.initiator)

    def test_is_entered_by_the_county_that_shares_already(self, agreed):
        another = world.party("AUTHL")
        with sharing.refuses(shares.NotASide, side="演示松山区林草局"):
            agreed.enter_roll(mandate=another.initiator, reference="roll-2")


class TestRule:
    def test_takes_four_signatures(self, case):
        proposal = case.propose(entered=case.enter_roll())
        case.confirm(case.waiting(proposal, case.city), case.city)
        assert not case.project.split_rules.exists()
        asked = split.sign(proposal=proposal, mandate=case.county.initiator, reference="c", at=NOON)
        assert not case.project.split_rules.exists()
        case.confirm(asked, case.county)
        made = case.project.split_rules.get()
        assert (made.version, made.terms["city"], made.terms["county"], made.county) == (
            1, 3, 7, case.county.organisation,
        )  # fmt: skip
        people = {(one.side, one.initiator_id != one.confirmer_id) for one in proposal.consents.all()}
        assert people == {("CITY", True), ("COUNTY", True)}

    def test_is_proposed_by_the_county_too(self, case):
        proposal = case.propose(entered=case.enter_roll(), by=case.county)
        assert case.agree(proposal).version == 1

    def test_asked_twice_is_proposed_once(self, case):
        entered = case.enter_roll()
        assert case.propose(entered=entered) == case.propose(entered=entered)
        assert SplitProposal.objects.filter(project=case.project).count() == 1
        with sharing.refuses(instructions.ReferenceTaken):
            case.propose(entered=entered, basis="另一依据")

    def test_cannot_be_changed_or_deleted(self, agreed):
        made = agreed.rule
        with pytest.raises(DatabaseError, match="append-only"):
            SplitRule.objects.filter(pk=made.pk).delete()

    def test_is_not_confirmed_by_its_initiator(self, case):
        proposal = case.propose(entered=case.enter_roll())
        asked = case.waiting(proposal, case.city)
        with sharing.refuses(instructions.OnePersonTwice):
            shares_second.confirm(asked=asked, mandate=case.city.initiator, at=NOON)

    def test_is_signed_by_no_third_party(self, case):
        proposal = case.propose(entered=case.enter_roll())
        with sharing.refuses(shares.NotASide):
            split.sign(proposal=proposal, mandate=case.stranger.initiator, reference="x", at=NOON)
        with sharing.refuses(shares.NotASide):
            case.propose(by=case.stranger)

    def test_shows_first_what_a_million_would_pay(self, case):
        proposal = case.propose(entered=case.enter_roll())
        assert proposal.preview["example"]["would"] == {
            "CITY": 30_000_000, "COUNTY": 0, "VILLAGE": 0, "HOUSEHOLD": 70_000_000
        }  # fmt: skip

    def test_shows_what_the_last_sales_would_have_paid(self, agreed):
        first = agreed.rule
        agreed.sell(fen=1_000_000)
        second = agreed.propose(
            terms=Terms(city=2, county=8, village_keeps=1000), day=TODAY, entered=first.roll, reference="split-2"
        )
        (row,) = second.preview["sales"]
        assert row["paid"] == {"CITY": 300_000, "COUNTY": 0, "VILLAGE": 0, "HOUSEHOLD": 700_000}
        assert row["would"] == {"CITY": 200_000, "COUNTY": 0, "VILLAGE": 80_000, "HOUSEHOLD": 720_000}
        households = second.preview["households"]
        assert (households["more"], households["less"]) == (5, 0)

    def test_of_other_shares_needs_a_pack_that_allows_it(self, case, monkeypatch):
        held = rules.pack(sharing.PACK, TODAY)
        fixed = dict(held.params)
        del fixed["shares_adjustable"]
        strict = type(held)(**{name: getattr(held, name) for name in held.__dataclass_fields__} | {"params": fixed})
        shipped = rules.pack
        monkeypatch.setattr(
            rules, "pack", lambda pack_id, on: strict if pack_id == sharing.PACK else shipped(pack_id, on)
        )
        with pytest.raises(split.SharesFixed):
            case.propose(terms=Terms(city=4, county=6, county_keeps=10_000))
        assert case.propose(terms=Terms(city=6, county=14, county_keeps=10_000)).base == 0

    def test_needs_a_basis(self, case):
        with sharing.refuses(split.SplitUnfounded):
            case.propose(terms=Terms(city=3, county=7, county_keeps=10_000), basis="  ")

    def test_needs_a_roll_where_households_share(self, case):
        with sharing.refuses(splitting.NobodyToShareWith):
            case.propose()

    def test_lets_villages_keep_only_what_their_collectives_can_be_paid(self, case):
        alone = case.enter_roll([one for one in case.rows() if (one.village, one.key) != ("乙村", "集体")])
        with sharing.refuses(split.CollectiveMissing, villages="150404102"):
            case.propose(terms=Terms(city=3, county=7, village_keeps=1), entered=alone)
        assert case.propose(entered=alone).roll == alone

    def test_takes_no_roll_of_another_project(self, case):
        entered = case.enter_roll()
        case.project = world.project(operator=case.operator, owner=case.city, validator=case.validator)
        with sharing.refuses(split.RollOfAnother):
            case.propose(entered=entered)

    def test_needs_a_pack_in_force(self, case):
        with sharing.refuses(rules.NoPackInForce):
            case.propose(terms=Terms(city=3, county=7, county_keeps=10_000), pack="nothing")

    def test_begins_after_the_one_before_and_after_what_was_shared_out(self, agreed):
        first = agreed.rule
        with sharing.refuses(split.BeginsTooEarly, last="2026-01-01"):
            agreed.propose(entered=first.roll, day=dt.date(2026, 1, 1), reference="split-2")
        agreed.sell(day=dt.date(2026, 5, 20))
        with sharing.refuses(split.BeginsTooEarly, last="2026-05-20", what="HT-1"):
            agreed.propose(entered=first.roll, day=dt.date(2026, 5, 20), reference="split-3")

    def test_of_two_proposals_on_one_version_stands_once(self, case):
        entered = case.enter_roll()
        one, two = case.propose(entered=entered), case.propose(entered=entered, reference="split-2")
        case.agree(one)
        with sharing.refuses(split.RuleMovedOn, base=0, latest=1):
            case.confirm(case.waiting(two, case.city), case.city)

    def test_dropped_by_a_side_is_over(self, case):
        proposal = case.propose(entered=case.enter_roll())
        split.drop(proposal=proposal, reason="比例需再议", mandate=case.county.confirmer, at=NOON)
        proposal.refresh_from_db()
        assert (proposal.state, proposal.reason) == ("DROPPED", "比例需再议")
        with sharing.refuses(split.ProposalOver):
            case.confirm(case.waiting(proposal, case.city), case.city)
        with sharing.refuses(split.ProposalOver):
            split.drop(proposal=proposal, reason="又", mandate=case.city.confirmer, at=NOON)

    def test_runs_out_unsigned(self, case):
        proposal = case.propose(entered=case.enter_roll())
        asked = case.waiting(proposal, case.city)
        with sharing.refuses(instructions.InstructionExpired):
            case.confirm(asked, case.city, at=NOON + 14 * DAY)

    def test_agreed_to_by_a_side_is_not_asked_again(self, case):
        proposal = case.propose(entered=case.enter_roll())
        case.confirm(case.waiting(proposal, case.city), case.city)
        with sharing.refuses(split.SideAgreed):
            split.sign(proposal=proposal, mandate=case.city.initiator, reference="again", at=NOON)


class TestSale:
    def test_is_shared_out_to_the_last_fen(self, case):
        case.ruled(terms=Terms(city=3, county=7, county_keeps=1000, village_keeps=1000))
        sold = case.sell(fen=100_000_007)
        lines = by_party(sold)
        assert sum(lines.values()) == 100_000_007
        assert lines["CITY", "", ""] == 30_000_002
        assert lines["COUNTY", "", ""] == 7_000_000
        assert lines["VILLAGE", "甲村", "集体"] == 2_942_814
        assert lines["HOUSEHOLD", "乙村", "001"] == 28_775_885
        assert len(lines) == 11

    def test_says_in_public_what_each_tier_got_and_in_private_who_bought(self, agreed):
        entry = Entry.objects.get(pk=agreed.sell().entry)
        leaf = bytes(entry.leaf).decode()
        assert '"amount_fen":100000007' in leaf
        assert '"city_fen":30000002' in leaf
        assert "演示钢铁公司" not in leaf
        assert "演示钢铁公司" in str(entry.private)

    def test_entered_twice_is_shared_out_once(self, agreed):
        asked = agreed.ask_sale()
        assert agreed.ask_sale() == asked
        agreed.confirm(asked, agreed.city)
        agreed.confirm(asked, agreed.city)
        assert Sale.objects.count() == 1
        with sharing.refuses(sale.SaleEntered, contract="HT-1"):
            agreed.ask_sale(reference="sale-2")

    def test_confirmed_by_two_requests_of_one_contract_stands_once(self, agreed):
        one, two = agreed.ask_sale(), agreed.ask_sale(reference="sale-2")
        agreed.confirm(one, agreed.city)
        with sharing.refuses(sale.SaleEntered):
            agreed.confirm(two, agreed.city)

    def test_goes_by_the_rule_of_its_day(self, agreed):
        first = agreed.rule
        agreed.agree(agreed.propose(terms=Terms(city=2, county=8), day=TODAY, entered=first.roll, reference="split-2"))
        assert by_party(agreed.sell(fen=100, day=dt.date(2026, 6, 4)))["CITY", "", ""] == 30
        assert by_party(agreed.sell(fen=100, day=TODAY, contract="HT-2", reference="s2"))["CITY", "", ""] == 20

    def test_is_refused_without_a_rule_on_its_day(self, agreed):
        with sharing.refuses(sale.NoSplitRule, day="2025-12-31"):
            agreed.ask_sale(day=dt.date(2025, 12, 31))

    @pytest.mark.parametrize(
        "wrong",
        [{"fen": 0}, {"fen": -5}, {"fen": 10**14}, {"tonnes": 0}, {"contract": " "}, {"contract": "合" * 61},
         {"buyer": ""}, {"day": TODAY + DAY}],
    )  # fmt: skip
    def test_is_refused_when_it_makes_no_sense(self, agreed, wrong):
        with sharing.refuses(sale.SaleUnclear):
            agreed.ask_sale(**wrong)

    def test_is_entered_by_the_owner_alone(self, agreed):
        with sharing.refuses(shares.NotASide):
            agreed.ask_sale(by=agreed.county)

    def test_never_changes(self, agreed):
        sold = agreed.sell()
        with pytest.raises(DatabaseError, match="append-only"):
            ShareLine.objects.filter(sale=sold).update(fen=1)


class TestTransfer:
    @pytest.fixture
    def register(self, agreed):
        made = world.World(
            operator=agreed.operator, owner=agreed.city, validator=agreed.validator, verifier=world.party("VVB"),
            buyer=world.party("PART", operator=agreed.operator, name="买方"), project=agreed.project, period=None,
            issuance=None, batch=None,
        )  # fmt: skip
        made.batch = made.another_batch()
        return made

    def test_links_the_registers_transfer_and_only_once(self, agreed, register):
        moved = register.transfer(100)
        with sharing.refuses(sale.TransferUnfit, transfer=moved.movement_id):
            agreed.ask_sale(transfer=moved, tonnes=101)
        assert agreed.sell(transfer=moved, tonnes=100).transfer == moved
        with sharing.refuses(sale.TransferUnfit):
            agreed.ask_sale(transfer=moved, tonnes=50, contract="HT-2", reference="s2")
        back = register.transfer(10, source=register.buyer.holding, target=agreed.city.holding, by=register.buyer)
        with sharing.refuses(sale.TransferUnfit):
            agreed.ask_sale(transfer=back, tonnes=5, contract="HT-3", reference="s3")

    def test_counts_the_units_of_this_project_alone(self, agreed, register):
        """Else the holders of one project's land are paid for what grew on another's."""
        own = register.batch
        register.project = world.project(operator=agreed.operator, owner=agreed.city, validator=agreed.validator)
        register.batch = register.another_batch()
        mixed = register.transfer(wanted=[Wanted(own, 30), Wanted(register.batch, 70)])
        with sharing.refuses(sale.TransferUnfit, why=f"{agreed.project.number:06d}: 30 t < 31 t"):
            agreed.ask_sale(transfer=mixed, tonnes=31)
        assert agreed.sell(transfer=mixed, tonnes=30).transfer == mixed

    def test_is_entered_anew_under_another_contract_once_it_was_taken_back(self, agreed, register):
        """A contract's number typed wrong is why a sale is taken back."""
        moved = register.transfer(100)
        for number, contract in enumerate(("HT-9", "HT-8", "HT-9", "HT-8"), 1):
            sold = agreed.sell(transfer=moved, tonnes=100, contract=contract, reference=f"s{number}")
            assert (sold.contract, sold.attempt) == (contract, number)
            agreed.reverse(sold, reference=f"back-{number}")


class TestReversal:
    def test_takes_back_every_line(self, agreed):
        sold = agreed.sell()
        back = agreed.reverse(sold)
        assert by_party(back) == {key: -fen for key, fen in by_party(sold).items()}
        assert (back.amount_fen, back.quantity_t, back.reason) == (-100_000_007, -2000, "合同解除")
        assert known.sums([agreed.project.pk])[agreed.project.pk]["fen"] == 0

    def test_happens_once(self, agreed):
        sold = agreed.sell()
        back = agreed.reverse(sold)
        for one in (sold, back):
            with sharing.refuses(sale.SaleReversed):
                sale.reverse(sale=one, reason="再来", mandate=agreed.city.initiator, reference="b2", at=NOON)

    def test_says_why(self, agreed):
        sold = agreed.sell()
        with sharing.refuses(sale.ReversalUnfounded):
            sale.reverse(sale=sold, reason=" ", mandate=agreed.city.initiator, reference="b", at=NOON)

    def test_lets_the_contract_be_entered_anew(self, agreed):
        agreed.reverse(agreed.sell())
        again = agreed.sell(fen=500, reference="sale-2")
        assert (again.attempt, known.sums([agreed.project.pk])[agreed.project.pk]["fen"]) == (2, 500)


class TestPayout:
    def test_pays_the_county_in_one_line(self, agreed):
        sold = agreed.sell()
        drawn = agreed.draw(sold, "COUNTY")
        assert (drawn.fen, drawn.lines_count) == (70_000_005, 1)
        with sharing.refuses(payout.NothingToPay):
            agreed.draw(sold, "COUNTY", reference="again")

    def test_lists_whoever_has_an_account_once(self, case):
        case.ruled(terms=Terms(city=3, county=7, village_keeps=1000))
        drawn = case.draw(case.sell())
        rows = payout.take(payout=drawn, mandate=case.county.initiator, at=NOON)
        assert [(one[1], one[3]) for one in rows] == [
            ("甲村集体", "6228480000000001"), ("张三", "6228480000000011"), ("李四光", "6228480000000012"),
            ("赵六", "6228480000000021"), ("演示林场", "6228480000000022"),
        ]  # fmt: skip  # neither 王五 nor the collective of 乙村, who gave no account
        assert sum(one[4] for one in rows) == drawn.fen
        with sharing.refuses(payout.NothingToPay):
            case.draw(drawn.sale, reference="again")

    def test_tells_who_took_the_list(self, agreed):
        drawn = agreed.draw(agreed.sell())
        payout.take(payout=drawn, mandate=agreed.county.initiator, at=NOON)
        entry = Entry.objects.get(kind="projects.payout_taken")
        assert entry.by_id == agreed.county.initiator.membership.person_id
        assert b"6228" not in bytes(entry.leaf)

    def test_is_for_the_payer_alone(self, agreed):
        sold = agreed.sell()
        with sharing.refuses(shares.NotASide):
            payout.draw(sale=sold, kind="HOLDERS", mandate=agreed.city.initiator, reference="p", at=NOON)
        with sharing.refuses(shares.NotASide):
            payout.draw(sale=sold, kind="COUNTY", mandate=agreed.county.initiator, reference="p", at=NOON)
        drawn = agreed.draw(sold)
        with sharing.refuses(shares.NotASide):
            payout.take(payout=drawn, mandate=agreed.city.initiator, at=NOON)

    def test_leaves_out_what_is_contested_until_the_answer(self, agreed):
        sold = agreed.sell()
        line = agreed.line(sold)
        made = agreed.contest(line, agreed.villager())
        agreed.draw(sold)
        assert not PayoutLine.objects.filter(line=line).exists()
        dispute.answer(dispute=made, upheld=False, text="经核对无误", mandate=agreed.county.initiator, at=NOON)
        assert agreed.draw(sold, reference="pay-2").fen == line.fen

    def test_waits_for_the_answer_where_a_side_contests_the_whole(self, agreed):
        sold = agreed.sell()
        made = dispute.raise_side(
            sale=sold, text="金额与合同不符", mandate=agreed.county.initiator, reference="d", at=NOON
        )  # fmt: skip
        for kind in ("HOLDERS", "COUNTY"):
            with sharing.refuses(payout.NothingToPay):
                agreed.draw(sold, kind)
        dispute.answer(dispute=made, upheld=False, text="金额无误", mandate=agreed.city.confirmer, at=NOON)
        for kind in ("HOLDERS", "COUNTY"):
            agreed.draw(sold, kind, reference=kind)
        assert sold.payouts.count() == 2

    def test_pays_nothing_of_a_reversed_sale(self, agreed):
        sold = agreed.sell()
        agreed.reverse(sold)
        for kind in ("HOLDERS", "COUNTY"):
            with sharing.refuses(payout.NothingToPay):
                agreed.draw(sold, kind)

    def test_goes_to_the_account_that_was_changed_under_two_signatures(self, agreed):
        sold = agreed.sell()
        holder = agreed.holder()
        values = {
            "holder": holder, "bank": "邮储银行", "account": "6210 9500 0000 0003", "reference": "acct", "at": NOON,
            "mandate": agreed.county.initiator,
        }  # fmt: skip
        asked = roll.change_account(**values)
        assert roll.change_account(**values) == asked
        assert "6210" not in str(asked.body)
        agreed.confirm(asked, agreed.county)
        assert AccountChange.objects.get().account_tail == "0003"
        rows = payout.take(payout=agreed.draw(sold), mandate=agreed.county.initiator, at=NOON)
        assert ("王五", "邮储银行", "6210950000000003") in [tuple(one[1:4]) for one in rows]

    @pytest.mark.parametrize(
        ("bank", "account"), [("", "62280000000"), ("农商行", "1234567"), ("农商行", "6228A000000")]
    )
    def test_goes_to_no_account_that_is_none(self, agreed, bank, account):
        holder = agreed.holder()
        with sharing.refuses(roll.AccountUnclear):
            roll.change_account(
                holder=holder, bank=bank, account=account, mandate=agreed.county.initiator, reference="a", at=NOON
            )


class TestReceipt:
    def test_is_given_by_whom_the_share_is_for(self, agreed):
        sold, villager = agreed.sell(), agreed.villager()
        agreed.draw(sold)
        made = payout.receive(line=agreed.line(sold), by=villager, at=NOON)
        assert payout.receive(line=agreed.line(sold), by=villager, at=NOON) == made
        assert (made.how, Receipt.objects.count()) == ("SELF", 1)

    def test_is_given_by_no_neighbour(self, agreed):
        sold, villager = agreed.sell(), agreed.villager()
        agreed.draw(sold)
        with sharing.refuses(payout.NotYours):
            payout.receive(line=agreed.line(sold, "002"), by=villager, at=NOON)

    def test_takes_a_document_that_was_checked(self, agreed):
        sold, villager = agreed.sell(), agreed.villager(checked=False)
        agreed.draw(sold)
        with sharing.refuses(payout.NotYours):
            payout.receive(line=agreed.line(sold), by=villager, at=NOON)

    def test_comes_after_the_list(self, agreed):
        sold, villager = agreed.sell(), agreed.villager()
        with sharing.refuses(payout.NotPaidYet):
            payout.receive(line=agreed.line(sold), by=villager, at=NOON)

    def test_is_noted_by_the_banks_slip_for_the_rest(self, agreed):
        sold, villager = agreed.sell(), agreed.villager()
        drawn = agreed.draw(sold)
        payout.receive(line=agreed.line(sold), by=villager, at=NOON)
        noted = payout.note_slip(payout=drawn, slip="回单 2026-0605", mandate=agreed.county.initiator, at=NOON)
        assert noted == drawn.lines_count - 1
        assert payout.note_slip(payout=drawn, slip="回单", mandate=agreed.county.initiator, at=NOON) == 0
        with sharing.refuses(payout.SlipMissing):
            payout.note_slip(payout=drawn, slip="", mandate=agreed.county.initiator, at=NOON)

    def test_of_the_county_is_the_countys(self, agreed):
        drawn = agreed.draw(agreed.sell(), "COUNTY")
        with sharing.refuses(shares.NotASide):
            payout.receive_county(payout=drawn, mandate=agreed.city.initiator, at=NOON)
        assert payout.receive_county(payout=drawn, mandate=agreed.county.initiator, at=NOON).payout == drawn


class TestDispute:
    def test_is_answered_once_by_the_county(self, agreed):
        made = agreed.contest(agreed.line(agreed.sell()), agreed.villager())
        values = {"dispute": made, "upheld": True, "text": "面积更正后另行补发", "at": NOON}
        with sharing.refuses(shares.NotASide):
            dispute.answer(mandate=agreed.city.initiator, **values)
        answered = dispute.answer(mandate=agreed.county.initiator, **values)
        assert (answered.upheld, answered.organisation) == (True, agreed.county.organisation)
        with sharing.refuses(dispute.DisputeAnswered):
            dispute.answer(mandate=agreed.county.confirmer, **values)

    def test_is_raised_once_at_a_time(self, agreed):
        line, villager = agreed.line(agreed.sell()), agreed.villager()
        assert agreed.contest(line, villager) == agreed.contest(line, villager)
        with sharing.refuses(dispute.DisputePending, number=1):
            agreed.contest(line, villager, reference="dispute-2")
        assert Dispute.objects.count() == 1

    def test_is_raised_by_who_has_a_share(self, agreed):
        line = agreed.line(agreed.sell())
        nobody = world.person()
        with sharing.refuses(dispute.NoShareInIt):
            agreed.contest(line, nobody)
        with sharing.refuses(dispute.NoShareInIt):
            dispute.raise_side(
                sale=line.sale, text="?", mandate=agreed.stranger.initiator, reference="d", at=NOON
            )  # fmt: skip

    def test_between_the_sides_is_answered_by_the_other(self, agreed):
        made = dispute.raise_side(
            sale=agreed.sell(), text="金额与合同不符", mandate=agreed.county.initiator, reference="d", at=NOON
        )
        with sharing.refuses(dispute.OwnDispute):
            dispute.answer(dispute=made, upheld=True, text="是", mandate=agreed.county.confirmer, at=NOON)
        assert dispute.answer(dispute=made, upheld=True, text="已冲正", mandate=agreed.city.confirmer, at=NOON).upheld

    @pytest.mark.parametrize("text", ["", "   ", "长" * 1001])
    def test_says_what_it_is_about(self, agreed, text):
        line, villager = agreed.line(agreed.sell()), agreed.villager()
        with sharing.refuses(dispute.DisputeUnclear):
            agreed.contest(line, villager, text=text)


class TestQueries:
    def test_show_a_holder_their_own_lines_only(self, agreed):
        sold, villager = agreed.sell(), agreed.villager()
        assert [one.fen for one in known.mine(villager, at=NOON)] == [agreed.line(sold).fen]
        farmer = agreed.stranger.initiator.membership.person
        assert [one.holder.key for one in known.mine(farmer, at=NOON)] == ["002"]

    def test_add_up_what_is_settled(self, agreed):
        sold = agreed.sell()
        agreed.draw(sold)
        found = known.settled(agreed.project)
        assert (found["lines"], found["listed"], found["received"], found["holders"]) == (5, 4, 0, 5)

    def test_find_the_packs_that_say_how_to_share(self, case):
        assert [one.id for one in known.packs_with_shares(clock.day(NOON))] == [sharing.PACK, "demo-local"]
