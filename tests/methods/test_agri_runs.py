"""What holds for every methodology of the farm, from tables to bundle and back."""

import pytest
from tests.methods import agri

from tanhui.methods import engine
from tanhui.methods.engine import evidence, predicate, shelf
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable

EVERY = pytest.mark.parametrize("farm", agri.FARMS, ids=lambda one: one.__name__)


def faults(farm):
    with pytest.raises(FaultyInput) as refused:
        farm.run()
    return {(one.rule, one.column) for one in refused.value.faults}


@EVERY
class TestEveryFarm:
    def test_runs_from_tables_to_whole_tonnes(self, farm):
        done = farm().run()

        assert done.verified_kg > 0
        assert done.verified_kg == 1000 * done.tonnes + done.residual_kg
        assert done.evidence == "D"

    def test_is_recomputed_byte_for_byte(self, farm):
        done = farm().run()

        assert engine.rerun(done.bundle()) is None
        assert farm().run().bundle() == done.bundle()

    def test_does_not_depend_on_the_order_of_rows(self, farm):
        before, turned = farm().run(), farm()
        for rows in turned.sheets.values():
            rows.reverse()

        assert turned.run().trace_sha256 == before.trace_sha256

    def test_records_every_formula(self, farm):
        done = farm().run()
        names = [one.name for one in shelf.load(farm().package).formulas]

        assert [step["quantity"] for step in done.content["trace"]] == [
            name
            for name in names
            if name != "flux_ratio"  # its column is optional
        ]

    def test_is_refused_an_issuance_that_rests_on_recalled_values(self, farm):
        with pytest.raises(BelowEvidenceFloor):
            farm().run(purpose="issuance")

    def test_finds_a_missing_column(self, farm):
        spoilt = farm()
        table = next(iter(spoilt.sheets))
        column = list(spoilt.sheets[table][0])[-1]
        for row in spoilt.sheets[table]:
            del row[column]

        assert ("missing_column", column) in faults(spoilt)

    def test_finds_a_missing_table(self, farm):
        spoilt = farm()
        table = next(iter(spoilt.sheets))
        del spoilt.sheets[table]

        assert any(rule == "missing_table" for rule, _ in faults(spoilt))

    def test_refuses_mu_where_hectares_are_asked_for(self, farm):
        spoilt = farm()
        if "area" not in spoilt.project["units"]:
            pytest.skip("there is no area in this methodology")
        spoilt.project["units"]["area"] = "mu"

        assert ("unit_confused", "area") in faults(spoilt)

    def test_says_its_predicates_clauses_and_evidence_in_both_languages(self, farm):
        for one in shelf.load(farm().package).predicates:
            assert one.clause
            assert one.evidence_asked
            assert one.label_en
            assert any("\u4e00" <= letter <= "\u9fff" for letter in one.label_zh)

    def test_passes_every_predicate_as_declared(self, farm):
        answers = {one["predicate"]: one["answer"] for one in farm().run().content["predicates"]}

        assert set(answers.values()) == {"pass"}

    def test_asks_for_evidence_that_was_not_declared(self, farm):
        open_questions = farm()
        open_questions.project["facts"] = {
            name: value for name, value in open_questions.project["facts"].items() if name == "edition"
        }
        answers = [one["answer"] for one in open_questions.run().content["predicates"]]

        assert "needs_evidence" in answers
        assert "fail" not in answers

    def test_fails_each_predicate_on_the_opposite_fact(self, farm):
        package, facts = shelf.load(farm().package), dict(farm().project["facts"])
        opposite = {"edition": "2013"}
        for name, value in facts.items():
            opposite.setdefault(name, not value if isinstance(value, bool) else 0 if value else 10)
        answers = predicate.ask_all(package.predicates, opposite | {"strata_without_reference": 1})

        assert all(one["answer"] != "pass" for one in answers), answers

    def test_refuses_a_project_run_whose_predicate_fails(self, farm):
        failing = farm()
        name = next(name for name, value in failing.project["facts"].items() if isinstance(value, bool))
        failing.project["facts"][name] = not failing.project["facts"][name]

        with pytest.raises(NotApplicable, match="fail"):
            failing.run(purpose="project", floor="D")

    def test_says_what_it_claims_once(self, farm):
        done = farm().run()
        key = shelf.load(farm().package).metadata["double_count_key"]

        assert key["activities"]
        assert done.content["axes"][key["thing"]]

    def test_grades_no_parameter_above_its_source(self, farm):
        for one in shelf.load(farm().package).parameters.values():
            for row in one.rows:
                assert row.grade in evidence.GRADES
                if "recalled" in row.source or "rule of the house" in row.source:
                    assert row.grade == "D", one.name
                if "secondary" in row.source:
                    assert row.grade in "BCD", one.name
