"""A run in a folder: the same bits however it is carried out, and nothing lost when it is killed."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nep import builders
from tanhui.nep import execution, forecast, refusals, run, store, tiles

ROWS, COLUMNS = 40, 1500  # three tiles of 512
ROOT = Path(__file__).resolve().parents[1]


def hashes(folder):
    """SHA-256 of every file of the run that is published, by name."""
    return {
        str(path.relative_to(folder)): store.digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in {".tif", ".json"}
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return builders.small_data(tmp_path_factory.mktemp("wide"), years=(2022, 2023), rows=ROWS, columns=COLUMNS)


@pytest.fixture(scope="module")
def asked(data):
    return builders.small_plan(data, years=(2022, 2023))


@pytest.fixture(scope="module")
def whole(tmp_path_factory, asked):
    """The hashes of a run carried out in one process from beginning to end."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    run.prepare(asked, folder)
    run.carry_out(folder, workers=1)
    return hashes(folder)


class TestSameBits:
    @pytest.mark.parametrize("workers", [2, 3])
    def test_come_out_with_any_number_of_workers(self, tmp_path, asked, whole, workers):
        run.prepare(asked, tmp_path / "run")
        run.carry_out(tmp_path / "run", workers=workers)
        assert hashes(tmp_path / "run") == whole

    def test_come_out_in_any_order_of_tiles(self, tmp_path, asked, whole, monkeypatch):
        run.prepare(asked, tmp_path / "run")
        inner = execution.chained

        def shuffled(function, chains, **where):
            return inner(function, random.Random(5).sample(list(chains), len(chains)), **where)

        monkeypatch.setattr(execution, "chained", shuffled)
        run.carry_out(tmp_path / "run", workers=1)
        assert hashes(tmp_path / "run") == whole

    @pytest.mark.filterwarnings("ignore:Creating scratch directories:UserWarning")  # says that the machine is busy
    @pytest.mark.slow
    def test_come_out_on_a_cluster(self, tmp_path, asked, whole):
        run.prepare(asked, tmp_path / "run")
        run.carry_out(tmp_path / "run", scheduler="local", workers=2)
        assert hashes(tmp_path / "run") == whole


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from nep import builders
from tanhui.nep import run

def tell(stage, done, of, name):
    if stage == "tiles" and done == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    folder = Path(sys.argv[3])
    run.prepare(builders.small_plan(Path(sys.argv[2]), years=(2022, 2023)), folder)
    run.carry_out(folder, workers=int(sys.argv[5]), tell=tell)
"""


class TestKilledRun:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_goes_on_where_it_was_and_ends_with_the_same_hashes(self, tmp_path, data, whole, workers):
        folder, script = tmp_path / "run", tmp_path / "killed.py"
        script.write_text(textwrap.dedent(KILLED), "utf-8")
        words = [str(script), str(ROOT), str(data), str(folder), "3", str(workers)]
        ended = subprocess.run([sys.executable, *words], capture_output=True, timeout=120, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        scratch, busy = (folder / f"tiles/2022/000-000/.npp.tif.{process}" for process in (4_000_000_000, os.getpid()))
        for half_written in (scratch, busy):
            half_written.write_bytes(b"half")
        before = run.status(folder)
        assert 3 <= before.done < before.tiles == 6
        kept = {path: path.stat().st_mtime_ns for path in folder.glob("tiles/*/*/result.json")}
        run.carry_out(folder, workers=1)
        assert hashes(folder) == whole
        assert sum(path.stat().st_mtime_ns == at for path, at in kept.items()) >= 3
        assert (scratch.exists(), busy.exists()) == (False, True)  # another's half is left to those who live

    def test_never_takes_half_a_file_for_a_whole_one(self, tmp_path, asked, whole):
        folder = tmp_path / "run"
        run.prepare(asked, folder)
        run.carry_out(folder, workers=1)
        place = folder / "tiles/2022/000-001"
        (place / "npp.tif").write_bytes((place / "npp.tif").read_bytes()[:1000])
        (folder / "tiles/2023/000-002/result.json").unlink()
        layer = folder / "layers/2023/nep.tif"
        layer.write_bytes(layer.read_bytes()[:-1])
        assert run.status(folder).done == 4
        with pytest.raises(refusals.NotFinished, match="2 of 6"):
            run.totals(folder)
        run.carry_out(folder, workers=1)
        assert hashes(folder) == whole


class TestZonesOfAPlan:
    @pytest.mark.parametrize(("said", "tables"), [("exact = true", 1), ("exact = false", 0)])
    def test_are_cut_as_it_says(self, tmp_path, data, said, tables):
        plain = 'name = "name"\n'
        run.prepare(builders.small_plan(data, {plain: f"{plain}{said}\n"}), tmp_path / "run")
        assert len(list((tmp_path / "run/zones").glob("*.npz"))) == tables


class TestFullDisk:
    def test_stops_the_run_with_the_tile_named_and_it_can_go_on(self, tmp_path, asked, whole):
        folder = tmp_path / "run"
        run.prepare(asked, folder)
        old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, hard))
        try:
            with pytest.raises(refusals.TileStopped) as stopped:
                run.carry_out(folder, workers=1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
            signal.signal(signal.SIGXFSZ, handler)
        assert stopped.value.facts["tile"] == "2022/000-000"
        assert "npp.tif" in stopped.value.say("en") or "nep.tif" in stopped.value.say("en")
        assert not list(folder.rglob(".*.tif*"))
        run.carry_out(folder, workers=1)
        assert hashes(folder) == whole

    def test_is_refused_before_anything_is_done_where_it_can_be_known(self, tmp_path, asked, monkeypatch):
        monkeypatch.setattr(forecast, "PACKED", 1e9)
        with pytest.raises(refusals.DiskTooSmall):
            run.prepare(asked, tmp_path / "run")
        assert not (tmp_path / "run").exists()


class TestPreparedRun:
    def test_records_plan_inputs_versions_and_how_each_was_resampled(self, finished):
        record = run.read_record(finished)
        said = record["inputs"]["inputs/2023/npp.tif"]
        assert said["resampling"] == "none"
        assert said["said"]["unit"] == "gC m-2 a-1"
        assert said["sources"][0][0] == "npp-2023.tif"
        assert {"tanhui", "gdal", "numpy"} <= record["versions"].keys()
        assert str(finished.parent) not in (finished / "record.json").read_text("utf-8")

    def test_has_the_same_record_elsewhere(self, tmp_path, finished):
        data = builders.small_data(tmp_path / "other", years=(2022, 2023))
        run.prepare(builders.small_plan(data, years=(2022, 2023)), tmp_path / "run")
        assert (tmp_path / "run/record.json").read_bytes() == (finished / "record.json").read_bytes()

    def test_is_prepared_once_and_refuses_another_plan(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        first = run.prepare(builders.small_plan(data), tmp_path / "run")
        assert run.prepare(builders.small_plan(data), tmp_path / "run") == first
        with pytest.raises(refusals.AnotherRun):
            run.prepare(builders.small_plan(data, {"sigma = 0.2": "sigma = 0.3"}), tmp_path / "run")

    def test_refuses_inputs_that_changed_since(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        run.prepare(builders.small_plan(data), tmp_path / "run")
        builders.save(data / "npp-2023.tif", builders.npp(9), unit="gC m-2 a-1", scale=0.1, nodata=-32768)
        with pytest.raises(refusals.AnotherRun):
            run.prepare(builders.small_plan(data), tmp_path / "run")

    def test_refuses_aligned_files_that_are_not_what_was_recorded(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        run.prepare(builders.small_plan(data), tmp_path / "run")
        with (tmp_path / "run/inputs/landcover.tif").open("ab") as file:
            file.write(b"!")
        with pytest.raises(refusals.RunDamaged, match=r"landcover\.tif"):
            run.carry_out(tmp_path / "run", workers=1)

    def test_leaves_no_record_when_an_input_is_refused(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        cover = builders.cover()
        cover[0, 0] = 99
        builders.save(data / "landcover.tif", cover, nodata=255)
        with pytest.raises(refusals.CodesMissing):
            run.prepare(builders.small_plan(data), tmp_path / "run")
        assert not (tmp_path / "run/record.json").exists()
        with pytest.raises(refusals.NotARun):
            run.carry_out(tmp_path / "run")

    def test_is_estimated_without_reading(self, asked):
        takes = run.estimate(asked)
        assert (takes.tiles, takes.cells, takes.years) == (6, ROWS * COLUMNS, 2)
        assert 100e6 < takes.memory < 300e6
        assert takes.disk > 0

    def test_is_carried_out_for_a_progress_of_another_kind(self, tmp_path, asked):
        kept = {}

        class Rows:
            def done(self):
                return dict(kept)

            def keep(self, name, result):
                kept[name] = result

        run.prepare(asked, tmp_path / "run")
        told = []
        run.carry_out(tmp_path / "run", workers=1, progress=Rows(), tell=lambda *said: told.append(said))
        assert len(kept) == 6
        assert [said[1] for said in told if said[0] == "tiles"] == list(range(7))
        again = []
        run.carry_out(tmp_path / "run", workers=1, progress=Rows(), tell=lambda *said: again.append(said))
        assert again == [("tiles", 6, 6, "")]

    def test_compares_with_the_year_before(self, finished):
        jump = tiles.FLAGS.index("jump")
        totals = run.totals(finished)
        assert sum(row.flags[jump] for row in totals[2022]["town"]) == 0
        assert sum(row.flags[jump] for row in totals[2023]["town"]) > 100

    def test_joins_layers_that_open_anywhere(self, finished):
        import rasterio
        from rio_cogeo.cogeo import cog_validate

        path = finished / "layers/2023/nep.tif"
        assert cog_validate(path, quiet=True)[:2] == (True, [])
        with rasterio.open(path) as file:
            assert (file.scales[0], file.units[0], file.nodata) == (0.1, "gC m-2 a-1", -32768)
        listed = json.loads((finished / "layers.json").read_text("utf-8"))
        assert len(listed["files"]) == 12
        with (
            rasterio.open(finished / "layers/2023/landcover.tif") as file,
            rasterio.open(finished / "inputs/landcover.tif") as given,
        ):
            assert (file.read(1) == given.read(1)).all()
        assert os.path.exists(finished / "layers/2022/flags.tif")


class TestMethods:
    def test_casa_runs_from_months_of_ndvi_and_light(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        green = builders.monthly([0.2, 0.25, 0.3, 0.45, 0.6, 0.7, 0.75, 0.72, 0.6, 0.45, 0.3, 0.22], 0.03)
        builders.save(data / "ndvi.tif", (green * 10000).astype("int16"), unit="1", scale=0.0001, nodata=-3000)
        sun = builders.monthly([250, 270, 350, 430, 500, 480, 560, 520, 400, 350, 280, 250], 8)
        builders.save(data / "sun.tif", sun.astype("float32"), unit="MJ/m2", nodata=-1)
        layers = 'like = "landcover"', '[layers.ndvi]\npath = "ndvi.tif"\n\n[layers.solar]\npath = "sun.tif"\n'
        text = builders.PLAN.replace('like = "npp"', layers[0]).replace('"raster"\nsigma', '"casa"\nsigma')
        cut = text[text.index("[layers.npp]") : text.index("[layers.temperature]")]
        from tanhui.nep import plan

        asked = plan.parse(text.replace(cut, layers[1]), base=data)
        run.prepare(asked, tmp_path / "run")
        run.carry_out(tmp_path / "run", workers=1)
        rows = run.totals(tmp_path / "run")[2023]["town"]
        forest = next(row for row in rows if row.type == 1 and row.zone == 1)
        assert 300 < forest.npp / forest.valid_m2 < 1200

    def test_gpp_takes_the_fractions_of_igbp_classes_and_refuses_a_class_without_one(self, tmp_path):
        data = builders.small_data(tmp_path / "data")
        changes = {
            'method = "raster"': 'method = "gpp_cue"',
            'like = "npp"': 'like = "gpp"',
            "[layers.npp]": "[layers.gpp]",
        }
        run.prepare(builders.small_plan(data, changes), tmp_path / "run")
        run.carry_out(tmp_path / "run", workers=1)
        rows = run.totals(tmp_path / "run")[2023]["town"]
        forest = next(row for row in rows if row.type == 1 and row.zone == 1)
        assert forest.npp / forest.valid_m2 == pytest.approx(600 * 622.79 / 1339.93, rel=0.02)
        more = changes | {'scheme = "igbp"': 'scheme = "igbp"\ncodes = { forest = [99] }'}
        cover = builders.cover()
        cover[2, 2] = 99
        builders.save(data / "landcover.tif", cover, nodata=255)
        with pytest.raises(refusals.VegetationUnknown, match="missing codes: 99"):
            run.prepare(builders.small_plan(data, more), tmp_path / "another")
