"""What the workbench of a reviewer shows: the run with its chain, differences to the period before, places, sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from tanhui.identity import roster
from tanhui.identity.models import Organisation, Person, WorkReport
from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import execution, explanation, shelf
from tanhui.projects import machine, reviews, sampling, shapes
from tanhui.projects.models import Boundary, Comment, Development, Finding, Monitoring, Panel, Plot, Sample, Seat
from tanhui.projects.sampling import Unit

MOST_PLACES = 2000  # outlines on one map
SETTLED = ("MR_DRAFT", "WITHDRAWN")


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity of the run beside that of the period before: ``percent`` where it can be said."""

    symbol: str
    label: str
    unit: str
    before: str
    now: str
    delta: str
    percent: str
    large: bool


def at_desk(person: Person, *, at: datetime) -> list[Development | Monitoring]:
    """What the person's bodies review, what is due first first."""
    mine = bodies(person, at=at)
    first: list[Development | Monitoring] = [
        *Development.objects.filter(validator__in=mine).select_related("owner"),
        *Monitoring.objects.filter(verifier__in=mine).select_related("development__owner").defer("bundle"),
    ]
    open_ = [one for one in first if one.state == reviews.state_of_review(reviews.machine_of(one))]
    rest = [one for one in first if one not in open_]
    return open_ + sorted(rest, key=lambda one: one.changed_at, reverse=True)


def work_reports() -> QuerySet[WorkReport]:
    """The yearly reports of verification bodies, the latest year first; at most a thousand."""
    return WorkReport.objects.select_related("organisation").order_by("-year", "organisation__name")[:1000]


def bodies(person: Person, *, at: datetime) -> list[int]:
    """The validation and verification bodies the person works for."""
    found = roster.standing(at).filter(
        membership__person=person, membership__organisation__role=Organisation.Role.VERIFIER
    )
    return list(found.values_list("membership__organisation", flat=True).distinct())


# -- the run -----------------------------------------------------------------------------------------------------------


def run(subject: Development | Monitoring, code: str) -> dict[str, Any] | None:
    """The run as a reader follows it with a calculator (``methods.engine.explanation.paper``); none where there is
    none that can be read."""
    bundle = bundle_of(subject)
    if not bundle:
        return None
    try:
        return explanation.paper(bundle, code)
    except Refusal:
        return None


def bundle_of(subject: Development | Monitoring) -> bytes:
    if isinstance(subject, Development) or subject.bundle is None:
        return b""
    return bytes(subject.bundle)


def previous(monitoring: Monitoring) -> Monitoring | None:
    """The period before this one that has a run."""
    rows = Monitoring.objects.filter(development=monitoring.development_id, span__fully_lt=monitoring.span)
    return rows.exclude(state__in=SETTLED).filter(bundle__isnull=False).order_by("-span").first()


def changes(now: bytes, before: bytes, code: str) -> list[Change]:
    """The quantities of the whole project in two runs side by side, with difference and per cent; those that are in
    one only stand with a dash. Empty where either cannot be read."""
    try:
        here, there = execution.read(now), execution.read(before)
    except Refusal:
        return []
    labels = labelled(here, code)
    old = whole(there)
    found = []
    for name, line in whole(here).items():
        earlier = old.pop(name, None)
        found.append(change(line, earlier, labels.get(name, name)))
    return found + [change(None, line, name) for name, line in old.items()]


def whole(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["quantity"]: one for one in content["trace"] if one["over"] == "project"}


def labelled(content: Mapping[str, Any], code: str) -> dict[str, str]:
    """What each quantity is called, by its name."""
    try:
        package = shelf.load(f"{content['package']['code']}/{content['package']['version']}")
    except Refusal:
        return {}
    return {one.name: one.label_zh if code.startswith("zh") else one.label_en for one in package.formulas}


def change(now: Mapping[str, Any] | None, before: Mapping[str, Any] | None, label: str) -> Change:
    line = now or before or {}
    a, b = number(before), number(now)
    delta = b - a if a is not None and b is not None else None
    percent = 100 * delta / abs(a) if delta is not None and a else None
    return Change(
        symbol=str(line.get("symbol", "")), label=label, unit=str(line.get("unit", "")), before=shown(a), now=shown(b),
        delta=f"{delta:+,.3f}" if delta is not None else "—",
        percent=f"{percent:+.1f}%" if percent is not None else "—",
        large=percent is not None and abs(percent) >= 20,
    )  # fmt: skip


def number(line: Mapping[str, Any] | None) -> Decimal | None:
    try:
        return Decimal(str(line["values"][0])) if line else None
    except (InvalidOperation, IndexError):
        return None


def shown(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.3f}"


# -- places ------------------------------------------------------------------------------------------------------------


def places(subject: Development | Monitoring, chosen: Mapping[str, str]) -> dict[str, Any] | None:
    """Parcels and plots as GeoJSON for a map; ``chosen`` gives a tone to the units of the sample."""
    of = reviews.development(subject)
    features = []
    for one in Boundary.objects.filter(development=of).order_by("name")[:MOST_PLACES]:
        outline = shapes.geometry(one.geometry)
        features.append(feature(outline.__geo_interface__, one.name, hectares(one.area_m2), chosen))
    for plot in Plot.objects.filter(development=of, longitude__isnull=False, latitude__isnull=False):
        point = {"type": "Point", "coordinates": [float(plot.longitude or 0), float(plot.latitude or 0)]}
        features.append(feature(point, plot.code, plot.stratum, chosen))
    return {"type": "FeatureCollection", "features": features} if features else None


def feature(shape: Mapping[str, Any], title: str, text: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    tone = chosen.get(title, "")
    return {
        "type": "Feature", "geometry": shape,
        "properties": {"title": title, "text": text} | ({"tone": tone} if tone else {}),
    }  # fmt: skip


def hectares(area_m2: int) -> str:
    return f"{area_m2 / 10_000:,.2f} ha · {area_m2 * 15 / 10_000:,.2f} 亩"


def populations(subject: Development | Monitoring) -> dict[str, list[Unit]]:
    """What a sample can be drawn from, by kind: plots in their strata, parcels, meters and facilities, or the units the
    run itself names."""
    of = reviews.development(subject)
    found = {
        "PLOTS": [Unit(one.code, one.stratum) for one in of.plots.all()],
        "PARCELS": [Unit(one.name, stratum(one)) for one in of.boundaries.select_related("parcel_version")],
        "METERS": [Unit(one.key, one.kind) for one in of.facilities.all()],
        "RUN": of_run(bundle_of(subject)),
    }
    return {kind: units for kind, units in found.items() if units}


def stratum(one: Boundary) -> str:
    return str(one.parcel_version.ecosystem) if one.parcel_version else ""


def of_run(bundle: bytes) -> list[Unit]:
    """The plots, or else parcels, meters or routes, over which the run counts."""
    try:
        axes = execution.read(bundle).get("axes", {}) if bundle else {}
    except Refusal:
        return []
    for name in ("plot", "parcel", "meter", "station", "route", "field"):
        if axes.get(name):
            return [Unit(str(key)) for key in dict.fromkeys(axes[name])]
    return []


# -- what was done so far ----------------------------------------------------------------------------------------------


def findings(subject: Development | Monitoring) -> QuerySet[Finding]:
    rows = Finding.objects.filter(**reviews.which(subject)).select_related("carried", "body", "raised_by")
    return rows.prefetch_related("entries__by", "entries__organisation").order_by("number")


def of_development(development: Development) -> QuerySet[Finding]:
    """All findings about a development and its periods, what is open first."""
    rows = Finding.objects.filter(development=development).select_related("monitoring__development", "body")
    return rows.prefetch_related("entries__by", "entries__organisation").order_by("monitoring__number", "number")


def samples(subject: Development | Monitoring) -> list[Sample]:
    rows = Sample.objects.filter(**reviews.which(subject)).select_related("draw", "by", "body")
    return list(rows.prefetch_related("sightings__by").order_by("-number"))


def comments(subject: Development | Monitoring) -> QuerySet[Comment]:
    return Comment.objects.filter(**reviews.which(subject)).select_related("answer").order_by("number")


def paper_of(sample: Sample) -> dict[str, Any]:
    """What is published of a sample, from which anyone draws it again (``sampling.again``)."""
    told: dict[str, Any] = {
        "format": sampling.FORMAT, "subject": (sample.monitoring or sample.development).code, "sample": sample.number,
        "population": sample.population, "population_sha256": sample.population_sha256, "size": sample.size,
        "commitment": sample.commitment, "reason": sample.reason, "declared_by": sample.body.name,
    }  # fmt: skip
    draw = getattr(sample, "draw", None)
    if draw is not None:
        told |= {
            "declaration_sha256": draw.declaration_sha256, "checkpoint": draw.checkpoint_size, "root": draw.root,
            "words": draw.words, "seed": draw.seed, "chosen": draw.chosen,
        }  # fmt: skip
    return told


# -- experts -----------------------------------------------------------------------------------------------------------


def waiting_for_panel() -> list[Development]:
    """Developments at expert review, the oldest first."""
    profiles = [one.code for one in machine.profiles().values() if "EXPERT_REVIEW" in one.development.states]
    rows = Development.objects.filter(state="EXPERT_REVIEW", profile__in=profiles).select_related("owner")
    return list(rows.order_by("stage_since"))


def panels_of(person: Person) -> QuerySet[Seat]:
    """The seats a person has, running panels first."""
    rows = Seat.objects.filter(expert__person=person).select_related(
        "panel__development__owner", "panel__monitoring__development", "panel__minutes", "vote"
    )
    return rows.order_by("-panel__state", "-panel__at")


def seats(panel: Panel) -> QuerySet[Seat]:
    return panel.seats.select_related("expert__person", "vote").order_by("pk")
