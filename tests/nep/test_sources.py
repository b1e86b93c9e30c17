"""Files as they come: what they say, what they do not say, and what the plan says for them."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from nep import builders
from tanhui.nep import aligning, refusals, sources, store
from tanhui.nep.plan import Layer

DATA = Path(__file__).with_name("data")


def values(kind="int16"):
    return np.full((4, 5), 100, kind)


def find(layer, folder, year=2023, periods=12):
    return sources.find(layer, year, folder, periods)


class TestFile:
    def test_says_unit_scale_and_nodata_itself(self, tmp_path):
        builders.save(tmp_path / "npp.tif", values(), unit="kgC/m2/yr", scale=0.0001, nodata=-1)
        one = find(Layer("npp", "npp.tif"), tmp_path)
        assert (one.unit, one.scale, one.nodata) == ("kgC/m2/yr", 0.0001, -1)

    @pytest.mark.parametrize(
        ("said", "declared", "refusal"),
        [
            ({"unit": "gC m-2 a-1", "nodata": -1}, {}, refusals.ScaleMissing),
            ({"unit": "gC m-2 a-1", "scale": 0.1}, {}, refusals.NodataMissing),
            ({"scale": 0.1, "nodata": -1}, {}, refusals.UnitUnclear),
            ({"unit": "mm/m", "scale": 0.1, "nodata": -1}, {}, refusals.UnitUnclear),
            ({"unit": "gC m-2 a-1", "scale": 0.1, "nodata": -1, "crs": None}, {}, refusals.CrsMissing),
            ({"unit": "gC m-2 a-1", "scale": 0.1, "nodata": -1}, {"crs": "EPSG:32650"}, refusals.CrsContradicted),
        ],
    )
    def test_is_refused_when_it_does_not_say_and_nobody_does(self, tmp_path, said, declared, refusal):
        builders.save(tmp_path / "npp.tif", values(), **said)
        with pytest.raises(refusal) as refused:
            find(Layer("npp", "npp.tif", **declared), tmp_path)
        assert "npp.tif" in refused.value.say("en")

    def test_is_taken_when_the_plan_says_what_the_file_does_not(self, tmp_path):
        builders.save(tmp_path / "npp.tif", values(), crs=None)
        said = Layer("npp", "npp.tif", unit="gC m-2 a-1", scale=0.1, nodata="none", crs="EPSG:4490")
        assert find(said, tmp_path).nodata is None

    def test_that_is_cut_off_is_refused(self, tmp_path):
        path = builders.save(tmp_path / "npp.tif", values(), unit="gC m-2 a-1", scale=0.1, nodata=-1)
        path.write_bytes(path.read_bytes()[:60])
        with pytest.raises(refusals.FileBroken, match=r"npp\.tif"):
            find(Layer("npp", "npp.tif"), tmp_path)

    def test_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(refusals.FileMissing, match="layer npp"):
            find(Layer("npp", "none.tif"), tmp_path)


class TestMonths:
    @pytest.fixture
    def folder(self, tmp_path):
        place = tmp_path / "rain"
        place.mkdir()
        for month in range(1, 13):
            builders.save(place / f"pre_2023-{month:02d}_v2.tif", values("float32"), unit="mm", nodata=-9999)
        return tmp_path

    def test_of_a_folder_are_found_by_their_names(self, folder):
        found = find(Layer("precipitation", "rain"), folder)
        assert [one.file.name[9:11] for one in found.bands] == [f"{month:02d}" for month in range(1, 13)]

    def test_of_a_template_are_found(self, folder):
        assert len(find(Layer("precipitation", "rain/pre_{year}-{month}_v2.tif"), folder).bands) == 12

    @pytest.mark.parametrize("path", ["rain", "rain/pre_{year}-{month}_v2.tif"])
    def test_that_are_missing_are_named(self, folder, path):
        for month in ("03", "11"):
            (folder / "rain" / f"pre_2023-{month}_v2.tif").unlink()
        with pytest.raises(refusals.MonthsMissing) as refused:
            find(Layer("precipitation", path), folder)
        assert refused.value.facts["months"] == "3、11"

    def test_of_days_of_the_year_are_found(self, tmp_path):
        for month, day in enumerate([1, 32, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335], 1):
            builders.save(tmp_path / f"MOD13A3.A2023{day:03d}.h28v05.tif", values(), scale=0.0001, nodata=-3000)
            assert month
        found = find(Layer("ndvi", "."), tmp_path)
        assert found.bands[2].file.name == "MOD13A3.A2023060.h28v05.tif"

    def test_too_few_in_one_file_are_named(self, tmp_path):
        builders.save(tmp_path / "pre.tif", np.zeros((10, 4, 5), "float32"), unit="mm", nodata=-1)
        with pytest.raises(refusals.MonthsMissing) as refused:
            find(Layer("precipitation", "pre.tif"), tmp_path)
        assert refused.value.facts["months"] == "11、12"


class TestHdf:
    """``data/hdfeos5.h5``: 8 × 6 cells of a sinusoidal grid of 463 m as MODIS and VIIRS hand them out, uint16 with
    scale_factor, _FillValue 65535 and units as attributes, the grid in StructMetadata.0; written with h5py."""

    def test_eos5_says_grid_scale_unit_and_nodata_itself(self):
        one = find(Layer("npp", "hdfeos5.h5", variable="Npp"), DATA)
        assert (one.unit, one.scale, one.nodata) == ("kgC/m^2/year", 0.0001, 65535)
        assert (one.grid.width, one.grid.height) == (8, 6)
        assert one.grid.transform[0] == pytest.approx(463.3127, abs=1e-4)
        assert "Sinusoidal" in one.grid.crs

    def test_eos5_is_aligned_with_its_undeclared_fill_named(self, tmp_path):
        one = find(Layer("npp", "hdfeos5.h5", variable="Npp", fills=(65533.0,)), DATA)
        aligning.align(aligning.Job(one, one.grid, tmp_path / "npp.tif", "npp", 1))
        with rasterio.open(tmp_path / "npp.tif") as file:
            cells = store.unpack(file.read(1), store.QUANTITIES["npp"])
        assert np.isnan([cells[0, 0], cells[5, 7]]).all()
        assert cells[0, 1] == pytest.approx(501, abs=0.06)  # 5010 × 0.0001 kgC

    def test_eos5_with_two_variables_asks_for_one(self):
        with pytest.raises(refusals.VariableUnclear, match="Npp_QC"):
            find(Layer("npp", "hdfeos5.h5"), DATA)

    @pytest.mark.parametrize("name", ["MOD17A3HGF.A2023001.h28v06.061.hdf", "renamed.h5"])
    def test_4_is_refused_with_a_way_out_in_both_languages(self, tmp_path, name):
        (tmp_path / name).write_bytes(sources.HDF4 + bytes(300))
        with pytest.raises(refusals.Hdf4) as no:
            find(Layer("npp", name, variable="Npp_500m"), tmp_path)
        for code in ("en", "zh-hans"):
            assert "gdal_translate" in no.value.say(code)
            assert name in no.value.say(code)


class TestNetCdf:
    @pytest.fixture
    def folder(self, shared):
        return shared / "data/nep/bcsd"

    def test_has_months_by_stamps_at_their_ends_and_north_up(self, folder):
        found = find(Layer("temperature", "bcsd_obs_1999.nc", variable="tas", crs="EPSG:4326"), folder, year=1999)
        assert [one.band for one in found.bands] == list(range(1, 13))
        assert found.grid.transform[4] < 0
        assert found.grid.bounds == pytest.approx((-85, 33, -74.875, 37.125))

    def test_lacks_a_year_it_does_not_hold(self, folder):
        with pytest.raises(refusals.MonthsMissing):
            find(Layer("temperature", "bcsd_obs_1999.nc", variable="tas", crs="EPSG:4326"), folder, year=2000)

    def test_with_the_unit_mm_per_m_is_refused_until_the_plan_says_what_it_is(self, folder):
        said = Layer("precipitation", "bcsd_obs_1999.nc", variable="pr", crs="EPSG:4326")
        with pytest.raises(refusals.UnitUnclear) as refused:
            find(said, folder, year=1999)
        assert refused.value.facts["unit"] == "mm/m"

    def test_with_several_variables_asks_which(self, folder):
        with pytest.raises(refusals.VariableUnclear) as refused:
            find(Layer("precipitation", "bcsd_obs_1999.nc", crs="EPSG:4326"), folder, year=1999)
        assert refused.value.facts["variables"] == "pr、tas"


class TestStacItem:
    @pytest.fixture
    def item(self, tmp_path):
        builders.save(tmp_path / "npp.tif", values())
        said = {
            "type": "Feature", "stac_version": "1.0.0", "id": "npp-2023", "geometry": None,
            "properties": {"datetime": "2023-01-01T00:00:00Z"}, "links": [],
            "assets": {
                "npp": {"href": "./npp.tif", "raster:bands": [{"scale": 0.1, "nodata": -1, "unit": "gC m-2 a-1"}]}
            },
        }  # fmt: skip
        (tmp_path / "item.json").write_text(json.dumps(said), "utf-8")
        return tmp_path

    def test_says_what_its_file_does_not(self, item):
        found = find(Layer("npp", "item.json"), item)
        assert (found.scale, found.nodata, found.unit) == (0.1, -1, "gC m-2 a-1")
        assert found.files == [item / "npp.tif"]

    def test_elsewhere_is_refused(self, item):
        text = (item / "item.json").read_text("utf-8").replace("./npp.tif", "https://example.org/npp.tif")
        (item / "item.json").write_text(text, "utf-8")
        with pytest.raises(refusals.FileMissing, match="example"):
            find(Layer("npp", "item.json"), item)

    def test_that_is_no_item_is_refused(self, item):
        (item / "item.json").write_text("[1]", "utf-8")
        with pytest.raises(refusals.FileBroken):
            find(Layer("npp", "item.json"), item)
