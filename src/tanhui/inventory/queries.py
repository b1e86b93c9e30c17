"""Questions about accounting years: whose they are, what they rest on, what of them is public."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from tanhui.identity import roster
from tanhui.identity.models import Organisation, Person
from tanhui.inventory import roles
from tanhui.inventory.models import (
    AccountingYear,
    Computation,
    Dataset,
    Figure,
    Intake,
    Item,
    Publication,
    Step,
    Use,
)

State = AccountingYear.State


def rows() -> QuerySet[AccountingYear]:
    return AccountingYear.objects.select_related("organisation", "verifier", "instruction__initiator", "revises")


def organisations(person: Person, wanted: tuple[str, ...], *, at: datetime) -> list[int]:
    """The ids of the person's organisations of these roles."""
    found = roster.standing(at).filter(membership__person=person, membership__organisation__role__in=wanted)
    return sorted(set(found.values_list("membership__organisation", flat=True)))


def at_desk(person: Person, *, at: datetime) -> QuerySet[AccountingYear]:
    """The years of the person's authorities, and those their verification bodies are to verify; newest first."""
    own = organisations(person, roles.AUTHORITIES, at=at)
    verified = organisations(person, roles.VERIFIERS, at=at)
    found = rows().filter(Q(organisation__in=own) | Q(verifier__in=verified))
    return found.order_by("-year", "-edition", "division_code")


def disclosed() -> QuerySet[AccountingYear]:
    """Years that were published: in force, or superseded since."""
    return rows().filter(state__in=AccountingYear.DISCLOSED).order_by("-year", "-edition", "division_code")


def in_force() -> QuerySet[AccountingYear]:
    """Years as they count today: published and not superseded."""
    return rows().filter(state__in=AccountingYear.IN_FORCE).order_by("-year", "division_code")


def steps(year: AccountingYear) -> list[Step]:
    return list(year.steps.select_related("by", "organisation").order_by("number"))


def uses(year: AccountingYear) -> list[Use]:
    """What a year is computed from, by input; of a series the year's own first, then the latest before it."""
    latest_first = F("of_year").desc(nulls_first=True)
    return list(year.uses.select_related("dataset", "accounting_year").order_by("layer", latest_first))


def datasets_for(person: Person, *, at: datetime) -> QuerySet[Dataset]:
    own = organisations(person, roles.AUTHORITIES, at=at)
    verified = organisations(person, roles.VERIFIERS, at=at)
    seen = Use.objects.filter(accounting_year__verifier__in=verified).values("dataset")
    return Dataset.objects.filter(Q(organisation__in=own) | Q(pk__in=seen)).select_related("organisation", "by")


def intakes(person: Person, *, at: datetime) -> list[Intake]:
    """What the person's authorities asked to have entered from the server and is not, or not yet; newest first."""
    own = organisations(person, roles.AUTHORITIES, at=at)
    found = Intake.objects.filter(organisation__in=own).exclude(state=Intake.State.DONE)
    return list(found.select_related("by").order_by("-at")[:20])


def latest(year: AccountingYear) -> Computation | None:
    """The year's last computation, finished or not."""
    return year.computations.order_by("-number").first()


def finished(year: AccountingYear) -> Computation | None:
    """The computation whose figures the year rests on: the last one, if it is finished."""
    found = latest(year)
    return found if found is not None and found.state == Computation.State.DONE else None


def figures(computation: Computation, *, year: int | None = None, level: str | None = None) -> QuerySet[Figure]:
    """The figures of a computation; of the accounting year's own figures ask with its ``year``."""
    found = Figure.objects.filter(computation=computation)
    if year is not None:
        found = found.filter(year=year)
    if level is not None:
        found = found.filter(level=level)
    return found.order_by("level", "zone", "type")


def published_figures(year: AccountingYear, of: int | None = None) -> QuerySet[Figure]:
    """The figures of a published year: of the year itself, or ``of`` an earlier one as its back series has it."""
    return Figure.objects.filter(computation__publication__accounting_year=year, year=of or year.year)


def items(year: AccountingYear, *, everything: bool = False) -> list[Item]:
    """What is in the year's file: what everyone may have, or ``everything``."""
    found = year.items.order_by("category", "name")
    return list(found if everything else found.filter(access="PUBLIC"))


def previous(year: AccountingYear) -> AccountingYear | None:
    """The edition in force of the same area's year before."""
    found = in_force().filter(organisation=year.organisation_id, division_code=year.division_code, year=year.year - 1)
    return found.order_by("-edition").first()


def publication(year: AccountingYear) -> Publication | None:
    """How the year was published, and by whom."""
    return Publication.objects.filter(accounting_year=year).select_related("initiator", "confirmer").first()


def verifying_bodies() -> QuerySet[Organisation]:
    """Every body that can be named to verify a year."""
    return Organisation.objects.filter(role__in=roles.VERIFIERS).order_by("name", "pk")


def later(year: AccountingYear) -> AccountingYear | None:
    """The edition that revises this one."""
    return rows().filter(revises=year).first()


def editions(year: AccountingYear) -> list[AccountingYear]:
    """Every edition of the same area and year, the latest first."""
    same = {"organisation": year.organisation_id, "division_code": year.division_code, "year": year.year}
    return list(rows().filter(**same).order_by("-edition"))
