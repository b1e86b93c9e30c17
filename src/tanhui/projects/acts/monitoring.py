"""A monitoring period: opened for days of a registered project, planned, monitored, computed, and reported."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from psycopg.types.range import DateRange

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel.period import DAY
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import queries as library
from tanhui.methods.engine import execution, shelf
from tanhui.methods.engine.record import Run
from tanhui.methods.engine.tables import Table
from tanhui.projects import deadlines, guards, machine
from tanhui.projects.acts import drafting, steps
from tanhui.projects.models import Development, Monitoring
from tanhui.projects.refusals import ORDER_31, NotRegistered, PeriodTwice
from tanhui.registry.acts.project import ValidatorVerifies

EDITABLE = ("MR_DRAFT", "RETURNED")
RUNNABLE = ("MR_DRAFT", "VERIFICATION")  # a run is corrected while it is verified, with a finding that says why
PLAN = ("parameters", "instruments", "quality", "people")
LONGEST = 4000


class AnotherMethodology(Refusal):
    code = "projects.another_methodology"
    sentence = gettext_noop(
        "The run is of %(run)s, and the project is registered under %(methodology)s. Compute with the project's own "
        "methodology."
    )
    clause = ORDER_31 + "第八条、第十八条"
    status = 422


class AnotherPeriod(Refusal):
    code = "projects.another_period"
    sentence = gettext_noop(
        "The run covers %(run_first)s to %(run_last)s, and the monitoring period is %(first)s to %(last)s. Compute for "
        "exactly these days."
    )
    clause = ORDER_31 + "第十八条"
    status = 422


class NotRecomputable(Refusal):
    code = "projects.not_recomputable"
    sentence = gettext_noop(
        "Computed again from the bundle, %(symbol)s is %(recomputed)s, and the bundle says %(recorded)s. Hand in the "
        "bundle as the run wrote it."
    )
    clause = "ARCHITECTURE.md §7"
    status = 422


class MadeUp(Refusal):
    code = "projects.made_up_data"
    sentence = gettext_noop(
        "The data of this run were made up by a generator. They issue nothing outside demonstrations."
    )
    clause = ORDER_31 + "第四十三条"
    status = 422


class PlanUnusable(Refusal):
    code = "projects.plan_unusable"
    sentence = gettext_noop("The plan has no part “%(part)s”, or its text is longer than 4000 characters.")
    clause = ORDER_31 + "第十八条"
    status = 422


class SpanUnusable(Refusal):
    code = "projects.span_unusable"
    sentence = gettext_noop("Give the first and the last day of the period; it ends no earlier than it begins.")
    clause = ORDER_31 + "第十七条"
    status = 422


class FileUnusable(Refusal):
    code = "projects.run_file_unusable"
    sentence = gettext_noop("The file is missing or larger than 50 MB. Choose it again.")
    clause = "ARCHITECTURE.md §7"
    status = 422


@transaction.atomic
def open_period(*, development: Development, span: Days, mandate: Mandate, at: datetime) -> Monitoring:
    """Open a monitoring period. Refuses with ``drafting.NotTheOwner``, ``NotRegistered``, ``PeriodTwice`` or
    ``registry.outside_crediting``."""
    held = drafting.editable(development, mandate, at=at, where=("REGISTERED", "FILED", "SUSPENDED"))
    if held.registered is None or held.state == "SUSPENDED":
        raise NotRegistered(project=held.code, state=str(deadlines.state(held).label))
    days = DateRange(span.start, span.closed())
    guards.named("inside_crediting")(Monitoring(development=held, span=days), mandate, at)
    other = held.monitorings.exclude(state="WITHDRAWN").filter(span__overlap=days).first()
    if other is not None:
        raise PeriodTwice(
            other=other.code, first=other.span.lower.isoformat(), last=(other.span.upper - DAY).isoformat()
        )
    latest = held.monitorings.order_by("-number").first()
    plan = {name: str(held.draft.get(name, "")) for name in PLAN} if latest is None else latest.plan
    made = Monitoring.objects.create(
        development=held, number=latest.number + 1 if latest else 1, span=days, plan=plan,
        state=machine.profile(held.profile).monitoring.first, stage_since=at, opened_by=mandate.membership.person,
        opened_at=at, changed_at=at,
    )  # fmt: skip
    record(
        kind="projects.monitoring_opened",
        fact={"monitoring": made.code, "period": [span.start.isoformat(), str(span.last)]},
        private={"monitoring": str(made.pk), "development": str(held.pk)},
        at=at,
        by=mandate.membership.person_id,
    )
    return made


@transaction.atomic
def plan(
    *, monitoring: Monitoring, parts: Mapping[str, str], revision: int, mandate: Mandate, at: datetime
) -> Monitoring:
    """Keep the monitoring plan: what is measured, by what, with which care, by whom.

    Refuses with ``PlanUnusable``, ``drafting.NotTheOwner``, ``drafting.NotEditable`` or ``steps.ChangedSince``.
    """
    held = editable(monitoring, mandate, at=at)
    told = {name: said.strip() for name, said in parts.items()}
    for name, said in told.items():
        if name not in PLAN or len(said) > LONGEST or "\x00" in said:
            raise PlanUnusable(part=name[:40])
    if held.plan | told == held.plan:
        return held
    steps.check_revision(held, revision)
    held.plan = held.plan | told
    steps.touch(held, at)
    return held


@transaction.atomic
def name_verifier(*, monitoring: Monitoring, verifier: Organisation, mandate: Mandate, at: datetime) -> Monitoring:
    """Name the body that verifies, other than the one that validated.

    Refuses with ``drafting.BodyUnfit``, ``drafting.BodyReported``, ``registry.validator_verifies``,
    ``drafting.NotTheOwner`` or ``drafting.NotEditable``.
    """
    held = editable(monitoring, mandate, at=at)
    if verifier.role != Organisation.Role.VERIFIER or verifier.pk == held.development.owner_id:
        raise drafting.BodyUnfit(body=verifier.name)
    if verifier.pk == held.development.validator_id:
        raise ValidatorVerifies(body=verifier.name)
    if held.verifier_id != verifier.pk:
        if held.verifications.exists():
            raise drafting.BodyReported(body=str(held.verifier or "—"))
        held.verifier = verifier
        steps.touch(held, at)
    return held


@transaction.atomic
def hand_in_run(*, monitoring: Monitoring, bundle: bytes, mandate: Mandate, at: datetime) -> Monitoring:
    """Take the bundle of a methodology run over, once it was computed again and gave the same.

    Refuses with ``methods.not_a_bundle``, ``NotRecomputable``, ``AnotherMethodology``, ``AnotherPeriod``, ``MadeUp``,
    ``drafting.NotTheOwner`` or ``drafting.NotEditable``.
    """
    held = editable(monitoring, mandate, at=at, where=RUNNABLE)
    content = execution.read(bundle)
    if (difference := execution.rerun(bundle)) is not None:
        raise NotRecomputable(
            symbol=difference.symbol, recorded=difference.recorded[:40], recomputed=difference.recomputed[:40]
        )
    return take(held, Run(content), bundle, mandate, at)


@transaction.atomic
def compute(
    *, monitoring: Monitoring, project: Mapping[str, Any], inputs: Mapping[str, Table], mandate: Mandate, at: datetime
) -> Monitoring:
    """Compute the quantity here from a project sheet and its tables, and take the run over.

    Refuses as the methodology does (all faults at once) and as ``hand_in_run``.
    """
    held = editable(monitoring, mandate, at=at, where=RUNNABLE)
    purpose = "issuance" if settings.PRODUCTION else "demonstration"
    run = execution.run(package_of(held.development), project=project, inputs=inputs, purpose=purpose)
    return take(held, run, run.bundle(), mandate, at)


def take(held: Monitoring, run: Run, bundle: bytes, mandate: Mandate, at: datetime) -> Monitoring:
    """Keep a run as the period's own: its hashes, its quantity with what goes to the buffer, and what it says."""
    own = package_of(held.development)
    if f"{run.package_code}/{run.package_version}" != own:
        raise AnotherMethodology(
            run=f"{run.package_code}/{run.package_version}", methodology=held.development.methodology
        )
    first, last = held.span.lower, held.span.upper - DAY
    if run.period != (first, last):
        raise AnotherPeriod(
            run_first=run.period[0].isoformat(), run_last=run.period[1].isoformat(), first=first.isoformat(),
            last=last.isoformat(),
        )  # fmt: skip
    if run.generated and settings.PRODUCTION:
        raise MadeUp
    result = run.content["result"]
    held.bundle, held.bundle_sha256 = bundle, hashlib.sha256(bundle).hexdigest()
    held.inputs_sha256, held.trace_sha256 = run.inputs_sha256, run.trace_sha256
    held.buffer_kg = int(result.get("buffer_kg", 0))
    held.quantity_kg = run.verified_kg + held.buffer_kg
    held.demonstration = run.generated or run.purpose == "demonstration"
    held.run = {
        "package": own, "package_sha256": run.package_sha256, "format": run.content["format"], "evidence": run.evidence,
        "purpose": run.purpose, "own_kg": run.verified_kg, "buffer_tonnes": run.buffer_tonnes,
        "deduction_kg": run.deduction_kg, "notes": len(run.notes), "generated": run.generated,
    }  # fmt: skip
    steps.touch(held, at)
    record(
        kind="projects.run_taken",
        fact={
            "monitoring": held.code, "bundle_sha256": held.bundle_sha256, "inputs_sha256": held.inputs_sha256,
            "trace_sha256": held.trace_sha256, "quantity_kg": held.quantity_kg,
        },
        private={"monitoring": str(held.pk), "package": own},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    return held


def package_of(development: Development) -> str:
    """The package of the shelf that computes for a development's methodology. Refuses with
    ``methods.no_such_package``."""
    known = library.of_full_code(development.methodology)
    if known is not None and known.package:
        return known.package
    code, _, version = development.methodology.lower().replace("-", "_").rpartition("_")
    return shelf.load(f"{code}/{version}").name


@transaction.atomic
def apply_for(*, monitoring: Monitoring, quantity_t: int, mandate: Mandate, at: datetime) -> Monitoring:
    """State how many tonnes are applied for, before the application is handed in. The guard of the step compares it
    with what was verified. Refuses with ``drafting.NotTheOwner`` or ``drafting.NotEditable``."""
    held = editable(monitoring, mandate, at=at, where=("VERIFIED", "RETURNED"))
    if held.applied_t != quantity_t:
        held.applied_t = max(0, min(quantity_t, 10**15))
        steps.touch(held, at)
    return held


def editable(
    monitoring: Monitoring, mandate: Mandate, *, at: datetime, where: tuple[str, ...] = EDITABLE
) -> Monitoring:
    """The row, locked, if this mandate may change it now. Refuses with ``drafting.NotTheOwner`` or
    ``drafting.NotEditable``."""
    held = steps.locked(monitoring)
    assert isinstance(held, Monitoring)
    body = mandate.membership.organisation
    if body.pk != held.development.owner_id:
        raise drafting.NotTheOwner(organisation=body.name, what=held.code, owner=held.development.owner.name)
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    if held.state not in where:
        raise drafting.NotEditable(what=held.code, state=str(deadlines.state(held).label))
    return held


def first_possible(held: Development) -> date | None:
    """The first day no period of a development covers yet."""
    latest = held.monitorings.exclude(state="WITHDRAWN").order_by("-span").first()
    if latest is not None:
        return latest.span.upper  # type: ignore[no-any-return]
    return held.crediting.lower if held.crediting else None


def sheet(raw: bytes) -> dict[str, Any]:
    """A project sheet handed in as JSON. Refuses with ``methods.not_a_bundle`` what is none."""
    try:
        said = json.loads(raw)
    except (UnicodeDecodeError, ValueError) as problem:
        raise execution.NotABundle("unreadable") from problem
    if not isinstance(said, dict):
        raise execution.NotABundle("shape", parts="project")
    return said
