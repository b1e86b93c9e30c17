import pytest
from tests import world
from tests.api import requests
from tests.api.conftest import Caller, refused

from tanhui.registry.models import Account, Retirement, Transfer


@pytest.fixture(params=["transfers", "retirements"])
def move(request, register):
    """Path and right body of one of the two."""
    make = requests.transfer if request.param == "transfers" else requests.retirement
    return f"/{request.param}", make(register)


class TestInitiating:
    def test_sets_units_aside_and_says_where_the_instruction_is(self, register, owner, move):
        answer = owner[0].post(*move, key="k1")

        said = answer.json()
        assert answer.status_code == 201
        assert (said["state"], said["quantity_t"]) == ("WAITING", 10)
        assert answer["Location"] == f"/api/v1/instructions/{said['id']}"
        assert answer["ETag"] == owner[1].get(f"/instructions/{said['id']}")["ETag"]
        (units,) = said["units"]
        assert units["quantity_t"] == 10
        assert units["units"][0]["serial"].startswith(register.batch.asset.code)
        assert world.free_t(register.owner.issued) == 890

    def test_again_gives_the_same_answer(self, register, owner, move):
        first, again = owner[0].post(*move, key="k1"), owner[0].post(*move, key="k1")

        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert world.free_t(register.owner.issued) == 890

    def test_under_the_same_key_with_another_body_is_refused(self, register, owner, move):
        path, body = move
        owner[0].post(path, body, key="k1")
        body["units"][0]["quantity_t"] = 11

        refused(owner[0].post(path, body, key="k1"), 422, "identity.reference_taken")
        assert world.free_t(register.owner.issued) == 890

    @pytest.mark.parametrize("key", [None, "", "k" * 65, "钥匙".encode().decode("latin-1"), "two words"])
    def test_needs_a_usable_key(self, register, owner, move, key):
        before = world.state()

        refused(owner[0].post(*move, key=key), 400, "identity.reference_unusable")
        assert world.state() == before

    @pytest.mark.parametrize(
        ("tonnes", "code"),
        [
            (0, "kernel.not_positive"), (-1, "kernel.negative"), (1.5, "kernel.not_whole"), ("10", "kernel.not_whole"),
            (True, "kernel.not_whole"), (None, "kernel.not_whole"), (2**53, "kernel.not_whole"),
            (10.0, "kernel.not_whole"),
        ],
    )  # fmt: skip
    def test_takes_whole_tonnes_only(self, owner, move, tonnes, code):
        path, body = move
        body["units"][0]["quantity_t"] = tonnes

        refused(owner[0].post(path, body, key="k1"), 422, code)

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"account": "A9999999"}, 404, "site.not_found"),
            ({"sub_account": "BUFFER"}, 422, "registry.not_spendable"),
            ({"sub_account": "HOLDING"}, 409, "ledger.not_enough_held"),
            ({"units": []}, 422, "site.request_misshapen"),
            ({"units": [{"batch": "DEMO-1", "quantity_t": 1}]}, 422, "registry.batch_unknown"),
        ],
    )
    def test_refuses_what_is_not_there(self, register, owner, move, change, status, code):
        before = world.state()

        refused(owner[0].post(move[0], move[1] | change, key="k1"), status, code)
        assert world.state() == before

    def test_refuses_more_than_is_held(self, register, owner, move):
        move[1]["units"][0]["quantity_t"] = 901

        said = refused(owner[0].post(*move, key="k1"), 409, "ledger.not_enough_held")
        assert (said["facts"]["asked"], said["facts"]["available"]) == (901, 900)

    def test_takes_chosen_serials(self, register, owner, move):
        first = register.batch.serials.lower + 5
        move[1]["units"][0]["serials"] = {"first": first, "last": first + 9}

        said = owner[0].post(*move, key="k1").json()

        assert [(one["first"], one["last"]) for one in said["units"][0]["units"]] == [(first, first + 9)]

    def test_refuses_serials_of_another_batch(self, owner, move):
        move[1]["units"][0]["serials"] = {"first": 9_000_000_001, "last": 9_000_000_010}

        refused(owner[0].post(*move, key="k1"), 422, "registry.serials_outside_batch")

    def test_refuses_units_under_a_pledge(self, register, owner, move):
        from tanhui.registry.acts import restriction

        restriction.place(
            kind="PLEDGE", account=register.owner.account, units=restriction.everything(register.owner.account),
            authority=register.buyer.organisation, document="质押合同", document_sha256=world.HASH, until_at=None,
            reference="pledge", signatures=register.operator.signatures, at=world.NOON,
        )  # fmt: skip

        said = refused(owner[0].post(*move, key="k1"), 409, "registry.units_restricted")
        assert said["facts"]["kind"] == "PLEDGE"

    def test_by_a_stranger_learns_nothing(self, buyer, move):
        refused(buyer[0].post(*move, key="k1"), 404, "site.not_found")

    def test_by_nobody_is_refused_before_the_body_is_read(self, register, nobody, move):
        refused(nobody.post(move[0], {}, key="k1"), 401, "site.not_signed_in")

    def test_by_the_confirming_representative_is_refused(self, owner, move):
        refused(owner[1].post(*move, key="k1"), 403, "identity.capacity_missing")

    def test_by_someone_whose_mandate_ran_out_is_refused(self, register, move):
        past = world.person()
        world.mandate(past, register.owner.organisation, "VIEW")
        world.mandate(past, register.owner.organisation, "INITIATE", until_at=world.NOON)

        refused(Caller(past).post(*move, key="k1"), 403, "identity.mandate_expired")


class TestATransfer:
    def test_to_no_account_is_refused(self, register, owner):
        body = requests.transfer(register, target="A9999999")

        refused(owner[0].post("/transfers", body, key="k1"), 422, "registry.account_unknown")

    def test_to_a_restricted_account_is_refused(self, register, owner):
        Account.objects.filter(pk=register.buyer.account.pk).update(state="RESTRICTED")

        refused(owner[0].post("/transfers", requests.transfer(register), key="k1"), 422, "registry.account_unknown")


class TestARetirement:
    @pytest.mark.parametrize(
        ("beneficiary", "code"),
        [
            ({"kind": "ORGANISATION", "name": "某公司", "code": "91150402000000018X"}, "kernel.uscc_check_wrong"),
            ({"kind": "EVENT", "name": "  "}, "registry.beneficiary_unnamed"),
            ({"kind": "FOREST", "name": "林"}, "registry.beneficiary_unnamed"),
            ({"kind": "EVENT", "name": "马拉松\U0010fffd"}, "ui.glyph_missing"),
        ],
    )
    def test_refuses_a_beneficiary_it_cannot_print_or_check(self, register, owner, beneficiary, code):
        said = owner[0].post("/retirements", requests.retirement(register, beneficiary=beneficiary), key="k1").json()

        assert said["status"] == 422
        if not code.startswith("kernel."):
            assert said["code"] == code
        else:
            assert said["code"].startswith("kernel.")

    def test_refuses_a_purpose_nobody_knows(self, register, owner):
        body = requests.retirement(register, purpose="FUN")

        refused(owner[0].post("/retirements", body, key="k1"), 422, "registry.purpose_unknown")

    def test_keeps_a_persons_number_masked_only(self, register, owner):
        body = requests.retirement(
            register, beneficiary={"kind": "PERSON", "name": "王小明", "code": "11010519491231002X"}
        )

        said = owner[0].post("/retirements", body, key="k1").json()

        assert said["beneficiary"]["name"] == "王**"
        assert "19491231" not in str(said)


class TestDeciding:
    @pytest.fixture
    def asked(self, register, owner):
        return owner[0].post("/retirements", requests.retirement(register), key="k1")

    def at(self, asked, verb=""):
        return f"/instructions/{asked.json()['id']}" + (f"/{verb}" if verb else "")

    def test_to_confirm_carries_it_out_once(self, owner, asked):
        first, again = (owner[1].post(self.at(asked, "confirm")) for _ in range(2))

        assert first.json()["state"] == "CONFIRMED"
        assert again.json() == first.json()
        assert Retirement.objects.get().certificate == first.json()["decision"]["certificate"]

    def test_to_confirm_a_transfer_moves_the_units(self, register, owner):
        asked = owner[0].post("/transfers", requests.transfer(register), key="k1")

        owner[1].post(self.at(asked, "confirm"))

        assert world.held_t(register.buyer.holding) == 10
        assert Transfer.objects.get().quantity_t == 10

    def test_one_person_does_not_confirm_what_they_asked(self, register, owner, asked):
        both = register.owner.initiator.membership.person
        world.mandate(both, register.owner.organisation, "CONFIRM")

        refused(owner[0].post(self.at(asked, "confirm")), 409, "identity.one_person_twice")
        assert not Retirement.objects.exists()

    def test_the_initiator_alone_may_not_confirm(self, owner, asked):
        refused(owner[0].post(self.at(asked, "confirm")), 403, "identity.capacity_missing")

    def test_to_reject_gives_the_units_back(self, register, owner, asked):
        said = owner[1].post(self.at(asked, "reject"), {"reason": "数量有误"}).json()

        assert (said["state"], said["decision"]["reason"]) == ("REJECTED", "数量有误")
        assert world.free_t(register.owner.issued) == 900

    def test_to_reject_needs_a_reason(self, owner, asked):
        refused(owner[1].post(self.at(asked, "reject"), {"reason": ""}), 422, "site.request_misshapen")
        refused(owner[1].post(self.at(asked, "reject")), 422, "site.request_misshapen")

    def test_to_withdraw_is_the_initiators(self, register, owner, asked):
        refused(owner[1].post(self.at(asked, "withdraw"), {"reason": "x"}), 403, "identity.capacity_missing")

        assert owner[0].post(self.at(asked, "withdraw"), {"reason": "改期"}).json()["state"] == "WITHDRAWN"
        assert world.free_t(register.owner.issued) == 900

    def test_after_the_end_is_refused(self, owner, asked):
        owner[1].post(self.at(asked, "reject"), {"reason": "数量有误"})

        said = refused(owner[1].post(self.at(asked, "confirm")), 409, "identity.already_decided")
        assert said["facts"]["outcome"] == "REJECTED"

    @pytest.mark.parametrize("verb", ["", "confirm", "reject", "withdraw"])
    def test_by_another_organisation_is_not_found(self, buyer, asked, verb):
        path = self.at(asked, verb)

        refused(buyer[1].post(path, {"reason": "x"}) if verb else buyer[1].get(path), 404, "site.not_found")

    @pytest.mark.parametrize("verb", ["", "confirm", "reject", "withdraw"])
    def test_by_nobody_is_refused(self, nobody, asked, verb):
        path = self.at(asked, verb)

        refused(nobody.post(path, {"reason": "x"}) if verb else nobody.get(path), 401, "site.not_signed_in")

    @pytest.mark.parametrize("verb", ["confirm", "reject"])
    def test_on_a_state_that_has_passed_is_refused(self, owner, asked, verb):
        stale = asked["ETag"]
        owner[0].post(self.at(asked, "withdraw"), {"reason": "改期"})

        said = refused(
            owner[1].post(self.at(asked, verb), {"reason": "x"}, **{"if-match": stale}), 412, "registry.stale"
        )
        assert said["facts"]["given"] == stale
        assert said["facts"]["state"] == "WITHDRAWN"

    @pytest.mark.parametrize("match", ["*", '"other", {}'])
    def test_on_the_state_that_stands_is_carried_out(self, owner, asked, match):
        answer = owner[1].post(self.at(asked, "confirm"), **{"if-match": match.format(asked["ETag"])})

        assert answer.json()["state"] == "CONFIRMED"
        assert answer["ETag"] != asked["ETag"]


class TestTheListOfInstructions:
    def test_goes_on_by_cursor_without_gap_or_repeat(self, register, owner):
        made = {owner[0].post("/transfers", requests.transfer(register, 1), key=f"k{n}").json()["id"] for n in range(5)}

        seen, address = [], "/instructions?limit=2"
        while address:
            answer = owner[1].get(address)
            seen += [one["id"] for one in answer.json()["items"]]
            following = answer.json()["next"]
            assert (f'<{following}>; rel="next"' == answer["Link"]) if following else ("Link" not in answer)
            address = following and following.removeprefix("/api/v1")

        assert len(seen) == 5
        assert set(seen) == made

    def test_tells_what_waits(self, register, owner):
        first = owner[0].post("/transfers", requests.transfer(register, 1), key="k1").json()
        second = owner[0].post("/transfers", requests.transfer(register, 1), key="k2").json()
        owner[1].post(f"/instructions/{first['id']}/confirm")

        waiting = owner[1].get("/instructions", {"waiting": "true"}).json()["items"]

        assert [one["id"] for one in waiting] == [second["id"]]

    def test_is_empty_for_another_organisation(self, register, owner, buyer):
        owner[0].post("/transfers", requests.transfer(register, 1), key="k1")

        assert buyer[0].get("/instructions").json() == {"items": [], "next": None}

    @pytest.mark.parametrize("cursor", ["x", "eyJ4IjoxfQ:1abc:xyz"])
    def test_refuses_a_cursor_it_did_not_give(self, owner, cursor):
        refused(owner[0].get("/instructions", {"cursor": cursor}), 422, "registry.cursor_unusable")

    def test_refuses_the_cursor_of_another_list(self, register, owner, nobody):
        for _ in range(2):
            register.retire(1)
        other = nobody.get("/retirements", {"limit": 1}).json()["next"]

        refused(owner[0].get("/instructions?" + other.partition("?")[2]), 422, "registry.cursor_unusable")

    def test_gives_two_hundred_at_most(self, owner):
        refused(owner[0].get("/instructions", {"limit": 201}), 422, "site.request_misshapen")
