"""Filing a passed proposal under two signatures (备案), and publishing it: the version is bound to text and package."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import proposals
from tanhui.library.acts import checking, proof, standing, steps
from tanhui.library.models import Filing, Methodology, Minutes, Proposal, Standing, Step, Transition, Version

OPEN_FOR = timedelta(days=7)  # how long a filing waits for its second signature
CODE = re.compile("[A-Z0-9]+(-[A-Z0-9]+)*")
VERSION = re.compile("V[0-9]{2}")


class NotPassed(Refusal):
    code = "library.not_passed"
    sentence = gettext_noop("The expert review has not passed this proposal. Only what has passed is filed.")
    clause = "rules M-03: expert evaluation, then filing"


class CodeUnreadable(Refusal):
    code = "library.code_unreadable"
    sentence = gettext_noop(
        "“%(code)s” with version “%(version)s” is no code of a methodology. Write capital letters, digits and hyphens, "
        "and a version like V01."
    )
    clause = "rules M-06"
    status = 422


class VersionTaken(Refusal):
    code = "library.version_taken"
    sentence = gettext_noop("%(code)s is filed or published already. Give this one the next version.")
    clause = "rules M-06"


class OtherCode(Refusal):
    code = "library.other_code"
    sentence = gettext_noop(
        "This revises %(revises)s and keeps its code %(wanted)s. Give it that code and a new version."
    )
    clause = "rules M-04, M-06"
    status = 422


class NothingProposed(Refusal):
    code = "library.nothing_proposed"
    sentence = gettext_noop("Nobody has asked for this to be filed, or it has lapsed. Propose it.")
    clause = "ARCHITECTURE.md §6.3"


class DaysImpossible(Refusal):
    code = "library.days_impossible"
    sentence = gettext_noop(
        "Valid from %(valid_from)s, and the version before until %(previous)s, is not possible. Choose today or a "
        "later day, so that the version before ends no earlier than the day before the new one begins."
    )
    clause = "rules M-07"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a filing puts on record besides the proposal: its code, version and number, and the days it counts from."""

    code: str
    version: str
    number: str
    valid_from: date
    previous_until: date | None = None

    def body(self) -> dict[str, Any]:
        return {name: one.isoformat() if isinstance(one, date) else one for name, one in asdict(self).items()}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Wanted":
        until = body["previous_until"]
        return cls(
            code=body["code"], version=body["version"], number=body["number"],
            valid_from=date.fromisoformat(body["valid_from"]),
            previous_until=date.fromisoformat(until) if until else None,
        )  # fmt: skip


@transaction.atomic
def propose(
    *, proposal: Proposal, wanted: Wanted, revision: int, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """The handler asks a colleague to sign the filing too.

    Refuses with ``NotPassed``, ``CodeUnreadable``, ``OtherCode``, ``VersionTaken``, ``DaysImpossible``, as
    ``proof.check``, ``checking.Proposed``, ``steps.ChangedSince`` or as ``checking.in_hand``.
    """
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)

    def prepare(asked: Instruction) -> None:
        steps.looked_up(held, "file")
        checking.in_hand(held, mandate, at=at)
        if revision != held.revision:
            raise steps.ChangedSince(given=revision, current=held.revision)
        checking.nothing_proposed(held, at=at)
        check(held, wanted, at=at)
        held.instruction, held.revision, held.changed_at = asked, held.revision + 1, at
        held.save(update_fields=["instruction", "revision", "changed_at"])

    return instructions.initiate(
        act=proposals.FILE, mandate=mandate, reference=reference, body={"proposal": str(held.pk)} | wanted.body(),
        at=at, expires_at=at + OPEN_FOR, prepare=prepare,
    )  # fmt: skip


def check(held: Proposal, wanted: Wanted, *, at: datetime) -> None:
    """The rules of a filing, for both signatures."""
    latest = held.rounds.order_by("-number")[0]
    if not Minutes.objects.filter(round=latest, outcome=Minutes.Outcome.PASSED).exists():
        raise NotPassed
    if not (CODE.fullmatch(wanted.code) and VERSION.fullmatch(wanted.version)):
        raise CodeUnreadable(code=wanted.code[:40], version=wanted.version[:16])
    if held.revises is not None and held.revises.methodology.code != wanted.code:
        raise OtherCode(revises=held.revises.full_code, wanted=held.revises.methodology.code)
    published = Version.objects.filter(methodology__code=wanted.code)
    taken = published if held.revises is None else published.filter(version=wanted.version)
    filed = Filing.objects.filter(code=wanted.code, version=wanted.version).exclude(proposal=held)
    if taken.exists() or filed.exists():
        raise VersionTaken(code=f"{wanted.code}-{wanted.version}")
    until = wanted.previous_until or wanted.valid_from - timedelta(days=1)
    if wanted.valid_from < clock.day(at) or until < wanted.valid_from - timedelta(days=1):
        raise DaysImpossible(valid_from=wanted.valid_from.isoformat(), previous=until.isoformat())
    said = latest.content
    if said.get("package"):
        proof.check(said["package"], said["package_sha256"], category=said["category"])


def pending(proposal: Proposal, *, at: datetime) -> Instruction:
    """The filing that waits for its second signature. Refuses with ``NothingProposed``."""
    held = Proposal.objects.select_related("instruction__initiator", "instruction__organisation").get(pk=proposal.pk)
    asked = held.instruction
    if asked is None or (instructions.decision_of(asked) is None and asked.expires_at <= at):
        raise NothingProposed
    return asked


def confirm(*, proposal: Proposal, mandate: Mandate, at: datetime) -> Decision:
    """Sign second: the proposal is filed. Refuses with ``NothingProposed``, ``identity.one_person_twice`` or as
    ``propose``."""
    asked = pending(proposal, at=at)

    def carry_out(asked: Instruction) -> Mapping[str, Any]:
        wanted = Wanted.read(asked.body)

        def prepare(held: Proposal, row: Transition) -> steps.Said:
            checking.may_handle(held, mandate, at=at)
            check(held, wanted, at=at)
            return steps.Said(fact={"code": wanted.code, "version": wanted.version, "document_number": wanted.number})

        step = steps.step(
            proposal=proposal, act="file", by=mandate.membership.person, organisation=mandate.membership.organisation,
            reference=f"file-{asked.pk}", at=at, prepare=prepare,
        )  # fmt: skip
        keep(step, wanted, asked, mandate, at)
        return {"code": f"{wanted.code}-{wanted.version}"}

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)


def keep(step: Step, wanted: Wanted, asked: Instruction, mandate: Mandate, at: datetime) -> Filing:
    assert step.round is not None
    said = step.round.content
    text = next(one["sha256"] for one in step.round.papers if one["kind"] == "TEXT")
    return Filing.objects.create(
        proposal=step.proposal, code=wanted.code, version=wanted.version, number=wanted.number, name=step.proposal.name,
        name_en=said.get("name_en", ""), sector=said["sector"], category=said["category"],
        package=said.get("package", ""), package_sha256=said.get("package_sha256", ""), text_sha256=text,
        crediting_years_min=number(said.get("crediting_min")), crediting_years_max=number(said.get("crediting_max")),
        valid_from=wanted.valid_from, previous_until=wanted.previous_until, initiator=asked.initiator,
        confirmer=mandate.membership.person, at=at, entry=step.entry,
    )  # fmt: skip


def number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None


def drop(*, proposal: Proposal, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person does not sign (``REJECTED``), or the first takes it back (``WITHDRAWN``); the review stands.

    Refuses with ``NothingProposed`` or ``identity.wrong_mandate``.
    """
    asked = pending(proposal, at=at)
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(mandate.membership.organisation)
        )
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)

    def undo(asked: Instruction) -> None:
        held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        Proposal.objects.filter(pk=held.pk).update(revision=held.revision + 1, changed_at=at)

    return instructions.drop(instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=undo)


def publish(*, proposal: Proposal, revision: int, mandate: Mandate, reference: str, at: datetime) -> Version:
    """Publish what is filed: a version of the library, bound to its text and to the package's bytes. Published twice it
    is published once. The version it revises takes new projects until the day the filing names, and no longer.

    Refuses as ``proof.check``, ``steps.ChangedSince``, ``steps.MovedOn`` or ``checking.may_handle``.
    """

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        checking.may_handle(held, mandate, at=at)
        filed = held.filing
        if filed.package:
            proof.check(filed.package, filed.package_sha256, category=filed.category)
        return steps.Said(fact={
            "methodology": f"{filed.code}-{filed.version}", "document_number": filed.number,
            "text_sha256": filed.text_sha256, "effective": filed.valid_from.isoformat(),
            **({"package": filed.package, "package_sha256": filed.package_sha256} if filed.package else {}),
        })  # fmt: skip

    with transaction.atomic():
        step = steps.step(
            proposal=proposal, act="publish", by=mandate.membership.person,
            organisation=mandate.membership.organisation, revision=revision, reference=reference, at=at,
            prepare=prepare,
        )  # fmt: skip
        return Version.objects.filter(proposal=step.proposal).first() or put_in_library(step, at)


def put_in_library(step: Step, at: datetime) -> Version:
    held, said = step.proposal, step.round.content if step.round else {}
    filed, authority = held.filing, held.authority
    assert authority is not None  # the database has every submitted proposal name one
    methodology, _ = Methodology.objects.get_or_create(
        code=filed.code,
        defaults={"scheme": held.scheme, "sector": filed.sector, "category": filed.category, "since_at": at},
    )
    made = Version.objects.create(
        methodology=methodology, version=filed.version, name=filed.name, name_en=filed.name_en,
        summary=said.get("summary", ""), changes=said.get("changes", ""), filing_number=filed.number,
        authority=authority, issuer=str(authority), text_sha256=filed.text_sha256, package=filed.package,
        package_sha256=filed.package_sha256, crediting_years_min=filed.crediting_years_min,
        crediting_years_max=filed.crediting_years_max, published_on=clock.day(at),
        valid_from=max(filed.valid_from, clock.day(at)), proposal=held, initiator=filed.initiator,
        confirmer=filed.confirmer, at=at, entry=step.entry,
    )  # fmt: skip
    signed: dict[str, Any] = {"initiator": filed.initiator, "confirmer": filed.confirmer, "at": at, "proposal": held}
    standing.stand(made, Standing.State.PUBLISHED, made.valid_from, **signed)
    if held.revises is not None:
        standing.lock(held.revises)
        last = held.revises.standings.order_by("since", "id").last()
        if last is None or last.state != Standing.State.RETIRED:
            until = filed.previous_until or made.valid_from - timedelta(days=1)
            since = max(until + timedelta(days=1), made.valid_from)
            standing.stand(held.revises, Standing.State.RETIRED, since, successor=made, **signed)
    return made
