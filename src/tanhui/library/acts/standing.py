"""How a version stands: announced for revision, in force again, or retired. A retirement takes two signatures and stops
new projects only (rules M-07)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import proposals, queries
from tanhui.library.models import Proposal, Standing, Version

OPEN_FOR = timedelta(days=7)  # how long what was asked waits for its second signature
State = Standing.State


class NotTheAuthority(Refusal):
    code = "library.not_the_authority"
    sentence = gettext_noop("This is for %(needed)s to decide, and you act for %(organisation)s. Leave it to them.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01, M-02）"
    status = 403


class RetiredAlready(Refusal):
    code = "library.retired_already"
    sentence = gettext_noop("%(methodology)s is retired since %(since)s and stays so. Publish a new version instead.")
    clause = "rules M-07"


class NothingChanges(Refusal):
    code = "library.nothing_changes"
    sentence = gettext_noop("%(methodology)s already stands at “%(state)s”. Nothing is to be decided.")
    clause = "ARCHITECTURE.md §6.3"


class DayPast(Refusal):
    code = "library.day_past"
    sentence = gettext_noop(
        "%(day)s has passed. What projects relied on until today is not changed behind them: choose today or a later "
        "day."
    )
    clause = "ARCHITECTURE.md §6.5"
    status = 422


class ReasonMissing(Refusal):
    code = "library.reason_missing"
    sentence = gettext_noop("Say why: everyone concerned reads it.")
    clause = "rules M-02"
    status = 422


@transaction.atomic
def propose(
    *, version: Version, state: str, since: date, reason: str, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """Ask for a version to be announced for revision, put in force again, or retired from a day on.

    Refuses with ``NotTheAuthority``, ``ReasonMissing``, ``DayPast``, ``RetiredAlready`` or ``NothingChanges``.
    """
    body = {
        "version": version.pk,
        "state": State(state).value,
        "since": since.isoformat(),
        "reason": reason.strip()[:300],
    }

    def prepare(asked: Instruction) -> None:
        check(version, body, mandate, at=at)

    return instructions.initiate(
        act=proposals.STAND,
        mandate=mandate,
        reference=reference,
        body=body,
        at=at,
        expires_at=at + OPEN_FOR,
        prepare=prepare,
    )


def check(version: Version, body: Mapping[str, Any], mandate: Mandate, *, at: datetime) -> None:
    organisation = mandate.membership.organisation
    if version.authority_id != organisation.pk:
        raise NotTheAuthority(needed=str(version.authority), organisation=organisation.name)
    if not body["reason"]:
        raise ReasonMissing
    since, today = date.fromisoformat(body["since"]), clock.day(at)
    if since < today:
        raise DayPast(day=since.isoformat())
    last = version.standings.order_by("since", "id").last()
    if last is not None and last.state == State.RETIRED:
        raise RetiredAlready(methodology=version.full_code, since=last.since.isoformat())
    if last is not None and last.state == body["state"]:
        raise NothingChanges(methodology=version.full_code, state=last.get_state_display())


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """What the second signature does. Refuses as ``propose``, should things have changed meanwhile."""
    version = Version.objects.select_related("methodology", "authority").get(pk=asked.body["version"])
    lock(version)
    check(version, asked.body, mandate, at=at)
    made = stand(
        version, asked.body["state"], date.fromisoformat(asked.body["since"]), reason=asked.body["reason"],
        initiator=asked.initiator, confirmer=mandate.membership.person, at=at,
    )  # fmt: skip
    return {"standing": made.pk}


def stand(
    version: Version, state: str, since: date, *, initiator: Person, confirmer: Person | None, at: datetime,
    reason: str = "", successor: Version | None = None, proposal: Proposal | None = None,
) -> Standing:  # fmt: skip
    """Write a standing and tell it."""
    entry = record(
        kind=f"library.version_{State(state).value.lower()}",
        fact={
            "methodology": version.full_code, "since": since.isoformat(),
            **({"reason": reason} if reason else {}), **({"successor": successor.full_code} if successor else {}),
        },
        private={"version": version.pk, "initiator": initiator.pk},
        at=at,
        by=(confirmer or initiator).pk,
    )  # fmt: skip
    return Standing.objects.create(
        version=version, state=state, since=since, reason=reason, successor=successor, proposal=proposal,
        initiator=initiator, confirmer=confirmer, at=at, entry=entry,
    )  # fmt: skip


def revision_began(held: Proposal, *, by: Person, at: datetime) -> None:
    """A revision that is open to comment puts the version it revises under revision, if that one is in force."""
    if held.revises is not None and queries.stands(held.revises, on=clock.day(at)).state == State.PUBLISHED:
        stand(held.revises, State.REVISING, clock.day(at), initiator=by, confirmer=None, at=at, proposal=held)


def revision_ended(held: Proposal, *, by: Person, at: datetime) -> None:
    """A revision that came to nothing leaves the version as it was, unless something else was decided of it since."""
    if held.revises is None:
        return
    last = held.revises.standings.order_by("since", "id").last()
    if last is not None and last.proposal_id == held.pk and last.state == State.REVISING:
        stand(held.revises, State.PUBLISHED, clock.day(at), initiator=by, confirmer=None, at=at, proposal=held)


def lock(version: Version) -> None:
    """Nobody else changes how a version stands until the transaction ends; its row never changes, so none is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('library_version', %s))", [version.pk])
