"""Who may never be whom: duties that are kept apart (rules §2.2). Asked by the acts of this room and of those above."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from tanhui.identity.models import Duty, IdentityDocument, Mandate, Membership, Organisation, Person, Qualification
from tanhui.kernel.refusal import Refusal, gettext_noop

Role = Organisation.Role
OVERSEEING = frozenset({Role.AUTHORITY, Role.LOCAL_AUTHORITY, Role.REGISTRY, Role.EXCHANGE, Role.VERIFIER})
HOLDING = frozenset({Role.PARTICIPANT, Role.OWNER})
ACCOUNT_HOLDERS = frozenset({Role.PARTICIPANT, Role.OWNER, Role.RIGHT_HOLDER, Role.PLEDGEE})
SIGNING = frozenset({Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM})
POWERS = SIGNING | {Mandate.Capacity.MANAGE}
OPERATORS = 5  # people who may sign for one account (rules A-03)
STAFF, EXPERIENCED = 10, 5  # of a verification body (31号令 art. 30)
INSPECTORS = 2


class IncompatibleRoles(Refusal):
    code = "identity.incompatible_roles"
    sentence = gettext_noop(
        "%(person)s is bound to both sides: authorities, registry operators, exchanges and verification bodies on one, "
        "project owners and market participants on the other. End the one binding before making the other."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十七条 (rules R-07)"


class TooManyOperators(Refusal):
    code = "identity.too_many_operators"
    sentence = gettext_noop(
        "%(organisation)s has %(most)s operators already, and an account has no more. Revoke somebody's mandate first."
    )
    clause = "account-opening manual: at most five operators (rules A-03)"


class DutyAndSigning(Refusal):
    code = "identity.duty_and_signing"
    sentence = gettext_noop(
        "%(person)s would both hold a staff duty and sign for an organisation. Give one of the two to somebody else."
    )
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"


class VerifierUnqualified(Refusal):
    code = "identity.verifier_unqualified"
    sentence = gettext_noop(
        "%(organisation)s had shown on %(day)s no evidence that it may verify, or the evidence had expired. Have it "
        "enter its approval, staff and cover first."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十条 (rules R-03)"


class EvidenceTooWeak(Refusal):
    code = "identity.evidence_too_weak"
    sentence = gettext_noop(
        "A verification body needs %(staff)s full-time qualified people, %(experienced)s of them with two years of "
        "experience, and no record of serious discredit in five years. What was entered falls short of that."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十条 (rules R-03)"
    status = 422


class OutsideScope(Refusal):
    code = "identity.outside_scope"
    sentence = gettext_noop(
        "On %(day)s the approval of %(organisation)s did not cover the sector %(sector)s. Choose a body that is "
        "approved for it."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十四条第一项 (rules R-02)"


class TooFewInspectors(Refusal):
    code = "identity.too_few_inspectors"
    sentence = gettext_noop(
        "An on-site inspection takes at least %(needed)s different people, each with the number of an enforcement "
        "certificate; %(named)s were named. Name all who were there."
    )
    clause = "《碳排放权交易管理暂行条例》第十七条 (rules R-08)"
    status = 422


class ReviewsItself(Refusal):
    code = "identity.reviews_itself"
    sentence = gettext_noop(
        "%(organisation)s wrote reports in this province and cannot review reports there. Have another body review."
    )
    clause = "《碳排放权交易管理暂行条例》第十三条 (rules R-09)"


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who inspects on site: the person's id and the number of the enforcement certificate (执法证号)."""

    person: int
    certificate: str


# -- R-07 --------------------------------------------------------------------------------------------------------------


def check_sides(person: Person, role: str, *, at: datetime) -> None:
    """Refuse with ``IncompatibleRoles`` where binding a person to an organisation of a role would put one real person
    on both sides: under this sign-in, or under another that was ever bound to the same document."""
    other = opposite(role)
    if other and bound_to(selves(person), other, at=at):
        raise IncompatibleRoles(person=person.name)


def check_person(person: Person, *, at: datetime) -> None:
    """The same of all the bindings a real person has, once it is known who they are."""
    everyone = selves(person)
    if bound_to(everyone, OVERSEEING, at=at) and bound_to(everyone, HOLDING, at=at):
        raise IncompatibleRoles(person=person.name)


def check_index(index: bytes, role: str, *, name: str, at: datetime) -> None:
    """The same for somebody known by a document alone, as in an application: ``index`` is ``realname.index``."""
    found = set(IdentityDocument.objects.filter(index=index).values_list("person", flat=True))
    other = opposite(role)
    if other and bound_to(found, other, at=at):
        raise IncompatibleRoles(person=name)


def opposite(role: str) -> frozenset[Organisation.Role]:
    return HOLDING if role in OVERSEEING else OVERSEEING if role in HOLDING else frozenset()


def selves(person: Person) -> set[int]:
    """Every sign-in that was ever bound to a document this one was bound to, and itself."""
    mine = IdentityDocument.objects.filter(person=person).values("index")
    return {person.pk, *IdentityDocument.objects.filter(index__in=mine).values_list("person", flat=True)}


def bound_to(people: Collection[int], roles: Collection[str], *, at: datetime) -> bool:
    """Whether one of the people belongs, or is going to belong, to an organisation of one of the roles."""
    still = Q(until_at__isnull=True) | Q(until_at__gt=at)
    return Membership.objects.filter(still, person__in=people, organisation__role__in=roles).exists()


# -- R-06, A-03 --------------------------------------------------------------------------------------------------------


def check_power(person: Person, capacity: str) -> None:
    """Whoever holds a staff duty neither signs nor manages. Refuses with ``DutyAndSigning``."""
    if capacity in POWERS and Duty.objects.filter(person=person, until_at__isnull=True).exists():
        raise DutyAndSigning(person=person.name)


def check_operators(person: Person, organisation: Organisation, capacity: str, *, at: datetime) -> None:
    """At most five people sign for an account holder. Refuses with ``TooManyOperators``."""
    if capacity in SIGNING and organisation.role in ACCOUNT_HOLDERS:
        signing = standing(at).filter(membership__organisation=organisation, capacity__in=SIGNING)
        others = signing.exclude(membership__person=person).values("membership__person").distinct().count()
        if others >= OPERATORS:
            raise TooManyOperators(organisation=organisation.name, most=OPERATORS)


def check_duty(person: Person, *, at: datetime) -> None:
    """Whoever signs or manages anywhere holds no staff duty. Refuses with ``DutyAndSigning``."""
    if standing(at).filter(membership__person=person, capacity__in=POWERS).exists():
        raise DutyAndSigning(person=person.name)


def standing(at: datetime) -> QuerySet[Mandate]:
    """Mandates that stand now or are going to."""
    return Mandate.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=at),
        Q(membership__until_at__isnull=True) | Q(membership__until_at__gt=at),
    )


# -- R-02, R-03 --------------------------------------------------------------------------------------------------------


def qualification(organisation: Organisation, *, on: date) -> Qualification | None:
    """The evidence that counted on a day: the latest that covers it."""
    return (
        Qualification.objects.filter(organisation=organisation, valid_from__lte=on, expires_on__gt=on)
        .order_by("-at", "-pk")
        .first()
    )


def check_verifier(organisation: Organisation, sector: str, *, on: date) -> Qualification:
    """The evidence under which a body may validate or verify in a sector on the day of its report.

    Refuses with ``VerifierUnqualified`` or ``OutsideScope``.
    """
    if (found := qualification(organisation, on=on)) is None:
        raise VerifierUnqualified(organisation=organisation.name, day=on.isoformat())
    if sector not in found.sectors:
        raise OutsideScope(organisation=organisation.name, day=on.isoformat(), sector=sector)
    return found


def check_evidence(*, staff: int, experienced: int, undiscredited: bool) -> None:
    """Refuse with ``EvidenceTooWeak`` what falls short of the law's minimum."""
    if staff < STAFF or experienced < EXPERIENCED or experienced > staff or not undiscredited:
        raise EvidenceTooWeak(staff=STAFF, experienced=EXPERIENCED)


# -- R-08, R-09 --------------------------------------------------------------------------------------------------------


def check_inspection(inspectors: Sequence[Inspector]) -> None:
    """Refuse with ``TooFewInspectors`` unless two different people with different certificates inspect."""
    able = [one for one in inspectors if one.certificate.strip()]
    different = min(len({one.person for one in able}), len({one.certificate.strip() for one in able}))
    if different < INSPECTORS or len(able) < len(inspectors):
        raise TooFewInspectors(needed=INSPECTORS, named=different)


def check_reviewer(reviewer: Organisation, writers: Collection[int]) -> None:
    """Refuse with ``ReviewsItself`` a body that is among the ``writers`` (ids) of reports in the province under
    review."""
    if reviewer.pk in writers:
        raise ReviewsItself(organisation=reviewer.name)
