"""What a resident finds wrong and the operator answers; what an operator wants to take and a second person decides."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.identity.models import Mandate
from tanhui.inclusion.acts import points
from tanhui.inclusion.models import Account, Day, Deduction, Entry, Objection, Scenario, Suspicion
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

LONGEST = 500


class NothingToObject(Refusal):
    code = "inclusion.nothing_to_object"
    sentence = gettext_noop("On %(day)s nothing of “%(scenario)s” was counted for you. Choose a day of your calendar.")
    clause = "个人信息保护法第四十六条"
    status = 404


class ObjectionOpen(Refusal):
    code = "inclusion.objection_open"
    sentence = gettext_noop("You objected to this already and the answer is still to come. Wait for it.")
    clause = "个人信息保护法第四十六条"


class AnsweredAlready(Refusal):
    code = "inclusion.answered_already"
    sentence = gettext_noop("This was answered already. Look at the answer.")
    clause = "ARCHITECTURE.md §6.4"


class SaidNothing(Refusal):
    code = "inclusion.said_nothing"
    sentence = gettext_noop("Say it in 1 to %(most)s characters: the other side reads exactly this.")
    clause = "rules C-03"
    status = 422


class DecidedAlone(Refusal):
    code = "inclusion.decided_alone"
    sentence = gettext_noop("Who asked to deduct points cannot decide on it. Leave it to a colleague.")
    clause = "rules C-03, R-05"
    status = 403


class DecidedAlready(Refusal):
    code = "inclusion.deduction_decided"
    sentence = gettext_noop("This deduction was decided already. Look at what became of it.")
    clause = "ARCHITECTURE.md §6.4"


class DeductionWaits(Refusal):
    code = "inclusion.deduction_waits"
    sentence = gettext_noop("A deduction from this account waits for its second person. Have that one decided first.")
    clause = "rules C-03"


@transaction.atomic
def object_to(*, account: Account, scenario: Scenario, day: date, said: str, at: datetime) -> Objection:
    """Say that a day's figure is wrong, or what happened where a rule holds something back.

    Refuses with ``NothingToObject``, ``SaidNothing`` or ``ObjectionOpen``.
    """
    about = {"account": account.pk, "day": day, "scenario": scenario}
    if not Day.objects.filter(**about).exists() and not Suspicion.objects.filter(**about).exists():
        raise NothingToObject(day=day.isoformat(), scenario=scenario.name)
    try:
        with transaction.atomic():
            return Objection.objects.create(account=account, scenario=scenario, day=day, said=words(said), at=at)
    except IntegrityError:
        raise ObjectionOpen from None


@transaction.atomic
def answer(*, objection: Objection, said: str, mandate: Mandate, at: datetime) -> Objection:
    """Answer an objection; a figure itself changes only by a correction of its provider. Refuses with
    ``AnsweredAlready`` or ``SaidNothing``."""
    locked = Objection.objects.select_for_update().get(pk=objection.pk)
    if locked.answered_at is not None:
        raise AnsweredAlready
    locked.answer, locked.answered_by, locked.answered_at = words(said), mandate.membership.person, at
    locked.save(update_fields=["answer", "answered_by", "answered_at"])
    tell("inclusion.objection_answered", {"objection": str(locked.pk), "account": locked.account_id}, mandate, at)
    return locked


@transaction.atomic
def ask_to_deduct(*, account: Account, number: int, reason: str, mandate: Mandate, at: datetime) -> Deduction:
    """Ask, with a reason, that points be taken from an account. Nothing is taken yet.

    Refuses with ``SaidNothing``, ``AccountNotActive`` or ``DeductionWaits``.
    """
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if locked.state == Account.State.CLOSED:
        raise points.AccountNotActive
    who = mandate.membership.person
    try:
        with transaction.atomic():
            made = Deduction.objects.create(
                account=locked, points=number, reason=words(reason), asked_by=who, asked_at=at
            )  # fmt: skip
    except IntegrityError:
        raise DeductionWaits from None
    tell("inclusion.deduction_asked", {"deduction": str(made.pk), "account": locked.pk}, mandate, at)
    return made


@transaction.atomic
def decide(*, deduction: Deduction, take: bool, note: str, mandate: Mandate, at: datetime) -> Deduction:
    """Decide on a deduction as the second person; the holder reads reason and decision.

    Refuses with ``DecidedAlone``, ``DecidedAlready``, ``points.NotEnoughPoints`` or, where it is turned down,
    ``SaidNothing``.
    """
    locked = Deduction.objects.select_for_update().get(pk=deduction.pk)
    who = mandate.membership.person
    if locked.state != Deduction.State.ASKED:
        raise DecidedAlready
    if locked.asked_by_id == who.pk:
        raise DecidedAlone
    if take:
        facts = {"reason": locked.reason, "deduction": str(locked.pk)}
        points.take(
            account=locked.account_id, kind=Entry.Kind.DEDUCTED, points=locked.points, by=who.pk, facts=facts, at=at,
            reference=f"deduction:{locked.pk.hex}",
        )  # fmt: skip
    locked.state = Deduction.State.DONE if take else Deduction.State.REJECTED
    locked.decided_by, locked.decided_at, locked.note = who, at, words(note) if not take or note.strip() else ""
    locked.save(update_fields=["state", "decided_by", "decided_at", "note"])
    told = {"deduction": str(locked.pk), "account": locked.account_id, "state": str(locked.state)}
    tell("inclusion.deduction_decided", told, mandate, at)
    return locked


def words(said: str) -> str:
    plain = said.strip()
    if not 0 < len(plain) <= LONGEST:
        raise SaidNothing(most=LONGEST)
    return plain


def tell(kind: str, private: dict[str, object], mandate: Mandate, at: datetime) -> None:
    record(kind=kind, fact={}, private=private, at=at, by=mandate.membership.person_id)
