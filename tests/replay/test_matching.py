"""A mistyped id is taken for another only where one alone can be meant."""

import pytest

from tanhui.registry.tasks.matching import match, one_edit_apart

from . import tables


class TestOneEditApart:
    @pytest.mark.parametrize(
        ("one", "other"),
        [("CAFR0029-C", "CAFR00029-C"), ("CAFR6339-A", "CAFR-6339-A"), ("CAFR6339-A", "CAFR6338-A"), ("AB", "A")],
    )
    def test_holds_for_a_character_more_less_or_changed_either_way(self, one, other):
        assert one_edit_apart(one, other)
        assert one_edit_apart(other, one)

    @pytest.mark.parametrize(
        ("one", "other"), [("CAFR6339-A", "CAFR6339-A"), ("CAFR6339-A", "CAFR6393-A"), ("AB", "ABCD"), ("AB", "BC")]
    )
    def test_fails_for_the_same_and_for_two_edits(self, one, other):
        assert not one_edit_apart(one, other)


class TestMatchingASurrender:
    def rows(self, tmp_path, *ids, vintage="2014"):
        found = tables.read(tmp_path, [tables.row(id=each, vintage=vintage) for each in ids])
        return {one.id: one for one in found.rows}

    def surrender(self, tmp_path, name):
        folder = tmp_path / "other"
        folder.mkdir()
        return tables.read(folder, [], [tables.surrender(carb_issuance_id=name)]).surrenders[0]

    def test_takes_the_issuance_it_names(self, tmp_path):
        rows = self.rows(tmp_path, "CAFR0029-C", "CAFR0029-D")

        row, cause = match(self.surrender(tmp_path, "CAFR0029-C"), rows, "period_3")

        assert (row.id, cause) == ("CAFR0029-C", None)

    def test_takes_the_only_one_nearby_and_says_so(self, tmp_path):
        rows = self.rows(tmp_path, "CAFR0029-C", "CAFR6339-A")

        row, cause = match(self.surrender(tmp_path, "CAFR00029-C"), rows, "period_3")

        assert row.id == "CAFR0029-C"
        assert (cause.code, cause.effect_t, cause.quantity_t) == ("mistyped", 0, 100)
        assert cause.facts == {"given": "CAFR00029-C", "nearest": "CAFR0029-C"}

    @pytest.mark.parametrize(
        ("ids", "vintage"),
        [(("CAFR0029-A", "CAFR0029-B"), "2014"), (("CAFR0029-A",), "2015"), (("CAFR6339-A",), "2014")],
        ids=["two nearby", "another vintage", "none nearby"],
    )
    def test_takes_none_where_it_would_be_a_guess(self, tmp_path, ids, vintage):
        rows = self.rows(tmp_path, *ids, vintage=vintage)

        row, cause = match(self.surrender(tmp_path, "CAFR0029-X"), rows, "period_3")

        assert row is None
        assert (cause.code, cause.effect_t, cause.entity) == ("unknown_issuance", -100, "CA1001")
