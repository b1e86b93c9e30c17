"""Sources of land data, and taking a survey over: asked on a page, read and checked by the worker, stored whole or not.

Everything that could be stored is checked before; storing is one transaction by ``COPY``, so that a survey that fails
half-way leaves nothing behind.
"""

import json
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import IntegrityError, connection, models, transaction

from tanhui.files import store
from tanhui.files.acts import filing
from tanhui.files.models import Document, Upload, Version
from tanhui.identity.models import Mandate
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import checking, placing, reading, shapes, uniqueness
from tanhui.projects.checking import Checked, Limits
from tanhui.projects.models import Parcel, ParcelVersion, Source, Survey
from tanhui.rulepacks import queries as rules

log = logging.getLogger("tanhui.projects")
JOB = "projects.survey"
SUBJECT = "projects.source"  # of a source, by its id
PACK = "demo-local"  # whose numbers an organisation without a pack of its own is measured by
FIRST = 200  # rows that are read before a survey is put in the queue
MOST_REPORTED = 20_000
State = Survey.State
CLAUSE = "赤政办发〔2024〕59号 五（一）：摸清碳汇资源底数"


class SourceNamed(Refusal):
    code = "projects.source_named"
    sentence = gettext_noop("You have a source “%(name)s” already. Use that one, or choose another name.")
    clause = CLAUSE


class ImportRunning(Refusal):
    code = "projects.import_running"
    sentence = gettext_noop("A survey of “%(source)s” is being taken over. Wait until it is done.")
    clause = "ARCHITECTURE.md §6.1"


class SurveyMoved(Refusal):
    code = "projects.survey_moved"
    sentence = gettext_noop("The survey stands at “%(state)s”, so this cannot be done with it. Look at it again.")
    clause = "ARCHITECTURE.md §6.1"


class NothingGood(Refusal):
    code = "projects.nothing_good"
    sentence = gettext_noop("Every row of the survey has a fault. Correct the file and import it again.")
    clause = CLAUSE
    status = 422


class ReasonUnsaid(Refusal):
    code = "projects.reason_unsaid"
    sentence = gettext_noop("Say why the survey is withdrawn; the reason stays on record.")
    clause = "ARCHITECTURE.md §6.5"
    status = 422


class NotCompetent(Refusal):
    code = "projects.not_competent"
    sentence = gettext_noop("The source belongs to %(owner)s. Sign for that organisation, or use a source of your own.")
    clause = "ARCHITECTURE.md §5"
    status = 403


class ImportBroken(Refusal):
    code = "projects.import_broken"
    sentence = gettext_noop(
        "Taking the survey over ended by a fault that is no rule: %(problem)s. Nothing of it was stored; the operator "
        "finds it in the log."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 500


@transaction.atomic
def open_source(*, name: str, kind: str, mandate: Mandate, at: datetime) -> Source:
    """A new source of the mandate's organisation. Refuses with ``SourceNamed``."""
    organisation, wanted = mandate.membership.organisation, name.strip()[:80]
    try:
        with transaction.atomic():
            made = Source.objects.create(
                organisation=organisation,
                name=wanted,
                kind=Source.Kind(kind).value,
                by=mandate.membership.person,
                at=at,
            )
    except IntegrityError:
        raise SourceNamed(name=wanted) from None
    record(
        kind="projects.source_opened", fact={"organisation": organisation.uscc, "kind": made.kind},
        private={"source": made.pk, "name": made.name}, at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    return made


@transaction.atomic
def ask(
    *, source: Source, upload: Upload, year: int, mapping: Mapping[str, Any], crs: str, mandate: Mandate, at: datetime
) -> Survey:
    """File what was handed in and have it taken over; the source keeps mapping, encoding and system for the next.

    The first rows are read at once, so that a file that cannot be placed or mapped is refused here and nothing is kept.
    Refuses with ``NotCompetent``, ``ImportRunning``, as ``filing.file``, ``reading.read``, ``placing.place`` or
    ``columns.check`` do.
    """
    demand(source, mandate)
    held = Source.objects.select_for_update().get(pk=source.pk)
    filing.check(upload, SUBJECT)
    with store.as_file(upload.sha256, upload.size_bytes) as path:
        sheet = reading.read(
            path, upload.name, upload.format, encoding=upload.encoding, layer=mapping.get("layer", ""), most=FIRST
        )
        placed = placing.place(sheet.outlines, sheet.crs, crs, as_text=sheet.as_text)
        checking.check(sheet, placed, mapping, year=year, kind=held.kind, limits=limits(at.date()))
    if held.surveys.filter(state__in=Survey.AT_WORK).exists():
        raise ImportRunning(source=held.name)
    person = mandate.membership.person
    document = filing.file(
        subject=f"{SUBJECT}:{held.pk}", kind=SUBJECT, title=f"{held.name} {year}", upload=upload, by=person, at=at,
        withheld_reason=Document.Withheld.SURVEY,
    )  # fmt: skip
    held.mapping, held.encoding, held.crs = dict(mapping), upload.encoding, crs
    held.save(update_fields=["mapping", "encoding", "crs"])
    made = Survey.objects.create(
        source=held, year=year, document=document.pk, name=upload.name, sha256=upload.sha256, mapping=dict(mapping),
        encoding=upload.encoding, crs=crs, by=person, at=at,
    )  # fmt: skip
    jobs.defer(JOB, key=str(made.pk))
    return made


@transaction.atomic
def take_good(*, survey: Survey, mandate: Mandate, at: datetime) -> Survey:
    """Have the rows without faults taken over and the others left out; what was left out stays in the report.

    Refuses with ``NotCompetent``, ``SurveyMoved``, ``NothingGood`` or ``ImportRunning``.
    """
    held = moved(survey, State.FAULTY, mandate)
    if held.counts.get("good", 0) == 0:
        raise NothingGood
    if held.source.surveys.filter(state__in=Survey.AT_WORK).exists():
        raise ImportRunning(source=held.source.name)
    held.partial, held.state, held.rows_done, held.finished_at = True, State.ASKED, 0, None
    held.by = mandate.membership.person
    held.save(update_fields=["partial", "state", "rows_done", "finished_at", "by"])
    jobs.defer(JOB, key=str(held.pk))
    return held


@transaction.atomic
def withdraw(*, survey: Survey, reason: str, mandate: Mandate, at: datetime) -> Survey:
    """Take a survey back: its parcels count no more from now on; they stay on record.

    Refuses with ``NotCompetent``, ``SurveyMoved`` or ``ReasonUnsaid``.
    """
    held = moved(survey, State.TAKEN, mandate)
    if not (said := reason.strip()[:400]):
        raise ReasonUnsaid
    held.state, held.counts = State.WITHDRAWN, held.counts | {"withdrawn": said, "withdrawn_at": at.isoformat()}
    held.save(update_fields=["state", "counts"])
    tell("projects.survey_withdrawn", held, at, mandate.membership.person_id)
    return held


def demand(source: Source, mandate: Mandate) -> None:
    if mandate.membership.organisation_id != source.organisation_id:
        raise NotCompetent(owner=source.organisation.name)


def moved(survey: Survey, state: str, mandate: Mandate) -> Survey:
    """The survey locked, if it stands where it must."""
    held = Survey.objects.select_for_update(of=("self",)).select_related("source__organisation").get(pk=survey.pk)
    demand(held.source, mandate)
    if held.state != state:
        raise SurveyMoved(state=str(held.get_state_display()))
    return held


def limits(on: date) -> Limits:
    """What surveys are measured against on a day, from the rule pack."""
    return Limits(
        area_percent=float(str(rules.value("land_area_difference", on, PACK))),
        sliver_m2=int(str(rules.value("land_sliver", on, PACK))),
        overlap=uniqueness.defaults(on).tolerance,
    )


# -- done by the worker ------------------------------------------------------------------------------------------------


def carry_out(*, key: uuid.UUID, at: datetime, told: Callable[[], datetime]) -> Survey:
    """Read, check and store one survey. Done twice it is done once; one that was killed begins anew."""
    survey = Survey.objects.select_related("source__organisation").get(pk=key)
    if not Survey.objects.filter(pk=key, state__in=Survey.AT_WORK).update(state=State.RUNNING, rows_done=0):
        return survey
    try:
        sheet, placed = opened(survey)
        Survey.objects.filter(pk=key).update(rows_total=len(sheet))

        def progress(done: int) -> None:
            Survey.objects.filter(pk=key, state__in=Survey.AT_WORK).update(rows_done=done)

        found = checking.check(
            sheet, placed, survey.mapping, year=survey.year, kind=survey.source.kind, limits=limits(at.date()),
            progress=progress,
        )  # fmt: skip
        said = summary(found, placed)
        if found.faulty and (not survey.partial or found.faulty == found.rows):
            return settled(survey, State.FAULTY, told(), found=found, counts=said)
        return stored(survey, found, said, told())
    except Refusal as refusal:
        return refused(survey, refusal, told())
    except Exception as problem:
        log.exception("survey %s", survey.pk)
        return refused(survey, ImportBroken(problem=type(problem).__name__), told())


def refused(survey: Survey, refusal: Refusal, at: datetime) -> Survey:
    return settled(survey, State.REFUSED, at, refusal={"code": refusal.code, "facts": plain(refusal.facts)})


def opened(survey: Survey) -> tuple[reading.Sheet, placing.Placed]:
    version = Version.objects.get(document=survey.document, number=survey.version)
    with store.as_file(version.sha256, version.size_bytes) as path:
        sheet = reading.read(
            path, version.name, version.format, encoding=version.encoding, layer=survey.mapping.get("layer", "")
        )
    return sheet, placing.place(sheet.outlines, sheet.crs, survey.crs, as_text=sheet.as_text)


def summary(found: Checked, placed: placing.Placed) -> dict[str, Any]:
    """The counts a survey keeps: rows, good ones, faults and notes by rule, areas of the good rows, the system."""
    by_rule = Counter(one.rule for one in found.findings)
    surveyed = [one for one, good in zip(found.values["surveyed_area_m2"], found.good, strict=True) if good and one]
    return {
        "rows": found.rows,
        "good": found.rows - found.faulty,
        "findings": dict(by_rule.most_common()),
        "area_m2": int(found.areas[found.good].sum()),
        "surveyed_area_m2": sum(surveyed),
        "surveyed_rows": len(surveyed),
        "system": placed.system,
        "placed": list(placed.notes),
        "left_out": found.faulty,
    }


@transaction.atomic
def settled(
    survey: Survey, state: str, at: datetime, *, found: Checked | None = None, counts: dict[str, Any] | None = None,
    refusal: dict[str, Any] | None = None,
) -> Survey:  # fmt: skip
    """Write down how the survey ended, unless another did meanwhile: then as they did."""
    if (done := over(survey)) is not None:
        return done
    survey.state, survey.finished_at, survey.refusal, survey.counts = state, at, refusal, counts or {}
    survey.report = [list(one) for one in found.findings[:MOST_REPORTED]] if found else []
    survey.rows_total = survey.rows_done = found.rows if found else 0
    survey.save(
        update_fields=["state", "finished_at", "refusal", "counts", "report", "rows_total", "rows_done", "entry"]
    )
    return survey


def over(survey: Survey) -> Survey | None:
    """The survey as another who took it over at the same time left it, or none; held until the transaction ends."""
    held = Survey.objects.select_for_update(of=("self",)).select_related("source__organisation").get(pk=survey.pk)
    return None if held.state in Survey.AT_WORK and held.partial == survey.partial else held


@transaction.atomic
def stored(survey: Survey, found: Checked, counts: dict[str, Any], at: datetime) -> Survey:
    """Keep the good rows as parcels and versions, and put an earlier survey of the year behind this one."""
    source = Source.objects.select_for_update().get(pk=survey.source_id)
    if (done := over(survey)) is not None:
        return done
    source.surveys.filter(year=survey.year, state=State.TAKEN).update(state=State.SUPERSEDED)
    rows = np.flatnonzero(found.good)
    codes = found.values["code"]
    parcels = dict(source.parcels.values_list("code", "pk"))
    new = [int(at) for at in rows if codes[at] not in parcels]
    parcels |= {codes[at]: uuid.uuid4() for at in new}
    divisions = found.values["division_code"]
    copied(Parcel, ("id", "organisation_id", "source_id", "division_code", "code"), (
        (parcels[codes[at]], source.organisation_id, source.pk, divisions[at], codes[at]) for at in new
    ))  # fmt: skip
    copied(ParcelVersion, VERSION, (version(survey, found, int(at), parcels[codes[at]]) for at in rows))
    said = counts | {"new_parcels": len(new)}
    survey.counts = said
    survey.entry = tell("projects.surveyed", survey, at, survey.by_id)
    return settled(survey, State.TAKEN, at, found=found, counts=said)


PLAIN = (
    "division_code", "surveyed_area_m2", "land_class", "ecosystem", "species", "planted_year", "age", "canopy",
    "protection", "red_line", "certificate_no", "holder", "collective", "contract", "tenure_share",
)  # fmt: skip
VERSION = (
    "parcel_id", "survey_id", "row", "year", "geometry", "box", "geometry_sha256", "area_m2", "attributes", *PLAIN,
)  # fmt: skip


def version(survey: Survey, found: Checked, at: int, parcel: uuid.UUID) -> tuple[Any, ...]:
    """A row of ``ParcelVersion`` in the order of ``VERSION``."""
    return (
        parcel, survey.pk, found.first_row + at, survey.year, found.wkb[at],
        shapes.text(shapes.Box(*found.bounds[at].tolist())), found.digests[at], int(found.areas[at]),
        json.dumps(found.values["attributes"][at], ensure_ascii=False),
        *(found.values[name][at] for name in PLAIN),
    )  # fmt: skip


def copied(model: type[models.Model], columns: tuple[str, ...], rows: Any) -> None:
    """Rows into a table by ``COPY``, which is many times faster than INSERT."""
    named = ", ".join(f'"{one}"' for one in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({named}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def tell(kind: str, survey: Survey, at: datetime, by: int) -> int:
    """What the log says of a survey: which bytes, how much land; never whose."""
    counts = survey.counts
    return record(
        kind=kind,
        fact={
            "organisation": survey.source.organisation.uscc, "year": survey.year, "sha256": survey.sha256,
            "parcels": counts.get("good", 0), "area_m2": counts.get("area_m2", 0),
        },
        private={"survey": str(survey.pk), "source": survey.source_id, "left_out": counts.get("left_out", 0)},
        at=at,
        by=by,
    )  # fmt: skip


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A refusal's facts as JSON keeps them."""
    return {name: fact if isinstance(fact, int | float | str) else str(fact) for name, fact in facts.items()}
