"""The public list of developments: what is found, counted, drawn and exported, in how many statements."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import world
from tests.projects import claims
from tests.projects.claims import development, square

from tanhui.projects.models import Development
from tanhui.projects.queries import listing

PUBLIC = "PDD_PUBLICITY"


def make(owner, name, *outlines, number=None, **changes):
    one = development(owner, *outlines, name=name)
    values = {"profile": "ccer", "state": PUBLIC, "scheme": "CCER", "name": name} | changes
    if number:
        values["number"] = number
    Development.objects.filter(pk=one.pk).update(**values)
    return Development.objects.get(pk=one.pk)


@pytest.fixture
def owner(db):
    return world.party("PART", name="赤峰市农投集团")


@pytest.fixture
def three(owner):
    return [
        make(owner, "巴林左旗造林碳汇", square(0), methodology="CCER-14-001-V01", draft={"kind": "造林"}, number=501),
        make(owner, "青浦水稻甲烷减排", scheme="SHCER", division_code="310118", draft={"kind": "水稻"}, number=502),
        make(owner, "松山区竹林经营", state="REGISTERED", division_code="150404", number=503,
             opened_at=dt.datetime(2024, 3, 1, tzinfo=dt.UTC)),
    ]  # fmt: skip


def numbers(**given):
    return [one.number for one in listing.page(listing.read(given)).rows]


class TestTheList:
    def test_has_what_is_public_newest_first(self, three, owner):
        make(owner, "未公开的草稿", state="DRAFT")
        assert numbers() == [503, 502, 501]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("林", [503, 501]), ("造林", [501]), ("水稻 减排", [502]), ("排减", []),
            ("D000502", [502]), ("ｄ000502", [502]),
            ("巴林左旗造林碳汇", [501]), ("%", []), ("_", []), ("竹林左", []),
        ],
    )  # fmt: skip
    def test_finds_any_part_of_a_name_or_number(self, three, text, found):
        assert numbers(q=text) == found

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ({"scheme": "SHCER"}, [502]), ({"kind": "造林"}, [501]), ({"methodology": "CCER-14-001-V01"}, [501]),
            ({"county": "150404"}, [503, 501]), ({"status": "good"}, [503]), ({"status": "notice"}, [502, 501]),
            ({"year": "2024"}, [503]), ({"year": "x"}, []), ({"status": "x"}, []),
            ({"county": "150404", "q": "竹"}, [503]),
        ],
    )  # fmt: skip
    def test_is_narrowed_by_every_filter(self, three, given, found):
        assert numbers(**given) == found
        assert listing.count(listing.read(given)) == (len(found), True)

    def test_offers_every_value_with_how_many_have_it(self, three):
        offered = listing.facets()
        assert dict(offered["scheme"]) == {"CCER": 2, "SHCER": 1}
        assert dict(offered["county"]) == {"150404": 2, "310118": 1}
        assert dict(offered["status"]) == {"notice": 2, "good": 1}
        assert dict(offered["kind"]) == {"造林": 1, "水稻": 1}
        assert dict(offered["year"]) == {"2026": 2, "2024": 1}

    def test_goes_on_below_the_last_number(self, three):
        first = listing.page(listing.read({}), size=2)
        assert ([one.number for one in first.rows], first.older, first.newer) == ([503, 502], "502", False)
        second = listing.page(listing.read({"before": first.older}), size=2)
        assert ([one.number for one in second.rows], second.older, second.newer) == ([501], "", True)

    def test_forgets_what_no_list_could_have(self, three):
        assert numbers(before="-1", q="\x00", scheme=" ") == [503, 502, 501]


class TestThePages:
    def test_show_filter_count_map_and_files(self, three, client):
        page = client.get(reverse("projects:developments"), {"q": "林"}).content.decode()
        assert "巴林左旗造林碳汇" in page
        assert "青浦水稻" not in page
        assert "2 个项目" in page
        assert '"coordinates": [119.0' in page
        assert "format=xlsx" in page

    def test_ask_the_database_as_often_for_fifty_as_for_one(
        self, three, owner, client, settings, django_assert_num_queries
    ):
        settings.TANHUI_REMEMBER = 0
        address = reverse("projects:developments")
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for number in range(600, 640):
            make(owner, f"造林{number}", square(number % 20, number // 20), number=number)
        with django_assert_num_queries(len(few)):
            client.get(address)
        assert len(few) <= 12

    def test_give_csv_xlsx_and_a_feed_of_the_same_filter(self, three, client):
        address = reverse("projects:developments")
        csv = b"".join(client.get(address, {"format": "csv", "q": "林"}).streaming_content).decode("utf-8-sig")
        assert [line.split(",")[0] for line in csv.splitlines()][1:] == ["D000503", "D000501"]
        book = client.get(address, {"format": "xlsx"})
        assert book["Content-Type"].endswith("spreadsheetml.sheet")
        feed = client.get(address, {"format": "atom", "scheme": "SHCER"}).content.decode()
        assert "D000502 青浦水稻甲烷减排" in feed
        assert "D000501" not in feed

    def test_sum_by_county(self, three, client):
        rows = {one.code: one for one in listing.counties()}
        assert (rows["150404"].developments, rows["310118"].developments) == (2, 1)
        assert rows["150404"].area_m2 == pytest.approx(919_000, rel=0.01)
        page = client.get(reverse("projects:developments_by_county")).content.decode()
        assert "?county=150404" in page

    def test_show_places_to_a_kilometre_only(self, three):
        ((longitude, latitude),) = listing.centres([three[0]]).values()
        assert (longitude, latitude) == (round(longitude, 2), round(latitude, 2))
        assert (longitude, latitude) == pytest.approx((claims.WEST, claims.SOUTH), abs=0.011)
