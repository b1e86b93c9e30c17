"""The papers and the archive of a year, and the bundle that recomputes its totals."""

import datetime as dt
import json
import shutil

import pypdf
import pytest
from tests import world

from tanhui.files import store
from tanhui.inventory import queries, runs
from tanhui.inventory.acts import archiving, steps
from tanhui.inventory.models import Computation, Item
from tanhui.methods.engine import execution


class TestTheArchive:
    def test_holds_everything_of_article_8_with_hash_and_term(self, case):
        case.open()
        case.to("ARCHIVED")

        items = queries.items(case.year, everything=True)
        assert {one.category for one in items} == set(Item.Category)
        for one in items:
            assert len(store.read(one.sha256, one.size_bytes)) == one.size_bytes
        kept = {one.category: one.retain_until for one in items}
        assert kept["REPORT"] is kept["STATISTICS"] is None
        assert kept["SPATIAL"] == dt.date(case.at.year + 30, 12, 31)
        assert {one.sha256 for one in items if one.name == "statistics.json"} == {
            queries.finished(case.year).statistics_sha256
        }

    def test_is_not_made_of_a_folder_that_was_changed(self, case):
        case.open()
        case.to("PUBLISHED")
        (runs.folder(queries.finished(case.year)) / "statistics.json").write_text("{}")

        case.archive()

        row = queries.finished(case.year)
        assert case.year.state == "PUBLISHED"
        assert (row.stage, row.stop["code"]) == ("", "inventory.folder_gone")
        assert "核算目录" in row.stop["said"]["zh-hans"] or "计算目录" in row.stop["said"]["zh-hans"]

    def test_is_refused_while_a_category_is_missing(self, case):
        case.open()
        case.to("PUBLISHED")
        for path in (runs.folder(queries.finished(case.year)) / "archive" / "atlas").glob("*.png"):
            path.unlink()

        case.archive()

        assert case.year.state == "PUBLISHED"
        assert queries.finished(case.year).stop["code"] == "inventory.archive_incomplete"


class TestThePapers:
    def test_tell_grades_verification_and_the_change_since_the_year_before(self, case):
        case.open(2024)
        case.to("ARCHIVED")
        before = queries.finished(case.year)
        shutil.rmtree(runs.folder(before))  # what is on file is enough
        case.open(2025)
        case.to("DRAFTED")

        folder = runs.folder(queries.finished(case.year))
        text = words(folder / "archive" / "report.pdf")
        assert "与2024年相比" in text
        assert "与2024年的运行逐项核对" in text
        assert "由演示核查机构比对核查" in text
        assert "未标" not in text
        assert (folder / "archive" / "atlas" / "2025-change.png").is_file()
        assert json.loads((folder / "validation.json").read_text())["shipped"] is True

    def test_are_refused_while_the_year_before_is_lost(self, case):
        case.open(2024)
        case.to("PUBLISHED")
        shutil.rmtree(runs.folder(queries.finished(case.year)))
        case.open(2025)
        case.to("VERIFIED")

        case.draft()

        row = queries.finished(case.year)
        assert (case.year.state, row.stop["code"]) == ("VERIFIED", "inventory.earlier_gone")
        assert "2024年" in row.stop["said"]["zh-hans"]


def words(path):
    """The words of a paper without the spaces between them."""
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages)


class TestADraft:
    def test_is_asked_once_at_a_time(self, case):
        case.open()
        case.to("VERIFIED")
        said = {"map_approval": "", "mandate": case.technician, "at": case.at}
        archiving.ask_draft(year=case.fresh(), revision=case.year.revision, **said)
        with world.refuses(archiving.Busy, "inventory.busy"):
            archiving.ask_draft(year=case.fresh(), revision=case.year.revision, **said)

    def test_done_twice_puts_its_papers_on_file_once(self, case):
        case.open()
        case.to("DRAFTED")
        row = queries.finished(case.year)
        before = Item.objects.count()
        Computation.objects.filter(pk=row.pk).update(stage="draft")

        archiving.carry_out(
            key=row.pk, person=case.technician.membership.person_id, job=archiving.DRAFT_JOB, at=case.at
        )

        assert (Item.objects.count(), case.fresh().state) == (before, "DRAFTED")

    def test_is_for_a_verified_year(self, case):
        case.open()
        case.to("COMPUTED")
        with world.refuses(steps.MovedOn, "inventory.moved_on"):
            archiving.ask_draft(
                year=case.year, map_approval="", revision=case.year.revision, mandate=case.technician, at=case.at
            )


class TestTheBundle:
    def test_recomputes_to_the_same_and_shows_a_change(self, case):
        case.open()
        done = case.collect() and case.compute()

        assert execution.rerun(bytes(done.bundle)) is None
        content = execution.read(bytes(done.bundle))
        assert content["package"]["code"] == "nep_stock_sink"
        whole = done.figures.get(level="area", type="all")
        tonnes = int(content["result"]["tonnes"])
        assert tonnes == pytest.approx(whole.nep_kg_co2 / 1000, abs=2)
