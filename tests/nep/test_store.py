"""Canonical rasters, written whole or not at all."""

import resource
import signal

import numpy as np
import pytest
import rasterio
from affine import Affine

from tanhui.nep import refusals, store

NPP = store.QUANTITIES["npp"]


def numbers(rows=600, columns=700):
    return np.arange(rows * columns, dtype=np.int64).reshape(1, rows, columns).astype("int16")


def save(path, values=None):
    return store.write(
        path, numbers() if values is None else values, NPP, crs="EPSG:4326", transform=Affine(0.1, 0, 0, 0, -0.1, 9)
    )


class TestStoredRaster:
    def test_says_scale_unit_nodata_and_how_it_is_packed(self, tmp_path):
        save(tmp_path / "npp.tif")
        with rasterio.open(tmp_path / "npp.tif") as file:
            said = store.describe(file)
            assert (said.scale, said.unit, said.nodata) == (0.1, "gC m-2 a-1", -32768)
            assert file.profile["compress"] == "zstd"
            assert file.block_shapes == [(512, 512)]
            assert (file.read() == numbers()).all()

    def test_has_the_same_bytes_each_time(self, tmp_path):
        assert save(tmp_path / "one.tif") == save(tmp_path / "two.tif") == store.digest(tmp_path / "two.tif")

    def test_comes_back_as_it_went_in_to_half_a_step(self):
        values = np.array([0.04, 0.05, 0.15, -499.96, np.nan, 1e9, -1e9], np.float32)
        back = store.unpack(store.pack(values, NPP), NPP)
        assert np.allclose(back[:4], values[:4], atol=0.0501)
        assert np.isnan(back[4])
        assert back[5:] == pytest.approx([3276.7, -3276.7])


@pytest.fixture
def small_disk():
    """No file may grow beyond 2,000 bytes."""
    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
    signal.signal(signal.SIGXFSZ, handler)


class TestFullDisk:
    def test_gives_none_of_some_files_its_name(self, tmp_path, small_disk):
        with pytest.raises(refusals.CannotWrite) as refused:
            store.put_all(tmp_path, {"small": b"1", "large": b"2" * 3000, "last": b"3"})
        assert refused.value.facts["path"] == "large"
        assert list(tmp_path.iterdir()) == []

    def test_leaves_the_name_as_it_was_and_says_so(self, tmp_path, request):
        path = tmp_path / "npp.tif"
        before = save(path)
        request.getfixturevalue("small_disk")
        with pytest.raises(refusals.CannotWrite) as refused:
            save(path, np.random.default_rng(1).integers(0, 9000, (1, 600, 700)).astype("int16"))
        assert refused.value.facts["path"] == "npp.tif"
        assert store.digest(path) == before
        assert [each.name for each in tmp_path.iterdir()] == ["npp.tif"]
