"""Sharing a transfer budget among towns: shown first, activated by two people, kept with everything it rests on."""

import pytest
from tests import world
from tests.inventory import using

from tanhui.inventory import compensating
from tanhui.inventory.acts import compensation
from tanhui.inventory.acts.steps import NotTheAuthority
from tanhui.inventory.compensating import Formula, Town
from tanhui.inventory.models import CompensationRound
from tanhui.journal import queries as journal
from tanhui.rulepacks import packs
from tanhui.rulepacks.queries import NoPackInForce

pytestmark = pytest.mark.django_db
AT = using.AT
TOWNS = [
    Town("330604101", "章镇（演示）", 9_000_000, {"red_line": 40_000_000}, {"public_welfare": 5_000_000}, 0, 8_000_000),
    Town("330604102", "下管（演示）", 6_000_000, {"ordinary": 6_000_000}, {"commercial": 6_000}, 900_000, 5_500_000),
    Town("330604103", "崧厦街道（演示）", 2_000_000, {}, {}, 300_000, -700_000),
]  # fmt: skip
BUDGET = 1_234_567_89


@pytest.fixture
def bureau():
    using.rules("demo-compensation")
    return using.authority()


@pytest.fixture
def year(bureau):
    return using.published(bureau)


def propose(bureau, year, **more):
    values = {
        "title": "2023年度生态补偿资金分配", "towns": TOWNS, "budget_fen": BUDGET, "pack": "demo-compensation",
        "mandate": bureau.initiator, "reference": "c-1", "at": AT,
    } | more  # fmt: skip
    return compensation.propose(year=year, **values)


class TestPreview:
    def test_shows_what_would_come_into_force_and_writes_nothing(self, bureau, year):
        rows = compensation.preview(year=year, towns=TOWNS, budget_fen=BUDGET, pack="demo-compensation", at=AT)
        assert sum(row.fen for row in rows) == BUDGET
        assert not CompensationRound.objects.exists()

    def test_refuses_years_that_are_not_in_force_and_formulas_that_are_not(self, bureau, year):
        other = using.published(bureau, year=2022, state="DRAFTED")
        with world.refuses(compensation.YearNotInForce):
            compensation.preview(year=other, towns=TOWNS, budget_fen=1, pack="demo-compensation", at=AT)
        with world.refuses(NoPackInForce):
            compensation.preview(year=year, towns=TOWNS, budget_fen=1, pack="cn-somewhere", at=AT)
        using.rules("cn-shangyu-sinks-2024")
        with world.refuses(compensating.FormulaIncomplete):
            compensation.preview(year=year, towns=TOWNS, budget_fen=1, pack="cn-shangyu-sinks-2024", at=AT)


class TestActivate:
    def test_keeps_formula_inputs_and_every_term(self, bureau, year):
        using.confirm(propose(bureau, year), bureau)
        kept = CompensationRound.objects.get()

        again = compensating.worksheet(
            [Town(**one) for one in kept.towns], Formula.read(packs.load(kept.pack, "kept")), kept.budget_fen
        )
        assert [compensation.plain(row) for row in again] == kept.rows
        assert sum(row["fen"] for row in kept.rows) == BUDGET
        assert [row["name"][:2] for row in kept.rows] == ["章镇", "下管", "崧厦"]
        assert kept.demonstration  # nobody has set these weights
        fact = journal.fact(kept.entry)["fact"]
        assert (fact["inputs_sha256"], fact["shares"][0]) == (kept.inputs_sha256, ["330604101", kept.rows[0]["fen"]])

    def test_happens_once_a_year_unless_a_reason_says_why(self, bureau, year):
        waiting = [propose(bureau, year, reference=f"c-{n}") for n in (1, 2)]
        using.confirm(waiting[0], bureau)

        with world.refuses(compensation.SharedAlready, "inventory.shared_already"):
            using.confirm(waiting[1], bureau)
        with world.refuses(compensation.SharedAlready):
            propose(bureau, year, reference="c-3")
        using.confirm(propose(bureau, year, reference="c-4", reason="补录修复工程", budget_fen=5), bureau)
        first, second = CompensationRound.objects.order_by("pk")
        assert (second.revises, second.reason) == (first, "补录修复工程")

    def test_is_for_the_years_own_authority(self, bureau, year):
        other = using.authority("别的局")
        with world.refuses(NotTheAuthority):
            propose(other, year)
        with world.refuses(compensation.RoundUntitled):
            propose(bureau, year, title="  ")


class TestDigits:
    @pytest.mark.parametrize(
        ("value", "text"), [("1/3", "0.3333"), ("2/3", "0.6667"), ("5", "5.0000"), ("1/20000", "0.0001")]
    )
    def test_rounds_for_the_eye(self, value, text):
        from fractions import Fraction

        assert compensation.digits(Fraction(value), 4) == text
