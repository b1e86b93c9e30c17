"""Connecting data providers: the agreement, the secret of their programs, from trying out to live, and its end."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate, Organisation
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import consents, scenarios
from tanhui.inclusion.models import Credential, Provider, Scenario
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

PRIVACY = "《个人信息保护法》第二十一、二十三条"
HOUSE = "沪环气〔2022〕211号第3条"
CODE = re.compile(r"[a-z][a-z0-9-]{2,39}", re.ASCII)
LONGEST_KEPT = 3_650  # days an agreement may name
State = Provider.State


class AgreementUnreadable(Refusal):
    code = "inclusion.agreement_unreadable"
    sentence = gettext_noop(
        "An agreement with a provider says its number, purpose, kinds of data, how many days the data is kept, and a "
        "first and a later last day. Correct: %(field)s."
    )
    clause = PRIVACY
    status = 422


class ProviderTaken(Refusal):
    code = "inclusion.provider_taken"
    sentence = gettext_noop("There is a provider with the code %(code)s. Give another code.")
    clause = HOUSE


class NotAProvider(Refusal):
    code = "inclusion.not_a_provider"
    sentence = gettext_noop("%(organisation)s is not registered as a scenario or data provider. Register it as one.")
    clause = HOUSE
    status = 422


class ScenarioNotPublished(Refusal):
    code = "inclusion.scenario_not_published"
    sentence = gettext_noop("“%(scenario)s” is not published. A provider is connected to published scenarios only.")
    clause = HOUSE


class TrialNotPassed(Refusal):
    code = "inclusion.trial_not_passed"
    sentence = gettext_noop(
        "In its trial the provider sent %(rows)s rows and %(percent)s %% of them were accepted; at least %(least)s "
        "rows and %(accepted)s %% are asked for. Let it try again."
    )
    clause = HOUSE


class ProviderMovedOn(Refusal):
    code = "inclusion.provider_moved_on"
    sentence = gettext_noop("The provider is now “%(state)s”, and this cannot be done from there. Look at it again.")
    clause = HOUSE


@dataclass(frozen=True, slots=True)
class Terms:
    """What the agreement says: purpose, kinds of data, how long each event is kept, and its first and last day."""

    code: str
    name: str
    agreement: str
    purpose: str
    kinds: str
    retention_days: int
    since: date
    until: date


@transaction.atomic
def enter(
    *, terms: Terms, organisation: Organisation, scenarios_: list[Scenario], mandate: Mandate, at: datetime
) -> Provider:
    """Enter a provider under its agreement; it begins by trying out.

    Refuses with ``scenarios.NotYours``, ``NotAProvider``, ``AgreementUnreadable``, ``ProviderTaken``,
    ``ScenarioNotPublished``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    if organisation.role not in roles.PROVIDERS:
        raise NotAProvider(organisation=organisation.name)
    check(terms)
    for one in scenarios_:
        if one.state not in Scenario.SHOWN:
            raise ScenarioNotPublished(scenario=one.name)
    try:
        with transaction.atomic():
            made = Provider.objects.create(
                code=terms.code, name=terms.name.strip(), agreement=terms.agreement.strip(),
                purpose=terms.purpose.strip(), kinds=terms.kinds.strip(), retention_days=terms.retention_days,
                since=terms.since, until=terms.until, organisation=organisation,
                operator=mandate.membership.organisation, opened_by=mandate.membership.person, opened_at=at,
                changed_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise ProviderTaken(code=terms.code) from None
    made.scenarios.set(scenarios_)
    tell("inclusion.provider_entered", made, mandate, at)
    return made


def check(terms: Terms) -> None:
    wrong = (
        "code" if not CODE.fullmatch(terms.code)
        else "name" if not terms.name.strip()
        else "agreement" if not terms.agreement.strip()
        else "purpose" if not terms.purpose.strip()
        else "kinds" if not terms.kinds.strip()
        else "retention_days" if not 0 < terms.retention_days <= LONGEST_KEPT
        else "until" if terms.until <= terms.since
        else ""
    )  # fmt: skip
    if wrong:
        raise AgreementUnreadable(field=wrong)


@transaction.atomic
def connect(*, provider: Provider, scenario: Scenario, mandate: Mandate, at: datetime) -> None:
    """Let a provider report for one scenario more. Refuses with ``ScenarioNotPublished`` or ``scenarios.NotYours``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    if scenario.state not in Scenario.SHOWN:
        raise ScenarioNotPublished(scenario=scenario.name)
    provider.scenarios.add(scenario)
    consents.name_people(provider=provider, at=at)
    tell("inclusion.provider_connected", provider, mandate, at, scenario=scenario.code)


@transaction.atomic
def issue(*, provider: Provider, label: str, mandate: Mandate, at: datetime) -> tuple[Credential, str]:
    """A secret for a program of the provider, which is shown this once and kept as a hash.

    The operator or the provider's own people ask for it. Refuses as the mandate is judged.
    """
    check_either(provider, mandate, at=at)
    token = secrets.token_urlsafe(32)
    life = timedelta(days=numbers.whole("inclusion_token_life", clock.day(at)))
    made = Credential.objects.create(
        provider=provider, label=label.strip()[:60] or provider.code, by=mandate.membership.person, at=at,
        token_sha256=hashed(token), expires_at=at + life,
    )  # fmt: skip
    tell("inclusion.credential_issued", provider, mandate, at)
    return made, token


@transaction.atomic
def revoke(*, credential: Credential, mandate: Mandate, at: datetime) -> None:
    """The secret is good no longer. Refuses as the mandate is judged."""
    check_either(credential.provider, mandate, at=at)
    held = Credential.objects.select_for_update().get(pk=credential.pk)
    if held.ended_at is None:
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        tell("inclusion.credential_ended", credential.provider, mandate, at)


def check_either(provider: Provider, mandate: Mandate, *, at: datetime) -> None:
    body = mandate.membership.organisation
    if body.pk not in (provider.organisation_id, provider.operator_id):
        raise scenarios.NotYours(needed=str(provider.organisation), organisation=body.name)
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)


@transaction.atomic
def turn(*, provider: Provider, state: str, mandate: Mandate, at: datetime, reason: str = "") -> Provider:
    """Go live after a trial that passed, suspend, let go on, or end.

    Refuses with ``TrialNotPassed``, ``ProviderMovedOn``, ``scenarios.ReasonMissing`` or ``scenarios.NotYours``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    held = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
    allowed = {
        (State.SANDBOX, State.LIVE), (State.LIVE, State.SUSPENDED), (State.SUSPENDED, State.LIVE),
        (State.SANDBOX, State.ENDED), (State.LIVE, State.ENDED), (State.SUSPENDED, State.ENDED),
    }  # fmt: skip
    if (held.state, state) not in allowed:
        raise ProviderMovedOn(state=held.get_state_display())
    if state in (State.SUSPENDED, State.ENDED) and not reason.strip():
        raise scenarios.ReasonMissing
    if (held.state, state) == (State.SANDBOX, State.LIVE):
        passed(held, clock.day(at))
    held.state, held.changed_at = state, at
    held.save(update_fields=["state", "changed_at"])
    consents.name_people(provider=held, at=at)
    tell("inclusion.provider_turned", held, mandate, at, reason=reason.strip()[:1000])
    return held


def passed(provider: Provider, on: date) -> None:
    """Refuse with ``TrialNotPassed`` unless the trial has shown enough good rows."""
    sums = provider.batches.filter(sandbox=True).aggregate(received=Sum("received"), accepted=Sum("accepted"))
    received, accepted = sums["received"] or 0, sums["accepted"] or 0
    least, share = numbers.whole("inclusion_sandbox_rows", on), numbers.whole("inclusion_sandbox_accepted", on)
    if received < least or accepted * 100 < share * received:
        percent = accepted * 100 // received if received else 0
        raise TrialNotPassed(rows=received, percent=percent, least=least, accepted=share)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def tell(kind: str, provider: Provider, mandate: Mandate, at: datetime, reason: str = "", **fact: str) -> None:
    record(
        kind=kind,
        fact={"provider": provider.code, "state": provider.state, **fact},
        private={"provider": provider.pk, "organisation": provider.organisation.uscc, "reason": reason},
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
