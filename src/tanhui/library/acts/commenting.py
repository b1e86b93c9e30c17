"""Public comment: anybody may say something while a proposal is open to it, and is answered."""

import hashlib
from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Mandate, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library.acts import checking
from tanhui.library.models import Comment, Proposal

State = Comment.State
LONGEST = 2000
MOST_WAITING = 200  # comments of one proposal that nobody has looked at: then those who are not signed in must wait


class CommentsClosed(Refusal):
    code = "library.comments_closed"
    sentence = gettext_noop("“%(name)s” is not open to comment: the time for it ended on %(until)s.")
    clause = "rules §12: proposals are published for comment"


class CommentEmpty(Refusal):
    code = "library.comment_empty"
    sentence = gettext_noop("Write your name and what you want to say, at most %(most)s characters.")
    clause = "rules §12: proposals are published for comment"
    status = 422


class TooManyWaiting(Refusal):
    code = "library.too_many_waiting"
    sentence = gettext_noop("Many comments wait to be looked at. Sign in to comment now, or come back tomorrow.")
    clause = "ARCHITECTURE.md §5"
    status = 429


class HiddenWithoutReason(Refusal):
    code = "library.hidden_without_reason"
    sentence = gettext_noop("Say why the comment is not shown: the reason is published in its place.")
    clause = "《政府信息公开条例》第三十六条"
    status = 422


class NotShown(Refusal):
    code = "library.comment_not_shown"
    sentence = gettext_noop("Comment %(number)s is not shown to the public yet. Show it first, then answer it.")
    clause = "rules §12: comments are published with their answers"


class AnswerEmpty(Refusal):
    code = "library.answer_empty"
    sentence = gettext_noop("Write the answer, and say whether the comment is adopted.")
    clause = "rules §12: comments are published with their answers"
    status = 422


@transaction.atomic
def comment(
    *, proposal: Proposal, person: Person | None, name: str, text: str, at: datetime, organisation: str = "",
    contact: str = "", clause: str = "",
) -> Comment:  # fmt: skip
    """Say something about a proposal. Whoever is signed in is shown at once, others once the authority has looked.

    ``contact`` is sealed and never public. The same words by the same name again are the same comment. Refuses with
    ``CommentsClosed``, ``CommentEmpty`` or ``TooManyWaiting``.
    """
    name, text = name.strip()[:64], text.strip()
    if not name or not text or len(text) > LONGEST or "\x00" in name + text + organisation + contact + clause:
        raise CommentEmpty(most=LONGEST)
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if not open_to_comment(held, at=at):
        raise CommentsClosed(name=held.name, until=held.comment_until.isoformat() if held.comment_until else "—")
    if same := held.comments.filter(person=person, name=name, text=text).first():
        return same
    if person is None and held.comments.filter(state=State.WAITING).count() >= MOST_WAITING:
        raise TooManyWaiting
    latest = held.comments.order_by("-number").first()
    made = Comment.objects.create(
        proposal=held, round=held.rounds.order_by("-number")[0], number=latest.number + 1 if latest else 1,
        person=person, name=name, organisation=organisation.strip()[:120], contact=contact.strip()[:200],
        clause=clause.strip()[:120], text=text, state=State.SHOWN if person else State.WAITING, at=at,
    )  # fmt: skip
    tell("library.commented", made, by=person, at=at)
    return made


@transaction.atomic
def show(*, comment: Comment, mandate: Mandate, at: datetime) -> Comment:
    """Show a comment to everybody. Refuses as ``checking.may_handle``."""
    held, by = moderated(comment, mandate, at)
    if held.state != State.SHOWN:
        held.state, held.hidden_reason, held.moderated_by = State.SHOWN, "", by
        held.save(update_fields=["state", "hidden_reason", "moderated_by"])
        tell("library.comment_shown", held, by=by, at=at)
    return held


@transaction.atomic
def hide(*, comment: Comment, reason: str, mandate: Mandate, at: datetime) -> Comment:
    """Show a comment no more; that there was one, and the reason, stay. Refuses with ``HiddenWithoutReason``."""
    held, by = moderated(comment, mandate, at)
    if not reason.strip():
        raise HiddenWithoutReason
    held.state, held.hidden_reason, held.moderated_by = State.HIDDEN, reason.strip()[:300], by
    held.save(update_fields=["state", "hidden_reason", "moderated_by"])
    tell("library.comment_hidden", held, by=by, at=at)
    return held


@transaction.atomic
def answer(*, comment: Comment, text: str, adopted: bool | None, mandate: Mandate, at: datetime) -> Comment:
    """Answer a comment, for everybody to read. Refuses with ``NotShown``, ``AnswerEmpty`` or as ``may_handle``."""
    held, by = moderated(comment, mandate, at)
    if held.state != State.SHOWN:
        raise NotShown(number=held.number)
    if not text.strip() or adopted is None or len(text) > LONGEST or "\x00" in text:
        raise AnswerEmpty
    if (held.answer, held.adopted) == (text.strip(), adopted):
        return held
    held.answer, held.adopted, held.answered_by, held.answered_at = text.strip(), adopted, by, at
    held.save(update_fields=["answer", "adopted", "answered_by", "answered_at"])
    tell("library.comment_answered", held, by=by, at=at)
    return held


def open_to_comment(held: Proposal, *, at: datetime) -> bool:
    """Whether comments are taken: in the state for it, until the last day has passed."""
    until = held.comment_until
    return held.state == Proposal.State.COMMENT and until is not None and clock.day(at) <= until


def moderated(comment: Comment, mandate: Mandate, at: datetime) -> tuple[Comment, Person]:
    held = Comment.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=comment.pk)
    return held, checking.may_handle(held.proposal, mandate, at=at)


def tell(kind: str, one: Comment, *, by: Person | None, at: datetime) -> None:
    """The log says that there is a comment and what it hashes to; what it says stands on its page."""
    said = one.text if kind != "library.comment_answered" else one.answer
    record(
        kind=kind,
        fact={
            "proposal": one.proposal.code, "comment": one.number,
            "text_sha256": hashlib.sha256(said.encode()).hexdigest(),
            **({"adopted": bool(one.adopted)} if kind == "library.comment_answered" else {}),
        },
        private={"id": str(one.proposal_id), "comment": str(one.pk), "person": one.person_id,
                 "reason": one.hidden_reason},
        at=at,
        by=by.pk if by else None,
    )  # fmt: skip
