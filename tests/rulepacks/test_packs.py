import datetime as dt
import itertools

import pytest

from tanhui.rulepacks import packs

PACK = """
id = "xx-local-2026"
jurisdiction = "XX"
subject = "Somewhere"
version = "1"
effective_from = 2026-01-01
effective_to = 2027-01-01
status = "draft"
verification = "excerpt"

[source]
title = "Rules of somewhere"
doc_no = "No. 1"
article = "1 to 3"

[params]
publicity = { value = 7, unit = "workday", clause = "1", grade = "B", tag = "V", review_by = 2027-01-01 }
begins = { value = 2026-03-01, unit = "date", clause = "2", grade = "D", tag = "R", review_by = 2027-01-01 }
"""


@pytest.fixture
def written(tmp_path):
    """A pack file with some text replaced."""

    def write(*changes, name="xx-local-2026.toml"):
        text = PACK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


class TestShippedPacks:
    @pytest.mark.parametrize("pack_id", packs.shipped())
    def test_can_all_be_read(self, pack_id):
        assert packs.ship(pack_id).id == pack_id

    def test_are_the_ones_of_the_rule_book(self):
        assert set(packs.shipped()) == {
            "cn-national-ccer-2023", "cn-national-ets-2024", "cn-shanghai-tph-2025", "cn-guangdong-tph-2022",
            "cn-shenzhen-tph-2022", "cn-sichuan-lc-2024", "cn-chifeng-sinks-2024", "cn-event-2019",
            "cn-treeduty-2017", "cn-ecojustice-2022", "cn-venue-2012", "cn-privacy-2025", "cn-shangyu-sinks-2024",
            "demo-local", "demo-compensation",
        }  # fmt: skip

    def test_are_confirmed_only_where_the_full_text_was_read(self):
        confirmed = {pack_id for pack_id in packs.shipped() if packs.ship(pack_id).status == "confirmed"}
        assert confirmed == {
            "cn-national-ccer-2023", "cn-national-ets-2024", "cn-sichuan-lc-2024", "cn-chifeng-sinks-2024",
            "cn-ecojustice-2022", "cn-shangyu-sinks-2024",
        }  # fmt: skip

    def test_hold_the_time_limits_of_the_national_measures(self):
        national = packs.ship("cn-national-ccer-2023").params

        assert [national[key].value for key in ("pdd_publicity", "registration_check", "issuance_check")] == [
            20,
            15,
            15,
        ]
        assert national["reductions_generated_after"].value == dt.date(2020, 9, 22)
        assert national["validator_may_verify_same_project"].value is False

    def test_give_fines_as_a_span(self):
        for pack_id in packs.shipped():
            params = packs.ship(pack_id).params
            for key in params:
                if key.endswith("_min"):
                    assert params[key].value <= params[key.removesuffix("_min") + "_max"].value

    def test_never_share_a_hash(self):
        hashes = [packs.ship(pack_id).sha256 for pack_id in packs.shipped()]
        assert all(one != other for one, other in itertools.combinations(hashes, 2))

    def test_are_named_when_another_is_asked_for(self):
        with pytest.raises(packs.UnknownPack, match="demo-local"):
            packs.ship("../../secret")


class TestRead:
    def test_gives_values_their_types(self, written):
        pack = packs.read(written(("value = 7,", 'value = ["a", "b"],')))

        assert pack.params["publicity"].value == ("a", "b")
        assert pack.params["begins"].value == dt.date(2026, 3, 1)
        assert str(pack.effective) == "2026-01-01/2026-12-31"
        assert [param.key for param in pack.unverified] == ["begins"]

    def test_hashes_what_is_said_and_not_how(self, written):
        said = packs.read(written()).sha256

        assert packs.read(written(("[params]", "# a remark\n\n[params]"))).sha256 == said
        assert packs.read(written(("value = 7,", "value = 8,"))).sha256 != said

    def test_reads_back_what_was_stored(self, written):
        pack = packs.read(written())
        assert packs.load(dict(pack.content), "stored") == pack

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [('version = "1"\n', "", "version"), ("effective_from = 2026-01-01\n", "", "effective_from"),
         ('doc_no = "No. 1"\n', "", "source.doc_no"), ("value = 7, ", "", "params.publicity.value"),
         ('unit = "workday", ', "", "params.publicity.unit"), ('clause = "1", ', "", "params.publicity.clause"),
         ('grade = "B", ', "", "params.publicity.grade"), ('tag = "V", ', "", "params.publicity.tag"),
         ('tag = "V", review_by = 2027-01-01', 'tag = "V"', "params.publicity.review_by")],
    )  # fmt: skip
    def test_names_the_field_that_is_missing(self, written, old, new, field):
        with pytest.raises(packs.PackFieldMissing) as refusal:
            packs.read(written((old, new)))
        assert refusal.value.facts == {"file": "xx-local-2026.toml", "field": field}

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [('subject = "Somewhere"', 'subject = "Somewhere"\ncolour = "red"', "colour"),
         ('title = "Rules', 'author = "me"\ntitle = "Rules', "source.author"),
         ('unit = "workday"', 'unit = "workday", remark = "!"', "params.publicity.remark")],
    )  # fmt: skip
    def test_names_the_field_nobody_knows(self, written, old, new, field):
        with pytest.raises(packs.PackFieldUnknown) as refusal:
            packs.read(written((old, new)))
        assert refusal.value.facts["field"] == field

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [('status = "draft"', 'status = "sure"', "status"), ('status = "draft"', "status = 1", "status"),
         ('"excerpt"', '"hearsay"', "verification"), ('version = "1"', 'version = "one"', "version"),
         ("effective_to = 2027-01-01", "effective_to = 2026-01-01", "effective_to"),
         ("effective_from = 2026-01-01", 'effective_from = "soon"', "effective_from"),
         ('title = "Rules of somewhere"', 'title = "  "', "source.title"),
         ('article = "1 to 3"', 'article = "1 to 3"\nsha256 = "abc"', "source.sha256"),
         ("value = 7,", "value = 7.5,", "params.publicity.value"),
         ("value = 7,", "value = true,", "params.publicity.value"),
         ("value = 7,", "value = [],", "params.publicity.value"),
         ("value = 7,", 'value = [1, "a"],', "params.publicity.value"),
         ("value = 7,", 'value = "",', "params.publicity.value"), ('"workday"', '"flag"', "params.publicity.value"),
         ('"workday"', '"date"', "params.publicity.value"), ('grade = "B"', 'grade = "E"', "params.publicity.grade"),
         ('tag = "V"', 'tag = "S1"', "params.publicity.tag"), ("publicity = {", "Publicity = {", "params.Publicity"),
         ('grade = "D", tag = "R"', 'grade = "A", tag = "R"', "params.begins.grade"),
         ("publicity = {", "note = 3\npublicity = {", "params.note"),
         ('id = "xx-local-2026"', 'id = "xx-other-2026"', "id"), ('id = "xx-local-2026"', 'id = "XX"', "id")],
    )  # fmt: skip
    def test_names_the_field_that_is_wrong(self, written, old, new, field):
        with pytest.raises(packs.PackFieldWrong) as refusal:
            packs.read(written((old, new)))
        assert refusal.value.facts["field"] == field
        assert refusal.value.facts["wanted"]

    def test_names_the_line_that_is_no_toml(self, written):
        with pytest.raises(packs.PackSyntaxWrong, match="line 3"):
            packs.read(written(('jurisdiction = "XX"', "jurisdiction = XX")))

    def test_refuses_a_pack_that_says_nothing(self, written):
        with pytest.raises(packs.PackFieldMissing):
            packs.read(written((PACK[PACK.index("publicity") :], "")))

    def test_refuses_confidence_in_what_was_not_verified(self, written):
        with pytest.raises(packs.ConfirmedTooEarly, match="begins"):
            packs.read(written(("draft", "confirmed"), ("excerpt", "full_text")))
        with pytest.raises(packs.ConfirmedTooEarly, match="excerpt"):
            packs.read(written(("draft", "confirmed"), ('grade = "D", tag = "R"', 'grade = "B", tag = "V"')))
