"""The main job from plot to proof in an empty database, saying of each step whether it held."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from tanhui.identity.acts import instruction
from tanhui.journal import log
from tanhui.journal import queries as journal
from tanhui.kernel.refusal import Refusal
from tanhui.ledger.acts import refusals
from tanhui.methods import demonstration as methods
from tanhui.methods import engine
from tanhui.registry import audit, certificates
from tanhui.registry.acts import desk, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Batch, Retirement
from tanhui.rulepacks.models import Activation
from tanhui.site.demonstration import story
from tanhui.site.demonstration.stage import Stage, found_stage
from tanhui.tlog import bundle

Report = Callable[..., None]


def check(report: Report) -> None:
    """The main job from plot to proof, in an empty database; one ``report(step, held, **quantities)`` per step."""
    stage = found_stage(timezone.now())
    report("机构、人员、账户 bodies, people, accounts", True, bodies=len(stage.bodies), accounts=len(stage.accounts))
    story.activate_rules(stage)
    report("规则包生效 rule packs in force", Activation.objects.count() == 2, packs=Activation.objects.count())

    run = methods.forest_run(story.forest_folder())
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

    batch = story.issue_run(stage, run, timezone.now())
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
        lambda: story.sell(stage, batch, batch.quantity_t + 1, "too-much"),
    )
    number = story.sell(stage, batch, 3000)
    report("转让（双人）transfer, two people", number > 0, transferred_t=3000, transaction=number)

    done = story.neutralise(stage, batch, 65, "演示城市马拉松（2026）")
    report(
        "活动碳中和注销 retired for an event",
        done.quantity_t == 65,
        retired_t=done.quantity_t,
        certificate=done.certificate,
    )
    story.pledge(stage, 500)
    report("质押冻结 pledged", True, pledged_t=500)

    count = story.sequence()
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
