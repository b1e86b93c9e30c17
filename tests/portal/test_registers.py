import datetime as dt
import io

import pytest
import python_calamine
from tests import world
from tests.methods import agri

from tanhui.journal import log, sequencer
from tanhui.tlog import checkpoint, merkle, note

pytestmark = pytest.mark.django_db

REGISTERS = ["projects", "batches", "retirements", "cancellations"]


@pytest.fixture
def retired(register, taken_in):
    """300 t retired for an event and 200 t for a company whose name a spreadsheet would run."""
    register.retire(300)
    register.retire(200, purpose="PUBLIC", beneficiary=world.event("=HYPERLINK(1)"))
    taken_in()
    return register


class TestTheFigures:
    def test_account_for_every_tonne(self, client, retired):
        page = client.get("/figures")

        found = page.context["figures"]
        assert (found.issued, found.held, found.buffer, found.retired) == (1000, 400, 100, 500)
        assert found.balances
        assert "每一吨都在且只在一处" in page.text

    def test_list_purposes_and_beneficiaries(self, client, retired):
        page = client.get("/figures").text

        assert "大型活动碳中和" in page
        assert "城市马拉松" in page

    @pytest.mark.parametrize("path", ["/", "/figures", *(f"/figures/{name}" for name in REGISTERS)])
    def test_cost_few_statements(self, client, retired, django_assert_max_num_queries, path):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


class TestTheRetirementRegister:
    def test_is_filtered_by_purpose_and_by_part_of_a_name(self, client, retired):
        by_purpose = client.get("/figures/retirements", {"purpose": "EVENT"})
        by_name = client.get("/figures/retirements", {"beneficiary": "马拉"})

        assert [one.quantity_t for one in by_purpose.context["page"].rows] == [300]
        assert [one.quantity_t for one in by_name.context["page"].rows] == [300]
        assert by_purpose.context["whole"] == 300

    def test_says_what_to_do_when_nothing_matches(self, client, retired):
        assert "没有符合条件的记录" in client.get("/figures/retirements", {"beneficiary": "无此名称"}).text

    def test_shows_nothing_for_a_purpose_nobody_knows(self, client, retired):
        page = client.get("/figures/retirements", {"purpose": "NOTHING"})

        assert page.context["page"].rows == []
        assert "没有符合条件的记录" in page.text


class TestADownload:
    @pytest.mark.parametrize("name", REGISTERS)
    def test_is_a_csv_that_a_spreadsheet_reads(self, client, retired, name):
        answer = client.get(f"/figures/{name}", {"format": "csv"})

        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")

    def test_keeps_the_filter_and_starts_no_formula(self, client, retired):
        answer = client.get("/figures/retirements", {"format": "csv", "purpose": "PUBLIC"})
        rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

        assert len(rows) == 2
        assert ",'=HYPERLINK(1)," in rows[1]

    def test_keeps_leading_zeros_as_text_in_xlsx(self, client, retired):
        answer = client.get("/figures/projects", {"format": "xlsx"})
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))

        assert book.get_sheet_by_index(0).to_python()[1][0] == f"{retired.project.number:06d}"


class TestTheLog:
    @pytest.fixture
    def earlier(self, retired):
        """The checkpoint someone kept before more was recorded."""
        sequencer.sequence(at=retired.at, most=5)
        kept = (log.folder() / "checkpoint").read_text()
        sequencer.sequence(at=retired.at + dt.timedelta(seconds=1))
        return kept

    def test_continues_an_earlier_checkpoint(self, client, earlier):
        page = client.post("/log", {"checkpoint": earlier.replace("\n", "\r\n").strip()})

        assert page.status_code == 200
        assert page.context["consistent"].old == 5
        assert "历史未被改写" in page.text

    def test_exposes_a_checkpoint_of_another_history(self, client, earlier):
        other = checkpoint.Checkpoint(log.signer().name, 5, merkle.root([b"another past"])).sign([log.signer()])

        answer = client.post("/log", {"checkpoint": other})

        assert (answer.status_code, "tlog.history_rewritten" in answer.text) == (422, True)

    @pytest.mark.parametrize("text", ["", "x", "a\nb\nc\n", "\x00", "— x y\n" * 50])
    def test_refuses_what_is_no_checkpoint(self, client, earlier, text):
        assert client.post("/log", {"checkpoint": text}).status_code == 422

    def test_refuses_another_logs_checkpoint(self, client, earlier):
        stranger = note.Signer.generate("elsewhere.example/log")
        other = checkpoint.Checkpoint(stranger.name, 5, merkle.root([])).sign([stranger])

        answer = client.post("/log", {"checkpoint": other})

        assert "tlog.key_unknown" in answer.text

    def test_serves_its_files_to_mirrors(self, client, earlier):
        assert client.get("/log/checkpoint").content == (log.folder() / "checkpoint").read_bytes()
        assert "immutable" not in client.get("/log/checkpoint").headers["Cache-Control"]

    @pytest.mark.parametrize(
        "path", ["../secrets/log_key", "tile/0/../../../secrets/log_key", "sm3.frontier", "tile/9"]
    )
    def test_serves_nothing_else(self, client, earlier, path):
        assert client.get(f"/log/{path}").status_code == 404


class TestAProjectPage:
    def test_hands_out_the_bundle_the_quantity_is_computed_from(self, client, register):
        day = world.Days(dt.date(2024, 1, 1), dt.date(2024, 1, 2))
        bundle = agri.digester().run(purpose="demonstration").bundle()
        period = world.verified(
            register.project, verifier=register.verifier, span=day, bundle=bundle, demonstration=True
        )

        page = client.get(f"/projects/{register.project.number}").text
        address = f"/projects/{register.project.number}/runs/{period.pk}"

        assert address in page
        assert client.get(address).content == bundle

    def test_hands_out_no_bundle_that_is_not_there(self, client, register):
        number = register.project.number

        assert client.get(f"/projects/{number}/runs/{register.period.pk}").status_code == 404
        assert client.get(f"/projects/{number + 1}/runs/{register.period.pk}").status_code == 404
