"""What a filed run counts is counted once, under every project and methodology together."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import DateRange
from tests import world
from tests.methods import agri

from tanhui.kernel.period import Period as Days
from tanhui.methods import demonstration
from tanhui.methods.engine import shelf
from tanhui.methods.engine.execution import NotABundle
from tanhui.registry.acts import claiming
from tanhui.registry.models import Claim, Period

OF_2026 = Days(dt.date(2026, 1, 1), dt.date(2027, 1, 1))


@pytest.fixture(scope="module")
def bundles():
    farms = (agri.rice, agri.default_cuts, agri.fertiliser)
    return {one.__name__: one().run(purpose="demonstration").bundle() for one in farms}


@pytest.fixture
def other(register):
    return world.project(
        operator=register.operator, owner=register.owner, validator=register.validator, name="稻田减排项目"
    )


def file(register, project, bundle, span=OF_2026, **overrides):
    return world.verified(
        project, verifier=register.verifier, span=span, bundle=bundle, demonstration=True, **overrides
    )


class TestFiling:
    def test_keeps_what_the_run_counts_for_the_days_of_the_period(self, register, bundles):
        period = file(register, register.project, bundles["rice"])

        kept = period.claims.order_by("thing")
        assert [(one.activity, one.thing, str(one)) for one in kept] == [
            ("rice_methane", thing, f"rice_methane/parcel/31/{thing.lower()}") for thing in ("Q01", "Q02", "W01")
        ]
        assert {(one.days.lower, one.days.upper) for one in kept} == {(OF_2026.start, OF_2026.end)}

    def test_refuses_a_field_that_another_project_counts_by_another_methodology(self, register, other, bundles):
        file(register, register.project, bundles["rice"])

        with world.refuses(
            claiming.CountedElsewhere, "registry.counted_elsewhere", count=3,
            project=str(register.project), first="2026-01-01", last="2026-12-31", things="Q01, Q02, W01",
        ):  # fmt: skip
            file(register, other, bundles["default_cuts"])
        assert "第四十八条" in claiming.CountedElsewhere.clause
        assert not Period.objects.filter(project=other).exists()

    def test_refuses_one_shared_day_and_lets_periods_touch(self, register, other, bundles):
        file(register, register.project, bundles["rice"])

        with world.refuses(claiming.CountedElsewhere, first="2026-01-01"):
            file(register, other, bundles["rice"], Days(dt.date(2026, 12, 31), dt.date(2027, 6, 1)))
        file(register, other, bundles["rice"], Days(dt.date(2027, 1, 1), dt.date(2027, 6, 1)))
        assert Claim.objects.filter(thing="Q01").count() == 2

    def test_lets_another_activity_have_the_same_days(self, register, other, bundles):
        file(register, register.project, bundles["rice"])

        file(register, other, bundles["fertiliser"])

        assert set(Claim.objects.values_list("activity", flat=True)) == {"rice_methane", "soil_nitrogen"}

    def test_names_five_things_of_many(self, register, other):
        farm = agri.rice()
        rows = farm.sheets["parcels"]
        farm.sheets["parcels"] = rows + [rows[0] | {"parcel": f"Q1{digit}"} for digit in range(6)]
        farm.sheets["drainages"] += [
            one | {"parcel": f"Q1{digit}"}
            for digit in range(6)
            for one in farm.sheets["drainages"]
            if one["parcel"] == rows[0]["parcel"]
        ]
        many = farm.run(purpose="demonstration").bundle()
        file(register, register.project, many)

        with world.refuses(claiming.CountedElsewhere, count=9, things="Q01, Q02, Q10, Q11, Q12, …"):
            file(register, other, many)

    def test_of_a_forest_claims_the_parcels_its_project_lists(self, register):
        period = file(register, register.project, demonstration.forest_run().bundle())

        assert {(one.activity, one.thing) for one in period.claims.all()} == {
            (activity, thing)
            for activity in ("afforestation", "forest_management")
            for thing in ("150402-0001-01", "150402-0001-02")
        }

    def test_refuses_what_names_nothing_unless_it_demonstrates(self, register, other):
        unnamed = demonstration.engine.run(
            "ar_cm_001/v01",
            project=demonstration.made_up_project() | {"parcels": []},
            inputs=demonstration.generated.surveys(),
            purpose="demonstration",
        ).bundle()

        with world.refuses(claiming.NothingNamed, "registry.nothing_named", package="ar_cm_001/v01"):
            world.verified(other, verifier=register.verifier, span=OF_2026, bundle=unnamed)
        assert not file(register, other, unnamed).claims.exists()

    @pytest.mark.parametrize("bundle", [b"", b"{}", b"[]", b"\xff"])
    def test_refuses_bytes_that_are_no_bundle(self, register, other, bundle):
        with world.refuses(NotABundle, "methods.not_a_bundle"):
            file(register, other, bundle)

    def test_refuses_a_methodology_that_is_not_on_the_shelf(self, register, other, bundles):
        with world.refuses(shelf.NoSuchPackage):
            file(register, other, bundles["rice"].replace(b'"cms_017"', b'"cms_999"'))

    def test_of_a_quantity_without_a_bundle_claims_nothing(self, register):
        assert not Claim.objects.exists()


class TestTheDatabase:
    def test_repeats_the_promise_for_whoever_writes_beside_the_act(self, register, other, bundles):
        file(register, register.project, bundles["rice"])
        held = Claim.objects.first()

        with pytest.raises(IntegrityError, match="nothing_is_counted_twice"), transaction.atomic():
            Claim.objects.create(
                period=held.period, activity="x", thing="x", key=held.key,
                days=DateRange(dt.date(2026, 12, 31), dt.date(2028, 1, 1)),
            )  # fmt: skip

    def test_keeps_claims_for_good(self, register, bundles):
        file(register, register.project, bundles["rice"])

        for words in ("DELETE FROM registry_claim", "UPDATE registry_claim SET thing = 'x'"):
            with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(words)
