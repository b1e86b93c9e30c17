"""Entering data into the catalogue, and saying which of it a year is computed from."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import transaction

from tanhui.files import store
from tanhui.files.acts import filing
from tanhui.files.models import Document, Upload
from tanhui.identity.models import Mandate
from tanhui.inventory import methods
from tanhui.inventory.acts import steps
from tanhui.inventory.models import Access, AccountingYear, Dataset, Grade, Use
from tanhui.journal.record import record
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop

SUBJECT = "inventory.data"  # of an authority, by its id
LONGEST = {"title": 160, "agency": 160, "provenance": 2000, "licence": 200}  # characters
OBTAINED = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（二）项：依法获取核算信息"


class DataUndescribed(Refusal):
    code = "inventory.data_undescribed"
    sentence = gettext_noop(
        "The description lacks or misstates: %(what)s. Say what the data is, who provided it, how it was made, under "
        "which licence, and what place and time it covers."
    )
    clause = OBTAINED
    status = 422


class PathUnusable(Refusal):
    code = "inventory.path_unusable"
    sentence = gettext_noop(
        "“%(path)s” is no file or folder below the folder of data on the server. Ask the operator to put it there, "
        "then write its path from that folder on."
    )
    clause = OBTAINED
    status = 422


class KnownAlready(Refusal):
    code = "inventory.known_already"
    sentence = gettext_noop("These very bytes stand in the catalogue as “%(title)s”. Use that entry.")
    clause = OBTAINED


class WrongKind(Refusal):
    code = "inventory.wrong_kind"
    sentence = gettext_noop("“%(title)s” is %(kind)s and cannot serve as “%(layer)s”. Choose other data.")
    clause = "docs/algorithms/nep.md §2"
    status = 422


class NotInSeries(Refusal):
    code = "inventory.not_in_series"
    sentence = gettext_noop(
        "Nothing of %(year)s is computed here; the series reaches from %(first)s to %(last)s. Choose a year of it, or "
        "an input that each year has of its own."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条：连续性"
    status = 422


class OthersData(Refusal):
    code = "inventory.others_data"
    sentence = gettext_noop("“%(title)s” belongs to %(owner)s. Enter it into your own catalogue, with their consent.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第十条"
    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said of a set of data; ``bounds``: west, south, east, north in degrees, WGS 84; both days included."""

    kind: str
    title: str
    agency: str
    provenance: str
    licence: str
    access: str
    bounds: tuple[float, float, float, float]
    first_day: date
    last_day: date
    grade: str
    unit: str = ""
    resolution: str = ""

    def faults(self) -> list[str]:
        """The parts that are missing or cannot be."""
        west, south, east, north = self.bounds
        wrong = [
            name
            for name in ("title", "agency", "provenance", "licence")
            if not (text := getattr(self, name).strip()) or len(text) > LONGEST[name]
        ]
        if self.kind not in Dataset.Kind.values:
            wrong.append("kind")
        if self.access not in Access.values:
            wrong.append("access")
        if self.grade not in Grade.values:
            wrong.append("grade")
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            wrong.append("bounds")
        if self.last_day < self.first_day:
            wrong.append("days")
        return wrong

    def values(self) -> dict[str, Any]:
        found = asdict(self)
        west, south, east, north = found.pop("bounds")
        return found | {"west": west, "south": south, "east": east, "north": north}


def add_file(*, described: Description, upload: Upload, mandate: Mandate, at: datetime) -> Dataset:
    """Enter data that was handed in as a file.

    Refuses with ``steps.NotTheAuthority``, ``DataUndescribed``, ``KnownAlready`` or as the room of files does.
    """
    with transaction.atomic():
        check(described, mandate, at=at)
        unknown(mandate, upload.sha256)
        document = filing.file(
            subject=f"{SUBJECT}:{mandate.membership.organisation_id}", kind=SUBJECT, title=described.title.strip(),
            upload=upload, by=mandate.membership.person, at=at,
            withheld_reason="" if described.access == Access.PUBLIC else Document.Withheld.SURVEY,
        )  # fmt: skip
        version = document.versions.get()
        return keep(
            described, mandate, at, document=document.pk, version=version.number, name=version.name,
            sha256=version.sha256, size_bytes=version.size_bytes, facts=version.facts,
        )  # fmt: skip


def add_path(*, described: Description, path: str, mandate: Mandate, at: datetime) -> Dataset:
    """Enter data that the operator put on the server: a file, or a folder of files, below ``data_folder``.

    All of it is read for its hash, which is compared before every run: work for the worker (``registering``).
    Refuses with ``PathUnusable`` or as ``add_file``.
    """
    check(described, mandate, at=at)
    there = located(path)
    sha256, size = measured(there)
    with transaction.atomic():
        unknown(mandate, sha256)
        return keep(
            described, mandate, at, path=str(PurePosixPath(path.strip())), name=there.name, sha256=sha256,
            size_bytes=size,
        )  # fmt: skip


def check(described: Description, mandate: Mandate, *, at: datetime) -> None:
    steps.check_authority(mandate, at=at)
    if wrong := described.faults():
        raise DataUndescribed(what=", ".join(wrong))


def unknown(mandate: Mandate, sha256: str) -> None:
    same = Dataset.objects.filter(organisation=mandate.membership.organisation_id, sha256=sha256).first()
    if same is not None:
        raise KnownAlready(title=same.title)


def keep(described: Description, mandate: Mandate, at: datetime, **values: Any) -> Dataset:
    organisation, person = mandate.membership.organisation, mandate.membership.person
    entry = record(
        kind="inventory.data_registered",
        fact={"sha256": values["sha256"], "kind": described.kind},
        private={"organisation": organisation.uscc, "title": described.title.strip(), "agency": described.agency},
        at=at,
        by=person.pk,
    )
    stripped = {name: one.strip() if isinstance(one, str) else one for name, one in described.values().items()}
    return Dataset.objects.create(organisation=organisation, by=person, at=at, entry=entry, **stripped, **values)


def data_folder() -> Path:
    """Where the operator puts what is too large to be handed in: ``data`` below the folder of everything."""
    found: Path = settings.TANHUI_VAR / "data"
    return found


def located(path: str) -> Path:
    """The file or folder a path names. Refuses with ``PathUnusable``."""
    plain = PurePosixPath(path.strip())
    if not path.strip() or "\x00" in path or plain.is_absolute() or ".." in plain.parts or len(path) > 400:
        raise PathUnusable(path=path[:80].replace("\x00", ""))
    there = data_folder() / plain
    if not there.exists() or (there.is_dir() and not any(there.iterdir())):
        raise PathUnusable(path=path[:80])
    return there


def measured(there: Path) -> tuple[str, int]:
    """SHA-256 and size: of a file, or of a folder by the names and hashes of its files in order."""
    if there.is_file():
        return store.digest(there), there.stat().st_size
    files = inside(there)
    told = {str(one.relative_to(there)): store.digest(one) for one in files}
    return canonical.sha256(told), sum(one.stat().st_size for one in files)


def inside(there: Path) -> list[Path]:
    """Every file below a folder, in the order of their names."""
    return sorted(Path(root) / name for root, _, names in os.walk(there) for name in names)


def stamp(there: Path) -> str:
    """How a file or folder stands, without reading it: a digest of names, sizes and times of change."""
    files = [there] if there.is_file() else inside(there)
    told = [[str(one.relative_to(there)), (found := one.stat()).st_size, str(found.st_mtime_ns)] for one in files]
    return canonical.sha256(told)


@transaction.atomic
def use(
    *, year: AccountingYear, dataset: Dataset, layer: str, options: Mapping[str, Any], mandate: Mandate, at: datetime,
    of_year: int | None = None,
) -> Use:  # fmt: skip
    """Have a planned year computed from a set of data, in the place of what served there before.

    ``layer`` is an input of a run (``methods.LAYERS``), a level of zones (``zones.township``) or ``validation.…``;
    ``options`` say how it is read; ``of_year`` is an earlier year of the series it is for. Refuses with
    ``steps.MovedOn``, ``WrongKind``, ``NotInSeries`` or ``OthersData``.
    """
    person = steps.may_handle(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, AccountingYear.State.PLANNED)
    if methods.takes(layer) != dataset.kind:
        raise WrongKind(title=dataset.title, kind=dataset.get_kind_display(), layer=layer[:40])
    if dataset.organisation_id != held.organisation_id:
        raise OthersData(title=dataset.title, owner=str(dataset.organisation))
    of_year = None if of_year == held.year else of_year
    if of_year is not None and (of_year not in held.earlier or layer not in (*methods.OF_THE_YEAR, methods.COVER)):
        raise NotInSeries(year=of_year, first=min([*held.earlier, held.year]), last=held.year)
    made, _ = Use.objects.update_or_create(
        accounting_year=held, layer=layer, of_year=of_year,
        defaults={"dataset": dataset, "options": dict(options), "by": person, "at": at},
    )  # fmt: skip
    tell_use(held, layer, dataset, person.pk, at)
    return made


@transaction.atomic
def leave_out(*, year: AccountingYear, layer: str, mandate: Mandate, at: datetime, of_year: int | None = None) -> None:
    """Have a planned year not use what served as an input. Refuses with ``steps.MovedOn``."""
    person = steps.may_handle(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, AccountingYear.State.PLANNED)
    same = Use.objects.filter(accounting_year=held, layer=layer, of_year=of_year)
    found = same.select_related("dataset").first()
    if found is not None:
        tell_use(held, layer, None, person.pk, at)
        found.delete()


def tell_use(held: AccountingYear, layer: str, dataset: Dataset | None, by: int, at: datetime) -> None:
    steps.touch(held, at)
    record(
        kind="inventory.data_used",
        fact={"accounting_year": held.code, "layer": layer, **({"sha256": dataset.sha256} if dataset else {})},
        private={"year": held.pk, "dataset": str(dataset.pk) if dataset else ""},
        at=at,
        by=by,
    )
