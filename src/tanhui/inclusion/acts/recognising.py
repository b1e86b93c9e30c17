"""Recognising other regions: agreements and mappings under two signatures, statements taken in and given out.

Quantity there becomes quantity here by an exact ratio that two people signed, and only to be shown: no points, no units
(rules §8). A behaviour has one claim for ever; the database refuses the second.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Decision, Mandate
from tanhui.inclusion import consent_texts, regionfiles, roles
from tanhui.inclusion.acts import points, scenarios, twofold
from tanhui.inclusion.models import (
    Account,
    Mirror,
    MirrorDay,
    Region,
    RegionClaim,
    RegionMapping,
    RegionStatement,
    Scenario,
)
from tanhui.inclusion.queries import regions as queries
from tanhui.journal import log
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

REGION, MAPPING = "inclusion.recognise_region", "inclusion.map_scenario"
CLAUSE = "沪环气〔2022〕211号第12、13条"
TEXTS = "policy-2026-11"
LARGEST = 10**9  # of a ratio's two numbers
SPAN = 366  # days of one statement
State = Region.State


class RegionIncomplete(Refusal):
    code = "inclusion.region_incomplete"
    sentence = gettext_noop(
        "An agreement names the region, the body that operates it, its number, the key of its statements, a first and "
        "a later last day. Correct: %(field)s."
    )
    clause = CLAUSE
    status = 422


class OurOwnKey(Refusal):
    code = "inclusion.our_own_key"
    sentence = gettext_noop("This is the key of this very register. A region signs with a key of its own.")
    clause = CLAUSE
    status = 422


class MappingIncomplete(Refusal):
    code = "inclusion.mapping_incomplete"
    sentence = gettext_noop(
        "A mapping names a scenario and its methodology there, a published one here, a ratio of whole numbers from 1 "
        "to a milliard, a span within the agreement, and why. Correct: %(field)s."
    )
    clause = CLAUSE
    status = 422


class RegionNotRecognised(Refusal):
    code = "inclusion.region_not_recognised"
    sentence = gettext_noop("No agreement with %(region)s is in force on %(day)s. Nothing is taken in or given out.")
    clause = CLAUSE


class OneHome(Refusal):
    code = "inclusion.one_home"
    sentence = gettext_noop(
        "Somebody has one home. This account, or this statement, is tied to another one already: %(home)s."
    )
    clause = CLAUSE


class StatementForElsewhere(Refusal):
    code = "inclusion.statement_for_elsewhere"
    sentence = gettext_noop("The statement is for %(region)s and not for us. Ask the home region for one that is.")
    clause = CLAUSE
    status = 422


class StatementTakenBack(Refusal):
    code = "inclusion.statement_taken_back"
    sentence = gettext_noop("Its holder took this statement back on %(on)s. Ask them for a new one.")
    clause = "《个人信息保护法》第十五条"
    status = 403


class NothingToState(Refusal):
    code = "inclusion.nothing_to_state"
    sentence = gettext_noop(
        "Between %(first)s and %(last)s nothing of yours was settled, or the period is longer than a year or not past. "
        "Choose other days."
    )
    clause = CLAUSE
    status = 422


class RegionTextOutdated(Refusal):
    code = "inclusion.region_text_outdated"
    sentence = gettext_noop("Read the consent first, in its version %(current)s, and agree to it.")
    clause = "《个人信息保护法》第十四、二十三条"
    status = 412


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an agreement says; ``key`` is the line ``name+id+base64`` of the region's verifier key."""

    code: str
    name: str
    division_code: str
    body: str
    agreement: str
    key: str
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """What counts as what: grams there × numerator / denominator are grams here, from ``since`` until ``until``."""

    theirs: str
    their_methodology: str
    scenario: Scenario
    numerator: int
    denominator: int
    since: date
    until: date
    grade: str
    basis: str


# -- agreements and mappings -------------------------------------------------------------------------------------------


def ask_region(*, terms: Terms, mandate: Mandate, reference: str, at: datetime) -> Region:
    """The first signature. Refuses with ``RegionIncomplete``, ``OurOwnKey`` or as ``twofold.ask``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    wrong = (
        "code" if not 0 < len(terms.code) <= 20 or not terms.code.replace("-", "").isalnum() or not terms.code.isascii()
        else "name" if not terms.name.strip()
        else "division_code" if not (terms.division_code.isascii() and terms.division_code.isdigit())
        else "body" if not terms.body.strip()
        else "agreement" if not terms.agreement.strip()
        else "until" if terms.until <= terms.since
        else ""
    )  # fmt: skip
    if wrong:
        raise RegionIncomplete(field=wrong)
    key = note.Verifier.parse(terms.key)
    if key.public == log.signer().verifier.public:
        raise OurOwnKey
    row = Region(
        code=terms.code, name=terms.name.strip(), division_code=terms.division_code, body=terms.body.strip(),
        agreement=terms.agreement.strip(), key=str(key), since=terms.since, until=terms.until,
        operator=mandate.membership.organisation,
    )  # fmt: skip
    return twofold.ask(row, act=REGION, mandate=mandate, reference=reference, body=said_region(row), at=at)


def ask_mapping(*, region: Region, ratio: Ratio, mandate: Mandate, reference: str, at: datetime) -> RegionMapping:
    """The first signature under what counts as what. Refuses with ``RegionNotRecognised``, ``MappingIncomplete`` or as
    ``twofold.ask``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    check_recognised(region, clock.day(at))
    wrong = (
        "theirs" if not ratio.theirs.strip()
        else "their_methodology" if not ratio.their_methodology.strip()
        else "scenario" if ratio.scenario.state not in Scenario.SHOWN
        else "numerator" if not 1 <= ratio.numerator <= LARGEST
        else "denominator" if not 1 <= ratio.denominator <= LARGEST
        else "until" if not region.since <= ratio.since < ratio.until <= region.until
        else "grade" if ratio.grade not in RegionMapping.Grade.values
        else "basis" if not ratio.basis.strip()
        else ""
    )  # fmt: skip
    if wrong:
        raise MappingIncomplete(field=wrong)
    row = RegionMapping(
        region=region, theirs=ratio.theirs.strip(), their_methodology=ratio.their_methodology.strip(),
        scenario=ratio.scenario, methodology=ratio.scenario.methodology, numerator=ratio.numerator,
        denominator=ratio.denominator, since=ratio.since, until=ratio.until, grade=ratio.grade,
        basis=ratio.basis.strip(),
    )  # fmt: skip
    return twofold.ask(row, act=MAPPING, mandate=mandate, reference=reference, body=said_mapping(row), at=at)


def confirm(*, row: Region | RegionMapping, mandate: Mandate, at: datetime) -> Decision:
    """The second signature. Refuses as ``twofold.confirm``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)
    if isinstance(row, Region):
        return twofold.confirm(row, kind="inclusion.region_recognised", fact=said_region, mandate=mandate, at=at)
    return twofold.confirm(row, kind="inclusion.scenario_mapped", fact=said_mapping, mandate=mandate, at=at)


def drop(*, row: Region | RegionMapping, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """Taken back, or not signed. Refuses as ``twofold.drop``."""
    own = mandate.membership.person_id == twofold.given(row).initiator_id
    capacity = Mandate.Capacity.INITIATE if own else Mandate.Capacity.CONFIRM
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=capacity)
    return twofold.drop(row, reason=reason, mandate=mandate, at=at)


def end(*, row: Region | RegionMapping, reason: str, mandate: Mandate, at: datetime) -> Region | RegionMapping:
    """Nothing more is taken in by it; what was mirrored stays to be seen. Refuses as ``twofold.end``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    by = mandate.membership.person_id
    if isinstance(row, Region):
        return twofold.end(row, kind="inclusion.region_ended", fact=said_region, reason=reason, at=at, by=by)
    return twofold.end(row, kind="inclusion.mapping_ended", fact=said_mapping, reason=reason, at=at, by=by)


def said_region(row: Region) -> dict[str, Any]:
    return {
        "region": row.code, "name": row.name, "division": row.division_code, "body": row.body,
        "agreement": row.agreement, "key": row.key, "since": row.since.isoformat(), "until": row.until.isoformat(),
    }  # fmt: skip


def said_mapping(row: RegionMapping) -> dict[str, Any]:
    return {
        "region": row.region.code, "theirs": row.theirs, "their_methodology": row.their_methodology,
        "scenario": row.scenario.code, "methodology": row.methodology, "numerator": row.numerator,
        "denominator": row.denominator, "since": row.since.isoformat(), "until": row.until.isoformat(),
        "grade": row.grade, "basis": row.basis,
    }  # fmt: skip


def check_recognised(region: Region, day: date) -> None:
    if region.state != State.OPEN or not region.since <= day < region.until:
        raise RegionNotRecognised(region=region.name, day=day.isoformat())


# -- statements taken in -----------------------------------------------------------------------------------------------


@transaction.atomic
def take_in(*, raw: bytes, at: datetime, account: Account | None = None) -> RegionStatement:
    """Take in what another region signed of somebody whose home it is, line by line; ``account`` is that of whoever
    hands it in themselves, and is tied to it. The same file again is the same statement.

    Lines that are not recognised, or claim what is claimed, are refused one by one (``receipt``: received = accepted +
    refused). Refuses the whole with ``RegionNotRecognised``, ``StatementForElsewhere``, ``OneHome`` or as
    ``signed_files.opened``.
    """
    region, said = regionfiles.opened(raw, queries.open_regions())
    check_recognised(region, clock.day(at))
    if said.to != log.signer().name:
        raise StatementForElsewhere(region=said.to[:80])
    mirror = Mirror.objects.filter(region=region, reference=said.reference).first() or Mirror.objects.create(
        region=region, reference=said.reference, at=at
    )
    mirror = Mirror.objects.select_for_update().get(pk=mirror.pk)
    tied = account is not None and tie(mirror, account, region)
    sha256 = hashlib.sha256(raw).hexdigest()
    if (earlier := RegionStatement.objects.filter(way=RegionStatement.Way.IN, sha256=sha256).first()) is not None:
        if tied:  # now our own lake can be asked too
            earlier.receipt = keep_lines(earlier, mirror, said, region, clock.day(at))
            earlier.save(update_fields=["receipt"])
        return earlier
    made = RegionStatement(
        way=RegionStatement.Way.IN, region=region, mirror=mirror, reference=said.reference, first=said.first,
        last=said.last, content=raw.decode(), sha256=sha256, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="inclusion.statement_taken_in",
        fact={"region": region.code, "sha256": sha256, "lines": len(said.lines)},
        private={"statement": str(made.pk)}, at=at, by=None,
    )  # fmt: skip
    made.save(force_insert=True)
    made.receipt = keep_lines(made, mirror, said, region, clock.day(at))
    made.save(update_fields=["receipt"])
    return made


def tie(mirror: Mirror, account: Account, region: Region) -> bool:
    """Tie a mirror to whoever handed in their statement; whether it was not yet. Refuses with ``OneHome`` or
    ``points.AccountNotActive``."""
    if account.state != Account.State.ACTIVE:
        raise points.AccountNotActive
    if mirror.account_id == account.pk:
        return False
    if mirror.account_id is not None:
        raise OneHome(home=region.name)
    if given := RegionStatement.objects.filter(account=account, taken_back_at__isnull=True).first():
        raise OneHome(home=f"{log.signer().name} → {given.region.name}")
    mirror.account = account
    try:
        with transaction.atomic():
            mirror.save(update_fields=["account"])
    except IntegrityError:
        other = Mirror.objects.select_related("region").get(account=account)
        raise OneHome(home=other.region.name) from None
    return True


def keep_lines(
    made: RegionStatement, mirror: Mirror, said: regionfiles.Said, region: Region, today: date
) -> dict[str, Any]:
    """The lines that are good replace what the home said of those days before; the receipt."""
    mappings = queries.mappings(region)
    refused: list[list[Any]] = []
    fresh: dict[tuple[str, date], MirrorDay] = {}
    here = queries.activities(mirror.account_id, said) if mirror.account_id else frozenset()
    for number, line in enumerate(said.lines, 1):
        code = reason(line, mappings, said, today, fresh, here)
        code = code or (claim(line, region, made) if line.grams else "")
        if code:
            refused.append([number, line.theirs, line.day.isoformat(), code])
            continue
        mapping = mappings[line.theirs, line.methodology]
        fresh[line.theirs, line.day] = MirrorDay(
            mirror=mirror, statement=made, scenario=mapping.scenario, theirs=line.theirs, day=line.day,
            grams_there=line.grams, grams=line.grams * mapping.numerator // mapping.denominator,
        )  # fmt: skip
    MirrorDay.objects.filter(mirror=mirror, day__range=(said.first, said.last)).delete()
    MirrorDay.objects.bulk_create(fresh.values())
    return {
        "received": len(said.lines), "accepted": len(fresh), "refused": len(refused), "rows": refused,
        "grams": sum(one.grams for one in fresh.values()),
    }  # fmt: skip


def reason(
    line: regionfiles.Line, mappings: Mapping[tuple[str, str], RegionMapping], said: regionfiles.Said, today: date,
    fresh: Mapping[tuple[str, date], MirrorDay], here: frozenset[str],
) -> str:  # fmt: skip
    """Why a line is refused, by code (``regionfiles.REASONS``); empty where nothing speaks against it."""
    mapping = mappings.get((line.theirs, line.methodology))
    if not said.first <= line.day <= min(said.last, today):
        return "outside_period"
    if mapping is None:
        return "not_mapped"
    if not mapping.since <= line.day < mapping.until:
        return "outside_mapping"
    if (line.theirs, line.day) in fresh:
        return "repeated"
    return "claimed" if here.intersection(line.activities) else ""


def claim(line: regionfiles.Line, region: Region | None, made: RegionStatement) -> str:
    """Claim the behaviours of a line for one region for ever, all or none; ``claimed`` where somebody else has one.

    The primary key of ``RegionClaim`` decides, also between two that come at the same moment.
    """
    keys = regionfiles.keys(line)
    mine = {"region": region, "reference": made.reference}
    try:
        with transaction.atomic():
            known = {bytes(one.key): one for one in RegionClaim.objects.filter(key__in=keys)}
            if any((one.region_id, one.reference) != (region.pk if region else None, made.reference)
                   for one in known.values()):  # fmt: skip
                return "claimed"
            RegionClaim.objects.bulk_create(
                RegionClaim(key=key, day=line.day, statement=made, **mine) for key in keys if key not in known
            )
    except IntegrityError:
        return "claimed"
    return ""


# -- statements given out ----------------------------------------------------------------------------------------------


@transaction.atomic
def give_out(
    *, account: Account, region: Region, first: date, last: date, text_version: str, at: datetime
) -> RegionStatement:
    """A statement of a resident's own settled days, both included, signed by us as their home, for one region.

    Refuses with ``RegionNotRecognised``, ``RegionTextOutdated``, ``points.AccountNotActive``, ``OneHome`` (their home
    is elsewhere, or a behaviour is claimed there) or ``NothingToState``.
    """
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if locked.state != Account.State.ACTIVE:
        raise points.AccountNotActive
    check_recognised(region, clock.day(at))
    if text_version != TEXTS:
        raise RegionTextOutdated(current=TEXTS)
    if (mirror := Mirror.objects.filter(account=locked).select_related("region").first()) is not None:
        raise OneHome(home=mirror.region.name)
    lines = queries.stated(locked, first, last)
    if not lines or not first <= last <= clock.day(at) or (last - first).days >= SPAN:
        raise NothingToState(first=first.isoformat(), last=last.isoformat())
    text = consent_texts.text("REGION", TEXTS)
    reference = queries.reference(locked, region) or uuid.uuid4().hex
    said = regionfiles.Said(
        to=note.Verifier.parse(region.key).name, reference=reference, first=first, last=last, lines=lines
    )  # fmt: skip
    raw = regionfiles.signed(said, log.signer(), at=at)
    sha256 = hashlib.sha256(raw).hexdigest()
    entry = record(
        kind="inclusion.statement_given_out", fact={"region": region.code, "sha256": sha256}, private={}, at=at, by=None
    )
    made = RegionStatement.objects.create(
        way=RegionStatement.Way.OUT, region=region, account=locked, reference=reference, first=first, last=last,
        content=raw.decode(), sha256=sha256, text_version=text.version, text_sha256=text.sha256, entry=entry, at=at,
    )  # fmt: skip
    for line in lines:
        if claim(line, None, made):
            raise OneHome(home=region.name)
    return made


@transaction.atomic
def take_back(*, statement: RegionStatement, at: datetime) -> RegionStatement:
    """Its holder takes a statement back: it is handed out no more. Asked again it is done already."""
    held = RegionStatement.objects.select_for_update().get(pk=statement.pk)
    if held.taken_back_at is None:
        held.taken_back_at = at
        held.save(update_fields=["taken_back_at"])
        record(
            kind="inclusion.statement_taken_back", fact={"sha256": held.sha256}, private={"statement": str(held.pk)},
            at=at, by=None,
        )  # fmt: skip
    return held


def handed(statement: RegionStatement) -> bytes:
    """The file of a statement that stands. Refuses with ``StatementTakenBack``."""
    on = statement.taken_back_at
    if statement.account is not None:
        on = on or statement.account.closed_at
    if on is not None:
        raise StatementTakenBack(on=clock.day(on).isoformat())
    return statement.content.encode()
