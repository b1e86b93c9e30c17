"""Two activations, four sales of one contract, three lists of one sale, all at the same moment: one of each stands."""

import threading

import pytest
from django.db import connection
from tests.projects import sharing
from tests.projects.sharing import NOON

from tanhui.identity.models import Instruction
from tanhui.projects.acts import payout, split
from tanhui.projects.models import Payout, Sale, ShareLine, SplitProposal, SplitRule


def at_once(jobs):
    """Run them all at the same moment, each on its own connection; the names of what they raised, or ``done``."""
    gate, told = threading.Barrier(len(jobs), timeout=30), []

    def work(job):
        try:
            connection.ensure_connection()
            gate.wait()
            job()
            told.append("done")
        except Exception as problem:
            told.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(told)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_activations_and_then_four_sales_of_one_contract_leave_one_of_each(self):
        case = sharing.Case()
        entered = case.enter_roll()
        last = []
        for number in range(2):
            proposal = case.propose(entered=entered, reference=f"split-{number}")
            case.confirm(case.waiting(proposal, case.city), case.city)
            last.append(
                split.sign(proposal=proposal, mandate=case.county.initiator, reference=f"c{number}", at=NOON).pk
            )

        def signing(key, party):
            asked = Instruction.objects.select_related("organisation", "initiator").get(pk=key)
            return lambda: case.confirm(asked, party)

        assert at_once([signing(key, case.county) for key in last]) == ["RuleMovedOn", "done"]
        assert [one.version for one in SplitRule.objects.all()] == [1]
        assert sorted(SplitProposal.objects.values_list("state", flat=True)) == ["ACTIVE", "OPEN"]

        waiting = [case.ask_sale(reference=f"sale-{number}").pk for number in range(4)]
        assert at_once([signing(key, case.city) for key in waiting]) == ["SaleEntered"] * 3 + ["done"]
        sold = Sale.objects.select_related("project__owner", "rule__county").get()
        assert sum(ShareLine.objects.values_list("fen", flat=True)) == sold.amount_fen

        lists = [
            payout.draw(sale=sold, kind="HOLDERS", mandate=case.county.initiator, reference=f"p{n}", at=NOON).pk
            for n in range(3)
        ]  # fmt: skip
        assert at_once([signing(key, case.county) for key in lists]) == ["NothingToPay"] * 2 + ["done"]
        assert Payout.objects.count() == 1
