"""Methodology packages as lines on a terminal and as JSON: the shelf, one package, what is wrong with them."""

from typing import TYPE_CHECKING, Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog.words import width

if TYPE_CHECKING:
    from tanhui.methods.engine.cases import Outcome
    from tanhui.methods.engine.shelf import Package

KINDS = {
    "credit": gettext_noop("Credits"),
    "inclusion": gettext_noop("Carbon inclusion"),
    "footprint": gettext_noop("Footprints (never issue)"),
    "statistical": gettext_noop("Statistics (never issue)"),
    "co_benefit": gettext_noop("Co-benefits (never issue)"),
    "tool": gettext_noop("Tools (never issue)"),
}
NAME, SCHEME, SYMBOL, UNIT, EQUATION = 28, 16, 16, 14, 44  # columns of a terminal


def listing(packages: list["Package"], broken: list[Refusal], code: str) -> list[str]:
    """The shelf by kind: name, weakest grade of a parameter, scheme, title, publisher; then what cannot be used."""
    lines = []
    for kind, heading in KINDS.items():
        these = [one for one in packages if one.kind == kind]
        if these:
            lines += ["", language.translate(heading, code)]
        for one in these:
            grade, scheme = one.weakest or "-", one.metadata["scheme"]
            title = one.metadata["title_zh" if code.startswith("zh") else "title_en"]
            lines.append(f"  {padded(one.name, NAME)}{grade}  {padded(scheme, SCHEME)}{title}  [{one.publisher}]")
    return lines[1:] + [f"!! {refusal.say(code)}" for refusal in broken]


def sheet(package: "Package", outcomes: list["Outcome"], code: str) -> list[str]:
    """A package on one screen: its parameters with their grades, its equations, and how its examples come out."""
    chinese = code.startswith("zh")
    lines = [f"{package.name}  {package.metadata['title_zh' if chinese else 'title_en']}"]
    lines += [
        f"SHA-256 {package.sha256}  ({', '.join(package.science) or '-'}: {package.identity()['science_sha256']})"
    ]
    lines += [package.metadata["legal_status"], ""]
    for one in package.parameters.values():
        grades = "".join(sorted({row.grade for row in one.rows}))
        label = one.label_zh if chinese else one.label_en
        lines.append(f"{padded(one.symbol, SYMBOL)}{padded(one.unit, UNIT)}{grades:<3}{len(one.rows):>4}  {label}")
    lines.append("")
    for formula in package.formulas:
        label = formula.label_zh if chinese else formula.label_en
        equation = padded(formula.equation, EQUATION)
        lines.append(f"{padded(formula.symbol, SYMBOL)}{padded(formula.unit, UNIT)}{equation}{label}")
    lines.append("")
    for outcome in outcomes:
        mark = "ok" if outcome.holds else "!!"
        lines.append(f"{mark} {outcome.case} {outcome.quantity}: {outcome.expected:.10g} / {outcome.computed:.10g}")
    return lines


def described(package: "Package", outcomes: list["Outcome"]) -> dict[str, Any]:
    """The same for a machine."""
    return {
        "package": package.identity(),
        "metadata": package.metadata,
        "parameters": [
            {"name": one.name, "symbol": one.symbol, "unit": one.unit, "key": one.key}
            | {"rows": [row.recorded() | {"review_by": row.review_by} for row in one.rows]}
            for one in package.parameters.values()
        ],
        "formulas": [one.as_json() for one in package.formulas],
        "monitoring": package.monitoring,
        "cases": [outcome._asdict() for outcome in outcomes],
    }


def padded(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 1)
