import pytest
from tests import world
from tests.inventory import accounting

from tanhui.site.demonstration import inventory_land as land


@pytest.fixture(scope="session")
def land_files(tmp_path_factory):
    """The data of two years by layer; made once."""
    folder = tmp_path_factory.mktemp("land")
    return {year: land.lay(folder / str(year), year) for year in (2024, 2025)}


@pytest.fixture(scope="session")
def ready_runs(tmp_path_factory):
    """Where the first run of each year is kept, for the others to find it done."""
    folder = tmp_path_factory.mktemp("runs")
    return {year: folder / str(year) for year in (2024, 2025)}


@pytest.fixture
def case(db, settings, tmp_path, land_files, ready_runs):
    settings.TANHUI_VAR = tmp_path
    return accounting.Accounting(
        authority=world.party("NATR", name="演示区自然资源局"), body=world.party("VVB", name="演示核查机构"),
        files=land_files, ready=ready_runs,
    )  # fmt: skip
