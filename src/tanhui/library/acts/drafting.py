"""Filling in a proposal, leaving it, coming back, handing it in, and taking it back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tanhui.files.acts import filing
from tanhui.files.models import Document, Upload
from tanhui.identity import access as people
from tanhui.identity import vault
from tanhui.identity.models import Organisation, Person
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import proposals, rules
from tanhui.library.acts import content, standing, steps
from tanhui.library.models import Paper, Proposal, Round, Step, Transition

State = Proposal.State
EDITABLE = (State.DRAFT, State.RETURNED)
SUBJECT = "library.proposal"


class NotEditable(Refusal):
    code = "library.not_editable"
    sentence = gettext_noop(
        "The proposal is at “%(state)s” and cannot be changed there. Wait until it is returned, or withdraw it."
    )
    clause = "rules §3.1: states of a methodology"


class NotYours(Refusal):
    code = "library.not_yours"
    sentence = gettext_noop("Only %(proposer)s, who started this proposal, can do this. Ask them.")
    clause = "rules M-03"
    status = 403


class NotReady(Refusal):
    code = "library.not_ready"
    sentence = gettext_noop("%(count)s points are still open. Settle each of them, then submit.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01, M-04）"
    status = 422


class FieldUnknown(Refusal):
    code = "library.field_unknown"
    sentence = gettext_noop("The proposal has no field “%(field)s”, or its text is longer than %(most)s characters.")
    clause = "ARCHITECTURE.md §2"
    status = 422


class NotYourOrganisation(Refusal):
    code = "library.not_your_organisation"
    sentence = gettext_noop("You do not work for %(organisation)s. Propose for your own organisation, or in your name.")
    clause = "rules M-03"
    status = 403


KNOWN = {field for fields in content.FIELDS.values() for field in fields}


@transaction.atomic
def start(*, by: Person, at: datetime, revises: str = "") -> Proposal:
    """A new proposal of this person, or of a revision of a published version (its full code); one that was started and
    left empty is taken up again."""
    Person.objects.select_for_update().get(pk=by.pk)  # of two clicks one starts it
    said = {"kind": Proposal.Kind.REVISION.value, "revises": revises} if revises else {}
    if said and (known := content.revised(said)) is not None:
        said |= {
            "scheme": known.methodology.scheme, "sector": known.methodology.sector, "name": known.name,
            "category": known.methodology.category, "name_en": known.name_en,
        }  # fmt: skip
    empty = Proposal.objects.filter(proposer=by, state=State.DRAFT, revision=1, draft=said).first()
    return empty or Proposal.objects.create(proposer=by, draft=said, sealed="{}", created_at=at, changed_at=at)


@transaction.atomic
def keep(*, proposal: Proposal, values: Mapping[str, str], revision: int, by: Person, at: datetime) -> Proposal:
    """Keep what is filled in so far, complete or not. Refuses with ``NotYours``, ``NotEditable``, ``FieldUnknown`` or
    ``steps.ChangedSince``; saving the same again changes nothing."""
    held = editable(proposal, by=by)
    secret, open_ = split(values)
    sealed = json.loads(vault.opened(held, "sealed"))
    if held.draft | open_ == held.draft and sealed | secret == sealed:
        return held
    if held.revision != revision:
        raise steps.ChangedSince(given=revision, current=held.revision)
    held.draft, held.sealed = held.draft | open_, json.dumps(sealed | secret, ensure_ascii=False)
    held.revision, held.changed_at = held.revision + 1, at
    held.save(update_fields=["draft", "sealed", "revision", "changed_at"])
    return held


@transaction.atomic
def hand_in(*, proposal: Proposal, kind: str, upload: Upload, by: Person, at: datetime) -> Paper:
    """Hand in a paper, or a better one in its place. The application form names people and is never public.

    Refuses with ``NotYours``, ``NotEditable``, ``content.NotAChoice`` or as the room of files does.
    """
    held = editable(proposal, by=by)
    if kind not in Paper.Kind.values:
        raise content.NotAChoice(value=kind[:60])
    known = Paper.objects.filter(proposal=held, kind=kind).first()
    if known is None:
        document = filing.file(
            subject=f"{SUBJECT}:{held.pk}", kind=SUBJECT, title=str(Paper.Kind(kind).label), upload=upload, by=by,
            at=at, withheld_reason=Document.Withheld.PERSONAL if kind == Paper.Kind.FORM else "",
        )  # fmt: skip
        version = document.versions.get()
    else:
        version = filing.replace(document=Document.objects.get(pk=known.document), upload=upload, by=by, at=at)
    values = {
        "document": version.document_id, "version": version.number, "name": version.name, "sha256": version.sha256,
        "size_bytes": version.size_bytes,
    }  # fmt: skip
    held.revision, held.changed_at = held.revision + 1, at
    held.save(update_fields=["revision", "changed_at"])
    return Paper.objects.update_or_create(proposal=held, kind=kind, defaults=values)[0]


def editable(proposal: Proposal, *, by: Person) -> Proposal:
    """The row, locked, if this person may change it now. Refuses with ``NotYours`` or ``NotEditable``."""
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    mine(held, by)
    if held.state not in EDITABLE:
        raise NotEditable(state=held.get_state_display())
    return held


def mine(held: Proposal, by: Person) -> None:
    if held.proposer_id != by.pk:
        raise NotYours(proposer=held.proposer.name)


def split(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is secret and what is not. Refuses with ``FieldUnknown``."""
    for field, value in values.items():
        most = content.LONGEST if field in content.LONG else content.SHORT
        if field not in KNOWN or len(value) > most or "\x00" in value:
            raise FieldUnknown(field=field[:40], most=most)
    secret = {field: value for field, value in values.items() if field in content.SECRET}
    return secret, {field: value for field, value in values.items() if field not in secret}


def filled_in(one: Proposal | Round) -> dict[str, str]:
    """Everything that was filled in, contact particulars too: for the proposer, the authority, and for checking."""
    said: dict[str, str] = one.draft if isinstance(one, Proposal) else one.content
    secret: dict[str, str] = json.loads(vault.opened(one, "sealed"))
    return said | secret


def faults(proposal: Proposal) -> list[content.Fault]:
    """Everything that keeps a proposal from being submitted."""
    papers = {one.kind: one for one in proposal.papers.all()}
    return list(content.faults(proposal, filled_in(proposal), papers, content.authorities()))


def submit(*, proposal: Proposal, revision: int, reference: str, by: Person, at: datetime) -> Step:
    """Hand a proposal in, or in again after a return; asked twice it is handed in once.

    The time limits of the first day's rule packs are kept. Refuses with ``NotYours``, ``NotReady``, the only fault of
    ``faults`` where there is one, ``NotYourOrganisation``, ``methods.no_such_package``, ``steps.ChangedSince`` or
    ``steps.MovedOn``.
    """

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        mine(held, by)
        open_points = faults(held)
        if len(open_points) == 1:
            raise open_points[0].refusal
        if open_points:
            raise NotReady(count=len(open_points))
        said = filled_in(held)
        held.authority = Organisation.objects.get(uscc=said["authority"], role__in=proposals.HANDLERS)
        held.organisation = own_organisation(by, said.get("organisation", ""), at)
        held.name, held.scheme, held.kind = said["name"].strip(), said["scheme"], said["kind"]
        held.revises = content.revised(said) if held.kind == Proposal.Kind.REVISION else None
        held.handler = None
        if held.number is None:
            held.number, held.limits = next_number(), rules.limits(held.scheme, clock.day(at))
        return steps.Said(round=keep_round(held, said, by=by, at=at))

    return steps.step(
        proposal=proposal, act="submit", by=by, revision=revision, reference=reference, at=at, prepare=prepare
    )


def own_organisation(by: Person, code: str, at: datetime) -> Organisation | None:
    """The organisation one proposes for; none when in one's own name. Refuses with ``NotYourOrganisation``."""
    if not code:
        return None
    if (found := people.organisations(by, at=at).filter(uscc=code).first()) is None:
        raise NotYourOrganisation(organisation=code[:18])
    return found


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('library_proposal_number')")
        number: int = cursor.fetchone()[0]
    return number


def keep_round(held: Proposal, said: Mapping[str, str], *, by: Person, at: datetime) -> Round:
    """What is handed in, as it stands, with the versions of its papers and the bytes of the package it names."""
    papers: list[dict[str, Any]] = [
        {
            "kind": one.kind, "document": str(one.document), "version": one.version, "name": one.name,
            "sha256": one.sha256, "size_bytes": one.size_bytes,
        }
        for one in held.papers.order_by("kind")
    ]  # fmt: skip
    kept = {field: value for field, value in said.items() if field not in content.SECRET}
    if package := kept.get("package"):
        from tanhui.methods.engine import shelf  # loads numpy

        kept["package_sha256"] = shelf.load(package).sha256
    return Round.objects.create(
        proposal=held, number=held.rounds.count() + 1, content=kept, sealed=vault.opened(held, "sealed"),
        papers=papers, sha256=canonical.sha256({"content": kept, "papers": papers}), by=by, at=at,
    )  # fmt: skip


def withdraw(*, proposal: Proposal, reason: str, reference: str, by: Person, at: datetime) -> Step:
    """The proposer takes the proposal back, at any time before it is filed. Refuses with ``NotYours`` or
    ``steps.MovedOn``."""

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        mine(held, by)
        standing.revision_ended(held, by=by, at=at)
        return said

    said = steps.Said(reason=reason.strip()[: steps.LONGEST])
    return steps.step(proposal=proposal, act="withdraw", by=by, said=said, reference=reference, at=at, prepare=prepare)
