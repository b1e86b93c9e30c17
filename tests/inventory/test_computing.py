"""Computing a year: the job, its refusals, and going on where it was killed."""

import shutil

import pytest
from django.utils import translation
from tests import world
from tests.inventory import accounting

from tanhui.inventory import checks, queries, runs
from tanhui.inventory.acts import cataloguing, computing, opening, recalling
from tanhui.inventory.models import Computation, Figure, Tile
from tanhui.inventory.pages import comparing
from tanhui.journal import jobs
from tanhui.nep import validation
from tanhui.site.demonstration import inventory_land as land


class Killed(BaseException):
    """What a worker meets that is killed."""


@pytest.fixture
def wide(case, monkeypatch, tmp_path):
    """A year of four tiles, which no earlier test has computed."""
    monkeypatch.setattr(land, "CELLS", 520)
    case.files = {2024: land.lay(tmp_path / "wide", 2024)}
    case.ready = {}
    case.open()
    case.collect()
    return case


class TestTheJob:
    def test_goes_on_with_the_tiles_that_are_missing(self, wide, monkeypatch):
        asked = wide.ask()
        keep = computing.Rows.keep

        def until_killed(self, name, result):
            keep(self, name, result)
            if Tile.objects.count() == 2:
                raise Killed

        monkeypatch.setattr(computing.Rows, "keep", until_killed)
        with pytest.raises(Killed):
            computing.carry_out(key=asked.pk, at=wide.at, told=wide.now, workers=1)
        asked.refresh_from_db()
        assert (asked.state, asked.stage, Tile.objects.count()) == ("RUNNING", "tiles", 2)
        assert computing.forsaken() == [asked]
        first = {one.name: one.at for one in Tile.objects.all()}
        written = {path: path.stat().st_mtime_ns for path in runs.folder(asked).glob("tiles/*/*/nep.tif")}

        monkeypatch.setattr(computing.Rows, "keep", keep)
        computing.carry_out(key=asked.pk, at=wide.at, told=wide.now, workers=1)

        asked.refresh_from_db()
        assert (asked.state, asked.attempts, Tile.objects.count()) == ("DONE", 2, 4)
        assert {one.name: one.at for one in Tile.objects.filter(name__in=first)} == first
        assert {path: path.stat().st_mtime_ns for path in written} == written
        before = asked.statistics_sha256
        shutil.rmtree(runs.root())
        again = self.anew(wide)
        assert again.statistics_sha256 == before

    def anew(self, case):
        computing.reopen(year=case.fresh(), reason="再算一次", mandate=case.technician, **case.named())
        computing.collect(year=case.fresh(), mandate=case.technician, **case.named())
        asked = case.ask()
        computing.carry_out(key=asked.pk, at=case.at, told=case.now, workers=1)
        asked.refresh_from_db()
        return asked

    def test_does_nothing_for_what_is_done(self, case):
        case.open()
        case.to("COMPUTED")
        done = queries.finished(case.year)
        figures = Figure.objects.count()

        computing.carry_out(key=done.pk, at=case.at, told=case.now)

        assert Figure.objects.count() == figures

    def test_asked_twice_is_one_computation(self, case):
        case.open()
        case.collect()
        named = {"reference": "once", "at": case.at, "mandate": case.technician, "year": case.year}
        before = jobs.counts().get(jobs.WAITING, 0)
        assert computing.ask(**named) == computing.ask(**named)
        assert jobs.counts()[jobs.WAITING] == before + 1
        with world.refuses(computing.ComputingAlready, "inventory.computing_already"):
            computing.ask(**named | {"reference": "again"})


class TestABackSeries:
    """Earlier years recomputed in the run of a year, from the data of their own accounts."""

    @pytest.fixture
    def later(self, case):
        case.open(2024)
        case.to("PUBLISHED")
        case.open(2025, method=accounting.METHOD | {"since": 2024})
        return case

    def test_takes_the_data_of_earlier_accounts_and_computes_them_by_one_method(self, later):
        assert set(later.year.uses.values_list("of_year", "layer")) == {
            (2024, one) for one in ("npp", "temperature", "precipitation", "landcover")
        }
        later.ready = {}
        later.collect()
        done = later.compute()

        assert done.state == "DONE"
        assert "years = [2024, 2025]" in done.plan
        assert 'path = "npp/{year}.tif"' in done.plan
        assert "2024–2025年生态系统存量碳汇核算" in done.plan
        both = done.figures.filter(level="area", type="all").order_by("year")
        assert [one.year for one in both] == [2024, 2025]
        assert both[1].change_kg_co2 == both[1].nep_kg_co2 - both[0].nep_kg_co2
        before = queries.published_figures(queries.previous(later.year)).get(level="area", type="all")
        assert both[0].nep_kg_co2 == before.nep_kg_co2  # the same data, method and grid
        assert recalling.earlier(later.year, done) is None
        assert checks.continuous(later.year, done).state == "pass"

    def test_waits_for_the_data_of_each_year(self, later):
        cataloguing.leave_out(year=later.year, layer="npp", of_year=2024, mandate=later.technician, at=later.at)
        for layer in accounting.KINDS:
            later.add(layer)
        with world.refuses(computing.DataIncomplete, "inventory.data_incomplete") as refused:
            computing.collect(year=later.year, mandate=later.technician, **later.named())
        assert "2024" in str(refused.value)

    def test_takes_no_data_of_other_years_or_in_another_unit(self, later):
        later.add("npp")
        dataset = later.year.uses.get(layer="npp", of_year=None).dataset
        said = {"year": later.year, "dataset": dataset, "options": {}, "mandate": later.technician, "at": later.at}
        with world.refuses(cataloguing.NotInSeries, "inventory.not_in_series", year=2019):
            cataloguing.use(**said, layer="npp", of_year=2019)
        other = cataloguing.data_folder() / "other.tif"
        other.write_bytes(b"other")
        made = cataloguing.add_path(
            described=accounting.described(unit="kgC m-2 a-1"), path="other.tif", mandate=later.technician, at=later.at
        )
        cataloguing.use(**said | {"dataset": made}, layer="npp", of_year=2024)
        for layer in accounting.KINDS:
            later.add(layer)
        computing.collect(year=later.year, mandate=later.technician, **later.named())
        with world.refuses(runs.SeriesUnlike, "inventory.series_unlike"):
            later.ask()

    def test_given_up_lets_its_data_go(self, later):
        opening.choose(
            year=later.year, method=accounting.METHOD, revision=later.fresh().revision, mandate=later.technician,
            at=later.at,
        )  # fmt: skip
        assert not later.year.uses.exists()
        assert not later.fresh().earlier
        with world.refuses(opening.MethodUnusable):
            opening.choose(
                year=later.year, method=accounting.METHOD | {"since": 1960}, revision=later.fresh().revision,
                mandate=later.technician, at=later.at,
            )  # fmt: skip


class TestTheRedLine:
    def test_cuts_the_towns_and_tells_which_parts_lie_within(self, case):
        case.open()
        case.to("COMPUTED")
        done = queries.finished(case.year)

        shares = done.facts["red_line"]["shares"]
        assert set(shares) == {"township", "red_line", "township_red_line"}
        assert set(shares["red_line"].values()) == {1.0}
        assert 0 < shares["township"]["330699102"] < 1
        cut = shares["township_red_line"]
        assert cut["330699102-in"] == pytest.approx(1, abs=1e-5)
        assert cut["330699102-out"] == pytest.approx(0, abs=1e-5)
        assert done.facts["red_line"]["basis"] == "zones.red_line 2024（演示省自然资源监测中心）"
        by_level = {
            level: sum(done.figures.filter(level=level, type="all").values_list("nep_kg_co2", flat=True))
            for level in ("area", *shares)
        }
        assert len(set(by_level.values())) == 1


class TestMeasurements:
    FLUX = "site,date,gpp_gc_m2_d,nee_gc_m2_d,tmin_c,tmax_c,prec_mm_d\n" + "".join(
        f"CN-Abc,2024{month:02d},6,-2,15,25,3\n" for month in range(1, 13)
    )

    def use(self, case, name, content):
        path = cataloguing.data_folder() / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
        made = cataloguing.add_path(
            described=accounting.described(kind="VALIDATION", title=name), path=name, mandate=case.technician,
            at=case.at,
        )  # fmt: skip
        layer = comparing.layer_of(made, "")
        cataloguing.use(
            year=case.year, dataset=made, layer=layer, options={}, mandate=case.technician, at=case.at
        )  # fmt: skip
        return layer

    def test_of_the_year_are_what_its_models_are_held_against(self, case):
        case.open()
        self.use(case, "towers.csv", self.FLUX)
        self.use(case, "classes.csv", "site,igbp\nCN-Abc,DBF\n")
        case.collect()
        done = case.compute()

        found = validation.read(runs.folder(done))
        assert "shipped" not in found
        assert {one["name"] for one in found["sources"]} == {"towers.csv", "classes.csv"}
        assert "validation" not in done.plan
        with translation.override("en"):
            (first, *_) = comparing.measured(done)
        assert first[0] == "Monthly NEP, flux towers"
        assert first[2][0][:2] == ("Pei", 12), first

    def test_that_cannot_be_read_stop_the_year_before_it_is_computed(self, case):
        case.open()
        self.use(case, "towers.csv", self.FLUX.replace(",6,", ",six,"))
        self.use(case, "classes.csv", "site,igbp\nCN-Abc,DBF\n")
        case.ready = {}
        case.collect()

        stopped = case.compute()

        assert (stopped.state, stopped.stop["code"]) == ("STOPPED", "nep.observations_unreadable")
        assert not (runs.folder(stopped) / "record.json").exists()


class TestAStop:
    def test_names_data_that_was_changed_and_can_go_on(self, case):
        case.open()
        case.collect()
        there = cataloguing.data_folder() / case.files[2024]["npp"].name
        good = there.read_bytes()
        there.write_bytes(good + b"x")

        stopped = case.compute()

        assert (stopped.state, stopped.stop["code"]) == ("STOPPED", "inventory.data_changed")
        assert (case.fresh().state, Figure.objects.count()) == ("COLLECTED", 0)
        there.write_bytes(good)
        resumed = computing.resume(computation=stopped, mandate=case.technician, at=case.at)
        computing.carry_out(key=resumed.pk, at=case.at, told=case.now, workers=1)
        assert case.fresh().state == "COMPUTED"

    def test_keeps_the_rule_of_the_computing_and_its_sentence(self, case, tmp_path):
        case.files = {2024: dict(case.files[2024])}
        broken = tmp_path / "npp-2024.tif"
        broken.write_bytes(case.files[2024]["npp"].read_bytes()[:2000])
        case.files[2024]["npp"] = broken
        case.ready = {}
        case.open()
        case.collect()

        stopped = case.compute()

        assert stopped.state == "STOPPED"
        assert stopped.stop["code"].startswith("nep.")
        assert world.CHINESE.search(stopped.stop["said"]["zh-hans"])
        with world.refuses(computing.NotStopped, "inventory.not_stopped"):
            Computation.objects.filter(pk=stopped.pk).update(state="ASKED")
            computing.resume(computation=stopped, mandate=case.technician, at=case.at)

    def test_by_a_fault_of_the_program_is_kept_too(self, case, monkeypatch):
        case.open()
        case.collect()
        monkeypatch.setattr(computing, "lay_out", lambda row: 1 / 0)

        stopped = case.compute()

        assert (stopped.state, stopped.stop["code"]) == ("STOPPED", "inventory.run_broken")
        assert stopped.stop["facts"] == {"problem": "ZeroDivisionError"}
