import dataclasses
import datetime as dt
import json
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from tanhui.journal.models import Entry
from tanhui.kernel.period import Period
from tanhui.rulepacks import packs, queries
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.models import Activation, Ending, Pack

NOON = dt.datetime(2026, 6, 5, 4, tzinfo=dt.UTC)
NATIONAL = "cn-national-ccer-2023"
day = dt.date
JULY = day(2026, 7, 1)


def activate(pack=NATIONAL, **changes):
    pack = packs.ship(pack) if isinstance(pack, str) else pack
    people = {"initiator_id": 1, "confirmer_id": 2}
    return activation.activate(**{"pack": pack, "mode": "production", "at": NOON} | people | changes)


def end(active, on, **changes):
    people = {"initiator_id": 1, "confirmer_id": 2}
    return activation.end(**{"activation": active, "on": on, "at": NOON} | people | changes)


def variant(pack_id=NATIONAL, version="2", start=JULY, until=None, publicity=20):
    """Another version of a shipped pack."""
    content = json.loads(json.dumps(packs.ship(pack_id).content))
    content |= {"version": version, "effective_from": start.isoformat()}
    content["params"]["pdd_publicity"]["value"] = publicity
    if until:
        content["effective_to"] = until.isoformat()
    return packs.load(content, pack_id)


@pytest.mark.django_db
class TestActivate:
    def test_brings_a_pack_into_force_and_tells_the_journal(self):
        active = activate()

        assert active.pack.content["version"] == "1"
        fact = json.loads(bytes(Entry.objects.get(kind="rulepacks.activated").leaf))["fact"]
        assert fact["pack"] == NATIONAL
        assert fact["sha256"] == packs.ship(NATIONAL).sha256
        assert fact["effective"] == "2023-10-19/.."

    def test_asked_twice_is_asked_once(self):
        assert activate() == activate()
        assert Entry.objects.filter(kind="rulepacks.activated").count() == 1

    def test_refuses_one_person_on_both_sides(self):
        with pytest.raises(activation.SamePerson):
            activate(confirmer_id=1)
        assert not Activation.objects.exists()

    def test_refuses_unverified_parameters_in_production_and_names_each(self):
        with pytest.raises(activation.ParametersUnverified) as refusal:
            activate("cn-shanghai-tph-2025")
        assert refusal.value.facts["params"] == "unit_code, offset_cap, offset_cap_outside_delta"
        assert not Pack.objects.exists()

    @pytest.mark.parametrize("pack_id", ["demo-local", "cn-venue-2012", "cn-shenzhen-tph-2022"])
    def test_refuses_a_pack_in_production_that_is_not_confirmed(self, pack_id):
        with pytest.raises(activation.PackUnconfirmed):
            activate(pack_id)

    @pytest.mark.parametrize("pack_id", packs.shipped())
    def test_lets_a_demonstration_use_any_pack(self, pack_id):
        assert activate(pack_id, mode="demonstration").code == pack_id

    def test_refuses_a_superseded_pack_even_for_a_demonstration(self):
        with pytest.raises(activation.PackSuperseded):
            activate(dataclasses.replace(packs.ship(NATIONAL), status="superseded"), mode="demonstration")

    def test_knows_no_third_mode(self):
        with pytest.raises(ValueError, match="trial"):
            activate(mode="trial")

    def test_refuses_versions_that_overlap(self):
        activate()
        with pytest.raises(activation.VersionsOverlap, match=r"Version 1 .* from 2023-10-19"):
            activate(variant())
        assert Activation.objects.count() == 1

    def test_lets_versions_follow_each_other_in_any_order(self):
        activate(variant(version="2", start=day(2026, 1, 1)))
        activate(variant(version="1.5", start=day(2025, 1, 1), until=day(2026, 1, 1)))
        with pytest.raises(activation.VersionsOverlap):
            activate(variant(version="1.6", start=day(2025, 12, 31), until=day(2026, 1, 1)))

    def test_refuses_other_content_under_the_same_version(self):
        activate(variant(start=day(2024, 1, 1), until=day(2025, 1, 1)))
        with pytest.raises(activation.VersionTaken):
            activate(variant(start=day(2025, 1, 1), publicity=21))

    def test_is_guarded_by_the_database_as_well(self):
        active = activate()
        with pytest.raises(DatabaseError, match="another version"), transaction.atomic():
            Activation.objects.create(
                pack=active.pack, code=NATIONAL, mode="production", effective_from=day(2030, 1, 1),
                initiator_id=1, confirmer_id=2, at=NOON,
            )  # fmt: skip
        with pytest.raises(DatabaseError, match="confirmed_by_another_person"), transaction.atomic():
            Activation.objects.create(
                pack=active.pack, code="xx", mode="production", effective_from=day(2030, 1, 1),
                initiator_id=1, confirmer_id=1, at=NOON,
            )  # fmt: skip

    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    @pytest.mark.parametrize("model", [Pack, Activation, Ending])
    def test_is_permanent(self, model, change):
        end(activate(), day(2026, 7, 1))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL truncates nothing that has checks outstanding
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(change.format(model._meta.db_table))


@pytest.mark.django_db
class TestEnd:
    def test_lets_the_next_version_follow(self):
        end(activate(), day(2026, 7, 1))
        activate(variant(publicity=30))

        assert queries.value("pdd_publicity", day(2026, 6, 30), NATIONAL) == 20
        assert queries.value("pdd_publicity", day(2026, 7, 1), NATIONAL) == 30

    def test_asked_twice_is_asked_once(self):
        active = activate()
        assert end(active, day(2026, 7, 1)) == end(active, day(2026, 7, 1))
        assert Entry.objects.filter(kind="rulepacks.ended").count() == 1

    def test_refuses_a_second_end(self):
        active = activate()
        end(active, day(2026, 7, 1))
        with pytest.raises(activation.AlreadyEnded, match="2026-07-01"):
            end(active, day(2026, 8, 1))

    def test_never_reaches_back_before_today(self):
        with pytest.raises(activation.EndImpossible, match="from 2026-06-05 on"):
            end(activate(), day(2026, 6, 4))
        assert not Ending.objects.exists()

    def test_only_shortens(self):
        active = activate(variant(until=day(2027, 1, 1)))
        for on in (day(2026, 6, 30), day(2027, 1, 1)):
            with pytest.raises(activation.EndImpossible):
                end(active, on)

    def test_refuses_one_person_on_both_sides(self):
        with pytest.raises(activation.SamePerson):
            end(activate(), day(2026, 7, 1), confirmer_id=1)

    def test_on_its_first_day_leaves_the_whole_time_to_another(self):
        end(activate(variant()), day(2026, 7, 1))
        assert activate(variant(version="3")).pack.version == "3"


@pytest.mark.django_db
class TestValue:
    def test_is_that_of_the_day_of_the_act(self):
        activate()

        assert queries.value("pdd_publicity", day(2026, 6, 5), NATIONAL) == 20
        assert queries.value("reductions_generated_after", day(2026, 6, 5), NATIONAL) == day(2020, 9, 22)
        assert queries.parameter("pdd_publicity", day(2026, 6, 5), NATIONAL).clause == "第十二条"

    def test_is_refused_before_the_pack_was_in_force(self):
        activate()
        with pytest.raises(queries.NoPackInForce, match="2023-10-18"):
            queries.value("pdd_publicity", day(2023, 10, 18), NATIONAL)

    def test_is_refused_after_the_pack_has_run_out(self):
        activate("cn-guangdong-tph-2022", mode="demonstration")
        assert queries.value("stakeholder_notice", day(2027, 5, 5), "cn-guangdong-tph-2022") == 7
        with pytest.raises(queries.NoPackInForce):
            queries.value("stakeholder_notice", day(2027, 5, 6), "cn-guangdong-tph-2022")

    def test_is_refused_when_the_pack_does_not_say(self):
        activate()
        with pytest.raises(queries.UnknownParameter, match="no parameter trees_per_tonne"):
            queries.value("trees_per_tonne", day(2026, 6, 5), NATIONAL)

    def test_is_found_by_the_period_it_overlaps(self):
        active = activate(variant(start=day(2026, 7, 1), until=day(2026, 8, 1)))

        assert queries.overlapping(NATIONAL, Period(day(2026, 7, 31))) == active
        assert queries.overlapping(NATIONAL, Period(day(2026, 8, 1))) is None
        assert queries.overlapping(NATIONAL, Period(day(2026, 6, 1), day(2026, 7, 1))) is None


@pytest.mark.django_db(transaction=True)
def test_two_versions_cannot_both_come_into_force():
    outcomes, start = [], threading.Barrier(2, timeout=60)

    def attempt(version):
        start.wait()
        try:
            activate(variant(version=version))
            outcomes.append("in force")
        except activation.VersionsOverlap:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[version]) for version in ("2", "3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in force", "refused"]
    assert Activation.objects.count() == 1
