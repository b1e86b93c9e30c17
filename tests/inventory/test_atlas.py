"""The public atlas: what the page says, its map and tiles, its tables and files, and what is none of it."""

import io
import json
import re

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image
from tests import world
from tests.inventory import publishing

from tanhui.inventory import shown
from tanhui.inventory.models import Item


@pytest.fixture(scope="module")
def rasters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    return {
        "nep": publishing.raster(folder / "nep.tif"),
        "flags": publishing.raster(folder / "flags.tif", 2, np.uint8, 255),
        "earlier": publishing.raster(folder / "earlier.tif", 3),
        "zones": publishing.outlines(folder / "zones.gpkg"),
    }


@pytest.fixture
def parties(db):
    return world.party("NATR", name="演示区自然资源局"), world.party("VVB", name="演示核查机构")


@pytest.fixture
def published(parties, rasters):
    """Two years in force, both with rasters, the later one with outlines and a paper."""
    before = publishing.year(*parties, of=2023, scale=0.9)
    year = publishing.year(*parties, of=2024)
    kind = Item.Category
    publishing.file(before, rasters["earlier"], "2023-nep.tif", kind.SPATIAL)
    publishing.file(year, rasters["nep"], "2024-nep.tif", kind.SPATIAL)
    publishing.file(year, rasters["flags"], "2024-flags.tif", kind.SPATIAL)
    publishing.file(year, rasters["zones"], "zones.gpkg", kind.SPATIAL, format="gpkg")
    return year


def page(client, year=2024, **query):
    return client.get(reverse("inventory:atlas", args=[publishing.DIVISION, year]), query)


def rows(answer):
    """The places of the table in their order."""
    table = answer.content.decode().partition('<table class="table places">')[2].partition("</table>")[0]
    body = table.partition("<tbody>")[2]
    return [one.strip() for one in re.findall(r'<th scope="row">([^<]*)', body)]


class TestThePage:
    def test_says_what_the_area_took_up_with_interval_and_bound(self, client, published):
        said = page(client).content.decode()
        assert "12.0 万吨" in said
        assert "7.2 万吨" in said
        assert "16.8 万吨" in said
        assert "6.6 万吨" in said
        assert "浙绍S(2026)1号" in said
        assert "CC BY 4.0" in said

    def test_gives_no_number_without_its_interval(self, client, published):
        said = page(client, type="each").content.decode()
        body = said.partition('<table class="table places">')[2].partition("<tbody>")[2].partition("</tbody>")[0]
        numbers = [one for one in body.split("<tr ")[1:] if "不适用" not in one]
        assert len(numbers) == 12
        assert all(one.count("–") == 1 for one in numbers)

    def test_says_that_water_has_no_figure_and_why(self, client, published):
        said = page(client, type="water").content.decode()
        assert "不适用" in said
        assert "没有定义" in said

    def test_names_the_weakness_of_the_usual_formula(self, client, published):
        assert "170" in page(client).content.decode()

    def test_shows_what_was_compared_and_who_verified(self, client, published):
        said = page(client).content.decode()
        assert "演示核查机构" in said
        assert "392" in said
        assert "通量塔少" in said

    def test_lists_each_file_with_its_hash(self, client, published):
        said = page(client).content.decode()
        for item in Item.objects.filter(accounting_year=published):
            assert item.name in said
            assert item.sha256 in said

    def test_hides_what_is_internal(self, client, published, rasters):
        item = publishing.file(published, rasters["earlier"], "internal.tif", "SPATIAL", access="INTERNAL")
        assert "internal.tif" not in page(client).content.decode()
        assert client.get(reverse("inventory:atlas_tile", args=[item.sha256, "flags", 8, 213, 105])).status_code == 404

    def test_links_every_year(self, client, published):
        said = page(client).content.decode()
        assert f"/stock-sinks/{publishing.DIVISION}/2023" in said

    def test_of_a_year_nobody_published_is_not_there(self, client, published, parties):
        publishing.year(*parties, of=2025, state="DRAFTED")
        assert page(client, 2025).status_code == 404
        assert page(client, 1999).status_code == 404
        assert client.get(reverse("inventory:atlas", args=["999999", 2024])).status_code == 404

    def test_is_asked_in_a_constant_number_of_statements(self, client, published, django_assert_max_num_queries):
        page(client)
        with django_assert_max_num_queries(16):
            page(client)

    @pytest.mark.parametrize(
        "query",
        [
            {"level": "nowhere"}, {"type": "%00"}, {"sort": "--"}, {"layer": "<script>"}, {"edition": "x"},
            {"q": "\x00"},
            {"edition": "9" * 40},
        ],
    )  # fmt: skip
    def test_takes_a_strange_address_as_none(self, client, published, query):
        assert page(client, **query).status_code in {200, 404}


class TestEditions:
    def test_that_are_superseded_say_so_and_stay_readable(self, client, published, parties):
        published.state = "SUPERSEDED"
        published.save()
        second = publishing.year(*parties, of=2024, edition=2, revises=published, scale=2.0)

        now, before = page(client), page(client, edition=1)
        assert "24.0 万吨" in now.content.decode()
        assert "12.0 万吨" in before.content.decode()
        assert second.reason in before.content.decode()
        assert page(client, edition=3).status_code == 404


class TestTheIndex:
    def test_opens_the_only_area(self, client, published):
        assert client.get("/stock-sinks").url == f"/stock-sinks/{publishing.DIVISION}/2024"

    def test_says_that_nothing_was_published_yet(self, client, db):
        answer = client.get("/stock-sinks")
        assert answer.status_code == 200
        assert "尚未" in answer.content.decode()


class TestTheTable:
    def test_is_ordered_by_what_was_asked(self, client, published):
        assert rows(page(client))[:3] == ["崧厦街道", "章镇镇", "岭南乡"]
        assert rows(page(client, sort="value"))[1:4] == ["岭南乡", "章镇镇", "崧厦街道"]

    def test_is_narrowed(self, client, published):
        assert rows(page(client, q="章镇")) == ["章镇镇"]
        assert len(rows(page(client, type="each"))) == 16
        assert rows(page(client, level="area")) == [publishing.AREA]

    def test_comes_as_a_file_exact_to_the_kilogram(self, client, published):
        answer = page(client, format="csv", level="township", type="forest")
        lines = b"".join(answer).decode("utf-8-sig").splitlines()
        assert len(lines) == 5
        assert lines[1].startswith(
            "2024,township,T1,崧厦街道,forest,nep,500000000,0.987,45000000,27000000,63000000,24750000"
        )

    def test_comes_as_a_workbook(self, client, published):
        answer = page(client, format="xlsx")
        assert answer.status_code == 200
        assert b"".join(answer)[:2] == b"PK"

    def test_of_no_known_year_is_refused(self, client, db):
        answer = client.get("/files/exports/new", {"name": "inventory.figures", "form": "csv", "year": "330604-1990"})
        assert answer.status_code == 404


class TestTiles:
    @pytest.fixture
    def layer(self, published):
        return shown.layers([published])[2024]["nep"]

    def address(self, layer, place):
        return layer.tiles.replace("{z}/{x}/{y}", "/".join(str(one) for one in place))

    def test_are_pictures_kept_for_good(self, client, layer):
        answer = client.get(self.address(layer, (8, 213, 105)))
        picture = Image.open(io.BytesIO(answer.content))
        assert (answer.status_code, picture.size) == (200, (256, 256))
        assert picture.convert("RGBA").getextrema()[3] == (0, 255)
        assert "immutable" in answer["Cache-Control"]
        again = client.get(self.address(layer, (8, 213, 105)), headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_of_a_place_without_data_are_clear(self, client, layer):
        answer = client.get(self.address(layer, (8, 10, 10)))
        assert Image.open(io.BytesIO(answer.content)).convert("RGBA").getextrema()[3] == (0, 0)

    @pytest.mark.parametrize("place", [(19, 0, 0), (3, 8, 0), (3, 0, 8), (999999999, 1, 1), (2, 10**30, 1)])
    def test_outside_the_grid_are_not_there(self, client, layer, place):
        assert client.get(self.address(layer, place)).status_code == 404

    def test_of_unknown_bytes_or_layers_are_not_there(self, client, layer):
        for sha256, name in [("0" * 64, "nep"), (layer.sha256, "rh"), (layer.sha256, "nothing"), ("..", "nep")]:
            assert client.get(f"/stock-sinks/tiles/{sha256}/{name}/8/213/105.png").status_code == 404

    def test_of_bytes_that_are_no_raster_are_no_fault_of_the_visitor(self, client, published, rasters, caplog):
        item = publishing.file(published, rasters["zones"], "2024-rh.tif", "SPATIAL")
        answer = client.get(reverse("inventory:atlas_tile", args=[item.sha256, "rh", 8, 213, 105]))
        assert answer.status_code == 503
        assert item.sha256 in caplog.text  # the operator learns which


class TestTheMap:
    def test_names_the_tiles_of_every_year(self, client, published):
        said = page(client).content.decode()
        slides = json.loads(re.search(r'id="slides" type="application/json">(.*?)</script>', said)[1])
        assert slides["year"] == 2024
        assert slides["layer"] == "nep"
        assert set(slides["tiles"]) == {"2023", "2024"}
        assert set(slides["tiles"]["2024"]) == {"nep", "flags"}

    def test_shows_the_layer_that_was_asked_for(self, client, published):
        assert "/flags/{z}" in re.search(r'data-over="([^"]*)"', page(client, layer="flags").content.decode())[1]

    def test_has_outlines_with_figures_and_rows(self, client, published):
        found = client.get(reverse("inventory:atlas_zones", args=[published.code, "township"])).json()
        assert [one["properties"]["title"] for one in found["features"]] == list(publishing.TOWNS.values())
        first = found["features"][0]["properties"]
        assert first["row"] == "z-T1-all"
        assert "60,000" in first["text"]
        assert "36,000" in first["text"]
        assert 'id="z-T1-all"' in page(client).content.decode()

    def test_opens_on_the_rasters_where_there_are_no_outlines(self, client, published):
        found = client.get(reverse("inventory:atlas_zones", args=["330604-2023", "township"])).json()
        assert found["features"][0]["geometry"]["type"] == "LineString"

    def test_of_an_unknown_year_is_not_there(self, client, published):
        assert client.get(reverse("inventory:atlas_zones", args=["330604-1999", "township"])).status_code == 404
