"""What an application for an account says, and everything that may be wrong with it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tanhui.identity.models import Organisation
from tanhui.kernel import identifiers, typed
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.models import Account, Application, Paper

Content = Mapping[str, str]

# Step by step as they are filled in. What is secret is sealed, masked wherever it is shown, and told in no fact.
FIELDS = {
    "subject": [
        "applicant_class", "role", "uscc", "name", "address", "contact_name", "contact_phone", "contact_email",
        "legal_name", "legal_id_kind", "legal_id", "owner_name", "owner_basis",
    ],
    "bank": ["bank_name", "bank_account_name", "bank_account"],
    "people": [
        "initiate_name", "initiate_contact", "confirm_name", "confirm_contact", "manage_name", "manage_contact",
    ],
    "papers": [],
    "undertaking": ["undertaking"],
}  # fmt: skip
SECRET = ("contact_phone", "legal_id", "bank_account")
SEATS = {"INITIATE": "initiate", "CONFIRM": "confirm", "MANAGE": "manage"}
ROLES = (Organisation.Role.OWNER, Organisation.Role.PARTICIPANT, Organisation.Role.PLEDGEE)
ID_CARD = "CARD"
BANK_ACCOUNT = re.compile("[0-9]{8,32}")
HOUSEHOLD = "92"  # GB 32100-2015: registered with market regulation, an individual household (个体工商户)

UNDERTAKING_VERSION = "2026-1"
UNDERTAKING = [
    gettext_noop("Everything stated and every paper handed in is true, complete and valid, and whatever changes later "
                 "is reported without delay."),
    gettext_noop("The organisation is not a competent authority, registry operator, exchange, technical service body "
                 "or validation and verification body, and acts for none of them."),
    gettext_noop("The units in the account, and what is done with them, belong to the organisation itself; the account "
                 "is not lent, let or used for others."),
    gettext_noop("Every instruction is given by one representative and confirmed by another. What both have signed "
                 "binds the organisation."),
    gettext_noop("The organisation keeps the rules of registration, trading and settlement, and bears the "
                 "consequences when the account is restricted or closed under them."),
]  # fmt: skip


class Missing(Refusal):
    code = "registry.opening_field_missing"
    sentence = gettext_noop("This is still empty. Fill it in before submitting.")
    clause = "account-opening notice of 2023-08-18: application form (rules A-01, A-07)"
    status = 422


class RoleExcluded(Refusal):
    code = "registry.role_excluded"
    sentence = gettext_noop(
        "An organisation of the kind “%(role)s” holds no account. Authorities, the registry, the exchange and "
        "verification bodies may not hold or trade units."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十七条（rules A-05）"
    status = 422


class NotABody(Refusal):
    code = "registry.not_a_body"
    sentence = gettext_noop(
        "%(uscc)s is the code of an individual household. For now only legal persons and other organisations may have "
        "an account."
    )
    clause = "GB 32100-2015；《中华人民共和国民法典》第五十四条（rules A-05）"
    status = 422


class SubjectHasAccount(Refusal):
    code = "registry.subject_has_account"
    sentence = gettext_noop(
        "%(uscc)s already has a registry account, and one subject has one account. Ask its administrator to let you in."
    )
    clause = "national ETS opening notice: one registry account per subject (rules A-03)"


class KnownOtherwise(Refusal):
    code = "registry.subject_known_otherwise"
    sentence = gettext_noop(
        "%(uscc)s is in the register as %(name)s with the role “%(role)s”. Apply under that name and role, or have the "
        "registry operator correct its entry."
    )
    clause = "rules A-03: one account per subject"


class BankAccountUnreadable(Refusal):
    code = "registry.bank_account_unreadable"
    sentence = gettext_noop("A bank account number has 8 to 32 digits. Copy it from the bank's confirmation.")
    clause = "user manual of the trading system: bank account in the same name (rules A-07)"
    status = 422


class BankAccountNotOwn(Refusal):
    code = "registry.bank_account_not_own"
    sentence = gettext_noop(
        "The bank account is in the name of “%(given)s”, the applicant is “%(name)s”. Give an account of the "
        "organisation's own."
    )
    clause = "user manual of the trading system: bank account in the same name (rules A-07)"
    status = 422


class RepresentativesSame(Refusal):
    code = "registry.representatives_same"
    sentence = gettext_noop(
        "The initiating and the confirming representative must be two people. Name somebody else for one of the seats."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"
    status = 422


class UndertakingNotAccepted(Refusal):
    code = "registry.undertaking_not_accepted"
    sentence = gettext_noop("The undertaking, version %(version)s, is not accepted yet. Read it and accept it.")
    clause = "rules A-07: undertaking"
    status = 422


class PaperMissing(Refusal):
    code = "registry.paper_missing"
    sentence = gettext_noop("This paper is not handed in yet. Upload it before submitting.")
    clause = "rules A-07: papers of the application"
    status = 422


class PaperWithoutEnd(Refusal):
    code = "registry.paper_without_end"
    sentence = gettext_noop(
        "Say until when this paper is valid; for one that never ends choose “long-term”. You are reminded in time."
    )
    clause = "rules A-07: expiry reminders"
    status = 422


class PaperExpired(Refusal):
    code = "registry.paper_expired"
    sentence = gettext_noop("This paper was valid until %(until)s. Hand in the present one.")
    clause = "rules A-07: expiry reminders"
    status = 422


class NoExchange(Refusal):
    code = "registry.no_exchange"
    sentence = gettext_noop(
        "Choose the exchange that makes the preliminary review. If none is offered, none has joined this register yet."
    )
    clause = "account-opening notice of 2023-08-18: joint opening (rules A-01)"
    status = 422


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with an application: at which field, or at which kind of paper."""

    field: str
    refusal: Refusal


def faults(
    application: Application, content: Content, papers: Mapping[str, Paper], exchanges: Mapping[str, str], *, on: date
) -> Iterator[Fault]:
    """Everything that keeps an application from being submitted, in the order of the form.

    ``papers`` by kind, ``exchanges`` the exchanges one may choose from, by their code; ``on`` is the day.
    """
    for field in (field for fields in FIELDS.values() for field in fields):
        if field != "undertaking" and not content.get(field):
            yield Fault(field, Missing())
    for field, refusal in (
        ("role", role_fault(content.get("role", ""))),
        ("uscc", subject_fault(content)),
        ("legal_id", legal_fault(content, on)),
        ("bank_account_name", own_name_fault(content)),
        ("bank_account", bank_fault(content.get("bank_account", ""))),
        ("confirm_contact", seats_fault(content)),
        ("exchange", None if content.get("exchange") in exchanges else NoExchange()),
    ):
        if refusal is not None and (content.get(field) or field == "exchange"):
            yield Fault(field, refusal)
    for kind in Paper.Kind.values:
        if refusal := paper_fault(kind, papers.get(kind), on):
            yield Fault(kind, refusal)
    if content.get("undertaking") != UNDERTAKING_VERSION:
        yield Fault("undertaking", UndertakingNotAccepted(version=UNDERTAKING_VERSION))


def role_fault(role: str) -> Refusal | None:
    return None if role in ROLES else RoleExcluded(role=dict(Organisation.Role.choices).get(role, role[:20]))


def subject_fault(content: Content) -> Refusal | None:
    """What stands against this subject: its code, an account it has, or another entry of it."""
    try:
        code = identifiers.uscc(content.get("uscc", ""))
    except Refusal as refusal:
        return refusal
    if code.startswith(HOUSEHOLD):
        return NotABody(uscc=code)
    if Account.objects.filter(organisation__uscc=code).exists():
        return SubjectHasAccount(uscc=code)
    known = Organisation.objects.filter(uscc=code).first()
    if known and (known.role, known.name) != (content.get("role"), content.get("name")):
        return KnownOtherwise(uscc=code, name=known.name, role=known.get_role_display())
    return None


def legal_fault(content: Content, on: date) -> Refusal | None:
    if content.get("legal_id_kind") == ID_CARD:
        try:
            identifiers.citizen(content.get("legal_id", ""), on=on)
        except Refusal as refusal:
            return refusal
    return None


def own_name_fault(content: Content) -> Refusal | None:
    given, name = content.get("bank_account_name", ""), content.get("name", "")
    return None if bare(given) == bare(name) else BankAccountNotOwn(given=given, name=name)


def bare(name: str) -> str:
    """A name without what banks and registers write differently: blanks, and brackets of either width."""
    return re.sub(r"\s+", "", typed.plain(name))


def bank_fault(number: str) -> Refusal | None:
    return None if BANK_ACCOUNT.fullmatch(identifiers.plain(number)) else BankAccountUnreadable()


def seats_fault(content: Content) -> Refusal | None:
    one, other = (content.get(f"{seat}_contact", "").casefold() for seat in ("initiate", "confirm"))
    return RepresentativesSame() if one == other else None


def paper_fault(kind: str, paper: Paper | None, on: date) -> Refusal | None:
    if paper is None:
        return PaperMissing()
    if paper.valid_until is None and not paper.endless and kind in Paper.EXPIRING:
        return PaperWithoutEnd()
    if paper.valid_until is not None and paper.valid_until < on:
        return PaperExpired(until=paper.valid_until.isoformat())
    return None


def undertaking_sha256() -> str:
    """The hash of the undertaking's text as it stands, kept with what was accepted."""
    return hashlib.sha256("\n".join(UNDERTAKING).encode()).hexdigest()
