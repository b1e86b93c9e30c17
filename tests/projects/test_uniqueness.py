"""Land, meters and facilities are claimed once."""

import dataclasses
import datetime as dt

import pytest
import shapely
from django.db import DatabaseError, IntegrityError, transaction
from tests import world
from tests.projects import claims
from tests.projects.claims import METRE, development, square

from tanhui.journal.models import Entry
from tanhui.projects import guards, uniqueness
from tanhui.projects.acts import uniqueness as acts
from tanhui.projects.models import Footprint, Monitoring, Overlap

LATER = (dt.date(2044, 1, 1), dt.date(2064, 1, 1))


@pytest.fixture
def owner(db):
    claims.activate()
    return world.party("PART", name="赤峰市农投集团")


@pytest.fixture
def other(db):
    return world.party("PART", name="外地开发公司")


def claim(one):
    return acts.claim(development=one, at=world.NOON)


def states(one):
    return sorted(one.footprints.values_list("state", flat=True))


class TestLand:
    def test_is_claimed_once(self, owner, other):
        first = development(owner, square(0), square(1))
        assert len(claim(first)) == 2
        second = development(other, square(5), square(0.5))
        with world.refuses(uniqueness.Overlaps, project=f"{first.code} {first.name}", part="小班2", count=2) as met:
            claim(second)
        assert met.value.facts["area_m2"] == pytest.approx(920_000 / 2, rel=0.01)
        assert met.value.facts["polygon"]["type"] == "Polygon"
        assert not second.footprints.exists()

    def test_next_to_others_is_free_and_a_sliver_is_kept_with_its_shape(self, owner, other):
        claim(development(owner, square(0)))
        beside = development(other, square(1 - METRE / claims.STEP), square(0, 1))
        assert [round(one.width_m, 1) for one in acts.check(development=beside, at=world.NOON)] == [1.0]
        claim(beside)
        claim(beside)
        kept = Overlap.objects.get()
        assert (kept.kind, kept.mine.development) == ("SLIVER", beside)
        assert kept.area_m2 == pytest.approx(1111, rel=0.01)
        assert kept.width_mm == pytest.approx(1000, rel=0.01)
        assert kept.geometry

    def test_on_other_days_is_free(self, owner, other):
        claim(development(owner, square(0)))
        claim(development(other, square(0), days=LATER))
        assert Footprint.objects.filter(state="LIVE").count() == 2

    def test_of_a_draft_without_days_is_asked_for_from_today_on(self, owner, other):
        claim(development(owner, square(0), days=(dt.date(2000, 1, 1), dt.date(2020, 1, 1))))
        claim(development(other, square(0), days=None))
        again = development(owner, square(0), days=LATER)
        with world.refuses(uniqueness.Overlaps):
            claim(again)

    def test_of_one_boundary_lies_in_it_once(self, owner):
        again = development(owner, square(0), square(0.9))
        with world.refuses(uniqueness.BoundaryTwice, part="小班1", theirs="小班2"):
            claim(again)

    def test_that_was_given_up_is_free_again(self, owner, other):
        first = development(owner, square(0))
        claim(first)
        assert acts.release(development=first, at=world.NOON) == 1
        assert acts.release(development=first, at=world.NOON) == 0
        claim(development(other, square(0)))
        assert states(first) == ["RELEASED"]

    def test_of_another_mechanism_is_taken_unless_the_rules_say_otherwise(self, owner, other, monkeypatch):
        claim(development(owner, square(0), scheme="CCER"))
        second = development(other, square(0), scheme="DEMO")
        with world.refuses(uniqueness.Overlaps, mechanism="CCER"):
            claim(second)
        apart = uniqueness.Rules(uniqueness.rules(second).tolerance, across=False, by_activity=False)
        monkeypatch.setattr(uniqueness, "rules", lambda development: apart)
        claim(second)

    def test_may_carry_two_activities_where_the_rules_say_so(self, owner, other, monkeypatch):
        first, second = development(owner, square(0)), development(other, square(0))
        named = {first.pk: ("rice_methane",), second.pk: ("cropland_soil_carbon",)}
        asked = uniqueness.asked
        monkeypatch.setattr(
            uniqueness, "asked", lambda one, *, at: dataclasses.replace(asked(one, at=at), activities=named[one.pk])
        )
        claim(first)
        with world.refuses(uniqueness.Overlaps):
            claim(second)
        together = uniqueness.Rules(uniqueness.rules(second).tolerance, across=True, by_activity=True)
        monkeypatch.setattr(uniqueness, "rules", lambda development: together)
        claim(second)


class TestAClaim:
    def test_asked_again_changes_nothing(self, owner):
        one = development(owner, square(0), meters=["N-1"])
        made = claim(one)
        told = Entry.objects.count()
        assert claim(one) == made
        assert Entry.objects.count() == told

    def test_follows_the_boundary(self, owner, other):
        one = development(owner, square(0), square(1))
        claim(one)
        one.boundaries.get(name="小班2").delete()
        claim(one)
        assert states(one) == ["LIVE", "RELEASED"]
        claim(development(other, square(1)))

    def test_follows_the_days(self, owner):
        one = development(owner, square(0))
        claim(one)
        one.crediting = LATER
        one.save()
        claim(type(one).objects.get(pk=one.pk))
        assert states(one) == ["LIVE", "RELEASED"]
        assert one.footprints.get(state="LIVE").days.lower == LATER[0]

    def test_is_told_to_the_log(self, owner):
        claim(development(owner, square(0), meters=["N-1"]))
        fact = Entry.objects.order_by("-pk").first()
        assert fact.kind == "projects.land_claimed"
        assert b'"claims":2' in bytes(fact.leaf)

    def test_asks_the_database_as_often_for_many_parcels_as_for_few(self, owner, other, django_assert_max_num_queries):
        claim(development(owner, *[square(x) for x in range(30)]))
        few, many = development(other, square(0, 2)), development(other, *[square(x, 4) for x in range(30)])
        with django_assert_max_num_queries(40) as sent:
            claim(few)
        with django_assert_max_num_queries(len(sent)):
            claim(many)


class TestAMeterOrFacility:
    def test_is_claimed_once_however_it_is_written(self, owner, other):
        first = development(owner, meters=["No 123"])
        claim(first)
        second = development(other, meters=["ＮＯ１２３"])
        with world.refuses(uniqueness.MeteredTwice, project=f"{first.code} {first.name}", part="ＮＯ１２３"):
            claim(second)

    def test_of_another_holder_is_another_facility(self, owner, other):
        claim(development(owner, facilities=["1号沼气池"]))
        claim(development(other, facilities=["1号沼气池"]))
        again = development(owner, facilities=["1号沼气池"])
        with world.refuses(uniqueness.MeteredTwice):
            claim(again)

    def test_is_held_by_the_database_too(self, owner, other, monkeypatch):
        claim(development(owner, meters=["N-1"]))
        monkeypatch.setattr(uniqueness, "check", lambda one, held: [])
        with pytest.raises(IntegrityError, match="nothing_is_metered_twice"), transaction.atomic():
            claim(development(other, meters=["N-1"]))
        claim(development(other, meters=["N-1"], days=LATER))


class TestWhatWasCancelled:
    def test_is_barred_for_good(self, owner, other):
        first = development(owner, square(0), meters=["N-1"])
        claim(first)
        assert acts.bar(development=first, at=world.NOON) == 2
        assert acts.bar(development=first, at=world.NOON) == 0
        for again in (development(other, square(0.5), days=LATER), development(other, meters=["N-1"], days=LATER)):
            with world.refuses(uniqueness.Barred, project=f"{first.code} {first.name}"):
                claim(again)

    def test_is_barred_for_its_own_project_too(self, owner):
        one = development(owner, square(0))
        acts.bar(development=one, at=world.NOON)
        with world.refuses(uniqueness.Barred):
            claim(one)

    def test_is_barred_even_where_its_claim_had_lapsed(self, owner, other):
        one = development(owner, square(0))
        claim(one)
        acts.release(development=one, at=world.NOON)
        assert acts.bar(development=one, at=world.NOON) == 1
        again = development(other, square(0))
        with world.refuses(uniqueness.Barred):
            claim(again)

    def test_is_never_undone(self, owner):
        one = development(owner, square(0), meters=["N-1"])
        acts.bar(development=one, at=world.NOON)
        acts.lock()
        for state in ("LIVE", "RELEASED"):
            with pytest.raises(DatabaseError, match="only ends, once"), transaction.atomic():
                one.footprints.update(state=state)

    def test_is_held_by_the_database_too(self, owner, other, monkeypatch):
        acts.bar(development=development(owner, meters=["N-1"]), at=world.NOON)
        monkeypatch.setattr(uniqueness, "check", lambda one, held: [])
        with pytest.raises(DatabaseError, match="barred for good"), transaction.atomic():
            claim(development(other, meters=["N-1"], days=LATER))


class TestAFootprint:
    def test_is_written_under_the_lock_alone(self, owner):
        one = development(owner, meters=["N-1"])
        row = {"development": one, "kind": "METER", "key": "N-1", "days": LATER, "at": world.NOON}
        with pytest.raises(DatabaseError, match="under the lock"), transaction.atomic():
            Footprint.objects.create(changed_at=world.NOON, **row)
        acts.lock()
        Footprint.objects.create(changed_at=world.NOON, **row)

    def test_never_changes_but_in_its_end(self, owner):
        claim(development(owner, square(0)))
        for change in ({"days": LATER}, {"area_m2": 1}, {"part": "x", "state": "RELEASED"}):
            with pytest.raises(DatabaseError, match="only ends, once"), transaction.atomic():
                Footprint.objects.update(**change)
        with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
            Footprint.objects.all().delete()


class TestTheGuard:
    def test_says_no_before_any_step_of_a_project_or_a_period(self, owner, other):
        first = development(owner, square(0))
        claim(first)
        second = development(other, square(0))
        period = Monitoring(development=second, number=1)
        for subject in (second, period):
            with world.refuses(uniqueness.Overlaps):
                guards.named("unique")(subject, None, world.NOON)
        guards.named("unique")(first, None, world.NOON)


class TestTheShapeInARefusal:
    def test_is_bounded_and_near_the_true_one(self):
        ragged = square(0).buffer(0.002, quad_segs=400)
        shown = uniqueness.bounded(ragged)
        drawn = shapely.geometry.shape(shown)
        assert shapely.get_num_coordinates(drawn) <= uniqueness.POINTS
        assert drawn.symmetric_difference(ragged).area < ragged.area / 1000

    def test_has_the_largest_of_many_pieces(self):
        many = shapely.union_all([square(2 * x, wide=0.1 + x / 100) for x in range(40)])
        assert len(uniqueness.bounded(many)["coordinates"]) == uniqueness.PARTS
