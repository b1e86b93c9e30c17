"""What belongs to a step besides the state: the register's entry, the verified quantity, units, footprints, bans."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Max

from tanhui.identity.models import Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import clock, workdays
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import numbers, sheets
from tanhui.projects.acts import clawing
from tanhui.projects.machine import Transition
from tanhui.projects.models import Ban, Development, Monitoring, Step, VerificationReport
from tanhui.projects.refusals import ORDER_31
from tanhui.registry import rules
from tanhui.registry.acts import issuance
from tanhui.registry.acts import project as register
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Period, Project, SubAccount

CLAIMS = {"submit_county", "publish", "notify", "apply", "register"}
RELEASES = {"withdraw", "refuse_validation", "reject", "send_back"}
BARS = {"ask_cancel": "CANCELLED", "cancel": "CANCELLED", "revoke": "REVOKED"}


class OwnerWithoutAccount(Refusal):
    code = "projects.owner_without_account"
    sentence = gettext_noop(
        "%(owner)s has no registry account to issue to. Have it open one first; the application waits meanwhile."
    )
    clause = ORDER_31 + "第二十二条"


class BufferMissing(Refusal):
    code = "projects.buffer_missing"
    sentence = gettext_noop("The registry operator has no account for the non-permanence buffer. Open it first.")
    clause = "ARCHITECTURE.md §6.6"


def before(
    held: Development | Monitoring, row: Transition, details: Mapping[str, object], mandate: Mandate | None,
    initiating: Mandate | None, at: datetime,
) -> None:  # fmt: skip
    """What a step does in the same transaction, before the state changes."""
    if isinstance(held, Development):
        of_development(held, row, mandate, initiating, at)
    else:
        of_monitoring(held, row, details, mandate, initiating, at)


def check(held: Development | Monitoring, row: Transition, details: Mapping[str, object], at: datetime) -> None:
    """Refuse a step whose details do not say what it needs, already when it is asked for."""
    if isinstance(held, Monitoring) and row.act == clawing.ORDER:
        clawing.ordered(held, details, at=at)


def of_development(
    held: Development, row: Transition, mandate: Mandate | None, initiating: Mandate | None, at: datetime
) -> None:
    from tanhui.projects.acts import uniqueness  # stands beside the steps and asks for them in turn

    if row.act in CLAIMS and (held.boundaries.exists() or held.facilities.exists()):
        uniqueness.claim(development=held, at=at)
    if row.act == "register" and mandate is not None and initiating is not None:
        held.registered = enter(held, Signatures(initiating, mandate), at)
    if row.act in RELEASES:
        uniqueness.release(development=held, at=at)
    if row.act in BARS and mandate is not None:
        uniqueness.bar(development=held, at=at)
        if held.registered is not None:
            register.end(project=held.registered, state=BARS[row.act], by=mandate.membership.person, at=at)


def of_monitoring(
    held: Monitoring, row: Transition, details: Mapping[str, object], mandate: Mandate | None,
    initiating: Mandate | None, at: datetime,
) -> None:  # fmt: skip
    if mandate is None or initiating is None:
        return
    if row.act == "verify":
        held.period = record_quantity(held, initiating, at)
        held.verified_kg = held.period.verified_kg
    if row.act == "issue":
        issue(held, Signatures(initiating, mandate), at)
    if row.act == clawing.ORDER:
        clawing.order(held, details, Signatures(initiating, mandate), at)
    if row.act in clawing.ACTS:
        clawing.ACTS[row.act](held, Signatures(initiating, mandate), at)


def after(held: Development | Monitoring, row: Transition, step: Step, at: datetime) -> None:
    """What follows from a step that was kept."""
    if row.act in {"revoke", clawing.ORDER}:
        ban(numbers.development_of(held), step, at)


# -- the register ------------------------------------------------------------------------------------------------------


def enter(held: Development, signatures: Signatures, at: datetime) -> Project:
    """The development's entry in the register, under the two signatures of its operator."""
    assert held.validator is not None  # the guards of the way here
    assert held.crediting is not None
    highest = Project.objects.aggregate(highest=Max("number"))["highest"] or 0
    head, _, tail = held.methodology.rpartition("-")
    return register.register(
        number=highest + 1, name=held.name, kind=sheets.filled(held, "kind")[:40] or "—", owner=held.owner,
        scheme=held.scheme, province=held.division_code[:2] or "00", region=sheets.filled(held, "region")[:60],
        methodology=held.methodology, methodology_version=tail if head else "", rule_pack=held.rule_pack,
        crediting=Days(held.crediting.lower, held.crediting.upper), validator=held.validator, signatures=signatures,
        at=at,
    )  # fmt: skip


def record_quantity(held: Monitoring, verifier: Mandate, at: datetime) -> Period:
    """The verified quantity in the register, with the run from which anyone recomputes it."""
    from tanhui.projects.acts import reporting  # which hands in papers by the steps

    project, report = held.development.registered, reporting.latest(held)
    assert project is not None  # the guards of this step
    assert isinstance(report, VerificationReport)
    assert held.bundle is not None
    return register.verify(
        project=project, span=Days(held.span.lower, held.span.upper), verified_kg=report.verified_kg,
        verifier=verifier, report_sha256=report.sha256, inputs_sha256=held.inputs_sha256,
        trace_sha256=held.trace_sha256, bundle=bytes(held.bundle), demonstration=held.demonstration, at=at,
    )  # fmt: skip


def issue(held: Monitoring, signatures: Signatures, at: datetime) -> None:
    """The units of a period, to the owner's account, as many of them to the buffer as the run says.

    Refuses with ``OwnerWithoutAccount``, ``BufferMissing`` or as ``registry.acts.issuance.issue``.
    """
    period, owner = held.period, held.development.owner
    assert period is not None  # the guards of this step
    account = Account.objects.filter(organisation=owner).first()
    if account is None:
        raise OwnerWithoutAccount(owner=owner.name)
    last: date = held.span.upper - workdays.DAY
    lots = [issuance.Lot(last.year, period.tonnes, buffer_t(held, period))]
    issuance.issue(
        period=period, account=account, buffer=buffer_account(signatures), lots=lots,
        window=rules.issuance_window(period.project, clock.day(at)), reference=f"monitoring-{held.pk.hex}",
        signatures=signatures, at=at,
    )  # fmt: skip


def buffer_t(held: Monitoring, period: Period) -> int:
    """The whole tonnes that go to the buffer: what the run says, in proportion and rounded up where the verifier found
    less than the run."""
    said = int(held.run.get("buffer_tonnes", 0))
    whole = (held.quantity_kg or 0) // 1000
    if not said or not whole or period.tonnes >= whole:
        return said
    return -(-said * period.tonnes // whole)


def buffer_account(signatures: Signatures) -> Account:
    """The account of the registry operator that keeps the buffer."""
    own = Account.objects.filter(organisation=signatures.initiator.membership.organisation)
    others = Account.objects.filter(organisation__role=Organisation.Role.REGISTRY)
    for found in [*own, *others.order_by("pk")]:
        if found.sub_accounts.filter(purpose=SubAccount.Purpose.BUFFER).exists():
            return found
    raise BufferMissing


def ban(held: Development, step: Step, at: datetime) -> Ban:
    """The owner may apply no more for as long as the rule pack says (article 43)."""
    years = numbers.value(held, "fraud_ban")
    since = clock.day(at)
    until = workdays.corresponding_day(since, 12 * years) if type(years) is int else None
    entry = record(
        kind="projects.owner_banned",
        fact={"development": held.code, "owner": held.owner.name, "until": until.isoformat() if until else None},
        private={"development": str(held.pk), "reason": step.reason, "uscc": held.owner.uscc},
        at=at,
        by=step.by_id,
    )
    return Ban.objects.create(
        organisation=held.owner, development=held, since=since, until=until, reason=step.reason or "—",
        clause=ORDER_31 + "第四十三条", entry=entry, at=at,
    )  # fmt: skip
