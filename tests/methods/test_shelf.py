import datetime as dt

import pytest

from tanhui.methods.engine import cases, evidence, parameter, shelf
from tanhui.methods.engine.parameter import BrokenParameter, NoSuchValue

PACKAGES, BROKEN = shelf.survey()
PARAMETERS = [
    pytest.param(one, id=f"{package.name}:{one.name}") for package in PACKAGES for one in package.parameters.values()
]
CASES = [
    pytest.param(package, case, id=f"{package.name}:{case['name']}") for package in PACKAGES for case in package.cases()
]
GOOD = """
label_en = "x"
label_zh = "某"
symbol = "x"
unit = "t"
bounds = [0, 1]
value = 0.5
evidence = "P"
source = "a paper, table 1"
review_by = 2030-01-01
"""


class TestEveryParameter:
    @pytest.mark.parametrize("one", PARAMETERS)
    def test_says_its_unit_source_grade_and_review_date(self, one):
        assert one.unit
        assert one.label_en
        assert one.label_zh
        assert one.rows
        for row in one.rows:
            assert row.grade in evidence.GRADES
            assert row.source.strip()
            assert isinstance(row.review_by, dt.date)

    @pytest.mark.parametrize("one", PARAMETERS)
    def test_is_not_better_than_its_source(self, one):
        for row in one.rows:
            assert row.grade == "D" or "recalled" not in row.source


class TestEveryCase:
    @pytest.mark.parametrize(("package", "case"), CASES)
    def test_comes_out_as_expected(self, package, case):
        outcomes = cases.play(package, case)

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []

    @pytest.mark.parametrize(("package", "case"), CASES)
    def test_says_where_its_numbers_come_from(self, package, case):
        assert case["provenance"]

    def test_fails_when_a_number_is_wrong(self, package):
        case = next(one for one in package.cases() if one["name"] == "c1_chinese_fir")
        wrong = case | {"expected": {"removal": 4826.6}}

        assert not cases.play(package, wrong)[0].holds


class TestParameterFile:
    def read(self, tmp_path, text):
        (tmp_path / "x.toml").write_text(text, "utf-8")
        return parameter.read(tmp_path / "x.toml")

    def test_is_read(self, tmp_path):
        assert self.read(tmp_path, GOOD).number() == 0.5

    @pytest.mark.parametrize("missing", ["unit", "source", "evidence", "review_by", "label_zh", "value"])
    def test_is_refused_without_what_every_value_needs(self, tmp_path, missing):
        text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(missing))

        with pytest.raises(BrokenParameter, match=missing):
            self.read(tmp_path, text)

    @pytest.mark.parametrize("spoilt", ['evidence = "Q"', "value = 2", 'source = " "', 'review_by = "soon"'])
    def test_is_refused_when_a_value_makes_no_sense(self, tmp_path, spoilt):
        key = spoilt.split(" ")[0]
        text = "\n".join(spoilt if line.startswith(f"{key} ") else line for line in GOOD.splitlines())

        with pytest.raises(BrokenParameter):
            self.read(tmp_path, text)

    def test_names_the_keys_it_knows_when_asked_for_another(self, package):
        with pytest.raises(NoSuchValue, match=r"wood_density has no value for 银杏. Known are: 冷杉"):
            package.parameters["wood_density"].column(["杉木", "银杏"])


class TestTheShelf:
    def test_holds_no_broken_package(self):
        assert [str(one) for one in BROKEN] == []


class TestPackage:
    def test_is_not_found_under_another_name(self):
        with pytest.raises(shelf.NoSuchPackage, match="ar_cm_001/v01"):
            shelf.load("ar_cm_999/v01")

    @pytest.mark.parametrize("name", ["../../etc/passwd", "ar_cm_001", "ar_cm_001/../v01", ""])
    def test_is_not_found_outside_the_shelf(self, name):
        with pytest.raises(shelf.NoSuchPackage):
            shelf.load(name)

    def test_changes_its_hash_with_any_byte(self, tmp_path):
        (tmp_path / "parameters").mkdir()
        (tmp_path / "parameters/x.toml").write_text("value = 1")
        (tmp_path / "CHANGES.md").write_text("# Changes")
        before = shelf.digest(tmp_path)
        (tmp_path / "parameters/x.toml").write_text("value = 2")

        assert shelf.digest(tmp_path) != before

    def test_keeps_its_hash_when_python_compiles_it(self, tmp_path):
        (tmp_path / "formulas.py").write_text("x = 1\n")
        before = shelf.digest(tmp_path)
        (tmp_path / "__pycache__").mkdir()
        (tmp_path / "__pycache__/formulas.cpython-311.pyc").write_bytes(b"compiled")

        assert shelf.digest(tmp_path) == before
