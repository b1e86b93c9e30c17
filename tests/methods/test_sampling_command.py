import json

import numpy as np
import pytest

from tanhui.cli import main
from tanhui.methods import engine

from .test_placement import feature, square, written
from .test_tools import STRATA, designed, estimated


@pytest.fixture
def tanhui(capsys):
    def run(*words):
        code = main.main(["--lang", "en", *map(str, words)])
        return code, capsys.readouterr()

    return run


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "design.json"
    path.write_bytes(designed("stratum,area,mean,sd\nlarch,365.6,126.8,26.2476\npoplar,365.6,85,15.657\n").bundle())
    return path


@pytest.fixture
def area(tmp_path):
    path = tmp_path / "strata.geojson"
    path.write_bytes(written(feature("larch", square(118.5, 42.3)), feature("poplar", square(118.6, 42.3))))
    return path


class TestSamplingPlace:
    def test_writes_the_points_of_the_design(self, tanhui, area, design, tmp_path):
        code, said = tanhui("sampling", "place", area, "--design", design, "--seed", 7, "--out", tmp_path / "p.geojson")
        laid = json.loads((tmp_path / "p.geojson").read_text("utf-8"))
        plots = [int(one) for one in engine.Run(json.loads(design.read_bytes())).quantity("plots_laid")]

        assert code == 0
        assert len(laid["features"]) == sum(plots)
        assert laid["sampling"]["seed"] == 7
        assert laid["sampling"]["design"] == json.loads(design.read_bytes())["trace_sha256"]
        assert "differs" not in said.out
        assert "before the survey" in said.out

    def test_writes_the_same_bytes_again(self, tanhui, area, design, tmp_path):
        for name in ("a", "b"):
            tanhui("sampling", "place", area, "--design", design, "--seed", 7, "--out", tmp_path / name)

        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_says_when_the_map_is_not_as_large_as_the_design(self, tanhui, design, tmp_path):
        (tmp_path / "m").write_bytes(
            written(feature("larch", square(118.5, 42.3, 0.03)), feature("poplar", square(118.6, 42.3)))
        )
        code, said = tanhui(
            "sampling", "place", tmp_path / "m", "--design", design, "--seed", 7, "--out", tmp_path / "p", "--json"
        )

        assert code == 0
        assert json.loads(said.out)["unequal"] == ["larch"]

    def test_refuses_a_bundle_that_is_no_design(self, tanhui, area, tmp_path):
        (tmp_path / "other").write_bytes(estimated().bundle())
        code, said = tanhui(
            "sampling", "place", area, "--design", tmp_path / "other", "--seed", 7, "--out", tmp_path / "p"
        )

        assert code == 1
        assert "holds no sampling design" in said.err
        assert not (tmp_path / "p").exists()

    def test_refuses_files_it_cannot_reach(self, tanhui, area, design, tmp_path):
        for mine, out in ((tmp_path / "absent", tmp_path / "p"), (area, tmp_path / "no" / "folder")):
            code, said = tanhui("sampling", "place", mine, "--design", design, "--seed", 7, "--out", out)
            assert code == 1
            assert "cli.file_closed" in said.err

    def test_wants_a_seed_from_zero_on(self, tanhui, area, design, tmp_path):
        with pytest.raises(SystemExit):
            tanhui("sampling", "place", area, "--design", design, "--seed", "-1", "--out", tmp_path / "p")

    def test_lays_plots_in_chinese_strata(self, tanhui, tmp_path):
        (tmp_path / "design").write_bytes(designed(STRATA).bundle())
        names = ("落叶松", "杨树", "樟子松")
        (tmp_path / "map").write_bytes(
            written(*(feature(name, square(118 + k / 10, 42)) for k, name in enumerate(names)))
        )
        code, _ = tanhui(
            "sampling", "place", tmp_path / "map", "--design", tmp_path / "design", "--seed", 1, "--out", tmp_path / "p"
        )
        found = json.loads((tmp_path / "p").read_text("utf-8"))["features"]

        assert code == 0
        assert {one["properties"]["stratum"] for one in found} == set(names)
        assert np.ptp([one["geometry"]["coordinates"][0] for one in found]) > 0.1
