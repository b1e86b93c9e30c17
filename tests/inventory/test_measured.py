"""The public page of how the models fare beside measurements."""

import pytest
from django.utils import translation

from tanhui.inventory import measured


class TestComparison:
    @pytest.mark.parametrize(("language", "title"), [("zh-hans", "通量站完整年份 NEP"), ("en", "Annual NEP")])
    def test_is_told_in_the_language_asked_for(self, language, title):
        assert any(title in table.title for table in measured.comparison(language).tables)

    def test_marks_the_smallest_error_even_where_no_model_has_it(self):
        annual = {table.title: table for table in measured.comparison("en").tables}
        plots = next(table for title, table in annual.items() if "plots of SRDB" in title)

        assert [line.alone for line in plots.lines if line.best] == [True]

    def test_counts_change_from_year_to_year(self):
        first, second, *_ = measured.comparison("en").years

        assert first.change is None
        assert second.change == pytest.approx(100 * (second.gpp / first.gpp - 1))


class TestThePage:
    def test_shows_tables_weakness_and_the_command(self, client, db):
        answer = client.get("/stock-sinks/models")
        text = answer.content.decode()

        assert answer.status_code == 200
        for words in ("偏低约 34%", "147", "+170", "2,442", "tanhui nep validate", "误差最小"):
            assert words in text

    def test_speaks_english(self, client, db):
        with translation.override("en"):
            text = client.get("/stock-sinks/models", headers={"accept-language": "en"}).content.decode()

        assert "34 % too low" in text

    def test_gives_the_numbers_as_data(self, client, db):
        answer = client.get("/stock-sinks/models?format=json")

        assert answer.json()["format"] == "tanhui.nep.validation/1"
        assert "attachment" in answer["Content-Disposition"]
