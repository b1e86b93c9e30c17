"""Every package of the house against input made from its own inputs.toml: sound, empty, and of garbage.

Whatever comes in, what comes out is a run that reproduces or a refusal, and never one that blames the package.
"""

import datetime as dt
import random
from decimal import Decimal

import pytest

from tanhui.kernel.refusal import Refusal
from tanhui.methods import engine
from tanhui.methods.engine import shelf, tables
from tanhui.methods.engine.faults import FaultyInput


def those(wanted=lambda package: True):
    return [pytest.param(one, id=one.name) for one in shelf.survey()[0] if one.publisher == "tanhui" and wanted(one)]


PACKAGES = those()
BLAME = {"methods.formula_failed", "methods.package_failed"}
GARBAGE = ["", "x", "-1", "1e309", "nan", "0", "中文", "=1+1", "2024-02-30", "9" * 400, "\u202e", "1,5", "NULL", "是"]
ROWS = 4


def project_of(package, dice):
    """A project file that states everything the package asks for."""
    declared = {
        one["name"]: {"value": number(one, dice), "unit": one["unit"], "evidence": "A", "source": "made up"}
        for one in package.columns.get("declared", [])
    }
    facts = {
        one["name"]: dice.choice(one["values"]) if "values" in one else True for one in package.columns.get("fact", [])
    }
    units = {}
    for table in package.columns.get("table", []):
        for column in table["column"]:
            if column["kind"] == "number":
                units[f"{table['name']}.{column['name']}"] = next(iter(column.get("accepts", {column["unit"]: 1})))
    return {
        "title_en": "Made up",
        "title_zh": "虚构",
        "region": dice.choice(regions_of(package)),
        "period": {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 12, 31)},
        "surveys": {"first": dt.date(2019, 1, 1), "second": dt.date(2024, 12, 31)},
        "crediting": {"start": dt.date(2018, 1, 1), "end": dt.date(2027, 12, 31)},
        "units": units,
        "declared": declared,
        "facts": facts,
        "stratum": [{"code": f"s{n}", "area_ha": Decimal(50)} for n in range(ROWS)],
    }


def regions_of(package):
    """Where some value of the package applies."""
    found = {row.region for one in package.parameters.values() for row in one.rows if row.region}
    return sorted(region.ljust(6, "0") for region in found) or ["510100"]


def codes_of(package, quantity):
    """What some parameter can be looked up by, where a key or a text is asked for."""
    return [
        row.parts[one.keys.index(quantity)]
        for one in package.parameters.values()
        if quantity in one.keys and not one.is_scale
        for row in one.rows
    ]


def number(spec, dice):
    low, high = (float(bound) for bound in spec.get("bounds") or (0, 100))
    low = max(low, float(spec.get("above", low)) + 1e-3)
    scale = float(next(iter(spec.get("accepts", {0: 1}).values())))
    return f"{(low + (high - low) * dice.uniform(0.01, 0.3)) * scale:.4f}"


def cell(package, column, row, dice):
    kind = column["kind"]
    if "of" in column:
        return f"s{row}"
    codes = codes_of(package, column.get("quantity", column["name"]))
    if kind in {"key", "text"} and not column.get("values"):
        return codes[row % len(codes)] if codes else f"s{row}"
    if kind == "number":
        return number(column, dice)
    if kind == "date":
        return f"2024-0{row + 1}-15"
    if kind == "flag":
        return dice.choice(["1", "0"])
    if "values" in column:
        return str(dice.choice(column["values"]))
    if "parameter" in column:
        return dice.choice(codes or [row.key for row in package.parameters[column["parameter"]].rows])
    return "1"


def tables_of(package, dice, make=cell):
    made = {}
    for table in package.columns.get("table", []):
        head = [column["name"] for column in table["column"]]
        rows = [[make(package, column, row, dice) for column in table["column"]] for row in range(ROWS)]
        text = "\n".join(",".join(f'"{one}"' for one in row) for row in [head, *rows])
        made[table["name"]] = tables.parse(text.encode(), file=f"{table['name']}.csv")
    return made


def outcome(package, project, inputs, purpose="demonstration"):
    try:
        return engine.run(package, project=project, inputs=inputs, purpose=purpose)
    except Refusal as refusal:
        found = refusal
    assert found.code not in BLAME, str(found)
    assert "%(" not in found.say("zh-hans")
    assert found.say("zh-hans") != found.say("en"), found.code
    return found


class TestEveryPackage:
    @pytest.mark.parametrize("package", PACKAGES)
    @pytest.mark.parametrize("seed", range(3))
    def test_runs_or_refuses_sound_input(self, package, seed):
        dice = random.Random(seed)
        found = outcome(package, project_of(package, dice), tables_of(package, dice))

        assert not isinstance(found, engine.Run) or engine.rerun(found.bundle()) is None

    @pytest.mark.parametrize("package", PACKAGES)
    @pytest.mark.parametrize(
        "project", [{}, {"units": 3}, {"declared": []}, {"stratum": [{}]}, {"period": {"start": 1}}]
    )
    def test_refuses_a_project_that_says_nothing(self, package, project):
        assert isinstance(outcome(package, project, {}), Refusal)

    @pytest.mark.parametrize("package", those(lambda package: package.columns.get("table")))
    @pytest.mark.parametrize("seed", range(3))
    def test_refuses_garbage_with_its_place(self, package, seed):
        dice = random.Random(seed)

        def garbage(package, column, row, dice):
            return dice.choice(GARBAGE) if dice.random() < 0.5 else cell(package, column, row, dice)

        found = outcome(package, project_of(package, dice), tables_of(package, dice, garbage))

        assert isinstance(found, Refusal)
        for fault in getattr(found, "faults", []):
            assert fault.say("zh-hans")
            assert fault.clause
            assert "%(" not in fault.say("zh-hans")

    @pytest.mark.parametrize("package", those(lambda package: package.columns.get("declared")))
    def test_names_a_declared_value_in_another_unit(self, package):
        dice = random.Random(1)
        project = project_of(package, dice)
        name = next(iter(project["declared"]))
        project["declared"][name]["unit"] = "bushel"

        with pytest.raises(FaultyInput) as caught:
            engine.run(package, project=project, inputs=tables_of(package, dice), purpose="demonstration")

        assert ("unit_not_accepted", f"declared.{name}", "bushel") in {
            (one.rule, one.column, one.value) for one in caught.value.faults
        }

    @pytest.mark.parametrize("package", those(lambda package: package.kind not in {"credit", "inclusion"}))
    def test_never_issues_if_it_does_not_credit(self, package):
        dice = random.Random(2)
        project, inputs = project_of(package, dice), tables_of(package, dice)

        with pytest.raises(shelf.NeverIssues):
            engine.run(package, project=project, inputs=inputs, purpose="issuance")
