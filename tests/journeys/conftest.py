"""What journeys need beside a browser: eyes that see badly, a small screen, and a register with some business in it."""

import pytest
from django.utils import timezone
from tests import world
from tests.projects import cycling

from tanhui.journal import log

PHONE = {"width": 390, "height": 844}
PASSWORD = "坡上种树-2026"


@pytest.fixture
def looks_right():
    """Checks the page that is open: axe finds nothing serious, and nothing sticks out of the screen."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def check(page):
        found = axe.run(page).response["violations"]
        serious = [
            f"{page.url} {one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert not serious, "\n".join(serious)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{page.url} is {beyond} px wider than the screen"

    return check


@pytest.fixture
def register(db, tmp_path, settings):
    """A register with 1,000 t issued, 100 of them to the buffer, and a log of its own. Everyone in it can sign in."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    yield world.build(buffer_t=100, password=PASSWORD)
    log.read_key.cache_clear()


@pytest.fixture
def log_in(live_server):
    """Signs a page in as the person of a mandate."""

    def sign_in(page, mandate):
        page.goto(f"{live_server.url}/login")
        page.get_by_label("登录名").fill(mandate.membership.person.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="登录").click()

    return sign_in


@pytest.fixture
def cast(db, tmp_path, settings):
    """Everybody a project takes, and a log of its own. Those of the parties can sign in."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    made = cycling.Cast(at=timezone.now())
    parties = (made.owner, made.county, made.city, made.authority, made.validator, made.verifier, made.operator)
    for mandate in (each for one in parties for each in (one.initiator, one.confirmer)):
        mandate.membership.person.set_password(PASSWORD)
        mandate.membership.person.save()
    yield made
    log.read_key.cache_clear()


@pytest.fixture
def walk(live_server, open_page, tmp_path, looks_right):
    from tests.journeys import walking  # reads this file

    return walking.Walk(live_server.url, open_page, tmp_path, looks_right)
