"""The run record: everything needed to compute the number again, and every step on the way."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tanhui.kernel import canonical
from tanhui.methods.engine import numbers
from tanhui.methods.engine.formula import Formula

FORMAT = "tanhui.run/2"
FIRST = "tanhui.run/1"  # without what permanence takes, hashes of shared arithmetic, and dates of review
FORMATS = (FIRST, FORMAT)
OVERDUE = "review_is_overdue"  # the note of values past their date of review
LISTED = 10_000  # longer columns are recorded by count, ends and hash


@dataclass(frozen=True)
class Run:
    """A finished run. ``content`` is the public bundle as canonical JSON allows it."""

    content: dict[str, Any]

    @property
    def verified_kg(self) -> int:
        return int(self.content["result"]["kg"])

    @property
    def tonnes(self) -> int:
        return int(self.content["result"]["tonnes"])

    @property
    def residual_kg(self) -> int:
        return int(self.content["result"]["residual_kg"])

    @property
    def buffer_tonnes(self) -> int:
        """Whole tonnes that go into the pooled buffer beside ``tonnes``; 0 where the methodology has none."""
        return int(self.content["result"].get("buffer_tonnes", 0))

    @property
    def deduction_kg(self) -> int:
        """What was taken off for non-permanence and is already out of ``verified_kg``."""
        return int(self.content["result"].get("deduction_kg", 0))

    @property
    def amount(self) -> str:
        """The result as the last formula gave it, in ``unit``."""
        return str(self.content["trace"][-1]["values"][0])

    @property
    def unit(self) -> str:
        return str(self.content["trace"][-1]["unit"])

    @property
    def is_carbon(self) -> bool:
        """Whether the result is an amount of carbon dioxide equivalent; a tool counts plots, a co-benefit NOx."""
        return "CO2" in self.unit

    @property
    def inputs_sha256(self) -> str:
        return str(self.content["inputs_sha256"])

    @property
    def trace_sha256(self) -> str:
        return str(self.content["trace_sha256"])

    @property
    def package_code(self) -> str:
        return str(self.content["package"]["code"])

    @property
    def package_version(self) -> str:
        return str(self.content["package"]["version"])

    @property
    def package_sha256(self) -> str:
        return str(self.content["package"]["sha256"])

    @property
    def purpose(self) -> str:
        return str(self.content["purpose"])

    @property
    def evidence(self) -> str:
        """The weakest grade the number rests on."""
        return str(self.content["evidence"]["weakest"])

    @property
    def generated(self) -> bool:
        """Whether the input was made up by a generator rather than measured."""
        return bool(self.content["inputs"]["project"].get("generated", False))

    @property
    def period(self) -> tuple[dt.date, dt.date]:
        """First and last day the run covers: the monitoring period, or the days of the two surveys. ``KeyError`` when
        the project states neither."""
        project = self.content["inputs"]["project"]
        stated, first, last = ("period", "start", "end") if "period" in project else ("surveys", "first", "second")
        return dt.date.fromisoformat(project[stated][first]), dt.date.fromisoformat(project[stated][last])

    @property
    def notes(self) -> list[dict[str, Any]]:
        """What a reader must know beside the number: exclusions, odd measurements, weak evidence."""
        return list(self.content["notes"])

    def quantity(self, name: str) -> list[str]:
        """The recorded values of a quantity. ``KeyError`` when the run has none of that name."""
        for step in self.content["trace"]:
            if step["quantity"] == name:
                return list(step["values"])
        raise KeyError(name)

    def bundle(self) -> bytes:
        """The public bundle: canonical JSON, the same bytes wherever it is computed."""
        return canonical.dumps(self.content)


def step(formula: Formula, value: Any) -> dict[str, Any]:
    """One line of the trace. A quantity over two axes (``parcel|year``) is written row by row, with its shape."""
    array = np.asarray(value, dtype=np.float64)
    values = numbers.texts(array.ravel().tolist())
    line: dict[str, Any] = {
        "quantity": formula.name,
        "symbol": formula.symbol,
        "unit": formula.unit,
        "over": formula.over,
        "equation": formula.equation,
        "count": len(values),
    }
    if array.ndim > 1:
        line["shape"] = list(array.shape)
    if len(values) <= LISTED:
        return line | {"values": values}
    return line | {"values": [values[0], values[-1]], "values_sha256": canonical.sha256(values)}


def result(amount: str, unit: str = "t") -> dict[str, int]:
    """Kilograms, whole tonnes and what is left, from the recorded amount in t, kg or g (then also whole grams). A loss
    issues nothing, is carried. What a tool counts in another unit, such as plots, weighs nothing."""
    if unit not in numbers.PER_KILOGRAM:
        return {"kg": 0, "tonnes": 0, "residual_kg": 0, unit: numbers.whole(amount)}
    kg = numbers.kilograms(amount, unit)
    tonnes = max(kg, 0) // 1000
    whole = {"kg": kg, "tonnes": tonnes, "residual_kg": kg - 1000 * tonnes}
    return whole | {"g": numbers.whole(amount)} if unit == "g" else whole


def permanence(about: Mapping[str, Any], trace: Sequence[Mapping[str, Any]], unit: str = "t") -> dict[str, int]:
    """What non-permanence takes of a run, by ``[permanence]`` of its package: kg and whole tonnes for the pooled
    buffer, or kg deducted. The buffer's are those of the sum less the project's own, so that rounding twice issues
    nothing that was not measured: of 10.9 t and a buffer of 1.05 t, 10 and 1."""
    amounts = {line["quantity"]: line["values"][0] for line in trace if line["over"] == "project"}
    if unit not in numbers.PER_KILOGRAM:
        return {}
    own = result(trace[-1]["values"][0], unit)
    if about.get("kind") == "buffer" and about.get("quantity") in amounts:
        whole = result(numbers.total(trace[-1]["values"][0], amounts[about["quantity"]]), unit)
        return {"buffer_kg": whole["kg"] - own["kg"], "buffer_tonnes": whole["tonnes"] - own["tonnes"]}
    if about.get("kind") == "deduction" and {about.get("before"), about.get("after")} <= set(amounts):
        before, after = (numbers.kilograms(amounts[about[name]], unit) for name in ("before", "after"))
        return {"deduction_kg": before - after}
    return {}


def as_format(content: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The content of a run as an earlier format has it: what that did not know is left out."""
    if wanted == FORMAT:
        return content
    kept = {name: value for name, value in content.items() if name != "science"}
    later = {"buffer_kg", "buffer_tonnes", "deduction_kg"}
    return kept | {
        "format": wanted,
        "package": {name: value for name, value in content["package"].items() if name != "science_sha256"},
        "result": {name: value for name, value in content["result"].items() if name not in later},
        "notes": [one for one in content["notes"] if one["note"] != OVERDUE],
    }


def strata(codes: Sequence[str], trace: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The trace turned by stratum: one record of all stratum quantities for each."""
    steps = [line for line in trace if line["over"] == "stratum" and len(line["values"]) == len(codes)]
    return [
        {"stratum": code} | {line["quantity"]: line["values"][place] for line in steps}
        for place, code in enumerate(codes)
    ]
