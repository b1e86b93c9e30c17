import datetime as dt

import pytest
from tests import world

from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.kernel.period import Period as Days
from tanhui.registry.acts import issuance
from tanhui.registry.acts.project import ProjectNotLive
from tanhui.registry.acts.signing import NotTheOperator
from tanhui.registry.models import Batch, Project

day = dt.date
Lot, Window = issuance.Lot, issuance.Window


@pytest.fixture
def period(register):
    """100 t of 2024, verified and not yet issued."""
    return world.verified(
        register.project, verifier=register.verifier, tonnes=100, span=Days(day(2024, 1, 1), day(2025, 1, 1))
    )


@pytest.fixture
def issue(register, period):
    def issue(**overrides):
        values = {"owner": register.owner, "operator": register.operator} | overrides
        return world.issue(values.pop("period", period), **values)

    return issue


class TestIssue:
    def test_makes_a_batch_of_numbers_never_used_before(self, issue, register):
        batch = issue().batches.get()

        assert batch.serials.lower == register.batch.serials.upper
        assert batch.serials.upper - batch.serials.lower == batch.quantity_t == 100
        assert world.held_t(register.owner.issued, batch) == 100

    def test_says_whence_the_quantity_comes(self, issue):
        fact = queries.fact(issue().entry)["fact"]

        assert fact["verified_kg"] == 100_321
        assert (fact["inputs_sha256"], fact["trace_sha256"]) == (world.HASH, world.HASH)
        assert fact["methodology"] == "AR-CM-001-V01"
        assert fact["period"] == ["2024-01-01", "2024-12-31"]

    def test_puts_the_buffer_aside_as_units_of_the_operator(self, issue, register):
        batch = issue(buffer_t=15).batches.get()

        assert world.held_t(register.owner.issued, batch) == 85
        assert world.held_t(register.operator.buffer, batch) == 15

    def test_may_go_to_the_buffer_altogether(self, issue, register):
        batch = issue(buffer_t=100).batches.get()

        assert world.held_t(register.operator.buffer, batch) == 100

    def test_makes_a_batch_for_each_vintage(self, issue):
        made = issue(lots=[Lot(2023, 40, 4), Lot(2024, 60, 6)])

        assert [(one.vintage, one.quantity_t, one.number) for one in made.batches.order_by("number")] == [
            (2023, 40, 1),
            (2024, 60, 2),
        ]
        assert made.buffer_t == 10

    def test_deducts_without_making_units(self, register):
        """A deduction for non-permanence is a lower verified quantity; nothing of it is ever issued."""
        deducted = world.verified(
            register.project,
            verifier=register.verifier,
            verified_kg=90_000,
            span=Days(day(2024, 1, 1), day(2024, 2, 1)),
        )

        made = world.issue(deducted, owner=register.owner, operator=register.operator)

        assert (made.quantity_t, made.buffer_t) == (90, 0)

    def test_asked_twice_is_asked_once(self, issue):
        first, again = issue(reference="once"), issue(reference="once")

        assert first == again
        assert Batch.objects.filter(issuance=first).count() == 1

    def test_refuses_the_same_reference_for_another_request(self, issue):
        issue(reference="once")

        with world.refuses(instruction.ReferenceTaken, "identity.reference_taken", reference="once"):
            issue(reference="once", buffer_t=1)

    @pytest.mark.parametrize("tonnes", [99, 101, 1])
    def test_refuses_any_quantity_but_the_verified(self, issue, tonnes):
        with world.refuses(
            issuance.QuantityDiffers, "registry.quantity_differs", asked=tonnes, verified=100, residual_kg=321
        ):
            issue(lots=[Lot(2024, tonnes)])

    @pytest.mark.parametrize("verified_kg", [0, 999])
    @pytest.mark.parametrize("lots", [[], [Lot(2024, 1)]])
    def test_refuses_less_than_a_tonne(self, register, lots, verified_kg):
        little = world.verified(
            register.project, verifier=register.verifier, verified_kg=verified_kg,
            span=Days(day(2024, 1, 1), day(2024, 2, 1)),
        )  # fmt: skip
        with world.refuses(issuance.NothingToIssue, "registry.nothing_to_issue", verified_kg=verified_kg):
            issuance.issue(
                period=little, account=register.owner.account, buffer=register.operator.account, lots=lots,
                window=Window(), reference="x", signatures=register.operator.signatures, at=register.at,
            )  # fmt: skip

    def test_refuses_no_lots_at_all(self, register):
        whole = world.verified(
            register.project, verifier=register.verifier, tonnes=1, span=Days(day(2024, 1, 1), day(2024, 2, 1))
        )
        with world.refuses(issuance.QuantityDiffers, asked=0, verified=1, residual_kg=321):
            issuance.issue(
                period=whole, account=register.owner.account, buffer=register.operator.account, lots=[],
                window=Window(), reference="x", signatures=register.operator.signatures, at=register.at,
            )  # fmt: skip

    def test_refuses_a_period_twice(self, issue):
        issue()

        with world.refuses(issuance.AlreadyIssued, "registry.already_issued"):
            issue()

    def test_refuses_a_period_that_begins_too_early(self, issue):
        window = Window(generated_after=day(2024, 1, 2))
        with world.refuses(
            issuance.TooOld,
            "registry.reduction_too_old",
            start="2024-01-01",
            applied="2026-06-05",
            earliest="2024-01-02",
        ):
            issue(window=window)

    def test_reaches_back_so_many_years_from_the_day_of_application(self, issue, register):
        window = Window(generated_after=day(2020, 1, 1), years=1)
        recent = world.verified(
            register.project, verifier=register.verifier, tonnes=1, span=Days(day(2025, 6, 5), day(2025, 6, 6))
        )

        with world.refuses(issuance.TooOld, start="2024-01-01", earliest="2025-06-05"):
            issue(window=window)
        assert issue(window=window, period=recent).quantity_t == 1

    @pytest.mark.parametrize(("end", "refused"), [(day(2026, 6, 5), False), (day(2026, 6, 6), True)])
    def test_waits_until_the_period_is_over(self, issue, register, end, refused):
        running = world.verified(
            register.project, verifier=register.verifier, tonnes=5, span=Days(day(2026, 1, 1), end)
        )
        if refused:
            with world.refuses(issuance.NotOver, "registry.period_not_over", last="2026-06-05", applied="2026-06-05"):
                issue(period=running)
        else:
            assert issue(period=running).quantity_t == 5

    def test_refuses_an_account_that_is_not_the_owners(self, issue, register):
        with world.refuses(
            issuance.OwnerDiffers,
            "registry.owner_differs",
            account=register.buyer.account.code,
            project=str(register.project),
        ):
            issue(owner=register.buyer)

    def test_refuses_a_revoked_project(self, issue, register, period):
        Project.objects.filter(pk=register.project.pk).update(state="REVOKED")
        period.project.refresh_from_db()

        with world.refuses(ProjectNotLive, state="REVOKED"):
            issue()

    def test_is_for_the_operator_alone(self, issue, register):
        register.owner.account.refresh_from_db()
        with world.refuses(NotTheOperator, organisation="项目业主"):
            issuance.issue(
                period=register.period, account=register.owner.account, buffer=register.operator.account,
                lots=[Lot(2023, 1000)], window=Window(), reference="x", signatures=register.owner.signatures,
                at=register.at,
            )  # fmt: skip

    @pytest.mark.parametrize(("quantity", "buffer"), [(0, 0), (-1, 0), (5, 6), (5, -1)])
    def test_takes_only_positive_lots_with_a_buffer_inside(self, quantity, buffer):
        with pytest.raises(ValueError, match="lot"):
            Lot(2024, quantity, buffer)
