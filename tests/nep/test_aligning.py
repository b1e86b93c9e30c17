"""Inputs come on to the grid once, whatever they were, and what cannot be is refused before anything is computed."""

import dataclasses

import numpy as np
import pytest
import rasterio

from nep import builders
from tanhui.nep import aligning, refusals, sources, store
from tanhui.nep.grid import Grid
from tanhui.nep.plan import Layer
from tanhui.science import ecosystems

HERE = Grid("EPSG:4490", (builders.CELL, 0, builders.WEST, 0, -builders.CELL, builders.NORTH), 60, 40)


def align(folder, layer, *, quantity=None, grid=HERE, periods=1, classes=None, year=2023):
    found = sources.find(layer, year, folder, periods)
    out = folder / "out" / f"{layer.name}.tif"
    job = aligning.Job(found, grid, out, quantity or layer.name, periods, classes or {}, "igbp")
    return aligning.align(job), out


def values(path, name):
    return store.read(path, store.QUANTITIES[name])


class TestSameGrid:
    def test_keeps_every_value_and_says_so(self, tmp_path):
        numbers = builders.npp()
        builders.save(tmp_path / "npp.tif", numbers.astype("float32") / 10, unit="gC m-2 a-1", nodata=-3276.8)
        made, out = align(tmp_path, Layer("npp", "npp.tif"))
        with rasterio.open(out) as file:
            assert (file.read(1) == numbers).all()
        assert (made.resampling, made.missing) == ("none", 9)

    def test_in_the_canonical_form_is_taken_over_byte_by_byte(self, tmp_path):
        numbers = np.full((1, 40, 60), 5000, "int16")
        transform = HERE.affine
        store.write(tmp_path / "npp.tif", numbers, store.QUANTITIES["npp"], crs=HERE.crs, transform=transform)
        made, _ = align(tmp_path, Layer("npp", "npp.tif"))
        assert made.sha256 == store.digest(tmp_path / "npp.tif")

    def test_turns_units_into_its_own(self, tmp_path):
        builders.save(tmp_path / "t.tif", np.full((12, 40, 60), 293.15, "float32"), unit="K", nodata=-1)
        builders.save(tmp_path / "p.tif", np.full((12, 40, 60), 2.0, "float32"), unit="mm/day", nodata=-1)
        _, warm = align(tmp_path, Layer("temperature", "t.tif"), periods=12)
        _, rain = align(tmp_path, Layer("precipitation", "p.tif"), periods=12)
        assert np.allclose(values(warm, "temperature"), 20)
        assert values(rain, "precipitation")[:, 0, 0] == pytest.approx([62, 56, 62, 60, 62, 60, 62, 62, 60, 62, 60, 62])

    def test_splits_a_year_by_declared_shares(self, tmp_path):
        builders.save(tmp_path / "p.tif", np.full((40, 60), 1200, "float32"), unit="mm a-1", nodata=-1)
        shares = tuple(month / 78 for month in range(1, 13))
        _, rain = align(tmp_path, Layer("precipitation", "p.tif", shares=shares), periods=12)
        assert values(rain, "precipitation")[:, 5, 5] == pytest.approx([1200 * one for one in shares], abs=0.05)


class TestAnotherGrid:
    def test_is_resampled_from_another_projection(self, tmp_path):
        coarse = np.arange(200, dtype="float32").reshape(10, 20) + 300
        builders.save(
            tmp_path / "npp.tif", coarse, unit="gC m-2 a-1", nodata=-1, crs="EPSG:4326", cell=0.05, west=120.4
        )
        made, out = align(tmp_path, Layer("npp", "npp.tif"))
        found = values(out, "npp")[0]
        assert made.resampling == "bilinear"
        rows, columns = np.mgrid[0:40, 0:60]
        exact = 300 + ((rows + 0.5) / 5 - 0.5) * 20 + ((columns + 0.5) / 5 + 2 - 0.5)
        inside = np.s_[3:37, 3:57]
        assert np.abs(found[inside] - exact[inside]).max() < 0.2

    def test_that_is_finer_is_averaged_and_keeps_the_mean(self, tmp_path):
        fine = np.random.default_rng(1).normal(500, 50, (200, 300)).astype("float32")
        builders.save(tmp_path / "npp.tif", fine, unit="gC m-2 a-1", nodata=-1, cell=builders.CELL / 5)
        made, out = align(tmp_path, Layer("npp", "npp.tif"))
        assert made.resampling == "average"
        assert values(out, "npp").mean() == pytest.approx(fine.mean(), abs=0.05)

    def test_of_classes_takes_the_majority_and_never_a_class_between(self, tmp_path):
        fine = np.where(np.indices((200, 300))[1] % 5 < 3, 4, 12).astype("uint8")
        builders.save(tmp_path / "lc.tif", fine, nodata=255, cell=builders.CELL / 5)
        made, out = align(tmp_path, Layer("landcover", "lc.tif"), classes=ecosystems.IGBP)
        with rasterio.open(out) as file:
            assert set(np.unique(file.read())) == {1}
        assert made.resampling == "mode"

    def test_leaves_missing_data_out_before_it_interpolates(self, tmp_path):
        coarse = np.full((10, 20), 5000, "uint16")
        coarse[:, 8:] = 65533
        builders.save(tmp_path / "gpp.tif", coarse, unit="gC m-2 a-1", scale=0.1, nodata=65535, cell=0.05, west=120.4)
        _, out = align(tmp_path, Layer("gpp", "gpp.tif", fills=(65533.0,)))
        found = values(out, "gpp")[0]
        assert np.nanmin(found) == np.nanmax(found) == 500
        assert np.isnan(found[:, 40:]).all()

    def test_gives_the_same_bytes_whatever_the_tiles(self, tmp_path):
        coarse = np.random.default_rng(1).normal(500, 50, (10, 20)).astype("float32")
        builders.save(
            tmp_path / "npp.tif", coarse, unit="gC m-2 a-1", nodata=-1, crs="EPSG:4326", cell=0.05, west=120.4
        )
        one, _ = align(tmp_path, Layer("npp", "npp.tif"))
        other, _ = align(tmp_path, Layer("npp", "npp.tif"), grid=dataclasses.replace(HERE, tile=1024))
        assert one.sha256 == other.sha256

    def test_is_refused_when_the_plan_says_it_is_the_same(self, tmp_path):
        builders.save(tmp_path / "npp.tif", np.ones((10, 20), "float32"), unit="gC m-2 a-1", nodata=-1, cell=0.05)
        with pytest.raises(refusals.GridsDiffer, match="20 × 10"):
            align(tmp_path, Layer("npp", "npp.tif", aligned=True))

    def test_that_lies_elsewhere_is_refused(self, tmp_path):
        builders.save(tmp_path / "npp.tif", np.ones((10, 20), "float32"), unit="gC m-2 a-1", nodata=-1, west=30)
        with pytest.raises(refusals.OutsideGrid, match=r"30\.000"):
            align(tmp_path, Layer("npp", "npp.tif"))


class TestImpossibleInput:
    def test_with_an_undeclared_fill_is_refused_with_the_value(self, tmp_path, shared):
        layer = Layer("gpp", "mod17a3hgf061_gpp_{year}.tif", unit="gC m-2 a-1", scale=0.1)
        found = sources.find(layer, 2010, shared / "data/nep/assaba", 12)
        job = aligning.Job(found, found.grid, tmp_path / "gpp.tif", "gpp", 1)
        with pytest.raises(refusals.ValuesOutOfBounds, match="65533") as refused:
            aligning.align(job)
        assert "fills" in refused.value.say("en")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("value", [-1.2, 1.5, 2000.0])
    def test_ndvi_outside_its_range_is_refused(self, tmp_path, value):
        ndvi = np.full((12, 40, 60), 0.5, "float32")
        ndvi[4, 3, 3] = value
        builders.save(tmp_path / "ndvi.tif", ndvi, unit="1", nodata=-9999)
        with pytest.raises(refusals.ValuesOutOfBounds, match="ndvi lies between -1 and 1"):
            align(tmp_path, Layer("ndvi", "ndvi.tif"), periods=12)

    def test_codes_without_a_type_are_named(self, tmp_path):
        cover = builders.cover()
        cover[0, :2] = [77, 99]
        builders.save(tmp_path / "lc.tif", cover, nodata=255)
        with pytest.raises(refusals.CodesMissing, match="missing codes: 77, 99"):
            align(tmp_path, Layer("landcover", "lc.tif"), classes=ecosystems.IGBP)

    def test_kilograms_called_grams_are_seen(self, tmp_path):
        builders.save(tmp_path / "npp.tif", np.full((40, 60), 0.6, "float32"), unit="gC m-2 a-1", nodata=-1)
        with pytest.raises(refusals.UnitImplausible, match="kilograms of carbon"):
            align(tmp_path, Layer("npp", "npp.tif"))

    def test_a_file_cut_off_in_its_data_is_refused(self, tmp_path):
        noise = np.random.default_rng(1).integers(0, 9000, (2000, 60)).astype("int16")
        path = builders.save(
            tmp_path / "npp.tif", noise, unit="gC m-2 a-1", scale=0.1, nodata=-1, cell=builders.CELL / 50
        )
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(refusals.FileBroken, match=r"npp\.tif"):
            align(tmp_path, Layer("npp", "npp.tif"))
        assert not (tmp_path / "out" / "npp.tif").exists()

    def test_nothing_but_missing_data_is_refused(self, tmp_path):
        builders.save(tmp_path / "npp.tif", np.full((40, 60), -1, "int16"), unit="gC m-2 a-1", scale=0.1, nodata=-1)
        with pytest.raises(refusals.NothingThere):
            align(tmp_path, Layer("npp", "npp.tif"))

    def test_land_cover_whose_type_and_nodata_change_between_years_is_read_alike(self, shared, tmp_path):
        seen = []
        for year in (2010, 2011):
            layer = Layer("landcover", "mcd12q1_igbp_{year}.tif")
            found = sources.find(layer, year, shared / "data/nep/assaba", 12)
            job = aligning.Job(found, found.grid, tmp_path / f"{year}.tif", "landcover", 1, ecosystems.IGBP)
            seen.append((found.dtype, found.nodata, aligning.align(job).missing))
        assert [one[:2] for one in seen] == [("int8", -128.0), ("uint8", 255.0)]
        assert seen[0][2] == seen[1][2]
