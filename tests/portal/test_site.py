import json
import re
from xml.etree import ElementTree

import pytest

from tanhui.portal.queries import disclosure

pytestmark = pytest.mark.django_db
PAGES = [
    "/", "/search", "/search?q=林", "/look-up/many", "/figures/buffer", "/figures/comment", "/figures/beneficiaries",
    "/figures/statistics", "/publications", "/publications/rule", "/disclosure", "/open-data", "/site-map", "/help",
    "/accessibility", "/privacy", "/sitemap.xml", "/sitemap-pages.xml", "/robots.txt",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_with_business_and_without(client, register, taken_in, path):
    assert client.get(path).status_code == 200
    register.retire(300)
    taken_in()
    assert client.get(path).status_code == 200


class TestTheDisclosureList:
    def test_has_all_twenty_two_in_order(self):
        assert [one.code for one in disclosure.ITEMS] == [f"D-{number:02d}" for number in range(1, 23)]

    @pytest.mark.parametrize("item", disclosure.ITEMS, ids=lambda one: one.code)
    def test_has_a_page_that_opens_or_says_who_will_bring_it(self, client, item):
        assert item.clause
        assert item.pages or item.module
        for _, address in item.addresses():
            assert client.get(address).status_code == 200, address


class TestTheOpenDataPage:
    def test_describes_every_list_for_machines_and_every_file_opens(self, client, register, taken_in):
        register.retire(300)
        taken_in()
        page = client.get("/open-data").text

        told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])

        assert told["@type"] == "DataCatalog"
        addresses = [one["contentUrl"] for each in told["dataset"] for one in each["distribution"]]
        assert len(addresses) >= 20
        for address in addresses:
            answer = client.get(address.removeprefix("http://testserver"))
            assert answer.status_code == 200, address
            assert len(b"".join(answer.streaming_content) if answer.streaming else answer.content) > 40


class TestTheSitemap:
    def test_names_every_project_and_certificate(self, client, register, taken_in):
        done = register.retire(300)
        taken_in()
        index = ElementTree.fromstring(client.get("/sitemap.xml").content)
        parts = [one.text.removeprefix("http://testserver") for one in index.iter() if one.tag.endswith("loc")]

        named = "".join(client.get(one).text for one in parts)

        assert f"/projects/{register.project.number}<" in named
        assert f"/certificates/{done.certificate}<" in named
        for address in re.findall(r"<loc>http://testserver(.*?)</loc>", named):
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("name", ["projects-9", "x", "projects", "projects--1", "pages-0"])
    def test_has_no_other_parts(self, client, name):
        assert client.get(f"/sitemap-{name}.xml").status_code == 404


class TestTheStatisticsPage:
    def test_shows_a_past_day_as_it_was(self, client, register, taken_in):
        taken_in()

        before = client.get("/figures/statistics", {"on": "2026-06-04"})
        on_the_day = client.get("/figures/statistics", {"on": "2026-06-05"})

        assert before.context["figures"].issued == 0
        assert on_the_day.context["figures"].issued == 1000

    @pytest.mark.parametrize("on", ["", "x", "2026-13-01", "9999-12-31", "0001-01-01", "\x00"])
    def test_shows_today_for_what_is_no_day(self, client, register, on):
        answer = client.get("/figures/statistics", {"on": on})

        assert answer.status_code == 200
        assert answer.context["on"] == answer.context["today"]

    def test_is_the_same_for_programs(self, client, register, taken_in):
        register.retire(300)
        taken_in()

        page = client.get("/figures/statistics", {"on": "2026-06-05", "format": "json"}).json()

        assert page == client.get("/api/v1/statistics", {"on": "2026-06-05"}).json()
        assert page["whole"]["retired_t"] == page["by_purpose"][0]["retired_t"] == 300


class TestManyNumbers:
    def ask(self, client, text):
        return client.post("/look-up/many", {"numbers": text})

    def test_are_answered_line_by_line(self, client, register):
        done = register.retire(300)
        given = [
            done.certificate, "7", f"{register.project.number:06d}", register.batch.asset.code, "999999",
            f"https://any.example/certificates/{done.certificate}", "什么",
        ]  # fmt: skip

        page = self.ask(client, "\r\n".join(given))

        kinds = [one["kind"] for one in page.context["answers"]]
        assert kinds == ["certificate", "units", "project", "batch", "", "certificate", ""]
        assert page.context["missing"] == 2

    def test_beyond_two_hundred_are_refused(self, client, register):
        answer = self.ask(client, "\n".join(map(str, range(1, 202))))

        assert (answer.status_code, "portal.too_many_lines" in answer.text) == (422, True)


@pytest.mark.parametrize("many", [1, 40])
def test_what_pages_ask_does_not_grow(client, register, taken_in, django_assert_max_num_queries, many):
    for _ in range(many):
        register.retire(1)
        register.another_batch(tonnes=5)
    taken_in()
    most = {
        "/": 6, "/figures": 5, "/figures/projects": 5, "/figures/batches": 5, "/figures/retirements": 4,
        "/figures/beneficiaries": 5, "/figures/statistics": 7, f"/projects/{register.project.number}": 8,
        f"/batches/{register.batch.asset.code}": 8, "/look-up?number=7": 8,
    }  # fmt: skip
    for path, statements in most.items():
        with django_assert_max_num_queries(statements):
            assert client.get(path).status_code == 200
