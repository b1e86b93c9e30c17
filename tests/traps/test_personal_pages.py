"""What the browser of somebody who looked at their own pages still knows afterwards (E-14)."""

import pytest
from tests.journeys.conftest import log_in, register

__all__ = ["log_in", "register"]
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


@pytest.mark.django_db(transaction=True)
class TestAPersonalPage:
    def test_leaves_nothing_in_the_browser_that_a_script_could_read(self, page, live_server, register, log_in):
        log_in(page, register.owner.initiator)
        code = register.owner.account.code
        for path in (
            "/account",
            f"/accounts/{code}/transfer",
            "/instructions",
            "/notices",
            "/me",
            "/security",
            "/openings",
        ):
            answer = page.goto(f"{live_server.url}{path}")
            assert answer.ok, path
            assert page.evaluate(KEPT) == '[{},{},""]', path
