"""The papers of a year and its archive (article 8): drafted from the run, put on file with hash and term of keeping."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from tanhui.files import store
from tanhui.files.acts import made
from tanhui.files.models import Document
from tanhui.identity.models import Mandate, Person
from tanhui.inventory import methods, queries, runs
from tanhui.inventory.acts import recalling, steps, validating
from tanhui.inventory.models import Access, AccountingYear, Computation, Item
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import glyphs

if TYPE_CHECKING:
    from tanhui.nep.facts import Imprint

SUBJECT = "inventory.year"  # by its id
ARTICLE = "《上虞区生态系统存量碳汇核算及使用管理办法》第八条"
DRAFT_JOB, ARCHIVE_JOB = "inventory.draft", "inventory.archive"
Category = Item.Category
NEEDED = (Category.SPATIAL, Category.STATISTICS, Category.MAP, Category.ATLAS, *Item.PAPERS)
# Papers and figures are kept for good; the rasters and maps they were drawn from for thirty years, as files of
# long-term value are (the archives law's terms are for good, 30 and 10 years).
THIRTY_YEARS = 30
PERMANENT = {Category.STATISTICS, Category.RECORD, Category.ATLAS, *Item.PAPERS}


class FolderGone(Refusal):
    code = "inventory.folder_gone"
    sentence = gettext_noop(
        "The folder of the run is no longer on this server, or no longer has the bytes that were recorded: %(what)s. "
        "Have the operator restore it, or compute anew."
    )
    clause = ARTICLE
    status = 409


class ArchiveIncomplete(Refusal):
    code = "inventory.archive_incomplete"
    sentence = gettext_noop("The archive would lack: %(what)s. Have it made first.")
    clause = ARTICLE
    status = 422


class Busy(Refusal):
    code = "inventory.busy"
    sentence = gettext_noop("This is being done already. Look again in a moment.")
    clause = "ARCHITECTURE.md §6.4"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a run's folder and what it is in the archive."""

    path: Path
    name: str
    category: str
    format: str
    media_type: str
    access: str = Access.PUBLIC


SUFFIXES = {
    ".tif": ("geotiff", "image/tiff; application=geotiff; profile=cloud-optimized"), ".gpkg": ("gpkg", ""),
    ".xlsx": ("xlsx", ""), ".csv": ("csv", ""), ".json": ("text", "application/json"), ".pdf": ("pdf", ""),
    ".png": ("png", ""), ".toml": ("text", "application/toml"), ".geojson": ("geojson", ""), ".md": ("text", ""),
    ".zip": ("shape", "application/zip"), ".txt": ("text", ""),
}  # fmt: skip
HELD_AGAINST = ("validation.json", validating.WORD)
BY_NAME = {"report.pdf": Category.REPORT, "bulletin.pdf": Category.BULLETIN, "special.pdf": Category.SPECIAL}


def parts(folder: Path) -> Iterator[Part]:
    """What of a run's folder goes into the archive, by category; papers among it."""
    for name in ("plan.toml", "record.json", "statistics.json", *HELD_AGAINST):
        if (folder / name).is_file():
            yield part(folder / name, name, Category.RECORD if name != "statistics.json" else Category.STATISTICS)
    for path in sorted((folder / "layers").rglob("*.tif")):
        yield part(path, "-".join(path.relative_to(folder / "layers").parts), Category.SPATIAL)
    archive = folder / "archive"
    for path in sorted(archive.rglob("*")):
        inner = path.relative_to(archive)
        if path.is_file() and path.suffix in SUFFIXES and ".thumbnail." not in path.name:
            name = inner.name if inner.name == "atlas.pdf" else "-".join(inner.parts)
            yield part(path, name, category(inner))


def category(inner: Path) -> str:
    """What a file of ``archive/`` is."""
    if inner.name in BY_NAME:
        return BY_NAME[inner.name]
    if inner.parts[0] == "atlas":
        return {".pdf": Category.ATLAS, ".png": Category.MAP}.get(inner.suffix, Category.RECORD)
    if inner.suffix in {".xlsx", ".csv"}:
        return Category.STATISTICS
    if inner.suffix in {".gpkg", ".tif", ".geojson"} or inner.suffix == ".json":
        return Category.SPATIAL
    return Category.ATLAS if inner.name == "atlas.pdf" else Category.RECORD


def part(path: Path, name: str, category: str) -> Part:
    format_, media_type = SUFFIXES[path.suffix]
    return Part(path, name, category, format_, media_type)


# -- asked by a person, done by the worker -----------------------------------------------------------------------------


@transaction.atomic
def ask_draft(*, year: AccountingYear, map_approval: str, revision: int, mandate: Mandate, at: datetime) -> Computation:
    """Have atlas, report, bulletin and special report drafted. ``map_approval``: the approval number printed on every
    map, or nothing as long as there is none. Refuses with ``Busy``, ``steps.MovedOn``, ``steps.ChangedSince`` or
    ``steps.NotTheAuthority``."""
    return ask(year, "VERIFIED", "draft", DRAFT_JOB, revision, mandate, at, map_approval=map_approval.strip()[:40])


@transaction.atomic
def ask_archive(*, year: AccountingYear, revision: int, mandate: Mandate, at: datetime) -> Computation:
    """Have everything of article 8 put on file. Refuses as ``ask_draft``."""
    return ask(year, "PUBLISHED", "archive", ARCHIVE_JOB, revision, mandate, at)


def ask(
    year: AccountingYear, state: str, stage: str, job: str, revision: int, mandate: Mandate, at: datetime, **facts: str
) -> Computation:
    person = steps.may_handle(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, state)
    steps.check_revision(held, revision)
    computation = Computation.objects.select_for_update().get(pk=finished(held).pk)
    if computation.stage:
        raise Busy
    computation.stage, computation.stop, computation.facts = stage, None, computation.facts | facts
    computation.save(update_fields=["stage", "stop", "facts"])
    jobs.defer(job, key=str(computation.pk), person=person.pk)
    return computation


def finished(year: AccountingYear) -> Computation:
    found = queries.finished(year)
    if found is None:
        raise steps.moved_on(year)
    return found


def draft(*, computation: Computation, by: Person, at: datetime) -> AccountingYear:
    """Write the papers of a verified year and put them on file. Refuses with ``FolderGone``, ``recalling.EarlierGone``
    or ``steps.MovedOn``."""
    year = computation.accounting_year
    folder = whole(computation)
    validating.tell_verification(computation, folder)
    write_papers(folder, imprint(computation, at), recalling.earlier(year, computation))
    papers = [one for one in parts(folder) if one.category in Item.PAPERS]
    demand(papers, Item.PAPERS)

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        for one in papers:
            put(held, computation, one, by, at)
        return steps.Said(fact={Path(one.name).stem: store.digest(one.path) for one in papers})

    return taken("draft", year, computation, by, at, prepare)


def write_papers(folder: Path, printed: "Imprint", previous: Path | None = None) -> None:
    """Atlas, report, bulletin, special report, and the catalogue that lists them; what was written for the same figures
    with the same imprint beside the same year before is not written again."""
    from tanhui.nep import atlas, catalogue, report  # load numpy and typst

    mark = folder / "papers.json"
    said = canonical.dumps({
        "statistics_sha256": store.digest(folder / "statistics.json"),
        "imprint": {name: str(value) for name, value in asdict(printed).items()},
        "previous": store.digest(previous / recalling.STATISTICS) if previous else "",
        **{name: store.digest(folder / name) for name in HELD_AGAINST if (folder / name).is_file()},
    })  # fmt: skip
    if mark.is_file() and mark.read_bytes() == said:
        return
    atlas.write(folder, fonts=glyphs.folders(), imprint=printed, previous=previous)
    report.write(folder, fonts=glyphs.folders(), imprint=printed, previous=previous)
    catalogue.write(folder)
    mark.write_bytes(said)


def archive(*, computation: Computation, by: Person, at: datetime) -> AccountingYear:
    """Put everything of a published year on file. Refuses with ``FolderGone``, ``ArchiveIncomplete`` or
    ``steps.MovedOn``."""
    year = computation.accounting_year
    held_already = set(computation.items.values_list("name", flat=True))
    found = list(parts(whole(computation)))
    demand(found, NEEDED)

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        for one in found:
            if one.name not in held_already:
                put(held, computation, one, by, at)
        return steps.Said(fact={"items": held.items.filter(computation=computation).count()})

    return taken("archive", year, computation, by, at, prepare)


def taken(
    act: str, year: AccountingYear, computation: Computation, by: Person, at: datetime, prepare: steps.Prepare
) -> AccountingYear:
    with transaction.atomic():
        step = steps.step(
            year=year, act=act, by=by, organisation=year.organisation, reference=f"{act}-{computation.pk}", at=at,
            prepare=prepare,
        )  # fmt: skip
        Computation.objects.filter(pk=computation.pk).update(stage="", stop=None)
    return step.accounting_year


def carry_out(*, key: uuid.UUID, person: int, job: str, at: datetime) -> None:
    """What the worker does for either job: a refusal is kept for whoever asked, and may be asked again."""
    row = Computation.objects.select_related("accounting_year__organisation").get(pk=key)
    if not row.stage:
        return
    act = draft if job == DRAFT_JOB else archive
    try:
        act(computation=row, by=Person.objects.get(pk=person), at=at)
    except Refusal as refusal:
        Computation.objects.filter(pk=row.pk).update(stage="", stop=runs.stopped(refusal, row.stage))


def whole(computation: Computation) -> Path:
    """The run's folder, whose record and statistics have the bytes that were told. Refuses with ``FolderGone``."""
    folder = runs.folder(computation)
    for name, told in (
        ("record.json", computation.record_sha256), ("statistics.json", computation.statistics_sha256)
    ):  # fmt: skip
        if not (folder / name).is_file() or store.digest(folder / name) != told:
            raise FolderGone(what=name)
    return folder


def imprint(computation: Computation, at: datetime) -> "Imprint":
    """Who publishes what, for maps and papers. The map approval number is never made up."""
    from tanhui.nep.facts import Imprint

    year = computation.accounting_year
    zones = year.uses.filter(layer__startswith=methods.ZONES).select_related("dataset").order_by("-layer")
    lines = [f"{one.dataset.title}（{one.dataset.agency}）" for one in zones]
    return Imprint(
        area=year.area_name, authority=str(year.organisation), issued=clock.day(at),
        review_number=str(computation.facts.get("map_approval", "")),
        boundaries="；".join(dict.fromkeys(lines)),
        demonstration=not settings.PRODUCTION and "演示" in year.area_name,
    )  # fmt: skip


def demand(found: list[Part], wanted: tuple[str, ...]) -> None:
    here = {one.category for one in found}
    if missing := [str(Category(one).label) for one in wanted if one not in here]:
        raise ArchiveIncomplete(what="、".join(missing))


def put(held: AccountingYear, computation: Computation, one: Part, by: Person, at: datetime) -> Item:
    """One file into the room of files, and its entry in the year's archive."""
    label = str(Category(one.category).label)
    version = made.put(
        subject=f"{SUBJECT}:{held.pk}", kind=SUBJECT, title=f"{held.area_name} {held.year} {label}", path=one.path,
        name=one.name, format=one.format, media_type=one.media_type, by=by, at=at,
        withheld_reason="" if one.access == Access.PUBLIC else Document.Withheld.SURVEY,
    )  # fmt: skip
    entry = record(
        kind="inventory.item_kept",
        fact={"accounting_year": held.code, "category": one.category, "sha256": version.sha256},
        private={"year": held.pk, "document": str(version.document_id), "name": one.name},
        at=at,
        by=by.pk,
    )
    return Item.objects.create(
        accounting_year=held, computation=computation, category=one.category, name=version.name,
        document=version.document_id, version=version.number, sha256=version.sha256, size_bytes=version.size_bytes,
        media_type=version.media_type, access=one.access, retain_until=kept_until(one.category, clock.day(at)), by=by,
        at=at, entry=entry,
    )  # fmt: skip


def kept_until(category: str, today: date) -> date | None:
    """The last day a thing is kept; none: for good."""
    return None if category in PERMANENT else date(today.year + THIRTY_YEARS, 12, 31)
