"""The pool: candidates entered, scored, picked as pilots, handed on to development, opened to banks and closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import poolscore
from tanhui.projects.acts import shares
from tanhui.projects.models import Candidate, CandidateParcel, Consent, Development, Parcel, Score
from tanhui.projects.queries import pool
from tanhui.projects.queries import shares as numbers

CLAUSE = "《赤峰市生态碳汇实施方案》五（三）"
LIBRARY = "《上海市碳普惠体系建设工作方案》第6条"
LARGEST_M2, LARGEST_T = 10**13, 10**9
BATCH = 5_000  # parcels in one statement
State = Candidate.State


class NotAKeeper(Refusal):
    code = "projects.not_a_keeper"
    sentence = gettext_noop("%(organisation)s does not develop projects and keeps no pool. The developer does this.")
    clause = CLAUSE
    status = 403


class CandidateUnclear(Refusal):
    code = "projects.candidate_unclear"
    sentence = gettext_noop("The candidate lacks or misstates: %(what)s. Correct it and send it again.")
    clause = CLAUSE
    status = 422


class CandidateMoved(Refusal):
    code = "projects.candidate_moved"
    sentence = gettext_noop("%(candidate)s is “%(state)s” by now, and this cannot be done with it. Look at it again.")
    clause = CLAUSE


class PilotUnfounded(Refusal):
    code = "projects.pilot_unfounded"
    sentence = gettext_noop("Say in at most 500 characters why this candidate is picked or dropped.")
    clause = CLAUSE
    status = 422


class StateFarmsFirst(Refusal):
    code = "projects.state_farms_first"
    sentence = gettext_noop(
        "State forest farms come first as pilots, and %(candidate)s is waiting. Pick it first, or say in the reason "
        "that it was passed over by writing its number %(number)s."
    )
    clause = "《赤峰市生态碳汇实施方案》五（三）（优先与国有林场合作）"


class NotScored(Refusal):
    code = "projects.not_scored"
    sentence = gettext_noop(
        "%(candidate)s has no score yet. Score it, so that the choice of pilots rests on something."
    )
    clause = CLAUSE


class DevelopmentOfAnother(Refusal):
    code = "projects.development_of_another"
    sentence = gettext_noop("The development must be one of %(organisation)s that comes from no other candidate.")
    clause = CLAUSE
    status = 422


FIELDS = {"name": 120, "mechanism": 12, "methodology": 32, "division_code": 12, "place": 80, "note": 1000}


def check_keeper(mandate: Mandate, *, at: datetime) -> None:
    organisation = mandate.membership.organisation
    if organisation.role not in pool.KEEPERS:
        raise NotAKeeper(organisation=organisation.name)
    shares.check_signing(mandate, at=at)


def enter(
    *, values: Mapping[str, Any], parcels: Sequence[Parcel], mandate: Mandate, reference: str, at: datetime
) -> Candidate:
    """Put a candidate into the pool, with the parcels it would be made of if they are known.

    ``values`` are the columns of ``Candidate`` a person fills in. The same reference again is the same candidate.
    Refuses with ``NotAKeeper``, ``CandidateUnclear`` or ``poolscore.MarksUnusable``.
    """
    instructions.check_reference(reference)
    check_keeper(mandate, at=at)
    check(values)
    person = mandate.membership.person
    try:
        with transaction.atomic():
            receiving.lock("projects.pool")
            if earlier := Candidate.objects.filter(by=person, reference=reference).first():
                return same(earlier, values)
            last = Candidate.objects.aggregate(last=Max("number"))["last"]
            made = Candidate.objects.create(
                **values, number=(last or 0) + 1, organisation=mandate.membership.organisation, reference=reference,
                by=person, at=at, changed_at=at,
            )  # fmt: skip
            CandidateParcel.objects.bulk_create(
                (CandidateParcel(candidate=made, parcel=one) for one in parcels), batch_size=BATCH
            )
            tell(
                "projects.candidate_entered", made, mandate, at, {"area_m2": made.area_m2, "quantity_t": made.annual_t}
            )
            return made
    except IntegrityError:
        return same(Candidate.objects.get(by=person, reference=reference), values)


def same(earlier: Candidate, values: Mapping[str, Any]) -> Candidate:
    if any(getattr(earlier, name) != value for name, value in values.items()):
        raise instructions.ReferenceTaken(reference=earlier.reference)
    return earlier


def check(values: Mapping[str, Any]) -> None:
    wrong = [name for name, most in FIELDS.items() if len(values.get(name, "")) > most]
    wrong += [name for name in ("name", "mechanism", "division_code", "place") if not values.get(name, "").strip()]
    if values["kind"] not in Candidate.Kind.values:
        wrong.append("kind")
    if not 0 < values["area_m2"] <= LARGEST_M2:
        wrong.append("area")
    if not 0 <= values["annual_t"] <= LARGEST_T:
        wrong.append("tonnes")
    if wrong:
        raise CandidateUnclear(what=", ".join(wrong))
    poolscore.check(values["measures"])


@transaction.atomic
def score(*, candidate: Candidate, pack: str, mandate: Mandate, at: datetime) -> Score:
    """Score a candidate by the version of a rule pack in force; every term is kept. The same again is the same score.

    Refuses with ``NotAKeeper``, ``CandidateMoved``, or as ``poolscore.terms`` and ``pool.formula`` do.
    """
    held = locked(candidate, mandate, at)
    formula = pool.formula(pack, clock.day(at))
    terms = poolscore.terms(
        held.measures, annual_t=held.annual_t, area_m2=held.area_m2, revitalisation=held.revitalisation, formula=formula
    )
    told = [one.told() for one in terms]
    before = pool.scores(held).first()
    if before is not None and (before.pack, before.pack_version, before.terms) == (pack, formula.version, told):
        return before
    number = before.number + 1 if before else 1
    total = poolscore.total(terms)
    entry = tell(
        "projects.candidate_scored", held, mandate, at, {"pack": pack, "version": formula.version, "score": total}
    )
    return Score.objects.create(
        candidate=held, number=number, pack=pack, pack_version=formula.version, terms=told, total=total,
        by=mandate.membership.person, at=at, entry=entry,
    )  # fmt: skip


@transaction.atomic
def pick(*, candidate: Candidate, reason: str, mandate: Mandate, at: datetime) -> Candidate:
    """Pick a scored candidate as a pilot. While one with a state forest farm waits, another is picked only with a
    reason that names it, where the rules put state farms first.

    Refuses with ``NotAKeeper``, ``CandidateMoved``, ``NotScored``, ``PilotUnfounded`` or ``StateFarmsFirst``.
    """
    receiving.lock("projects.pool")
    held = locked(candidate, mandate, at)
    if held.state != State.POOLED:
        raise CandidateMoved(candidate=held.code, state=str(held.get_state_display()))
    if not 0 < len(reason.strip()) <= 500:
        raise PilotUnfounded
    if not pool.scores(held).exists():
        raise NotScored(candidate=held.code)
    if not held.state_farm and pool.state_farms_first(held, clock.day(at)):
        first = Candidate.objects.filter(organisation=held.organisation, state_farm=True, state=State.POOLED)
        for one in first.order_by("number"):
            if one.code not in reason:
                raise StateFarmsFirst(candidate=str(one), number=one.code)
    return moved(held, State.PILOT, reason.strip(), mandate, at)


@transaction.atomic
def drop(*, candidate: Candidate, reason: str, mandate: Mandate, at: datetime) -> Candidate:
    """Take a candidate out of the pool. Refuses with ``NotAKeeper``, ``CandidateMoved`` or ``PilotUnfounded``."""
    held = locked(candidate, mandate, at)
    if not 0 < len(reason.strip()) <= 500:
        raise PilotUnfounded
    return moved(held, State.DROPPED, reason.strip(), mandate, at)


@transaction.atomic
def develop(*, candidate: Candidate, development: Development, mandate: Mandate, at: datetime) -> Candidate:
    """Link a candidate to the development it became. Refuses with ``DevelopmentOfAnother`` or ``CandidateMoved``."""
    held = locked(candidate, mandate, at)
    if development.owner_id != held.organisation_id or Candidate.objects.filter(development=development).exists():
        raise DevelopmentOfAnother(organisation=held.organisation.name)
    held.development = development
    return moved(held, State.DEVELOPING, held.reason, mandate, at)


@transaction.atomic
def open_to_banks(*, candidate: Candidate, given: bool, mandate: Mandate, at: datetime) -> Consent:
    """The keeper opens a candidate to banks and investors, or closes it; the same again is the same.

    Refuses with ``NotAKeeper`` or ``CandidateMoved``.
    """
    held = locked(candidate, mandate, at, any_state=True)
    before = pool.consents(held).first()
    text = numbers.number("consent_text", clock.day(at), numbers.DEFAULTS)
    if before is not None and (before.given, before.text_version) == (given, text):
        return before
    entry = tell("projects.candidate_opened", held, mandate, at, {"given": given, "version": str(text)})
    return Consent.objects.create(
        candidate=held, given=given, text_version=text, organisation=mandate.membership.organisation,
        by=mandate.membership.person, at=at, entry=entry,
    )  # fmt: skip


def locked(candidate: Candidate, mandate: Mandate, at: datetime, *, any_state: bool = False) -> Candidate:
    """The candidate, while nobody else moves it. Refuses with ``NotAKeeper`` or ``CandidateMoved``."""
    check_keeper(mandate, at=at)
    if mandate.membership.organisation_id != candidate.organisation_id:
        raise NotAKeeper(organisation=mandate.membership.organisation.name)
    held = Candidate.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=candidate.pk)
    if not any_state and held.state not in Candidate.OPEN:
        raise CandidateMoved(candidate=held.code, state=str(held.get_state_display()))
    return held


def moved(held: Candidate, state: str, reason: str, mandate: Mandate, at: datetime) -> Candidate:
    held.state, held.reason, held.changed_at = state, reason, at
    held.revision += 1
    held.save(update_fields=["state", "reason", "changed_at", "revision", "development"])
    tell("projects.candidate_moved", held, mandate, at, {"state": state})
    return held


def tell(kind: str, held: Candidate, mandate: Mandate, at: datetime, fact: Mapping[str, Any]) -> int:
    return record(
        kind=kind,
        fact={"candidate": held.code, **fact},
        private={"organisation": held.organisation.uscc, "reason": held.reason},
        at=at,
        by=mandate.membership.person_id,
    )
