"""Maps, charts and K-lines in a real browser without WebGL, under the strict policy every page is under."""

import io
import re

import pytest
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RED, GREEN = (207, 46, 34), (19, 128, 79)


def drawn(page, kind):
    """The figure of a kind, once its script has drawn it, and what it looks like."""
    figure = page.locator(f"[data-widget={kind}][data-drawn]").first
    figure.scroll_into_view_if_needed()
    figure.locator(".canvas").wait_for(state="visible")
    return figure, Image.open(io.BytesIO(figure.locator(".canvas").screenshot())).convert("RGB")


def places(picture, colour, near=40):
    """Where a picture has about this colour."""
    wide, high = picture.size
    pixels = picture.load()
    return [
        (x, y)
        for x in range(wide)
        for y in range(high)
        if all(abs(pixels[x, y][band] - colour[band]) < near for band in range(3))
    ]


def count(picture, colour, near=40):
    return len(places(picture, colour, near))


def middle(picture, colour):
    found = places(picture, colour)
    return sum(x for x, _ in found) / len(found), sum(y for _, y in found) / len(found)


class TestAMap:
    def test_draws_its_places_without_webgl(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        _, picture = drawn(page, "map")

        assert page.evaluate("document.createElement('canvas').getContext('webgl')") is None
        assert count(picture, (28, 107, 77)) > 200  # the outline of a plot in good standing

    def test_asks_nobody_for_a_boundary_of_any_country(self, page, live_server):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/ui")
        figure, _ = drawn(page, "map")

        assert figure.get_attribute("data-tiles") == ""
        assert figure.locator(".approval").inner_text() == ""
        assert not [url for url in asked if re.search(r"geojson|/map/|tile", url)]

    def test_reads_a_place_out_when_it_is_chosen(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        figure, picture = drawn(page, "map")
        across, down = middle(picture, (28, 107, 77))
        figure.locator(".canvas").click(position={"x": across, "y": down})

        figure.locator(".chosen").get_by_text("公顷").wait_for()

    def test_prints_the_approval_number_of_the_operators_tiles(self, page, live_server, settings, tile_server):
        address, asked = tile_server
        settings.TANHUI_MAP = {
            "layers": [address + "/{z}/{x}/{y}?key=secret"], "source": "天地图", "approval": "GS（2024）0650号",
        }  # fmt: skip
        page.goto(f"{live_server.url}/ui")
        figure, picture = drawn(page, "map")

        assert figure.locator(".approval").inner_text() == "天地图 · GS（2024）0650号"
        assert count(picture, (250, 200, 60)) > 10_000  # the tiles lie beneath
        assert asked
        assert "secret" not in page.content()

    def test_lists_its_places_without_javascript(self, open_page, live_server):
        page = open_page(java_script_enabled=False)
        page.goto(f"{live_server.url}/ui")

        assert page.locator("[data-widget=map] li").first.is_visible()
        assert not page.locator("[data-widget=map] .canvas").is_visible()


class TestAChart:
    def test_draws_the_table_and_keeps_it(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        figure, picture = drawn(page, "chart")

        assert count(picture, (28, 107, 77)) > 500
        assert figure.locator("table").count() == 1
        assert "2021" in figure.locator(".canvas").get_attribute("aria-label")

    def test_follows_the_theme(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        drawn(page, "chart")
        page.get_by_role("button", name="深色").click()
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")  # drawn anew

        assert count(drawn(page, "chart")[1], (134, 203, 170)) > 500

    def test_is_a_table_without_javascript(self, open_page, live_server):
        page = open_page(java_script_enabled=False)
        page.goto(f"{live_server.url}/ui")

        assert page.locator("[data-widget=chart] table").first.is_visible()


class TestAKLine:
    RISING = [(f"2026-06-{day:02}", day, day + 3, day - 1, day + 2, 100) for day in range(10, 20)]
    FALLING = [(f"2026-06-{day:02}", 40 - day, 41 - day, 36 - day, 37 - day, 100) for day in range(10, 20)]

    @pytest.mark.parametrize(("days", "there", "absent"), [(RISING, RED, GREEN), (FALLING, GREEN, RED)])
    def test_rises_in_red_and_falls_in_green(self, page, live_server, client, days, there, absent):
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in day) + "</tr>" for day in days)
        told = re.sub(
            r'(data-widget="kline".*?<tbody>).*?(</tbody>)', rf"\g<1>{rows}\g<2>", client.get("/ui").text, flags=re.S
        )
        page.route(f"{live_server.url}/ui", lambda route: route.fulfill(body=told, content_type="text/html"))
        page.goto(f"{live_server.url}/ui")
        _, picture = drawn(page, "kline")

        assert count(picture, there, near=30) > 300
        assert count(picture, absent, near=30) == 0

    def test_waits_for_its_turn_on_the_keyboard(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        drawn(page, "kline")

        assert page.locator("[tabindex]").evaluate_all("parts => parts.filter(part => part.tabIndex > 0).length") == 0
