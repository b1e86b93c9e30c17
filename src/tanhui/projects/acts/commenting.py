"""Comments of the public during a notice, and the owner's answers. A second after the last day is too late."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import deadlines, numbers, sides
from tanhui.projects.acts import drafting, steps
from tanhui.projects.models import Answer, Comment, Development, Monitoring
from tanhui.projects.refusals import ORDER_31
from tanhui.projects.sides import Subject

LONGEST = 2000


class CommentsClosed(Refusal):
    code = "projects.comments_closed"
    sentence = gettext_noop(
        "“%(name)s” takes no comment at %(at)s: the notice ended at 24:00 on %(until)s. Report a violation instead, or "
        "write to the registry."
    )
    clause = ORDER_31 + "第十二条、第十九条；《民法典》第二百零三条"


class CommentEmpty(Refusal):
    code = "projects.comment_empty"
    sentence = gettext_noop("Write what you want to say, in at most %(most)s characters.")
    clause = ORDER_31 + "第十二条"
    status = 422


class AnswerEmpty(Refusal):
    code = "projects.answer_empty"
    sentence = gettext_noop("Write the answer in at most %(most)s characters, and say whether the comment is adopted.")
    clause = ORDER_31 + "第十三条"
    status = 422


class AnsweredAlready(Refusal):
    code = "projects.answered_already"
    sentence = gettext_noop("Comment %(number)s was answered on %(at)s. An answer stays as it was given.")
    clause = ORDER_31 + "第十三条"


@transaction.atomic
def comment(*, subject: Subject, text: str, person: Person, at: datetime, organisation: str = "") -> Comment:
    """Say something during a notice, under one's own name; the same words again are the same comment.

    Refuses with ``CommentsClosed`` or ``CommentEmpty``.
    """
    said = text.strip()
    if not said or len(said) > LONGEST or "\x00" in said + organisation:
        raise CommentEmpty(most=LONGEST)
    held = steps.locked(subject)
    if not open_to_comment(held, at=at):
        raise CommentsClosed(
            name=name_of(held),
            until=last_day(held),
            at=f"{clock.aware(at).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}",
        )
    rows = rows_of(held)
    if same := rows.filter(person=person, text=said).first():
        return same
    latest = rows.order_by("-number").first()
    number = latest.number + 1 if latest else 1
    entry = record(
        kind="projects.commented",
        fact={
            machine_key(held): held.code,
            "comment": number,
            "text_sha256": hashlib.sha256(said.encode()).hexdigest(),
        },
        private={machine_key(held): str(held.pk), "person": person.pk},
        at=at,
        by=person.pk,
    )
    return Comment.objects.create(
        development=numbers.development_of(held), monitoring=held if isinstance(held, Monitoring) else None,
        number=number, state=held.state, person=person, name=person.name, organisation=organisation.strip()[:120],
        text=said, entry=entry, at=at,
    )  # fmt: skip


@transaction.atomic
def answer(*, comment: Comment, text: str, adopted: bool, mandate: Mandate, at: datetime) -> Answer:
    """The owner answers, for everybody to read; once, and not the same differently.

    Refuses with ``AnswerEmpty``, ``AnsweredAlready``, ``drafting.NotTheOwner`` or as the mandate is judged.
    """
    said = text.strip()
    if not said or len(said) > LONGEST or "\x00" in said:
        raise AnswerEmpty(most=LONGEST)
    development = Development.objects.select_for_update(of=("self",)).get(pk=comment.development_id)
    body = mandate.membership.organisation
    if body.pk != development.owner_id:
        raise drafting.NotTheOwner(organisation=body.name, what=development.code, owner=development.owner.name)
    if mandate.capacity not in {"INITIATE", "CONFIRM"}:
        raise instruction.WrongMandate(needed="INITIATE", organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)
    earlier = Answer.objects.filter(comment=comment).first()
    if earlier is not None:
        if (earlier.text, earlier.adopted) == (said, adopted):
            return earlier
        raise AnsweredAlready(number=comment.number, at=clock.for_people(earlier.at))
    entry = record(
        kind="projects.comment_answered",
        fact={
            "development": development.code, "comment": comment.number, "adopted": adopted,
            "text_sha256": hashlib.sha256(said.encode()).hexdigest(),
        },
        private={"development": str(development.pk), "person": comment.person_id},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    return Answer.objects.create(
        comment=comment, text=said, adopted=adopted, by=mandate.membership.person, entry=entry, at=at
    )


def open_to_comment(held: Subject, *, at: datetime) -> bool:
    """Whether comments are taken: in a state for it, until 24:00 of the last day; while that day is provisional, on."""
    return deadlines.state(held).comment and not deadlines.over(held, at=at)


def last_day(held: Subject) -> str:
    """The last day comments were taken on."""
    if held.due_on and deadlines.state(held).comment:
        return held.due_on.isoformat()
    for one in sides.steps_of(held).filter(act="close_notice").order_by("-number"):
        return clock.day(one.at).isoformat()
    return "—"


def rows_of(held: Subject) -> QuerySet[Comment]:
    if isinstance(held, Development):
        return Comment.objects.filter(development=held, monitoring=None)
    return Comment.objects.filter(monitoring=held)


def name_of(held: Subject) -> str:
    return f"{held.code} {numbers.development_of(held).name}"


def machine_key(held: Subject) -> str:
    return "development" if isinstance(held, Development) else "monitoring"
