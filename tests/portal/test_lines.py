import datetime as dt

import pytest
from tests import world

from tanhui.portal.acts import upkeep
from tanhui.portal.models import Line
from tanhui.portal.queries import lines, words
from tanhui.registry.models import Project

pytestmark = pytest.mark.django_db
NAMES = ["张三林场", "李四林场", "重庆竹林", "赤峰草原", "阿坝湿地"]


@pytest.fixture
def projects(register):
    """Five more projects, each of another province, a day apart."""
    for day, (name, province) in enumerate(zip(NAMES, ("13", "15", "50", "15", "51"), strict=True), 1):
        world.project(
            operator=register.operator, owner=register.owner, validator=register.validator, name=name,
            province=province, at=register.at + dt.timedelta(days=day), region="某地",
            kind="湿地",
        )  # fmt: skip
    upkeep.rebuild(at=register.at)
    return register


def ask(slug="projects", **given):
    return lines.read(lines.LISTINGS[slug], given)


def names(asked, size=50):
    found, cursor = [], ""
    while True:
        page = lines.page(asked, cursor, size)
        found += [one.name for one in page.rows]
        if not page.older:
            return found
        cursor = page.older


class TestANameInPinyin:
    def test_sorts_as_a_chinese_index_does(self):
        assert sorted(["张三", "重庆", "李四", "阿坝", "赤峰"], key=words.key) == [
            "阿坝",
            "赤峰",
            "重庆",
            "李四",
            "张三",
        ]

    def test_of_latin_letters_and_digits_sorts_before(self):
        assert words.key("2026 某市马拉松") < words.key("阿坝")


class TestASearch:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("林", {*NAMES[:3], "退化林地造林碳汇项目"}), ("竹林", {"重庆竹林"}), ("三 林", {"张三林场"}),
            ("林竹", set()), ("１５１５１５１", set()), ("%", set()), ("_", set()), ("\\", set()), ("'", set()),
        ],
    )  # fmt: skip
    def test_finds_what_has_every_part(self, projects, text, found):
        assert set(names(ask(q=text))) == found
        assert lines.count(ask(q=text)) == (len(found), True)

    @pytest.mark.parametrize("text", ["\u202e", "\x00", " ", "\u3000", "\u200b"])
    def test_of_nothing_visible_asks_nothing(self, projects, text):
        assert not ask(q=text).filtered

    def test_does_not_find_a_text_that_has_the_pieces_in_another_order(self, projects):
        world.project(
            operator=projects.operator, owner=projects.owner, validator=projects.validator, name="林场李四 李四林"
        )
        upkeep.rebuild(at=projects.at)

        assert names(ask(q="李四林场")) == ["李四林场"]

    def test_forgives_full_width_and_capitals(self, projects):
        number = Project.objects.get(name="重庆竹林").number

        assert names(ask(q="".join(chr(ord(one) + 0xFEE0) for one in f"{number:06d}"))) == ["重庆竹林"]

    def test_never_finds_a_person_by_name(self, register):
        beneficiary = world.retirement.Beneficiary.read(kind="PERSON", name="王小明", code="11010519491231002X")
        register.retire(1, beneficiary=beneficiary)
        upkeep.rebuild(at=register.at)

        assert lines.page(ask("retirements", q="王")).rows == []
        assert lines.count(ask("retirements"))[0] == 1

    def test_says_the_first_of_every_kind_in_the_order_of_names(self, projects):
        found = {listing.slug: page for listing, page, many, _ in lines.everywhere("林") if many}

        assert [one.name for one in found["projects"].rows] == [
            "重庆竹林",
            "李四林场",
            "退化林地造林碳汇项目",
            "张三林场",
        ]
        assert "methodologies" in found


class TestAFilter:
    def test_joins_what_it_asks(self, projects):
        assert set(names(ask(province="15", q="林"))) == {"李四林场", "退化林地造林碳汇项目"}
        assert lines.count(ask(province="15")) == (3, True)

    def test_can_be_written_into_an_address_and_read_again(self, projects):
        asked = ask(province="15", q="林", sort="name", region="某")

        assert lines.read(asked.listing, lines.written(asked)) == asked

    @pytest.mark.parametrize("given", [{"sort": "owner"}, {"sort": "--number"}, {"nothing": "1"}, {"sort": ""}])
    def test_takes_no_order_and_no_property_it_does_not_know(self, projects, given):
        assert names(ask(**given)) == names(ask())

    def test_offers_the_values_there_are(self, projects):
        assert dict(lines.choices(lines.LISTINGS["projects"])["province"]) == {"13": 1, "15": 3, "50": 1, "51": 1}


class TestAPage:
    @pytest.mark.parametrize("sort", ["number", "-number", "name", "-name", "at", "-at", "quantity", "-quantity"])
    def test_goes_on_where_the_last_one_ended_in_every_order(self, projects, sort):
        whole = names(ask(sort=sort))

        assert names(ask(sort=sort), size=1) == names(ask(sort=sort), size=4) == whole
        assert len(set(whole)) == 6

    def test_begins_again_for_a_cursor_of_another_order(self, projects):
        cursor = lines.page(ask(sort="name"), "", 2).older

        assert not lines.page(ask(sort="-name"), cursor).newer
        assert not lines.page(ask(sort="name"), "rubbish").newer

    def test_reads_as_many_statements_however_long_the_list(self, projects, django_assert_num_queries):
        pattern = Line.objects.get(register="P", ref=projects.project.number)
        Line.objects.bulk_create(
            Line(
                register="P", ref=100_000 + one, title=f"{one}", words=pattern.words, key=f"{one:06d}",
                tags=pattern.tags, at=pattern.at,
            )
            for one in range(1000)
        )  # fmt: skip
        for statements, given in ((2, {}), (3, {"q": "林"}), (4, {"province": "15", "sort": "name"})):
            with django_assert_num_queries(statements):
                lines.page(ask(**given))
