import pytest
from tests import world

from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.kernel.serials import Range
from tanhui.registry.acts import foreign
from tanhui.registry.acts.signing import NotTheOperator


@pytest.fixture
def bring_in(register):
    def bring_in(first=1, last=100, **overrides):
        values = {
            "registry": "CARB", "series": "CAFR0001-A", "project": register.project, "span": world.OF_2023,
            "vintage": 2023, "target": register.buyer.holding, "proof": "转出回执 1",
            "reference": f"import-{next(world.NAMES)}", "signatures": register.operator.signatures, "at": register.at,
        } | overrides  # fmt: skip
        return foreign.bring_in(foreign_serials=Range(first, last), **values)

    return bring_in


class TestBringIn:
    def test_makes_a_batch_tonne_for_tonne(self, register, bring_in):
        done = bring_in(501, 600)

        batch = world.whole(done.batches.get().pk)
        assert batch.quantity_t == 100
        assert world.held_t(register.buyer.holding, batch) == 100
        fact = queries.fact(done.entry)["fact"]
        assert fact["foreign_serials"] == [501, 600]
        assert fact["serials"] == [batch.serials.lower, batch.serials.upper - 1]

    def test_gives_units_that_can_be_retired_here(self, register, bring_in):
        register.batch = world.whole(bring_in().batches.get().pk)

        done = register.retire(100, source=register.buyer.holding, by=register.buyer)

        assert queries.fact(done.entry)["fact"]["batches"][0]["quantity_t"] == 100

    @pytest.mark.parametrize(("first", "last"), [(1, 100), (100, 200), (50, 50), (90, 101)])
    def test_refuses_a_foreign_serial_twice(self, bring_in, first, last):
        bring_in(1, 100)

        with world.refuses(
            foreign.ForeignSerialKnown, "registry.foreign_serial_known", first=first, last=last, registry="CARB",
            series="CAFR0001-A",
        ):  # fmt: skip
            bring_in(first, last)

    def test_refuses_it_also_after_its_units_were_retired(self, register, bring_in):
        register.batch = world.whole(bring_in(1, 10).batches.get().pk)
        register.retire(10, source=register.buyer.holding, by=register.buyer)

        with world.refuses(foreign.ForeignSerialKnown):
            bring_in(10, 10)

    def test_takes_the_same_numbers_of_another_series_or_registry(self, register, bring_in):
        bring_in()
        bring_in(series="CAFR0001-B")
        bring_in(registry="VCS")

        assert world.held_t(register.buyer.holding) == 300

    def test_asked_twice_is_asked_once(self, register, bring_in):
        assert bring_in(reference="once") == bring_in(reference="once")
        assert world.held_t(register.buyer.holding) == 100

    def test_refuses_the_same_reference_for_other_units(self, bring_in):
        bring_in(reference="once")
        with world.refuses(instruction.ReferenceTaken):
            bring_in(101, 200, reference="once")

    @pytest.mark.parametrize("proof", ["", "  "])
    def test_refuses_units_nobody_has_shown_to_have_left(self, bring_in, proof):
        with world.refuses(foreign.ProofMissing, "registry.foreign_proof_missing"):
            bring_in(proof=proof)

    def test_is_for_the_operator_alone(self, register, bring_in):
        with world.refuses(NotTheOperator):
            bring_in(signatures=register.owner.signatures)
