"""The lints that read Python: each finds its fault and leaves the right way of writing alone."""

import pytest

from lints import clock, doors, lazy, numbers, writes

REGISTRY = "src/tanhui/registry"


class TestWritesOnlyInActs:
    @pytest.mark.parametrize(
        "statement",
        [
            "Project.objects.create(number=1)",
            "Project.objects.get_or_create(number=1)",
            "Project.objects.bulk_create([])",
            "Project.objects.filter(number=1).update(name='x')",
            "project.save()",
            "project.save(update_fields=['name'])",
            "project.delete()",
            "Project.objects.raw('SELECT 1')",
            "cursor.execute('SELECT 1')",
            "connection.cursor().execute('SELECT 1')",
            "cur.executemany('INSERT', [])",
        ],
    )
    def test_finds_a_write_in_a_page(self, says, statement):
        assert len(says(writes, {f"{REGISTRY}/pages.py": statement})) == 1

    @pytest.mark.parametrize("place", ["acts/issuance.py", "migrations/0001_initial.py"])
    def test_allows_a_write_where_writes_belong(self, says, place):
        assert says(writes, {f"{REGISTRY}/{place}": "Project.objects.create(number=1)\ncursor.execute('DELETE')"}) == []

    def test_allows_the_journal_to_write_itself(self, says):
        assert says(writes, {"src/tanhui/journal/record.py": "cursor.execute(INSERT, [])"}) == []

    @pytest.mark.parametrize(
        "statement",
        ["digest.update(data)", "image.save(file, kind='svg')", "facts.update(more)", "cache.delete('key')"],
    )
    def test_allows_methods_that_only_share_the_name(self, says, statement):
        assert says(writes, {f"{REGISTRY}/pages.py": statement}) == []

    @pytest.mark.parametrize(
        "place", ["registry/queries.py", "registry/queries/held.py", "ledger/audit.py", "site/startup.py"]
    )
    def test_allows_a_question_in_sql_where_questions_belong(self, says, place):
        asks = "RULES = {'lock': 'SELECT lock FROM ledger_lock'}\nfor rule in RULES.values():\n    cursor.execute(rule)"

        assert says(writes, {f"src/tanhui/{place}": asks}) == []

    @pytest.mark.parametrize(
        "statement", ["SELECT 1; DELETE FROM b", "WITH a AS (UPDATE b SET c = 1) SELECT 1", "SELECT 1 FOR UPDATE"]
    )
    def test_finds_a_write_dressed_as_a_question(self, says, statement):
        assert says(writes, {f"{REGISTRY}/queries.py": f"cursor.execute({statement!r})"})


class TestClockOnlyAtTheEdge:
    @pytest.mark.parametrize(
        "statement",
        [
            "datetime.now(UTC)",
            "dt.datetime.now(dt.UTC)",
            "date.today()",
            "timezone.now()",
            "at = models.DateTimeField(default=timezone.now)",
            "at = models.DateTimeField(auto_now_add=True)",
            "time.time()",
            "now()",
        ],
    )
    def test_finds_the_clock_in_an_act(self, says, statement):
        assert len(says(clock, {f"{REGISTRY}/acts/issuance.py": statement})) == 1

    @pytest.mark.parametrize("place", ["registry/pages.py", "registry/api.py", "registry/tasks.py", "cli/serve.py"])
    def test_allows_the_clock_at_the_edge(self, says, place):
        assert says(clock, {f"src/tanhui/{place}": "timezone.now()"}) == []

    def test_allows_measuring_how_long_something_took(self, says):
        assert says(clock, {f"{REGISTRY}/acts/issuance.py": "time.monotonic()\ntime.perf_counter()"}) == []

    def test_allows_a_field_of_that_name(self, says):
        assert says(clock, {"src/tanhui/kernel/divisions.py": "self.now = {}\nself.now"}) == []


class TestObjectsOnlyThroughDoors:
    @pytest.mark.parametrize("piece", ["pages.py", "pages/holdings.py", "api.py", "forms.py"])
    @pytest.mark.parametrize(
        "statement",
        [
            "get_object_or_404(Project, pk=pk)",
            "shortcuts.get_list_or_404(Project)",
            "Project.objects.get(pk=pk)",
            "Project.objects.filter(pk=pk).first()",
        ],
    )
    def test_finds_an_object_fetched_outside_the_doors(self, says, piece, statement):
        assert len(says(doors, {f"{REGISTRY}/{piece}": statement})) == 1

    def test_allows_it_in_access(self, says):
        assert says(doors, {f"{REGISTRY}/access.py": "get_object_or_404(Project, pk=pk)"}) == []

    @pytest.mark.parametrize(
        "statement", ["access.project(person, pk)", "request.GET.get('page')", "facts.get('held')"]
    )
    def test_allows_a_door_and_a_dictionary_in_a_page(self, says, statement):
        assert says(doors, {f"{REGISTRY}/pages.py": statement}) == []


class TestWholeNumbers:
    @pytest.mark.parametrize(
        "statement",
        [
            "quantity_kg = 0.5",
            "price_fen: float = fee()",
            "price_fen = float(text)",
            "total_t += 1.5",
            "quantity_tonnes = models.FloatField()",
            "issue(quantity_kg=12.5)",
            "def weight_kg() -> float: ...",
            "def fee(price_fen: int | float): ...",
            "def fee(price_fen=0.0): ...",
            "def fee(*, price_fen=0.0): ...",
            "enough = period.verified_kg > 0.5",
        ],
    )
    def test_finds_a_float_beside_a_quantity(self, says, statement):
        assert says(numbers, {f"{REGISTRY}/acts/issuance.py": statement})

    @pytest.mark.parametrize(
        "statement",
        [
            "quantity_kg: int = 5",
            "price_fen = models.BigIntegerField()",
            "share_kg = Decimal('0.5') * total_kg",
            "seconds: float = 0.5",
            "def fee(price_fen: int, wait: float = 0.5): ...",
        ],
    )
    def test_allows_whole_numbers_and_decimals(self, says, statement):
        assert says(numbers, {f"{REGISTRY}/acts/issuance.py": statement}) == []

    def test_allows_floats_in_science(self, says):
        assert says(numbers, {"src/tanhui/science/biomass.py": "mass_kg = 0.5"}) == []


class TestLightCommandLine:
    @pytest.mark.parametrize(
        "statement",
        [
            "import django",
            "from numpy import array",
            "import tanhui.registry",
            "from tanhui import ledger",
            "try:\n    import django\nfinally: ...",
        ],
    )
    def test_finds_something_heavy_at_the_top(self, says, statement):
        assert len(says(lazy, {"src/tanhui/cli/serve.py": statement})) == 1

    @pytest.mark.parametrize(
        "statement",
        [
            "import argparse",
            "from tanhui.tlog import proof",
            "from tanhui.kernel.refusal import Refusal",
            "from cryptography.hazmat.primitives import hashes",
            "def run(args):\n    import django",
            "if TYPE_CHECKING:\n    import django",
        ],
    )
    def test_allows_the_base_install_and_what_waits_inside_a_function(self, says, statement):
        assert says(lazy, {"src/tanhui/cli/serve.py": statement}) == []
