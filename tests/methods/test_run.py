import hashlib
import json
import os
import random
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pytest

from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal
from tanhui.methods import demonstration, engine
from tanhui.methods.engine import formula, record
from tanhui.methods.engine.execution import NotABundle
from tanhui.methods.precision import MorePlotsNeeded

from . import agri

HASH_OF_A_RUN = (
    "import hashlib; from tanhui.methods import demonstration;"
    "print(hashlib.sha256(demonstration.forest_run(None).bundle()).hexdigest())"
)


class TestRun:
    def test_ends_in_whole_tonnes_and_a_residual(self, run):
        done = run()

        assert done.verified_kg == int(Decimal(done.quantity("removal")[0]) * 1000)
        assert done.verified_kg == 1000 * done.tonnes + done.residual_kg
        assert 0 <= done.residual_kg < 1000
        assert done.tonnes > 0

    def test_names_the_package_and_hashes_inputs_and_trace(self, run, package):
        done = run()
        content = json.loads(done.bundle())

        assert (done.package_code, done.package_version, done.package_sha256) == ("ar_cm_001", "v01", package.sha256)
        assert done.inputs_sha256 == canonical.sha256(content["inputs"])
        assert done.trace_sha256 == canonical.sha256([content["parameters"], content["trace"]])

    def test_records_every_formula_with_its_unit(self, run, package):
        trace = run().content["trace"]

        assert [step["quantity"] for step in trace] == [one.name for one in package.formulas]
        assert all(step["unit"] and step["equation"] for step in trace)

    def test_adds_up(self, run):
        done = run()
        change = sum(Decimal(value) for value in done.quantity("stratum_change"))

        assert change == pytest.approx(Decimal(done.quantity("change_tree")[0]), rel=Decimal("1e-10"))
        assert sum(int(one["plots"]) for one in done.content["strata"]) == len(done.content["axes"]["plot"]) == 62

    def test_gives_the_same_bytes_in_another_process(self, run):
        hashes = {
            subprocess.run(
                [sys.executable, "-c", HASH_OF_A_RUN],
                env=os.environ | {"PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for seed in ("1", "2")
        }

        assert hashes == {hashlib.sha256(demonstration.forest_run(None).bundle()).hexdigest()}

    def test_does_not_depend_on_the_order_of_rows(self, run, sheets):
        before = run()
        for rows in sheets.values():
            rows[1:] = random.Random(7).sample(rows[1:], len(rows) - 1)
        after = run()

        assert after.trace_sha256 == before.trace_sha256
        assert after.inputs_sha256 == before.inputs_sha256
        assert after.verified_kg == before.verified_kg

    def test_does_not_count_land_measured_only_later(self, run, sheets):
        before = run()
        sheets["second"].append(["950000001", "111", "21", "0", "421", "200", "150", "90.0"])

        assert run().verified_kg == before.verified_kg

    def test_does_not_count_a_new_label_as_growth(self, run, sheets):
        before = run()
        names = sheets["second"][0]
        species = names.index("dominant_tree_species")
        for row in sheets["second"][1:]:
            if row[species] == "630":
                row[species] = "410"  # oak is denser wood

        assert run().verified_kg == before.verified_kg

    def test_counts_losses(self, run, sheets):
        before = run()
        names = sheets["second"][0]
        felled = next(row for row in sheets["second"][1:] if row[names.index("dominant_tree_species")] == "410")
        felled[names.index("standing_stock")] = "0"

        assert run().verified_kg < before.verified_kg

    def test_that_lost_carbon_issues_nothing_and_carries_the_loss(self, run, sheets):
        sheets["first"], sheets["second"] = (
            sheets["first"],
            [sheets["second"][0], *[[*row[:-1], f"{float(row[-1]) / 2:.3f}"] for row in sheets["second"][1:]]],
        )
        done = run()

        assert done.verified_kg < 0
        assert done.tonnes == 0
        assert done.residual_kg == done.verified_kg

    def test_refuses_a_stock_that_is_too_uncertain(self, run, project, sheets):
        names = sheets["first"][0]
        stock, wanted = names.index("standing_stock"), iter(["44", "0.2", "0.2", "0.2"] * 50)
        for table in ("first", "second"):
            for row in sheets[table][1:]:
                if row[stock] != "0.000":
                    row[stock] = next(wanted)

        with pytest.raises(MorePlotsNeeded, match=r"Measure more plots"):
            run()

    def test_refuses_a_result_no_forest_can_have(self, run, project):
        project["declared"] = project["declared"] | {
            "plot_area": {"value": Decimal("0.00667"), "unit": "ha", "evidence": "D", "source": "a slip of the comma"}
        }

        with pytest.raises(formula.Implausible, match=r"volume_2 came out as .* outside the plausible 0 to 1500"):
            run()


class TestChain:
    def given(self, **changes):
        rng = np.random.default_rng(3)
        return {
            "density_1": rng.uniform(50, 90, 8),
            "density_2": rng.uniform(70, 120, 8),
            "stratum": np.array([0, 0, 0, 0, 1, 1, 1, 1]),
            "stratum_area": np.array([100.0, 60.0]),
            "years": 5.0,
        } | changes

    def test_is_not_moved_by_splitting_a_stratum_in_equal_halves(self, package):
        whole = self.given()
        halves = {
            "density_1": np.concatenate([whole["density_1"], whole["density_1"][4:]]),
            "density_2": np.concatenate([whole["density_2"], whole["density_2"][4:]]),
            "stratum": np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]),
            "stratum_area": np.array([100.0, 30.0, 30.0]),
            "years": 5.0,
        }

        before, after = formula.chain(package.formulas, whole), formula.chain(package.formulas, halves)

        assert after["change_tree"] == pytest.approx(before["change_tree"], rel=1e-12)
        assert after["uncertainty_1"] != before["uncertainty_1"]

    def test_never_gains_from_more_uncertainty(self, package):
        scale = package.parameters["uncertainty_deduction"].scale()
        removals = [
            formula.chain(
                package.formulas,
                {"change_net": 1000.0, "uncertainty_1": 0.0, "uncertainty_2": u, "uncertainty_deduction": scale,
                 "risk_deduction": 10.0},
            )["removal"]
            for u in (0, 9.99, 10, 10.01, 20, 20.01, 30)
        ]  # fmt: skip

        assert removals == sorted(removals, reverse=True)
        assert removals[2] == removals[0] == 900
        assert removals[3] == 846

    def test_refuses_what_is_not_a_number(self, package):
        with pytest.raises(formula.NotComputable, match="variance_1"):
            formula.chain(package.formulas, self.given(stratum=np.array([0, 0, 0, 0, 0, 0, 0, 1])))


class TestRecord:
    def test_hashes_columns_too_long_to_list(self, package):
        step = record.step(package.formulas[0], np.arange(record.LISTED + 1.0))

        assert step["values"] == ["0", str(record.LISTED)]
        assert step["count"] == record.LISTED + 1
        assert step["values_sha256"] == canonical.sha256([str(one) for one in range(record.LISTED + 1)])

    @pytest.mark.parametrize(
        ("tonnes", "kg", "whole", "rest"),
        [("1.9999", 1999, 1, 999), ("0.9", 900, 0, 900), ("2", 2000, 2, 0), ("-0.0001", -1, 0, -1), ("0", 0, 0, 0)],
    )
    def test_floors_only_at_the_end(self, tonnes, kg, whole, rest):
        assert record.result(tonnes) == {"kg": kg, "tonnes": whole, "residual_kg": rest}


class TestRerun:
    def spoil(self, run, change, *, rehash=True):
        content = json.loads(run().bundle())
        change(content)
        if rehash:
            content["inputs_sha256"] = canonical.sha256(content["inputs"])
        return engine.rerun(canonical.dumps(content))

    def test_finds_no_difference_in_an_honest_bundle(self, run):
        assert engine.rerun(run().bundle()) is None

    def test_finds_a_changed_input(self, run):
        def change(content):
            content["inputs"]["tables"]["second"]["standing_stock"][-45] = "9.9"

        assert self.spoil(run, change, rehash=False).symbol == "inputs_sha256"

    def test_finds_what_a_changed_input_moves_first(self, run):
        def change(content):
            second = content["inputs"]["tables"]["second"]
            place = next(at for at, stock in enumerate(second["standing_stock"]) if stock != "0.000")
            second["standing_stock"][place] = "9.9"

        difference = self.spoil(run, change)

        assert difference.symbol.startswith("volume_2.values[")
        assert difference.recomputed == "148.425787106"

    def test_finds_a_changed_declaration(self, run):
        def change(content):
            content["inputs"]["project"]["declared"]["leakage"]["value"] = "-1000"

        assert self.spoil(run, change).symbol == "change_net.values[0]"

    def test_finds_a_changed_parameter(self, run):
        def change(content):
            one = next(one for one in content["parameters"] if one["name"] == "wood_density")
            one["rows"][0]["value"] = "0.9"

        difference = self.spoil(run, change)

        assert difference.symbol == "wood_density.rows[0].value"
        assert difference.recorded == "0.9"

    def test_finds_a_changed_step(self, run):
        def change(content):
            step = next(one for one in content["trace"] if one["quantity"] == "change_tree")
            step["values"] = ["999999"]

        difference = self.spoil(run, change)

        assert difference.symbol == "change_tree.values[0]"
        assert difference.recorded == "999999"

    def test_finds_a_changed_result(self, run):
        def change(content):
            content["result"]["tonnes"] += 1

        assert self.spoil(run, change).symbol == "result.tonnes"

    def test_finds_a_longer_trace(self, run):
        def change(content):
            content["trace"].append(content["trace"][-1])

        assert self.spoil(run, change).symbol == "trace"

    def test_finds_another_package(self, run):
        def change(content):
            content["package"]["sha256"] = "0" * 64

        assert self.spoil(run, change).symbol == "package.sha256"

    def test_names_another_package_before_what_it_moves(self, run):
        def change(content):
            content["package"]["sha256"] = "0" * 64
            content["trace"][0]["values"][0] = "7"

        assert self.spoil(run, change).symbol == "package.sha256"

    def test_finds_bytes_that_are_not_canonical(self, run):
        loose = json.dumps(json.loads(run().bundle())).encode()

        assert engine.rerun(loose).symbol == "bytes"

    def test_finds_input_that_would_be_refused(self, run):
        def change(content):
            content["inputs"]["tables"]["first"]["plot_id"][0] = "x"

        difference = self.spoil(run, change)

        assert difference.symbol == "run"
        assert "faults" in difference.recomputed

    @pytest.mark.parametrize(
        "content",
        [b"", b"{}", b"[1]", b"\xff\xfe", b'{"format": "tanhui.run/1"}', b"%PDF-1.7"],
    )
    def test_refuses_what_is_no_bundle(self, content):
        with pytest.raises(NotABundle):
            engine.rerun(content)

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"\xff\xfe", "不是 JSON 文件，或内容不完整"),
            (b"[1", "不是 JSON 文件，或内容不完整"),
            (b"{}", f"格式不是 {record.FORMAT}"),
            (
                b'{"format": "tanhui.run/1"}',
                "缺少 files, floor, inputs, inputs_sha256, package, parameters, purpose, trace",
            ),
        ],
    )
    def test_says_in_words_why_it_is_none(self, content, why):
        with pytest.raises(NotABundle) as found:
            engine.rerun(content)
        assert found.value.say("zh-hans") == f"该文件不是计算数据包（{why}）。请提供随批次公布的数据包。"
        assert found.value.say("en") == str(found.value)

    @pytest.mark.parametrize(
        "change",
        [
            lambda content: content["inputs"]["tables"]["first"]["plot_id"].pop(),
            lambda content: content["inputs"]["tables"].update(first={}),
            lambda content: content["inputs"].pop("tables"),
            lambda content: content.update(files=[]),
            lambda content: content["inputs"]["tables"]["first"].update(plot_id=[1] * 62),
            lambda content: content.update(inputs=7),
        ],
    )
    def test_refuses_a_bundle_whose_tables_are_broken(self, run, change):
        with pytest.raises(NotABundle):
            self.spoil(run, change)


def leaves(value, path=()):
    """Every place inside a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from leaves(one, (*path, key))


def damaged(whole):
    """Sixty bundles with one value each replaced by something else, and where."""
    dice = random.Random(11)
    places = [path for path in leaves(json.loads(whole)) if path]
    short = [path for path in places if len(path) <= 4 and path[:2] != ("inputs", "tables")]
    for path in dice.sample(short, 40) + dice.sample(places, 20):
        content = json.loads(whole)
        *way, last = path
        inside = content
        for key in way:
            inside = inside[key]
        inside[last] = dice.choice([value for value in (None, 7, "x", [], {}, "nan") if value != inside[last]])
        yield path, content


def outcome(content):
    try:
        return engine.rerun(canonical.dumps(content))
    except Refusal as refusal:
        return refusal.code


@pytest.fixture(scope="module", params=["rice", "forest"])
def spoilt(request):
    made = agri.rice().run() if request.param == "rice" else demonstration.forest_run()
    return list(damaged(made.bundle()))[:: 1 if request.param == "rice" else 4]


class TestAnyDamage:
    """Of a bundle of many tables, and of the demonstration's."""

    def test_is_found(self, spoilt):
        for path, content in spoilt:
            # The original files are not in the bundle, so their names and hashes are carried, not checked.
            assert outcome(content) is not None or path[0] == "files", path

    def test_is_at_worst_a_refusal_when_the_hash_is_made_to_fit(self, spoilt):
        for path, content in spoilt:
            found = outcome(content | {"inputs_sha256": canonical.sha256(content["inputs"])})

            assert not isinstance(found, str) or found in {"methods.not_a_bundle", "methods.no_such_package"}, path


class TestEngine:
    def test_loads_without_what_it_does_not_need(self):
        program = (
            "import sys; from tanhui.methods.engine import shelf; shelf.load('ar_cm_001/v01');"
            "heavy = {'django', 'pandas', 'xarray', 'scipy', 'numpy.random', 'python_calamine', 'xlsxwriter', 'typst',"
            " 'statistics', 'shapely', 'pyproj', 'rasterio', 'importlib.metadata'};"
            "print(*sorted(heavy & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == ""  # how long it takes, bench/methods.py says
