"""A methodology that somebody else publishes: the tutorial's package, built, installed and run."""

import re
import shlex
import tomllib
from decimal import Decimal

import pytest

from tanhui.cli.main import main
from tanhui.kernel.refusal import Refusal
from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.faults import FaultyInput

from . import tutorial

NAME = "cover_crops/v01"


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    return tutorial.write(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="session")
def installed(source, tmp_path_factory):
    return tutorial.install(source, tmp_path_factory.mktemp("installed"))


@pytest.fixture
def on_the_path(installed, shelved):
    return shelved(installed)


@pytest.fixture
def project(source):
    return tomllib.loads((source / "project.toml").read_text("utf-8"), parse_float=Decimal)


@pytest.fixture
def run(on_the_path, source, project):
    """Run the tutorial's tables with one text of theirs replaced by another."""

    def again(purpose="demonstration", **spoilt):
        inputs = {}
        for name in ("fields", "farms"):
            text = (source / f"{name}.csv").read_text("utf-8")
            for old, new in spoilt.get(name, {}).items():
                assert old in text
                text = text.replace(old, new)
            inputs[name] = tables.parse(text.encode(), file=f"{name}.csv")
        return engine.run(NAME, project=project, inputs=inputs, purpose=purpose)

    return again


def faults_of(call, **spoilt):
    with pytest.raises(FaultyInput) as caught:
        call(**spoilt)
    return {(one.rule, one.file, one.row, one.column, one.value) for one in caught.value.faults}


class TestAThirdPartyPackage:
    def test_stands_on_the_shelf_under_its_publisher(self, on_the_path, capsys):
        assert shelf.load(NAME).publisher == "cover-crops"

        assert main(["method", "list"]) == 0
        assert "绿肥种植（教程）  [cover-crops]" in capsys.readouterr().out

    def test_proves_its_cases(self, on_the_path):
        package = shelf.load(NAME)
        outcomes = [one for case in package.cases() for one in cases.play(package, case)]

        assert len(outcomes) == 3
        assert all(one.holds for one in outcomes)

    def test_runs_and_runs_again(self, run):
        done = run()

        # 731 days, both included; the project's own clover, Sichuan's vetch, the deduction of 2025
        years = 731 / 365.25
        assert done.quantity("field_gain") == [f"{10 * 1.0 * years:.12g}", f"{5 * 0.9 * years:.12g}"]
        assert done.verified_kg == int(14.5 * years * 0.9 * 1000)
        assert engine.rerun(done.bundle()) is None

    def test_records_which_values_held(self, run):
        used = {one["name"]: one["rows"] for one in run().content["parameters"]}

        assert [(row["key"], row["value"], row.get("tier"), row.get("region")) for row in used["soil_gain"]] == [
            ("clover|warm", "0.9", "project", None),
            ("vetch|warm", "1.0", "local", "51"),
        ]
        assert [(row["value"], row["valid_to"]) for row in used["reversal"]] == [("10", "2025-12-31")]

    def test_changes_with_the_day_and_the_region(self, run, project):
        project["period"]["end"] = project["crediting"]["end"]
        project["region"] = "330100"
        used = {one["name"]: one["rows"] for one in run().content["parameters"]}

        assert [row["value"] for row in used["soil_gain"]] == ["0.9", "1.2"]
        assert [row["value"] for row in used["reversal"]] == ["12"]

    def test_names_what_was_left_to_it(self, run):
        assert run().content["evidence"]["defaults"] == [
            {"name": "baseline", "value": "0", "unit": "tCO2e", "source": "made up for the tutorial", "grade": "D"}
        ]

    @pytest.mark.parametrize(
        ("table", "old", "new", "fault"),
        [
            ("fields", "clover", "lucerne", ("unknown_value", "fields.csv", 3, "crop", "lucerne")),
            ("fields", ",10,", ",0,", ("out_of_bounds", "fields.csv", 2, "area", "0")),
            ("fields", ",10,", ",-3,", ("out_of_bounds", "fields.csv", 2, "area", "-3")),
            ("fields", ",10,", ",5000,", ("out_of_bounds", "fields.csv", 2, "area", "5000")),
            ("fields", "south", "north", ("duplicated_row", "fields.csv", 3, "field", "north")),
            ("fields", "south", "", ("empty_cell", "fields.csv", 3, "field", "")),
            ("fields", "2024-09-25", "25.9.2024", ("bad_date", "fields.csv", 3, "sown", "25.9.2024")),
            ("fields", "2024-09-25", "2044-09-25", ("outside_crediting_period", "fields.csv", 3, "sown", "2044-09-25")),
            ("fields", "south,old mill", "south,no mill", ("unknown_reference", "fields.csv", 3, "farm", "no mill")),
            ("fields", "播种日期", "绿肥", ("duplicated_column", "fields.csv", 1, "绿肥", "绿肥")),
            ("fields", "播种日期", "日期", ("missing_column", "fields.csv", 0, "sown", "")),
            ("farms", "warm", "cold", ("no_parameter_value", "fields.csv", 3, "crop", "clover")),
        ],
    )
    def test_refuses_bad_input_by_its_place(self, run, table, old, new, fault):
        assert fault in faults_of(run, **{table: {old: new}})

    @pytest.mark.parametrize(
        ("change", "rule", "place"),
        [
            (lambda project: project["units"].update(area="mu"), "unit_confused", "area"),
            (lambda project: project["units"].clear(), "unit_not_declared", "area"),
            (lambda project: project.pop("period"), "missing_fact", "period.end"),
            (lambda project: project["own"][0].update(value=9), "out_of_bounds", "own.1"),
            (lambda project: project["own"][0].update(unit="tC/(ha·a)"), "unit_not_accepted", "own.1"),
            (lambda project: project["own"][0].update(parameter="reversal"), "not_own", "own.1"),
            (lambda project: project["own"][0].update(parameter="luck"), "unknown_parameter", "own.1"),
            (lambda project: project["own"][0].pop("source"), "missing_fact", "own.1"),
            (lambda project: project["crediting"].update(end="2060-12-31"), "crediting_too_long", "crediting.end"),
            (lambda project: project.update(绿肥="苜蓿"), "not_ascii", "绿肥"),
        ],
    )
    def test_refuses_a_project_file_that_is_wrong(self, run, project, change, rule, place):
        change(project)

        assert (rule, place) in {(one[0], one[3]) for one in faults_of(run)}

    def test_needs_every_table_and_no_other(self, on_the_path, project):
        odd = tables.parse(b"a\n1\n", file="odd.csv")
        with pytest.raises(FaultyInput) as caught:
            engine.run(NAME, project=project, inputs={"odd": odd}, purpose="demonstration")

        assert {(one.rule, one.file) for one in caught.value.faults} >= {
            ("missing_table", "fields"), ("missing_table", "farms"), ("unknown_table", "odd.csv"),
        }  # fmt: skip


class TestItsOwnRefusal:
    def test_speaks_both_languages(self, broken):
        own = """

from tanhui.kernel.refusal import Refusal


class TooLarge(Refusal):
    code = "crops.too_large"
    sentence = "%(area)s ha are too many. Leave some out."
    sentence_zh = "%(area)s 公顷超出限值。请减少地块。"
    clause = "§3"


@formula(symbol="A", unit="ha", over="farm", equation="eq 0", en="Area", zh="面积")
def farm_area(area):
    if area.sum() > 12:
        raise TooLarge(area=f"{area.sum():g}")
    return area
"""
        text = tutorial.files()["formulas.py"]
        broken({"formulas.py": text.replace("\n\n@formula", f"{own}\n\n@formula", 1)})
        case = next(iter(shelf.load("broken_crops/v01").cases()))

        with pytest.raises(Refusal) as caught:
            cases.play(shelf.load("broken_crops/v01"), case)

        assert caught.value.say("en") == "15 ha are too many. Leave some out."
        assert caught.value.say("zh-hans") == "15 公顷超出限值。请减少地块。"


class TestTheTutorial:
    def test_types_commands_that_do_what_it_says(self, on_the_path, source, monkeypatch, capsys):
        monkeypatch.chdir(source)
        typed = re.findall(r"^\$ tanhui (.+)$", tutorial.PAGE.read_text("utf-8"), re.MULTILINE)

        assert [main(shlex.split(line)) for line in typed] == [0, 0, 0]

        said = capsys.readouterr().out
        assert "共 1 个方法学、1 个算例；其中 0 个方法学存在问题。" in said
        assert f"{int(14.5 * 731 / 365.25 * 0.9 * 1000)} 千克" in said
        assert said.splitlines()[-1].startswith("复算一致：26 吨（26117 千克）")

    def test_shows_every_kind_of_file(self):
        assert set(tutorial.files()) >= {
            "package.toml", "inputs.toml", "inputs.py", "formulas.py", "predicates.py", "monitoring.toml", "CHANGES.md",
        }  # fmt: skip


class TestABrokenPackage:
    @pytest.mark.parametrize(
        ("path", "old", "new", "says"),
        [
            ("formulas.py", "import numpy", "import nonsense_numpy", "ModuleNotFoundError"),
            ("formulas.py", "@formula(", "@formula(colour=1, ", "TypeError"),
            ("formulas.py", "import numpy as np", "raise SystemExit", "SystemExit"),
            ("formulas.py", 'over="project"', 'over="farm"', "not the result of the whole project"),
            ("package.toml", 'kind = "credit"', 'kind = "magic"', "kind is magic"),
            ("package.toml", "authority = ", "authorship = ", "package.toml must say authority"),
            ("package.toml", 'version = "v01"', 'version = "v02"', "it calls itself broken_crops/v02"),
            ("package.toml", "[rounding]", "[rounding", "TOMLDecodeError"),
            ("parameters/reversal.toml", 'unit = "%"', "", "unit"),
            ("parameters/reversal.toml", 'evidence = "D"', 'evidence = "great"', "not an evidence grade"),
            ("parameters/reversal.toml", 'source = "made up for the tutorial"', 'source = ""', "no source"),
            ("parameters/reversal.toml", "review_by = 2027-06-30", "", "review_by"),
            ("parameters/reversal.toml", "valid_to = 2025-12-31", "valid_to = 2026-12-31", "twice for the same time"),
            ("parameters/soil_gain.toml", 'zone = "warm"', 'zona = "warm"', "zone"),
            ("inputs.toml", 'unit = "ha", ', "", "column area has no unit"),
        ],
    )
    def test_is_refused_with_what_is_wrong(self, broken, path, old, new, says):
        text = tutorial.files()[path]
        assert old in text
        broken({path: text.replace(old, new)})

        with pytest.raises(shelf.BrokenPackage) as caught:
            shelf.load("broken_crops/v01")
        assert says in caught.value.facts["problem"]

    def test_is_one_that_two_publish(self, broken, tmp_path):
        broken({})
        other = tmp_path / "other_crops-1.dist-info"
        other.mkdir()
        (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other-crops\nVersion: 1\n")
        (other / "entry_points.txt").write_text("[tanhui.methods]\nbroken_crops.v01 = other_crops.v01\n")

        with pytest.raises(shelf.BrokenPackage, match="broken-crops, other-crops, is not usable: it is published more"):
            shelf.load("broken_crops/v01")

    def test_is_listed_with_its_fault_and_leaves_the_shelf_standing(self, broken, capsys):
        broken({"formulas.py": "import nonsense"})

        assert main(["method", "list"]) == 0
        listed = capsys.readouterr().out
        assert "!! 由 broken-crops 发布的方法学 broken_crops/v01 无法使用" in listed
        assert "ar_cm_001/v01" in listed

    @pytest.mark.parametrize(
        ("path", "old", "new", "says"),
        [
            ("cases/two_fields.toml", "removal = 22.5", "removal = 25", "expects removal = 25 and gives 22.5"),
            ("cases/two_fields.toml", "removal = 22.5", "removed = 25", "expects removed = 25 and gives nan"),
            ("cases/two_fields.toml", 'provenance = "constructed, by hand; not evidence"', "", "has no provenance"),
            ("cases/two_fields.toml", '["vetch", "clover"]', '["vetch", "lucerne"]', "has no value for lucerne"),
            ("formulas.py", "area * soil_gain", "area @ soil_gain.no_such", "AttributeError"),
            (
                "parameters/reversal.toml",
                'evidence = "D"\nsource = "made up for the tutorial"',
                'evidence = "A"\nsource = "recalled"',
                "graded A and recalled from memory",
            ),
        ],
    )
    def test_does_not_pass_the_check(self, broken, capsys, path, old, new, says):
        text = tutorial.files()[path]
        assert old in text
        broken({path: text.replace(old, new)})

        assert main(["method", "check", "broken_crops/v01", "--lang", "en"]) == 1
        said = capsys.readouterr().out
        assert says in said
        assert "1 methodologies, 1 worked examples; 1 have faults." in said

    def test_passes_it_when_nothing_is_wrong(self, broken, capsys):
        broken({})

        assert main(["method", "check", "broken_crops/v01"]) == 0
        assert "共 1 个方法学、1 个算例；其中 0 个方法学存在问题。" in capsys.readouterr().out

    @pytest.mark.parametrize("kind", ["footprint", "statistical", "co_benefit"])
    def test_never_issues_unless_it_credits(self, broken, kind):
        text = tutorial.files()["package.toml"]
        broken({"package.toml": text.replace('kind = "credit"', f'kind = "{kind}"')})

        with pytest.raises(shelf.NeverIssues, match=f"is of the kind {kind}, and no unit is ever issued on it"):
            engine.run("broken_crops/v01", project={}, inputs={}, purpose="issuance")
