"""Values past their date of review are told: by the check, on a run, and on the page (tests/library)."""

import argparse
import datetime as dt
import json

import pytest
from tests.methods import agri

from tanhui.cli import method
from tanhui.kernel import canonical
from tanhui.methods import engine
from tanhui.methods.engine import explanation, record, shelf
from tanhui.methods.engine.checking import check

PASSED = dt.date(2026, 6, 30)


def later(farm):
    """The same run a year on: its period ends after the dates of review."""
    farm.project["period"] = {"start": "2027-01-01", "end": "2027-12-31"}
    return farm


def tanhui(*words):
    parser = argparse.ArgumentParser()
    method.add(parser.add_subparsers(required=True))
    args = parser.parse_args(["method", *words])
    return args.run(args)


@pytest.fixture
def stale():
    """A package on the shelf one of whose parameters was to be reviewed by a day that has passed."""
    package = shelf.load("straw_burning/v01")
    name, one = next(iter(package.parameters.items()))
    rows = one.rows
    object.__setattr__(one, "rows", tuple(row.__class__(**vars_of(row) | {"review_by": PASSED}) for row in rows))
    yield name, len(rows)
    object.__setattr__(one, "rows", rows)


def vars_of(row):
    return {name: getattr(row, name) for name in row.__class__.__dataclass_fields__}


class TestTheCheck:
    def test_names_parameters_past_their_date(self, stale):
        name, values = stale
        found = check("straw_burning/v01", on=PASSED + dt.timedelta(days=1))

        assert found.overdue == [(name, PASSED, values)]
        assert found.problems == []

    def test_lets_the_day_itself_pass(self, stale):
        assert check("straw_burning/v01", on=PASSED).overdue == []
        assert check("straw_burning/v01").overdue == []

    @pytest.mark.parametrize(("options", "left"), [([], 0), (["--strict"], 1)])
    def test_warns_on_the_command_line_and_fails_only_when_strict(self, stale, capsys, options, left):
        assert tanhui("check", "straw_burning/v01", *options, "--lang", "en") == left
        assert (
            f"?? straw_burning/v01: the date of review of {stale[0]} has passed: 2026-06-30" in capsys.readouterr().out
        )

    def test_passes_when_strict_and_nothing_is_late(self):
        assert tanhui("check", "straw_burning/v01", "--strict", "--lang", "en") == 0

    def test_tells_machines(self, stale, capsys):
        assert tanhui("check", "straw_burning/v01", "--json") == 0
        assert json.loads(capsys.readouterr().out)[0]["overdue"] == [[stale[0], "2026-06-30", stale[1]]]


class TestARun:
    def test_notes_values_that_were_due_before_its_last_day(self):
        done = later(agri.digester()).run()
        note = next(one for one in done.notes if one["note"] == record.OVERDUE)

        assert note["on"] == "2027-12-31"
        assert all(one.endswith(" 2027-06-30") for one in note["parameters"])
        assert {one.split()[0] for one in note["parameters"]} == {one["name"] for one in done.content["parameters"]}
        assert "复核期限" in explanation.note(note, "zh-hans")
        assert "date of review" in explanation.note(note, "en")

    def test_notes_nothing_while_they_hold(self):
        assert not [one for one in agri.digester().run().notes if one["note"] == record.OVERDUE]

    def test_is_the_same_again(self):
        bundle = later(agri.digester()).run().bundle()
        first = record.as_format(json.loads(bundle), record.FIRST)

        assert engine.rerun(bundle) is None
        assert engine.rerun(canonical.dumps(first)) is None
        assert not [one for one in first["notes"] if one["note"] == record.OVERDUE]
