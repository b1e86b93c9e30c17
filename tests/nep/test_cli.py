"""``tanhui nep`` as people type it, and the tutorial's commands as they stand there."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from nep import builders
from tanhui.cli import main
from tanhui.nep import run

PAGE = Path(__file__).resolve().parents[2] / "docs/tutorials/nep.md"
DEMONSTRATION = Path(run.__file__).with_name("demonstration")


def tanhui(*words):
    return main.main(["--lang", "en", *map(str, words)])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the tutorial's plan and data."""
    builders.small_data(tmp_path)
    name, text = re.search(r"^`(\w+\.toml)`\n\n```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S).groups()
    (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTutorial:
    def test_runs_as_it_stands(self, place, shared, capsys):
        for name in ("fluxval/fluxval_monthly.csv", "fluxval/fluxval_sites.csv", "srdb/srdb_rh_npp_nep.csv"):
            (place / Path(name).name).write_bytes((shared / "data/nep" / name).read_bytes())
        commands = re.findall(r"^\$ tanhui (nep (?!run --demo).*)$", PAGE.read_text("utf-8"), re.M)
        assert len(commands) == 8
        for command in commands:
            assert tanhui(*shlex.split(command)) == 0, (command, capsys.readouterr())
        said = capsys.readouterr().out
        assert "1 of 1 tiles are computed" in said
        assert "90 % interval" in said
        archive = {path.name for path in (place / "shangyu-2023/archive").iterdir()}
        assert {"report.pdf", "bulletin.pdf", "index.html"} <= archive
        assert "| forest |" in said
        listed = json.loads((place / "shangyu-2023/archive/stac/collection.json").read_text("utf-8"))
        assert "report" in json.dumps(listed["assets"])
        assert run.status(place / "shangyu-2023").finished
        by_rate = run.read_record(place / "shangyu-by-rate")["way"]
        assert (by_rate["method"], by_rate["norm"]) == ("rate", "public")


class TestCommand:
    def test_says_what_a_run_takes_and_does_nothing(self, place, capsys):
        assert tanhui("nep", "run", "shangyu.toml", "--dry-run", "--json") == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["tiles"], said["cells"]) == (1, 2400)
        assert not (place / "shangyu-run").exists()

    def test_takes_a_method_norm_and_table_of_its_own(self, place, capsys):
        table = place / "own.csv"
        head = "norm,quantity,version,unit,type,region,value,beta,source,grade\n"
        table.write_text(head + "GB/T 46869-2025,rate,2026-01,tC ha-1 a-1,forest,,1.5,,自行录入,A\n", "gb18030")
        words = ("--method", "rate", "--norm", "GB/T 46869-2025", "--tables", "own.csv", "--table", "2026-01")
        assert tanhui("nep", "run", "shangyu.toml", *words, "--bare", "--workers", "1") == 0
        told = run.read_record(place / "shangyu-rate-run")["way"]
        assert (told["version"], told["rows"]["forest"]["source"]) == ("2026-01", "自行录入")
        assert tanhui("nep", "run", "shangyu.toml", *words[:-1], "2027-01", "--dry-run") == 1
        assert "nep.table_not_loaded" in capsys.readouterr().err

    def test_says_how_far_a_stopped_run_is(self, place, capsys):
        from tanhui.nep import plan

        run.prepare(plan.read(place / "shangyu.toml"), place / "half")
        assert tanhui("nep", "status", "half") == 1
        assert "0 of 1 tiles" in capsys.readouterr().out
        assert tanhui("nep", "resume", "half", "--bare", "--workers", "1", "--json") == 0
        assert json.loads(capsys.readouterr().out)["finished"] is True

    def test_says_where_it_is_without_a_terminal(self, place, capsys):
        assert tanhui("nep", "run", "shangyu.toml", "--workers", "1", "--bare") == 0
        assert capsys.readouterr().err.split("\n")[:3] == ["Burning zones", "Aligning inputs", "Computing tiles"]

    def test_wants_a_whole_number_of_workers(self, place, capsys):
        with pytest.raises(SystemExit):
            tanhui("nep", "run", "shangyu.toml", "--workers", "0")
        assert "a whole number from 1 on" in capsys.readouterr().err

    def test_compares_with_what_a_norm_admits_alone(self, place, capsys):
        words = ("nep", "compare", "run", "--method", "rate", "--norm", "GB/T 46869-2025")
        assert tanhui(*words) == 1
        assert "nep.table_not_loaded" in capsys.readouterr().err

    def test_refuses_in_words_with_the_place(self, place, capsys):
        cover = builders.cover()
        cover[0, 0] = 99
        builders.save(place / "landcover.tif", cover, nodata=255)
        assert tanhui("nep", "run", "shangyu.toml", "--workers", "1") == 1
        said = capsys.readouterr().err
        assert "missing codes: 99" in said
        assert "nep.codes_missing" in said

    def test_refuses_a_folder_that_holds_no_run(self, tmp_path, capsys):
        assert tanhui("nep", "status", tmp_path) == 1
        assert "nep.not_a_run" in capsys.readouterr().err

    def test_asks_for_a_plan(self, capsys):
        assert tanhui("nep", "run") == 1
        assert "Name a plan" in capsys.readouterr().err


class TestDemonstration:
    def test_of_the_southeast_runs_on_the_public_data(self, tmp_path, shared, capsys):
        """The one command: atlas, report, statistics and a public page whose every link leads to a file."""
        words = ("--demo", shared / "data/nep", "--which", "us-southeast", "--folder", tmp_path / "run")
        assert tanhui("nep", "run", *words, "--workers", "1") == 0
        record = run.read_record(tmp_path / "run")
        assert "miami" in [one["code"] for one in record["remarks"]]
        rows = run.totals(tmp_path / "run")[1999]["area"]
        land = next(row for row in rows if row.type == 1)
        assert 500 < land.npp / land.valid_m2 < 1300
        assert 0.5 < land.valid / land.cells < 0.9  # the rest is sea
        archive = tmp_path / "run" / "archive"
        wanted = ("atlas/atlas.pdf", "report.pdf", "bulletin.pdf", "statistics.xlsx", "statistics.csv", "index.html")
        assert all((archive / name).is_file() for name in wanted)
        said = (archive / "index.html").read_text("utf-8")
        links = re.findall(r'(?:href|src)="([^"#]+)"', said)
        assert len(links) > 15
        assert all((archive / link).is_file() for link in links)
        assert not re.search(r"https?://|<script|style=|\son\w+=", said)

    def test_of_assaba_says_what_it_declares(self, shared):
        from tanhui.nep import plan

        asked = plan.read(DEMONSTRATION / "assaba.toml", shared / "data/nep")
        takes = run.estimate(asked)
        assert (takes.years, takes.tiles) == (9, 36)
        told = dict(run.recording.remarks(asked))
        assert told["declared"]["layer"] == "temperature"
        assert told["split"] == {"layer": "precipitation", "grade": "D"}
        record = {"notes": [], "remarks": [{"code": code, "facts": facts} for code, facts in told.items()]}
        chinese, english = run.recording.notes(record), run.recording.notes(record, "en")
        assert any("按申报的各月比例分配" in one for one in chinese)
        assert not any(re.search("[a-z]{4,} [a-z]{2,}", one) for one in chinese)
        assert any("split by declared monthly shares" in one for one in english)
        assert np.isclose(sum(asked.layers["precipitation"].shares), 1)
