"""The register of incentives: two people grant, a person stays masked, and a payment is noted once."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests import world
from tests.inventory import using

from tanhui.inventory.acts import incentive
from tanhui.inventory.acts.steps import NotTheAuthority
from tanhui.inventory.models import Incentive
from tanhui.journal import queries as journal
from tanhui.kernel import identifiers
from tanhui.registry.acts.retirement import Beneficiary

pytestmark = pytest.mark.django_db
AT = using.AT
CITIZEN = "110101199003070" + "03"
CITIZEN += identifiers.citizen_check(CITIZEN)
DAY = dt.date(2026, 5, 20)


@pytest.fixture
def bureau():
    return using.authority()


def firm():
    return Beneficiary.read(kind="ORGANISATION", name="演示林业合作社", code=world.uscc())


def person():
    return Beneficiary.read(kind="PERSON", name="沈青禾", code=CITIZEN)


def grant(bureau, recipient, **more):
    values = {
        "kind": "SUBSIDY", "purpose": "毛竹林提质增汇", "amount_fen": 8_000_000, "clause": "第十五条",
        "granted_on": DAY, "division_code": using.DIVISION, "mandate": bureau.initiator, "reference": "g-1", "at": AT,
    } | more  # fmt: skip
    return incentive.grant(recipient=recipient, **values)


class TestGrant:
    def test_stands_in_the_register_under_two_signatures(self, bureau):
        using.confirm(grant(bureau, firm()), bureau)

        row = Incentive.objects.get()
        assert (row.amount_fen, row.recipient_name, row.granted_on) == (8_000_000, "演示林业合作社", DAY)
        fact = journal.fact(row.entry)["fact"]
        assert (fact["amount_fen"], fact["beneficiary_kind"]) == (8_000_000, "ORGANISATION")
        assert "演示林业合作社" not in str(fact)

    def test_never_keeps_a_persons_whole_name_or_number(self, bureau):
        asked = grant(bureau, person(), kind="REWARD")
        using.confirm(asked, bureau)

        row = Incentive.objects.get()
        assert row.recipient_name == "沈**"
        assert CITIZEN not in str(asked.body) + row.recipient_code
        assert "青禾" not in str(asked.body)
        values = {f.attname: getattr(row, f.attname) for f in Incentive._meta.concrete_fields if f.name != "id"}
        with pytest.raises(IntegrityError, match="a_person_is_masked"), transaction.atomic():
            Incentive.objects.create(**values | {"recipient_name": "沈青禾", "reference": "x"})

    def test_gives_tax_benefits_to_enterprises_only(self, bureau):
        with world.refuses(incentive.TaxIsForEnterprises):
            grant(bureau, person(), kind="TAX")

    @pytest.mark.parametrize(
        ("change", "what"),
        [({"kind": "GIFT"}, "kind"), ({"amount_fen": 0}, "amount"), ({"clause": " "}, "basis"),
         ({"purpose": ""}, "purpose"), ({"granted_on": dt.date(2027, 1, 1)}, "day")],
    )  # fmt: skip
    def test_is_refused_where_it_is_unclear(self, bureau, change, what):
        recipient = firm()
        with world.refuses(incentive.GrantUnclear, what=what):
            grant(bureau, recipient, **change)

    def test_is_the_authoritys(self):
        other, recipient = world.party(), firm()
        with world.refuses(NotTheAuthority):
            grant(other, recipient)


class TestPayment:
    def test_is_noted_once(self, bureau):
        using.confirm(grant(bureau, firm()), bureau)
        row = Incentive.objects.get()
        paid = {"incentive": row, "mandate": bureau.initiator, "at": AT}

        first = incentive.pay(paid_on=dt.date(2026, 6, 1), **paid)
        assert incentive.pay(paid_on=dt.date(2026, 6, 1), **paid) == first
        with world.refuses(incentive.PaidAlready, day="2026-06-01"):
            incentive.pay(paid_on=dt.date(2026, 6, 2), **paid)

    @pytest.mark.parametrize("day", [dt.date(2026, 5, 19), dt.date(2026, 6, 6)])
    def test_is_refused_before_the_grant_and_in_time_to_come(self, bureau, day):
        using.confirm(grant(bureau, firm()), bureau)
        row = Incentive.objects.get()
        with world.refuses(incentive.GrantUnclear, what="day"):
            incentive.pay(incentive=row, paid_on=day, mandate=bureau.initiator, at=AT)
