"""The papers the product writes from the data: design document, monitoring report, applications. The same data give the
same bytes: the date of the paper is the day the data last changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from tanhui.kernel import clock
from tanhui.kernel.period import DAY
from tanhui.projects import machine, sheets
from tanhui.projects.models import Development, Evidence, Monitoring
from tanhui.ui import paper

TEMPLATE = Path(__file__).resolve().parent / "papers" / "document.typ"
ROWS = 400  # outlines a paper lists one by one
NAMES = {
    "DESIGN": ("项目设计文件", "Project design document"),
    "APPLICATION": ("项目登记申请表", "Application for registration"),
    "REPORT": ("减排量核算报告", "Monitoring report"),
    "ISSUE_FORM": ("减排量登记申请表", "Application for issuance"),
}
WORDS = {"yes": "是", "no": "否"}


def write(subject: Development | Monitoring, kind: str) -> tuple[bytes, str]:
    """A paper of a kind as PDF/A, and its file name. ``KeyError`` for a kind that is not written from data.

    Refuses with ``ui.glyph_missing`` when a name has a character that cannot be printed.
    """
    zh, en = NAMES[kind]
    held = subject if isinstance(subject, Development) else subject.development
    with translation.override("zh-hans"):
        body = design(held) if kind == "DESIGN" else application(held) if kind == "APPLICATION" else report(subject)
    data = {
        "title": zh, "subtitle": en, "number": subject.code, "operator": machine.profile(held.profile).label.zh,
        "demonstration": not settings.PRODUCTION, "qr": None, "url": None, "owner": held.owner.name, **body,
    }  # fmt: skip
    return paper.render(template=TEMPLATE, data=data, at=subject.changed_at), f"{subject.code}-{zh}.pdf"


def design(held: Development) -> dict[str, Any]:
    parts = [
        part(plain(sheet.label), "", [
            f"{plain(field.label)}：{answer(held, name, field)}" for name, field in sheet.fields.items()
        ])
        for sheet in sheets.SHEETS
    ]  # fmt: skip
    return {"facts": heads(held), "parts": [*parts, outlines(held), facilities(held)]}


def application(held: Development) -> dict[str, Any]:
    papers = [
        [str(machine.profile(held.profile).papers[one.kind].label.zh), str(one.edition), one.sha256]
        for one in held.papers.filter(monitoring=None).order_by("kind", "edition")
        if one.kind != "APPLICATION"
    ]
    said = [
        f"{held.owner.name}申请登记“{held.name}”（{held.code}）。",
        "申请人承诺：项目未在其他机制下登记，提交的材料真实、完整、有效。",
    ]
    listed = part("所附材料", "Papers", [], ("材料", "版次", "SHA-256"), papers, (4, 1, 6))
    return {"facts": heads(held), "parts": [part("申请", "Application", said), listed]}


def report(subject: Development | Monitoring) -> dict[str, Any]:
    if not isinstance(subject, Monitoring):
        raise KeyError("a monitoring report is of a monitoring period")
    run, held = subject.run, subject.development
    facts = [
        *heads(held),
        fact("监测期", "Monitoring period", f"{subject.span.lower} 至 {subject.span.upper - DAY}"),
        fact("核算量（千克）", "Quantity (kg)", f"{subject.quantity_kg or 0:,}"),
        fact("其中缓冲（吨）", "Of it to the buffer (t)", str(run.get("buffer_tonnes", 0))),
        fact("申请量（吨）", "Applied for (t)", str(subject.applied_t if subject.applied_t is not None else "—")),
        fact("运行记录包", "Run bundle SHA-256", subject.bundle_sha256 or "—", wide=True),
        fact("核查机构", "Verification body", str(subject.verifier or "—"), wide=True),
    ]
    plan = [
        f"{plain(sheets.FIELDS[name].label)}：{said or '—'}"
        for name, said in subject.plan.items()
        if name in sheets.FIELDS
    ]
    stamps = Evidence.objects.filter(
        development=held, month__gte=subject.span.lower, month__lt=subject.span.upper
    ).order_by("month", "at")
    rows = [
        [f"{one.month:%Y-%m}", f"{clock.day(one.at)}{'（逾期）' if one.late else ''}", one.sha256] for one in stamps
    ]
    return {
        "facts": facts,
        "parts": [
            part("监测计划的执行", "Monitoring as planned", plan),
            part("核算", "Computation", [
                f"方法学：{held.methodology}；程序包：{run.get('package', '—')}。",
                f"程序包 SHA-256：{run.get('package_sha256', '—')}",
                f"输入 SHA-256：{subject.inputs_sha256 or '—'}", f"过程 SHA-256：{subject.trace_sha256 or '—'}",
            ]),
            part("月度存证", "Monthly evidence", [], ("月份", "存证日", "SHA-256"), rows, (2, 3, 7)),
        ],
    }  # fmt: skip


def heads(held: Development) -> list[dict[str, Any]]:
    area = sum(held.boundaries.values_list("area_m2", flat=True))
    crediting = held.crediting
    days = f"{crediting.lower} 至 {crediting.upper - DAY}" if crediting else "—"
    return [
        fact("项目名称", "Name", held.name, wide=True),
        fact("项目业主", "Owner", held.owner.name),
        fact("统一社会信用代码", "USCC", held.owner.uscc),
        fact("机制", "Scheme", held.scheme),
        fact("方法学", "Methodology", held.methodology),
        fact("行政区划代码", "Division code", held.division_code),
        fact("计入期", "Crediting period", days),
        fact("边界面积", "Area", f"{area / 10_000:,.2f} 公顷（{area * 15 / 10_000:,.1f} 亩）" if area else "—"),
        fact("审定机构", "Validation body", str(held.validator or "—")),
    ]


def outlines(held: Development) -> dict[str, Any]:
    rows = held.boundaries.order_by("name")
    listed = [
        [str(place), one.name, f"{one.area_m2 / 10_000:,.4f}", one.geometry_sha256]
        for place, one in enumerate(rows[:ROWS], 1)
    ]
    left = rows.count() - len(listed)
    said = [f"另有 {left} 块，见边界矢量文件。"] if left > 0 else []
    return part("项目边界", "Boundary", said, ("序", "地块", "公顷", "轮廓 SHA-256"), listed, (1, 3, 2, 7), (0, 2))


def facilities(held: Development) -> dict[str, Any]:
    rows = [[one.get_kind_display(), one.key] for one in held.facilities.order_by("kind", "key")]
    return part("计量设备与设施", "Meters and facilities", [], ("类别", "编号"), rows, (2, 5))


def answer(held: Development, name: str, field: sheets.Field) -> str:
    said = sheets.filled(held, name)
    if field.kind == "body":
        return str(getattr(held, name) or "—")
    return WORDS.get(said, said) or "—"


def plain(label: object) -> str:
    """A label with characters the paper's font has."""
    return str(label).replace("₂", "2")


def fact(zh: str, en: str, value: str, *, wide: bool = False) -> dict[str, Any]:
    return {"zh": zh, "en": en, "value": value, "wide": wide}


def part(
    zh: str, en: str, text: Sequence[str], head: Sequence[str] = (), rows: Sequence[Sequence[str]] = (),
    widths: Sequence[int] = (), numbers: Sequence[int] = (),
) -> dict[str, Any]:  # fmt: skip
    return {
        "zh": zh, "en": en, "text": list(text), "head": [[one, ""] for one in head],
        "rows": [list(row) for row in rows],
        "widths": list(widths), "numbers": list(numbers),
    }  # fmt: skip
