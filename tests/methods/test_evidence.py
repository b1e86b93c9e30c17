"""What a number may rest on, by what it is for: anything for a demonstration, P for a project, A for an issuance."""

import tomllib
from decimal import Decimal

import pytest

from tanhui.methods import engine
from tanhui.methods.engine import evidence, predicate, tables

from . import agri, tutorial

NAME = "broken_crops/v01"


@pytest.fixture
def run(broken):
    """Run the tutorial's package with its parameters, defaults and own value at the grades given."""

    def again(purpose, *, gain="A", reversal="A", baseline="A", own="A", deviation=(), floor=None):
        files = tutorial.files()
        changed = {
            "parameters/soil_gain.toml": files["parameters/soil_gain.toml"].replace('"D"', f'"{gain}"'),
            "parameters/reversal.toml": files["parameters/reversal.toml"].replace('"D"', f'"{reversal}"'),
            "inputs.toml": files["inputs.toml"].replace('evidence = "D"', f'evidence = "{baseline}"'),
        }
        broken(changed)
        project = tomllib.loads(files["project.toml"], parse_float=Decimal)
        project["own"][0]["evidence"] = own
        project["deviation"] = [{"value": name, "approval": text} for name, text in deviation]
        inputs = {name: tables.parse(files[f"{name}.csv"].encode(), file=f"{name}.csv") for name in ("fields", "farms")}
        return engine.run(NAME, project=project, inputs=inputs, purpose=purpose, floor=floor)

    return again


class TestTheFloor:
    @pytest.mark.parametrize(("purpose", "grade"), [("demonstration", "D"), ("project", "P"), ("issuance", "A")])
    def test_lets_its_grade_pass(self, run, purpose, grade):
        done = run(purpose, gain=grade, reversal=grade, baseline=grade, own=grade)

        assert (done.evidence, done.content["floor"]) == (grade, evidence.FLOORS[purpose])

    @pytest.mark.parametrize(
        ("purpose", "floor", "grade"), [("project", "P", "B"), ("project", "P", "D"), ("issuance", "A", "P")]
    )
    def test_names_every_value_below_it_with_its_source(self, run, purpose, floor, grade):
        with pytest.raises(evidence.BelowEvidenceFloor) as caught:
            run(purpose, gain=grade, reversal=grade, baseline=grade)

        facts = caught.value.facts
        assert (facts["floor"], facts["count"]) == (floor, 3)
        for name in ("soil_gain", "reversal", "baseline"):
            assert f"{name} ({grade}: made up for the tutorial)" in facts["offending"]

    def test_counts_a_project_value_of_its_own(self, run):
        with pytest.raises(evidence.BelowEvidenceFloor) as caught:
            run("issuance", own="P")

        assert caught.value.facts["offending"] == "soil_gain (P: field trial of 2023, table 2)"

    def test_gives_way_to_an_approved_deviation_only_for_its_value(self, run):
        weak = {"gain": "P", "reversal": "B"}
        with pytest.raises(evidence.BelowEvidenceFloor) as caught:
            run("issuance", **weak, deviation=[("soil_gain", "decision 7 of 2026-05-01")])

        assert caught.value.facts["count"] == 1
        assert "reversal" in caught.value.facts["offending"]

    def test_records_the_deviations_it_gave_way_to(self, run):
        deviation = [("soil_gain", "decision 7"), ("reversal", "decision 8"), ("baseline", "decision 9")]
        done = run("issuance", gain="P", reversal="B", deviation=deviation)

        assert done.content["evidence"]["deviations"] == [
            {"name": "reversal", "grade": "B", "approval": "decision 8"},
            {"name": "soil_gain", "grade": "P", "approval": "decision 7"},
        ]
        assert done.evidence == "B"
        assert engine.rerun(done.bundle()) is None

    @pytest.mark.parametrize("approval", ["", None])
    def test_gives_no_way_to_a_deviation_nobody_approved(self, run, approval):
        with pytest.raises(evidence.BelowEvidenceFloor):
            run("issuance", gain="P", deviation=[("soil_gain", approval or "")])

    def test_is_a_grade(self, run):
        with pytest.raises(evidence.UnknownFloor, match="Z is not an evidence grade"):
            run("project", floor="Z")


class TestConditions:
    ANSWERS = tuple({"predicate": name, "clause": "§1", "answer": name} for name in ("pass", "fail", "needs_evidence"))

    @pytest.mark.parametrize(
        ("purpose", "failing"),
        [("demonstration", []), ("project", ["fail"]), ("issuance", ["fail", "needs_evidence"])],
    )
    def test_stop_a_run_by_what_it_is_for(self, purpose, failing):
        if not failing:
            predicate.demand(self.ANSWERS, package="x/v01", purpose=purpose)
            return
        with pytest.raises(predicate.NotApplicable) as caught:
            predicate.demand(self.ANSWERS, package="x/v01", purpose=purpose)
        assert caught.value.facts["failing"] == "; ".join(f"{name} (§1): {name}" for name in failing)

    def test_that_fail_stand_in_the_record_of_a_demonstration(self):
        farm = agri.rice()
        farm.project["facts"]["claimed_elsewhere"] = True
        answers = {one["answer"] for one in farm.run(purpose="demonstration").content["predicates"]}

        assert "fail" in answers
        with pytest.raises(predicate.NotApplicable):
            farm.run(purpose="project")
