"""The expert review: a panel is appointed, declares its interests, votes with reasons and scores, and is minuted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import rules
from tanhui.library.acts import checking, steps
from tanhui.library.models import PRINCIPLES, Comment, Minutes, Panelist, Proposal, Round, Step, Transition, Vote
from tanhui.library.models.review import SCORES

LONGEST = 2000


class CommentsStillOpen(Refusal):
    code = "library.comments_still_open"
    sentence = gettext_noop("The public may comment until the end of %(until)s. The experts meet after that.")
    clause = "rules §12: proposals are published for comment"


class CommentsUnanswered(Refusal):
    code = "library.comments_unanswered"
    sentence = gettext_noop(
        "%(count)s comments are neither answered nor set aside. Answer each before the experts meet."
    )
    clause = "rules §12: comments are published with their answers"


class NoExperts(Refusal):
    code = "library.no_experts"
    sentence = gettext_noop("Appoint at least %(quorum)s experts: fewer cannot reach the quorum.")
    clause = "《四川深入推进林草碳普惠机制建设的指导意见》三（三）；《上海市碳普惠体系建设工作方案》（一）2"
    status = 422


class NotAnExpert(Refusal):
    code = "library.not_an_expert"
    sentence = gettext_noop("%(person)s is in no expert committee. Choose from its members.")
    clause = "《四川深入推进林草碳普惠机制建设的指导意见》三（三）"
    status = 422


class ExpertBarred(Refusal):
    code = "library.expert_barred"
    sentence = gettext_noop(
        "%(person)s proposes this, is named among its authors, handles it, or works for %(proposer)s, and cannot "
        "review it. Appoint somebody else."
    )
    clause = "rules R-07: recusal for conflict of interest"


class NotYourSeat(Refusal):
    code = "library.not_your_seat"
    sentence = gettext_noop("Only %(expert)s can do this. Sign in as yourself.")
    clause = "rules R-07"
    status = 403


class ReviewClosed(Refusal):
    code = "library.review_closed"
    sentence = gettext_noop("The review of “%(name)s” is closed. Nothing is declared or voted any more.")
    clause = "rules §3.1: states of a methodology"


class DeclaredAlready(Refusal):
    code = "library.declared_already"
    sentence = gettext_noop("You have declared “%(declared)s” on %(at)s; a conflict of interest is not taken back.")
    clause = "rules R-07: recusal for conflict of interest"


class ConflictUnstated(Refusal):
    code = "library.conflict_unstated"
    sentence = gettext_noop("Say in a sentence what the conflict of interest is: the minutes record it.")
    clause = "rules R-07: recusal for conflict of interest"
    status = 422


class Undeclared(Refusal):
    code = "library.undeclared"
    sentence = gettext_noop("Declare first whether you have a conflict of interest; then you may vote.")
    clause = "rules R-07: recusal for conflict of interest"


class Recused(Refusal):
    code = "library.recused"
    sentence = gettext_noop("You declared a conflict of interest and have no vote on “%(name)s”.")
    clause = "rules R-07: recusal for conflict of interest"
    status = 403


class VotedAlready(Refusal):
    code = "library.voted_already"
    sentence = gettext_noop("You voted on %(at)s. A vote is cast once and stands.")
    clause = "ARCHITECTURE.md §6.5"


class VoteIncomplete(Refusal):
    code = "library.vote_incomplete"
    sentence = gettext_noop(
        "Choose a vote, give your reasons, and score each of the six principles from 1 to 5. Open are: %(missing)s."
    )
    clause = "《四川深入推进林草碳普惠机制建设的指导意见》三（一）（rules M-08）"
    status = 422


class TooFewVotes(Refusal):
    code = "library.too_few_votes"
    sentence = gettext_noop(
        "%(cast)s votes are cast and the quorum is %(quorum)s. Wait for the others or appoint more."
    )
    clause = "rules M-03: expert evaluation, quorum of the rule pack"


class MinutesEmpty(Refusal):
    code = "library.minutes_empty"
    sentence = gettext_noop("Write the minutes, and the day of the meeting, not later than today.")
    clause = "rules M-03: expert evaluation"
    status = 422


class MinutedAlready(Refusal):
    code = "library.minuted_already"
    sentence = gettext_noop("The minutes of this review were kept on %(at)s and stay as they are.")
    clause = "ARCHITECTURE.md §6.5"


def convene(
    *, proposal: Proposal, experts: Sequence[Person], revision: int, mandate: Mandate, reference: str, at: datetime
) -> Step:
    """Comments are over and answered: appoint the panel and open the review.

    Refuses with ``CommentsStillOpen``, ``CommentsUnanswered``, ``NoExperts``, ``NotAnExpert``, ``ExpertBarred``,
    ``rules.RuleMissing`` or as ``checking.send_back``.
    """
    said = steps.Said(checklist=sorted(one.username for one in experts))

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        by = checking.in_hand(held, mandate, at=at)
        if held.comment_until is not None and clock.day(at) <= held.comment_until:
            raise CommentsStillOpen(until=held.comment_until.isoformat())
        left = held.comments.exclude(state=Comment.State.HIDDEN).filter(answered_at__isnull=True).count()
        if left:
            raise CommentsUnanswered(count=left)
        quorum = rules.review(held.scheme, clock.day(at))[rules.QUORUM]["value"]
        if len({one.pk for one in experts}) < quorum:
            raise NoExperts(quorum=quorum)
        latest = held.rounds.order_by("-number")[0]
        for one in experts:
            seat(held, latest, one, by, at)
        return steps.Said(checklist=said.checklist, fact={"experts": len(experts)})

    return checking.by_authority("convene", proposal, mandate, prepare, revision, reference, at, said)


@transaction.atomic
def appoint(*, proposal: Proposal, expert: Person, mandate: Mandate, at: datetime) -> Panelist:
    """Appoint one more expert while the review runs, say in place of one who was recused.

    Refuses with ``ReviewClosed``, ``NotAnExpert``, ``ExpertBarred`` or as ``checking.in_hand``.
    """
    held = running(proposal)
    by = checking.in_hand(held, mandate, at=at)
    return seat(held, held.rounds.order_by("-number")[0], expert, by, at)


def seat(held: Proposal, round_: Round, expert: Person, by: Person, at: datetime) -> Panelist:
    committee = committee_of(expert, at=at)
    if committee is None:
        raise NotAnExpert(person=expert.name)
    if barred(held, expert, at=at):
        raise ExpertBarred(person=expert.name, proposer=held.by_whom)
    if known := Panelist.objects.filter(round=round_, person=expert).first():
        return known
    made = Panelist.objects.create(
        proposal=held, round=round_, person=expert, committee=committee, appointed_by=by, appointed_at=at
    )
    record(
        kind="library.expert_appointed", fact={"proposal": held.code, "round": round_.number},
        private={"id": str(held.pk), "panelist": made.pk, "person": expert.pk}, at=at, by=by.pk,
    )  # fmt: skip
    return made


def committee_of(expert: Person, *, at: datetime) -> Organisation | None:
    """The expert committee a person is a member of now."""
    found = Organisation.objects.filter(
        role=Organisation.Role.EXPERTS, memberships__person=expert, memberships__since_at__lte=at,
        memberships__until_at__isnull=True,
    )  # fmt: skip
    return found.first() if expert.is_active else None


def barred(held: Proposal, expert: Person, *, at: datetime) -> bool:
    """Whether an expert may not review it whatever they declare."""
    authors = held.rounds.order_by("-number")[0].content.get("authors", "")
    named = expert.name in {one.strip() for one in authors.replace("，", "、").replace(",", "、").split("、")}
    return named or held.handler_id == expert.pk or checking.has_part(held, expert, at=at)


@transaction.atomic
def declare(*, panelist: Panelist, conflict: bool, statement: str, by: Person, at: datetime) -> Panelist:
    """Declare one's interests. A conflict takes the vote away; found later, it may still be declared before one votes.

    Refuses with ``NotYourSeat``, ``ReviewClosed``, ``ConflictUnstated`` or ``DeclaredAlready``.
    """
    proposal = running(panelist.proposal)
    held = Panelist.objects.select_for_update(of=("self",)).select_related("person").get(pk=panelist.pk)
    mine(held, by)
    declared = Panelist.Declared.CONFLICT if conflict else Panelist.Declared.NONE
    if held.declared == declared:
        return held
    if held.declared == Panelist.Declared.CONFLICT or Vote.objects.filter(panelist=held).exists():
        raise DeclaredAlready(
            declared=held.get_declared_display(), at=clock.for_people(held.declared_at) if held.declared_at else "—"
        )
    if conflict and not statement.strip():
        raise ConflictUnstated
    held.declared, held.statement, held.declared_at = declared, statement.strip().replace("\x00", "")[:500], at
    held.save(update_fields=["declared", "statement", "declared_at"])
    record(
        kind="library.expert_recused" if conflict else "library.expert_declared", fact={"proposal": proposal.code},
        private={"id": str(proposal.pk), "panelist": held.pk, "statement": held.statement}, at=at, by=by.pk,
    )  # fmt: skip
    return held


@transaction.atomic
def vote(*, panelist: Panelist, choice: str, reason: str, scores: Mapping[str, int], by: Person, at: datetime) -> Vote:
    """Cast one's vote; cast again with the same words it is the same vote.

    ``scores`` gives each of the six principles 1 to 5. Refuses with ``NotYourSeat``, ``ReviewClosed``, ``Undeclared``,
    ``Recused``, ``VoteIncomplete`` or ``VotedAlready``.
    """
    proposal = running(panelist.proposal)
    held = Panelist.objects.select_for_update(of=("self",)).select_related("person").get(pk=panelist.pk)
    mine(held, by)
    if held.declared == Panelist.Declared.CONFLICT:
        raise Recused(name=proposal.name)
    if not held.declared:
        raise Undeclared
    kept = {name: scores[name] for name in PRINCIPLES if scores.get(name) in SCORES}
    missing = [str(label) for name, label in PRINCIPLES.items() if name not in kept]
    said = reason.strip().replace("\x00", "")[:LONGEST]
    if missing or not said or choice not in Vote.Choice.values:
        raise VoteIncomplete(missing="、".join(missing) or "—")
    if earlier := Vote.objects.filter(panelist=held).first():
        if (earlier.choice, earlier.reason, earlier.scores) == (choice, said, kept):
            return earlier
        raise VotedAlready(at=clock.for_people(earlier.at))
    entry = record(
        kind="library.voted", fact={"proposal": proposal.code, "round": held.round.number},
        private={"id": str(proposal.pk), "panelist": held.pk, "vote": choice, "scores": kept}, at=at, by=by.pk,
    )  # fmt: skip
    return Vote.objects.create(panelist=held, choice=choice, reason=said, scores=kept, at=at, entry=entry)


@transaction.atomic
def conclude(*, proposal: Proposal, text: str, held_on: date, mandate: Mandate, at: datetime) -> Minutes:
    """Keep the minutes: count the votes against the quorum, majority and least mean score of the rule pack.

    Refuses with ``ReviewClosed``, ``MinutedAlready``, ``MinutesEmpty``, ``TooFewVotes``, ``rules.RuleMissing`` or as
    ``checking.in_hand``.
    """
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if held.state != Proposal.State.REVIEW:
        raise ReviewClosed(name=held.name)
    by = checking.in_hand(held, mandate, at=at)
    latest = held.rounds.order_by("-number")[0]
    if earlier := Minutes.objects.filter(round=latest).first():
        raise MinutedAlready(at=clock.for_people(earlier.at))
    if not text.strip() or "\x00" in text or held_on > clock.day(at):
        raise MinutesEmpty
    panel = list(Panelist.objects.filter(round=latest).select_related("vote"))
    votes = [one.vote for one in panel if hasattr(one, "vote")]
    said = rules.review(held.scheme, clock.day(at))
    if len(votes) < said[rules.QUORUM]["value"]:
        raise TooFewVotes(cast=len(votes), quorum=said[rules.QUORUM]["value"])
    counts = {choice: sum(one.choice == choice for one in votes) for choice in Vote.Choice.values}
    means = {name: round(100 * sum(one.scores[name] for one in votes) / len(votes)) for name in PRINCIPLES}
    passed = 100 * counts["APPROVE"] >= said[rules.MAJORITY]["value"] * len(votes) and all(
        mean >= 100 * said[rules.LEAST]["value"] for mean in means.values()
    )
    outcome = Minutes.Outcome.PASSED if passed else Minutes.Outcome.FAILED
    numbers = {
        "appointed": len(panel), "recused": sum(one.declared == Panelist.Declared.CONFLICT for one in panel),
        "approve": counts["APPROVE"], "revise": counts["REVISE"], "reject": counts["REJECT"],
    }  # fmt: skip
    entry = record(
        kind="library.review_concluded",
        fact={"proposal": held.code, "round": latest.number, "outcome": outcome.value, "scores": means} | numbers,
        private={"id": str(held.pk)}, at=at, by=by.pk,
    )  # fmt: skip
    return Minutes.objects.create(
        round=latest, proposal=held, held_on=held_on, text=text.strip()[:5000], scores=means, rules=said,
        outcome=outcome, by=by, at=at, entry=entry, **numbers,
    )  # fmt: skip


def running(proposal: Proposal) -> Proposal:
    """The proposal, locked, while its experts may declare and vote. Refuses with ``ReviewClosed``."""
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    latest = held.rounds.order_by("-number").first()
    if held.state != Proposal.State.REVIEW or Minutes.objects.filter(round=latest).exists():
        raise ReviewClosed(name=held.name)
    return held


def mine(held: Panelist, by: Person) -> None:
    if held.person_id != by.pk:
        raise NotYourSeat(expert=held.person.name)
