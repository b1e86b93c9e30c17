"""Computing a year: asked by the authority's technician, done by the worker, tile by tile; a run that stopped goes on
where it stopped."""

import contextlib
import hashlib
import json
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction

from tanhui.files import store
from tanhui.files.models import Version
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate
from tanhui.inventory import checks, methods, queries, rerunning, runs
from tanhui.inventory.acts import cataloguing, steps, validating
from tanhui.inventory.models import AccountingYear, Computation, Dataset, Figure, Tile, Use
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from tanhui.nep.plan import Plan
    from tanhui.nep.tiles import TileResult

log = logging.getLogger("tanhui.inventory")
JOB = "inventory.compute"
HOUSE = "docs/algorithms/nep.md §2"
State = Computation.State


class DataIncomplete(Refusal):
    code = "inventory.data_incomplete"
    sentence = gettext_noop(
        "The year cannot be computed yet, as data is missing: %(what)s. Enter it and say what it is used for."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条：完整性"
    status = 422


class ComputingAlready(Refusal):
    code = "inventory.computing_already"
    sentence = gettext_noop("This year is being computed. Wait until it is finished or has stopped.")
    clause = "ARCHITECTURE.md §6.4"


class NotStopped(Refusal):
    code = "inventory.not_stopped"
    sentence = gettext_noop("Computation %(number)s has not stopped; it is at “%(state)s”. Nothing needs to go on.")
    clause = HOUSE


class DataChanged(Refusal):
    code = "inventory.data_changed"
    sentence = gettext_noop(
        "“%(title)s” on the server is no longer what was registered: its hash is %(now)s and was %(before)s. Register "
        "it anew, and use that."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条：准确性"
    status = 422


class RunBroken(Refusal):
    code = "inventory.run_broken"
    sentence = gettext_noop(
        "The computation ended by a fault that is no rule: %(problem)s. The operator finds it in the log; what is "
        "finished stays, and it can go on."
    )
    clause = HOUSE
    status = 500


def collect(*, year: AccountingYear, revision: int, mandate: Mandate, reference: str, at: datetime) -> AccountingYear:
    """Say that the data is together. Refuses with ``DataIncomplete``, ``steps.MovedOn``, ``steps.ChangedSince``."""
    steps.may_handle(year, mandate, at=at)

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        demand_data(held)
        return steps.NOTHING

    return taken_by(mandate, "collect", year, revision, reference, at, prepare=prepare)


def reopen(
    *, year: AccountingYear, reason: str, revision: int, mandate: Mandate, reference: str, at: datetime
) -> AccountingYear:
    """Go back to the data, with a reason; what was computed stays on record and counts no more.

    Refuses with ``steps.ReasonMissing``, ``ComputingAlready``, ``steps.MovedOn`` or ``steps.ChangedSince``.
    """
    steps.may_handle(year, mandate, at=at)
    if not reason.strip():
        raise steps.ReasonMissing

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        if held.computations.filter(state__in=Computation.OPEN).exists():
            raise ComputingAlready
        return steps.Said(reason=reason.strip()[: steps.LONGEST])

    said = steps.Said(reason=reason.strip()[: steps.LONGEST])
    return taken_by(mandate, "reopen", year, revision, reference, at, prepare=prepare, said=said)


def taken_by(
    mandate: Mandate, act: str, year: AccountingYear, revision: int | None, reference: str, at: datetime, *,
    prepare: steps.Prepare, said: steps.Said = steps.NOTHING,
) -> AccountingYear:  # fmt: skip
    step = steps.step(
        year=year, act=act, by=mandate.membership.person, organisation=mandate.membership.organisation, said=said,
        revision=revision, reference=reference, at=at, prepare=prepare,
    )  # fmt: skip
    return step.accounting_year


def demand_data(year: AccountingYear) -> None:
    if lacking := checks.lacking(year):
        raise DataIncomplete(what="、".join(lacking))


# -- asked -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, year: AccountingYear, mandate: Mandate, reference: str, at: datetime) -> Computation:
    """Have a year computed whose data is together; asked twice under one reference it is asked once.

    Refuses with ``steps.NotTheAuthority``, ``steps.MovedOn``, ``DataIncomplete``, ``ComputingAlready``, or as the plan
    of the run and the norm's table do (``nep.…``).
    """
    person = steps.may_handle(year, mandate, at=at)
    instruction.check_reference(reference)
    if earlier := Computation.objects.filter(by=person, reference=reference).first():
        return earlier
    held = steps.locked(year)
    steps.only_at(held, AccountingYear.State.COLLECTED)
    demand_data(held)
    text = runs.plan(held, queries.uses(held))
    read_plan(text, runs.root())
    check_table(held)
    number = held.computations.count() + 1
    try:
        with transaction.atomic():
            made = Computation.objects.create(
                accounting_year=held, number=number, plan=text, plan_sha256=hashlib.sha256(text.encode()).hexdigest(),
                by=person, asked_at=at, reference=reference,
            )  # fmt: skip
    except IntegrityError:
        raise ComputingAlready from None
    tell("inventory.computation_asked", made, person.pk, at)
    jobs.defer(JOB, key=str(made.pk))
    return made


@transaction.atomic
def resume(*, computation: Computation, mandate: Mandate, at: datetime) -> Computation:
    """Have a run that stopped go on; tiles that are done are not computed again. Refuses with ``NotStopped``,
    ``steps.MovedOn``, ``ComputingAlready`` or ``steps.NotTheAuthority``."""
    held = Computation.objects.select_for_update(of=("self",)).select_related("accounting_year__organisation").get(
        pk=computation.pk
    )  # fmt: skip
    person = steps.may_handle(held.accounting_year, mandate, at=at)
    steps.only_at(held.accounting_year, AccountingYear.State.COLLECTED)
    if held.state != State.STOPPED or queries.latest(held.accounting_year) != held:
        raise NotStopped(number=held.number, state=held.get_state_display())
    held.state, held.stop = State.ASKED, None
    held.save(update_fields=["state", "stop"])
    tell("inventory.computation_resumed", held, person.pk, at)
    jobs.defer(JOB, key=str(held.pk))
    return held


def tell(kind: str, computation: Computation, by: int, at: datetime, **fact: str) -> int:
    year = computation.accounting_year
    return record(
        kind=kind,
        fact={"accounting_year": year.code, "plan_sha256": computation.plan_sha256, **fact},
        private={"year": year.pk, "computation": str(computation.pk)},
        at=at,
        by=by,
    )


def read_plan(text: str, base: Path) -> "Plan":
    """The plan of a text. Refuses as ``nep.plan`` does."""
    from tanhui.nep import plan  # loads numpy

    return plan.parse(text, base=base)


def check_table(year: AccountingYear) -> None:
    """Refuse a table of coefficients that cannot be read, is of another norm or version, or says nothing of the
    region, before anybody waits for the run."""
    if not methods.tabled(year.method):
        return
    from tanhui.nep import coefficients, norms  # load numpy

    use = Use.objects.select_related("dataset").get(accounting_year=year, layer=methods.TABLE, of_year=None)
    table = coefficients.read(content(use.dataset), Path(use.dataset.name))
    norms.select(methods.way(year.method), year.method["norm"], year.method["coefficients"], tables=[table])


def content(dataset: Dataset) -> bytes:
    """The bytes of a small set of data, on file or on the server."""
    if dataset.path:
        return cataloguing.located(dataset.path).read_bytes()
    version = Version.objects.get(document=dataset.document, number=dataset.version or 1)
    return b"".join(store.whole(version.sha256, version.size_bytes))


# -- done by the worker ------------------------------------------------------------------------------------------------


class Rows:
    """The progress of a run in PostgreSQL: which tiles are done, each kept as soon as it is."""

    def __init__(self, computation: Computation, told: Callable[[], datetime]) -> None:
        self.computation, self.told = computation, told

    def done(self) -> "Mapping[str, TileResult]":
        from tanhui.nep.tiles import TileResult

        kept = Tile.objects.filter(computation=self.computation).values_list("name", "result")
        return {name: TileResult.of_json(json.dumps(result).encode()) for name, result in kept}

    def keep(self, name: str, result: "TileResult") -> None:
        row = Tile(computation=self.computation, name=name, result=json.loads(result.as_json()), at=self.told())
        Tile.objects.bulk_create([row], ignore_conflicts=True)


def carry_out(*, key: uuid.UUID, at: datetime, told: Callable[[], datetime], workers: int | None = None) -> None:
    """Do a computation, once however often it is asked and whoever died over it; ``told`` tells the time meanwhile.

    A rule that says no stops it, with the tile named where there is one; a fault of another kind stops it too, and is
    raised so that it stands in the log.
    """
    with alone(key) as chosen:
        found = Computation.objects.filter(pk=key, state__in=Computation.OPEN)
        row = found.select_related("accounting_year__organisation", "by").first()
        if not chosen or row is None:
            return
        begin(row, at)
        try:
            compute(row, told, workers)
        except Refusal as refusal:
            stop(row, refusal, told())
        except Exception as fault:
            log.exception("computation=%s", row.pk)
            stop(row, RunBroken(problem=type(fault).__name__), told())
        else:
            finish(row, told())


@contextlib.contextmanager
def alone(key: uuid.UUID) -> Iterator[bool]:
    """Whether nobody else does this computation; the database itself ends the claim of whoever dies."""
    number = int.from_bytes(hashlib.sha256(f"inventory/run {key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        chosen: bool = cursor.fetchone()[0]
    try:
        yield chosen
    finally:
        if chosen:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def begin(row: Computation, at: datetime) -> None:
    row.state, row.attempts, row.started_at = State.RUNNING, row.attempts + 1, row.started_at or at
    row.save(update_fields=["state", "attempts", "started_at"])


def compute(row: Computation, told: Callable[[], datetime], workers: int | None = None) -> None:
    """Lay out the data, then run, sum up and write what an archive holds; every part finds what is there already."""
    from tanhui.nep import run, statistics  # load numpy and GDAL, in the worker alone

    folder = runs.folder(row)
    stage(row, "data")
    lay_out(row)
    asked = read_plan(row.plan, runs.data_folder(row))
    validating.validate(row)
    stage(row, "align")
    run.prepare(asked, folder)
    row.tiles_total = run.estimate(asked).tiles
    stage(row, "tiles")
    run.carry_out(folder, workers=workers, progress=Rows(row, told))
    stage(row, "sums")
    statistics.compute(folder)
    stage(row, "files")
    write_files(folder)


def write_files(folder: Path) -> None:
    """What the archive of a run holds besides its papers: tables, polygons, the catalogue."""
    from tanhui.nep import catalogue, geopackage, workbook

    workbook.write(folder)
    geopackage.write(folder)
    catalogue.write(folder)


def stage(row: Computation, name: str) -> None:
    row.stage = name
    row.save(update_fields=["stage", "tiles_total"])


def lay_out(row: Computation) -> None:
    """Put the data where the plan says it is, its hashes checked. Refuses with ``DataChanged``."""
    target = runs.data_folder(row)
    uses = Use.objects.filter(accounting_year=row.accounting_year_id)
    for use in uses.select_related("dataset", "accounting_year"):
        place, dataset = target / runs.stored(use), use.dataset
        place.parent.mkdir(parents=True, exist_ok=True)
        if dataset.path:
            there = cataloguing.located(dataset.path)
            now, _size = cataloguing.measured(there)
            if now != dataset.sha256:
                raise DataChanged(title=dataset.title, now=now[:12], before=dataset.sha256[:12])
            place.unlink(missing_ok=True)
            place.symlink_to(there.absolute(), target_is_directory=there.is_dir())
        elif not place.exists() or store.digest(place) != dataset.sha256:
            version = Version.objects.get(document=dataset.document, number=dataset.version or 1)
            draft = place.with_name(f".{place.name}")
            with draft.open("wb") as file:
                for piece in store.whole(version.sha256, version.size_bytes):
                    file.write(piece)
            draft.replace(place)


def stop(row: Computation, refusal: Refusal, at: datetime) -> None:
    """The run stopped: why, and at which tile. It can go on."""
    with transaction.atomic():
        row.state, row.stop = State.STOPPED, runs.stopped(refusal, row.stage)
        row.save(update_fields=["state", "stop"])
        tell("inventory.computation_stopped", row, row.by_id, at, code=refusal.code)


def finish(row: Computation, at: datetime) -> None:
    """The run is whole: its figures are kept, its hashes told, and the year is computed."""
    folder = runs.folder(row)
    bundle = rerunning.bundle(row, folder)
    with transaction.atomic():
        Figure.objects.bulk_create(rerunning.figures(row, folder), batch_size=500)
        row.state, row.stage, row.stop, row.finished_at = State.DONE, "", None, at
        row.record_sha256 = store.digest(folder / "record.json")
        row.statistics_sha256 = store.digest(folder / "statistics.json")
        row.facts = rerunning.facts(folder)
        row.bundle, row.bundle_sha256 = bundle, hashlib.sha256(bundle).hexdigest() if bundle else ""
        row.save()
        year = row.accounting_year
        steps.step(
            year=year, act="compute", by=row.by, organisation=year.organisation, reference=f"computed-{row.pk}", at=at,
            prepare=lambda held, _row: steps.Said(fact={
                "plan_sha256": row.plan_sha256, "record_sha256": row.record_sha256,
                "statistics_sha256": row.statistics_sha256,
            }),
        )  # fmt: skip
    shutil.rmtree(runs.data_folder(row), ignore_errors=True)


def forsaken() -> list[Computation]:
    """Computations that count as running while nobody does them: their worker was killed."""
    found = []
    for row in Computation.objects.filter(state=State.RUNNING):
        with alone(row.pk) as free:
            if free:
                found.append(row)
    return found


def take_up() -> None:
    """Have forsaken computations go on."""
    for row in forsaken():
        jobs.defer(JOB, key=str(row.pk))
