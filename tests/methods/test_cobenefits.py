import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.shelf import NeverIssues

AIR = "cobenefits/v01"


def run(*, purpose="demonstration"):
    inputs = {"electricity": tables.parse(b"saving,power_year,replaced\n1,2022,500\n", file="kwh.csv")}
    return engine.run(AIR, project={"units": {"replaced": "MWh"}}, inputs=inputs, purpose=purpose)


class TestCobenefits:
    @pytest.mark.parametrize("case", shelf.load(AIR).cases(), ids=lambda one: one["name"])
    def test_come_out_as_their_cases_say(self, case):
        assert [one for one in cases.play(shelf.load(AIR), case) if not one.holds] == []

    def test_count_the_thermal_share_alone(self):
        done = run()

        assert done.quantity("thermal") == ["330000"]
        assert done.quantity("so2_avoided") == ["27.39"]
        assert engine.rerun(done.bundle()) is None

    def test_call_themselves_indicative(self):
        about = shelf.load(AIR).metadata

        assert about["label_zh"] == "参考值"
        assert {row.grade for one in shelf.load(AIR).parameters.values() for row in one.rows} == {"D"}

    def test_are_recalled_and_so_refused_for_a_project(self):
        with pytest.raises(BelowEvidenceFloor, match="recalled"):
            run(purpose="project")

    def test_never_issue(self):
        with pytest.raises(NeverIssues, match="co_benefit"):
            run(purpose="issuance")
