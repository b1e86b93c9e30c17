"""The atlas of stock sinks in a real browser: another layer, another year, a place on the map and its row."""

import pytest
from tests import world
from tests.inventory import publishing
from tests.journeys.conftest import PHONE

from tanhui.inventory.models import Item

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SPATIAL = Item.Category.SPATIAL


@pytest.fixture
def published(db, tmp_path):
    """Two years with outlines and a layer each, the later one with two."""
    parties = world.party("NATR", name="演示区自然资源局"), world.party("VVB", name="演示核查机构")
    before, year = publishing.year(*parties, of=2023, scale=0.9), publishing.year(*parties, of=2024)
    publishing.file(before, publishing.raster(tmp_path / "before.tif", 3), "2023-nep.tif", SPATIAL)
    publishing.file(before, publishing.outlines(tmp_path / "old.gpkg"), "zones.gpkg", SPATIAL, format="gpkg")
    publishing.file(year, publishing.raster(tmp_path / "nep.tif"), "2024-nep.tif", SPATIAL)
    publishing.file(year, publishing.raster(tmp_path / "npp.tif", 2), "2024-npp.tif", SPATIAL)
    publishing.file(year, publishing.outlines(tmp_path / "zones.gpkg"), "zones.gpkg", SPATIAL, format="gpkg")
    return year


def test_layers_years_and_places_are_a_click_away(open_page, live_server, published, looks_right):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/stock-sinks")
    page.locator("#map figure[data-drawn=yes]").wait_for()
    looks_right(page)

    with page.expect_request(lambda request: "/npp/" in request.url):
        page.get_by_role("link", name="净初级生产力（NPP）").click()
    assert page.locator("[data-legend=npp]").is_visible()
    assert page.locator("[data-legend=nep]").is_hidden()
    assert "layer=npp" in page.url

    page.get_by_role("link", name="净生态系统生产力（NEP）").click()
    with page.expect_request(lambda request: "/nep/" in request.url):
        page.get_by_role("button", name="上一年").click()
    assert page.locator(".slider output").text_content() == "2023"
    page.wait_for_url("**/stock-sinks/330604/2023?*")  # figures and places followed
    assert "2023" in page.locator("#of-year").text_content()
    assert page.get_by_role("link", name="查看该年数据").is_hidden()
    page.locator("#map figure[data-drawn=yes]").wait_for()

    canvas = page.locator("#map .canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    page.locator("#map .chosen a").wait_for()
    assert "章镇镇" in page.locator("#map .chosen").text_content()
    assert page.locator(".places tr.found").get_attribute("id") == "z-T2-all"
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)


def test_it_fits_a_phone_and_stands_still_for_who_wants_that(open_page, live_server, published, looks_right):
    page = open_page(viewport=PHONE, reduced_motion="reduce", color_scheme="dark")
    page.goto(f"{live_server.url}/stock-sinks/330604/2024")
    page.locator("#map figure[data-drawn=yes]").wait_for()
    looks_right(page)
    assert page.get_by_role("button", name="播放").is_hidden()
    assert page.locator(".slider").is_visible()


def test_without_a_script_all_of_it_is_links(open_page, live_server, published):
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/stock-sinks/330604/2024")
    page.get_by_role("link", name="2023", exact=True).first.click()
    assert page.url.endswith("/stock-sinks/330604/2023")
    assert page.locator(".slider").is_hidden()
    assert page.get_by_text("10.8 万吨").first.is_visible()
