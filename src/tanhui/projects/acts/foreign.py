"""Taking over a list of another mechanism's projects: one person reads it in, another confirms (外部项目清单).

The list says what is claimed elsewhere. It is not refused for meeting a claim here; the two are shown as a conflict.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext

from tanhui.files import store
from tanhui.files.acts import filing
from tanhui.files.models import Document, Upload, Version
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import foreign, overlap, reading, shapes, uniqueness
from tanhui.projects import outlines as drawings
from tanhui.projects.acts import uniqueness as claiming
from tanhui.projects.models import Footprint, ForeignList, Overlap
from tanhui.projects.uniqueness import Wanted

ACT = "projects.take_foreign_list"
SUBJECT = "projects.foreign_list"
CHECK = "projects.uniqueness_check"  # a file that is only looked at
OPEN_FOR = timedelta(days=7)
ROLES = (Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY)
MECHANISMS = ("CCER", "VCS", "GS", "GEC", "GDTPH", "CQCER", "FFCER", "OTHER")
SHOWN = 500  # rows left out that are kept to be read
BATCH = 2000
MOST_CHECKED = 5000  # outlines looked at in one check


class NotForeign(Refusal):
    code = "projects.foreign_list_undescribed"
    sentence = gettext_noop(
        "Say which mechanism the list is of (one of %(known)s), who publishes it, and of which day up to today it is."
    )
    clause = uniqueness.ORDER_31 + "第四十八条（唯一性）"
    status = 422


class NothingTaken(Refusal):
    code = "projects.foreign_list_empty"
    sentence = gettext_noop(
        "None of the %(rows)s rows of “%(file)s” can be taken; the first is left out because: %(reason)s Correct "
        "the list."
    )
    clause = uniqueness.ORDER_31 + "第四十八条（唯一性）"
    status = 422


class NotTheirOffice(Refusal):
    code = "projects.foreign_list_office"
    sentence = gettext_noop(
        "Lists of other mechanisms are taken over by the registry operator or the competent authority; you act for "
        "%(organisation)s. Send them the list."
    )
    clause = uniqueness.ORDER_31 + "第四条、第六条"
    status = 403


@transaction.atomic
def ask(
    *,
    mechanism: str,
    source: str,
    as_of: date,
    crs: str,
    upload: Upload,
    mandate: Mandate,
    reference: str,
    at: datetime,
) -> Instruction:
    """Read a list in under the first signature. Refuses with ``NotTheirOffice``, ``NotForeign``, ``NothingTaken``, as
    ``foreign.read``, the room of files and ``instruction.initiate`` do."""
    office(mandate)
    person = mandate.membership.person
    if mechanism not in MECHANISMS or not source.strip() or as_of > clock.day(at):
        raise NotForeign(known=", ".join(MECHANISMS))
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{person.pk}:{reference}")
    filing.check(upload, SUBJECT)
    found = read(upload, crs)
    if not found.rows:
        raise nothing(found, upload.name)

    def prepare(asked: Instruction) -> None:
        filing.file(
            subject=f"{SUBJECT}:{key}", kind=SUBJECT, title=source.strip()[:120], upload=upload, by=person, at=at,
            withheld_reason=Document.Withheld.SURVEY,
        )  # fmt: skip

    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, at=at, expires_at=at + OPEN_FOR, prepare=prepare,
        body={
            "list": str(key), "mechanism": mechanism, "source": source.strip()[:120], "as_of": as_of.isoformat(),
            "crs": crs, "sha256": upload.sha256, "name": upload.name, "format": upload.format,
            "rows": found.total, "taken": len(found.rows), "refused": len({one.row for one in found.faults}),
            "faults": [one.as_json() for one in found.faults[:SHOWN]],
        },
    )  # fmt: skip


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the list stands, in the place of an earlier one of its publisher.

    Refuses as ``instruction.confirm`` does.
    """
    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=lambda one: take(one, mandate, at))


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person says no, or the first takes it back. Refuses as ``instruction.drop`` does."""
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )


def take(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    body = asked.body
    office(mandate)
    version = Version.objects.get(document__subject=f"{SUBJECT}:{body['list']}", number=1)
    found = read(version, body["crs"])
    claiming.lock()
    rules = uniqueness.defaults(clock.day(at))
    before = ForeignList.objects.filter(mechanism=body["mechanism"], source=body["source"], replaced_by=None).first()
    if before is not None:
        live = Footprint.objects.filter(list=before, state=Footprint.State.LIVE)
        live.update(state=Footprint.State.RELEASED, changed_at=at)
    met = meeting(found.rows, rules.tolerance)
    made = ForeignList(
        id=uuid.UUID(body["list"]), organisation=mandate.membership.organisation, mechanism=body["mechanism"],
        source=body["source"], as_of=date.fromisoformat(body["as_of"]), document=version.document_id, version=1,
        name=version.name, sha256=version.sha256, replaces=before, refused=body["faults"],
        counts={
            "rows": found.total, "taken": len(found.rows), "refused": body["refused"],
            "conflicts": sum(kind == Overlap.Kind.CONFLICT for _, _, kind, *_ in met),
        },
        reference=f"i{asked.pk.hex}", body_sha256=asked.body_sha256, initiator=asked.initiator,
        confirmer=mandate.membership.person, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="projects.foreign_list_taken",
        fact={"mechanism": made.mechanism, "sha256": made.sha256, "as_of": body["as_of"], "rows": len(found.rows)},
        private={"list": str(made.pk), "source": made.source},
        at=at,
        by=mandate.membership.person_id,
    )
    made.save(force_insert=True)
    rows = Footprint.objects.bulk_create([footprint(one, made, at) for one in found.rows], batch_size=BATCH)
    Overlap.objects.bulk_create(
        [
            Overlap(
                mine=ours, theirs=rows[place], kind=kind, area_m2=area, width_mm=round(width * 1000), geometry=shape,
                at=at,
            )
            for place, ours, kind, area, width, shape in met
        ],
        batch_size=BATCH,
    )  # fmt: skip
    return {"list": str(made.pk), "conflicts": made.counts["conflicts"]}


def read(kept: Upload | Version, crs: str) -> foreign.Read:
    with store.as_file(kept.sha256, kept.size_bytes) as path:
        return foreign.read(path, kept.name, kept.format, crs=crs, encoding=kept.encoding)


def outlines(upload: Upload, crs: str) -> list[Wanted]:
    """The polygons of a file that is only to be looked at. Refuses as ``projects.outlines.opened``."""
    sheet, found = drawings.opened(upload, lambda sheet: foreign.declared(sheet, crs), MOST_CHECKED)
    return [
        Wanted("LAND", str(row), "", outline, shapes.area_m2(outline), shapes.digest(outline))
        for row, outline in enumerate(found, sheet.first_row)
    ]


Met = tuple[int, Footprint, str, int, float, bytes | None]


def meeting(rows: list[foreign.Row], tolerance: overlap.Tolerance) -> list[Met]:
    """What the rows of a list have in common with live claims here: place, claim, kind, area, width, shape."""
    claims = Footprint.objects.filter(state=Footprint.State.LIVE, list=None)
    found: list[Met] = []
    land = [at for at, row in enumerate(rows) if row.outline is not None]
    if land:
        outlines = reading.filled(rows[at].outline for at in land)
        bounds = shapes.box(shapely.total_bounds(outlines))
        ours = list(claims.filter(kind=Footprint.Kind.LAND, box__meets=bounds).order_by("pk"))
        theirs = shapes.geometries([one.geometry for one in ours if one.geometry is not None])
        pairs = overlap.find(outlines, theirs, tolerance)
        for place, other, shape, area, width, sliver in zip(
            pairs.mine, pairs.theirs, pairs.shapes, pairs.area_m2, pairs.width_m, pairs.sliver, strict=True
        ):
            if same_days(rows[land[place]], ours[other]):
                kind = Overlap.Kind.SLIVER if sliver else Overlap.Kind.CONFLICT
                found.append((land[place], ours[other], kind, round(area), float(width), shapes.wkb(shape)))
    keyed = {key(row): at for at, row in enumerate(rows) if row.outline is None}
    for one in claims.filter(key__in=list(keyed)).order_by("pk"):
        if same_days(rows[keyed[one.key]], one):
            found.append((keyed[one.key], one, Overlap.Kind.CONFLICT, 0, 0.0, None))
    return found


def same_days(row: foreign.Row, claim: Footprint) -> bool:
    days = claim.days
    return (row.end is None or days.lower < row.end) and (days.upper is None or row.start < days.upper)


def key(row: foreign.Row) -> str:
    return uniqueness.key(row.kind, row.name, row.holder, row.division)


def footprint(row: foreign.Row, made: ForeignList, at: datetime) -> Footprint:
    outline = row.outline
    return Footprint(
        kind=row.kind, mechanism=made.mechanism, number=row.number, title=row.title, part=row.part or row.name[:120],
        holder_uscc=row.holder, activities=list(row.activities), days=(row.start, row.end),
        key="" if outline is not None else key(row), geometry=None if outline is None else shapes.wkb(outline),
        geometry_sha256=row.sha256, box=None if outline is None else shapes.box(outline), area_m2=row.area_m2,
        list=made, at=at, changed_at=at,
    )  # fmt: skip


def office(mandate: Mandate) -> None:
    if mandate.membership.organisation.role not in ROLES:
        raise NotTheirOffice(organisation=mandate.membership.organisation.name)


def nothing(found: foreign.Read, name: str) -> NothingTaken:
    first = found.faults[0]
    reason = gettext(foreign.REASONS[first.reason]) % {"given": first.given}
    return NothingTaken(rows=found.total, file=name, reason=reason)
