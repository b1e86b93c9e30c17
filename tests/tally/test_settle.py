"""A partition's events become grams: exactly, once, and only what should."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.tally import builders
from tests.tally.builders import row, rule, rules

from tanhui.methods import scenarios
from tanhui.tally import lake as lakes
from tanhui.tally import refusals, run, shape
from tanhui.tally.given import Given
from tanhui.tally.rules import Rule, Rules, factor


@pytest.fixture
def lake(tmp_path: Path) -> lakes.Lake:
    return builders.lake(tmp_path)


def grams(lake: lakes.Lake, by: Rules, number: int = 1, given: Given | None = None) -> dict[tuple[int, str], int]:
    run.settle(lake.folder, builders.DAY, number=number, rules=by, given=given or Given())
    days = run.days(lake.folder, builders.DAY, number)
    keys = zip(days["account"].to_pylist(), days["scenario"].to_pylist(), strict=True)
    return dict(zip(keys, days["grams"].to_pylist(), strict=True))


def waiting(lake: lakes.Lake, number: int = 1) -> list[tuple[str, str]]:
    """Rule and begin of what waits."""
    held = run.waiting(lake.folder, builders.DAY, number).sort_by([("account", "ascending"), ("began_at", "ascending")])
    began = [one.astimezone(dt.timezone(dt.timedelta(hours=8))) for one in held["began_at"].to_pylist()]
    return list(zip(held["rule"].to_pylist(), [f"{one:%H:%M}" for one in began], strict=True))


def moments(**columns: list[Any]) -> pa.Table:
    kinds = {"account": pa.int64(), "scenario": pa.string(), "since": shape.UTC_MS, "until": shape.UTC_MS}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def at(hour: int) -> dt.datetime:
    """An hour of the day in Beijing."""
    return dt.datetime(2026, 5, 31, 16, tzinfo=dt.UTC) + dt.timedelta(hours=hour)


class TestADay:
    def test_is_the_sum_of_its_events_rounded_once(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row(str(n), begin=f"{n:02d}:00:00", end=f"{n:02d}:05:00", quantity=7) for n in range(24)])
        assert grams(lake, rules(rule(numerator=72))) == {(1, "metro"): 24 * 7 * 72 // 1000}
        assert grams(lake, rules(rule(numerator=73, rounding="half_up")), 2) == {(1, "metro"): 12}  # 12.264
        assert grams(lake, rules(rule(numerator=75, rounding="half_up")), 3) == {(1, "metro"): 13}  # 12.6

    def test_is_capped_and_the_year_too(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row("1"), row("2", person=2)])
        earned = pa.table({"account": [2], "scenario": ["metro"], "grams": [950]})
        by = rules(rule(cap_day_g=300, cap_year_g=1_000))
        assert grams(lake, by, given=Given(earned=earned)) == {(1, "metro"): 300, (2, "metro"): 50}
        assert run.days(lake.folder, builders.DAY, 1)["uncapped"].to_pylist() == [720, 720]

    def test_counts_the_first_events_of_a_day(self, lake: lakes.Lake) -> None:
        given = [row(str(n), begin=f"{n:02d}:00:00", end=f"{n:02d}:30:00", quantity=n * 1000) for n in (9, 3, 5, 1)]
        builders.lay(lake, given)
        settled = run.settle(lake.folder, builders.DAY, number=1, rules=rules(rule(day_events=2)))
        assert run.days(lake.folder, builders.DAY, 1)["quantity"].to_pylist() == [4_000]
        assert settled.counts["surplus"] == 2

    def test_of_savings_counts_what_lies_under_the_baseline(self, lake: lakes.Lake) -> None:
        kind = {"scenario": "meter", "unit": "Wh"}
        given = [
            row("less", quantity=7_000, facts={"baseline": 10_000}, **kind),
            row("more", person=2, quantity=12_000, facts={"baseline": 10_000}, **kind),
            row("unknown", person=3, quantity=1_000, **kind),
        ]
        builders.lay(lake, given)
        by = rules(rule("meter", unit="Wh", saving=True, numerator=57, denominator=100, exclusive=""))
        assert grams(lake, by) == {(1, "meter"): 1_710}

    def test_of_numbers_beyond_a_machine_word_is_exact(self, lake: lakes.Lake) -> None:
        kind = {"scenario": "meter", "unit": "Wh"}
        builders.lay(
            lake, [row("1", quantity=10**8, **kind), row("2", begin="09:00:00", end="09:01:00", quantity=1, **kind)]
        )
        by = rules(rule("meter", unit="Wh", numerator=10**9 - 1, denominator=7, exclusive="", cap_day_g=0))
        exact = (10**8 + 1) * (10**9 - 1) // 7
        assert grams(lake, by) == {(1, "meter"): exact}
        assert by.scenarios[0].grams(10**8 + 1) == exact

    def test_says_what_it_was_made_of(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row("late", begin="20:00:00", end="20:10:00"), row("early"), row("other", person=2)])
        run.settle(lake.folder, builders.DAY, number=1, rules=rules())
        day = run.days(lake.folder, builders.DAY, 1).to_pylist()
        mine = lakes.events(lake, builders.DAY, 1)
        assert mine["key"].to_pylist() == ["early", "late"]
        bodies = b"".join(one.to_bytes(8, "little", signed=True) for one in mine["body"].to_pylist())
        assert next(one for one in day if one["account"] == 1)["evidence"] == hashlib.sha256(bodies).digest()


class TestMethodologies:
    def test_and_settlement_come_to_the_same_grams(self, lake: lakes.Lake) -> None:
        """Where a factor has whole micrograms per metre. The package works on kilometres and minutes in floats."""
        rng = np.random.default_rng(5)
        method = scenarios.read("metro/v01", region="110105", on=builders.DAY)
        said = {name: one.rows[0].value for name, one in method.parameters.items()}
        count = 400
        person = np.sort(rng.integers(1, 60, count))
        minute = rng.permutation(1_400)[:count]
        metres, lasted = rng.integers(100, 60_000, count), rng.integers(1, 60, count)
        builders.lay(
            lake,
            [
                row(
                    str(n),
                    person=int(person[n]),
                    quantity=int(metres[n]),
                    begin=f"{minute[n] // 60:02d}:{minute[n] % 60:02d}:00",
                    end="00:00:00",
                    ended_at=(at(0) + dt.timedelta(minutes=int(minute[n] + lasted[n]))).isoformat(),
                )
                for n in range(count)
            ],
        )
        order = np.lexsort((minute, person))
        by_method = method.grams(
            person=person[order],
            day=np.full(count, np.datetime64(builders.DAY)),
            distance=metres[order] / 1000,
            minutes=lasted[order].astype(float),
        )
        sums = {n: int(by_method[person[order] == n].sum()) for n in np.unique(person)}
        numerator, denominator = factor(said["baseline_factor"] - said["mode_factor"], units=1000)
        km = 1000
        by = rules(
            rule(
                numerator=numerator, denominator=denominator, exclusive="",
                least=round(said["shortest"] * km), most=round(said["longest"] * km),
                slowest=round(said["slowest"] * km), fastest=round(said["fastest"] * km),
                day_events=round(said["daily_events"]), cap_day_g=round(said["daily_cap"] * 1000),
                cap_year_g=round(said["yearly_cap"] * 1000),
            ),
            device_people=0, payment_people=0, burst_events=0,
        )  # fmt: skip
        settled = {n: earned for (n, _), earned in grams(lake, by).items()}
        assert settled == {n: earned for n, earned in sums.items() if n in settled}
        assert sum(settled.values()) == sum(sums.values())
        assert sum(sums.values()) > 10_000


class TestWhatLeaves:
    def test_is_replaced_or_taken_back(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row("1"), row("2", begin="10:00:00", end="10:30:00")])
        more = [
            row("1", quantity=5_000, revision=2, reason="recalibrated"),
            row("2", begin="10:00:00", end="10:30:00", revision=2, reason="a test ride", withdrawn=True),
        ]
        builders.lay(lake, more, batch="b2")
        settled = run.settle(lake.folder, builders.DAY, number=1, rules=rules())
        assert run.days(lake.folder, builders.DAY, 1)["quantity"].to_pylist() == [5_000]
        assert {name: n for name, n in settled.counts.items() if n} == {
            "received": 4, "superseded": 2, "withdrawn": 1, "counted": 1,
        }  # fmt: skip

    def test_is_the_second_report_of_the_same_behaviour(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row("1", activity="gate-77", begin="08:01:00"), row("3", person=2, activity="gate-77")])
        builders.lay(lake, [row("9", activity="gate-77", begin="08:00:00", quantity=9_000)], provider="wallet")
        settled = run.settle(lake.folder, builders.DAY, number=1, rules=rules())
        assert settled.counts["same_activity"] == 1
        assert sorted(run.days(lake.folder, builders.DAY, 1)["quantity"].to_pylist()) == [9_000, 10_000]

    def test_has_no_consent_or_counts_elsewhere_or_is_implausible(self, lake: lakes.Lake) -> None:
        hours = [8, 10, 12]
        given = [
            row(f"{p}-{h}", person=p, begin=f"{h:02d}:00:00", end=f"{h:02d}:30:00") for p in (1, 2, 3) for h in hours
        ]
        builders.lay(lake, [*given, row("odd", scenario="walking"), row("far", person=4, quantity=150_000)])
        consents = moments(
            account=[1, 1, 2, 3, 4], scenario=["metro"] * 5, since=[at(0), at(11), at(-48), at(-48), at(-48)],
            until=[at(9), None, None, None, None],
        )  # fmt: skip
        claims = moments(account=[0, 3], scenario=["metro"] * 2, since=[at(10), at(12)], until=[at(11), at(13)])
        by = rules(rule(most=100_000))
        settled = run.settle(
            lake.folder, builders.DAY, number=1, rules=by, given=Given(consents=consents, claims=claims)
        )
        days = run.days(lake.folder, builders.DAY, 1).sort_by("account")
        assert days["events"].to_pylist() == [2, 2, 1]
        assert {name: n for name, n in settled.counts.items() if n} == {
            "received": 11, "no_rule": 1, "not_consented": 1, "claimed": 3, "implausible": 1, "counted": 5,
        }  # fmt: skip


class TestAnEventWaits:
    def test_when_nobody_moves_so_fast_or_so_slowly(self, lake: lakes.Lake) -> None:
        given = [
            row("right"),
            row("fast", begin="09:00:00", end="09:04:00"),
            row("timeless", begin="10:00:00", end="10:00:00"),
            row("slow", begin="11:00:00", end="21:00:00", quantity=100),
        ]
        builders.lay(lake, given)
        grams(lake, rules(rule(slowest=1_000, fastest=100_000)))
        assert waiting(lake) == [("tally.speed", "09:00"), ("tally.speed", "10:00"), ("tally.speed", "11:00")]

    def test_when_it_overlaps_another_trip_whatever_the_mode(self, lake: lakes.Lake) -> None:
        given = [
            row("metro", begin="08:00:00", end="09:00:00"),
            row("walk", scenario="walking", begin="08:30:00", end="08:40:00"),
            row("next", scenario="walking", begin="09:00:00", end="09:10:00"),
            row("other", person=2, begin="08:30:00", end="08:45:00"),
        ]
        builders.lay(lake, given)
        grams(lake, rules(rule(), rule("walking")))
        assert waiting(lake) == [("tally.overlap", "08:30")]
        grams(lake, rules(rule(), rule("walking"), overlap_seconds=1800), 2)
        assert waiting(lake, 2) == []
        grams(lake, rules(rule(), rule("walking", exclusive="")), 3)
        assert waiting(lake, 3) == []

    def test_but_occupies_nobody_s_time_itself(self, lake: lakes.Lake) -> None:
        given = [row("fast", begin="08:00:00", end="08:01:00", quantity=90_000), row("real", begin="08:00:30")]
        builders.lay(lake, given)
        grams(lake, rules(rule(fastest=100_000)))
        assert waiting(lake) == [("tally.speed", "08:00")]

    def test_when_too_many_people_share_a_device_across_buckets(self, lake: lakes.Lake) -> None:
        shared = [row(f"d{p}", person=p, device="phone") for p in range(1, 6)]
        paid = [row(f"p{p}", person=p, payment="card") for p in range(11, 15)]
        builders.lay(lake, [*shared, *paid, row("own", person=20, device="mine")])
        assert len({lake.bucket(p) for p in range(1, 6)}) > 1
        grams(lake, rules(device_people=4, payment_people=3))
        assert sorted(rule for rule, _ in waiting(lake)) == ["tally.device"] * 5 + ["tally.payment"] * 4
        grams(lake, rules(device_people=5, payment_people=4), 2)
        assert waiting(lake, 2) == []

    def test_when_it_repeats_another_or_comes_in_a_burst(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [row("1"), row("2"), row("3", scenario="walking")])
        minutes = [
            row(f"b{n}", person=2, begin=f"10:00:{n:02d}", end=f"10:00:{n:02d}", quantity=n + 1) for n in range(5)
        ]
        builders.lay(lake, minutes, batch="b2")
        grams(lake, rules(rule(exclusive=""), rule("walking", exclusive=""), burst_events=3, burst_seconds=10))
        assert waiting(lake) == [("tally.replay", "08:00"), ("tally.burst", "10:00"), ("tally.burst", "10:00")]

    def test_when_a_clock_is_wrong(self, lake: lakes.Lake) -> None:
        now = at(8) + dt.timedelta(minutes=20)
        checked = builders.check(lake, [row("1")], now=now)  # ends ten minutes after it was received
        assert checked.counts == {"received": 1, "accepted": 0, "duplicate": 0, "refused": 0, "waiting": 1}
        lakes.append(lake, checked.table, batch="b1")
        assert grams(lake, rules()) == {}
        assert waiting(lake) == [("tally.clock", "08:00")]

    def test_until_somebody_decides(self, lake: lakes.Lake) -> None:
        given = [row(str(n), begin="08:00:00", end=f"08:0{n}:00", person=n) for n in (1, 2)]
        builders.lay(lake, given)
        by = rules(rule(fastest=1_000))
        grams(lake, by)
        held = run.waiting(lake.folder, builders.DAY, 1)
        decisions = pa.table({"account": held["account"], "body": held["body"], "allowed": pa.array([True, False])})
        allowed = held["account"].to_pylist()[0]
        assert grams(lake, by, 2, Given(decisions=decisions)) == {(allowed, "metro"): 720}
        assert waiting(lake, 2) == []
        changes = pa.concat_tables(run.changes(lake.folder, builders.DAY, 2))
        assert changes.select(["account", "grams_before", "grams"]).to_pylist() == [
            {"account": allowed, "grams_before": 0, "grams": 720}
        ]


class TestARule:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"numerator": -1},
            {"numerator": 10**10},
            {"denominator": 0},
            {"rounding": "up"},
            {"most": 0},
            {"cap_day_g": 1.5},
        ],
    )
    def test_that_makes_no_sense_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(refusals.RuleWrong):
            rule(**wrong)

    def test_stands_there_once(self) -> None:
        with pytest.raises(refusals.RuleWrong):
            rules(rule(), rule())

    def test_has_one_digest_in_any_order_and_comes_back_from_its_value(self) -> None:
        one = Rules(scenarios=(rule("metro"), rule("walking")))
        assert Rules(scenarios=(rule("walking"), rule("metro"))).digest == one.digest
        assert Rules.of(one.value) == one
        assert Rules(scenarios=one.scenarios, burst_events=7).digest != one.digest

    def test_takes_a_factor_as_an_exact_fraction(self) -> None:
        assert factor("0.072", units=1000) == (9, 125)
        assert Rule(scenario="a", methodology="a/v01", unit="m", numerator=9, denominator=125).grams(1_000) == 72
        with pytest.raises(refusals.RuleWrong):
            factor("-1", units=1)
