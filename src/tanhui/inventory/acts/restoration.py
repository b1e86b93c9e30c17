"""Entering restoration works, and saying by the figures of two years what they did to the sink (article 13)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.identity.models import Mandate
from tanhui.inventory import restoring
from tanhui.inventory.acts import steps
from tanhui.inventory.models import AccountingYear, Assessment, Figure, Restoration
from tanhui.inventory.restoring import Known
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop

CLAUSE = "《上虞区生态系统存量碳汇核算及使用管理办法》第十三条"


class WorksUnclear(Refusal):
    code = "inventory.works_unclear"
    sentence = gettext_noop("The entry lacks or misstates: %(what)s. Correct it and send it again.")
    clause = CLAUSE
    status = 422


class EnteredAlready(Refusal):
    code = "inventory.works_entered_already"
    sentence = gettext_noop("“%(name)s” is entered already. Open that entry, or give the new works another name.")
    clause = CLAUSE


class NoFigureThere(Refusal):
    code = "inventory.no_figure_there"
    sentence = gettext_noop(
        "No published year in force has a figure for %(place)s (%(zone)s) in %(year)s. Choose another year, or have "
        "the place accounted as a zone."
    )
    clause = CLAUSE


class YearsTheWrongWay(Refusal):
    code = "inventory.years_the_wrong_way"
    sentence = gettext_noop(
        "Before means a year that ended before the works began on %(began)s, and after a year that began after they "
        "ended. Choose such years."
    )
    clause = CLAUSE
    status = 422


def enter(
    *,
    name: str,
    kind: str,
    place: str,
    division_code: str,
    level: str,
    zone: str,
    town_code: str,
    area_m2: int,
    cost_fen: int,
    began_on: date,
    ended_on: date | None,
    basis: str,
    mandate: Mandate,
    at: datetime,
) -> Restoration:
    """Enter restoration works. Refuses with ``steps.NotTheAuthority``, ``WorksUnclear`` or ``EnteredAlready``."""
    steps.check_authority(mandate, at=at)
    texts = {
        "name": (name, 120),
        "place": (place, 120),
        "basis": (basis, 200),
        "zone": (zone, 60),
        "level": (level, 40),
    }
    wrong = [key for key, (text, most) in texts.items() if not text.strip() or len(text.strip()) > most]
    if kind not in Restoration.Kind.values:
        wrong.append("kind")
    if area_m2 <= 0:
        wrong.append("area")
    if cost_fen < 0:
        wrong.append("cost")
    if (ended_on is not None and ended_on < began_on) or began_on > clock.day(at):
        wrong.append("days")
    if wrong:
        raise WorksUnclear(what=", ".join(wrong))
    organisation, person = mandate.membership.organisation, mandate.membership.person
    values = {
        "division_code": division_code[:12], "name": name.strip(), "kind": kind, "place": place.strip(),
        "level": level.strip(), "zone": zone.strip(), "town_code": town_code.strip()[:60], "area_m2": area_m2,
        "cost_fen": cost_fen, "began_on": began_on, "ended_on": ended_on, "basis": basis.strip(),
    }  # fmt: skip
    try:
        with transaction.atomic():
            entry = record(
                kind="inventory.restoration_entered",
                fact={
                    "name": values["name"], "type": kind, "place": values["place"], "area_m2": area_m2,
                    "cost_fen": cost_fen, "since": began_on.isoformat(),
                    "until": ended_on.isoformat() if ended_on else None,
                },
                private={"organisation": organisation.uscc},
                at=at,
                by=person.pk,
            )  # fmt: skip
            return Restoration.objects.create(organisation=organisation, by=person, at=at, entry=entry, **values)
    except IntegrityError as error:
        if "a_restoration_is_entered_once" not in str(error):
            raise
        raise EnteredAlready(name=values["name"]) from error


@transaction.atomic
def assess(*, works: Restoration, before: int, after: int, mandate: Mandate, at: datetime) -> Assessment:
    """Compare the sink of the works' place in a year before them with one after them; the same again is the same row.

    Refuses with ``steps.NotTheAuthority``, ``YearsTheWrongWay`` or ``NoFigureThere``.
    """
    steps.check_authority(mandate, works.organisation, at=at)
    finished = works.ended_on or clock.day(at)
    if before >= works.began_on.year or after <= finished.year:
        raise YearsTheWrongWay(began=works.began_on.isoformat())
    one, other = figure(works, before), figure(works, after)
    if known := Assessment.objects.filter(restoration=works, before=one, after=other).first():
        return known
    change = restoring.change(read(one), read(other))
    entry = record(
        kind="inventory.restoration_assessed",
        fact={
            "name": works.name, "before": before, "after": after, "before_kg": one.nep_kg_co2,
            "after_kg": other.nep_kg_co2, "change_kg": change.kg, "lower_kg": change.lower_kg,
            "upper_kg": change.upper_kg, "finding": change.verdict, "comparable": change.comparable,
        },
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    return Assessment.objects.create(
        restoration=works, before=one, after=other, change_kg=change.kg, lower_kg=change.lower_kg,
        upper_kg=change.upper_kg, comparable=change.comparable, verdict=change.verdict,
        by=mandate.membership.person, at=at, entry=entry,
    )  # fmt: skip


def figure(works: Restoration, year: int) -> Figure:
    """What the place took up in a year, all types together. Refuses with ``NoFigureThere``."""
    found = Figure.objects.filter(
        computation__publication__accounting_year__state__in=AccountingYear.IN_FORCE,
        computation__publication__accounting_year__organisation=works.organisation_id,
        year=year, level=works.level, zone=works.zone, type="all",
    )  # fmt: skip
    # the year's own account first, and only then the back series of a later one
    for one in found.select_related("computation__accounting_year").order_by("computation__accounting_year__year"):
        if one.computation.accounting_year.year >= year:
            return one
    raise NoFigureThere(place=works.place, zone=works.zone, year=year)


def read(one: Figure) -> Known:
    method = canonical.sha256(one.computation.accounting_year.method)
    return Known(one.nep_kg_co2, {name: int(value) for name, value in one.sigma_kg_co2.items()}, method)
