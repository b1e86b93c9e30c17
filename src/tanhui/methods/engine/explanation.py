"""A run as text a person can follow with a calculator: Markdown, in Chinese or English."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.methods.engine import execution, shelf
from tanhui.methods.engine.shelf import Package

HEADINGS = {
    "result": gettext_noop("Result"),
    "applicability": gettext_noop("Applicability"),
    "declared": gettext_noop("Values declared by the project"),
    "parameters": gettext_noop("Parameters"),
    "chain": gettext_noop("Chain of equations"),
    "strata": gettext_noop("Strata"),
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
    "source": gettext_noop("source"),
    "clause": gettext_noop("clause"),
    "condition": gettext_noop("condition"),
    "answer": gettext_noop("answer"),
    "stratum": gettext_noop("stratum"),
    "pass": gettext_noop("met"),
    "fail": gettext_noop("not met"),
    "needs_evidence": gettext_noop("evidence needed"),
}
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
GENERATED = gettext_noop("The input was generated, not measured.")
AMOUNT = gettext_noop("%(kg)s kg CO2e: %(tonnes)s whole tonnes and a residual of %(residual_kg)s kg.")
PLOTS = gettext_noop("%(count)s plots, from %(low)s to %(high)s; plot %(plot)s: %(value)s")
CHECK = gettext_noop(
    "Methodology %(package)s, version %(version)s, SHA-256 %(sha256)s; inputs %(inputs)s; trace %(trace)s. "
    "`tanhui method rerun` computes this number again from the bundle."
)


def explain(bundle: bytes, code: str = "zh-hans") -> str:
    """The equation chain of a bundle as Markdown; ``code`` is ``zh-hans`` or ``en``."""
    content = execution.read(bundle)
    package = shelf.load(f"{content['package']['code']}/{content['package']['version']}")
    return "\n".join(_Page(content, package, code).lines()) + "\n"


def note(one: Mapping[str, Any], code: str) -> str:
    """One note of a run as a sentence."""
    facts = {key: ", ".join(value) if isinstance(value, list) else value for key, value in one.items()}
    return language.translate(NOTES[one["note"]], code) % facts


@dataclass(frozen=True)
class _Page:
    content: dict[str, Any]
    package: Package
    code: str

    @property
    def chinese(self) -> bool:
        return self.code.lower().startswith("zh")

    def lines(self) -> Iterator[str]:
        yield from self.title()
        for name in HEADINGS:
            if name == "notes" and not self.content["notes"]:
                continue
            yield from ["", f"## {self.say(HEADINGS[name])}", ""]
            yield from getattr(self, name)()

    def title(self) -> Iterator[str]:
        project = self.content["inputs"]["project"]
        named = "title_zh" if self.chinese else "title_en"
        yield from [f"# {project[named]}", "", self.package.metadata[named]]
        if self.content["purpose"] == "demonstration":
            yield from ["", f"> {self.say(DEMONSTRATION, weakest=self.content['evidence']['weakest'])}"]
        if project.get("generated"):
            yield from ["", f"> {self.say(GENERATED)}"]

    def result(self) -> Iterator[str]:
        yield self.say(AMOUNT, **self.content["result"])

    def applicability(self) -> Iterator[str]:
        labels = {one.name: one for one in self.package.predicates}
        yield from self.table(
            ["condition", "clause", "answer"],
            (
                (self.label(labels, one["predicate"]), one["clause"], self.say(WORDS[one["answer"]]))
                for one in self.content["predicates"]
            ),
        )

    def declared(self) -> Iterator[str]:
        declared = self.content["inputs"]["project"]["declared"]
        yield from self.table(
            ["name", "value", "unit", "evidence", "source"],
            (
                (
                    one["name"],
                    declared[one["name"]]["value"],
                    declared[one["name"]]["unit"],
                    one["grade"],
                    one["source"],
                )
                for one in self.content["evidence"]["declared"]
            ),
        )

    def parameters(self) -> Iterator[str]:
        yield from self.table(
            ["name", "symbol", "key", "value", "unit", "evidence", "source"],
            (
                (
                    self.label(self.package.parameters, one["name"]),
                    *(one["symbol"], row["key"] or "-", row["value"], one["unit"], row["evidence"], row["source"]),
                )
                for one in self.content["parameters"]
                for row in one["rows"]
            ),
        )

    def chain(self) -> Iterator[str]:
        formulas = {one.name: one for one in self.package.formulas}
        for number, step in enumerate(self.content["trace"], 1):
            label = self.label(formulas, step["quantity"])
            yield f"{number}. **{step['symbol']}** {label} ({step['unit']}). {step['equation']}"
            yield f"   {self.values(step)}"

    def values(self, step: Mapping[str, Any]) -> str:
        values, axes = step["values"], self.content["axes"]
        if step["over"] == "project":
            return f"= {values[0]}"
        if step["over"] == "stratum":
            return "= " + "; ".join(
                f"{self.stratum(code)}: {value}" for code, value in zip(axes["stratum"], values, strict=True)
            )
        ordered = sorted(values, key=float)
        place = next((at for at, value in enumerate(values) if value != "0"), 0)
        shown = {"plot": axes["plot"][place], "value": values[place]}
        return self.say(PLOTS, count=step["count"], low=ordered[0], high=ordered[-1], **shown)

    def strata(self) -> Iterator[str]:
        formulas = {one.name: one for one in self.package.formulas}
        quantities = ["plots", "mean_1", "mean_2", "stratum_change"]
        yield from self.table(
            ["stratum", *(self.label(formulas, name) for name in quantities)],
            ((self.stratum(one["stratum"]), *(one[name] for name in quantities)) for one in self.content["strata"]),
        )

    def notes(self) -> Iterator[str]:
        yield from (f"* {note(one, self.code)}" for one in self.content["notes"])

    def origin(self) -> Iterator[str]:
        yield self.say(
            CHECK,
            package=self.package.code,
            version=self.package.version,
            sha256=self.content["package"]["sha256"],
            inputs=self.content["inputs_sha256"],
            trace=self.content["trace_sha256"],
        )

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
        yield "| " + " | ".join(self.say(WORDS[one]) if one in WORDS else one for one in columns) + " |"
        yield "|" + "---|" * len(columns)
        for row in rows:
            yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"

    def label(self, known: Mapping[str, Any], name: str) -> str:
        """What the package calls something, or its bare name if it no longer knows it."""
        one = known.get(name)
        return name if one is None else str(one.label_zh if self.chinese else one.label_en)

    def stratum(self, code: str) -> str:
        named = {one["code"]: one.get("label_zh", one["code"]) for one in self.content["inputs"]["project"]["stratum"]}
        return str(named[code]) if self.chinese else code

    def say(self, message: str, **facts: Any) -> str:
        return language.translate(message, self.code) % facts
