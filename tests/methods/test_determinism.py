"""The same input gives the same bytes: under another hash seed, thread count or processor, and in any order of rows."""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tanhui.methods import demonstration, engine
from tanhui.methods.engine import shelf

from .conftest import as_tables

# The bundle of the generated forest, then every quantity of every worked example on the shelf as it would be recorded.
PROGRAM = """
import hashlib, sys
import numpy as np
from tanhui.methods import demonstration
from tanhui.methods.engine import binding, cases, formula, numbers, shelf

print(hashlib.sha256(demonstration.forest_run().bundle()).hexdigest())
for package in shelf.survey()[0]:
    for case in package.cases():
        if "refused" in case:
            continue
        for name, value in sorted(cases.chain(package, case).items()):
            values = np.asarray(value, dtype=np.float64).ravel().tolist()
            print(package.name, case["name"], name, *numbers.texts(values))
"""
VECTOR_UNITS = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"


def told(**environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def usual():
    return told(PYTHONHASHSEED="0")


class TestAnotherMachine:
    @pytest.mark.parametrize(
        "environment",
        [
            {"PYTHONHASHSEED": "4242"},
            {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "7"},
            {"OMP_NUM_THREADS": "8", "OPENBLAS_NUM_THREADS": "8", "LC_ALL": "C", "TZ": "Asia/Shanghai"},
            {"NPY_DISABLE_CPU_FEATURES": VECTOR_UNITS},
        ],
        ids=["hash seed", "one thread", "eight threads", "processor without vector units"],
    )
    def test_writes_the_same_bytes(self, usual, environment):
        assert len(usual) > 100
        assert told(**environment) == usual


class TestTheOrderOfRows:
    @pytest.mark.parametrize("seed", range(5))
    def test_changes_nothing_but_the_hash_of_the_file(self, project, sheets, run, seed):
        usual = run().content
        dice = random.Random(seed)
        for name, (head, *rows) in sheets.items():
            columns = dice.sample(range(len(head)), len(head))
            dice.shuffle(rows)
            sheets[name] = [[row[place] for place in columns] for row in [head, *rows]]

        again = run().content

        assert again.pop("files") != usual.pop("files")
        assert again == usual


class TestSeveralAtOnce:
    def test_give_the_same_bytes(self, project, sheets):
        def bundle(_):
            inputs = as_tables(sheets)
            return engine.run(demonstration.PACKAGE, project=project, inputs=inputs, purpose="demonstration").bundle()

        alone = bundle(0)
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(bundle, range(12))) == {alone}


class TestTheBundle:
    def test_reads_back_into_the_same_bytes(self, run):
        from tanhui.kernel import canonical

        bundle = run().bundle()

        assert canonical.dumps(json.loads(bundle)) == bundle

    def test_names_the_package_it_was_computed_with(self, run):
        package = shelf.load(demonstration.PACKAGE)

        assert run().content["package"] == package.identity()
        assert shelf.digest(package.folder, package.family) == package.sha256
