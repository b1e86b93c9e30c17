"""The catalogue's lines, made from rows of the register; making one again gives the same line."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from tanhui.identity.models import Organisation
from tanhui.ledger.models import Posting
from tanhui.methods.engine import shelf
from tanhui.portal.models import Edition, Line, Publication, Register, Withdrawal
from tanhui.portal.queries import words
from tanhui.registry.models import Batch, Cancellation, Period, Project, Retirement

COLUMNS = ("register", "ref", "title", "words", "key", "tags", "quantity_t", "rank", "at")
UNCOUNTED = ("project", "batch")  # properties with as many values as rows
PERSON = Retirement.Beneficiary.PERSON
CHUNK = 2000


def line(
    register: Register, ref: int, title: str, said: Iterable[str], properties: dict[str, Iterable[object]],
    *, at: datetime, quantity_t: int = 0, rank: int = 0,
) -> Line:  # fmt: skip
    """A line with its tags. ``said`` is what may be searched; each property has any number of values."""
    searched = words.plain(" ".join(said))
    tags = [
        f"{register}:",
        *(f"{register}:{name}={one}" for name, many in properties.items() for one in sorted(set(map(str, many)))),
    ]
    tags += [f"{register.lower()}{piece}" for piece in words.pieces(searched)]
    return Line(
        register=register, ref=ref, title=title[:300], words=searched, key=words.key(title), tags=tags,
        quantity_t=quantity_t, rank=rank, at=at,
    )  # fmt: skip


# -- from rows of the register -----------------------------------------------------------------------------------------


def projects(rows: Iterable[Project]) -> list[Line]:
    rows = list(rows)
    issued = dict(
        Batch.objects.filter(project__in=rows).values_list("project").annotate(total=Coalesce(Sum("quantity_t"), 0))
    )
    return [
        line(
            Register.PROJECT, one.number, one.name,
            [one.name, f"{one.number:06d}", one.owner.name, one.validator.name, one.region, one.kind],
            project_properties(one) | {"state": [one.state], "year": [timezone.localtime(one.registered_at).year]},
            at=one.registered_at, quantity_t=issued.get(one.pk, 0),
        )
        for one in rows
    ]  # fmt: skip


def project_properties(*many: Project) -> dict[str, Iterable[object]]:
    return {
        "scheme": [one.scheme for one in many], "type": [one.kind for one in many],
        "methodology": [one.methodology for one in many], "province": [one.province for one in many],
    }  # fmt: skip


def batches(rows: Iterable[Batch]) -> list[Line]:
    return [
        line(
            Register.BATCH, one.pk, one.asset.code, [one.asset.code, one.project.name, f"{one.project.number:06d}"],
            project_properties(one.project)
            | {
                "vintage": [one.vintage], "year": [timezone.localtime(one.issued_at).year],
                "project": [one.project.number],
            },
            at=one.issued_at, quantity_t=one.quantity_t, rank=one.vintage,
        )
        for one in rows
    ]  # fmt: skip


def retirements(rows: Iterable[Retirement]) -> list[Line]:
    rows = list(rows)
    ended = batches_of(rows)
    return [
        line(
            Register.RETIREMENT, one.pk, one.beneficiary_name,
            [] if one.beneficiary_kind == PERSON else [one.beneficiary_name, one.certificate],
            project_properties(*(batch.project for batch in ended[one.movement_id]))
            | {
                "purpose": [one.purpose], "kind": [one.beneficiary_kind],
                "year": [timezone.localtime(one.at).year],
                "vintage": [batch.vintage for batch in ended[one.movement_id]],
                "project": [batch.project.number for batch in ended[one.movement_id]],
            },
            at=one.at, quantity_t=one.quantity_t,
            rank=min((batch.vintage for batch in ended[one.movement_id]), default=0),
        )
        for one in rows
    ]  # fmt: skip


def cancellations(rows: Iterable[Cancellation]) -> list[Line]:
    rows = list(rows)
    ended = batches_of(rows)
    return [
        line(
            Register.CANCELLATION, one.pk, one.reason, [one.reason],
            project_properties(*(batch.project for batch in ended[one.movement_id]))
            | {
                "kind": [one.kind], "year": [timezone.localtime(one.at).year],
                "project": [batch.project.number for batch in ended[one.movement_id]],
            },
            at=one.at, quantity_t=one.quantity_t,
        )
        for one in rows
    ]  # fmt: skip


def batches_of(rows: Iterable[Any]) -> dict[int, list[Batch]]:
    """The batches whose units a movement took to a boundary."""
    ended = Posting.objects.filter(
        movement__in=[one.movement_id for one in rows], account__is_boundary=True, quantity__gt=0
    ).values_list("movement_id", "asset_id")
    pairs = set(ended)
    known = Batch.objects.select_related("project").in_bulk({asset for _, asset in pairs})
    found: dict[int, list[Batch]] = defaultdict(list)
    for movement, asset in sorted(pairs):
        if asset in known:
            found[movement].append(known[asset])
    return found


def organisations(rows: Iterable[Organisation]) -> list[Line]:
    return [
        line(Register.ORGANISATION, one.pk, one.name, [one.name, one.uscc], {"role": [one.role]}, at=one.registered_at)
        for one in rows
    ]


def publications(rows: Iterable[Publication]) -> list[Line]:
    rows = list(rows)
    editions = Edition.objects.filter(publication__in=rows).order_by("publication", "-number").distinct("publication")
    newest = {one.publication_id: one for one in editions}
    gone = set(Withdrawal.objects.filter(publication__in=rows).values_list("publication", flat=True))
    return [
        line(
            Register.PUBLICATION, one.pk, (edition := newest[one.pk]).title,
            [edition.title, edition.document_number, edition.source, edition.summary, edition.body],
            {
                "category": [one.category], "year": [timezone.localtime(edition.at).year],
                "state": ["withdrawn" if one.pk in gone else "standing"],
            },
            at=edition.at, rank=edition.number,
        )
        for one in rows
    ]  # fmt: skip


def methodologies(at: datetime) -> list[Line]:
    found = []
    for package in shelf.survey()[0]:
        about = package.metadata
        code = f"{package.code}-{package.version}".replace("_", "-").upper()
        found.append(
            line(
                Register.METHODOLOGY, zlib.crc32(package.name.encode()), f"{about['title_zh']}",
                [about["title_zh"], about["title_en"], code, about.get("authority", "")],
                {"scheme": [about["scheme"]], "code": [code]}, at=at,
            )
        )  # fmt: skip
    return found


# -- kept --------------------------------------------------------------------------------------------------------------


def keep(lines: Iterable[Line]) -> int:
    """Put lines in place of those there were, and count their properties anew. Returns how many are new."""
    lines = list(lines)
    before: dict[tuple[str, int], list[str]] = {}
    for register in {one.register for one in lines}:
        known = Line.objects.filter(register=register, ref__in=[one.ref for one in lines if one.register == register])
        before |= {(register, ref): tags for ref, tags in known.values_list("ref", "tags")}
    Line.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["register", "ref"], update_fields=list(COLUMNS[2:])
    )
    change: Counter[str] = Counter()
    for one in lines:
        change.update(counted(one.tags))
        change.subtract(counted(before.get((one.register, one.ref), [])))
    count(change)
    return len(lines) - len(before)


def counted(tags: Iterable[str]) -> Iterator[str]:
    """The properties whose lines are counted."""
    for tag in tags:
        if tag[1] == ":" and tag[0].isupper() and tag[2:].partition("=")[0] not in UNCOUNTED:
            yield tag


def count(change: Counter[str]) -> None:
    rows = [(tag, by) for tag, by in sorted(change.items()) if by]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO portal_facet (tag, count) VALUES (%s, %s)"
            " ON CONFLICT (tag) DO UPDATE SET count = portal_facet.count + EXCLUDED.count",
            rows,
        )


def benefit(rows: Iterable[Retirement]) -> None:
    """Add retirements, each once, to what was retired on behalf of whom; persons together, without a name."""
    total: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in rows:
        name = "" if one.beneficiary_kind == PERSON else one.beneficiary_name
        total[name, one.beneficiary_kind][0] += 1
        total[name, one.beneficiary_kind][1] += one.quantity_t
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO portal_beneficiary (name, kind, key, count, quantity_t) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (name, kind) DO UPDATE SET count = portal_beneficiary.count + EXCLUDED.count,"
            " quantity_t = portal_beneficiary.quantity_t + EXCLUDED.quantity_t",
            [(name, kind, words.key(name), many, tonnes) for (name, kind), (many, tonnes) in sorted(total.items())],
        )


def refresh_projects(numbers: Iterable[int]) -> None:
    """Projects and the organisations the register names for them."""
    rows = list(Project.objects.filter(number__in=set(numbers)).select_related("owner", "validator"))
    keep(projects(rows))
    named = {one.owner_id for one in rows} | {one.validator_id for one in rows}
    named |= set(Period.objects.filter(project__in=rows).values_list("verifier", flat=True))
    keep(organisations(Organisation.objects.filter(pk__in=named)))


def projects_of(codes: Iterable[str]) -> set[int]:
    """The numbers of the projects of batches."""
    return set(Batch.objects.filter(asset__code__in=set(codes)).values_list("project__number", flat=True))


def refresh_batches(codes: Iterable[str]) -> None:
    keep(batches(Batch.objects.filter(asset__code__in=set(codes)).select_related("asset", "project")))


def refresh_retirements(certificates: Iterable[str]) -> None:
    """Retirements not in the catalogue yet; those that are there never change."""
    rows = list(Retirement.objects.filter(certificate__in=set(certificates)))
    there = set(Line.objects.filter(register="R", ref__in=[one.pk for one in rows]).values_list("ref", flat=True))
    new = [one for one in rows if one.pk not in there]
    keep(retirements(new))
    benefit(new)


def refresh_cancellations(movements: Iterable[int]) -> None:
    keep(cancellations(Cancellation.objects.filter(movement__in=set(movements))))


def refresh_publications(keys: Iterable[int]) -> None:
    keep(publications(Publication.objects.filter(pk__in=set(keys))))


# -- all of it again ---------------------------------------------------------------------------------------------------


def fill() -> None:
    """The whole catalogue from the register, table by table in the order of their keys."""
    with connection.cursor() as cursor:
        for table in ("portal_line", "portal_facet", "portal_beneficiary"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables
    tables: list[tuple[Any, Callable[[Any], list[Line]]]] = [
        (Project.objects.select_related("owner", "validator"), projects),
        (Batch.objects.select_related("asset", "project"), batches),
        (Retirement.objects.all(), retirements),
        (Cancellation.objects.all(), cancellations),
        (Publication.objects.filter(editions__number=1), publications),
        (Organisation.objects.filter(pk__in=named()), organisations),
    ]
    for rows, make in tables:
        after: Any = None
        while chunk := list((rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[:CHUNK]):
            copy(make(chunk))
            if make is retirements:
                benefit(chunk)
            after = chunk[-1].pk


def named() -> set[int]:
    """The organisations some public register names."""
    found: set[int] = set()
    for rows in (
        Project.objects.values_list("owner", flat=True), Project.objects.values_list("validator", flat=True),
        Period.objects.values_list("verifier", flat=True),
    ):  # fmt: skip
        found |= set(rows.order_by().distinct())
    return found


def copy(lines: list[Line]) -> None:
    """Lines that are not there yet, all at once."""
    change: Counter[str] = Counter()
    with connection.cursor() as cursor, cursor.copy(f"COPY portal_line ({', '.join(COLUMNS)}) FROM STDIN") as stream:
        for one in lines:
            stream.write_row([str(one.register), *(getattr(one, name) for name in COLUMNS[1:])])
            change.update(counted(one.tags))
    count(change)
