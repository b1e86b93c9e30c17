"""Papers, glyphs, numerals and QR codes. Rendering tests need the installed fonts and say so when they are absent."""

import io
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from tanhui.ui import glyphs, numerals, paper, qr

AT = datetime(2026, 11, 20, 6, 3, 22, tzinfo=UTC)
BASE = {
    "title": "证明",
    "subtitle": "PAPER",
    "number": "VR2026000000017",
    "operator": "某市碳汇登记中心",
    "demonstration": False,
    "qr": None,
    "url": None,
}
TEMPLATE = '#import "/ui/papers/frame.typ": *\n#show: sheet\n#masthead()\n#data.text\n'
HOSTILE = '#evil[x] $1$ *b* _i_ `c` <a> @b \\ // /* "q" #import("x") = h'

fonts_installed = pytest.mark.skipif(
    not list(glyphs.FONTS.glob("*.[to]tf")), reason="the fonts are not installed (they come with the assets)"
)


@pytest.fixture
def template(tmp_path, monkeypatch):
    """A template beside a copy of the frame, as a room's templates stand beside it in the product."""
    shutil.copytree(paper.ROOT / "ui" / "papers", tmp_path / "root" / "ui" / "papers")
    (tmp_path / "root" / "ui" / "static" / "ui").mkdir(parents=True)
    shutil.copy(paper.ROOT / "ui" / "static" / "ui" / "mark.svg", tmp_path / "root" / "ui" / "static" / "ui")
    path = tmp_path / "root" / "template.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.setattr(paper, "ROOT", tmp_path / "root")
    return path


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@fonts_installed
class TestPaper:
    def test_has_the_same_bytes_in_another_process(self, template):
        arguments = {"template": str(template), "data": BASE | {"text": "杭州 𬶏 tCO2e"}}
        script = (
            "import json, sys, datetime, hashlib, pathlib; from tanhui.ui import paper\n"
            f"paper.ROOT = pathlib.Path({str(paper.ROOT)!r})\n"
            "print(hashlib.sha256(paper.render(**json.load(sys.stdin), "
            f"at=datetime.datetime.fromisoformat({AT.isoformat()!r}))).hexdigest())"
        )

        runs = [
            subprocess.run(
                [sys.executable, "-c", script], input=json.dumps(arguments), capture_output=True, text=True, check=True
            ).stdout
            for _ in range(2)
        ]

        assert runs[0] == runs[1]
        assert len(runs[0].strip()) == 64

    def test_has_the_same_bytes_from_several_threads(self, template):
        def draw(turn: int) -> tuple[int, bytes]:
            return turn % 3, paper.render(template=template, data=BASE | {"text": f"第{turn % 3}号"}, at=AT)

        with ThreadPoolExecutor(8) as pool:
            drawn = set(pool.map(draw, range(24)))

        assert len(drawn) == 3

    def test_changes_with_the_time_of_the_act(self, template):
        data = BASE | {"text": "一"}

        papers = {paper.render(template=template, data=data, at=AT.replace(second=second)) for second in (1, 2)}

        assert len(papers) == 2

    def test_refuses_a_time_without_a_zone(self, template):
        with pytest.raises(ValueError, match="no time zone"):
            paper.render(template=template, data=BASE | {"text": ""}, at=datetime(2026, 1, 1))  # noqa: DTZ001

    def test_prints_markup_in_a_name_literally(self, template):
        pdf = paper.render(template=template, data=BASE | {"text": HOSTILE}, at=AT)

        assert HOSTILE.replace(" ", "") in re.sub(r"\s", "", words(pdf))

    def test_keeps_the_place_of_the_seal_in_clear_exactly_twice(self, template):
        pdf = paper.render(template=template, data=BASE | {"text": "一"}, at=AT)

        assert paper.SEAL == "tanhui-seal:" + 88 * "A"
        assert pdf.count(paper.SEAL.encode()) == 2
        assert pdf.count(b"/Keywords(" + paper.SEAL.encode() + b")") == 1
        assert pdf.count(b"<pdf:Keywords>" + paper.SEAL.encode() + b"</pdf:Keywords>") == 1

    def test_names_its_title_operator_and_time(self, template):
        told = pypdf.PdfReader(io.BytesIO(paper.render(template=template, data=BASE | {"text": ""}, at=AT))).metadata

        assert told is not None
        assert told.title == "证明 VR2026000000017"
        assert told.author == "某市碳汇登记中心"
        assert told.creation_date == AT

    def test_encloses_a_file_byte_for_byte(self, template):
        proof = '{"leaf":"证","quote":"\\"","lines":"\\n"}\r\n\t'.encode()
        enclosed = paper.Attachment(name="proof.json", content=proof, description="Proof of inclusion")

        pdf = paper.render(template=template, data=BASE | {"text": ""}, at=AT, attachments=[enclosed])

        assert pypdf.PdfReader(io.BytesIO(pdf)).attachments == {"proof.json": [proof]}
        assert b"<pdfaid:part>3</pdfaid:part>" in pdf
        assert b"/AFRelationship/Supplement" in pdf.replace(b" ", b"")

    def test_is_pdf_a_2_when_nothing_is_enclosed(self, template):
        assert b"<pdfaid:part>2</pdfaid:part>" in paper.render(template=template, data=BASE | {"text": ""}, at=AT)

    def test_refuses_a_character_no_font_has_wherever_it_stands(self, template):
        data = BASE | {"text": "", "rows": [{"name": "李𫟷"}]}

        with pytest.raises(glyphs.GlyphMissing) as refused:
            paper.render(template=template, data=data, at=AT)

        assert "U+2B7F7" in refused.value.facts["characters"]

    def test_stands_on_the_page_size_a4_with_the_band_only_when_it_is_a_demonstration(self, template):
        plain = paper.render(template=template, data=BASE | {"text": ""}, at=AT)
        shown = paper.render(template=template, data=BASE | {"text": "", "demonstration": True}, at=AT)

        box = pypdf.PdfReader(io.BytesIO(plain)).pages[0].mediabox
        assert (round(box.width), round(box.height)) == (595, 842)
        assert "不具法律效力" not in words(plain)
        assert "DEMONSTRATION" in words(shown)
        assert "不具法律效力" in words(shown)

    def test_may_stand_on_a_template_from_elsewhere(self, tmp_path):
        (tmp_path / "plain.typ").write_text("#json(bytes(sys.inputs.data)).text", encoding="utf-8")

        pdf = paper.render(template=tmp_path / "plain.typ", data={"text": "hello"}, at=AT)

        assert "hello" in words(pdf)


@fonts_installed
class TestGlyphs:
    def test_has_the_ordinary_and_some_rare_characters(self):
        assert glyphs.missing("某市碳汇登记中心 ABC 123，䶮㛃𬶏𫖯𬱖\n") == []

    def test_has_every_chinese_character_of_gb2312(self):
        rows = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))

        assert glyphs.missing("".join(row.decode("gb2312", "ignore") for row in rows)) == []

    def test_lacks_each_character_once_in_the_order_they_stand(self):
        assert glyphs.missing("a₂b𫟷c₂") == ["₂", "𫟷"]

    @pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\x00", "\t", "\u2028", "\ue000", "\ufe00"])
    def test_lacks_what_nobody_can_see(self, sign):
        assert glyphs.missing(f"张{sign}三") == [sign]

    def test_are_refused_by_name_with_what_to_do(self):
        with pytest.raises(glyphs.GlyphMissing) as refused:
            glyphs.require(["张三", "李𫟷\u202e"])

        assert refused.value.code == "ui.glyph_missing"
        assert refused.value.facts == {"characters": "“𫟷” (U+2B7F7), U+202E"}
        assert "TANHUI_EXTRA_FONT_DIR" in refused.value.say()

    def test_let_pass_what_can_be_printed(self):
        glyphs.require(["杭州", "", "A-1"])

    def test_are_found_in_the_extra_folder_as_soon_as_it_is_there(self, monkeypatch, tmp_path):
        ours = next(iter(sorted(glyphs.FONTS.glob("*.[to]tf"))))
        monkeypatch.setattr(glyphs, "FONTS", tmp_path / "none")
        monkeypatch.setenv("TANHUI_EXTRA_FONT_DIR", str(tmp_path / "extra"))
        with pytest.raises(glyphs.FontsMissing) as refused:
            glyphs.missing("中")

        (tmp_path / "extra").mkdir()
        shutil.copy(ours, tmp_path / "extra")

        assert str(tmp_path / "extra") in refused.value.facts["folders"]
        assert glyphs.missing("中𫟷") == ["𫟷"]

    def test_are_not_promised_by_a_file_that_is_no_font(self, monkeypatch, tmp_path):
        (tmp_path / "broken.ttf").write_bytes(b"not a font")
        monkeypatch.setenv("TANHUI_EXTRA_FONT_DIR", str(tmp_path))

        assert glyphs.missing("中𫟷") == ["𫟷"]

    def test_of_a_font_in_the_extra_folder_are_printed(self, monkeypatch, tmp_path, template):
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        pen.lineTo((0, 700))
        pen.lineTo((700, 0))
        pen.closePath()
        empty = TTGlyphPen(None).glyph()
        font = FontBuilder(1000, isTTF=True)
        font.setupGlyphOrder([".notdef", "rare"])
        font.setupCharacterMap({0x2B7F7: "rare"})
        font.setupGlyf({".notdef": empty, "rare": pen.glyph()})
        font.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 0)})
        font.setupHorizontalHeader(ascent=800, descent=-200)
        font.setupNameTable({"familyName": "Rare Names", "styleName": "Regular", "psName": "RareNames-Regular"})
        font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
        font.setupPost()
        font.save(str(tmp_path / "rare.ttf"))
        monkeypatch.setenv("TANHUI_EXTRA_FONT_DIR", str(tmp_path))

        pdf = paper.render(template=template, data=BASE | {"text": "李𫟷"}, at=AT)

        assert "李𫟷" in words(pdf)


def read_capital(text: str) -> int:
    """Capital numerals back to a number, by another way than they were written."""
    total = group = digit = 0
    for sign in text:
        if sign in numerals.DIGITS:
            digit = numerals.DIGITS.index(sign)
        elif sign in "拾佰仟":
            group += digit * {"拾": 10, "佰": 100, "仟": 1000}[sign]
            digit = 0
        else:
            total += (group + digit) * {"万": 10**4, "亿": 10**8}[sign]
            group = digit = 0
    return total + group + digit


class TestCapitalNumerals:
    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (0, "零"),
            (10, "壹拾"),
            (1_005, "壹仟零伍"),
            (1_050, "壹仟零伍拾"),
            (12_345, "壹万贰仟叁佰肆拾伍"),
            (10_010, "壹万零壹拾"),
            (107_000, "壹拾万柒仟"),
            (1_000_500, "壹佰万零伍佰"),
            (105_000_000, "壹亿零伍佰万"),
            (100_002_345, "壹亿零贰仟叁佰肆拾伍"),
            (2_000_000_000, "贰拾亿"),
        ],
    )
    def test_are_written_as_banks_write_them(self, number, said):
        assert numerals.capital(number) == said

    @given(st.integers(0, 10**12 - 1))
    def test_are_read_back_as_the_same_number(self, number):
        assert read_capital(numerals.capital(number)) == number

    @given(st.integers(1, 10**12 - 1))
    def test_never_double_or_end_with_the_sign_for_nothing(self, number):
        said = numerals.capital(number)

        assert "零零" not in said
        assert not said.startswith("零")
        assert not said.endswith("零")

    @pytest.mark.parametrize("number", [-1, 10**12])
    def test_stop_where_their_words_do(self, number):
        with pytest.raises(ValueError, match="outside"):
            numerals.capital(number)


class TestTimeOnPaper:
    def test_is_beijing_time(self):
        assert numerals.moment(datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC)) == "2027年1月1日 00:00:01"

    def test_needs_a_zone(self):
        with pytest.raises(ValueError, match="no time zone"):
            numerals.moment(datetime(2026, 1, 1))  # noqa: DTZ001

    def test_writes_days_and_thousands(self):
        assert numerals.day(date(2026, 3, 2)) == "2026年3月2日"
        assert numerals.grouped(-12345) == "−12,345"


class TestQrCode:
    def test_is_svg_of_the_modules_at_level_m(self):
        drawn = qr.svg("https://tanhui.example/c/VR2026000000017")
        code = segno.make_qr("https://tanhui.example/c/VR2026000000017", error="m", boost_error=False)

        size = code.symbol_size(border=4)[0]
        assert code.error == "M"
        assert f'viewBox="0 0 {size} {size}"' in drawn
        assert drawn == qr.svg("https://tanhui.example/c/VR2026000000017")

    def test_has_a_title_for_those_who_cannot_see_it(self):
        assert "<title>查验</title>" in qr.svg("https://tanhui.example/c/1", title="查验")

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "https://碳.cn/", "https://x.cn/" + "a" * 120, ""])
    def test_takes_only_a_short_web_address(self, url):
        with pytest.raises(ValueError, match="web address"):
            qr.svg(url)


def test_frame_names_no_outside_address():
    assert not re.search(r"https?://", (Path(paper.ROOT) / "ui" / "papers" / "frame.typ").read_text(encoding="utf-8"))
