"""The compiled loops give what the formulas over arrays give, to the last bit."""

import threading
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.nep import compiled_kernel, kernel, store
from tanhui.nep.kernel import Block, Method
from tanhui.science import compiling, npp

MODELS = ("pei", "raich_potter_bond_lamberty", "q10", "gsmsr")
NAMES = ("npp", "rh", "nep", "spread", "flags", "hole")
RANGES = {
    "npp": (-900, 20_000), "gpp": (0, 40_000), "rh": (0, 15_000), "temperature": (-3000, 4000), "solar": (0, 9000),
    "precipitation": (0, 6000), "ndvi": (-3000, 9900), "soc": (0, 3000), "biomass_before": (0, 3000),
    "biomass_after": (0, 3000),
}  # fmt: skip
NORM = {"coefficients": ((1, 0.3), (2, 0.2), (5, 0.5))}
METHODS = [
    Method("raster", ("pei",), 2023, periods=1),
    Method("raster", MODELS[:2], 2023),
    Method("mod17", MODELS, 2024, q10=(1.2, 2.0), rates=((6, 55.0),)),
    Method("gpp_cue", ("raster",), 2023, cue=tuple(sorted(npp.CUE.items()))),
    Method("miami", ("q10", "gsmsr"), 2023, q10=(0.7, 1.4), periods=1),
    Method("casa", MODELS[:2], 2023, by_type=True),
    Method("casa", ("gsmsr",), 2023, casa="biome_bgc"),
    Method("raster", ("ratio",), 2023, way="nep_ratio", **NORM),
    Method("none", (), 2023, way="rate", **NORM),
    Method("none", (), 2023, way="biomass", **NORM),
]


def block(method, seed, *, due=0.5, lost=0.02, shape=(5, 61)):
    """Numbers as they may be stored, some lost; ``due`` is the share of cells with a type that takes NPP − Rh."""
    rng = np.random.default_rng(seed)
    layers = {}
    for name in (*method.reads, *(["gpp"] if seed % 3 == 0 else [])):
        encoding = store.QUANTITIES[name]
        monthly = name in ("temperature", "precipitation", "ndvi", "solar")
        numbers = rng.integers(*RANGES[name], (method.periods if monthly else 1, *shape)).astype(encoding.dtype)
        numbers[rng.random(numbers.shape) < lost / len(numbers)] = encoding.nodata
        layers[name] = numbers
    kinds = np.where(rng.random(shape) < due, rng.integers(1, 6, shape), rng.integers(0, 9, shape)).astype(np.uint8)
    classes = rng.integers(1, 18, shape).astype(np.uint8) if seed % 2 else None
    previous = rng.normal(200, 300, shape).astype(np.float32) if seed % 5 < 3 else None
    if previous is not None:
        previous[0, :7] = np.nan
    return Block(layers, kinds, classes, previous)


def differing(method, one):
    """Names of what the two ways of computing do not agree on where it means anything."""
    expected, found = kernel.compute(method, one), compiled_kernel.compute(method, one)
    there = ~expected.hole

    def same(name, a, b):
        kept = (a, b) if name in ("flags", "hole", "nep") else (a[there], b[there])
        return a.dtype == b.dtype and np.array_equal(*kept, equal_nan=name != "hole")

    assert len(expected.members) == len(found.members)
    pairs = {name: (getattr(expected, name), getattr(found, name)) for name in NAMES}
    pairs |= {f"member {number}": pair for number, pair in enumerate(zip(expected.members, found.members, strict=True))}
    return [name for name, pair in pairs.items() if not same(name, *pair)]


class TestCompiledYear:
    @pytest.mark.parametrize("method", METHODS, ids=lambda one: f"{one.npp}-{'-'.join(one.models)}-{one.way}")
    @pytest.mark.parametrize("due", [0.0, 0.5, 1.0])
    def test_is_that_of_the_formulas_to_the_last_bit(self, method, due):
        for seed in range(6):
            assert differing(method, block(method, seed, due=due)) == []

    @settings(max_examples=60, deadline=None)
    @given(
        st.integers(0, 10**6), st.sampled_from(METHODS), st.sampled_from([(1, 1), (3, 17), (1, 300)]), st.floats(0, 1)
    )
    def test_is_so_for_any_numbers_and_shape(self, seed, method, shape, lost):
        assert differing(method, block(method, seed, shape=shape, lost=lost)) == []

    def test_of_a_cell_does_not_depend_on_its_neighbours(self):
        method = METHODS[5]
        one = block(method, 1, due=1.0)
        whole = compiled_kernel.compute(method, one)
        part = compiled_kernel.compute(method, one.only(np.arange(40, 53)))
        assert np.array_equal(whole.nep.reshape(-1)[40:53], part.nep, equal_nan=True)


class TestCompiledPacking:
    @pytest.mark.parametrize("name", ["nep", "rh"])
    def test_is_that_of_the_store(self, name):
        rng = np.random.default_rng(7)
        values = np.concatenate([rng.normal(0, 4000, 500), np.arange(-20, 20) / 20, [np.nan, 9e9, -9e9]]).astype(
            np.float32
        )
        hole = np.isnan(values) | (rng.random(values.shape) < 0.1)
        encoding = store.QUANTITIES[name]
        assert np.array_equal(compiled_kernel.pack(values, encoding, hole), store.pack(values, encoding, hole))

    def test_keeps_numbers_as_they_were_stored(self):
        numbers, hole = np.arange(-3, 3, dtype=np.int16), np.array([0, 1, 0, 0, 1, 0], bool)
        assert compiled_kernel.pack(numbers, store.QUANTITIES["npp"], hole).tolist() == [-3, -32768, -1, 0, -32768, 2]


class TestMachineCode:
    def test_is_made_once_by_however_many_need_it(self, tmp_path, monkeypatch):
        gate, together, made = threading.Barrier(4, timeout=30), threading.Barrier(2), []

        def make(*_words, **_given):
            made.append(1)
            with suppress(threading.BrokenBarrierError):  # two makers at once would meet here
                together.wait(timeout=0.3)
            (tmp_path / compiling.MADE).touch()

        def need():
            gate.wait()
            compiling.keep(tmp_path, "some.module")

        monkeypatch.setattr(compiling.subprocess, "run", make)
        threads = [threading.Thread(target=need) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert made == [1]

    def test_is_made_nowhere_where_nothing_can_be_written(self, tmp_path):
        (tmp_path / "file").touch()
        compiling.keep(tmp_path / "file/folder", "some.module")

        assert [one.name for one in tmp_path.iterdir()] == ["file"]
