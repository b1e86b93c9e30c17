import io
import json

import pypdf
import pytest
from tests import world
from tests.api.conftest import refused

from tanhui.journal import log
from tanhui.tlog import bundle, checkpoint, note, seal
from tanhui.ui import glyphs

fonts = pytest.mark.skipif(not list(glyphs.FONTS.glob("*.[to]tf")), reason="the fonts are not installed")


def verifier():
    return note.Verifier.parse(str(log.signer().verifier))


class TestLookingUp:
    @pytest.mark.parametrize("offset", [0, 500, 999])
    def test_finds_a_block_by_any_number_inside_it(self, register, nobody, offset):
        said = nobody.get(f"/units/{register.batch.serials.lower + offset}").json()

        assert (said["kind"], said["batch"]) == ("UNITS", register.batch.asset.code)
        assert [one["state"] for one in said["stretches"]] == ["BUFFER" if offset == 999 else "HELD"]
        assert [one["kind"] for one in said["history"]] == ["registry.issued"]

    def test_tells_what_became_of_a_retired_unit(self, register, nobody):
        done = register.retire(10, first=20)

        said = nobody.get(f"/units/{register.batch.serials.lower + 25}").json()

        (stretch,) = said["stretches"]
        assert (stretch["state"], stretch["certificate"]) == ("RETIRED", done.certificate)
        assert [one["kind"] for one in said["history"]] == ["registry.issued", "registry.retired"]

    def test_never_tells_who_holds_a_unit(self, register, nobody):
        register.transfer(10, first=20)

        answer = nobody.get(f"/units/{register.batch.serials.lower + 25}")

        assert register.buyer.account.code not in answer.content.decode()
        assert register.buyer.organisation.uscc not in answer.content.decode()

    def test_finds_by_the_printed_serial_and_by_certificate(self, register, nobody):
        done = register.retire(10)
        (stretch,) = nobody.get(f"/units/{register.batch.serials.lower}").json()["stretches"]

        by_serial = nobody.get(f"/units/{stretch['serial'].lower()}").json()
        by_certificate = nobody.get(f"/units/{done.certificate}").json()

        assert by_serial["stretches"][0]["certificate"] == done.certificate
        assert by_certificate["certificate"]["quantity_t"] == 10

    def test_refuses_a_wrong_check_character(self, register, nobody):
        certificate = register.retire(10).certificate
        wrong = certificate[:-1] + ("A" if certificate[-1] != "A" else "B")

        refused(nobody.get(f"/units/{wrong}"), 422, "kernel.check_character_wrong")

    def test_refuses_what_was_never_issued(self, register, nobody):
        refused(nobody.get("/units/9999999999"), 404, "portal.never_issued")


class TestACertificate:
    def test_says_what_was_retired_and_where_the_log_has_it(self, register, nobody, sequence):
        done = register.retire(10, first=20)
        sequence()

        said = nobody.get(f"/certificates/{done.certificate}").json()

        first = register.batch.serials.lower + 20
        assert (said["quantity_t"], said["beneficiary_name"]) == (10, "城市马拉松")
        assert [(one["first"], one["last"]) for one in said["parts"][0]["units"]] == [(first, first + 9)]
        assert said["log_index"] is not None

    @pytest.mark.parametrize("end", ["/proof", ".pdf"])
    def test_is_not_ready_until_the_log_has_it(self, register, nobody, end):
        done = register.retire(10)

        refused(nobody.get(f"/certificates/{done.certificate}{end}"), 409, "registry.certificate_not_ready")

    def test_has_a_proof_that_holds(self, register, nobody, sequence):
        done = register.retire(10)
        sequence()

        answer = nobody.get(f"/certificates/{done.certificate}/proof")

        verdict = bundle.verify(bundle.loads(answer.content), trusted=[str(log.signer().verifier)])
        assert verdict.trusted
        assert verdict.leaf["fact"]["certificate"] == done.certificate

    @pytest.mark.parametrize("end", ["", "/proof", ".pdf"])
    def test_nobody_issued_is_not_found(self, register, nobody, end):
        refused(nobody.get(f"/certificates/EV2026000000011{end}"), 404, "site.not_found")

    @fonts
    def test_is_the_same_bytes_whenever_it_is_asked_for(self, register, nobody, sequence):
        done = register.retire(10)
        sequence()
        before = nobody.get(f"/certificates/{done.certificate}.pdf").content
        register.retire(5)
        sequence()

        assert nobody.get(f"/certificates/{done.certificate}.pdf").content == before

    @fonts
    @pytest.mark.parametrize(
        "given",
        [
            {"kind": "EVENT", "name": "城市马拉松"},
            {"kind": "PERSON", "name": "王小明", "code": "11010519491231002X"},
            {"kind": "ORGANISATION", "name": "湖滨博览有限公司", "code": "own"},
        ],
    )
    def test_is_sealed_and_carries_its_proof(self, register, nobody, sequence, given):
        from tanhui.registry.acts import retirement

        if given.get("code") == "own":
            given = given | {"code": register.buyer.organisation.uscc}
        done = register.retire(10, beneficiary=retirement.Beneficiary.read(**given), statement="第三届")
        sequence()

        pdf = nobody.get(f"/certificates/{done.certificate}.pdf").content

        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        seal.check(pdf, verifier())
        made = bundle.loads(seal.proof_file(pdf))
        assert bundle.verify(made).leaf["fact"]["certificate"] == done.certificate
        assert done.certificate in text
        assert done.beneficiary_name in text

    @fonts
    def test_names_each_batch_once_though_its_units_were_chosen_piece_by_piece(self, register, nobody, sequence):
        done = register.retire(wanted=[*register.wanted(3, 10), *register.wanted(3, 5)])
        sequence()

        assert nobody.get(f"/certificates/{done.certificate}.pdf").status_code == 200


@fonts
class TestANoticeOfIssuance:
    def test_states_what_was_verified_and_what_the_buffer_took(self, register, sequence):
        from tanhui.registry import certificates, queries

        sequence()
        pdf = certificates.issuance_notice(queries.batches().get(pk=register.batch.pk))

        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        seal.check(pdf, verifier())
        for fact in ("1,000", "900", "100", register.batch.asset.code[:20]):
            assert fact in text


class TestTheRegisters:
    def test_list_projects_batches_and_retirements(self, register, nobody):
        done = register.retire(10)

        (project,) = nobody.get("/projects").json()["items"]
        (batch,) = nobody.get("/batches").json()["items"]
        (retired,) = nobody.get("/retirements").json()["items"]

        assert (project["number"], project["issued_t"]) == (register.project.number, 1000)
        assert (batch["batch"], batch["quantity_t"], batch["inputs_sha256"]) == (
            register.batch.asset.code,
            1000,
            world.HASH,
        )
        assert (retired["certificate"], retired["quantity_t"]) == (done.certificate, 10)

    @pytest.mark.parametrize("path", ["/projects", "/batches", "/retirements"])
    def test_go_on_by_cursor(self, register, nobody, path):
        register.another_batch()
        world.project(operator=register.operator, owner=register.owner, validator=register.validator)
        for _ in range(2):
            register.retire(1)

        first = nobody.get(path, {"limit": 1}).json()
        second = nobody.get(first["next"].removeprefix("/api/v1")).json()

        assert len(first["items"]) == len(second["items"]) == 1
        assert first["items"] != second["items"]
        assert second["next"] is None

    def test_are_searched_by_purpose_and_beneficiary(self, register, nobody):
        register.retire(1)
        wanted = register.retire(2, purpose="PUBLIC", beneficiary=world.event("湖滨音乐节"))

        for query in ({"purpose": "PUBLIC"}, {"beneficiary": "音乐"}):
            found = nobody.get("/retirements", query).json()["items"]
            assert [one["certificate"] for one in found] == [wanted.certificate]

    def test_add_up(self, register, nobody):
        register.retire(10)

        said = nobody.get("/figures").json()

        assert said["issued_t"] == said["held_t"] + said["buffer_t"] + said["retired_t"] + said["cancelled_t"] == 1000
        assert said["retired"] == [{"purpose": "EVENT", "count": 1, "quantity_t": 10}]


class TestTheLog:
    def test_gives_its_signed_checkpoint(self, register, nobody, sequence):
        sequence()

        said = nobody.get("/log/checkpoint").json()

        head, _ = checkpoint.verify(said["note"], [note.Verifier.parse(key) for key in said["keys"]])
        assert (head.size, head.root.hex()) == (said["size"], said["root"])

    def test_says_when_there_is_none_yet(self, db, nobody):
        refused(nobody.get("/log/checkpoint"), 404, "portal.log_empty")


class TestTheDescription:
    def test_speaks_chinese_under_english_operation_ids(self, db, nobody):
        described = json.loads(nobody.get("/openapi.json").content)

        assert described["openapi"] == "3.1.0"
        for operations in described["paths"].values():
            for operation in operations.values():
                assert world.CHINESE.search(operation["summary"])
                assert operation["operationId"].isascii()
                assert operation["responses"]["4XX"] == {"$ref": "#/components/responses/Problem"}

    def test_demands_a_key_wherever_units_are_set_aside(self, db, nobody):
        described = json.loads(nobody.get("/openapi.json").content)

        for path in ("/api/v1/transfers", "/api/v1/retirements"):
            (key,) = (one for one in described["paths"][path]["post"]["parameters"] if one["in"] == "header")
            assert (key["name"], key["required"], key["schema"]["maxLength"]) == ("Idempotency-Key", True, 64)
