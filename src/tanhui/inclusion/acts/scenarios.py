"""The life of a scenario: applied for, assessed, published by two people, connected, operating, reassessed, ended."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.inclusion import compiling, numbers, roles
from tanhui.inclusion.models import REASONED, TRANSITIONS, Scenario, ScenarioStep, Transition
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock, workdays
from tanhui.kernel.refusal import Refusal, gettext_noop

ACT = "inclusion.publish_scenario"
LONGEST = 1_000  # characters of a reason
LIFE = "沪环气〔2022〕211号第10、11条"
CODE = re.compile(r"[a-z][a-z0-9-]{2,39}", re.ASCII)
DIVISION = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}", re.ASCII)
SIDES = {"ASSESSOR": roles.ASSESSORS, "OPERATOR": roles.OPERATORS}
State = Scenario.State


class MovedOn(Refusal):
    code = "inclusion.scenario_moved_on"
    sentence = gettext_noop("The scenario is now “%(state)s”, and this cannot be done from there. Look at it again.")
    clause = LIFE


class ChangedSince(Refusal):
    code = "inclusion.scenario_changed"
    sentence = gettext_noop(
        "The scenario was changed after you opened it: you have revision %(given)s, the present one is %(current)s. "
        "Look at it again, then decide."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


class NotYours(Refusal):
    code = "inclusion.not_for_this_body"
    sentence = gettext_noop("This is for %(needed)s to do, and you act for %(organisation)s.")
    clause = "沪环气〔2022〕211号第2条"
    status = 403


class ReasonMissing(Refusal):
    code = "inclusion.reason_missing"
    sentence = gettext_noop("Say why, in at most 1,000 characters: whoever it concerns reads it.")
    clause = LIFE
    status = 422


class ScenarioUnreadable(Refusal):
    code = "inclusion.scenario_unreadable"
    sentence = gettext_noop(
        "A scenario has a code of small letters, digits and dashes, a name, a region with its division code, and caps "
        "no higher than the methodology's. Correct: %(field)s."
    )
    clause = LIFE
    status = 422


class ScenarioTaken(Refusal):
    code = "inclusion.scenario_taken"
    sentence = gettext_noop("There is a scenario with the code %(code)s. Give another code, or look at that one.")
    clause = LIFE


class ProposedAlready(Refusal):
    code = "inclusion.publication_proposed"
    sentence = gettext_noop(
        "%(initiator)s has proposed to publish this scenario, and a second person must decide. Wait for that first."
    )
    clause = "ARCHITECTURE.md §6.3"


class NothingProposed(Refusal):
    code = "inclusion.nothing_proposed"
    sentence = gettext_noop(
        "Nobody has proposed to publish this scenario, or it was decided already. Propose it first."
    )
    clause = "ARCHITECTURE.md §6.3"


class NobodyConnected(Refusal):
    code = "inclusion.nobody_connected"
    sentence = gettext_noop(
        "No provider reports for “%(scenario)s” yet whose trial has passed. Connect one first; see the desk of "
        "providers."
    )
    clause = LIFE


@dataclass(frozen=True, slots=True)
class About:
    """What is applied for. ``steps``: trips come in as counted steps. Caps in grams; 0 takes the methodology's.
    ``pooled``: grams are gathered into units and give no points."""

    code: str
    name: str
    field: str
    methodology: str
    division_code: str
    region_name: str
    item: str = ""
    steps: bool = False
    summary: str = ""
    cap_day_g: int = 0
    cap_year_g: int = 0
    tracks: bool = False
    exclusions: str = ""
    asks: str = ""
    ease: int = 3
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a reason, and what the log says besides."""

    reason: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


Prepare = Callable[[Scenario], Said]


@transaction.atomic
def apply_for(*, about: About, mandate: Mandate, at: datetime) -> Scenario:
    """Apply for a scenario on a methodology of the shelf; its rule is read from there and kept.

    Refuses with ``NotYours``, ``ScenarioUnreadable``, ``ScenarioTaken``, ``compiling.CannotSettle`` or as the shelf.
    """
    check_role(mandate, (*roles.PROVIDERS, *roles.OPERATORS), at=at)
    rule = compiling.compiled(
        about.methodology, region=about.division_code, item=about.item, steps=about.steps, on=clock.day(at)
    )
    check(about, rule)
    said = compiling.about(about.methodology)
    if Scenario.objects.filter(code=about.code).exists():
        raise ScenarioTaken(code=about.code)
    try:
        with transaction.atomic():
            made = Scenario.objects.create(
                code=about.code, name=about.name.strip(), summary=about.summary.strip(), field=about.field,
                organisation=mandate.membership.organisation, methodology=about.methodology, item=about.item,
                division_code=about.division_code, region_name=about.region_name.strip(), unit=rule.unit,
                rule=rule.as_json(), cap_day_g=about.cap_day_g or rule.cap_day_g,
                cap_year_g=about.cap_year_g or rule.cap_year_g, tracks=about.tracks,
                exclusions=about.exclusions.strip() or "；".join(said.get("exclusions_zh", [])),
                asks=about.asks.strip() or str(said.get("evidence_zh", "")), ease=about.ease, pooled=about.pooled,
                opened_by=mandate.membership.person, opened_at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError:  # a colleague was faster
        raise ScenarioTaken(code=about.code) from None
    record(
        kind="inclusion.scenario_applied",
        fact={"scenario": made.code, "methodology": made.methodology, "state": made.state},
        private={"scenario": made.pk, "organisation": mandate.membership.organisation.uscc},
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    return made


def check(about: About, rule: compiling.Compiled) -> None:
    wrong = (
        "code" if not CODE.fullmatch(about.code)
        else "name" if not about.name.strip() or len(about.name) > 60
        else "field" if about.field not in Scenario.Field.values
        else "division_code" if not DIVISION.fullmatch(about.division_code)
        else "region_name" if not about.region_name.strip() or len(about.region_name) > 60
        else "cap_day_g" if not 0 <= about.cap_day_g <= rule.cap_day_g
        else "cap_year_g" if not 0 <= about.cap_year_g <= rule.cap_year_g
        else "ease" if about.ease not in range(1, 6)
        else ""
    )  # fmt: skip
    if wrong:
        raise ScenarioUnreadable(field=wrong)


def take(
    *, scenario: Scenario, act: str, mandate: Mandate, reference: str, at: datetime, reason: str = "",
    revision: int | None = None, prepare: Prepare | None = None,
) -> ScenarioStep:  # fmt: skip
    """Take one step of the table, once however often it is asked under the same reference.

    ``connect`` and ``operate`` ask for a provider; ``operate``, ``resume`` and ``reassess`` set the day of the next
    reassessment by the rule pack. Refuses with ``NotYours``, ``MovedOn``, ``ChangedSince``, ``ReasonMissing``,
    ``NobodyConnected`` or ``identity.reference_taken``. Publishing has ``propose`` and ``confirm``.
    """
    row = next((one for one in TRANSITIONS if one.act == act), None)
    if row is None or (act == "publish" and prepare is None):
        raise moved_on(scenario)
    check_role(mandate, SIDES[row.side], at=at)
    if (act in REASONED and not reason.strip()) or len(reason) > LONGEST:
        raise ReasonMissing
    instructions.check_reference(reference)
    body = canonical.sha256({"scenario": scenario.pk, "act": act, "reason": reason.strip()})
    person = mandate.membership.person
    try:
        with transaction.atomic():
            return taken(scenario, act, mandate, reason.strip(), revision, reference, body, at, prepare)
    except (Refusal, IntegrityError):
        earlier = ScenarioStep.objects.filter(by=person, reference=reference).select_related("scenario").first()
        if earlier is None:
            raise
        if earlier.body_sha256 != body:
            raise instructions.ReferenceTaken(reference=reference) from None
        return earlier


def taken(
    scenario: Scenario, act: str, mandate: Mandate, reason: str, revision: int | None, reference: str, body: str,
    at: datetime, prepare: Prepare | None,
) -> ScenarioStep:  # fmt: skip
    held = locked(scenario)
    row = looked_up(held, act)
    if revision is not None and revision != held.revision:
        raise ChangedSince(given=revision, current=held.revision)
    said = prepare(held) if prepare is not None else Said(reason)
    if act in ("connect", "operate", "resume") and not held.providers.filter(state="LIVE").exists():
        raise NobodyConnected(scenario=held.name)
    if row.after == State.OPERATING:
        held.reassess_by = workdays.corresponding_day(
            clock.day(at), numbers.whole("inclusion_reassess_every", clock.day(at))
        )
    held.state = row.after
    held.revision, held.changed_at = held.revision + 1, at
    held.save()
    organisation = mandate.membership.organisation
    entry = record(
        kind=row.fact,
        fact={"scenario": held.code, "state": held.state, "methodology": held.methodology, **said.facts},
        private={"scenario": held.pk, "act": act, "reason": said.reason, "organisation": organisation.uscc},
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    latest = held.steps.order_by("-number").first()
    return ScenarioStep.objects.create(
        scenario=held, number=latest.number + 1 if latest else 1, act=act, before=row.before, after=row.after,
        by=mandate.membership.person, organisation=organisation, reason=said.reason, facts=dict(said.facts),
        reference=reference, body_sha256=body, entry=entry, at=at,
    )  # fmt: skip


def propose(*, scenario: Scenario, revision: int, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Propose to publish an assessed scenario: the first of two signatures.

    Refuses with ``NotYours``, ``MovedOn``, ``ChangedSince`` or ``ProposedAlready``.
    """
    check_role(mandate, roles.OPERATORS, at=at)
    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))

    def prepare(asked: Instruction) -> None:
        held = locked(scenario)
        looked_up(held, "publish")
        if revision != held.revision:
            raise ChangedSince(given=revision, current=held.revision)
        if (open_one := waiting(held, at=at)) is not None:
            raise ProposedAlready(initiator=open_one.initiator.name)
        held.instruction, held.revision, held.changed_at = asked, held.revision + 1, at
        held.save()

    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body={"scenario": scenario.pk, "sha256": shown(scenario)}, at=at,
        expires_at=at + open_for, prepare=prepare,
    )  # fmt: skip


def shown(scenario: Scenario) -> str:
    """The hash of what becomes public, so that both people sign the same."""
    names = ("code", "name", "field", "methodology", "item", "division_code", "unit", "rule", "cap_day_g", "cap_year_g",
             "pooled")  # fmt: skip
    return canonical.sha256({name: getattr(scenario, name) for name in names})


def confirm(*, scenario: Scenario, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the scenario is public. Refuses with ``NothingProposed``, ``MovedOn`` or as identity."""
    check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)
    asked = scenario.instruction
    if asked is None:
        raise NothingProposed

    def carry_out(one: Instruction) -> Mapping[str, Any]:
        def prepare(held: Scenario) -> Said:
            if shown(held) != one.body["sha256"]:
                raise NothingProposed
            return Said(facts={
                "name": held.name, "region": held.region_name, "rule_sha256": canonical.sha256(held.rule),
                "cap_day_g": held.cap_day_g, "cap_year_g": held.cap_year_g, "pooled": held.pooled,
            })  # fmt: skip

        body = canonical.sha256({"scenario": scenario.pk, "act": "publish", "instruction": str(one.pk)})
        reference = f"publish-{one.pk}"
        return {"step": taken(scenario, "publish", mandate, "", None, reference, body, at, prepare).number}

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)


def drop(*, scenario: Scenario, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """The first person takes the proposal back, or the second does not sign. Refuses with ``NothingProposed``."""
    asked = scenario.instruction
    if asked is None:
        raise NothingProposed
    own = mandate.membership.person_id == asked.initiator_id
    check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.INITIATE if own else Mandate.Capacity.CONFIRM)
    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:200], undo=lambda one: None
    )


def waiting(scenario: Scenario, *, at: datetime) -> Instruction | None:
    """The proposal to publish that awaits its second signature."""
    asked = scenario.instruction
    if asked is None or asked.expires_at <= at or instructions.decision_of(asked) is not None:
        return None
    return asked


def check_role(
    mandate: Mandate,
    wanted: tuple[Organisation.Role, ...],
    *,
    at: datetime,
    capacity: Mandate.Capacity = Mandate.Capacity.INITIATE,
) -> None:
    """Refuse with ``NotYours`` unless the mandate is of a body of one of these roles, or as identity judges it."""
    body = mandate.membership.organisation
    if body.role not in wanted:
        raise NotYours(needed="、".join(str(Organisation.Role(one).label) for one in wanted), organisation=body.name)
    instructions.check_mandate(mandate, capacity, organisation=body.pk, at=at)


def locked(scenario: Scenario) -> Scenario:
    return Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)


def looked_up(held: Scenario, act: str) -> Transition:
    for row in TRANSITIONS:
        if (row.act, row.before) == (act, held.state):
            return row
    raise moved_on(held)


def moved_on(held: Scenario) -> MovedOn:
    return MovedOn(state=held.get_state_display())
