import datetime as dt
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory, override_settings
from django.utils import translation
from django.utils.module_loading import autodiscover_modules
from tests import world

from tanhui import ui
from tanhui.identity.models import Person
from tanhui.ui import navigation, paging, refusals, samples, sorting
from tanhui.ui.components import figures, lists, work


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class TestAQuantity:
    def test_has_thousands_separators_and_keeps_the_letters_of_its_unit(self):
        assert "12,480" in render("{% tonnes n %}", n=12480)
        assert "tCO<sub>2</sub>e" in render("{% tonnes n %}", n=12480)

    def test_that_is_unknown_is_a_dash_and_not_zero(self):
        assert render("{% tonnes n %}", n=None) == "—"


class TestASerial:
    SERIAL = "TH-51-CCER-14-001-000001-20210101-20251231-001-0000000001-0000012480-F"

    def test_reads_back_unchanged_without_its_mark_up(self):
        assert re.sub("<[^>]*>", "", render("{% serial s %}", s=self.SERIAL)) == self.SERIAL

    def test_shows_the_two_ends_of_the_block(self):
        assert "<b>0000000001</b>" in render("{% serial s %}", s=self.SERIAL)
        assert "<b>0000012480</b>" in render("{% serial s %}", s=self.SERIAL)

    def test_made_of_markup_is_shown_as_text(self):
        assert "<script>" not in render("{% serial s %}", s="<script>-1-2-3-4-5")


class TestADeadline:
    @pytest.mark.parametrize(
        ("given", "said", "tone"),
        [
            ("left=12", "12 working days left", "quiet"),
            ("left=3", "3 working days left", "wait"),
            ("left=1", "1 working day left", "wait"),
            ("left=0", "Due today", "wait"),
            ("left=-2", "2 working days overdue", "stop"),
            ("left=2 stopped=True", "Not counted during correction", "quiet"),
        ],
    )
    def test_says_in_words_what_its_colour_says(self, given, said, tone):
        assert f'<span class="state {tone}">{said}</span>' in render(f"{{% deadline {given} %}}")

    def test_beyond_the_announced_holidays_says_so_and_shows_no_number(self):
        said = render("{% deadline due=on left=9 announced=False %}", on=dt.date(2027, 1, 8))

        assert "Holidays not yet announced" in said
        assert "9" not in re.sub("<[^>]*>", "", said).replace("2027-01-08", "")

    def test_that_is_none_is_a_dash(self):
        assert render("{% deadline %}") == "—"


class TestAFigure:
    WHOLE = '{% figure 449 "g" label="A trip" factor="89.8 g/km" region="City A" methodology="1.2" %}'

    def test_shows_factor_region_and_methodology_version(self):
        said = render(self.WHOLE)

        assert all(part in said for part in ("449", "89.8 g/km", "City A", "1.2"))

    @pytest.mark.parametrize("missing", ['"89.8 g/km"', '"City A"', '"1.2"'])
    def test_is_not_shown_without_one_of_them(self, missing):
        with pytest.raises(figures.Unexplained):
            render(self.WHOLE.replace(missing, "nothing"))

    @pytest.mark.parametrize("left_out", ["factor", "region", "methodology"])
    def test_cannot_even_be_written_without_one_of_them(self, left_out):
        with pytest.raises(TemplateSyntaxError):
            render(re.sub(rf' {left_out}="[^"]*"', "", self.WHOLE))


class TestAList:
    def asked(self, **query):
        return RequestFactory().get("/list", query)

    def test_sorts_the_other_way_when_asked_again_and_keeps_its_filter(self):
        said = render('{% sortable "year" "Year" %}', request=self.asked(sort="year", q="x", before="9"))

        assert 'aria-sort="ascending"' in said
        assert 'href="?sort=-year&amp;q=x"' in said

    def test_marks_its_own_order_when_none_is_asked_for(self):
        assert 'aria-sort="descending"' in render('{% sortable "year" "Year" default="-year" %}', request=self.asked())

    @pytest.mark.parametrize("asked", ["password", "--year", "-", "year;drop", "year,owner"])
    def test_is_never_ordered_by_what_the_page_does_not_offer(self, asked):
        assert sorting.order(asked, {"year": "vintage"}, "-year") == ["-vintage", "-pk"]

    def test_says_each_condition_of_its_filter_and_how_to_drop_it(self):
        request = self.asked(name="林", state="ENDED", sort="year", before="9")
        said = render("{% filter_bar form %}", request=request, form=samples.Filter(request.GET))

        assert 'href="?state=ENDED&amp;sort=year"' in said
        assert 'href="?name=%E6%9E%97&amp;sort=year"' in said
        assert '<input type="hidden" name="sort" value="year">' in said

    def test_shows_markup_in_its_filter_as_text(self):
        request = self.asked(name="<script>")
        said = render("{% filter_bar form %}", request=request, form=samples.Filter(request.GET))

        assert "<script>" not in said
        assert "&lt;script&gt;" in said


class TestAListOfFiles:
    def test_names_what_is_withheld_and_why_and_gives_no_way_to_it(self):
        said = render("{% file_list files %}", files=[work.File("Contracts", url="/secret", sha256="ab" * 32,
                      withheld_reason="names of households")])  # fmt: skip

        assert "names of households" in said
        assert "/secret" not in said
        assert "abab" not in said

    def test_carries_the_whole_hash_for_copying(self):
        assert f'data-copy="{"ab" * 32}"' in render("{% file_list files %}", files=[work.File("a", sha256="ab" * 32)])


class TestAComparison:
    def test_marks_what_differs_in_words_too(self):
        rows = [lists.Row("Area", "128", "131"), lists.Row("Species", "pine", "pine")]
        said = render("{% comparison rows %}", rows=rows)

        assert said.count("changed") == 1
        assert "<del>128</del>" in said
        assert "<ins>131</ins>" in said
        assert "1 difference" in said


class TestAnActInTwoSteps:
    def test_hides_the_button_that_does_it_behind_the_one_that_explains_it(self):
        said = render('{% confirm "freeze" "Nothing can leave." name="do" value="freeze" %}')

        assert said.index("<summary") < said.index("Nothing can leave.") < said.index('name="do" value="freeze"')


def asked_by(visitor):
    request = RequestFactory().get("/ui")
    request.user = visitor
    return request


def keys(rows):
    return [one.pk for one in rows]


class TestTheMenu:
    @pytest.fixture(autouse=True)
    def discovered(self):
        """The rooms' own entries are in before a test puts others in their place."""
        autodiscover_modules("navigation")

    @pytest.mark.django_db
    def test_puts_what_is_mine_under_its_headings_and_counts_it_once(self, monkeypatch):
        people = [world.person() for _ in range(3)]
        one, two = (
            navigation.Entry(
                name, name, 1, waiting=lambda request, many=many: [Person.objects.filter(pk__in=many)], mine=True,
                heading="Work",
            )
            for name, many in (("portal:home", keys(people)), ("ui:style", keys(people[:2])))
        )  # fmt: skip
        monkeypatch.setattr(navigation, "_entries", {"a": one, "b": two})
        menu = navigation.menu(asked_by(people[0]))

        assert [(heading, len(entries)) for heading, entries in menu.own] == [("Work", 2)]
        assert menu.waiting == 3
        assert menu.at_work

    @pytest.mark.django_db
    def test_asks_the_database_once_for_all_of_it(self, monkeypatch, django_assert_num_queries):
        people = [world.person() for _ in range(4)]
        nobody, all_of_them = Person.objects.none(), Person.objects.filter(pk__in=keys(people)).order_by("name")
        distinct = all_of_them.order_by("kind").distinct("kind")
        shown = {"none": [nobody], "some": [nobody, all_of_them], "at once": True, "never": False}
        waiting = {"none": [all_of_them], "some": [all_of_them, distinct], "at once": [all_of_them[:2], nobody]}
        entries = {
            name: navigation.Entry(
                "ui:style", name, 1, shown=lambda request, name=name: shown[name],
                waiting=lambda request, name=name: waiting[name], mine=True,
            )
            for name in shown
        }  # fmt: skip
        monkeypatch.setattr(navigation, "_entries", entries)
        with django_assert_num_queries(1):
            menu = navigation.menu(asked_by(people[0]))

        assert [(one.label, one.waiting) for _heading, own in menu.own for one in own] == [("some", 5), ("at once", 2)]

    def test_asks_nothing_for_who_has_not_signed_in(self, monkeypatch):
        one = navigation.Entry("ui:style", "a", 1, shown=lambda request: [Person.objects.all()])
        monkeypatch.setattr(navigation, "_entries", {"a": one})

        assert navigation.menu(asked_by(AnonymousUser())).bar == []

    def test_moves_what_the_bar_has_no_room_for_under_more(self, monkeypatch):
        entries = {str(place): navigation.Entry("ui:style", str(place), place) for place in range(12)}
        monkeypatch.setattr(navigation, "_entries", entries)
        menu = navigation.menu(RequestFactory().get("/"))

        assert [len(menu.bar), len(menu.more)] == [navigation.BAR, 12 - navigation.BAR]


class TestAForm:
    def test_links_each_error_to_its_field(self):
        said = render("{% form_fields form %}", form=samples.Sample({"tonnes": "1.5", "purpose": "EVENT"}))

        assert 'href="#id_tonnes"' in said
        assert 'id="id_tonnes_error"' in said
        assert 'aria-invalid="true"' in said

    def test_shows_a_refusal_once_with_its_code_and_clause(self):
        form = samples.Sample({"tonnes": "500", "purpose": "EVENT"})
        status = refusals.show(form, samples.SampleRefusal(held=400, wanted=500))
        said = render("{% form_fields form %}", form=form)

        assert status == 409
        assert said.count("400 t are available and 500 t were asked for") == 1
        assert "ui.sample" in said
        assert "ARCHITECTURE.md §6.1" in said

    def test_shows_a_refusal_beside_the_field_it_belongs_to(self):
        form = samples.Sample({"tonnes": "500", "purpose": "EVENT"})
        refusals.show(form, samples.SampleRefusal(held=400, wanted=500), {"ui.sample": "tonnes"})

        assert form.errors["tonnes"] == ["400 t are available and 500 t were asked for. Ask for less."]


class TestAPageAddress:
    def test_keeps_the_filter_when_the_page_changes(self):
        request = RequestFactory().get("/", {"purpose": "EVENT", "before": "9"})

        assert render("{% with_query before='4' %}", request=request) == "?purpose=EVENT&amp;before=4"
        assert render("{% with_query before='' %}", request=request) == "?purpose=EVENT"


class TestTheFrame:
    def test_has_a_skip_link_and_names_its_language(self, client):
        page = client.get("/ui", headers={"accept-language": "zh-CN"}).text

        assert '<a class="skip" href="#main">跳到正文</a>' in page
        assert '<html lang="zh-CN"' in page

    def test_carries_no_script_and_no_style_of_its_own(self, client):
        page = client.get("/ui").text

        assert not re.search(r'<script(?![^>]*\bsrc=)(?![^>]*type="application/json")', page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)

    @pytest.mark.parametrize(("mode", "shown"), [("demonstration", True), ("production", False)])
    def test_says_that_a_demonstration_is_one(self, client, mode, shown):
        with override_settings(TANHUI_MODE=mode):
            assert ("演示环境" in client.get("/ui").text) is shown

    def test_shows_what_the_operator_set_and_nothing_else(self, client):
        with override_settings(TANHUI_OPERATOR={"icp": "某ICP备1号"}):
            page = client.get("/ui").text

        assert "某ICP备1号" in page
        assert "网站标识码" not in page


class TestPreferences:
    def test_are_kept_without_javascript(self, client):
        answer = client.post("/preferences", {"text": "large", "next": "/ui"})

        assert (answer.status_code, answer.url) == (302, "/ui")
        assert 'data-text="large"' in client.get("/ui").text

    def test_never_lead_to_another_site(self, client):
        assert client.post("/preferences", {"theme": "dark", "next": "//evil.example/"}).url == "/"

    def test_ignore_a_value_nobody_offered(self, client):
        client.post("/preferences", {"theme": '"><script>'})

        assert "data-bs-theme" not in client.get("/ui").text


class TestAListCursor:
    class Rows:
        """Enough of a queryset to page through: rows with falling keys."""

        def __init__(self, keys):
            self.keys = list(keys)

        def filter(self, pk__lt):
            return type(self)(key for key in self.keys if key < pk__lt)

        def order_by(self, _):
            return [type("Row", (), {"pk": key}) for key in sorted(self.keys, reverse=True)]

    def test_reads_every_row_once(self):
        rows, seen, before = self.Rows(range(1, 8)), [], ""
        while True:
            page = paging.page(rows, before, size=3)
            seen += [row.pk for row in page.rows]
            if not (before := page.older):
                break

        assert seen == [7, 6, 5, 4, 3, 2, 1]

    @pytest.mark.parametrize("cursor", ["x", "-1", "²", "9" * 40, "1;drop"])
    def test_that_is_no_number_shows_the_first_page(self, cursor):
        assert paging.page(self.Rows([1, 2]), cursor).rows[0].pk == 2


class TestTheStyleSheet:
    SHEET = "".join((Path(ui.__file__).parent / "static/ui" / name).read_text() for name in ("theme.css", "parts.css"))

    def test_keeps_the_letters_of_units_and_slants_no_chinese(self):
        assert "text-transform" not in self.SHEET
        assert "italic" not in self.SHEET

    def test_gives_every_colour_a_dark_counterpart(self):
        light, dark = (re.search(rf"{theme}\] {{(.*?)}}", self.SHEET, re.S)[1] for theme in ("light", "dark"))
        names = [set(re.findall(r"(--[\w-]+):", block)) for block in (light, dark)]

        assert names[0] - names[1] <= {"--bs-border-radius", "--bs-border-radius-lg"}
