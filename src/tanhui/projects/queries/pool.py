"""Questions about the pool: what is in it, how it scores, what was agreed for which land, who may look."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.projects import numbers
from tanhui.projects.models import Absorption, Agreement, AgreementParcel, Candidate, Consent, Parcel, Score
from tanhui.projects.poolscore import TERMS, Formula
from tanhui.projects.queries import shares
from tanhui.rulepacks import queries as rules

AGREE, ABSORB = "projects.agree", "projects.absorb"
ACTS = (AGREE, ABSORB)
SUBJECT = "projects.agreement"  # of a signed scan, by the id of the agreement or of the absorption
KEEPERS = (Organisation.Role.OWNER,)  # who develops keeps the pool (policy document 1, 五（三）)
LOOKERS = (Organisation.Role.PLEDGEE, Organisation.Role.PARTICIPANT)  # banks and investors


def organisations(person: Person, roles: tuple[str, ...], *, at: datetime) -> list[int]:
    found = roster.standing(at).filter(membership__person=person, membership__organisation__role__in=roles)
    return sorted(set(found.values_list("membership__organisation", flat=True)))


def rows() -> QuerySet[Candidate]:
    """Candidates with their latest score and whether they are open to banks and investors now."""
    latest = Score.objects.filter(candidate=OuterRef("pk")).order_by("-number")
    consent = Consent.objects.filter(candidate=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Candidate.objects.select_related("organisation", "development", "by")
        .annotate(
            score=Subquery(latest.values("total")[:1]), opened=Subquery(consent.values("given")[:1]),
            parcels=Count("land", distinct=True),
        )
        .order_by(F("score").desc(nulls_last=True), "number")
    )  # fmt: skip


def kept_by(person: Person, *, at: datetime) -> QuerySet[Candidate]:
    """The candidates of the person's organisations, the best first."""
    return rows().filter(organisation__in=organisations(person, KEEPERS, at=at))


def library(person: Person, *, at: datetime) -> QuerySet[Candidate]:
    """What owners opened to banks and investors, for people who work for one; nobody else."""
    found = rows().exclude(state=Candidate.State.DROPPED)
    if not organisations(person, LOOKERS, at=at):
        return found.none()
    return found.filter(opened=True)  # type: ignore[misc]  # an annotation of rows()


def scores(candidate: Candidate) -> QuerySet[Score]:
    return Score.objects.filter(candidate=candidate).select_related("by").order_by("-number")


def consents(candidate: Candidate) -> QuerySet[Consent]:
    return Consent.objects.filter(candidate=candidate).select_related("by", "organisation").order_by("-at", "-pk")


def formula(pack: str, on: date) -> Formula:
    """How a pack scores; what it does not say is the house's default. Refuses as ``rulepacks.queries.pack``."""
    version = rules.pack(pack, on).version
    return Formula(
        pack=pack, version=version, weights={key: shares.number(f"pool_weight_{key}", on, pack) for key in TERMS},
        bonus=shares.number("pool_bonus_revitalisation", on, pack),
        full_value=shares.number("pool_full_value", on, pack),
    )  # fmt: skip


def state_farms_first(candidate: Candidate, on: date) -> bool:
    """Whether pilots are picked among state forest farms first: by the pack of the candidate's city, else by the one it
    was scored by, else by the house's defaults; what none in force says is not asked for."""
    scored = scores(candidate).first()
    for pack in (numbers.local_pack(candidate.division_code), scored.pack if scored else "", shares.DEFAULTS):
        if pack and rules.in_force(pack, on) is not None:
            said = rules.pack(pack, on).params.get("pilot_state_farms_first")
            if said is not None:
                return said.value is True
    return False


# -- agreements --------------------------------------------------------------------------------------------------------


def agreements(person: Person, *, at: datetime) -> QuerySet[Agreement]:
    """The agreements of the person's organisations, on either side."""
    mine = shares.organisations(person, at=at)
    found = Agreement.objects.select_related("organisation", "partner", "initiator", "confirmer", "ending")
    found = found.filter(Q(organisation__in=mine) | Q(partner__in=mine))
    return found.annotate(parcels=Count("land", distinct=True)).order_by("-since", "-number")


def absorptions(person: Person, *, at: datetime) -> QuerySet[Absorption]:
    mine = shares.organisations(person, at=at)
    return Absorption.objects.filter(organisation__in=mine).select_related("agreement").order_by("-number")


def asked(person: Person, *, at: datetime) -> QuerySet[Instruction]:
    """What waits for a second signature at the person's organisations."""
    found = Instruction.objects.filter(
        act__in=ACTS, organisation__in=shares.organisations(person, at=at), decision__isnull=True, expires_at__gt=at
    )
    return found.select_related("organisation", "initiator").order_by("at")


def parcels(keys: Sequence[str]) -> QuerySet[Parcel]:
    """Parcels by their ids."""
    return Parcel.objects.filter(pk__in=keys).order_by("code")


def taken(parcels: Sequence[Any], since: date, until: date) -> QuerySet[AgreementParcel]:
    """Parcels of these that are under an agreement on some of these days, the first and the last included."""
    return (
        AgreementParcel.objects.filter(parcel__in=parcels, days__startswith__lte=until, days__endswith__gt=since)
        .select_related("parcel", "agreement")
        .order_by("parcel__code")
    )
