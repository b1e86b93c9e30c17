"""Mandates and agreements on developing land, each with its signed scan under two signatures; and earlier contracts
that are absorbed or merged with a record."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from tanhui.files.acts import filing, receiving
from tanhui.files.models import Document, Upload, Version
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.acts import pool as candidates
from tanhui.projects.acts import shares
from tanhui.projects.models import Absorption, Agreement, AgreementEnding, AgreementParcel, Parcel
from tanhui.projects.queries import pool

SUBJECT = pool.SUBJECT
CLAUSE = "《赤峰市生态碳汇实施方案》四（二）、五（二）"
OPEN_FOR = timedelta(days=14)
LONGEST_TERM = timedelta(days=366 * 70)  # forest land is contracted for 30 to 70 years


class AgreementUnclear(Refusal):
    code = "projects.agreement_unclear"
    sentence = gettext_noop(
        "An agreement names its kind, the other party, a title, what was agreed, and a term of at most seventy years. "
        "Missing or wrong: %(what)s."
    )
    clause = CLAUSE
    status = 422


class ParcelUnderAgreement(Refusal):
    code = "projects.parcel_under_agreement"
    sentence = gettext_noop(
        "Parcel %(parcel)s is under agreement %(agreement)s from %(since)s to %(until)s. Of one parcel there is one "
        "agreement at a time: end that one first, or choose another term."
    )
    clause = CLAUSE


class LandMissing(Refusal):
    code = "projects.agreement_without_land"
    sentence = gettext_noop("A joint or entrusted development names the parcels it covers. Enter their numbers.")
    clause = CLAUSE
    status = 422


class AgreementOver(Refusal):
    code = "projects.agreement_over"
    sentence = gettext_noop("Agreement %(code)s ended on %(day)s. Nothing more is needed.")
    clause = CLAUSE


class EndUnclear(Refusal):
    code = "projects.agreement_end_unclear"
    sentence = gettext_noop("Say why in at most 500 characters, and name a last day within the agreement's term.")
    clause = CLAUSE
    status = 422


class AbsorptionUnclear(Refusal):
    code = "projects.absorption_unclear"
    sentence = gettext_noop(
        "A record of an earlier contract names the contract, its party, the day it was signed, how it was taken over "
        "and what became of rights and duties. Missing or wrong: %(what)s."
    )
    clause = "《赤峰市生态碳汇实施方案》五（二）（吸纳、消化处理；吸收、合并、入股）"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an agreement says. ``parcels``: the ids of the land it covers; ``partner``: 0 for who is not registered."""

    kind: str
    partner: int
    partner_name: str
    title: str
    terms: str
    since: date
    until: date
    parcels: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return asdict(self) | days | {"parcels": list(self.parcels)}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Terms":
        known = {name: body[name] for name in cls.__dataclass_fields__}
        days = {name: date.fromisoformat(known[name]) for name in ("since", "until")}
        return cls(**(known | days | {"parcels": tuple(known["parcels"])}))

    def faults(self) -> list[str]:
        sizes = {"partner_name": 120, "title": 160, "terms": 1000}
        wrong = [name for name, most in sizes.items() if not 0 < len(getattr(self, name).strip()) <= most]
        if self.kind not in Agreement.Kind.values:
            wrong.append("kind")
        if not self.since <= self.until < date.max or self.until - self.since > LONGEST_TERM:
            wrong.append("until")
        return wrong


@transaction.atomic
def propose(*, terms: Terms, scan: Upload, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Propose an agreement with its signed scan: the first of two signatures.

    Refuses with ``pool.NotAKeeper``, ``AgreementUnclear``, ``LandMissing``, ``ParcelUnderAgreement``, or as the room of
    files and ``instruction.initiate`` do.
    """
    candidates.check_keeper(mandate, at=at)
    key = key_of(mandate, reference)

    def prepare(asked: Instruction) -> None:
        check(terms, mandate.membership.organisation)
        put(key, terms.title, scan, mandate, at)

    return instructions.initiate(
        act=pool.AGREE, mandate=mandate, reference=reference, at=at, expires_at=at + OPEN_FOR, prepare=prepare,
        body=terms.body() | {"agreement": str(key), "sha256": scan.sha256},
    )  # fmt: skip


def key_of(mandate: Mandate, reference: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{SUBJECT}:{mandate.membership.person_id}:{reference}")


def put(key: uuid.UUID, title: str, scan: Upload, mandate: Mandate, at: datetime) -> None:
    filing.file(
        subject=f"{SUBJECT}:{key}", kind=SUBJECT, title=title.strip(), upload=scan, by=mandate.membership.person, at=at,
        withheld_reason=Document.Withheld.TRADE_SECRET,
    )  # fmt: skip


def check(terms: Terms, organisation: Organisation) -> None:
    wrong = terms.faults()
    if terms.partner and (
        terms.partner == organisation.pk or not Organisation.objects.filter(pk=terms.partner).exists()
    ):
        wrong.append("partner")
    if Parcel.objects.filter(pk__in=terms.parcels).count() != len(set(terms.parcels)):
        wrong.append("parcels")
    if wrong:
        raise AgreementUnclear(what=", ".join(wrong))
    if terms.kind in Agreement.OF_LAND and not terms.parcels:
        raise LandMissing
    for one in pool.taken(list(terms.parcels), terms.since, terms.until)[:1]:
        raise ParcelUnderAgreement(
            parcel=one.parcel.code, agreement=one.agreement.code, since=one.days.lower.isoformat(),
            until=(one.days.upper - timedelta(days=1)).isoformat(),
        )  # fmt: skip


def conclude(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Under the second signature the agreement stands and its land is taken. Refuses as ``check`` does."""
    organisation, terms = mandate.membership.organisation, Terms.read(asked.body)
    receiving.lock("projects.agreements")  # two at once could take the same parcel or number
    check(terms, organisation)
    last = Agreement.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    key = uuid.UUID(asked.body["agreement"])
    scan = Version.objects.get(document__subject=f"{SUBJECT}:{key}", number=1)
    made = Agreement(
        id=key, number=(last or 0) + 1, kind=terms.kind, organisation=organisation, partner_id=terms.partner or None,
        partner_name=terms.partner_name.strip(), title=terms.title.strip(), terms=terms.terms.strip(),
        since=terms.since, until=terms.until, document=scan.document_id, version=1, sha256=scan.sha256,
        instruction=asked, initiator=asked.initiator, confirmer=mandate.membership.person, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="projects.agreement_concluded",
        fact={
            "agreement": made.code, "type": made.kind, "since": made.since.isoformat(), "until": made.until.isoformat(),
            "parcels": len(terms.parcels), "sha256": scan.sha256,
        },
        private={"agreement": str(key), "organisation": organisation.uscc, "partner": made.partner_name},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    made.save(force_insert=True)
    days = DateRange(terms.since, terms.until + timedelta(days=1))
    AgreementParcel.objects.bulk_create(
        [AgreementParcel(agreement=made, parcel_id=one, days=days) for one in dict.fromkeys(terms.parcels)],
        batch_size=5000,
    )
    return {"agreement": str(key)}


@transaction.atomic
def end(*, agreement: Agreement, ends_on: date, reason: str, mandate: Mandate, at: datetime) -> AgreementEnding:
    """End an agreement early; from the day after its land is free. One signature gives land back.

    Refuses with ``pool.NotAKeeper``, ``AgreementOver`` or ``EndUnclear``.
    """
    candidates.check_keeper(mandate, at=at)
    if mandate.membership.organisation_id != agreement.organisation_id:
        raise candidates.NotAKeeper(organisation=mandate.membership.organisation.name)
    receiving.lock("projects.agreements")
    if before := AgreementEnding.objects.filter(agreement=agreement).first():
        raise AgreementOver(code=agreement.code, day=before.ends_on.isoformat())
    if not 0 < len(reason.strip()) <= 500 or not agreement.since <= ends_on < agreement.until:
        raise EndUnclear
    entry = record(
        kind="projects.agreement_ended",
        fact={"agreement": agreement.code, "day": ends_on.isoformat()},
        private={"agreement": str(agreement.pk), "reason": reason.strip()},
        at=at,
        by=mandate.membership.person_id,
    )
    days = DateRange(agreement.since, ends_on + timedelta(days=1))
    AgreementParcel.objects.filter(agreement=agreement).update(days=days)
    return AgreementEnding.objects.create(
        agreement=agreement, ends_on=ends_on, reason=reason.strip(), by=mandate.membership.person, at=at, entry=entry
    )


# -- earlier contracts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier contract and what became of it. ``agreement``: the id of the new one it went into, or empty."""

    title: str
    party: str
    division_code: str
    signed_on: date
    begun: bool
    manner: str
    note: str
    agreement: str = ""

    def body(self) -> dict[str, Any]:
        return asdict(self) | {"signed_on": self.signed_on.isoformat()}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Earlier":
        known = {name: body[name] for name in cls.__dataclass_fields__}
        return cls(**(known | {"signed_on": date.fromisoformat(known["signed_on"])}))


@transaction.atomic
def take_over(*, earlier: Earlier, scan: Upload, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask to record how an earlier contract was taken over. Refuses with ``NotAKeeper`` or ``AbsorptionUnclear``."""
    candidates.check_keeper(mandate, at=at)
    key = key_of(mandate, reference)

    def prepare(asked: Instruction) -> None:
        check_earlier(earlier, mandate.membership.organisation, at)
        put(key, earlier.title, scan, mandate, at)

    return instructions.initiate(
        act=pool.ABSORB, mandate=mandate, reference=reference, at=at, expires_at=at + OPEN_FOR, prepare=prepare,
        body=earlier.body() | {"absorption": str(key), "sha256": scan.sha256},
    )  # fmt: skip


def check_earlier(earlier: Earlier, organisation: Organisation, at: datetime) -> None:
    sizes = {"title": 160, "party": 120, "note": 1000, "division_code": 12}
    wrong = [name for name, most in sizes.items() if not 0 < len(getattr(earlier, name).strip()) <= most]
    if earlier.manner not in Absorption.Manner.values:
        wrong.append("manner")
    if earlier.signed_on > clock.day(at):
        wrong.append("day")
    known = Agreement.objects.filter(organisation=organisation)
    if earlier.agreement and not known.filter(pk=earlier.agreement).exists():
        wrong.append("agreement")
    if wrong:
        raise AbsorptionUnclear(what=", ".join(wrong))


def carry_out_take_over(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    organisation, earlier = mandate.membership.organisation, Earlier.read(asked.body)
    receiving.lock("projects.agreements")
    check_earlier(earlier, organisation, at)
    last = Absorption.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    key = uuid.UUID(asked.body["absorption"])
    scan = Version.objects.get(document__subject=f"{SUBJECT}:{key}", number=1)
    values = earlier.body() | {"signed_on": earlier.signed_on}
    values["agreement_id"] = values.pop("agreement") or None
    made = Absorption(
        id=key, organisation=organisation, number=(last or 0) + 1, document=scan.document_id, sha256=scan.sha256,
        instruction=asked, initiator=asked.initiator, confirmer=mandate.membership.person, at=at, **values,
    )  # fmt: skip
    made.entry = record(
        kind="projects.contract_taken_over",
        fact={"number": made.number, "manner": made.manner, "sha256": made.sha256, "begun": made.begun},
        private={"title": made.title, "party": made.party, "note": made.note},
        at=at,
        by=mandate.membership.person_id,
    )
    made.save(force_insert=True)
    return {"absorption": str(key)}


# -- the second signature ----------------------------------------------------------------------------------------------

CARRY_OUT = {pool.AGREE: conclude, pool.ABSORB: carry_out_take_over}


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Confirm and carry out, once. Refuses as ``instruction.confirm`` and as the act itself."""
    carry_out = CARRY_OUT[asked.act]
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: carry_out(one, mandate, at)
    )


drop = shares.drop
