import itertools
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import from_origin
from tests.nep import papers_builder

from tanhui.nep import drawing, palette, surveying, words

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
LEGENDS = {
    "ecosystem types": [*palette.TYPES.values(), palette.CLEAR],
    "sinks of one type": [*palette.DEEP_SOURCES, *palette.SINKS, palette.ELSEWHERE],
    "sinks of all types": [*palette.DEEP_SOURCES, *palette.SINKS, palette.UNSUITED],
    "change": [*palette.LOSSES, *palette.GAINS, palette.UNSUITED],
    "bars": [palette.SOURCE_BAR, palette.SINK_BAR],
    "width": [*palette.WIDTHS, palette.UNSUITED],
    "flags": [*palette.FLAGS.values(), palette.UNSUITED],
}


def lightness_and_hue(colour: str, sight: str) -> np.ndarray:
    """CIE L*a*b* of a colour as seen."""
    part = np.array(palette.rgb(colour)) / 255
    linear = SIGHT[sight] @ np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def raster(path: Path, data: np.ndarray, *, nodata: float | None = None, crs: str = "EPSG:4549", **given) -> Path:
    profile = {"crs": crs, "transform": from_origin(500_000, 3_300_000, 1000, 1000), "nodata": nodata} | given
    height, width = data.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=1, dtype=data.dtype, **profile
    ) as layer:
        layer.write(data, 1)
    return path


class TestALegend:
    @pytest.mark.parametrize("sight", SIGHT)
    @pytest.mark.parametrize("legend", LEGENDS)
    def test_keeps_its_colours_apart_for_everyone(self, legend: str, sight: str) -> None:
        seen = {colour: lightness_and_hue(colour, sight) for colour in LEGENDS[legend]}
        near = [
            (one, other, float(np.linalg.norm(seen[one] - seen[other])))
            for one, other in itertools.combinations(seen, 2)
            if np.linalg.norm(seen[one] - seen[other]) < 7
        ]
        assert not near

    def test_has_zero_among_its_breaks_where_sources_and_sinks_meet(self) -> None:
        classes = palette.diverging(-120, 480)
        assert 0 in classes.breaks
        below = classes.colours[: classes.breaks.index(0) + 1]
        assert set(below) <= set(palette.DEEP_SOURCES)
        assert set(classes.colours[len(below) :]) <= set(palette.SINKS)

    def test_has_its_steps_where_the_values_are(self) -> None:
        assert palette.diverging(-520, -380).breaks == (-500, -450, -400, 0)
        assert palette.diverging(260, 395).breaks == (0, 275, 300, 325, 350, 375)
        assert palette.diverging(-150, 480).breaks == (-100, 0, 100, 200, 300, 400)

    @pytest.mark.parametrize(
        ("low", "high", "breaks"),
        [
            (0, 60, (10, 20, 30, 40, 50)),
            (412, 655, (450, 500, 550, 600, 650)),
            (80, 80, (80,)),
            (-1, 1, (0.2, 0.4, 0.6, 0.8)),
        ],
    )
    def test_of_widths_has_its_steps_there_too(self, low: float, high: float, breaks: tuple[float, ...]) -> None:
        assert palette.rising(low, high).breaks == pytest.approx(breaks)

    @pytest.mark.parametrize(("low", "high"), [(0, 0), (-5, 0.2), (3, 900), (-900, -3), (-1, 1e7)])
    def test_fits_whatever_values_there_are(self, low: float, high: float) -> None:
        classes = palette.diverging(low, high)
        assert list(classes.breaks) == sorted(set(classes.breaks))
        assert len(classes.colours) == len(classes.breaks) + 1 >= 2

    @pytest.mark.parametrize(("span", "most", "wide"), [(100, 5, 20), (101, 5, 25), (7, 7, 1), (0.9, 4, 0.25)])
    def test_has_steps_a_person_counts_in(self, span: float, most: int, wide: float) -> None:
        assert palette.step(span, most) == pytest.approx(wide)


class TestAPicture:
    def test_is_no_larger_than_the_paper_needs(self) -> None:
        seen = drawing.view(20_000, 10_000, most=1600)
        assert (seen.columns, seen.rows, seen.decimation) == (1600, 800, 13)

    def test_shows_values_in_their_unit_and_gaps_as_gaps(self, tmp_path: Path) -> None:
        path = raster(tmp_path / "nep.tif", np.array([[-32768, 120], [-40, 7]], dtype=np.int16), nodata=-32768)
        with rasterio.open(path, "r+") as layer:
            layer.scales = (0.1,)
        found = drawing.values(path, drawing.view(2, 2, most=10))
        assert np.isnan(found[0, 0])
        assert found[0, 1] == pytest.approx(12.0)
        assert found[1, 0] == pytest.approx(-4.0)

    def test_takes_the_mean_of_what_lies_beneath_and_leaves_gaps_out_of_it(self, tmp_path: Path) -> None:
        data = np.array([[10, -32768, 1, 3], [30, -32768, 5, 7]], dtype=np.int16)
        path = raster(tmp_path / "a.tif", data, nodata=-32768)
        assert drawing.values(path, drawing.View(0, 0, 4, 2, 2, 1)).tolist() == [[20.0, 4.0]]

    @pytest.mark.parametrize("size", [(97, 61), (1500, 900)])
    def test_never_loses_a_lone_flag(self, tmp_path: Path, size: tuple[int, int], monkeypatch) -> None:
        monkeypatch.setattr(drawing, "STRIP", 4000)
        width, height = size
        data = np.zeros((height, width), dtype=np.uint8)
        data[height // 2, width // 3] = 4
        data[height - 1, width - 1] = 1
        data[0, 0] = 255
        seen = drawing.view(width, height, most=40)
        found = drawing.bits(raster(tmp_path / "flags.tif", data, nodata=255), seen)
        assert found.shape == seen.shape
        assert sorted(found[found > 0].tolist()) == [1, 4]

    def test_is_the_same_bytes_each_time_and_clear_where_there_is_nothing(self) -> None:
        index = drawing.classified(np.array([[np.nan, 5.0, 50.0]], dtype=np.float32), palette.rising(0, 60))
        assert index[0, 0] == drawing.BLANK
        assert index[0, 1] < index[0, 2]
        colours = palette.rising(0, 60).colours
        assert drawing.png(index, colours) == drawing.png(index.copy(), colours)

    def test_grows_lone_cells_until_they_are_seen(self) -> None:
        index = np.full((7, 7), 2, dtype=np.uint8)
        index[3, 3] = 9
        grown = drawing.spread(index, index == 9, cells=1)
        assert (grown == 9).sum() == 9
        assert grown[2:5, 2:5].min() == 9
        assert (index == 9).sum() == 1

    def test_is_cut_to_what_is_present(self) -> None:
        present = np.zeros((100, 200), dtype=bool)
        present[40:60, 50:150] = True
        column, row, width, height = drawing.extent(present, drawing.view(400, 200, most=200), margin=0.0)
        assert (column, row, width, height) == (100, 80, 200, 40)


class TestAMapsFrame:
    def survey(self, path: Path, **given: float) -> surveying.Survey:
        with rasterio.open(path) as layer:
            seen = drawing.view(layer.width, layer.height, most=300)
        return surveying.lay(path, seen, width=200, height=150)

    def test_has_a_scale_bar_that_is_true_at_the_centre(self, tmp_path: Path) -> None:
        path = raster(
            tmp_path / "a.tif",
            np.zeros((40, 60), dtype=np.uint8),
            crs="EPSG:4326",
            transform=from_origin(118.5, 31.0, 0.05, 0.05),
        )
        survey = self.survey(path)
        kilometres, bar = surveying.scale_bar(survey)
        turn = 60 * 0.05 * bar / survey.width
        _, _, metres = pyproj.Geod(ellps="WGS84").inv(120 - turn / 2, 30.0, 120 + turn / 2, 30.0)
        assert metres == pytest.approx(kilometres * 1000, rel=2e-4)
        assert 0.1 < bar / survey.width <= surveying.BAR
        # A degree of longitude at 30° N is 0.87 of one of latitude: the map is not stretched.
        assert survey.height / survey.width == pytest.approx(40 / 60 * 110.85 / 96.49, rel=1e-3)

    def test_turns_north_where_the_grid_does(self, tmp_path: Path) -> None:
        sinusoidal = "+proj=sinu +R=6371007.181 +units=m"
        path = raster(
            tmp_path / "a.tif",
            np.zeros((50, 50), dtype=np.uint8),
            crs=sinusoidal,
            transform=from_origin(-1_270_000, 1_880_000, 463.3, 463.3),
        )
        # West of its meridian the sinusoidal projection leans meridians to the right: x = R λ cos φ.
        expected = np.degrees(np.arctan(np.radians(11.9) * np.sin(np.radians(16.8))))
        assert surveying.north(self.survey(path)) == pytest.approx(expected, abs=0.2)
        assert surveying.north(self.survey(raster(tmp_path / "b.tif", np.zeros((4, 4), dtype=np.uint8)))) == (
            pytest.approx(0, abs=0.1)
        )

    def test_names_its_lines_of_longitude_and_latitude(self, tmp_path: Path) -> None:
        path = raster(
            tmp_path / "a.tif",
            np.zeros((40, 40), dtype=np.uint8),
            crs="EPSG:4326",
            transform=from_origin(119.9, 30.6, 0.025, 0.025),
        )
        lines = {line.label: line for line in surveying.graticule(self.survey(path)) if line.label}
        assert {"120°E", "120°30′E", "30°N", "30°30′N"} <= set(lines)
        survey = self.survey(path)
        assert lines["120°E"].place == pytest.approx(survey.width * 0.1, rel=1e-3)
        assert lines["30°N"].place == pytest.approx(survey.height * 0.6, rel=1e-3)

    def test_says_west_and_south(self) -> None:
        assert surveying.degrees(-11.5, "EW") == "11°30′W"
        assert surveying.degrees(-0.25, "NS") == "0°15′S"
        assert surveying.degrees(0, "NS") == "0°"

    def test_draws_zones_that_share_their_borders(self, tmp_path: Path) -> None:
        folder = papers_builder.folder(tmp_path, years=(2024,))
        survey = self.survey(folder / "zones/township.tif")
        shapes = surveying.outlines(folder / "zones/township.geojson", survey)
        assert [one.number for one in shapes] == [1, 2, 3, 4, 5, 6]
        together = shapes[0].shape
        for one in shapes[1:]:
            together = together.union(one.shape)
        assert together.area == pytest.approx(sum(one.shape.area for one in shapes), rel=1e-6)
        drawn = (papers_builder.towns() > 0).mean() * survey.width * survey.height
        assert together.area == pytest.approx(drawn, rel=0.01)
        assert surveying.svg(survey, [], shapes).count("<path") == 2 * len(shapes)


class TestAPrintedQuantity:
    @pytest.mark.parametrize(
        ("value", "low", "high", "said"),
        [
            (123_456_789, 80_000_000, 170_000_000, ("12.3", "8.0 ～ 17.0", "万吨")),
            (123_456_789_012, 123_000_000_000, 124_000_000_000, ("1.235", "1.230 ～ 1.240", "亿吨")),
            (-5_400_000, -9_000_000, -1_000_000, ("−5,400", "−9,000 ～ −1,000", "吨")),
            (0, 0, 0, ("0", "0 ～ 0", "吨")),
            (640_000, 100_000, 1_200_000, ("640", "100 ～ 1,200", "吨")),
        ],
    )
    def test_has_the_figures_its_interval_leaves_it(self, value: int, low: int, high: int, said: tuple) -> None:
        mass = words.mass(value, low, high)
        assert (mass.value, mass.interval, mass.unit) == said

    def test_refuses_an_interval_upside_down(self) -> None:
        with pytest.raises(ValueError, match="above"):
            words.mass(1, 3, 2)

    def test_lists_years_in_runs(self) -> None:
        assert words.years([2012, 2010, 2011, 2015]) == "2010–2012、2015"
