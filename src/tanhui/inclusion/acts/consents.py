"""The switches: a scenario counts only while its person wants it to, and a track only by a consent of its own."""

import secrets
from datetime import datetime

from django.db import connection, transaction

from tanhui.inclusion import consent_texts
from tanhui.inclusion.acts import accounts, points
from tanhui.inclusion.models import Account, Consent, Provider, Pseudonym, Receipt, Scenario
from tanhui.kernel.refusal import Refusal, gettext_noop

Kind = Consent.Kind


class ScenarioNotOpen(Refusal):
    code = "inclusion.scenario_not_open"
    sentence = gettext_noop("“%(name)s” does not count at the moment. Choose a scenario that is in operation.")
    clause = "沪环气〔2022〕211号第10条"


class TextOutdated(Refusal):
    code = "inclusion.consent_text_outdated"
    sentence = gettext_noop("The text was changed after you opened it. Read version %(current)s, then agree to it.")
    clause = "个人信息保护法第十四条"
    status = 412


class TrackNeedsScenario(Refusal):
    code = "inclusion.track_needs_scenario"
    sentence = gettext_noop(
        "Switch “%(name)s” on first; where you were is asked for only with a scenario that needs it."
    )
    clause = "个人信息保护法第六条"


class NoTrackOfMinors(Refusal):
    code = "inclusion.no_track_of_minors"
    sentence = gettext_noop("Where a child was is never used. Everything else of the scenario works without it.")
    clause = "个人信息保护法第二十八、三十一条"
    status = 403


@transaction.atomic
def turn(
    *, account: Account, scenario: Scenario, kind: Consent.Kind, on: bool, text_version: str, at: datetime
) -> Consent | None:
    """Turn a switch; nothing where it stands so already. Switching a scenario off switches its track off too.

    Switched on, each provider of the scenario has a name for the person that says nothing. Withdrawing has a receipt
    and is never refused. Refuses with ``AccountNotActive``, ``ScenarioNotOpen``, ``TextOutdated``,
    ``TrackNeedsScenario`` or ``NoTrackOfMinors``.
    """
    locked = Account.objects.select_for_update().get(pk=account.pk)
    standing = latest(locked, scenario)
    if on:
        check(locked, scenario, kind, text_version, standing)
    if standing.get(kind, False) == on:
        return None
    made = keep(locked, scenario, kind, on, text_version, at)
    if on and kind == Kind.GENERAL:
        for provider in scenario.providers.filter(state=Provider.State.LIVE):
            known = Pseudonym.objects.filter(account=locked, provider=provider)
            if not known.exists():
                Pseudonym.objects.create(value=secrets.token_hex(16), account=locked, provider=provider, at=at)
    if not on:
        if kind == Kind.GENERAL and standing.get(Kind.TRACK):
            keep(locked, scenario, Kind.TRACK, False, text_version, at)
        accounts.receipt(locked, Receipt.Kind.WITHDRAWN, at, scenario=scenario.code, of=str(kind))
    return made


NAMED = """
INSERT INTO inclusion_pseudonym (value, account_id, provider_id, at)
SELECT left(encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'), 32), account_id,
       %(provider)s, %(at)s
  FROM (SELECT DISTINCT ON (c.account_id, c.scenario_id) c.account_id, c.given
          FROM inclusion_consent c
          JOIN inclusion_provider_scenarios s ON s.scenario_id = c.scenario_id AND s.provider_id = %(provider)s
          JOIN inclusion_account a ON a.number = c.account_id AND a.state = 'ACTIVE'
         WHERE c.kind = 'GENERAL'
         ORDER BY c.account_id, c.scenario_id, c.id DESC) AS latest
 WHERE given
 GROUP BY account_id
ON CONFLICT (account_id, provider_id) DO NOTHING
"""


def name_people(*, provider: Provider, at: datetime) -> int:
    """Name everybody whose switch of one of its scenarios is on to a provider that came later; how many were new."""
    if provider.state != Provider.State.LIVE:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"provider": provider.pk, "at": at})
        return int(cursor.rowcount)


def check(
    account: Account, scenario: Scenario, kind: Consent.Kind, text_version: str, standing: dict[str, bool]
) -> None:
    if account.state != Account.State.ACTIVE:
        raise points.AccountNotActive
    if scenario.state != Scenario.State.OPERATING:
        raise ScenarioNotOpen(name=scenario.name)
    if text_version != consent_texts.CURRENT:
        raise TextOutdated(current=consent_texts.CURRENT)
    if kind == Kind.TRACK:
        if account.grown_on:
            raise NoTrackOfMinors
        if not scenario.tracks or not standing.get(Kind.GENERAL):
            raise TrackNeedsScenario(name=scenario.name)


def latest(account: Account, scenario: Scenario) -> dict[str, bool]:
    """How the switches of a scenario stand, by kind."""
    rows = Consent.objects.filter(account=account, scenario=scenario).order_by("kind", "-id").distinct("kind")
    return dict(rows.values_list("kind", "given"))


def keep(account: Account, scenario: Scenario, kind: Consent.Kind, on: bool, version: str, at: datetime) -> Consent:
    text = consent_texts.text(kind, version if on else consent_texts.CURRENT)
    return Consent.objects.create(
        account=account, scenario=scenario, kind=kind, given=on, text_version=text.version, text_sha256=text.sha256,
        at=at,
    )  # fmt: skip
