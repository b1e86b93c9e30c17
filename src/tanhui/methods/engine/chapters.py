"""What a run has to tell, chapter by chapter, in Chinese or English: blocks that know neither Markdown nor paper."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.methods.engine import bilingual
from tanhui.methods.engine.blocks import Block, Chain, Grid, Group, Parameters, Points, Step, Text, shown
from tanhui.methods.engine.shelf import Package

HEADINGS = {
    "result": gettext_noop("Result"),
    "measured": gettext_noop("What was measured"),
    "applicability": gettext_noop("Applicability"),
    "declared": gettext_noop("Values declared by the project"),
    "parameters": gettext_noop("Parameters"),
    "chain": gettext_noop("Chain of equations"),
    "strata": gettext_noop("Strata"),
    "rules": gettext_noop("Uncertainty, permanence, leakage and rounding"),
    "notes": gettext_noop("To know beside the number"),
    "origin": gettext_noop("How to check"),
}
WORDS = {
    "name": gettext_noop("name"),
    "symbol": gettext_noop("symbol"),
    "key": gettext_noop("key"),
    "value": gettext_noop("value"),
    "unit": gettext_noop("unit"),
    "evidence": gettext_noop("evidence"),
    "evidence_asked": gettext_noop("evidence asked for"),
    "source": gettext_noop("source"),
    "clause": gettext_noop("clause"),
    "condition": gettext_noop("condition"),
    "answer": gettext_noop("answer"),
    "stratum": gettext_noop("stratum"),
    "quantity": gettext_noop("quantity"),
    "table": gettext_noop("table"),
    "file": gettext_noop("file"),
    "rows": gettext_noop("rows"),
    "area": gettext_noop("area (ha)"),
    "rule": gettext_noop("rule"),
    "pass": gettext_noop("met"),
    "fail": gettext_noop("not met"),
    "needs_evidence": gettext_noop("evidence needed"),
    "surveys": gettext_noop("Surveys"),
    "crediting": gettext_noop("Crediting period"),
    "period": gettext_noop("Monitoring period"),
    "purpose": gettext_noop("Purpose of the run"),
    "floor": gettext_noop("Evidence asked for at least"),
    "weakest": gettext_noop("Weakest evidence used"),
    "additionality": gettext_noop("Additionality"),
    "uncertainty": gettext_noop("Uncertainty"),
    "permanence": gettext_noop("Permanence"),
    "leakage": gettext_noop("Leakage"),
    "rounding": gettext_noop("Rounding"),
    "demonstration": gettext_noop("demonstration"),
    "project": gettext_noop("project"),
    "issuance": gettext_noop("issuance"),
    "inputs": gettext_noop("Inputs"),
    "trace": gettext_noop("Trace"),
    "package": gettext_noop("Methodology"),
}
RULES = ("additionality", "uncertainty", "permanence", "leakage", "rounding")
UNSAID = {"mode", "kind", "quantity", "before", "after"}  # of a rule without words of its own
NOTES = {
    "trees_without_plot": gettext_noop(
        "%(trees)s trees of table %(table)s stand on plots that the plot table lacks; left out: %(reason)s."
    ),
    "plots_only_in_second_survey": gettext_noop(
        "%(plots)s plots were measured only at the second survey and are left out: more land measured is not growth."
    ),
    "disturbed_plots": gettext_noop(
        "%(plots)s matched plots carry a disaster code at the second survey (%(codes)s); fire emissions are declared "
        "by the project, not computed."
    ),
    "odd_means": gettext_noop(
        "The mean diameter or height of these plots changed oddly between the surveys and deserves a second visit: "
        "%(plots)s."
    ),
    "change_is_uncertain": gettext_noop(
        "The change itself is known to ±%(half_width_t)s t at 90 %% (change %(change_t)s t); the deduction rule of "
        "the methodology looks at the stocks only."
    ),
}
DEMONSTRATION = gettext_noop(
    "This is a demonstration. Some values rest on evidence %(weakest)s only; outside a demonstration nothing may be "
    "issued on it."
)
WEAK = gettext_noop("Some values rest on evidence %(weakest)s only: they were not read in their source.")
GENERATED = gettext_noop("The input was generated, not measured.")
AMOUNT = gettext_noop("%(kg)s kg CO2e: %(tonnes)s whole tonnes and a residual of %(residual_kg)s kg.")
BUFFER = gettext_noop("Another %(buffer_tonnes)s whole tonnes (%(buffer_kg)s kg CO2e) go into the pooled buffer.")
DEDUCTED = gettext_noop("For non-permanence %(deduction_kg)s kg CO2e were taken off beforehand.")
RECORDED = {
    "buffer": gettext_noop("A run records it beside its result: %(quantity)s."),
    "deduction": gettext_noop("A run records it beside its result: from “%(before)s” to “%(after)s”."),
}
GRAMS = gettext_noop("%(g)s g CO2e.")
OTHER = gettext_noop("%(label)s: %(amount)s %(unit)s. No amount of carbon dioxide, and nothing to issue.")
RANGE = gettext_noop("%(count)s values, from %(low)s to %(high)s; %(name)s: %(value)s")
ENDS = gettext_noop("%(count)s values; the first %(low)s, the last %(high)s")
CHECK = gettext_noop(
    "Methodology %(package)s, version %(version)s, SHA-256 %(sha256)s; inputs %(inputs)s; trace %(trace)s. "
    "`tanhui method rerun` computes this number again from the bundle."
)
ARITHMETIC = gettext_noop("Shared arithmetic %(modules)s, SHA-256 %(sha256)s.")
LISTED = 24  # values of one step shown one by one
ABREAST = 7  # strata side by side in one table


def note(one: Mapping[str, Any], code: str) -> str:
    """One note of a run as a sentence: the engine's own, or the words the package's note brings along."""
    facts = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in one.items()}
    if sentence := NOTES.get(str(one["note"])):
        return language.translate(sentence, code) % facts
    if said := one.get("text_zh" if chinese(code) else "text_en"):
        return str(said)
    return f"{one['note']}: " + "; ".join(f"{key} {value}" for key, value in sorted(facts.items()) if key != "note")


def rules(package: Package, code: str) -> list[tuple[str, str]]:
    """The package's rules beside its equations, each with its name: additionality to rounding. What it leaves unsaid is
    left out."""
    told = []
    for name in RULES:
        about = package.metadata.get(name)
        if about and (said := _ruled(about, code)):
            if name == "permanence":
                said += _recorded(package, code)
            told.append((language.translate(WORDS[name], code), said))
    return told


def taken(result: Mapping[str, int], code: str) -> str:
    """What goes into the buffer, or was taken off for non-permanence, as a sentence; empty where nothing is."""
    said = BUFFER if "buffer_kg" in result else DEDUCTED if result.get("deduction_kg") else ""
    return language.translate(said, code) % {name: f"{value:,}" for name, value in result.items()} if said else ""


def _recorded(package: Package, code: str) -> str:
    """By which formulas a run records what permanence takes, after the rule."""
    about = package.metadata["permanence"]
    labels = {one.name: one.label_zh if chinese(code) else one.label_en for one in package.formulas}
    named = {key: labels[about[key]] for key in ("quantity", "before", "after") if about.get(key) in labels}
    try:
        return ("" if chinese(code) else " ") + language.translate(RECORDED[str(about.get("kind"))], code) % named
    except KeyError:  # neither buffer nor deduction, or of one that names no formula
        return ""


def chinese(code: str) -> bool:
    return code.lower().startswith("zh")


def _ruled(about: Any, code: str) -> str:
    if not isinstance(about, Mapping):
        return str(about)
    if said := about.get("text_zh" if chinese(code) else "text_en"):
        return str(said)
    return "; ".join(
        ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in about.items()
        if not key.startswith("text_") and (key not in UNSAID or len(about) == 1)
    )


@dataclass(frozen=True)
class Page:
    content: dict[str, Any]
    package: Package
    code: str

    @property
    def chinese(self) -> bool:
        return chinese(self.code)

    @property
    def project(self) -> dict[str, Any]:
        return dict(self.content["inputs"].get("project", {}))

    @property
    def methodology(self) -> str:
        return str(self.package.metadata["title_zh" if self.chinese else "title_en"])

    @property
    def headline(self) -> str:
        return str(self.project.get("title_zh" if self.chinese else "title_en") or self.methodology)

    @property
    def demonstration(self) -> bool:
        weakest = self.content.get("evidence", {}).get("weakest")
        return self.content["purpose"] == "demonstration" or weakest == "D" or bool(self.project.get("generated"))

    def warnings(self) -> Iterator[str]:
        weakest = self.content.get("evidence", {}).get("weakest", "D")
        if self.content["purpose"] == "demonstration":
            yield self.say(DEMONSTRATION, weakest=weakest)
        elif weakest == "D":
            yield self.say(WEAK, weakest=weakest)
        if self.project.get("generated"):
            yield self.say(GENERATED)

    def chapters(self) -> Iterator[tuple[str, list[Block]]]:
        """Every chapter that has something to say, in order."""
        for name in HEADINGS:
            blocks = [block for block in getattr(self, name)() if not isinstance(block, Grid) or block.rows]
            if blocks:
                yield name, blocks

    def result(self) -> Iterator[Block]:
        yield Text(self.outcome()[2])

    def outcome(self) -> tuple[str, str, str]:
        """The figure to print large, its unit (nothing: whole tonnes of CO2e), and the sentence beneath."""
        last, result = self.content["trace"][-1], self.content["result"]
        if "CO2" not in last["unit"]:  # a tool counts plots, a co-benefit nitrogen oxides
            label = self.label({one.name: one for one in self.package.formulas}, last["quantity"])
            amount = shown(last["values"][0])
            return amount, last["unit"], self.say(OTHER, label=label, amount=amount, unit=last["unit"])
        if "g" in result:
            return shown(result["g"]), "gCO2e", self.say(GRAMS, g=shown(result["g"]))
        grouped = {name: f"{value:,}" for name, value in result.items()}
        said = [self.say(AMOUNT, **grouped), taken(result, self.code)]
        return grouped["tonnes"], "", ("" if self.chinese else " ").join(filter(None, said))

    def measured(self) -> Iterator[Block]:
        days = {
            name: " – ".join(str(given[key]) for key in keys if key in given)
            for name, keys in {
                "surveys": ("first", "second"),
                "period": ("start", "end"),
                "crediting": ("start", "end"),
            }.items()
            if isinstance(given := self.project.get(name), Mapping)
        }
        yield Grid(
            [self.word("name"), self.word("value")],
            [[self.word(name), span] for name, span in days.items() if span]
            + [
                [self.word("purpose"), self.word(self.content["purpose"])],
                [self.word("floor"), self.content["floor"]],
                [self.word("weakest"), self.content.get("evidence", {}).get("weakest", "-")],
            ],
            widths=[1, 3],
        )
        tables = self.content["inputs"].get("tables", {})
        labels = {one["name"]: one for one in self.package.columns.get("table", [])}
        rows = []
        for one in self.content["files"]:
            about, columns = labels.get(one["table"], {}), tables.get(one["table"], {})
            label = about.get("label_zh" if self.chinese else "label_en", one["table"])
            rows.append([label, one["file"], str(len(next(iter(columns.values()), []))), one["sha256"]])
        head = [self.word("table"), self.word("file"), self.word("rows"), "SHA-256"]
        yield Grid(head, rows, numbers=[2], widths=[2, 3, 0, 4])
        strata = [one for one in self.project.get("stratum", []) if "area_ha" in one]
        yield Grid(
            [self.word("stratum"), self.word("key"), self.word("area")],
            [[self.named("stratum", one["code"]), one["code"], str(one["area_ha"])] for one in strata],
            numbers=[2],
            widths=[2, 2, 1],
        )

    def applicability(self) -> Iterator[Block]:
        labels = {one.name: one for one in self.package.predicates}
        yield Grid(
            self.words("condition", "clause", "answer", "evidence_asked"),
            [
                [
                    self.label(labels, one["predicate"]), bilingual.half(one["clause"], self.code),
                    self.word(one["answer"]), bilingual.half(one.get("evidence_asked", ""), self.code),
                ]
                for one in self.content.get("predicates", [])
            ],
            widths=[5, 5, 0, 4],
        )  # fmt: skip

    def declared(self) -> Iterator[Block]:
        declared = self.project.get("declared", {})
        labels = {one["name"]: one for one in self.package.columns.get("declared", [])}
        rows = []
        for one in self.content.get("evidence", {}).get("declared", []):
            given = declared.get(one["name"], {})
            label = labels.get(one["name"], {}).get("label_zh" if self.chinese else "label_en", one["name"])
            rows.append([label, str(given.get("value", "-")), given.get("unit", "-"), one["grade"], one["source"]])
        yield Grid(self.words("name", "value", "unit", "evidence", "source"), rows, numbers=[1], widths=[3, 0, 0, 0, 6])

    def parameters(self) -> Iterator[Block]:
        groups = [
            Group(
                self.label(self.package.parameters, one["name"]),
                one["symbol"],
                one["unit"],
                [(row["key"] or "-", row["value"], row["evidence"], row["source"]) for row in one["rows"]],
            )
            for one in self.content["parameters"]
        ]
        if groups:
            yield Parameters(self.words("name", "symbol", "key", "value", "unit", "evidence", "source"), groups)

    def chain(self) -> Iterator[Block]:
        formulas = {one.name: one for one in self.package.formulas}
        yield Chain(
            [
                Step(
                    number, step["symbol"], self.label(formulas, step["quantity"]), step["unit"], step["equation"],
                    *self.values(step),
                )
                for number, step in enumerate(self.content["trace"], 1)
            ]
        )  # fmt: skip

    def values(self, step: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
        """A step's values one by one, or, of many, how far they reach and one of them to follow."""
        values, names = step["values"], self.content.get("axes", {}).get(step["over"], [])
        if "values_sha256" in step:
            return self.say(ENDS, count=step["count"], low=values[0], high=values[-1]), []
        if step["over"] == "project" or len(values) == 1:
            return "", [("", value) for value in values]
        if len(names) != len(values):
            names = [str(place) for place in range(1, len(values) + 1)]
        if len(values) <= LISTED:
            return "", [(self.named(step["over"], name), value) for name, value in zip(names, values, strict=True)]
        ordered = sorted(values, key=Decimal)
        place = next((at for at, value in enumerate(values) if value != "0"), 0)
        facts = {"count": step["count"], "low": ordered[0], "high": ordered[-1], "value": values[place]}
        return self.say(RANGE, name=self.named(step["over"], names[place]), **facts), []

    def strata(self) -> Iterator[Block]:
        """Quantities over strata, a line each with the strata side by side, as many tables as that takes."""
        formulas = {one.name: one for one in self.package.formulas}
        codes = self.content.get("axes", {}).get("stratum", [])
        steps = [
            one for one in self.content["trace"] if one["over"] == "stratum" and len(one["values"]) == len(codes) > 1
        ]
        for first in range(0, min(len(codes), LISTED), ABREAST):
            part = range(first, min(first + ABREAST, len(codes)))
            yield Grid(
                [self.word("quantity"), self.word("unit"), *(self.named("stratum", codes[at]) for at in part)],
                [
                    [self.label(formulas, one["quantity"]), one["unit"], *(shown(one["values"][at], 6) for at in part)]
                    for one in steps
                ],
                numbers=list(range(2, 2 + len(part))),
                widths=[3, 2, *(2 for _ in part)],
            )

    def rules(self) -> Iterator[Block]:
        yield Grid(self.words("rule", "value"), [list(one) for one in rules(self.package, self.code)], widths=[1, 5])

    def notes(self) -> Iterator[Block]:
        if told := [note(one, self.code) for one in self.content.get("notes", [])]:
            yield Points(told)

    def origin(self) -> Iterator[Block]:
        yield Text(
            self.say(
                CHECK,
                package=self.package.code,
                version=self.package.version,
                sha256=self.content["package"]["sha256"],
                inputs=self.content["inputs_sha256"],
                trace=self.content["trace_sha256"],
            )
        )
        if science := self.content.get("science"):
            names = ", ".join(name.removeprefix("tanhui.") for name in sorted(science))
            yield Text(self.say(ARITHMETIC, modules=names, sha256=self.content["package"].get("science_sha256", "-")))

    def label(self, known: Mapping[str, Any], name: str) -> str:
        """What the package calls something, or its bare name if it no longer knows it."""
        one = known.get(name)
        return name if one is None else str(one.label_zh if self.chinese else one.label_en)

    def named(self, axis: str, name: str) -> str:
        """A stratum by the project's own Chinese name, anything else by its key."""
        if axis != "stratum" or not self.chinese:
            return name
        return next(
            (str(one.get("label_zh", name)) for one in self.project.get("stratum", []) if one.get("code") == name), name
        )

    def word(self, name: str) -> str:
        return self.say(WORDS[name]) if name in WORDS else name

    def words(self, *names: str) -> list[str]:
        return [self.word(name) for name in names]

    def say(self, message: str, **facts: Any) -> str:
        return language.translate(message, self.code) % facts
