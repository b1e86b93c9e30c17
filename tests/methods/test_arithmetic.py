"""A change of arithmetic that many methodologies share shows: in the identity of each, and when a bundle is rerun."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.methods import land

import tanhui
from tanhui.kernel import canonical
from tanhui.methods import engine
from tanhui.methods.engine import arithmetic, execution, explanation, record, shelf
from tanhui.methods.engine.execution import NotABundle

HOUSE = Path(tanhui.__file__).parent
NEEDED = ("__init__.py", "cli", "kernel", "science", "methods", "tlog")


@pytest.fixture(scope="module")
def bundle():
    return land.tidal().run().bundle()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the rooms a run needs, to be altered."""
    root = tmp_path_factory.mktemp("copy")
    for name in NEEDED:
        source = HOUSE / name
        if source.is_dir():
            hidden = shutil.ignore_patterns("__pycache__", "demonstration", "*.po")
            shutil.copytree(source, root / "tanhui" / name, ignore=hidden)
        else:
            (root / "tanhui").mkdir()
            shutil.copy(source, root / "tanhui" / name)
    return root


@pytest.fixture
def altered(copy):
    """Alter a file of the copy for one test."""
    before = {}

    def alter(name, old, new):
        path = copy / "tanhui" / name
        before[path] = path.read_text("utf-8")
        assert old in before[path]
        path.write_text(before[path].replace(old, new, 1), "utf-8")

    yield alter
    for path, text in before.items():
        path.write_text(text, "utf-8")


@pytest.fixture
def rerun(copy, bundle, tmp_path):
    def play(*options):
        (tmp_path / "run.json").write_bytes(bundle)
        words = ["method", "rerun", str(tmp_path / "run.json"), *options]
        program = "import sys; from tanhui.cli.main import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    return play


class TestAnAlteredCopy:
    def test_reproduces_while_it_is_none(self, rerun):
        done = rerun("--json")

        assert json.loads(done.stdout) == {"reproduced": True, "difference": None, "science": []}
        assert done.returncode == 0

    def test_names_the_module_before_the_first_symbol_that_differs(self, altered, rerun):
        altered("science/biomass.py", "CO2_PER_CARBON = 44 / 12", "CO2_PER_CARBON = 3.67")
        done = rerun()

        first, second = done.stdout.splitlines()
        assert done.returncode == 1
        assert first.startswith("共用算法 tanhui.science.biomass：记录时为 ")
        assert "package" not in second
        assert "[0]" in second

    def test_reproduces_and_says_so_where_no_figure_moves(self, altered, rerun):
        altered("science/biomass.py", '"""', '"""Reworded. ')
        done = rerun("--lang", "en")

        changed, alone, reproduced = done.stdout.splitlines()
        assert done.returncode == 0
        assert changed.startswith("Shared arithmetic, tanhui.science.biomass: recorded ")
        assert "every figure comes out as it was" in alone
        assert reproduced.startswith("Reproduced: ")

    def test_says_nothing_of_arithmetic_it_does_not_rest_on(self, altered, rerun):
        altered("science/manure.py", '"""', '"""Reworded. ')

        assert json.loads(rerun("--json").stdout)["science"] == []


class TestModules:
    def test_are_followed_to_the_bottom(self):
        tillage = shelf.load("cms_083/v01").science

        assert {"tanhui.methods.guards", "tanhui.science.soil", "tanhui.science.uncertainty"} < set(tillage)
        assert "tanhui.science.biomass" in tillage  # through the guards
        assert not any(name.startswith(("tanhui.methods.engine", "tanhui.kernel")) for name in tillage)

    @pytest.mark.parametrize("name", shelf.names())
    def test_are_those_that_python_loads(self, name):
        """What the reading of imports finds is what the modules themselves hold, package, family and all."""
        package = shelf.load(name)
        own = [folder for folder in (package.folder, package.family) if folder]
        found, waiting = set(), [
            one for one in list(sys.modules.values())
            if getattr(one, "__file__", None) and any(Path(one.__file__).is_relative_to(folder) for folder in own)
        ]  # fmt: skip
        for one in waiting:
            for value in list(vars(one).values()):
                home = value.__name__ if hasattr(value, "__path__") or hasattr(value, "__spec__") else None
                home = home or getattr(value, "__module__", None)
                if home and arithmetic.SHARED.fullmatch(home) and home not in found and "families" not in home:
                    found.add(home)
                    waiting.append(sys.modules[home])

        assert found <= set(package.science)

    def test_are_read_from_every_way_to_import(self, tmp_path):
        lines = (
            "from tanhui.science import (\n    soil,  # why, and how\n    wetland as marsh,\n)",
            "def later():\n    from tanhui.methods.guards import keep_yield",
            "import tanhui.science.growth",
            "from tanhui.methods.families.personal_use.v01 import formulas",
            "# from tanhui.science import land",
        )
        (tmp_path / "formulas.py").write_text("\n".join(lines))

        found = set(arithmetic.modules(tmp_path))

        assert {f"tanhui.science.{name}" for name in ("soil", "wetland", "growth", "biomass", "activity")} <= found
        assert {"tanhui.methods.guards", "tanhui.methods.families.personal_use.v01.formulas"} <= found
        assert "tanhui.science.land" not in found

    def test_of_a_family_that_is_named_belong_to_the_package(self):
        forest = shelf.load("ccer_14_001/v01")

        assert not any("families" in name for name in forest.science)
        assert "tanhui.science.trees" in forest.science


class TestTheRecord:
    def test_keeps_each_module_and_one_hash_of_all(self, bundle):
        content = json.loads(bundle)

        assert content["science"]["tanhui.science.wetland"]
        assert content["package"]["science_sha256"] == canonical.sha256(content["science"])

    def test_is_told_at_the_end_of_the_explanation(self, bundle):
        said = explanation.explain(bundle, "en")

        assert "Shared arithmetic science.biomass, science.sampling, science.wetland, SHA-256 " in said

    def test_of_other_arithmetic_is_no_difference_by_itself(self, bundle):
        content = json.loads(bundle)
        content["science"] |= {"tanhui.science.wetland": "0" * 64}
        del content["science"]["tanhui.science.biomass"]
        content["science"]["tanhui.science.gone"] = "1" * 64
        alone = canonical.dumps(content)
        content["package"]["science_sha256"] = canonical.sha256(content["science"])
        other = canonical.dumps(content)

        assert engine.rerun(alone).symbol == "package.science_sha256"  # the list and its hash must agree
        assert engine.rerun(other) is None
        assert [(one.symbol.rpartition(".")[2], one.recorded[:1]) for one in execution.arithmetic_changed(other)] == [
            ("biomass", "-"), ("gone", "1"), ("wetland", "0"),
        ]  # fmt: skip

    def test_of_the_first_format_says_nothing_of_it(self, bundle):
        content = record.as_format(json.loads(bundle), record.FIRST)

        assert execution.arithmetic_changed(canonical.dumps(content)) == []

    @pytest.mark.parametrize("science", [None, [], "x"])
    def test_of_the_second_format_must_say_it(self, bundle, science):
        with pytest.raises(NotABundle, match="arithmetic"):
            engine.rerun(canonical.dumps(json.loads(bundle) | {"science": science}))
