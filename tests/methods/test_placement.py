import hashlib
import json

import numpy as np
import pytest

from tanhui.methods import placement
from tanhui.methods.placement import Wanted
from tanhui.science import land


def square(longitude, latitude, side=0.02):
    east, north = longitude + side, latitude + side
    return [[[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]]


def feature(stratum, coordinates, kind="Polygon"):
    return {
        "type": "Feature",
        "properties": {"stratum": stratum},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def written(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


LARCH, POPLAR = feature("larch", square(118.5, 42.3)), feature("poplar", [square(118.6, 42.3)], "MultiPolygon")
MAP = written(LARCH, POPLAR)
WANTED = {"larch": Wanted(16, 2), "poplar": Wanted(4, 1)}


def lay(boundary=MAP, wanted=WANTED, **changed):
    return placement.plots(boundary, wanted, **{"plot_area": 0.06, "seed": 20261121} | changed)


def centres(laid, stratum):
    return [one["geometry"]["coordinates"] for one in laid["features"] if one["properties"]["stratum"] == stratum]


@pytest.mark.parametrize("manner", ["systematic", "random"])
class TestPlots:
    def test_stand_in_their_stratum_as_many_as_designed(self, manner):
        laid = lay(manner=manner)

        for stratum, polygon in (("larch", square(118.5, 42.3)), ("poplar", square(118.6, 42.3))):
            points = np.array(centres(laid, stratum))
            assert len(points) == WANTED[stratum].plots
            assert land.inside(points, [[np.array(polygon[0])]]).all()
            spare = [one for one in laid["features"] if one["properties"] == one["properties"] | {"reserve": True}]
            assert len(spare) == 3

    def test_are_the_same_for_whoever_has_map_design_and_seed(self, manner):
        assert lay(manner=manner) == lay(manner=manner)
        assert lay(manner=manner) != lay(manner=manner, seed=1)

    def test_do_not_move_when_another_stratum_is_added(self, manner):
        alone = lay(written(LARCH), {"larch": Wanted(16, 2)}, manner=manner)

        assert centres(alone, "larch") == centres(lay(manner=manner), "larch")

    def test_of_none_are_none(self, manner):
        assert lay(wanted={"larch": Wanted(0)}, manner=manner)["features"] == []


class TestRecord:
    def test_says_how_to_lay_the_same_points(self):
        record = lay()["sampling"]

        assert record["seed"] == 20261121
        assert record["boundary_sha256"] == hashlib.sha256(MAP).hexdigest()
        assert record["strata"][0] | {"map_ha": ""} == {
            "stratum": "larch", "plots": 16, "reserve": 2, "map_ha": "", "design_ha": "", "parallel": "42.3"
        }  # fmt: skip
        assert float(record["strata"][0]["map_ha"]) == pytest.approx(365.6, rel=1e-3)

    def test_keeps_the_points_that_were_laid_before(self):
        """Whoever laid plots with this version finds them again with the next one."""
        assert np.array(centres(lay(), "poplar")) == pytest.approx(np.array(GOLDEN), abs=2e-7)


GOLDEN = [[118.603783, 42.3016877], [118.603783, 42.3105889], [118.6158166, 42.3105889], [118.603783, 42.3194915]]


class TestRefusals:
    @pytest.mark.parametrize(
        ("boundary", "place"),
        [
            (b"not json", "-"),
            (b"\xff\xfe", "-"),
            (b"[" * 100_000, "-"),
            (b"[]", "features"),
            (b'{"features": []}', "features"),
            (written(LARCH, 7), r"features\[1\].properties"),
            (written(LARCH, feature("", square(118.6, 42.3))), r"features\[1\].properties"),
            (written(feature("a", [1.0, 2.0], "Point")), r"features\[0\].geometry"),
            (written(feature("a", [])), r"features\[0\].geometry.coordinates"),
            (written(feature("a", [[[1, 2], [1, 3], [1, 2]]])), r"features\[0\].geometry.coordinates"),
            (written(feature("a", [[["x", 2], [1, 3], [2, 2]]])), r"features\[0\].geometry.coordinates"),
            (written(feature("a", square(500_000, 4_683_000))), r"features\[0\].geometry.coordinates"),
            (written(feature("a", [[{}, {}, {}]])), r"features\[0\].geometry.coordinates"),
            (written(feature("a", [[[10**400, 2], [1, 3], [2, 2]]])), r"features\[0\].geometry.coordinates"),
            (written(feature("a", None, "MultiPolygon")), r"features\[0\].geometry.coordinates"),
        ],
    )  # fmt: skip
    def test_name_the_place_where_the_map_is_wrong(self, boundary, place):
        with pytest.raises(placement.NoMap, match=f"at {place}\\."):
            lay(boundary)

    def test_name_a_stratum_that_the_map_lacks(self):
        with pytest.raises(placement.StratumNotOnMap, match=r"Stratum pine has plots .* which has: larch, poplar"):
            lay(wanted={"pine": Wanted(3)})

    @pytest.mark.parametrize("manner", ["systematic", "random"])
    def test_say_when_plots_do_not_fit(self, manner):
        with pytest.raises(placement.NoRoomForPlots, match=r"10,000 plots|10000 plots of 1 ha"):
            lay(wanted={"larch": Wanted(10_000)}, plot_area=1, manner=manner)

    def test_name_strata_that_overlap(self):
        overlapping = written(LARCH, feature("poplar", square(118.5, 42.3)))

        with pytest.raises(placement.StrataOverlap, match="larch and poplar overlap"):
            lay(overlapping)
