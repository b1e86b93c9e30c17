"""Green records for credit evaluation: uses published, consents given and withdrawn, records drawn up and handed over.

Nothing is handed over that its subject did not agree to by itself, for a named recipient, purpose and legal basis, for
a time (rules C-09, S-01, S-02); withdrawing takes one press, as agreeing did (S-03); every hand-over is kept (S-06).
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tanhui.identity.models import Decision, Mandate, Organisation
from tanhui.inclusion import consent_texts, greenrecords, holders, roles
from tanhui.inclusion.acts import accounts, points, scenarios, twofold
from tanhui.inclusion.models import (
    Account,
    CreditConsent,
    CreditHandover,
    CreditPaper,
    CreditRecord,
    CreditUse,
    Receipt,
)
from tanhui.inclusion.models.signed import TwoSigned
from tanhui.journal.record import record
from tanhui.kernel import clock, identifiers
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import glyphs

USE, AGREE = "inclusion.credit_use", "inclusion.credit_consent"
BASIS = "《个人信息保护法》第十三、二十三条；《征信业管理条例》第十三、十四条"
CLAUSE = "沪环气〔2022〕211号第19条"
LONGEST = 366  # days a consent may hold at most, whatever a use says
SPAN = 1_827  # days a record may speak of: five years
TEXTS = "policy-2026-11"
TITLE, RECIPIENT, PURPOSE = 60, 80, 200  # characters
State = CreditUse.State


class CreditUseIncomplete(Refusal):
    code = "inclusion.credit_use_incomplete"
    sentence = gettext_noop(
        "A use of green records names the evaluation, the recipient, its purpose, the legal basis, what it may learn "
        "and for how many days (at most %(most)s). Correct: %(field)s."
    )
    clause = BASIS
    status = 422


class CreditUseEnded(Refusal):
    code = "inclusion.credit_use_ended"
    sentence = gettext_noop("“%(use)s” asks for no records any more. Choose another evaluation.")
    clause = CLAUSE


class CreditConsentTooWide(Refusal):
    code = "inclusion.credit_consent_too_wide"
    sentence = gettext_noop(
        "A consent chooses among what “%(use)s” may learn, speaks of past days (at most five years) and holds at most "
        "%(most)s days. Choose less."
    )
    clause = "《个人信息保护法》第六条"
    status = 422


class CreditTextOutdated(Refusal):
    code = "inclusion.credit_text_outdated"
    sentence = gettext_noop("Read the consent first, in its version %(current)s, and agree to it.")
    clause = "《个人信息保护法》第十四条"
    status = 412


class NoRecordOfMinors(Refusal):
    code = "inclusion.no_record_of_minors"
    sentence = gettext_noop("No green record is drawn up of a child's account. Come back when you are grown up.")
    clause = "《个人信息保护法》第三十一条"
    status = 403


class ConsentNotStanding(Refusal):
    code = "inclusion.credit_consent_not_standing"
    sentence = gettext_noop(
        "The consent to this record was withdrawn or ran out on %(on)s. It is not handed over any more; ask its "
        "subject for a new one."
    )
    clause = "《个人信息保护法》第十五条"
    status = 403


class NotTheRecipient(Refusal):
    code = "inclusion.not_the_recipient"
    sentence = gettext_noop("This record is for %(recipient)s alone. Nobody else fetches it.")
    clause = "《个人信息保护法》第二十三条"
    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A use as it is asked for; ``uscc`` is the recipient's."""

    title: str
    recipient: str
    uscc: str
    purpose: str
    basis: str
    subject: str
    kinds: Collection[str]
    longest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a subject chooses: which of the kinds, of which days (both included), and the last day it holds."""

    kinds: Collection[str]
    first: date
    last: date
    expires_on: date
    text_version: str


# -- uses --------------------------------------------------------------------------------------------------------------


def ask_use(*, asked: Asked, mandate: Mandate, reference: str, at: datetime) -> CreditUse:
    """The first signature under a use. Refuses with ``CreditUseIncomplete``, ``ui.glyph_missing`` or as
    ``twofold.ask``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    uscc = identifiers.uscc(asked.uscc)
    known = of_subject(asked.subject)
    wrong = (
        "title" if not 0 < len(asked.title.strip()) <= TITLE
        else "recipient" if not 0 < len(asked.recipient.strip()) <= RECIPIENT
        else "purpose" if not 0 < len(asked.purpose.strip()) <= PURPOSE
        else "basis" if not 0 < len(asked.basis.strip()) <= PURPOSE
        else "kinds" if not asked.kinds or not set(asked.kinds) <= set(known)
        else "longest_days" if not 1 <= asked.longest_days <= LONGEST
        else ""
    )  # fmt: skip
    if wrong:
        raise CreditUseIncomplete(most=LONGEST, field=wrong)
    glyphs.require([asked.title, asked.recipient, asked.purpose, asked.basis])  # they stand on every paper
    row = CreditUse(
        title=asked.title.strip(), recipient=asked.recipient.strip(), uscc=uscc, purpose=asked.purpose.strip(),
        basis=asked.basis.strip(), subject=asked.subject, kinds=[one for one in known if one in asked.kinds],
        longest_days=asked.longest_days, operator=mandate.membership.organisation,
    )  # fmt: skip
    return twofold.ask(row, act=USE, mandate=mandate, reference=reference, body=said(row), at=at)


def confirm_use(*, use: CreditUse, mandate: Mandate, at: datetime) -> Decision:
    """The second signature publishes it. Refuses as ``twofold.confirm``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)
    return twofold.confirm(use, kind="inclusion.credit_use_published", fact=said, mandate=mandate, at=at)


def drop_use(*, use: CreditUse, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """Taken back, or not signed. Refuses as ``twofold.drop``."""
    check_dropping(use, mandate, at)
    return twofold.drop(use, reason=reason, mandate=mandate, at=at)


def end_use(*, use: CreditUse, reason: str, mandate: Mandate, at: datetime) -> CreditUse:
    """Nothing more is drawn up or fetched for it. Refuses as ``twofold.end``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    return twofold.end(
        use, kind="inclusion.credit_use_ended", fact=said, reason=reason, at=at, by=mandate.membership.person_id
    )  # fmt: skip


def check_dropping(row: TwoSigned, mandate: Mandate, at: datetime) -> None:
    own = mandate.membership.person_id == twofold.given(row).initiator_id
    capacity = Mandate.Capacity.INITIATE if own else Mandate.Capacity.CONFIRM
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=capacity)


def said(use: CreditUse) -> Mapping[str, Any]:
    return {
        "title": use.title, "recipient": use.recipient, "uscc": use.uscc, "purpose": use.purpose, "basis": use.basis,
        "subject": use.subject, "kinds": list(use.kinds), "longest_days": use.longest_days,
    }  # fmt: skip


def of_subject(subject: str) -> tuple[CreditUse.Kind, ...]:
    return CreditUse.OF_PEOPLE if subject == CreditUse.Subject.PERSON else CreditUse.OF_ORGANISATIONS


# -- consents ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def agree(*, account: Account, use: CreditUse, chosen: Chosen, at: datetime) -> CreditConsent:
    """A person agrees, by themselves. Refuses with ``CreditUseEnded``, ``CreditConsentTooWide``,
    ``CreditTextOutdated``, ``NoRecordOfMinors``, ``points.AccountNotActive`` or ``twofold.AskedAlready``."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if locked.state != Account.State.ACTIVE:
        raise points.AccountNotActive
    if locked.grown_on:
        raise NoRecordOfMinors
    row = consent(use, CreditUse.Subject.PERSON, chosen, at)
    row.account = locked
    try:
        with transaction.atomic():
            twofold.open_(row, kind="inclusion.credit_consented", fact=told(row), at=at, by=None)
    except IntegrityError:
        raise twofold.AskedAlready from None
    return row


def ask_agree(*, use: CreditUse, chosen: Chosen, mandate: Mandate, reference: str, at: datetime) -> CreditConsent:
    """The first of an organisation's two signatures. Refuses as ``agree`` and ``twofold.ask``."""
    row = consent(use, CreditUse.Subject.ORGANISATION, chosen, at)
    row.organisation = mandate.membership.organisation
    body = told(row) | {"use": str(use.pk)}
    return twofold.ask(row, act=AGREE, mandate=mandate, reference=reference, body=body, at=at)


def confirm_agree(*, consent: CreditConsent, mandate: Mandate, at: datetime) -> Decision:
    """The second. Refuses with ``CreditUseEnded`` or as ``twofold.confirm``."""

    def check(row: CreditConsent) -> None:
        if row.use.state != State.OPEN:
            raise CreditUseEnded(use=row.use.title)

    return twofold.confirm(
        consent, kind="inclusion.credit_consented", fact=told, mandate=mandate, at=at, check=check
    )  # fmt: skip


def drop_agree(*, consent: CreditConsent, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """Taken back by whoever asked, or not signed by the other. Refuses as ``twofold.drop``."""
    return twofold.drop(consent, reason=reason, mandate=mandate, at=at)


def consent(use: CreditUse, subject: str, chosen: Chosen, at: datetime) -> CreditConsent:
    today = clock.day(at)
    text = consent_texts.text("CREDIT" if subject == CreditUse.Subject.PERSON else "CREDIT_ORGANISATION", TEXTS)
    if use.state != State.OPEN or use.subject != subject:
        raise CreditUseEnded(use=use.title)
    if chosen.text_version != TEXTS:
        raise CreditTextOutdated(current=TEXTS)
    narrow = chosen.kinds and set(chosen.kinds) <= set(use.kinds) and chosen.first <= chosen.last <= today
    short = today <= chosen.expires_on and (chosen.expires_on - today).days <= use.longest_days
    if not narrow or not short or (chosen.last - chosen.first).days > SPAN:
        raise CreditConsentTooWide(use=use.title, most=use.longest_days)
    return CreditConsent(
        use=use, kinds=[one for one in use.kinds if one in chosen.kinds], first=chosen.first, last=chosen.last,
        expires_on=chosen.expires_on, text_version=text.version, text_sha256=text.sha256, asked_at=at,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, consent: CreditConsent, mandate: Mandate | None, at: datetime) -> CreditConsent:
    """Withdraw, alone and at once: what the records say is erased, what was handed over before stays written down.

    ``mandate`` is that of whoever withdraws for an organisation, none for a person. Asked again it is done already.
    Refuses with ``twofold.StandsOtherwise`` where it never was in force.
    """
    held = twofold.locked(consent)
    if held.state == State.ENDED:
        return held
    by = mandate.membership.person_id if mandate else None
    ended = twofold.end(
        held, kind="inclusion.credit_withdrawn", fact=told, reason="withdrawn", at=at, by=by
    )  # fmt: skip
    CreditPaper.objects.filter(record__consent=ended).delete()
    if ended.account is not None:
        accounts.receipt(ended.account, Receipt.Kind.WITHDRAWN, at, of="CREDIT", consent=str(ended.pk))
    return ended


def told(row: CreditConsent) -> dict[str, Any]:
    """What the log says of a consent: of an organisation all of it, of a person neither who nor to whom."""
    if row.organisation is None:
        return {"text": row.text_version, "text_sha256": row.text_sha256}
    return {
        "organisation": row.organisation.uscc, "uscc": row.use.uscc, "kinds": list(row.kinds),
        "first": row.first.isoformat(), "last": row.last.isoformat(), "expires_on": row.expires_on.isoformat(),
        "text": row.text_version, "text_sha256": row.text_sha256,
    }  # fmt: skip


@transaction.atomic
def give(*, account: Account, use: CreditUse, chosen: Chosen, at: datetime) -> CreditRecord:
    """A person agrees and the first record is drawn up. Refuses as ``agree``."""
    return draw_up(consent=agree(account=account, use=use, chosen=chosen, at=at), at=at)


# -- records -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draw_up(*, consent: CreditConsent, at: datetime, by: int | None = None) -> CreditRecord:
    """Draw up a record under a consent: signed, its hash in the log, what it says sealed. Refuses with
    ``ConsentNotStanding`` or ``CreditUseEnded``."""
    held = CreditConsent.objects.select_for_update(of=("self",)).select_related("use", "account", "organisation").get(
        pk=consent.pk
    )  # fmt: skip
    check_standing(held, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('inclusion_creditrecord', 'number'))")
        number = cursor.fetchone()[0]
    row = CreditRecord(number=number, consent=held, at=at)
    content = greenrecords.signed(held, row.code, nonce=secrets.token_hex(16), at=at)
    row.sha256 = greenrecords.digest(content)
    row.entry = record(
        kind="inclusion.credit_recorded", fact={"record": row.code, "sha256": row.sha256},
        private={"consent": str(held.pk)}, at=at, by=by,
    )  # fmt: skip
    row.save(force_insert=True)
    holder = holders.of_account(held.account.pk) if held.account else None
    CreditPaper.objects.create(record=row, holder=holder.row if holder else None, content=content.decode())
    return row


@transaction.atomic
def hand_over(
    *, record_: CreditRecord, at: datetime, organisation: Organisation | None = None, by: Mandate | None = None
) -> bytes:
    """The signed file, to its own subject or, with ``organisation`` and ``by``, to a member of the recipient; written
    down each time. Refuses with ``ConsentNotStanding``, ``CreditUseEnded`` or ``NotTheRecipient``."""
    held = CreditConsent.objects.select_for_update(of=("self",)).select_related("use", "account").get(
        pk=record_.consent_id
    )  # fmt: skip
    check_standing(held, at)
    if organisation is not None and organisation.uscc != held.use.uscc:
        raise NotTheRecipient(recipient=held.use.recipient)
    paper = CreditPaper.objects.filter(record=record_).first()
    if paper is None:
        raise ConsentNotStanding(on=clock.day(at).isoformat())
    way = CreditHandover.Way.RECIPIENT if organisation is not None else CreditHandover.Way.OWN
    person = by.membership.person if by is not None else None
    entry = record(
        kind="inclusion.credit_handed_over", fact={"record": record_.code, "way": str(way)},
        private={"consent": str(held.pk), "organisation": organisation.uscc if organisation else ""}, at=at,
        by=person.pk if person else None,
    )  # fmt: skip
    CreditHandover.objects.create(
        record=record_, way=way, organisation=organisation, by=person if organisation else None, entry=entry, at=at
    )  # fmt: skip
    return greenrecords.content(paper)


def check_standing(consent: CreditConsent, at: datetime) -> None:
    if consent.use.state != State.OPEN:
        raise CreditUseEnded(use=consent.use.title)
    if (on := greenrecords.over(consent, clock.day(at))) is not None:
        raise ConsentNotStanding(on=on.isoformat())


def erase(*, at: datetime) -> int:
    """Erase what records say whose consent has run out or whose use has ended; how many."""
    rows = CreditPaper.objects.exclude(record__consent__state=State.OPEN)
    gone: int = rows.delete()[0]
    run_out = CreditPaper.objects.filter(record__consent__expires_on__lt=clock.day(at))
    ended = CreditPaper.objects.filter(record__consent__use__state=State.ENDED)
    return gone + run_out.delete()[0] + ended.delete()[0]
