"""A carbon account is opened, set right, handed out and closed, always by whom it belongs to."""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tanhui.identity.models import Person
from tanhui.inclusion import consent_texts, holders, numbers
from tanhui.inclusion.acts import phones, points
from tanhui.inclusion.models import (
    Account,
    Consent,
    Day,
    Entry,
    Holder,
    Mirror,
    Month,
    Objection,
    PhoneCode,
    Pseudonym,
    Receipt,
    RegionStatement,
    Suspicion,
    Team,
)
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

NAME, SHOWN = 64, 16  # characters
PRIVACY = "个人信息保护法"


class OneAccount(Refusal):
    code = "inclusion.one_account"
    sentence = gettext_noop(
        "This person, portal identity or mobile number has a carbon account already, and one person has one. Sign in "
        "the way you opened it."
    )
    clause = "rules §3.11"


class NoticeUnread(Refusal):
    code = "inclusion.notice_unread"
    sentence = gettext_noop("An account is kept only with your consent. Read the notice and agree to it first.")
    clause = f"{PRIVACY}第十三、十四、十七条"
    status = 422


class BirthWrong(Refusal):
    code = "inclusion.birth_wrong"
    sentence = gettext_noop("%(given)s cannot be a child's day of birth. Give the day on the birth certificate.")
    clause = f"{PRIVACY}第三十一条"
    status = 422


class NotUnderAge(Refusal):
    code = "inclusion.not_under_age"
    sentence = gettext_noop("Who was born on %(born)s is %(age)s or older. Say so, and open the account yourself.")
    clause = f"{PRIVACY}第三十一条"
    status = 422


class GuardianIsChild(Refusal):
    code = "inclusion.guardian_is_child"
    sentence = gettext_noop("The guardian's mobile number must be another than the child's. Give the guardian's own.")
    clause = f"{PRIVACY}第三十一条"
    status = 422


class NameUnusable(Refusal):
    code = "inclusion.name_unusable"
    sentence = gettext_noop("A name has 1 to %(most)s printable characters. Write it anew.")
    clause = "ARCHITECTURE.md §6.4"
    status = 422


class RegionUnknown(Refusal):
    code = "inclusion.region_unknown"
    sentence = gettext_noop("“%(given)s” is no division of 6, 9 or 12 digits. Choose one from the list, or none.")
    clause = "GB/T 2260"
    status = 422


class TeamUnknown(Refusal):
    code = "inclusion.team_unknown"
    sentence = gettext_noop("No team has the code “%(given)s”. Ask whoever invited you for it.")
    clause = "rules §3.11"
    status = 404


class TeamNameTaken(Refusal):
    code = "inclusion.team_name_taken"
    sentence = gettext_noop("A team is called “%(name)s” already. Find another name, or join it with its code.")
    clause = "rules §3.11"


class MinorsAreNotRanked(Refusal):
    code = "inclusion.minors_not_ranked"
    sentence = gettext_noop("Accounts of children are never ranked and join no team. Leave both empty.")
    clause = f"{PRIVACY}第三十一条"
    status = 403


class DeductionPending(Refusal):
    code = "inclusion.deduction_pending"
    sentence = gettext_noop("A decision on points of this account is still open. Close the account once it is made.")
    clause = "rules C-03"


@transaction.atomic
def open_account(
    *,
    person: Person,
    way: str,
    subject: str,
    name: str,
    phone: str | None,
    text_version: str,
    at: datetime,
    region: str = "",
    born: date | None = None,
) -> Account:
    """Open the account of a person known by ``subject`` (``portal:<provider>:<uid>`` or ``phone:<number>``).

    ``text_version`` is that of the notice they agreed to. ``born`` is given for a child only: the account then waits
    for a guardian (``guardian_agrees``). Refuses with ``NoticeUnread``, ``NameUnusable``, ``RegionUnknown``,
    ``BirthWrong``, ``NotUnderAge`` or ``OneAccount``.
    """
    if text_version != consent_texts.CURRENT:
        raise NoticeUnread
    grown_on = comes_of_age(born, clock.day(at)) if born else None
    account = Account.objects.create(
        state=Account.State.CONSENTED if grown_on else Account.State.ACTIVE, way=way, region=division(region),
        grown_on=grown_on, opened_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            Holder.objects.create(
                person_index=holders.person_index(person.pk), account_index=holders.account_index(account.pk),
                subject_index=holders.subject_index(subject), at=at,
                phone_index=holders.phone_index(phone) if phone else None,
                person=str(person.pk), account=str(account.pk), name=written(name, NAME), phone=phone or None,
            )  # fmt: skip
    except IntegrityError:
        raise OneAccount from None
    agreed(account, Consent.Kind.ACCOUNT, at)
    receipt(account, Receipt.Kind.OPENED, at, text=text_version, way=way)
    return account


def comes_of_age(born: date, today: date) -> date:
    """The day on which a child reaches the rule pack's age. Refuses with ``BirthWrong`` or ``NotUnderAge``."""
    age = numbers.whole("minor_age", today)
    if not today.year - 150 < born.year <= today.year or born > today:
        raise BirthWrong(given=born.isoformat())
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    grown = date(born.year + age, born.month, day)
    if grown <= today:
        raise NotUnderAge(born=born.isoformat(), age=age)
    return grown


def ask_guardian(*, account: Account, phone: str, at: datetime) -> phones.Sent:
    """Send a guardian the code by which they agree. Refuses as ``phones.send`` and with ``GuardianIsChild``."""
    held = holders.of_account(account.pk)
    if held is not None and held.phone == phone:
        raise GuardianIsChild
    return phones.send(purpose=PhoneCode.Purpose.GUARDIAN, phone=phone, carries=str(account.pk), at=at)


def guardian_agrees(*, account: Account, key: UUID, code: str, at: datetime) -> Account:
    """The guardian's code makes a child's account active. Refuses with ``phones.CodeWrong``."""
    row = phones.use(key=key, purpose=PhoneCode.Purpose.GUARDIAN, code=code, at=at)
    if phones.carried(row) != str(account.pk):
        raise phones.CodeWrong
    with transaction.atomic():
        locked = Account.objects.select_for_update().get(pk=account.pk)
        if locked.state == Account.State.CONSENTED:
            holder = Holder.objects.get(account_index=holders.account_index(account.pk))
            holder.guardian = phones.number(row)
            holder.save(update_fields=["guardian"])
            locked.state = Account.State.ACTIVE
            locked.save(update_fields=["state"])
            agreed(locked, Consent.Kind.GUARDIAN, at)
            record(kind="inclusion.guardian_agreed", fact={}, private={"account": locked.pk}, at=at, by=None)
    return locked


@transaction.atomic
def correct(*, account: Account, at: datetime, name: str, region: str, shows: str) -> Account:
    """Set right what the holder said of themselves: their name, where they are counted, and how rankings show them
    (empty: not at all). Refuses with ``NameUnusable``, ``RegionUnknown`` or ``MinorsAreNotRanked``."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if locked.state != Account.State.ACTIVE:
        raise points.AccountNotActive
    shows = written(shows, SHOWN) if shows.strip() else ""
    if shows and locked.grown_on:
        raise MinorsAreNotRanked
    holder = Holder.objects.select_for_update().get(account_index=holders.account_index(account.pk))
    before = {"region": locked.region, "shows": bool(locked.shows), "name": holders.Held(holder).name}
    holder.name = written(name, NAME)
    holder.save(update_fields=["name"])
    locked.region, locked.shows = division(region), shows
    locked.save(update_fields=["region", "shows"])
    after = {"region": locked.region, "shows": bool(shows), "name": written(name, NAME)}
    if changed := sorted(key for key in after if after[key] != before[key]):
        receipt(locked, Receipt.Kind.CORRECTED, at, changed=changed)
    return locked


@transaction.atomic
def join(*, account: Account, code: str, at: datetime) -> Account:
    """Join a team by its code, or leave it by none. Refuses with ``TeamUnknown`` or ``MinorsAreNotRanked``."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if code and locked.grown_on:
        raise MinorsAreNotRanked
    team = Team.objects.filter(code=code.strip().upper()).first() if code else None
    if code and team is None:
        raise TeamUnknown(given=code[:12])
    locked.team = team
    locked.save(update_fields=["team"])
    return locked


@transaction.atomic
def found_team(*, account: Account, name: str, at: datetime) -> Team:
    """A new team, which its founder joins. Refuses with ``NameUnusable``, ``TeamNameTaken``, ``MinorsAreNotRanked``."""
    try:
        with transaction.atomic():
            code = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(6))
            team = Team.objects.create(name=written(name, 30), code=code, at=at)
    except IntegrityError:
        raise TeamNameTaken(name=name[:30]) from None
    join(account=account, code=team.code, at=at)
    return team


@transaction.atomic
def hand_out(*, account: Account, sha256: str, bytes_: int, at: datetime) -> Receipt:
    """Note that the holder took their data out: a receipt with the file's hash."""
    return receipt(account, Receipt.Kind.EXPORTED, at, sha256=sha256, bytes=bytes_)


@transaction.atomic
def close(*, account: Account, anonymise: bool, reference: UUID, at: datetime) -> Receipt:
    """Close an account for good: who it belonged to is forgotten at once, and its points are given up.

    ``anonymise`` keeps the days and their sums, which nobody can connect with a person any more, in the statistics;
    otherwise they are deleted too. What the ledger of points must keep stays under the bare number. Events and tracks
    are erased from the lake within the hour (``erasing.erase``). The same ``reference`` closes once. Refuses with
    ``DeductionPending``.
    """
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if locked.state == Account.State.CLOSED:
        return Receipt.objects.get(account=locked, kind__in=Account.Ended.values)
    if locked.deductions.filter(state="ASKED").exists():
        raise DeductionPending
    given_up = points.take(
        account=locked.pk, kind=Entry.Kind.FORFEITED, points=points.available(locked.pk, clock.day(at)), whole=False,
        reference=f"closed:{reference.hex}", at=at,
    )  # fmt: skip
    counted: dict[str, Any] = {"points": given_up.points}
    if not anonymise:
        counted["days"] = Day.objects.filter(account=locked.pk).delete()[0]
        Month.objects.filter(account=locked.pk).delete()
        locked.region = ""
    Suspicion.objects.filter(account=locked.pk).update(facts={}, key="")
    Objection.objects.filter(account=locked.pk).delete()
    counted["pseudonyms"] = Pseudonym.objects.filter(account=locked.pk).delete()[0]
    RegionStatement.objects.filter(account=locked.pk).update(content="", reference="")
    Mirror.objects.filter(account=locked.pk).update(account=None)  # other regions know whose their marks are
    Holder.objects.filter(account_index=holders.account_index(locked.pk)).delete()
    locked.state, locked.closed_at, locked.shows, locked.team = Account.State.CLOSED, at, "", None
    locked.ended = Account.Ended.ANONYMISED if anonymise else Account.Ended.DELETED
    locked.save(update_fields=["state", "closed_at", "shows", "team", "region", "ended"])
    return receipt(locked, Receipt.Kind(locked.ended), at, **counted)


def agreed(account: Account, kind: Consent.Kind, at: datetime) -> Consent:
    text = consent_texts.text(kind)
    return Consent.objects.create(
        account=account, kind=kind, given=True, text_version=text.version, text_sha256=text.sha256, at=at
    )


def receipt(
    account: Account, kind: Receipt.Kind, at: datetime, private: Mapping[str, Any] | None = None, **facts: Any
) -> Receipt:
    """A receipt and its fact in the log, which names neither account nor person."""
    made = Receipt(account=account, kind=kind, facts=facts, at=at)
    made.entry = record(
        kind=f"inclusion.account_{kind.lower()}", fact={}, private={"receipt": str(made.pk), **(private or {})}, at=at,
        by=None,
    )  # fmt: skip
    made.save(force_insert=True)
    return made


def written(name: str, most: int) -> str:
    """A name as it is kept. Refuses with ``NameUnusable``."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(plain) <= most or not plain.isprintable():
        raise NameUnusable(most=most)
    return plain


def division(code: str) -> str:
    """A division's code, or none. Refuses with ``RegionUnknown``."""
    if code and not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        raise RegionUnknown(given=code[:20])
    return code
