"""What the acts of a review share: whose it is to review, who has a part in it, and when it may be done."""

from datetime import datetime
from typing import TypeVar, cast

from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Membership, Organisation, Person
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import reviews
from tanhui.projects.acts import steps
from tanhui.projects.models import Development, Monitoring

Subject = TypeVar("Subject", bound=Development | Monitoring)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
ARTICLE = "《温室气体自愿减排交易管理办法（试行）》第十三条、第二十条"


class NotTheBody(Refusal):
    code = "projects.not_the_body"
    sentence = gettext_noop(
        "This is for %(needed)s to review, and you act for %(organisation)s. The owner names the body when the report "
        "is published."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十二条、第十九条"
    status = 403


class PartInIt(Refusal):
    code = "projects.reviewer_has_part"
    sentence = gettext_noop(
        "%(person)s also works for %(owner)s, whose project this is, and cannot review it. A colleague without a part "
        "in it must."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十一条"
    status = 403


class TooEarly(Refusal):
    code = "projects.report_too_early"
    sentence = gettext_noop(
        "“%(name)s” is on public notice to the end of %(until)s, and comments may still come. Hand the report in after "
        "that."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十二条、第十三条、第十九条、第二十条"


class NotUnderReview(Refusal):
    code = "projects.not_under_review"
    sentence = gettext_noop("“%(name)s” is at “%(state)s”. It is reviewed while it stands at “%(needed)s”.")
    clause = ARTICLE


def lock(subject: Development | Monitoring) -> None:
    """Let one act at a time count findings, samples, reports of a subject; held to the end of the transaction."""
    receiving.lock(f"projects.review:{subject.pk}")


def may_review(subject: Development | Monitoring, mandate: Mandate, *, at: datetime) -> Person:
    """The person, if the mandate is of the subject's own body, may sign, and they have no part in the owner.

    Refuses with ``NotTheBody``, ``PartInIt`` or as ``instruction.check_mandate``.
    """
    organisation, needed = mandate.membership.organisation, reviews.body(subject)
    if needed is None or organisation.pk != needed.pk or organisation.role != Organisation.Role.VERIFIER:
        raise NotTheBody(needed=str(needed or "—"), organisation=organisation.name)
    if mandate.capacity not in SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=organisation.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=organisation.pk, at=at)
    no_part(reviews.development(subject), mandate.membership.person, at=at)
    return mandate.membership.person


def no_part(development: Development, person: Person, *, at: datetime) -> None:
    """Refuse with ``PartInIt`` whoever works for the owner."""
    own = Membership.objects.filter(person=person, organisation=development.owner_id)
    if own.exclude(until_at__lte=at).exists():
        raise PartInIt(person=person.name, owner=development.owner.name)


def settled(subject: Subject, *, at: datetime) -> Subject:
    """The subject, locked, after time has acted (a notice that is over has ended), if a report is due on it.

    Refuses with ``TooEarly`` during a public notice, or ``NotUnderReview`` wherever else no report is due.
    """
    held = cast(Subject, steps.locked(subject))
    steps.settle(held, at)
    machine = reviews.machine_of(held)
    needed = reviews.state_of_review(machine)
    if held.state == needed:
        return held
    state = machine.of(held.state)
    if state.comment and held.due_on is not None:
        raise TooEarly(name=str(held), until=held.due_on.isoformat())
    raise NotUnderReview(name=str(held), state=str(state.label), needed=str(machine.of(needed).label))
