"""A register with a few hundred accounts that hold units of one batch, made through the acts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import identifiers
from tanhui.kernel.period import Period as Days
from tanhui.registry.acts import account, issuance, project, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Batch, SubAccount

NOW = datetime(2026, 6, 5, 4, tzinfo=UTC)
EACH = 1_000_000  # tonnes each account holds
DIGEST = "0" * 64


@dataclass(slots=True)
class World:
    """``places[n]`` is an account's custody and ``signatures[n]`` its two people."""

    batch: Batch
    places: list[SubAccount]
    signatures: list[Signatures]
    exchange: Signatures


def uscc(number: int) -> str:
    body = f"{number:08d}"
    head = "91150402" + body + identifiers.body_check(body)
    return head + identifiers.uscc_check(head)


def body(number: int, role: str) -> tuple[Organisation, Signatures]:
    organisation = enrolment.register_organisation(uscc=uscc(number), name=f"单位{number}", role=role, at=NOW)
    two = [
        enrolment.mandate(
            person=enrolment.enrol(username=f"{number}-{capacity}", name=f"人员{number}", password=None, at=NOW),
            organisation=organisation, capacity=capacity, since_at=NOW - timedelta(days=1), until_at=None, at=NOW,
        )
        for capacity in (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
    ]  # fmt: skip
    return organisation, Signatures(*two)


def make(accounts: int) -> World:
    """Organisations, accounts, one big issuance, and its even spread over the accounts."""
    operator, signs = body(1, Organisation.Role.REGISTRY)
    owner, owners = body(2, Organisation.Role.OWNER)
    validator, _ = body(3, Organisation.Role.VERIFIER)
    _, verifier = body(4, Organisation.Role.VERIFIER)
    _, exchange = body(5, Organisation.Role.EXCHANGE)
    buffer = account.open_account(organisation=operator, signatures=signs, at=NOW)
    issued = account.open_account(organisation=owner, signatures=signs, at=NOW)
    made = project.register(
        number=1, name="基准项目", kind="造林", owner=owner, scheme="BENCH", province="15", region="",
        methodology="AR-CM-001-V01", methodology_version="V01", rule_pack="demo-local",
        crediting=Days(date(2020, 1, 1), date(2040, 1, 1)), validator=validator, signatures=signs, at=NOW,
    )  # fmt: skip
    period = project.verify(
        project=made, span=Days(date(2022, 1, 1), date(2025, 1, 1)), verified_kg=accounts * EACH * 1000,
        verifier=verifier.initiator, report_sha256=DIGEST, inputs_sha256=DIGEST, trace_sha256=DIGEST, at=NOW,
    )  # fmt: skip
    done = issuance.issue(
        period=period, account=issued, buffer=buffer, lots=[issuance.Lot(2024, accounts * EACH)],
        window=issuance.Window(), reference="bench", signatures=signs, at=NOW,
    )  # fmt: skip
    batch = Batch.objects.select_related("asset", "project__owner", "issuance__period").get(issuance=done)
    everyone = [body(number, Organisation.Role.PARTICIPANT) for number in range(100, 100 + accounts)]
    opened = [account.open_account(organisation=one, signatures=signs, at=NOW) for one, _ in everyone]
    places = list(
        SubAccount.objects.filter(account__in=opened, purpose=SubAccount.Purpose.EXCHANGE)
        .select_related("account__organisation").order_by("account_id")
    )  # fmt: skip
    source = SubAccount.objects.select_related("account").get(
        account=Account.objects.get(pk=issued.pk), purpose=SubAccount.Purpose.ISSUED
    )
    for number, place in enumerate(places):
        transfer.transfer(
            source=source, target=place, wanted=[Wanted(batch, EACH)], reference=f"spread-{number}", signatures=owners,
            at=NOW,
        )  # fmt: skip
    return World(batch, places, [two for _, two in everyone], exchange)
