import re

import pytest

from tanhui.ui import tiles

pytestmark = pytest.mark.django_db


class TestATile:
    def test_without_an_approval_number_is_not_shown(self, settings):
        settings.TANHUI_MAP = {"layers": ["https://tiles.example/{z}/{x}/{y}"], "source": "天地图"}

        assert tiles.configured().layers == []

    def test_that_nobody_configured_is_not_there(self, client):
        assert client.get("/map/0/3/1/1").status_code == 404

    def test_outside_its_level_is_never_asked_for(self, client, settings, tile_server):
        address, asked = tile_server
        settings.TANHUI_MAP = {"layers": [address + "/{z}/{x}/{y}"], "approval": "GS"}

        assert client.get("/map/0/3/8/0").status_code == 404
        assert client.get("/map/0/19/0/0").status_code == 404
        assert client.get("/map/1/3/1/1").status_code == 404
        assert not asked

    def test_is_handed_on_with_its_key_kept(self, client, settings, tile_server):
        address, asked = tile_server
        settings.TANHUI_MAP = {"layers": [address + "/{z}/{y}/{x}?key=k"], "approval": "GS"}
        answer = client.get("/map/0/3/1/2")

        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert asked == ["/3/2/1?key=k"]

    def test_whose_source_is_away_is_not_there(self, client, settings):
        settings.TANHUI_MAP = {"layers": ["http://127.0.0.1:9/{z}/{y}/{x}"], "approval": "GS"}

        assert client.get("/map/0/3/1/2").status_code == 404


class TestAPageWithoutWidgets:
    def test_loads_no_library(self, client):
        assert "vendor/ol.js" in client.get("/ui").text
        assert not re.search(r"vendor/(ol|echarts|klinecharts|htmx)", client.get("/nowhere").text)
