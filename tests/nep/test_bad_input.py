"""Whatever a person may write into a plan by mistake is refused with a sentence before anything is computed."""

import codecs
import errno
import json
import os
import re
import socket
from pathlib import Path

import numpy as np
import pytest

from nep import builders
from tanhui.nep import forecast, plan, refusals, run, wording, zonefile, zones

NPP = 'path = "npp-{year}.tif"'
DECLARED = 'crs = "EPSG:4490"\ncell = [0.01, 0.01]\nbounds = [120.5, 30.0, 121.1, 30.4]'


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return builders.small_data(tmp_path_factory.mktemp("data"))


def parse(tmp_path, changes, first=""):
    return plan.parse(first + builders.changed(builders.PLAN, changes), base=tmp_path)


class TestKindOfValue:
    @pytest.mark.parametrize(
        ("old", "new", "key"),
        [
            ('[grid]\nlike = "npp"', "[[grid]]", "grid"),
            ('[rh]\nmodels = ["pei", "raich_potter_bond_lamberty"]', "[[rh]]", "rh"),
            ('models = ["pei", "raich_potter_bond_lamberty"]', 'models = [["pei"]]', "rh.models"),
            ('scheme = "igbp"', 'scheme = ["igbp"]', "landcover.scheme"),
            ("sigma = 0.2", 'classes = "mine"', "npp.classes"),
            ('like = "npp"', 'like = "npp"\ntile = -512', "grid.tile"),
            ('like = "npp"', 'like = "npp"\ntile = false', "grid.tile"),
            ('like = "npp"', DECLARED.replace("120.5", "-inf"), "grid.bounds"),
            ('like = "npp"', DECLARED.replace("[0.01", "[nan"), "grid.cell"),
            (NPP, f"{NPP}\nscale = nan", "layers.npp.scale"),
            (NPP, f'{NPP}\nband = "first"', "layers.npp.band"),
            (NPP, f"{NPP}\nband = -1", "layers.npp.band"),
            (NPP, f"{NPP}\ncrs = 4490", "layers.npp.crs"),
            ('like = "npp"', DECLARED.replace('"EPSG:4490"', "4490"), "grid.crs"),
            ('path = "landcover.tif"', 'constants = [4.5]\nunit = "class"', "layers.landcover.constants"),
            ('code = "code"', 'code = "code"\ncut = "nothing"', "zones.cut"),
            (NPP, f'{NPP}\naligned = "no"', "layers.npp.aligned"),
            ("sigma = 0.2", "cue = {forest = 5}", "npp.cue.forest"),
            ("sigma = 0.2", "cue = 0.5", "npp.cue"),
            ('"pei", "raich_potter_bond_lamberty"]', '"q10"]\nq10 = {r10 = -1, q10 = 2}', "rh.q10.r10"),
            ("[rh]", '[rates.urban]\nvalue = 1e9\nsource = "x"\n[rh]', "rates.urban.value"),
            ('code = "code"', 'code = "code"\nrepair = "no"', "zones[0].repair"),
            ('level = "town"', "level = 5", "zones[0].level"),
        ],
    )
    def test_of_a_key_is_refused(self, tmp_path, old, new, key):
        with pytest.raises(refusals.PlanValueWrong) as refused:
            parse(tmp_path, {old: new})
        assert refused.value.facts["key"] == key

    @pytest.mark.parametrize("first", ["notes = 5\n", 'notes = "one"\n'])
    def test_of_the_notes_is_refused(self, tmp_path, first):
        with pytest.raises(refusals.PlanValueWrong, match="notes"):
            parse(tmp_path, {}, first)

    def test_a_norm_nobody_knows_is_refused(self, tmp_path):
        with pytest.raises(refusals.NormUnknown, match="GB/T 99999"):
            parse(tmp_path, {"[rh]": '[norm]\nid = "GB/T 99999"\n[rh]'})

    def test_nan_may_still_stand_for_missing_data(self, tmp_path):
        assert np.isnan(parse(tmp_path, {NPP: f"{NPP}\nnodata = nan"}).layers["npp"].nodata)


class TestPlanFile:
    def test_of_a_windows_editor_is_read(self, tmp_path):
        path = tmp_path / "plan.toml"
        path.write_bytes(codecs.BOM_UTF8 + builders.PLAN.replace("\n", "\r\n").encode())
        assert plan.read(path).years == (2023,)

    @pytest.mark.parametrize("data", [bytes(100), builders.PLAN.encode("gbk"), b"a = " + b"[" * 20_000])
    def test_that_is_none_is_refused(self, tmp_path, data):
        path = tmp_path / "plan.toml"
        path.write_bytes(data)
        with pytest.raises(refusals.PlanUnreadable):
            plan.read(path)

    def test_of_eighty_megabytes_is_refused_at_once(self, tmp_path):
        path = tmp_path / "plan.toml"
        with path.open("wb") as file:
            file.truncate(80_000_000)
        with pytest.raises(refusals.PlanUnreadable, match="80 MB, a plan has at most 1 MB") as met:
            plan.read(path)
        assert "计划最大 1 MB" in met.value.say("zh-hans")

    def test_of_a_name_of_five_thousand_letters_is_refused_briefly(self, tmp_path):
        with pytest.raises(refusals.PlanUnreadable, match="too long") as met:
            plan.read(tmp_path / f"{'a' * 5000}.toml")
        assert len(str(met.value)) < 400


class TestWordsInChinese:
    """No English stands in a Chinese sentence but names of keys, units and files."""

    ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("years = [2023]", ""), ("years = [2023]", "years = 2023"), ('like = "npp"', "tile = 5"),
            ('models = ["pei", "raich_potter_bond_lamberty"]', 'models = ["x"]'), (NPP, f"{NPP}\nscale = nan"),
            (NPP, f'{NPP}\nband = "first"'), ('scheme = "igbp"', 'scheme = "mine"'),
            ('like = "npp"', DECLARED.replace("[0.01, 0.01]", "[1]")), ('level = "town"', 'level = "a b"'),
        ],
    )  # fmt: skip
    def test_of_a_refused_plan(self, tmp_path, old, new):
        with pytest.raises(refusals.Worded) as met:
            parse(tmp_path, {old: new})
        assert not self.ENGLISH.search(met.value.say("zh-hans")), met.value.say("zh-hans")

    def test_of_a_layer_and_its_bounds(self):
        facts = {"file": "a.tif", "values": "1.2 (3)", "meaning": "1", "layer": "ndvi", "low": "-1", "high": "1"}
        met = refusals.ValuesOutOfBounds(**facts, unit="")
        assert "植被指数" in met.say("zh-hans")
        assert "1 1" not in met.say("zh-hans")
        assert "between -1 and 1." in str(met)

    @pytest.mark.parametrize("number", wording.PROBLEMS)
    def test_of_the_machines_reasons(self, number):
        problem = OSError(number, os.strerror(number), "/tmp/x")
        met = refusals.CannotWrite(path="x", problem=wording.why(problem))
        assert not self.ENGLISH.search(met.say("zh-hans"))
        assert "/tmp/x" not in str(met)


class TestBeforeComputing:
    @pytest.mark.parametrize(
        ("old", "new", "refusal"),
        [
            (NPP, f'{NPP}\ncrs = "EPSG:banana"', refusals.PlanValueWrong),
            (NPP, f"{NPP}\nband = 9", refusals.PlanValueWrong),
            ("sigma = 0.2", "sigma = -5", refusals.PlanValueWrong),
            ("[rh]", "[uncertainty]\nfoo = 1\n[rh]", refusals.PlanKeyUnknown),
            ('like = "npp"', DECLARED.replace("0.01, 0.01", "1e-9, 1e-9"), refusals.DiskTooSmall),
        ],
    )
    def test_what_cannot_be_carried_out_is_refused(self, data, tmp_path, old, new, refusal):
        with pytest.raises(refusal):
            run.prepare(builders.small_plan(data, {old: new}), tmp_path / "run")
        assert not (tmp_path / "run" / "record.json").exists()

    def test_a_file_of_zones_without_any_is_refused(self, tmp_path):
        path = tmp_path / "towns.geojson"
        path.write_text(json.dumps(builders.towns() | {"features": []}), "utf-8")
        with pytest.raises(zones.NoZones):
            zones.read(path, level="town", code_field="code")

    def test_land_cover_between_two_codes_is_refused(self, data, tmp_path):
        builders.save(data / "halves.tif", np.full((builders.ROWS, builders.COLUMNS), 4.5, "float32"), nodata=255)
        with pytest.raises(refusals.CodesMissing, match=r"missing codes: 4\.5"):
            run.prepare(builders.small_plan(data, {"landcover.tif": "halves.tif"}), tmp_path / "run")

    def test_another_encoding_than_a_format_allows_is_refused(self, data, tmp_path):
        asked = builders.small_plan(data, {'code = "code"': 'code = "code"\nencoding = "klingon"'})
        with pytest.raises(zonefile.ZonesAlwaysUtf8, match="klingon"):
            run.prepare(asked, tmp_path / "run")

    @pytest.mark.parametrize("folder", ["/proc/tanhui", "/tmp/" + "a" * 5000])
    def test_a_folder_nobody_can_make_is_refused(self, data, folder):
        with pytest.raises(refusals.CannotWrite) as met:
            run.prepare(builders.small_plan(data), Path(folder))
        assert len(str(met.value)) < 400

    def test_a_folder_that_can_only_be_read_is_refused(self, data, tmp_path, monkeypatch):
        def closed(**_):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        monkeypatch.setattr(forecast.tempfile, "TemporaryFile", closed)  # whoever runs the tests may write anywhere
        with pytest.raises(refusals.CannotWrite, match="can only be read") as met:
            run.prepare(builders.small_plan(data), tmp_path / "run")
        assert "只读" in met.value.say("zh-hans")

    def test_a_file_name_nobody_can_have_is_refused(self, data, tmp_path):
        with pytest.raises(refusals.FileMissing):
            run.prepare(builders.small_plan(data, {NPP: f'path = "{"a" * 5000}.tif"'}), tmp_path / "run")

    def test_a_cluster_that_does_not_answer_is_refused_at_once(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(refusals.SchedulerAway, match=address):
                run.reach(address)
        run.reach("local")

    def test_a_file_in_place_of_the_folder_is_refused(self, data, tmp_path):
        (tmp_path / "run").write_text("a note")
        with pytest.raises(refusals.CannotWrite, match="run"):
            run.prepare(builders.small_plan(data), tmp_path / "run")


class TestARecord:
    def test_that_is_broken_says_so_instead_of_asking_for_what_was_done(self, data, tmp_path):
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "record.json").write_text("{broken")
        for act in (
            lambda: run.prepare(builders.small_plan(data), tmp_path / "run"),
            lambda: run.status(tmp_path / "run"),
        ):
            with pytest.raises(refusals.RecordBroken, match="Delete the folder"):
                act()

    def test_of_another_version_is_refused(self, tmp_path):
        (tmp_path / "record.json").write_text('{"format": 99}')
        with pytest.raises(refusals.RecordOfAnotherVersion, match="99"):
            run.read_record(tmp_path)


class TestStoppedTile:
    def test_says_its_cause_in_the_language_of_the_reader(self):
        full = refusals.CannotWrite(path="nep.tif", problem="No space left on device")
        said = refusals.TileStopped(tile="2022/000-002", problem=full, done=1).say("zh-hans")
        assert "nep.tif 无法写入" in said
        assert "could not" not in said
        assert "。。" not in said
