"""What became of one person's events says the same as the settlement of everybody."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.tally import builders
from tests.tally.test_run import EVENTS, PEOPLE, RULES, given, made

from tanhui.tally import lake as lakes
from tanhui.tally import refusals, run
from tanhui.tally.lake import Lake


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = made(tmp_path_factory.mktemp("fates"), [builders.made_up(EVENTS, PEOPLE, seed=3)])
    run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
    return lake


def of(lake: Lake, account: int, number: int) -> list[str]:
    return run.fates(lake.folder, builders.DAY, number, account, rules=RULES)["became"].to_pylist()


class TestWhatBecame:
    @pytest.mark.parametrize("warm", [False, True])
    def test_of_everybody_s_events_adds_up_to_the_day(self, settled: Lake, warm: bool) -> None:
        if warm:
            run.keep_warm(settled.folder, builders.DAY, 1)
        told = run.settle(settled.folder, builders.DAY, number=1, rules=RULES).counts
        found = Counter(one for account in range(1, PEOPLE + 1) for one in of(settled, account, 1))
        assert {name.removeprefix("tally."): count for name, count in found.items()} == {
            name.removeprefix("waiting_"): count
            for name, count in told.items()
            if count and name not in ("received", "superseded")
        }
        assert len(found) > 4

    def test_is_asked_of_the_last_settlement_of_a_person(self, settled: Lake, tmp_path: Path) -> None:
        lake = made(tmp_path / "lake", [builders.made_up(2_000, 50, seed=9)])
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        lakes.append(lake, builders.made_up(40, 5, seed=11), batch="late")
        touched = np.arange(1, 6)
        run.resettle(lake.folder, builders.DAY, touched, number=2, rules=RULES, given=given())
        assert [run.last_of(lake.folder, builders.DAY, one) for one in (3, 5, 6, 49)] == [2, 2, 1, 1]
        days = run.days(lake.folder, builders.DAY, 2)
        for account in touched.tolist():
            mine = np.asarray(days["account"]) == account
            assert of(lake, account, 2).count("counted") == int(np.asarray(days["events"])[mine].sum())
            assert len(of(lake, account, 2)) > len(of(lake, account, 1))

    def test_is_nothing_of_somebody_nobody_reported_and_of_a_day_that_is_forgotten(
        self, settled: Lake, tmp_path: Path
    ) -> None:
        assert of(settled, 4_000, 1) == []
        assert run.last_of(settled.folder, builders.DAY.replace(day=2), 1) is None
        lake = made(tmp_path / "lake", [builders.made_up(200, 5, seed=9)])
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES)
        assert of(lake, 1, 1)
        lakes.forget_day(lake.folder, builders.DAY)
        assert of(lake, 1, 1) == []

    def test_is_told_by_the_rules_of_the_settlement_alone(self, settled: Lake) -> None:
        with pytest.raises(refusals.AnotherSettlement):
            run.fates(settled.folder, builders.DAY, 1, 1, rules=builders.rules())
        with pytest.raises(refusals.NotSettled):
            run.fates(settled.folder, builders.DAY, 8, 1, rules=RULES)
