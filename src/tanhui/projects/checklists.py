"""The checklist of a review: what the rules ask of every report, what the methodology asks of this project.

Points of the law are those of the rule pack; of a methodology, the conditions under which it applies (validation) and
what it has monitored (verification). Whoever begins a review keeps the points as they stood that day.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import get_language

from tanhui.kernel.refusal import Refusal
from tanhui.library import queries as library
from tanhui.methods.engine import shelf
from tanhui.projects import numbers
from tanhui.projects.models import Development, Monitoring

VALIDATION, VERIFICATION = "validation_points", "verification_points"
# The points of articles 13 and 20 by the codes the rule pack gives them.
LAW = {
    "lawful": ("符合国家相关法律法规和产业政策", "In accordance with laws and industrial policy"),
    "supported_field": ("属于方法学支持领域", "In a field that a methodology supports"),
    "methodology_applied": ("方法学选择和使用得当", "The methodology is chosen and applied properly"),
    "real_unique_additional": ("具备真实性、唯一性和额外性", "Real, unique and additional"),
    "sustainable_development": (
        "符合可持续发展要求，对可持续发展各方面未产生不利影响",
        "Does no harm to sustainable development",
    ),
    "methodology_followed": ("符合项目方法学等相关技术规范要求", "Follows the methodology and its technical norms"),
    "built_as_designed": ("项目按照项目设计文件实施", "The project is carried out as designed"),
    "conservative": ("减排量核算符合保守性原则", "The quantity is accounted conservatively"),
}
# What every verifier looks at, whatever the methodology (rules I-01 to I-08).
COMMON = (
    (
        "boundary_unchanged", "I-05", "项目边界与登记一致，无与其他项目重叠",
        "The boundary is as registered and overlaps no other project",
    ),
    (
        "evidence_monthly", "I-07", "监测数据按月存证，存证哈希与台账一致",
        "Monitoring data were stamped monthly and agree with the stamps",
    ),
    ("instruments_calibrated", "I-04", "计量器具在检定有效期内", "Instruments were within their calibration"),
    (
        "run_recomputed", "I-04", "由公开计算包重新计算，结果逐字节一致",
        "The run was recomputed from its public bundle, byte for byte",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One point: ``group`` LAW, COMMON or METHOD; where it stands; what is asked, and by which evidence."""

    key: str
    group: str
    clause: str
    zh: str
    en: str
    evidence: str = ""

    def __str__(self) -> str:
        return self.zh if chinese() else self.en

    @property
    def proof(self) -> str:
        """The evidence in the reader's language; packages write it as ``中文 / English``."""
        zh, parted, en = self.evidence.partition(" / ")
        return (zh if chinese() else en) if parted else self.evidence


def chinese() -> bool:
    return (get_language() or "en").startswith("zh")


def points(subject: Development | Monitoring) -> list[Point]:
    """The points of a review as they stand today. Refuses with ``numbers.NumberMissing``."""
    found = [
        Point(f"law.{code}", "LAW", clause, *LAW.get(code, (code, code))) for code, clause in demanded(subject).items()
    ]
    if isinstance(subject, Monitoring):
        found += [Point(f"common.{key}", "COMMON", clause, zh, en) for key, clause, zh, en in COMMON]
    return found + of_package(subject)


def demanded(subject: Development | Monitoring) -> dict[str, str]:
    """The codes of the points a report of the subject must cover, each with the clause that asks for it.

    Where no pack of the project says it, the national rule's points are asked for. Refuses with
    ``numbers.NumberMissing``.
    """
    key = VALIDATION if isinstance(subject, Development) else VERIFICATION
    found = numbers.needed(subject, key)
    codes = found.value if isinstance(found.value, tuple) else (found.value,)
    return {str(code): found.clause for code in codes}


def of_package(subject: Development | Monitoring) -> list[Point]:
    """What the methodology's package on the shelf asks; nothing where there is none."""
    development = numbers.development_of(subject)
    version = library.of_full_code(development.methodology)
    code, _, edition = development.methodology.lower().rpartition("-")
    name = version.package if version and version.package else f"{code.replace('-', '_')}/{edition}"
    try:
        package = shelf.load(name)
    except Refusal:
        return []
    if isinstance(subject, Development):
        return [
            Point(f"method.{one.name}", "METHOD", one.clause, one.label_zh, one.label_en, one.evidence_asked)
            for one in package.predicates
        ]
    return [
        Point(
            f"method.{one['name']}", "METHOD", str(one["symbol"]), monitored(one, "zh"), monitored(one, "en"),
            f"{one.get('qa_zh', '')} / {one.get('qa_en', '')}".strip(" /"),
        )
        for one in package.monitoring
    ]  # fmt: skip


def monitored(symbol: dict[str, Any], language: str) -> str:
    label, often = symbol[f"label_{language}"], symbol.get(f"frequency_{language}", "")
    return f"{label}（{often}）" if language == "zh" and often else f"{label}: {often}".rstrip(": ")


def frozen(found: list[Point]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]


def thawed(kept: list[dict[str, Any]]) -> list[Point]:
    return [Point(**one) for one in kept]
