"""What would fool a methodology, on the tutorial's package with a map and a second year of the same fields."""

import csv
import io
import json
import tomllib
from decimal import Decimal

import pytest
import python_calamine

from tanhui.cli.main import main
from tanhui.methods import engine
from tanhui.methods.engine import errorsheet, tables
from tanhui.methods.engine.faults import FaultyInput

from . import tutorial

NAME = "broken_crops/v01"
POINTS = """    { name = "longitude", kind = "number", unit = "°", bounds = [73, 136], coordinate = "longitude" },
    { name = "latitude", kind = "number", unit = "°", bounds = [3, 54], coordinate = "latitude" },
]
"""
LATER = """
[[table]]
name = "later"
label_en = "Fields of the second year"
label_zh = "第二年地块表"
axis = "field"
optional = true
column = [
    { name = "field", kind = "key", quantity = "field_later" },
    { name = "area", kind = "number", unit = "ha", fixed = "fields", quantity = "area_later" },
]
"""
SQUARE = [[["104.0", "30.0"], ["104.2", "30.0"], ["104.2", "30.2"], ["104.0", "30.2"], ["104.0", "30.0"]]]


@pytest.fixture
def project():
    project = tomllib.loads(tutorial.files()["project.toml"], parse_float=Decimal)
    project["units"] |= {"longitude": "°", "latitude": "°"}
    return project


@pytest.fixture
def fields():
    return [
        ["field", "farm", "crop", "area", "sown", "longitude", "latitude"],
        ["north", "old mill", "vetch", "10", "2024-09-20", "104.1", "30.1"],
        ["south", "old mill", "clover", "5", "2024-09-25", "104.15", "30.05"],
    ]


@pytest.fixture
def run(broken, project, fields):
    text = tutorial.files()["inputs.toml"]
    head, rest = text.split("]\n\n[[table]]", 1)
    broken({"inputs.toml": f"{head}{POINTS}\n[[table]]{rest}{LATER}"})

    def again(**more):
        inputs = {
            "fields": _table("fields.csv", fields),
            "farms": _table("farms.csv", [["farm", "zone"], ["old mill", "warm"]]),
        }
        return engine.run(NAME, project=project, inputs=inputs | more, purpose="demonstration")

    return again


def _table(file, rows):
    return tables.parse("\n".join(",".join(row) for row in rows).encode(), file=file)


def faults_of(call, **more):
    with pytest.raises(FaultyInput) as caught:
        call(**more)
    return caught.value.faults


class TestABoundary:
    def test_holds_the_plots_inside(self, run, project):
        project["boundary"] = {"type": "Polygon", "coordinates": SQUARE}

        done = run()

        assert done.verified_kg > 0
        assert engine.rerun(done.bundle()) is None

    @pytest.mark.parametrize(
        "wrapped",
        [
            lambda shape: shape,
            lambda shape: {"type": "Feature", "geometry": shape, "properties": {"名称": "北坡"}, "name": "slope"},
            lambda shape: {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape}]},
            lambda shape: {"type": "MultiPolygon", "coordinates": [shape["coordinates"]]},
        ],
    )
    def test_refuses_the_plot_outside_by_row(self, run, project, fields, wrapped):
        project["boundary"] = wrapped({"type": "Polygon", "coordinates": SQUARE})
        fields[2][5] = "104.25"

        (found,) = faults_of(run)

        assert (found.rule, found.file, found.row, found.column, found.value) == (
            "outside_boundary", "fields.csv", 3, "longitude", "104.25",
        )  # fmt: skip

    def test_sees_swapped_longitude_and_latitude(self, run, fields):
        fields[1][5:] = fields[1][6], fields[1][5]

        assert {(one.rule, one.row, one.column) for one in faults_of(run)} == {
            ("out_of_bounds", 2, "longitude"), ("out_of_bounds", 2, "latitude"),
        }  # fmt: skip

    def test_leaves_out_a_lake_in_its_middle(self, run, project):
        hole = [["104.09", "30.09"], ["104.11", "30.09"], ["104.11", "30.11"], ["104.09", "30.11"], ["104.09", "30.09"]]
        project["boundary"] = {"type": "Polygon", "coordinates": [*SQUARE, hole]}

        assert [(one.rule, one.row) for one in faults_of(run)] == [("outside_boundary", 2)]

    @pytest.mark.parametrize(
        "shape",
        [
            7,
            [],
            {},
            {"type": "Point", "coordinates": ["104", "30"]},
            {"type": "Polygon", "coordinates": []},
            {"type": "Polygon", "coordinates": [[["104", "30"]]]},
            {"type": "Polygon", "coordinates": [SQUARE[0][:-1]]},
            {"type": "Polygon", "coordinates": [[["a", "b"]] * 5]},
            {
                "type": "Polygon",
                "coordinates": [[["500000", "3300000"], ["5", "3"], ["5", "4"], ["500000", "3300000"]]],
            },
            {"type": "FeatureCollection", "features": []},
            {"type": "Feature", "geometry": None},
        ],
    )
    def test_is_a_polygon_in_degrees(self, run, project, shape):
        project["boundary"] = shape

        (found,) = faults_of(run)

        assert (found.rule, found.column) == ("bad_boundary", "boundary")

    def test_comes_as_a_file(self, run, project, fields, tmp_path, capsys):
        fields[1][5] = "103"
        (tmp_path / "fields.csv").write_text("\n".join(",".join(row) for row in fields), "utf-8")
        units = '[units]\nlongitude = "°"\nlatitude = "°"'
        text = tutorial.files()["project.toml"].replace("[units]", units)
        (tmp_path / "project.toml").write_text(text, "utf-8")
        map_file = tmp_path / "map.geojson"
        map_file.write_text(
            json.dumps({"type": "Polygon", "coordinates": [[[float(x), float(y)] for x, y in SQUARE[0]]]}), "utf-8"
        )
        sheet = tmp_path / "faults.xlsx"
        words = [f"--table=fields={tmp_path / 'fields.csv'}", f"--table=farms={tmp_path / 'farms.csv'}"]
        words += ["--project", str(tmp_path / "project.toml"), "--boundary", str(map_file), "--errors", str(sheet)]

        assert main(["method", "run", NAME, *words, "--purpose", "demonstration"]) == 1

        (head, row) = python_calamine.load_workbook(sheet).get_sheet_by_index(0).to_python()
        assert head[:4] == ["文件", "行", "列", "取值"]
        assert row[:5] == ["fields.csv", 2, "longitude", "103", "outside_boundary"]
        assert "位于项目边界 boundary 之外" in row[5]


class TestLand:
    def test_does_not_grow_between_two_tables(self, run):
        later = _table("later.csv", [["field", "area"], ["south", "5.0"], ["north", "12"]])

        (found,) = faults_of(run, later=later)

        assert (found.rule, found.file, found.row, found.value) == ("fixed_changed", "later.csv", 3, "12")
        assert "in fields.csv this was 10 ha" in found.say()

    def test_may_be_the_same(self, run):
        later = _table("later.csv", [["field", "area"], ["south", "5.0"], ["north", "10"]])

        assert run(later=later).verified_kg > 0

    def test_has_the_same_fields_in_both(self, run):
        later = _table("later.csv", [["field", "area"], ["north", "10"], ["west", "3"]])

        assert {(one.rule, one.file, one.value) for one in faults_of(run, later=later)} == {
            ("unmatched_row", "later.csv", "west"), ("unmatched_row", "fields.csv", "south"),
        }  # fmt: skip


class TestDays:
    def run(self, broken, project, changed, old="2024-09-25", new="2024-09-25"):
        broken(changed)
        files = tutorial.files()
        inputs = {
            "fields": tables.parse(files["fields.csv"].replace(old, new).encode(), file="fields.csv"),
            "farms": tables.parse(files["farms.csv"].encode(), file="farms.csv"),
        }
        return engine.run(NAME, project=project, inputs=inputs, purpose="demonstration")

    def test_lie_in_the_monitoring_period_where_the_column_says_so(self, broken, project):
        text = tutorial.files()["inputs.toml"].replace('kind = "date"', 'kind = "date", within = "period"')

        (found,) = faults_of(self.run, broken=broken, project=project, changed={"inputs.toml": text}, new="2026-01-01")

        assert (found.rule, found.row, found.value) == ("outside_period", 3, "2026-01-01")
        assert found.say() == "the date lies outside the monitoring period 2024-01-01 to 2025-12-31"

    def test_lie_in_the_time_of_the_methodology(self, broken, project):
        text = tutorial.files()["package.toml"]
        dated = text.replace("valid_from = 2024-01-01", "valid_from = 2020-01-01\nvalid_to = 2023-12-31")

        (found,) = faults_of(self.run, broken=broken, project=project, changed={"package.toml": dated})

        assert (found.rule, found.column, found.value) == ("outside_validity", "crediting.start", "2024-01-01")
        assert "valid from 2020-01-01 to 2023-12-31" in found.say()

    def test_are_credited_as_long_as_the_methodology_allows(self, broken, project):
        project["crediting"] = {"start": "2024-01-01", "end": "2043-12-31"}  # twenty years

        assert self.run(broken, project, {}).tonnes

    def test_are_credited_no_longer(self, broken, project):
        project["crediting"] = {"start": "2024-01-01", "end": "2044-01-03"}  # a day beside the leap years

        (found,) = faults_of(self.run, broken=broken, project=project, changed={})
        assert (found.rule, found.column, found.value) == ("crediting_too_long", "crediting.end", "2044-01-03")


class TestAThousandFaults:
    def test_fill_one_sheet_in_which_nothing_is_a_formula(self, run, fields, tmp_path):
        fields[1:] = [[f"={n}+1", "old mill", "vetch", "-1", "2024-09-20", "104", "30"] for n in range(1000)]
        fields.append(["@cmd", "no mill", "=cmd|'/c calc'!A1", "x", "2044", "x", "30"])
        with pytest.raises(FaultyInput) as caught:
            run()

        rows = list(csv.DictReader(io.StringIO(errorsheet.text(caught.value))))
        assert len(rows) == len(caught.value.faults) == 1000 + 5
        assert rows[0]["value"] == "'-1"
        assert rows[-1]["value"] in {"'=cmd|'/c calc'!A1", "no mill", "2044", "x"}
        assert not any(cell.startswith(("=", "@", "+", "-")) for row in rows for cell in row.values())
        assert all(row["clause"] == "Tutorial, not a methodology" for row in rows)

        errorsheet.write(caught.value, tmp_path / "faults.xlsx", "zh-hans")
        book = python_calamine.load_workbook(tmp_path / "faults.xlsx").get_sheet_by_index(0).to_python()
        assert len(book) == 1006
        assert {type(cell) for row in book[1:] for cell in (row[0], *row[2:])} == {str}
        assert "=cmd|'/c calc'!A1" in {row[3] for row in book}
