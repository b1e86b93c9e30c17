"""The compensation formula as arithmetic: exact, monotone, and blind to the order of the table."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.inventory import compensating
from tanhui.inventory.compensating import Formula, Town
from tanhui.rulepacks import packs

DEMO = Formula.read(packs.ship("demo-compensation"))
LARGEST = replace(DEMO, normalisation="largest")
HECTARE = 10_000
AREA = st.integers(0, 500_000_000)
TOWNS = st.lists(
    st.builds(
        lambda forest, red, ordinary, welfare, restoration, sink: (forest, red, ordinary, welfare, restoration, sink),
        AREA, AREA, AREA, AREA, AREA, st.integers(-1_000_000, 90_000_000),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def town(number, forest=0, red=0, ordinary=0, welfare=0, restoration=0, sink=0):
    return Town(
        f"3306041{number:02d}", f"镇{number}", forest, {"red_line": red, "ordinary": ordinary},
        {"public_welfare": welfare}, restoration, sink,
    )  # fmt: skip


def counts(towns):
    return any(any(term > 0 for term in compensating.measured(one, DEMO).values()) for one in towns)


class TestWorksheet:
    def test_shows_every_term_of_every_town(self):
        one = town(1, forest=300 * HECTARE, red=100 * HECTARE, welfare=50 * HECTARE, sink=2_000_000)
        other = town(2, forest=100 * HECTARE, ordinary=500 * HECTARE, restoration=20 * HECTARE, sink=-500)

        first, second = compensating.worksheet([other, one], DEMO, 1_000_000)

        assert first.town == one
        assert {name: term.raw for name, term in first.terms.items()} == {
            "forest_area": 300, "protection": 100, "management": 50, "restoration": 0, "sink": 2000,
        }  # fmt: skip
        assert second.terms["protection"].raw == 100  # 500 ha at 20 %
        assert second.terms["sink"].raw == 0  # a source takes nothing away from its town
        assert first.terms["forest_area"].normalised == Fraction(1, 2)  # three quarters, held at the cap
        assert [row.terms["forest_area"].capped for row in (first, second)] == [True, False]
        assert first.terms["forest_area"].weighed == Fraction(1, 10)
        assert first.index == Fraction(1, 10) + Fraction(1, 10) + Fraction(15, 200) + Fraction(30, 200)
        assert second.index == Fraction(20, 400) + Fraction(1, 10) + Fraction(15, 200)
        assert first.fen + second.fen == 1_000_000
        assert first.share == first.index / (first.index + second.index)

    def test_measures_against_the_largest_where_the_formula_says_so(self):
        rows = compensating.worksheet([town(1, forest=HECTARE), town(2, forest=4 * HECTARE)], LARGEST, 100)
        assert [row.terms["forest_area"].normalised for row in rows] == [Fraction(1, 4), Fraction(1, 2)]

    def test_gives_equal_towns_equal_money_and_the_last_fen_by_code(self):
        rows = compensating.worksheet([town(n, forest=HECTARE) for n in (3, 1, 2)], DEMO, 100)
        assert [row.fen for row in rows] == [34, 33, 33]

    @settings(max_examples=60, deadline=None)
    @given(TOWNS, st.integers(1, 10**12), st.sampled_from([DEMO, LARGEST]), st.randoms())
    def test_pays_out_the_budget_exactly_in_any_order(self, values, budget, formula, random):
        towns = [town(number, *one) for number, one in enumerate(values)]
        if not counts(towns):
            return
        rows = compensating.worksheet(towns, formula, budget)
        shuffled = random.sample(towns, len(towns))

        assert sum(row.fen for row in rows) == budget
        assert sum(row.share for row in rows) == 1
        assert all(0 <= row.fen - int(row.share * budget) <= 1 for row in rows)
        assert compensating.worksheet(shuffled, formula, budget) == rows

    @settings(max_examples=60, deadline=None)
    @given(TOWNS, st.integers(1, 10**9), st.integers(1, 10**8), st.integers(0, 5), st.sampled_from([DEMO, LARGEST]))
    def test_never_takes_from_a_town_that_has_more_of_anything(self, values, budget, more, term, formula):
        before = [town(number, *one) for number, one in enumerate(values)]
        if not counts(before):
            return
        raised = list(values[0])
        raised[term] += more
        after = [town(0, *raised), *before[1:]]

        was, now = (compensating.worksheet(towns, formula, budget)[0] for towns in (before, after))
        assert now.index >= was.index
        assert now.share >= was.share
        assert now.fen >= was.fen

    def test_refuses_what_cannot_be_shared(self):
        with pytest.raises(compensating.NothingToShare):
            compensating.worksheet([town(1, sink=-1)], DEMO, 100)
        for towns, budget, what in [
            ([], 100, "0"), ([town(1)], 0, "0 fen"), ([town(1), town(1)], 5, "× 2"), ([town(1, forest=-1)], 5, "< 0"),
            ([replace(town(1), protection_m2={"moon": 1})], 5, "moon"), ([town(1, red=-1)], 5, "< 0"),
        ]:  # fmt: skip
            with pytest.raises(compensating.TownsUnclear) as refusal:
                compensating.worksheet(towns, DEMO, budget)
            assert what in refusal.value.facts["what"]


class TestFormula:
    def test_comes_from_a_rule_pack_that_says_whose_weights_they_are(self):
        pack = packs.ship("demo-compensation")

        assert DEMO.weights == {
            "forest_area": 20, "protection": 20, "management": 15, "restoration": 15, "sink": 30,
        }  # fmt: skip
        assert (DEMO.sha256, DEMO.cap) == (pack.sha256, 50)
        assert pack.status == "draft"
        assert {param.grade for param in pack.params.values()} == {"D"}

    @pytest.mark.parametrize(
        ("key", "value", "what"),
        [("weight_sink", 31, "101"), ("weight_sink", "30", "weight_sink"), ("term_cap", 0, "term_cap"),
         ("normalisation", "best", "normalisation"), ("management_factors", (1,), "management"),
         ("protection_factors", (-1, 2, 3), "≥ 0")],
    )  # fmt: skip
    def test_refuses_a_pack_that_is_none(self, key, value, what):
        pack = packs.ship("demo-compensation")
        params = dict(pack.params)
        params[key] = replace(params[key], value=value)

        with pytest.raises(compensating.FormulaIncomplete) as refusal:
            Formula.read(replace(pack, params=params))
        assert what in refusal.value.facts["what"]
