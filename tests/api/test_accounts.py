import datetime as dt
import io
import re

import pypdf
import pytest
from tests import world
from tests.api.conftest import refused

from tanhui.tlog import note, seal
from tanhui.ui import glyphs

fonts = pytest.mark.skipif(not list(glyphs.FONTS.glob("*.[to]tf")), reason="the fonts are not installed")
DAYS = {"from": "2026-06-01", "to": "2026-06-30"}
ANY = DAYS | {"batch": "DEMO-1"}


class TestMe:
    def test_tells_what_one_may_do_for_whom(self, register, owner):
        said = owner[0].get("/me").json()

        (mine,) = said["organisations"]
        assert mine["capacities"] == ["INITIATE"]
        assert mine["account"] == register.owner.account.code
        assert said["waiting"] == 0

    def test_asks_nobody_to_say_who_they_are(self, nobody):
        answer = nobody.get("/me")

        refused(answer, 401, "site.not_signed_in")
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_does_not_take_a_token_that_is_none(self, nobody, db):
        refused(nobody.get("/me", authorization="Bearer th_nonsense"), 401, "site.not_signed_in")


class TestAccounts:
    def test_are_those_of_ones_own_organisations(self, register, buyer):
        assert [one["code"] for one in buyer[0].get("/accounts").json()["items"]] == [register.buyer.account.code]

    @pytest.mark.parametrize("end", ["holdings", "statement", "statement.pdf", "holding.pdf", "issuance.pdf"])
    def test_of_others_are_not_found(self, register, buyer, end):
        refused(buyer[0].get(f"/accounts/{register.owner.account.code}/{end}", ANY), 404, "site.not_found")

    @pytest.mark.parametrize("end", ["holdings", "statement", "statement.pdf", "holding.pdf", "issuance.pdf"])
    def test_are_not_shown_to_nobody(self, register, nobody, end):
        refused(nobody.get(f"/accounts/{register.owner.account.code}/{end}", ANY), 401, "site.not_signed_in")

    def test_of_someone_whose_mandate_ended_are_not_found(self, register):
        from tests.api.conftest import Caller

        past = world.person()
        world.mandate(past, register.owner.organisation, "VIEW", until_at=world.NOON)

        refused(Caller(past).get(f"/accounts/{register.owner.account.code}/holdings"), 404, "site.not_found")


class TestHoldings:
    def test_add_up_with_what_is_reserved_and_locked(self, register, owner):
        register.initiate(30)
        account = register.owner.account

        (row,) = owner[0].get(f"/accounts/{account.code}/holdings").json()["items"]

        assert (row["quantity_t"], row["available_t"], row["reserved_t"], row["locked_t"]) == (900, 870, 30, 0)

    def test_as_of_a_moment_are_those_of_that_moment(self, register, owner):
        later = world.NOON + dt.timedelta(days=1)
        register.transfer(100, at=later)
        code = register.owner.account.code

        before = owner[0].get(f"/accounts/{code}/holdings", {"as_of": "2026-06-05T12:00:00Z"}).json()
        after = owner[0].get(f"/accounts/{code}/holdings", {"as_of": "2026-06-07T12:00:00+08:00"}).json()

        assert [one["quantity_t"] for one in before["items"]] == [900]
        assert [one["quantity_t"] for one in after["items"]] == [800]
        assert before["as_of"] == "2026-06-05T12:00:00Z"

    @pytest.mark.parametrize("moment", ["1601-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
    def test_are_not_asked_for_beyond_the_registers_time(self, register, owner, moment):
        answer = owner[0].get(f"/accounts/{register.owner.account.code}/holdings", {"as_of": moment})

        refused(answer, 422, "registry.day_impossible")

    def test_cost_the_same_however_many_there_are(self, register, owner, django_assert_max_num_queries):
        for _ in range(4):
            register.another_batch()

        with django_assert_max_num_queries(10):
            said = owner[0].get(f"/accounts/{register.owner.account.code}/holdings").json()

        assert len(said["items"]) == 5


class TestAStatement:
    def test_adds_up_over_its_days(self, register, owner):
        register.transfer(100, at=world.NOON + dt.timedelta(days=1))
        register.retire(50, at=world.NOON + dt.timedelta(days=2))
        code = register.owner.account.code

        said = owner[0].get(f"/accounts/{code}/statement", {"from": "2026-06-06", "to": "2026-06-07"}).json()

        (line,) = said["lines"]
        assert line == {
            "batch": register.batch.asset.code, "opening_t": 900, "coming_t": 0, "going_t": 150, "closing_t": 750,
        }  # fmt: skip
        assert [one["quantity_t"] for one in said["movements"]] == [-100, -50]
        assert said["movements"][0]["counterparty"] == f"{register.buyer.account.code}/HOLDING"
        assert said["movements"][1]["counterparty"] == "retired:EVENT"
        assert said["movements"][0]["serials"][0]["last"] - said["movements"][0]["serials"][0]["first"] == 99

    def test_takes_days_of_beijing(self, register, owner):
        register.transfer(7, at=dt.datetime(2026, 6, 30, 16, 30, tzinfo=dt.UTC))  # half past midnight of 1 July
        code = register.owner.account.code

        june = owner[0].get(f"/accounts/{code}/statement", DAYS).json()
        july = owner[0].get(f"/accounts/{code}/statement", {"from": "2026-07-01", "to": "2026-07-01"}).json()

        assert june["lines"][0]["going_t"] == 0
        assert july["lines"][0]["going_t"] == 7

    @pytest.mark.parametrize(
        "days", [("2026-06-30", "2026-06-01"), ("0001-01-01", "2026-01-01"), ("2026-01-01", "9999-12-31")]
    )
    def test_refuses_impossible_days(self, register, owner, days):
        answer = owner[0].get(f"/accounts/{register.owner.account.code}/statement", dict(zip(DAYS, days, strict=True)))

        refused(answer, 422, "registry.day_impossible")

    def test_says_which_day_is_no_day(self, register, owner):
        answer = owner[0].get(f"/accounts/{register.owner.account.code}/statement", {"from": "yesterday"})

        said = refused(answer, 422, "site.request_misshapen")
        assert [fault["at"] for fault in said["errors"]] == ["query.from", "query.to"]


@fonts
class TestPapersOfAnAccount:
    def test_state_what_the_account_held_and_are_sealed(self, register, owner, sequence):
        from tanhui.journal import log

        register.initiate(30)
        code = register.owner.account.code

        for end, query in [("holding.pdf", None), ("statement.pdf", DAYS)]:
            answer = owner[0].get(f"/accounts/{code}/{end}", query)
            text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)

            assert answer["Content-Type"] == "application/pdf"
            assert code in text
            assert "900" in text
            seal.check(answer.content, note.Verifier.parse(str(log.signer().verifier)))

    def test_tell_the_other_end_of_a_movement_as_people_know_it(self, register, owner):
        register.transfer(40)
        register.retire(10)

        pdf = owner[0].get(f"/accounts/{register.owner.account.code}/statement.pdf", DAYS).content

        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        text = re.sub(r"\s", "", text)
        assert f"{register.buyer.account.code}一般持有" in text
        assert "大型活动碳中和" in text
        assert "retired:" not in text

    def test_give_notice_of_an_issuance_to_the_owner_alone(self, register, owner, buyer, sequence):
        batch = {"batch": register.batch.asset.code}
        sequence()

        mine = owner[0].get(f"/accounts/{register.owner.account.code}/issuance.pdf", batch)
        theirs = buyer[0].get(f"/accounts/{register.buyer.account.code}/issuance.pdf", batch)

        assert mine["Content-Type"] == "application/pdf"
        refused(theirs, 404, "site.not_found")
