"""A small register to test in: an operator, an owner with an issued batch, a buyer, verifiers, and their people.

``build()`` makes all of it through the acts themselves; every part also stands alone and takes overrides. ``refuses``
checks what every refusal owes: code, clause, facts, a sentence in both languages, and that nothing has changed.
"""

import datetime as dt
import hashlib
import itertools
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.db import connection

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import identifiers, language
from tanhui.kernel.period import Period as Days
from tanhui.kernel.serials import Range
from tanhui.registry import models as registry
from tanhui.registry.acts import account as accounts
from tanhui.registry.acts import issuance, retirement, transfer
from tanhui.registry.acts import project as projects
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures

NOON = dt.datetime(2026, 6, 5, 4, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)
HASH = hashlib.sha256(b"").hexdigest()
NAMES = itertools.count(1)
CHINESE = re.compile("[一-鿿]")
OF_2023 = Days(dt.date(2023, 1, 1), dt.date(2024, 1, 1))
PRESENT_STATE = ["ledger_holding", "ledger_block", "ledger_openreservation", "registry_account", "registry_project"]


# -- people ------------------------------------------------------------------------------------------------------------


@dataclass
class Party:
    """An organisation with its two signatories, and its registry account once it has one."""

    organisation: Organisation
    initiator: Mandate
    confirmer: Mandate
    account: registry.Account | None = None

    @property
    def signatures(self):
        return Signatures(self.initiator, self.confirmer)

    def place(self, purpose):
        return self.account.sub_accounts.select_related("account").get(purpose=purpose)

    @property
    def issued(self):
        return self.place("ISSUED")

    @property
    def holding(self):
        return self.place("HOLDING")

    @property
    def buffer(self):
        return self.place("BUFFER")


def uscc(number=None):
    """A valid unified social credit code, another one each time."""
    body = f"{next(NAMES) if number is None else number:08d}"
    head = f"91150402{body}{identifiers.body_check(body)}"
    return head + identifiers.uscc_check(head)


def organisation(role="PART", *, name=None, at=NOON):
    number = next(NAMES)
    return enrolment.register_organisation(uscc=uscc(number), name=name or f"组织{number}", role=role, at=at)


def person(*, name=None, password=None, at=NOON):
    number = next(NAMES)
    return enrolment.enrol(username=f"person-{number}", name=name or f"人员{number}", password=password, at=at)


def sign_in(client, who):
    """As if they had signed in on the pages a moment ago; ``client.force_login`` alone shows nobody's password."""
    client.force_login(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()


def mandate(who, whom, capacity, *, since_at=NOON - YEAR, until_at=None, at=NOON):
    return enrolment.mandate(
        person=who, organisation=whom, capacity=capacity, since_at=since_at, until_at=until_at, at=at
    )


def party(role="PART", *, operator=None, name=None, password=None, at=NOON):
    """An organisation with an initiating and a confirming representative; with ``operator``, also an account."""
    body = organisation(role, name=name, at=at)
    signatories = [
        mandate(person(password=password, at=at), body, capacity, at=at) for capacity in ("INITIATE", "CONFIRM")
    ]
    made = Party(body, *signatories)
    if operator is not None:
        made.account = accounts.open_account(organisation=body, signatures=operator.signatures, at=at)
    return made


def operator(*, name="注册登记机构", password=None, at=NOON):
    """The registry operator, with the account of the buffer."""
    made = party("REG", name=name, password=password, at=at)
    made.account = accounts.open_account(organisation=made.organisation, signatures=made.signatures, at=at)
    return made


# -- units -------------------------------------------------------------------------------------------------------------


def project(*, operator, owner, validator, at=NOON, **overrides):
    values = {
        "number": next(NAMES), "name": "退化林地造林碳汇项目", "kind": "造林", "scheme": "DEMO", "province": "15",
        "region": "赤峰市松山区", "methodology": "AR-CM-001-V01", "methodology_version": "V01",
        "rule_pack": "demo-local", "crediting": Days(dt.date(2019, 1, 1), dt.date(2039, 1, 1)),
    } | overrides  # fmt: skip
    return projects.register(
        owner=owner.organisation, validator=validator.organisation, signatures=operator.signatures, at=at, **values
    )


def verified(project, *, verifier, tonnes=1000, span=OF_2023, at=NOON, **overrides):
    """A monitoring period with its verified quantity: ``tonnes`` and 321 kg that stay behind."""
    values = {
        "verified_kg": tonnes * 1000 + 321, "report_sha256": HASH, "inputs_sha256": HASH, "trace_sha256": HASH,
    } | overrides  # fmt: skip
    return projects.verify(project=project, span=span, verifier=verifier.initiator, at=at, **values)


def issue(period, *, owner, operator, buffer_t=0, lots=None, reference=None, at=NOON, **overrides):
    values = {
        "lots": lots or [issuance.Lot(period.span.lower.year, period.tonnes, buffer_t)],
        "window": issuance.Window(), "reference": reference or f"issue-{next(NAMES)}",
    } | overrides  # fmt: skip
    return issuance.issue(
        period=period, account=owner.account, buffer=operator.account, signatures=operator.signatures, at=at, **values
    )


@dataclass
class World:
    operator: Party
    owner: Party
    buyer: Party
    validator: Party
    verifier: Party
    project: registry.Project
    period: registry.Period
    issuance: registry.Issuance
    batch: registry.Batch
    at: dt.datetime = NOON
    days: itertools.count = field(default_factory=itertools.count)

    def wanted(self, quantity_t, first=None):
        """So many tonnes of the batch: the oldest free, or from the batch's ``first``-th unit (counted from 0)."""
        if first is None:
            return [Wanted(self.batch, quantity_t)]
        lower = self.batch.serials.lower + first
        return [Wanted(self.batch, quantity_t, Range(lower, lower + quantity_t - 1))]

    def another_batch(self, tonnes=1000, **overrides):
        """Another batch of the same project, of one day before those of the period; there are some 1,400 of them."""
        day = dt.date(2022, 12, 31) - dt.timedelta(days=next(self.days))
        period = verified(self.project, verifier=self.verifier, tonnes=tonnes, span=Days.inclusive(day, day))
        made = issue(period, owner=self.owner, operator=self.operator, **overrides)
        return whole(made.batches.get().pk)

    def transfer(self, quantity_t=100, *, source=None, target=None, by=None, first=None, at=NOON, **overrides):
        """With both signatures at hand; from the owner's issued units to the buyer unless said otherwise."""
        values = {"wanted": self.wanted(quantity_t, first), "reference": f"transfer-{next(NAMES)}"} | overrides
        return transfer.transfer(
            source=source or self.owner.issued, target=target or self.buyer.holding,
            signatures=(by or self.owner).signatures, at=at, **values,
        )  # fmt: skip

    def initiate(self, quantity_t=100, *, source=None, target=None, by=None, first=None, at=NOON, **overrides):
        """The same, awaiting the second signature."""
        values = {
            "wanted": self.wanted(quantity_t, first), "reference": f"transfer-{next(NAMES)}",
            "mandate": (by or self.owner).initiator,
        } | overrides  # fmt: skip
        return transfer.initiate(
            source=source or self.owner.issued, target=target or self.buyer.holding, at=at, **values
        )

    def retire(self, quantity_t=100, *, source=None, by=None, first=None, at=NOON, **overrides):
        """Of the owner's issued units, with both signatures at hand, for an event."""
        values = {
            "wanted": self.wanted(quantity_t, first), "purpose": "EVENT", "beneficiary": event(),
            "reference": f"retire-{next(NAMES)}", "signatures": (by or self.owner).signatures,
        } | overrides  # fmt: skip
        return retirement.retire(source=source or self.owner.issued, at=at, **values)

    def initiate_retirement(self, quantity_t=100, *, source=None, by=None, first=None, at=NOON, **overrides):
        values = {
            "wanted": self.wanted(quantity_t, first), "purpose": "EVENT", "beneficiary": event(),
            "reference": f"retire-{next(NAMES)}", "mandate": (by or self.owner).initiator,
        } | overrides  # fmt: skip
        return retirement.initiate(source=source or self.owner.issued, at=at, **values)


def build(*, tonnes=1000, buffer_t=0, password=None, at=NOON) -> World:
    """A register with one project, whose verified period of 2023 is issued: ``buffer_t`` of it to the buffer.

    With ``password`` everyone can sign in; their names are in ``party.initiator.membership.person.username``.
    """
    registrar = operator(password=password, at=at)
    owner = party("OWN", operator=registrar, name="项目业主", password=password, at=at)
    buyer = party("PART", operator=registrar, name="买方", password=password, at=at)
    validator = party("VVB", name="审定机构", password=password, at=at)
    verifier = party("VVB", name="核查机构", password=password, at=at)
    planted = project(operator=registrar, owner=owner, validator=validator, at=at)
    period = verified(planted, verifier=verifier, tonnes=tonnes, at=at)
    issued = issue(period, owner=owner, operator=registrar, buffer_t=buffer_t, at=at)
    return World(
        operator=registrar, owner=owner, buyer=buyer, validator=validator, verifier=verifier, project=planted,
        period=period, issuance=issued, batch=whole(issued.batches.get().pk), at=at,
    )  # fmt: skip


def whole(batch):
    """A batch with everything an act reads of it."""
    related = ("asset", "project", "project__owner", "issuance__period")
    return registry.Batch.objects.select_related(*related).get(pk=batch)


def event(name="城市马拉松"):
    return retirement.Beneficiary.read(kind="EVENT", name=name)


def free_t(place, batch=None):
    """What a place holds freely, over all batches or of one."""
    held = place.ledger_account.holdings.all()
    return sum(one.available for one in (held.filter(asset=batch.pk) if batch else held))


def held_t(place, batch=None):
    held = place.ledger_account.holdings.all()
    return sum(one.quantity for one in (held.filter(asset=batch.pk) if batch else held))


# -- refusals ----------------------------------------------------------------------------------------------------------


def state():
    """Everything that an act could have changed: how many rows each table has, holdings, blocks, states."""
    with connection.cursor() as cursor:
        names = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith("tanhui.")]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
        for name in PRESENT_STATE:
            cursor.execute(f'SELECT t::text FROM "{name}" AS t ORDER BY 1')
            found[f"{name}: rows"] = cursor.fetchall()
        cursor.execute("SELECT next FROM ledger_serialcounter")
        found["next serial"] = cursor.fetchone()
    return found


@contextmanager
def refuses(refusal, code=None, **facts):
    """The block is refused with these facts, in both languages, with a clause; and nothing has changed."""
    before = state()
    with pytest.raises(refusal) as caught:
        yield caught
    assert state() == before
    met = caught.value
    assert type(met) is refusal
    assert code is None or met.code == code
    assert met.clause
    assert {name: met.facts[name] for name in facts} == facts
    in_chinese = met.say("zh-hans")
    assert CHINESE.search(language.translate(met.sentence, "zh-hans")), f"there is no Chinese for {met.code}"
    for name, value in facts.items():
        if f"%({name})s" in met.sentence:
            assert str(value) in str(met)
            assert str(value) in in_chinese, f"{met.code} does not tell {name} in Chinese"
