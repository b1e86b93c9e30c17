"""One real tonne's way: from a forest plot through issuance and sale to retirement, each step by the act people use."""

import hashlib
import os
from datetime import date, datetime
from pathlib import Path

from django.utils import timezone

from tanhui.identity.models import Mandate
from tanhui.journal import sequencer
from tanhui.kernel.period import Period as Days
from tanhui.methods.engine.record import Run
from tanhui.registry import rules
from tanhui.registry.acts import desk, issuance, project, restriction, retirement, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Batch, Project, Restriction, Retirement
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.models import Activation
from tanhui.site import environment
from tanhui.site.demonstration.stage import Stage, organisation

CREDITING = Days(date(2015, 1, 1), date(2035, 1, 1))
BUFFER_PERCENT = 10


def forest_folder() -> Path | None:
    """The published surveys, when the shared data lies beside the checkout."""
    shared = Path(os.environ.get("TANHUI_SHARED", environment.ROOMS.parents[2] / "shared"))
    folder = shared / "data" / "forest"
    return folder if folder.is_dir() else None


def activate_rules(stage: Stage) -> None:
    people = stage.signatures["registry"].people
    for name in ("cn-national-ccer-2023", "demo-local"):
        if not Activation.objects.filter(code=name).exists():
            activation.activate(pack=packs.ship(name), mode="demonstration", at=timezone.now(), **people)


def verifying(stage: Stage) -> Mandate:
    found = Mandate.objects.select_related("membership__person", "membership__organisation").filter(
        membership__organisation=stage.bodies["verifier"]
    )
    return found[0]


def issue_run(stage: Stage, run: Run, at: datetime) -> Batch:
    """Register the project, record the run as verified by another body, and issue its whole tonnes."""
    operator = stage.signatures["registry"]
    made = Project.objects.filter(number=1).first() or project.register(
        number=1,
        name="演示林场固定样地碳汇项目",
        kind="造林碳汇",
        owner=stage.bodies["owner"],
        scheme="DEMO",
        province="15",
        region="内蒙古自治区赤峰市（演示）",
        methodology="AR-CM-001-V01",
        methodology_version="V01",
        rule_pack="demo-local",
        crediting=CREDITING,
        validator=stage.bodies["validator"],
        signatures=operator,
        at=at,
    )
    first, last = run.period
    public = run.bundle()
    period = project.verify(
        project=made,
        span=Days.inclusive(first, last),
        verified_kg=run.verified_kg,
        verifier=verifying(stage),
        report_sha256=hashlib.sha256(public).hexdigest(),
        inputs_sha256=run.inputs_sha256,
        trace_sha256=run.trace_sha256,
        bundle=public,
        demonstration=True,
        at=at,
    )
    lot = issuance.Lot(last.year, period.tonnes, period.tonnes * BUFFER_PERCENT // 100)
    done = issuance.issue(
        period=period,
        account=stage.accounts["owner"],
        buffer=stage.accounts["registry"],
        lots=[lot],
        window=rules.issuance_window(made, timezone.localdate(at)),
        reference=f"issue-{period.pk}",
        signatures=operator,
        at=at,
    )
    return whole(done.batches.get().pk)


def whole(key: int) -> Batch:
    return Batch.objects.select_related("asset", "project__owner", "issuance__period").get(pk=key)


def sell(stage: Stage, batch: Batch, tonnes: int, reference: str = "sale-1") -> int:
    """Owner to buyer: one asks, another confirms. Returns the transaction's number."""
    at, signed = timezone.now(), stage.signatures["owner"]
    asked = transfer.initiate(
        source=stage.place("owner", "ISSUED"),
        target=stage.place("buyer", "HOLDING"),
        wanted=[Wanted(batch, tonnes)],
        reference=reference,
        mandate=signed.initiator,
        at=at,
        reason="演示购买合同",
    )
    number: int = desk.confirm(instruction=asked, mandate=signed.confirmer, at=at).result["transaction"]
    return number


def neutralise(stage: Stage, batch: Batch, tonnes: int, event: str) -> Retirement:
    return retire(
        stage,
        "buyer",
        "HOLDING",
        batch,
        tonnes,
        Retirement.Purpose.EVENT,
        retirement.Beneficiary.read(kind=Retirement.Beneficiary.EVENT, name=event),
        "活动排放量由主办方核算后全部抵消",
    )


def retire(
    stage: Stage,
    who: str,
    purpose_of_place: str,
    batch: Batch,
    tonnes: int,
    purpose: str,
    beneficiary: retirement.Beneficiary,
    statement: str,
) -> Retirement:
    at, signed = timezone.now(), stage.signatures[who]
    asked = retirement.initiate(
        source=stage.place(who, purpose_of_place),
        wanted=[Wanted(batch, tonnes)],
        purpose=purpose,
        beneficiary=beneficiary,
        reference=f"retire-{purpose}",
        mandate=signed.initiator,
        at=at,
        statement=statement,
    )
    decided = desk.confirm(instruction=asked, mandate=signed.confirmer, at=at)
    return Retirement.objects.get(pk=decided.result["retirement"])


def pledge(stage: Stage, tonnes: int) -> Restriction:
    """The owner pledges its newest units to the bank."""
    units, missing = [], tonnes
    for place, asset, serials in reversed(restriction.everything(stage.accounts["owner"])):
        taken = serials if serials.count <= missing else serials.split_at(serials.last - missing + 1)[1]
        units.append((place, asset, taken))
        missing -= taken.count
        if missing == 0:
            break
    document = "演示质押合同 2026-01"
    return restriction.place(
        kind=Restriction.Kind.PLEDGE,
        account=stage.accounts["owner"],
        units=units,
        authority=stage.bodies["bank"],
        document=document,
        document_sha256=hashlib.sha256(document.encode()).hexdigest(),
        until_at=None,
        reference="pledge-1",
        signatures=stage.signatures["registry"],
        at=timezone.now(),
    )


def leave_waiting(stage: Stage, batch: Batch) -> None:
    """Two instructions that wait for their second signature, for a visitor to confirm or to be refused."""
    at = timezone.now()
    retirement.initiate(
        source=stage.place("buyer", "HOLDING"),
        wanted=[Wanted(batch, 10)],
        purpose=Retirement.Purpose.ORGANISATION,
        beneficiary=organisation(stage, "buyer"),
        reference="waiting-1",
        mandate=stage.signatures["buyer"].initiator,
        at=at,
        statement="组委会日常办公碳中和",
    )
    transfer.initiate(
        source=stage.place("owner", "ISSUED"),
        target=stage.place("buyer", "HOLDING"),
        wanted=[Wanted(batch, 200)],
        reference="waiting-2",
        mandate=stage.signatures["owner"].initiator,
        at=at,
        reason="演示补充购买",
    )


def sequence() -> int:
    """Give every waiting fact its place now, instead of waiting for the worker."""
    total = 0
    while count := sequencer.sequence(at=timezone.now()):
        total += count
    return total
