"""The papers of the register, rendered for real and read back with a PDF reader."""

import dataclasses
import io
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest

from tanhui.kernel import serials
from tanhui.registry import papers
from tanhui.tlog import seal
from tanhui.ui import glyphs, numerals, paper

pytestmark = pytest.mark.skipif(
    not list(glyphs.FONTS.glob("*.[to]tf")), reason="the fonts are not installed (they come with the assets)"
)

AT = datetime(2026, 11, 20, 6, 3, 22, tzinfo=UTC)
HASH = "0123456789abcdef" * 4
ROOT = HASH[::-1]
PROOF = b'{"leaf":"..."}\n'
LOG = papers.LogPlace(origin="log.example/tanhui", leaf_index=41, tree_size=58, leaf_hash=HASH, root_hash=ROOT)
HOSTILE = '#evil[x] $1$ *b* _i_ `c` <a> @b \\ // /* "q" #import("x") = h'
BUYER = papers.Party(name="杭州绿能交易有限公司", identifier="91330106MA2CFXYZ1R")


def block(first: int, last: int, batch: int = 1) -> papers.Block:
    return papers.Block.of(
        serials.Serial(
            scheme="CCER",
            province="33",
            methodology="CCER-14-001-V01",
            project=123,
            start=date(2024, 1, 1),
            end=date(2024, 12, 31),
            batch=batch,
            numbers=serials.Range(first, last),
        )
    )


def batch(*blocks: papers.Block, code: str = "B-001", name: str = "退化林地造林碳汇项目") -> papers.Batch:
    return papers.Batch(
        code=code,
        project=papers.Project(
            code="330001234",
            name=name,
            kind=papers.Label("造林碳汇", "Afforestation"),
            region="浙江省丽水市",
            owner="丽水市生态林业发展有限公司",
        ),
        methodology=papers.Methodology(code="CCER-14-001", version="V01", name="造林碳汇"),
        period=(date(2024, 1, 1), date(2024, 12, 31)),
        input_hash=HASH,
        trace_hash=ROOT,
        blocks=blocks,
    )


def masthead(number: str, *, demonstration: bool = False) -> papers.Masthead:
    return papers.Masthead(
        operator="某市碳汇登记中心",
        number=number,
        url=f"https://tanhui.example/c/{number}",
        demonstration=demonstration,
    )


def retirement(*batches: papers.Batch, name: str = "湖滨博览有限公司", demonstration: bool = False, detail: str = ""):
    return papers.RetirementCertificate(
        masthead=masthead("EV2026000000017", demonstration=demonstration),
        purpose_code="EV",
        purpose=papers.Label("大型活动碳中和", "Event carbon neutrality"),
        detail=detail,
        beneficiary=papers.Party(name=name, identifier="91330100MA27XQ0D5L"),
        holder=BUYER,
        batches=batches or (batch(block(1, 12_000), block(20_001, 20_345)),),
        retired_at=AT,
        transaction_id="TX-20261120-0000482",
        log=LOG,
    )


def enclosed() -> list[paper.Attachment]:
    return [paper.Attachment(name="proof.json", content=PROOF, description="Proof of inclusion")]


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    """The text of all pages without any space, since readers differ in where they put them."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader(pdf).pages))


class TestRetirementCertificate:
    def test_states_everything_a_certificate_must(self):
        stated = words(papers.certificate(retirement(detail="第三届低碳马拉松"), attachments=enclosed()))

        for fact in (
            "注销证书",
            "某市碳汇登记中心",
            "EV2026000000017",
            "大型活动碳中和",
            "第三届低碳马拉松",
            "湖滨博览有限公司",
            "91330100MA27XQ0D5L",
            "杭州绿能交易有限公司",
            "12,345tCO2e",
            "壹万贰仟叁佰肆拾伍吨",
            "330001234",
            "退化林地造林碳汇项目",
            "造林碳汇",
            "浙江省丽水市",
            "丽水市生态林业发展有限公司",
            "CCER-14-001版本V01",
            "2024年1月1日至2024年12月31日",
            str(block(1, 12_000).printed),
            str(block(20_001, 20_345).printed),
            "2026年11月20日14:03:22",
            "TX-20261120-0000482",
            "log.example/tanhui",
            "41/58",
            HASH,
            ROOT,
            "已注销，不得再次使用或转让",
            "cannotbereused",
            "tanhuiverifythis.pdf",
        ):
            assert fact in stated, fact

    def test_fits_one_page_when_ordinary(self):
        assert len(reader(papers.certificate(retirement(), attachments=enclosed())).pages) == 1

    def test_lists_sixty_blocks_on_further_pages_under_a_repeated_head(self):
        blocks = [block(number * 1_000 + 1, number * 1_000 + 7 + number) for number in range(60)]

        pages = reader(papers.certificate(retirement(batch(*blocks), demonstration=True))).pages

        assert len(pages) == 3
        listed = "".join(re.sub(r"\s", "", page.extract_text()) for page in pages[1:])
        assert all(one.printed in listed for one in blocks)
        for page in pages:
            assert "不具法律效力" in page.extract_text()
        for page in pages[1:]:
            assert "Serial block" in page.extract_text()
            assert "EV2026000000017" in page.extract_text()

    def test_of_several_projects_names_each(self):
        stated = words(
            papers.certificate(
                retirement(batch(block(1, 5)), batch(block(6, 9, 2), code="B-002", name="红树林营造项目"))
            )
        )

        assert "项目与批次1/2" in stated
        assert "项目与批次2/2" in stated
        assert "红树林营造项目" in stated
        assert "9tCO2e" in stated

    def test_carries_its_proof(self):
        assert reader(papers.certificate(retirement(), attachments=enclosed())).attachments == {"proof.json": [PROOF]}

    def test_has_the_same_bytes_in_another_process(self):
        script = (
            "import hashlib, runpy, sys\n"
            f"its = runpy.run_path({__file__!r})\n"
            "pdf = its['papers'].certificate(its['retirement'](), attachments=its['enclosed']())\n"
            "print(hashlib.sha256(pdf).hexdigest())"
        )

        told = {
            subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        }

        assert len(told) == 1

    def test_can_be_sealed_without_moving_a_byte(self):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

        unsealed = papers.certificate(retirement(), attachments=enclosed())
        sealed = seal.seal(unsealed, key.sign)

        assert len(sealed) == len(unsealed)
        assert len(seal.SEALED.findall(sealed)) == 2
        assert seal.proof_file(sealed) == PROOF
        assert words(sealed) == words(unsealed)

    def test_prints_a_beneficiary_made_of_markup_literally(self):
        assert HOSTILE.replace(" ", "") in words(papers.certificate(retirement(name=HOSTILE)))

    def test_prints_rare_characters_of_names(self):
        assert "䶮㛃𬶏𫖯𬱖" in words(papers.certificate(retirement(name="䶮㛃𬶏𫖯𬱖")))

    def test_refuses_a_name_with_a_character_no_font_has(self):
        with pytest.raises(glyphs.GlyphMissing, match=re.escape("“𫟷” (U+2B7F7)")):
            papers.certificate(retirement(name="李𫟷"))

    def test_keeps_long_words_inside_the_page_and_whole_for_who_copies_them(self):
        long = "Vereinigte_Überlandwerke" * 6
        pdf = papers.certificate(retirement(batch(papers.Block("F" * 200, 1, 9)), name=long, detail="B" * 300))

        lines = reader(pdf).pages[0].extract_text().splitlines()
        assert sum(set(line) == {"B"} for line in lines) >= 3
        assert sum("FFFF" in line for line in lines) >= 2
        for whole in (long, "B" * 300, "F" * 200):
            assert whole in words(pdf)

    def test_lets_a_very_long_purpose_flow_on_instead_of_cutting_it(self):
        pdf = papers.certificate(retirement(detail="为" + "碳" * 4_000 + "终"))

        assert words(pdf).count("碳") >= 4_000
        assert len(reader(pdf).pages) > 1

    def test_shows_the_band_only_as_a_demonstration(self):
        assert "不具法律效力" not in words(papers.certificate(retirement()))
        assert "演示DEMONSTRATION–不具法律效力" in words(papers.certificate(retirement(demonstration=True)))

    def test_sends_to_the_register_when_it_carries_no_proof(self):
        stated = words(papers.certificate(retirement()))

        assert "tanhuiverify" not in stated
        assert "如何核验" in stated

    def test_is_printed_in_less_than_fifty_milliseconds_when_warm(self):
        papers.certificate(retirement(), attachments=enclosed())

        def once() -> float:
            begun = time.process_time()
            papers.certificate(retirement(), attachments=enclosed())
            return time.process_time() - begun

        assert min(once() for _ in range(5)) < 0.05

    def test_refuses_serial_blocks_that_overlap(self):
        with pytest.raises(ValueError, match="overlap"):
            retirement(batch(block(1, 10), block(10, 20)))

    def test_refuses_to_certify_nothing(self):
        with pytest.raises(ValueError, match="nothing"):
            retirement(batch())

    def test_never_prints_a_whole_identity_number(self):
        with pytest.raises(ValueError, match="mask"):
            papers.Party(name="张三", identifier="11010519491231002X", kind="person")

        assert papers.Party(name="张三", identifier="110105********002X", kind="person").identifier.endswith("002X")

    def test_names_an_event_without_a_code(self):
        made = dataclasses.replace(retirement(), beneficiary=papers.Party(name="第三届低碳马拉松", kind="event"))

        stated = words(papers.certificate(made))

        assert "第三届低碳马拉松活动Event" in stated
        assert "统一社会信用代码" not in stated

    def test_prints_no_label_for_a_code_that_is_not_there(self):
        made = dataclasses.replace(retirement(), beneficiary=papers.Party(name="旧系统客户"))

        assert "统一社会信用代码" not in words(papers.certificate(made))


class TestHoldingCertificate:
    HOLDING = papers.HoldingCertificate(
        masthead=masthead("HC2026000000009"),
        holder=BUYER,
        account="33-000412-00",
        as_of=AT - timedelta(hours=8),
        issued_at=AT,
        holdings=(
            papers.Holding(
                batch=batch(block(1, 5_000), block(7_001, 7_300)),
                locked=((papers.Label("质押", "Pledged"), 300), (papers.Label("司法冻结", "Judicial freeze"), 1_000)),
            ),
            papers.Holding(batch=batch(block(9_001, 9_100, 2), code="B-002")),
        ),
        log=LOG,
    )

    def test_states_what_is_available_locked_and_where_it_lies(self):
        stated = words(papers.holding_certificate(self.HOLDING))

        for fact in (
            "持有证明",
            "33-000412-00",
            "2026年11月20日06:03:22",
            "5,400tCO2e",
            "伍仟肆佰吨",
            "质押300",
            "司法冻结1,000",
            "合计Total5,4004,1001,300",
            block(7_001, 7_300).printed,
            block(9_001, 9_100, 2).printed,
            HASH,
        ):
            assert fact in stated, fact

    def test_of_an_empty_account_says_so(self):
        stated = words(papers.holding_certificate(dataclasses.replace(self.HOLDING, holdings=(), log=None)))

        assert "该时点本账户无持有量" in stated
        assert "零吨" in stated
        assert "透明日志" not in stated

    def test_refuses_to_speak_of_the_future(self):
        with pytest.raises(ValueError, match="past"):
            dataclasses.replace(self.HOLDING, as_of=AT + timedelta(seconds=1))

    def test_refuses_more_locked_than_held(self):
        with pytest.raises(ValueError, match="do not fit"):
            papers.Holding(batch=batch(block(1, 10)), locked=((papers.Label("质押", "Pledged"), 11),))


class TestStatement:
    STATEMENT = papers.Statement(
        masthead=masthead("ST2026000000031"),
        holder=BUYER,
        account="33-000412-00",
        period=(date(2026, 10, 1), date(2026, 10, 31)),
        drawn_at=AT,
        lines=(
            papers.Line(batch="B-001", project="造林项目", opening_tonnes=5_000, closing_tonnes=4_300),
            papers.Line(batch="B-002", project="湿地项目", opening_tonnes=0, closing_tonnes=80),
        ),
        movements=(
            papers.Movement(
                at=datetime(2026, 10, 8, 23, 30, tzinfo=UTC),
                kind=papers.Label("转让", "Transfer"),
                counterparty="丽水市生态林业发展有限公司",
                transaction_id="TX-20261009-0000001",
                batch="B-001",
                tonnes=500,
            ),
            papers.Movement(
                at=datetime(2026, 10, 12, 2, 0, tzinfo=UTC),
                kind=papers.Label("注销", "Retirement"),
                counterparty="湖滨博览有限公司",
                transaction_id="TX-20261012-0000007",
                batch="B-001",
                tonnes=-1_200,
            ),
            papers.Movement(
                at=datetime(2026, 10, 30, 2, 0, tzinfo=UTC),
                kind=papers.Label("签发", "Issuance"),
                counterparty="登记机构",
                transaction_id="TX-20261030-0000002",
                batch="B-002",
                tonnes=80,
            ),
        ),
    )

    def test_states_opening_movements_and_closing_by_batch(self):
        stated = words(papers.statement(self.STATEMENT))

        for fact in (
            "对账单",
            "2026年10月1日至2026年10月31日",
            "造林项目B-0015,0005001,2004,300",
            "湿地项目B-002080080",
            "合计Total5,0005801,2004,380",
            "2026-10-0907:30:00",
            "TX-20261012-0000007",
            "湖滨博览有限公司",
        ):
            assert fact in stated, fact

    def test_refuses_what_does_not_add_up(self):
        wrong = dataclasses.replace(self.STATEMENT.lines[0], closing_tonnes=4_301)

        with pytest.raises(ValueError, match="batch B-001"):
            dataclasses.replace(self.STATEMENT, lines=(wrong, self.STATEMENT.lines[1]))

    def test_refuses_a_movement_of_a_batch_it_has_no_line_for(self):
        with pytest.raises(ValueError, match="B-002"):
            dataclasses.replace(self.STATEMENT, lines=self.STATEMENT.lines[:1])

    def test_of_a_quiet_period_says_so(self):
        still = papers.Line(batch="B-001", project="造林项目", opening_tonnes=7, closing_tonnes=7)

        assert "本期无变动" in words(
            papers.statement(dataclasses.replace(self.STATEMENT, lines=(still,), movements=()))
        )

    def test_flows_on_to_further_pages(self):
        movement = dataclasses.replace(self.STATEMENT.movements[0], tonnes=1)
        line = dataclasses.replace(self.STATEMENT.lines[0], opening_tonnes=0, closing_tonnes=200)

        pages = reader(
            papers.statement(dataclasses.replace(self.STATEMENT, lines=(line,), movements=(movement,) * 200))
        ).pages

        assert len(pages) > 4
        assert "Counterparty" in pages[3].extract_text()


class TestIssuanceNotice:
    NOTICE = papers.IssuanceNotice(
        masthead=masthead("IN2026000000003"),
        batch=batch(block(1, 90_000)),
        account="33-000007-00",
        verified_tonnes=100_000,
        withheld=((papers.Label("转入缓冲池", "To the buffer pool"), 10_000),),
        validator="甲认证有限公司",
        verifier="乙认证有限公司",
        issued_at=AT,
        transaction_id="TX-20261120-0000001",
        log=LOG,
    )

    def test_leads_from_the_verified_quantity_to_the_issued_one(self):
        stated = words(papers.issuance_notice(self.NOTICE, attachments=enclosed()))

        for fact in (
            "签发通知",
            "90,000tCO2e",
            "玖万吨",
            "核查确认的减排量Verifiedquantity100,000",
            "减：转入缓冲池Tothebufferpool−10,000",
            "签发数量Issued90,000",
            "甲认证有限公司",
            "乙认证有限公司",
            "33-000007-00",
            block(1, 90_000).printed,
            HASH,
        ):
            assert fact in stated, fact

    def test_refuses_what_does_not_add_up(self):
        with pytest.raises(ValueError, match="90000 t issued"):
            dataclasses.replace(self.NOTICE, verified_tonnes=99_999)

    def test_refuses_a_verifier_who_validated(self):
        with pytest.raises(ValueError, match="never the validator"):
            dataclasses.replace(self.NOTICE, verifier="甲认证有限公司")


class TestPartsOfPapers:
    def test_a_block_prints_its_first_and_last_number_apart(self):
        printed = block(1, 12_000).plain()

        assert printed["span"] == "0000000001-0000012000"
        assert printed["head"] + printed["span"] + printed["tail"] == block(1, 12_000).printed
        assert printed["tonnes"] == "12,000"

    def test_a_serial_of_another_shape_is_printed_as_it_is(self):
        assert papers.Block("ABC/1..9", 1, 9).plain() == {"head": "ABC/1..9", "span": "", "tail": "", "tonnes": "9"}

    def test_a_leaf_lies_inside_its_tree(self):
        with pytest.raises(ValueError, match="not in a tree"):
            dataclasses.replace(LOG, leaf_index=58)

    def test_a_period_does_not_end_before_it_begins(self):
        with pytest.raises(ValueError, match="before it begins"):
            papers.certificate(
                retirement(dataclasses.replace(batch(block(1, 2)), period=(date(2024, 1, 2), date(2024, 1, 1))))
            )

    def test_templates_name_no_outside_address_and_no_package(self):
        for template in papers.TEMPLATES.glob("*.typ"):
            assert not re.search(r"https?://|@preview|@local", template.read_text(encoding="utf-8")), template.name

    def test_every_character_of_the_templates_can_be_printed(self):
        sources = [*papers.TEMPLATES.glob("*.typ"), paper.ROOT / "ui" / "papers" / "frame.typ"]

        assert glyphs.missing("".join(source.read_text(encoding="utf-8") for source in sources)) == []
        assert glyphs.missing(numerals.DIGITS + "拾佰仟万亿") == []
