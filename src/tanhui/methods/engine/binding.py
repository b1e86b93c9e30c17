"""Parameters as the formulas take them: a number, a scale, or one value for each key of the input."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tanhui.methods.engine import parameter
from tanhui.methods.engine.faults import PROJECT, Fault
from tanhui.methods.engine.formula import Formula
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.tables import Checked


class Bound(NamedTuple):
    """``values`` by parameter name, and ``keys``: which rows of each were used."""

    values: dict[str, Any]
    keys: dict[str, list[str]]


def asked(formulas: Iterable[Formula]) -> frozenset[str]:
    """The names that some formula asks for."""
    return frozenset(argument for one in formulas for argument in one.arguments)


def bind(formulas: Iterable[Formula], parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> Bound:
    """The parameters that formulas ask for and the input does not give. One whose key is not given is left out: the
    formula that needs it is then passed over. Refuses with ``NoSuchValue`` a key without a value."""
    bound = Bound({}, {})
    for one in _needed(formulas, parameters, given):
        if one.is_scale:
            bound.values[one.name], bound.keys[one.name] = one.scale(), [row.key for row in one.rows]
        elif not one.keys:
            bound.values[one.name], bound.keys[one.name] = one.number(), [parameter.WHOLE]
        elif (keys := _keys(one, {**given, **bound.values})) is not None:
            value = one.names(keys) if one.is_text else one.column(keys)
            bound.values[one.name] = value if np.ndim(keys) else value.item()
            bound.keys[one.name] = [str(key) for key in np.unique(keys)]
    return bound


def missing(
    formulas: Iterable[Formula],
    parameters: Mapping[str, Parameter],
    given: Mapping[str, Any],
    sources: Mapping[str, tuple[Checked, str]],
) -> list[Fault]:
    """Keys of the input for which a parameter has no value, each where it stands."""
    faults: list[Fault] = []
    known = dict(given)
    for one in _needed(formulas, parameters, given):
        if not one.keys:
            if not one.rows:
                faults.append(
                    Fault("no_parameter_value", PROJECT, 0, one.name, "", {"parameter": one.name, "key": "-"})
                )
            continue
        if one.is_scale or (keys := _keys(one, known)) is None:
            continue
        lacking = [str(key) for key in np.unique(keys) if str(key) not in one]
        faults += _places(one, np.asarray(keys), lacking, sources)
        if one.is_text and not lacking:
            known[one.name] = one.names(keys)
    return faults


def _places(
    one: Parameter, keys: np.ndarray[Any, np.dtype[Any]], lacking: list[str], sources: Mapping[str, tuple[Checked, str]]
) -> list[Fault]:
    source = next((sources[key] for key in one.keys if key in sources), None)
    if source is None or keys.ndim != 1 or len(keys) != len(source[0]):
        return [
            Fault("no_parameter_value", PROJECT, 0, one.key, key, {"parameter": one.name, "key": key})
            for key in lacking
        ]
    table, column = source
    return [
        table.fault("no_parameter_value", int(row), column, parameter=one.name, key=str(keys[row]))
        for row in np.flatnonzero(np.isin(keys, lacking))
    ]


def _needed(
    formulas: Iterable[Formula], parameters: Mapping[str, Parameter], given: Mapping[str, Any]
) -> Iterator[Parameter]:
    """Parameters asked for by a formula, or, as translations, by the key of another; those first."""
    wanted = asked(formulas)
    names = [name for name in parameters if name in wanted]
    for name in names:  # grows while it is walked
        names += [key for key in parameters[name].keys if key in parameters and key not in names]
    translations = [name for name in reversed(names) if parameters[name].is_text]
    numbers = [name for name in parameters if name in names and name not in translations]
    return (parameters[name] for name in translations + numbers if name not in given)


def _keys(one: Parameter, known: Mapping[str, Any]) -> Any:
    """The key quantity of a parameter, joined if it has several; ``None`` when one is not known."""
    if any(key not in known for key in one.keys):
        return None
    parts = [known[key] for key in one.keys]
    return parameter.joined(*parts)
