import dataclasses
import shutil
from decimal import Decimal

import pytest
from tests.methods.test_method_command import tanhui

from tanhui.methods.engine import changes, shelf
from tanhui.methods.engine.formula import formula


@pytest.fixture
def later(package, tmp_path):
    """The package as a second version whose folder may be spoilt."""
    folder = tmp_path / "v02"
    shutil.copytree(package.folder, folder)
    metadata = package.metadata | {"version": "v02"}
    return dataclasses.replace(package, version="v02", folder=folder, metadata=metadata)


def with_value(package, name, **about):
    """The package with the first value of a parameter changed."""
    one = package.parameters[name]
    rows = (dataclasses.replace(one.rows[0], **about), *one.rows[1:])
    changed = dataclasses.replace(one, rows=rows)
    return dataclasses.replace(package, parameters=package.parameters | {name: changed})


class TestTheReport:
    def test_finds_nothing_between_a_version_and_itself(self, package):
        report = changes.compare(package, package)

        assert report.empty
        assert report.played
        assert list(report.lines())[-1] == "Nothing differs."

    def test_names_a_changed_value_and_every_figure_that_moves(self, package, later):
        report = changes.compare(package, with_value(later, "risk_deduction", value=Decimal(20)))

        (one,) = report.of("parameter")
        assert (one.name, one.field, one.before, one.after) == ("risk_deduction", "value", "10", "20")
        moved = {figure.case: figure for figure in report.moved if figure.quantity == "removal"}
        assert moved["c1_chinese_fir"].before == pytest.approx(4826.5662)
        assert moved["c1_chinese_fir"].after == pytest.approx(4290.2810672)
        assert moved["c1_chinese_fir"].percent == "-11.1 %"
        assert any(line.endswith("value: 10 → 20") for line in report.lines())

    def test_names_a_better_source_that_moves_nothing(self, package, later):
        report = changes.compare(package, with_value(later, "risk_deduction", grade="A", source="§9.3"))

        assert [(one.field, one.after) for one in report.changes] == [("grade", "A"), ("source", "§9.3")]
        assert not report.moved

    def test_names_what_is_added_and_removed(self, package, later):
        fewer = {name: one for name, one in later.parameters.items() if name != "risk_deduction"}
        report = changes.compare(package, dataclasses.replace(later, parameters=fewer))

        assert [(one.name, one.after) for one in report.of("parameter")] == [("risk_deduction", None)]
        assert any(one.on == "ar_cm_001/v02" and "removal" in one.problem for one in report.unplayable)
        back = changes.compare(dataclasses.replace(later, parameters=fewer), package)
        assert [(one.name, one.before) for one in back.of("parameter")] == [("risk_deduction", None)]

    def test_names_a_predicate_that_is_gone(self, package, later):
        report = changes.compare(package, dataclasses.replace(later, predicates=later.predicates[1:]))

        assert [(one.name, one.after) for one in report.of("predicate")] == [("purpose_is_eligible", None)]

    def test_names_a_formula_by_its_equation_and_its_code(self, package, later):
        @formula(
            symbol="n_i", unit="plots", over="stratum", equation="U1 new", en="Plots in the stratum", zh="层内样地数"
        )
        def plots(stratum, stratum_area):
            return stratum_area * 0 + 1

        swapped = tuple(plots if one.name == "plots" else one for one in later.formulas)
        report = changes.compare(package, dataclasses.replace(later, formulas=swapped))

        assert {one.field for one in report.of("formula")} == {"equation", "code"}

    def test_shows_an_example_only_one_version_has(self, package, later):
        (later.folder / "cases" / "loss.toml").unlink()
        report = changes.compare(package, later)

        assert [(one.name, one.after) for one in report.of("case")] == [("loss", None)]
        assert {one.of for one in report.played if one.case == "loss"} == {"ar_cm_001/v01"}

    def test_shows_only_what_differs_of_an_example(self, package, later):
        path = later.folder / "cases" / "c1_chinese_fir.toml"
        path.write_text(path.read_text("utf-8").replace("years = 5", "years = 6"), "utf-8")
        (one,) = changes.compare(package, later).of("case")

        assert (one.field, one.before, one.after) == ("given", "years = 5", "years = 6")

    def test_is_json_without_floats(self, package, later):
        report = changes.compare(package, with_value(later, "risk_deduction", value=Decimal(20)))
        (first, *_) = report.as_json()["moved"]

        assert isinstance(first["before"], str)
        assert report.as_json()["after"]["version"] == "v02"


class TestADigest:
    def test_ignores_layout_comments_and_docstrings(self):
        def one(a, b):
            return a + b

        first = changes.digest(one)

        def one(a, b):
            """What it is."""
            # why
            return (a +
                    b)  # fmt: skip

        assert changes.digest(one) == first

    def test_sees_another_computation(self):
        def one(a, b):
            return a + b

        first = changes.digest(one)

        def one(a, b):
            return a - b

        assert changes.digest(one) != first


class TestTheShelf:
    def test_pairs_versions_that_follow_each_other(self):
        for before, after in changes.pairs():
            assert before.partition("/")[0] == after.partition("/")[0]
            assert changes.versions(before.partition("/")[0]).index(before) + 1 == changes.versions(
                after.partition("/")[0]
            ).index(after)

    def test_has_a_report_for_each_pair(self):
        for before, after in changes.pairs():
            report = changes.compare(before, after)
            assert report.before["version"] == shelf.load(before).version
            assert report.played or report.unplayable


class TestTheCommand:
    def test_prints_the_report(self, capsys):
        assert tanhui("changes", "ar_cm_001/v01", "ar_cm_001/v01", "--lang", "en") == 0
        assert "Nothing differs." in capsys.readouterr().out

    def test_refuses_an_unknown_version(self, capsys):
        assert tanhui("changes", "ar_cm_001/v01", "ar_cm_001/v99", "--lang", "en") == 1
        assert "There is no methodology ar_cm_001/v99" in capsys.readouterr().err
