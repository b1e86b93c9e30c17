"""Claiming land, meters and facilities, each once; giving them up; barring them for good (唯一性).

Whoever writes footprints holds one advisory lock to the end of the transaction, so that of two claims to the same
ground at the same moment the second sees the first. The trigger of the table refuses whoever does not hold it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from tanhui.journal.record import record
from tanhui.projects import shapes, uniqueness
from tanhui.projects.models import Development, Footprint, Overlap
from tanhui.projects.models.footprint import LOCK
from tanhui.projects.uniqueness import Asked, Meeting, Wanted

LONGEST = {"title": 160, "part": 120}


def check(*, development: Development, at: datetime) -> list[Meeting]:
    """Whether a development could claim now what it has in its boundary; the slivers that would be recorded.

    Refuses with ``uniqueness.BoundaryTwice``, ``Barred``, ``Overlaps`` or ``MeteredTwice``.
    """
    return uniqueness.check(uniqueness.asked(development, at=at), uniqueness.rules(development))


@transaction.atomic
def claim(*, development: Development, at: datetime) -> list[Footprint]:
    """Claim what a development has in its boundary now, and give up what it had before and has no more.

    Asked again it changes nothing. Refuses as ``check`` does.
    """
    lock()
    one = uniqueness.asked(development, at=at)
    slivers = uniqueness.check(one, uniqueness.rules(development))
    held = list(development.footprints.filter(state=Footprint.State.LIVE).defer("geometry").order_by("pk"))
    mark = (list(one.activities), one.days.start, one.days.end, one.mechanism, development.name)
    kept = {
        (row.kind, row.part, row.key, row.geometry_sha256): row
        for row in held
        if (row.activities, row.days.lower, row.days.upper, row.mechanism, row.title) == mark
    }
    wanted = {(each.kind, each.part, each.key, each.geometry_sha256): each for each in one.wanted}
    gone = [row.pk for row in held if row.pk not in {kept[known].pk for known in wanted if known in kept}]
    if gone:
        end(development, Footprint.State.RELEASED, at, pk__in=gone)
    fresh = [new(each, one, development, at) for known, each in wanted.items() if known not in kept]
    made = Footprint.objects.bulk_create(fresh)
    rows = {known: kept[known] for known in wanted if known in kept} | {
        (row.kind, row.part, row.key, row.geometry_sha256): row for row in made
    }
    note(slivers, rows, at)
    if made or gone:
        tell("projects.land_claimed", development, rows.values(), at)
    return list(rows.values())


@transaction.atomic
def release(*, development: Development, at: datetime) -> int:
    """Give up every live claim of a development; how many there were. Land is then free for others."""
    lock()
    count = end(development, Footprint.State.RELEASED, at)
    if count:
        tell("projects.land_released", development, (), at)
    return count


@transaction.atomic
def bar(*, development: Development, at: datetime) -> int:
    """Bar for good what a development claims: its project was cancelled, and what was cancelled is never registered
    again (article 16). Cannot be undone. What it has in its boundary is barred even where its claim had lapsed."""
    lock()
    count = end(development, Footprint.State.BARRED, at)
    one = uniqueness.asked(development, at=at)
    barred = development.footprints.filter(state=Footprint.State.BARRED)
    known = set(barred.values_list("kind", "key", "geometry_sha256"))
    missing = [each for each in one.wanted if (each.kind, each.key, each.geometry_sha256) not in known]
    rows = [new(each, one, development, at, state=Footprint.State.BARRED) for each in missing]
    for row in rows:
        row.save()
    if count or rows:
        tell("projects.land_barred", development, barred.all(), at)
    return count + len(rows)


def lock() -> None:
    """Wait for whoever writes footprints, and let nobody else until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])


def end(development: Development, state: str, at: datetime, **which: object) -> int:
    rows = development.footprints.filter(state=Footprint.State.LIVE, **which)
    return rows.update(state=state, changed_at=at)


def new(
    each: Wanted, one: Asked, development: Development, at: datetime, state: str = Footprint.State.LIVE
) -> Footprint:
    outline = each.outline
    return Footprint(
        kind=each.kind, mechanism=one.mechanism, number=development.code, title=development.name[: LONGEST["title"]],
        part=each.part[: LONGEST["part"]], holder_uscc=development.owner.uscc, activities=list(one.activities),
        days=(one.days.start, one.days.end), key=each.key,
        geometry=None if outline is None else shapes.wkb(outline), geometry_sha256=each.geometry_sha256,
        box=None if outline is None else shapes.box(outline), area_m2=each.area_m2, development=development,
        state=state, at=at, changed_at=at,
    )  # fmt: skip


def note(slivers: list[Meeting], rows: dict[tuple[str, str, str, str], Footprint], at: datetime) -> None:
    """Keep slivers with their shape, each once."""
    Overlap.objects.bulk_create(
        [
            Overlap(
                mine=rows[one.mine.kind, one.mine.part, one.mine.key, one.mine.geometry_sha256], theirs=one.theirs,
                kind=Overlap.Kind.SLIVER, area_m2=one.area_m2, width_mm=round(one.width_m * 1000),
                geometry=None if one.outline is None else shapes.wkb(one.outline), at=at,
            )
            for one in slivers
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def tell(kind: str, development: Development, rows: Iterable[Footprint], at: datetime) -> None:
    held = list(rows)
    fact = {
        "development": development.code,
        "claims": len(held),
        "area_m2": sum(row.area_m2 or 0 for row in held),
    }
    record(kind=kind, fact=fact, at=at, by=None)
