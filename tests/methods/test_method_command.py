import argparse
import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tanhui.cli import method
from tanhui.kernel import language
from tanhui.methods import demonstration, engine
from tanhui.methods.demonstration import generated
from tanhui.methods.engine import explanation, shelf

from .test_every_package import project_of, tables_of

PROJECT = str(Path(demonstration.__path__[0]) / "project.toml")


@pytest.fixture
def chinese(tmp_path, monkeypatch):
    """The room's own catalogue, compiled as an installation does."""
    folder = tmp_path / "methods/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    source = language.ROOMS / "methods/locale/zh_Hans/LC_MESSAGES/django.po"
    polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(folder / "django.mo"))
    monkeypatch.setattr(language, "ROOMS", tmp_path)
    language.catalogues.cache_clear()
    yield
    language.catalogues.cache_clear()


@pytest.fixture
def files(tmp_path):
    """The generated tables as files, by option."""
    options = {"first": "--first", "second": "--second", "trees_first": "--trees1", "trees_second": "--trees2"}
    arguments = ["--project", PROJECT]
    for name, table in generated.surveys().items():
        path = tmp_path / f"{name}.csv"
        rows = [list(table.columns), *zip(*table.columns.values(), strict=True)]
        path.write_text("\n".join(",".join(row) for row in rows), "utf-8")
        arguments += [options[name], str(path)]
    return arguments


def tanhui(*words):
    parser = argparse.ArgumentParser()
    method.add(parser.add_subparsers(required=True))
    args = parser.parse_args(["method", *words])
    return args.run(args)


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "bundle.json"
    path.write_bytes(demonstration.forest_run(None).bundle())
    return path


class TestRun:
    def test_writes_a_bundle_that_reruns(self, files, tmp_path, capsys):
        out = tmp_path / "out.json"
        done = tanhui("run", "ar_cm_001/v01", *files, "--purpose", "demonstration", "--out", str(out), "--lang", "en")

        assert done == 0
        assert "t, residual" in capsys.readouterr().out
        assert tanhui("rerun", str(out), "--lang", "en") == 0
        assert capsys.readouterr().out.startswith("Reproduced: ")

    def test_prints_the_faults_and_writes_the_whole_sheet(self, files, tmp_path, capsys):
        text = (tmp_path / "first.csv").read_text().replace(",530,", ",999,")
        (tmp_path / "first.csv").write_text(text)
        sheet = tmp_path / "faults.csv"
        words = ["--purpose", "demonstration", "--errors", str(sheet), "--lang", "en"]
        done = tanhui("run", "ar_cm_001/v01", *files, *words)
        said = capsys.readouterr()

        assert done == 1
        assert "[methods.faulty_input]" in said.err
        assert "species_group has no such code" in said.out
        assert len(list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines()))) == 3

    def test_refuses_an_issuance_on_weak_evidence(self, files, capsys):
        done = tanhui("run", "ar_cm_001/v01", *files, "--purpose", "demonstration", "--floor", "A", "--lang", "en")

        assert done == 1
        assert "needs evidence A or better" in capsys.readouterr().err

    def test_speaks_json(self, files, capsys):
        done = tanhui("run", "ar_cm_001/v01", *files, "--purpose", "demonstration", "--json")
        said = json.loads(capsys.readouterr().out)

        assert done == 0
        assert said["result"]["kg"] == 1000 * said["result"]["tonnes"] + said["result"]["residual_kg"]

    def test_says_which_file_it_cannot_read(self, files, capsys):
        done = tanhui("run", "ar_cm_001/v01", *files[2:], "--project", "nowhere.toml", "--lang", "en")

        assert done == 2
        assert "nowhere.toml cannot be read (No such file or directory)" in capsys.readouterr().err


class TestRerun:
    def test_ends_with_one_and_the_first_difference(self, bundle, capsys):
        content = json.loads(bundle.read_bytes())
        content["result"]["kg"] += 1
        bundle.write_text(json.dumps(content))

        assert tanhui("rerun", str(bundle), "--lang", "en") == 1
        assert "First difference: result.kg" in capsys.readouterr().out

    def test_refuses_what_is_no_bundle(self, tmp_path, capsys):
        (tmp_path / "x.json").write_text("{}")

        assert tanhui("rerun", str(tmp_path / "x.json"), "--json") == 2
        assert json.loads(capsys.readouterr().out)["code"] == "methods.not_a_bundle"


class TestListAndShow:
    def test_name_every_package(self, capsys):
        assert tanhui("list", "--lang", "en") == 0
        assert "ar_cm_001/v01" in capsys.readouterr().out

    def test_show_parameters_formulas_and_cases(self, capsys):
        assert tanhui("show", "ar_cm_001/v01", "--lang", "en") == 0
        said = capsys.readouterr().out

        assert "Basic wood density" in said
        assert "F4a: B = V·D·BEF·(1+R)" in said
        assert "ok c1_chinese_fir removal: 4826.5662" in said
        assert "!!" not in said

    def test_give_the_same_as_json(self, capsys):
        assert tanhui("show", "ar_cm_001/v01", "--json") == 0
        said = json.loads(capsys.readouterr().out)

        assert {row["evidence"] for one in said["parameters"] for row in one["rows"]} == {"D"}
        assert said["monitoring"][0]["symbol"] == "A_i"
        assert all(one["holds"] for one in said["cases"])

    def test_count_what_is_no_carbon_in_its_own_unit(self, tmp_path, capsys):
        package = shelf.load("ar_tool_03/v2_1")
        dice = random.Random(0)
        run = engine.run(
            package, project=project_of(package, dice), inputs=tables_of(package, dice), purpose="demonstration"
        )
        (tmp_path / "bundle.json").write_bytes(run.bundle())

        assert tanhui("rerun", str(tmp_path / "bundle.json"), "--lang", "en") == 0
        assert capsys.readouterr().out == f"Reproduced: {run.amount} plots, trace {run.trace_sha256}.\n"

    def test_list_as_json(self, capsys):
        assert tanhui("list", "--json") == 0
        assert json.loads(capsys.readouterr().out)[0]["metadata"]["source_document"]

    def test_refuse_an_unknown_package(self, capsys):
        assert tanhui("show", "nothing/v1", "--lang", "en") == 1
        assert "There is no methodology nothing/v1" in capsys.readouterr().err


class TestExplain:
    def test_writes_the_chain_in_chinese(self, chinese, bundle, capsys):
        assert tanhui("explain", str(bundle)) == 0
        said = capsys.readouterr().out

        assert said.startswith("# 生成数据")
        assert "输入数据由程序生成，并非实测。" in said
        assert "## 公式链" in said
        assert "%(" not in said
        assert "%%" not in said

    def test_writes_the_chain_in_english(self, bundle, capsys):
        assert tanhui("explain", str(bundle), "--lang", "en") == 0
        said = capsys.readouterr().out

        assert "**B_1** Tree biomass per hectare, first survey (t d.m./ha). F4a: B = V·D·BEF·(1+R)" in said
        assert "## Strata" in said
        assert "outside a demonstration nothing may be issued on it" in said

    def test_shows_every_step_of_the_published_surveys(self, forest):
        done = demonstration.forest_run(forest)
        said = explanation.explain(done.bundle(), "en")

        for step in done.content["trace"]:
            assert step["equation"] in said
        assert all(explanation.note(one, "en") in said for one in done.notes)


class TestRefusals:
    def test_are_whole_sentences_in_chinese(self, chinese, run, sheets):
        sheets["trees_first"].append(["900999999", "1", "410"])

        with pytest.raises(Exception, match="faults") as caught:
            run()

        assert caught.value.say("zh-hans").startswith("输入有 1 处问题，未作任何计算。")
        assert caught.value.faults[0].say("zh-hans").startswith("本次调查的样地表没有该样地")


class TestAPlainInstallation:
    """One without the extras: a module that is ``None`` cannot be imported."""

    @pytest.mark.parametrize(
        ("words", "lacking", "extra"),
        [
            (["explain", "{bundle}", "--pdf", "{out}"], "typst", "server"),
            (["explain", "{bundle}", "--pdf", "{out}"], "fontTools", "server"),
            (["list"], "numpy", "methods"),
            (["rerun", "{bundle}"], "numpy", "methods"),
            (["run", "ar_cm_001/v01", "--first", "{sheet}", "--project", PROJECT], "python_calamine", "server"),
        ],
    )
    def test_says_what_to_install(self, bundle, tmp_path, words, lacking, extra):
        (tmp_path / "plots.xlsx").write_bytes(b"PK\x03\x04")
        places = {"bundle": bundle, "out": tmp_path / "run.pdf", "sheet": tmp_path / "plots.xlsx"}
        program = f"import sys; sys.modules[{lacking!r}] = None; from tanhui.cli.main import main; sys.exit(main())"
        asked = [word.format(**places) for word in words]
        done = subprocess.run(
            [sys.executable, "-c", program, "method", *asked, "--lang", "en"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"Refused: This needs {lacking}, which is not installed here. Install it with: "
            f"pip install 'tanhui[{extra}]' [methods.part_missing] ARCHITECTURE.md §2\n"
        )
        assert not places["out"].exists()

    def test_still_fails_aloud_where_its_own_module_is_gone(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "tanhui.methods.engine.shelf", None)
        monkeypatch.delattr(engine, "shelf")

        with pytest.raises(ModuleNotFoundError, match="shelf"):
            tanhui("list")
