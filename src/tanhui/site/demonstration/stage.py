"""Who plays in the demonstration: made-up bodies, their people with signatures, their accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel import identifiers
from tanhui.registry.acts import account, retirement
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Retirement, SubAccount
from tanhui.site import logins

BODIES = {
    # key: organisation code body (made up), name, role
    "registry": ("10000001", "演示碳汇登记服务中心", Organisation.Role.REGISTRY),
    "owner": ("10000002", "演示市农业投资集团有限公司", Organisation.Role.OWNER),
    "validator": ("10000003", "演示审定机构甲有限公司", Organisation.Role.VERIFIER),
    "verifier": ("10000004", "演示核查机构乙有限公司", Organisation.Role.VERIFIER),
    "buyer": ("10000005", "演示城市马拉松组委会", Organisation.Role.PARTICIPANT),
    "exchange": ("10000007", "演示环境能源交易所有限公司", Organisation.Role.EXCHANGE),
    "bank": ("10000006", "演示农村商业银行", Organisation.Role.PLEDGEE),
}


@dataclass(slots=True)
class Stage:
    """The demonstration's bodies with their signatures, and its accounts."""

    bodies: dict[str, Organisation]
    signatures: dict[str, Signatures]
    accounts: dict[str, Account]

    def place(self, who: str, purpose: str) -> SubAccount:
        return self.accounts[who].sub_accounts.select_related("account__organisation").get(purpose=purpose)


def made_up_uscc(body: str) -> str:
    """A code that passes its checks and belongs to nobody we know: area 150402, a made-up organisation code."""
    head = "91150402" + body + identifiers.body_check(body)
    return head + identifiers.uscc_check(head)


def found_stage(at: datetime) -> Stage:
    """The bodies, people, mandates and accounts; those that are there already are found again."""
    bodies = {}
    for key, (body, name, role) in BODIES.items():
        code = made_up_uscc(body)
        bodies[key] = Organisation.objects.filter(uscc=code).first() or enrolment.register_organisation(
            uscc=code, name=name, role=role, at=at
        )
    secret = logins.password()
    held: dict[str, dict[str, Mandate]] = {key: {} for key in BODIES}
    for username, name, where, capacity, _ in logins.PEOPLE:
        one = Person.objects.filter(username=username).first() or enrolment.enrol(
            username=username, name=name, password=secret, at=at
        )
        held[where][capacity] = given(one, bodies[where], capacity, at)
    both = {key: (one.get("INITIATE"), one.get("CONFIRM")) for key, one in held.items()}
    signatures = {key: Signatures(first, second) for key, (first, second) in both.items() if first and second}
    accounts = {
        key: Account.objects.filter(organisation=bodies[key]).first()
        or account.open_account(organisation=bodies[key], signatures=signatures["registry"], at=at)
        for key in ("registry", "owner", "buyer", "bank")
    }
    return Stage(bodies, signatures, accounts)


def given(who: Person, organisation_: Organisation, capacity: str, at: datetime) -> Mandate:
    found = (
        Mandate.objects.filter(membership__person=who, membership__organisation=organisation_, capacity=capacity)
        .select_related("membership__person", "membership__organisation")
        .first()
    )
    return found or enrolment.mandate(
        person=who,
        organisation=organisation_,
        capacity=capacity,
        since_at=at - timedelta(days=90),
        until_at=None,
        at=at,
    )


def organisation(stage: Stage, who: str) -> retirement.Beneficiary:
    body = stage.bodies[who]
    return retirement.Beneficiary.read(kind=Retirement.Beneficiary.ORGANISATION, name=body.name, code=body.uscc)


def person(name: str) -> retirement.Beneficiary:
    """A made-up person with a number that passes its checks; only its masked form is kept."""
    body = "15040219900307123"
    return retirement.Beneficiary.read(
        kind=Retirement.Beneficiary.PERSON, name=name, code=body + identifiers.citizen_check(body)
    )
