"""The traps others fell into (E-01 … E-20), each with the tests that keep us out of it.

A name stands here as ``file::Class::test`` and must be there; what nobody else's test is about is tried below.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = {
    "E-01 strict policy, no request leaves": [
        "tests/journeys/test_accessibility.py::test_every_page_a_visitor_can_walk_to_can_be_read_by_everyone",
        "tests/journeys/test_accessibility.py::test_every_page_behind_a_sign_in_can_be_read_by_everyone",
    ],
    "E-02 no outside address, files match their hashes, the API's page is ours": [
        "tests/tools/test_assets.py::TestInstallingAssets::test_refuses_a_file_with_another_hash",
        "tests/api/test_docs.py::TestTheDocsPage::test_shows_the_operations_without_breaking_the_policy",
    ],
    "E-03 a map without WebGL": ["tests/ui/test_widgets.py::TestAMap::test_draws_its_places_without_webgl"],
    "E-04 axe on every page, light and dark, wide and narrow": [
        "tests/journeys/test_accessibility.py::test_every_page_a_visitor_can_walk_to_can_be_read_by_everyone",
        "tests/journeys/test_accessibility.py::test_every_page_behind_a_sign_in_can_be_read_by_everyone",
    ],
    "E-05 tCO₂e keeps its letters": [
        "tests/traps/test_index.py::TestATableHead::test_keeps_the_letters_of_its_unit",
        "tests/ui/test_components.py::TestTheStyleSheet::test_keeps_the_letters_of_units_and_slants_no_chinese",
    ],
    "E-06 a rising bar is red": ["tests/ui/test_widgets.py::TestAKLine::test_rises_in_red_and_falls_in_green"],
    "E-07 a character no font has": [
        "tests/ui/test_paper.py::TestPaper::test_refuses_a_character_no_font_has_wherever_it_stands"
    ],
    "E-08 a name of typst markup": ["tests/ui/test_paper.py::TestPaper::test_prints_markup_in_a_name_literally"],
    "E-09 same act, same bytes; one byte breaks the seal": [
        "tests/ui/test_paper.py::TestPaper::test_has_the_same_bytes_in_another_process",
        "tests/tlog/test_seal.py::TestCheck::test_finds_every_altered_byte",
    ],
    "E-10 a GBK shapefile without .cpg": [
        "tests/files/test_inspection.py::TestAGbkShapefileWithoutACpg::"
        "test_is_asked_about_before_it_is_filed_and_kept_as_it_was_meant"
    ],
    "E-11 nobody rewrites the ledger": [
        "tests/races/test_roles.py::TestTheWebRole",
        "tests/races/test_roles.py::TestTheOwner",
    ],
    "E-12 a year without announced holidays": [
        "tests/kernel/test_workdays.py::TestUnannouncedYear::test_makes_a_deadline_provisional_and_is_named",
        "tests/kernel/test_workdays.py::TestUnannouncedYear::test_counts_again_once_announced",
    ],
    "E-13 a database with LC_CTYPE=C": [
        "tests/cli/test_check.py::TestCheck::test_refuses_a_database_whose_lc_ctype_is_c"
    ],
    "E-14 an error beside its field, nothing in localStorage": [
        "tests/ui/test_live.py::TestALiveForm::test_shows_its_error_beside_the_field_without_loading_the_page",
        "tests/traps/test_personal_pages.py::TestAPersonalPage::"
        "test_leaves_nothing_in_the_browser_that_a_script_could_read",
    ],
    "E-15 spreadsheets keep ids and start no formula": [
        "tests/ui/test_downloads.py::TestACsvFile::test_starts_no_formula",
        "tests/ui/test_downloads.py::TestAnXlsxFile::test_keeps_ids_as_text_and_formulas_as_text",
    ],
    "E-16 no AGPL or GPL at run time": ["tests/tools/test_text_lints.py::TestLicences"],
    "E-17 a map is drawn from a converted raster only, tile by tile in few blocks": [
        "tests/traps/test_tiles.py::TestAnOrdinaryGeoTiff::test_is_converted_before_a_tile_of_it_is_drawn",
        "tests/traps/test_tiles.py::TestAnOrdinaryGeoTiff::test_reads_few_bytes_for_a_tile_however_large_it_is",
    ],
    "E-18 no national boundary, and the operator's tiles with their approval number": [
        "tests/ui/test_widgets.py::TestAMap::test_asks_nobody_for_a_boundary_of_any_country",
        "tests/ui/test_widgets.py::TestAMap::test_prints_the_approval_number_of_the_operators_tiles",
    ],
    "E-19 a personal figure with factor, region and methodology version": [
        "tests/ui/test_components.py::TestAFigure::test_is_not_shown_without_one_of_them"
    ],
    "E-20 a fresh machine installs what is locked": [
        "tests/traps/test_index.py::TestTheLocks::test_pin_every_package_by_its_hashes_and_name_no_index"
    ],
}


def names(file: Path) -> set[str]:
    """Every ``Class``, ``Class::test`` and ``test`` of a file."""
    found = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


class TestTheTraps:
    @pytest.mark.parametrize(("trap", "test"), [(trap, test) for trap, tests in TESTS.items() for test in tests])
    def test_are_each_tried(self, trap, test):
        file, _, name = test.partition("::")

        assert not name or name in names(ROOT / file), f"{trap}: {test} is gone"

    def test_are_all_counted(self):
        numbers = [trap.split()[0] for trap in TESTS]

        assert sorted(numbers) == [f"E-{number:02}" for number in range(1, 21)]


@pytest.mark.django_db(transaction=True)
class TestATableHead:
    @pytest.mark.parametrize("path", ["/ui", "/figures/batches", "/figures/retirements"])
    def test_keeps_the_letters_of_its_unit(self, page, live_server, path):
        """As it is drawn, not as it is written: a style sheet may shout."""
        page.goto(f"{live_server.url}{path}")
        found = page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).textTransform !== 'none').length"
        )

        assert found == 0
        assert page.locator("body").inner_text().count("TCO2E") == 0


class TestTheLocks:
    @pytest.mark.parametrize("name", ["base", "server", "dev"])
    def test_pin_every_package_by_its_hashes_and_name_no_index(self, name):
        text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

        assert lines
        assert all(re.match(r"[A-Za-z0-9_.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in lines)
        assert "://" not in text

    def test_say_what_the_bigger_ones_have_of_the_smaller_ones(self):
        pins = {
            name: set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.M))
            for name in ("base", "server", "dev")
        }

        assert pins["base"] <= pins["server"] <= pins["dev"]
