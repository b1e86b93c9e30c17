"""What a journey needs beside a browser: a look at each page as someone who cannot see it well, or has a small screen."""

import pytest

PHONE = {"width": 390, "height": 844}


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
