"""The demonstration: made-up bodies and people, and one real tonne's way from a forest plot to an offline proof.

``load`` builds it once and finds it again ever after; ``check`` does the whole main job and says of each step whether
it held. Everything goes through the acts people use.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from tanhui.identity.acts import enrolment, instruction
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal import log, sequencer
from tanhui.journal import queries as journal
from tanhui.kernel import identifiers
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal
from tanhui.ledger.acts import refusals
from tanhui.methods import demonstration as methods
from tanhui.methods import engine
from tanhui.methods.engine.record import Run
from tanhui.registry import audit, certificates, rules
from tanhui.registry.acts import account, desk, issuance, project, restriction, retirement, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Batch, Project, Restriction, Retirement, SubAccount
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.models import Activation
from tanhui.site import environment, logins
from tanhui.tlog import bundle

Progress = Callable[[str, int, int], None]
Report = Callable[..., None]

BODIES = {
    # key: organisation code body (made up), name, role
    "registry": ("10000001", "演示碳汇登记服务中心", Organisation.Role.REGISTRY),
    "owner": ("10000002", "演示市农业投资集团有限公司", Organisation.Role.OWNER),
    "validator": ("10000003", "演示审定机构甲有限公司", Organisation.Role.VERIFIER),
    "verifier": ("10000004", "演示核查机构乙有限公司", Organisation.Role.VERIFIER),
    "buyer": ("10000005", "演示城市马拉松组委会", Organisation.Role.PARTICIPANT),
    "bank": ("10000006", "演示农村商业银行", Organisation.Role.PLEDGEE),
}
CREDITING = Days(date(2015, 1, 1), date(2035, 1, 1))
BUFFER_PERCENT = 10
STEPS = 12


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


def forest_folder() -> Path | None:
    """The published surveys, when the shared data lies beside the checkout."""
    shared = Path(os.environ.get("TANHUI_SHARED", environment.ROOMS.parents[2] / "shared"))
    folder = shared / "data" / "forest"
    return folder if folder.is_dir() else None


def loaded() -> bool:
    """Whether the demonstration was loaded to its end."""
    return Retirement.objects.exists()


def load(progress: Progress) -> None:
    """Build the demonstration unless it is there."""
    if loaded():
        return
    ahead = ticker(progress)
    with ahead("机构、人员与授权"):
        stage = found_stage(timezone.now())
    with ahead("规则包"):
        activate_rules(stage)
    with ahead("样地清查与碳汇量计算"):
        run = methods.forest_run(forest_folder())
    with ahead("项目登记与核查"):
        batch = issue_run(stage, run, timezone.now())
    with ahead("转让：发起与确认"):
        sell(stage, batch, 3000)
    with ahead("注销：大型活动碳中和"):
        neutralise(stage, batch, 65, "演示城市马拉松（2026）")
    with ahead("注销：公益与义务植树"):
        retire(
            stage,
            "owner",
            "ISSUED",
            batch,
            120,
            Retirement.Purpose.PUBLIC_GOOD,
            organisation(stage, "owner"),
            "世界环境日公益注销",
        )
        retire(stage, "buyer", "HOLDING", batch, 2, Retirement.Purpose.TREE_DUTY, person("张三"), "义务植树尽责")
    with ahead("质押"):
        pledge(stage, 500)
    with ahead("待确认的指令"):
        leave_waiting(stage, batch)
    with ahead("存证"):
        sequence()
    with ahead("自查"):
        audit.audit()


def ticker(progress: Progress) -> Callable[[str], Any]:
    done = 0

    @contextlib.contextmanager
    def ahead(step: str) -> Iterator[None]:
        nonlocal done
        progress(step, done, STEPS)
        yield
        done += 1
        progress(step, done, STEPS)

    return ahead


def guide(language: str) -> list[str]:
    """What a visitor reads in the terminal: logins, and where to look first."""
    first = Retirement.objects.order_by("pk").first()
    number = first.certificate if first else ""
    if language.startswith("zh"):
        lines = ["", "演示登录（密码均为 " + logins.password() + "）："]
        lines += [f"  {name:<11} {who}  {does}" for name, who, _, _, does in logins.PEOPLE]
        return [
            *lines,
            "",
            "先看：",
            f"  1. 首页搜索框输入证书编号 {number}，查看证书与证明，下载 PDF",
            "  2. 用 tanhui verify 证书.pdf 离线查验",
            "  3. 以 buyer-b 登录，确认一条待办指令；再以 buyer-a 试试确认自己的指令",
            "  4. “透明日志”页：检查点、规模与一致性",
            "",
        ]
    lines = ["", f"Demonstration logins (the password of all is {logins.password()}):"]
    lines += [f"  {name:<11} {who}  {does}" for name, who, _, _, does in logins.PEOPLE]
    return [
        *lines,
        "",
        "Look at first:",
        f"  1. search for certificate {number} on the home page, download its PDF",
        "  2. check it offline: tanhui verify CERTIFICATE.pdf",
        "  3. sign in as buyer-b and confirm the waiting instruction; then try your own as buyer-a",
        "  4. the log page: checkpoint, size, consistency",
        "",
    ]


# -- building ----------------------------------------------------------------------------------------------------------


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
    signatures = {key: Signatures(two["INITIATE"], two["CONFIRM"]) for key, two in held.items() if len(two) == 2}
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
        person=who, organisation=organisation_, capacity=capacity, since_at=at - timedelta(days=1), until_at=None, at=at
    )


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


def organisation(stage: Stage, who: str) -> retirement.Beneficiary:
    body = stage.bodies[who]
    return retirement.Beneficiary.read(kind=Retirement.Beneficiary.ORGANISATION, name=body.name, code=body.uscc)


def person(name: str) -> retirement.Beneficiary:
    """A made-up person with a number that passes its checks; only its masked form is kept."""
    body = "15040219900307123"
    return retirement.Beneficiary.read(
        kind=Retirement.Beneficiary.PERSON, name=name, code=body + identifiers.citizen_check(body)
    )


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


# -- checking ----------------------------------------------------------------------------------------------------------


def check(report: Report) -> None:
    """The main job from plot to proof, in an empty database; one ``report(step, held, **quantities)`` per step."""
    stage = found_stage(timezone.now())
    report("机构、人员、账户 bodies, people, accounts", True, bodies=len(stage.bodies), accounts=len(stage.accounts))
    activate_rules(stage)
    report("规则包生效 rule packs in force", Activation.objects.count() == 2, packs=Activation.objects.count())

    run = methods.forest_run(forest_folder())
    source = "generated 生成数据" if run.generated else "two real surveys 两次真实调查"
    report(
        "样地 → 碳汇量 plots to removal",
        run.verified_kg > 0,
        input=source,
        verified_kg=run.verified_kg,
        residual_kg=run.residual_kg,
    )
    difference = engine.rerun(run.bundle())
    report("重算一致 rerun gives the same", difference is None, trace=run.trace_sha256[:12])

    batch = issue_run(stage, run, timezone.now())
    report(
        "核查 → 签发 verified to issued",
        batch.quantity_t == run.tonnes,
        issued_t=batch.quantity_t,
        buffer_t=batch.issuance.buffer_t if batch.issuance else 0,
    )

    refused(
        report,
        "一人不得兼签 one person cannot sign twice",
        instruction.OnePersonTwice,
        lambda: sign_alone(stage, batch),
    )
    refused(
        report,
        "超额转让被拒 more than is held is refused",
        refusals.NotEnoughHeld,
        lambda: sell(stage, batch, batch.quantity_t + 1, "too-much"),
    )
    number = sell(stage, batch, 3000)
    report("转让（双人）transfer, two people", number > 0, transferred_t=3000, transaction=number)

    done = neutralise(stage, batch, 65, "演示城市马拉松（2026）")
    report(
        "活动碳中和注销 retired for an event",
        done.quantity_t == 65,
        retired_t=done.quantity_t,
        certificate=done.certificate,
    )
    pledge(stage, 500)
    report("质押冻结 pledged", True, pledged_t=500)

    count = sequence()
    head = journal.head()
    report(
        "存证 facts in the log",
        head is not None and head.size == count,
        leaves=count,
        root=bytes(head.root).hex()[:12] if head else "",
    )
    prove_offline(report, done)
    result = audit.audit()
    report(
        "自查 self-audit",
        result.sound,
        issued_t=result.issued_t,
        held_t=result.held_t,
        retired_t=result.retired_t,
        cancelled_t=result.cancelled_t,
    )


def refused(report: Report, step: str, wanted: type[Refusal], act: Callable[[], object]) -> None:
    """The step holds when the act is refused for exactly this reason."""
    try:
        act()
    except wanted as refusal:
        report(step, True, code=refusal.code)
    else:
        report(step, False, code="accepted")


def sign_alone(stage: Stage, batch: Batch) -> None:
    at, alone = timezone.now(), stage.signatures["owner"].initiator
    asked = transfer.initiate(
        source=stage.place("owner", "ISSUED"),
        target=stage.place("buyer", "HOLDING"),
        wanted=[Wanted(batch, 1)],
        reference="alone",
        mandate=alone,
        at=at,
    )
    try:
        desk.confirm(instruction=asked, mandate=alone, at=at)
    finally:
        desk.withdraw(instruction=asked, mandate=alone, reason="演示", at=at)


def prove_offline(report: Report, done: Retirement) -> None:
    """Verify the certificate in another process that has nothing but the file and the operator's public key; then
    break a byte of it and see it refused; then check the whole log."""
    with tempfile.TemporaryDirectory() as folder:
        paper, key = Path(folder) / "certificate.pdf", Path(folder) / "key"
        paper.write_bytes(certificates.certificate(done))
        again = certificates.certificate(done)
        report(
            "证书 PDF certificate",
            paper.read_bytes() == again,
            bytes=len(again),
            same_bytes_again=paper.read_bytes() == again,
        )
        key.write_text(f"{log.signer().verifier}\n")
        report("离线查验 verified offline", verify(paper, key) == 0, certificate=done.certificate)
        altered = bytearray(again)
        altered[len(altered) // 2] ^= 1
        paper.write_bytes(bytes(altered))
        report("改一字节即被发现 an altered byte is found", verify(paper, key) == 1, byte=len(altered) // 2)
        proof = Path(folder) / "proof.json"
        made = journal.prove(done.entry) or {}
        proof.write_bytes(bundle.dumps(made | {"leaf": json.dumps({"forged": True})}))
        report("伪造证明被拒 a forged proof is refused", verify(proof, key) == 1, code="tlog.leaf_altered")
    report("日志核对 log checked", run_cli("log", "fsck", str(log.folder())) == 0, folder=log.folder().name)


def verify(path: Path, key: Path) -> int:
    return run_cli("verify", str(path), "--key", str(key))


def run_cli(*arguments: str) -> int:
    """``tanhui`` in a process of its own, as a stranger would run it."""
    return subprocess.run(
        [sys.executable, "-m", "tanhui.cli.main", *arguments], capture_output=True, check=False
    ).returncode
