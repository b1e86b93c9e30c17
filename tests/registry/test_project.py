import datetime as dt

import pytest
from tests import world
from tests.methods import agri

from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.kernel.period import Period as Days
from tanhui.registry.acts import project
from tanhui.registry.acts.signing import NotTheOperator
from tanhui.registry.models import Period, Project

day = dt.date


class TestRegister:
    def test_publishes_who_validated_it_and_by_which_methodology(self, register):
        fact = queries.fact(Entry.objects.get(kind="registry.project_registered").pk)["fact"]

        assert fact["validator"] == "审定机构"
        assert fact["methodology"] == "AR-CM-001-V01"
        assert fact["crediting"] == ["2019-01-01", "2038-12-31"]

    def test_refuses_a_number_twice(self, register):
        with world.refuses(
            project.NumberTaken, "registry.project_number_taken", number=f"{register.project.number:06d}"
        ):
            self.register(register, number=register.project.number)

    def test_refuses_a_validator_that_is_none(self, register):
        with world.refuses(project.NotAVerifier, "registry.not_a_verifier", body="买方"):
            self.register(register, validator=register.buyer)

    def test_is_for_the_operator_alone(self, register):
        with world.refuses(NotTheOperator):
            self.register(register, operator=register.owner)

    def register(self, register, **overrides):
        parties = {"operator": register.operator, "owner": register.owner, "validator": register.validator}
        return world.project(**parties | overrides)


class TestVerify:
    def test_keeps_the_quantity_and_what_is_below_a_tonne(self, register):
        period = self.verify(register, verified_kg=12_999)

        assert (period.tonnes, period.residual_kg) == (12, 999)

    def test_publishes_the_hashes_that_let_anyone_recompute(self, register):
        self.verify(register, bundle=agri.digester().run(purpose="demonstration").bundle())

        fact = queries.fact(Entry.objects.filter(kind="registry.quantity_verified").last().pk)["fact"]
        assert (fact["inputs_sha256"], fact["trace_sha256"], fact["verifier"]) == (world.HASH, world.HASH, "核查机构")
        assert len(fact["bundle_sha256"]) == 64

    def test_refuses_the_body_that_validated(self, register):
        with world.refuses(project.ValidatorVerifies, "registry.validator_verifies", body="审定机构"):
            self.verify(register, verifier=register.validator)

    def test_refuses_a_body_that_is_no_verifier(self, register):
        with world.refuses(project.NotAVerifier, body="项目业主"):
            self.verify(register, verifier=register.owner)

    @pytest.mark.parametrize("span", [(day(2018, 12, 31), day(2019, 2, 1)), (day(2038, 12, 1), day(2039, 1, 2))])
    def test_refuses_days_outside_the_crediting_period(self, register, span):
        with world.refuses(project.OutsideCrediting, "registry.outside_crediting", first=span[0].isoformat()):
            self.verify(register, span=Days(*span))

    @pytest.mark.parametrize(
        "span",
        [
            (day(2023, 12, 31), day(2024, 2, 1)),
            (day(2022, 1, 1), day(2023, 1, 2)),
            (day(2023, 5, 1), day(2023, 5, 2)),
            (day(2022, 1, 1), day(2025, 1, 1)),
        ],
    )
    def test_refuses_a_day_twice(self, register, span):
        with world.refuses(project.PeriodsOverlap, "registry.periods_overlap", first=span[0].isoformat()):
            self.verify(register, span=Days(*span))

    def test_lets_periods_touch(self, register):
        self.verify(register, span=Days(day(2024, 1, 1), day(2024, 7, 1)))

        assert Period.objects.filter(project=register.project).count() == 2

    def test_lets_another_project_have_the_same_days(self, register):
        other = world.project(operator=register.operator, owner=register.owner, validator=register.validator)

        world.verified(other, verifier=register.verifier)

        assert Period.objects.filter(span__startswith=day(2023, 1, 1)).count() == 2

    @pytest.mark.parametrize("what", ["report", "inputs", "trace"])
    @pytest.mark.parametrize("value", ["", "0" * 63, "G" * 64, "ABCDEF" + "0" * 58])
    def test_refuses_a_hash_that_is_none(self, register, what, value):
        with world.refuses(project.HashMissing, "registry.hash_missing", what=what):
            self.verify(register, **{f"{what}_sha256": value})

    @pytest.mark.parametrize("state", ["CANCELLED", "REVOKED"])
    def test_refuses_a_project_that_is_over(self, register, state):
        Project.objects.filter(pk=register.project.pk).update(state=state)
        register.project.refresh_from_db()

        with world.refuses(project.ProjectNotLive, "registry.project_not_live", state=state):
            self.verify(register)

    def verify(self, register, *, verifier=None, span=Days(day(2024, 1, 1), day(2025, 1, 1)), **overrides):  # noqa: B008
        return world.verified(register.project, verifier=verifier or register.verifier, span=span, **overrides)
