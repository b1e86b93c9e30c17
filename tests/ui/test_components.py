import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation

from tanhui import ui
from tanhui.ui import paging, refusals, samples


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

        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
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
    SHEET = (Path(ui.__file__).parent / "static/ui/theme.css").read_text()

    def test_keeps_the_letters_of_units_and_slants_no_chinese(self):
        assert "text-transform" not in self.SHEET
        assert "italic" not in self.SHEET

    def test_gives_every_colour_a_dark_counterpart(self):
        light, dark = (re.search(rf"{theme}\] {{(.*?)}}", self.SHEET, re.S)[1] for theme in ("light", "dark"))
        names = [set(re.findall(r"(--[\w-]+):", block)) for block in (light, dark)]

        assert names[0] - names[1] <= {"--bs-border-radius", "--bs-border-radius-lg"}
