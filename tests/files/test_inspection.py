import io
import json
import os
import signal
import struct
import threading
import zlib

import pytest
import xlsxwriter
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from tests.files import archives, samples
from tests.files.conftest import received
from tests.world import refuses

from tanhui.files import inspecting, inspection, kinds, refusals

pytestmark = pytest.mark.django_db
EVERYTHING = tuple(kinds.FORMATS)


@pytest.fixture
def look(tmp_path):
    """Inspect some bytes as anything, or as these formats."""

    def inspected(content, *formats):
        path = tmp_path / "file"
        path.write_bytes(content)
        return inspection.inspect(path, formats or EVERYTHING)

    return inspected


def workbook(rows=3):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("样地")
        for row in range(rows):
            sheet.write_row(row, 0, ["油松", row])
    return out.getvalue()


def document():
    return archives.packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"})


def tiff(*, geo=True, order="<", big=False):
    tags = {256: 40, 257: 30, 277: 4} | ({34735: 1} if geo else {})
    shape, count = ("HHQHxxxxxx", "Q") if big else ("HHIHxx", "H")
    entries = b"".join(struct.pack(order + shape, tag, 3, 1, value) for tag, value in sorted(tags.items()))
    mark = b"II" if order == "<" else b"MM"
    head = struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HIQ", 42, 16, 0)
    return mark + head + struct.pack(order + count, len(tags)) + entries + bytes(16)


def features(*geometries):
    found = [{"type": "Feature", "geometry": one, "properties": {"树种": "油松"}} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


POINT = {"type": "Point", "coordinates": [118.9, 42.2]}


class TestAFile:
    @pytest.mark.parametrize(
        ("content", "name", "facts"),
        [
            (samples.pdf(pages=4), "pdf", {"pages": 4}),
            (samples.picture("PNG"), "png", {"width": 40, "height": 30}),
            (samples.picture("JPEG"), "jpeg", {"width": 40, "height": 30}),
            (workbook(), "xlsx", {"sheets": [{"name": "样地", "rows": 3, "columns": 2}], "rows": 3}),
            (document(), "docx", {}),
            (features(POINT), "geojson", {"features": 1, "properties": ["树种"]}),
            (tiff(), "geotiff", {"width": 40, "height": 30, "bands": 4}),
            (tiff(order=">"), "geotiff", {"width": 40, "height": 30, "bands": 4}),
            (tiff(big=True), "geotiff", {"width": 40, "height": 30, "bands": 4}),
            ("编号,树种\n01,油松\n02,落叶松\n".encode(), "csv", {"rows": 2, "columns": 2, "separator": ","}),
            ("编号;树种\n01;油松\n".encode("gbk"), "csv", {"rows": 1, "columns": 2, "separator": ";"}),
            ("说明：油松。\n".encode(), "text", {"lines": 1}),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_what_a_parser_opens_it_as(self, look, content, name, facts):
        found = look(content)
        assert (found.format.name, found.facts) == (name, facts)

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"MZ\x90\x00" + bytes(500), refusals.FormatRefused),
            (b"\x7fELF" + bytes(500), refusals.FormatRefused),
            (samples.pdf()[:-300][:200], refusals.FileUnreadable),
            (samples.picture("PNG", (400, 400))[:-40], refusals.FileUnreadable),
            (samples.picture("JPEG", (400, 400))[:900], refusals.FileUnreadable),
            (workbook()[:-200], refusals.FileUnreadable),
            (features({"type": "Point", "coordinates": [4690000, 118]}), refusals.GeoJsonWrong),
            (features({"type": "Cube", "coordinates": []}), refusals.GeoJsonWrong),
            (tiff(geo=False), refusals.NotGeoTiff),
            (b"\xff\xfe\x80", refusals.TextUnreadable),
        ],
    )
    def test_is_refused_when_no_parser_opens_it_to_its_end(self, look, content, rule):
        with refuses(rule):
            look(content)

    def test_reads_a_table_line_by_line(self, look):
        with refuses(refusals.TableRagged, line=3, cells=1, wanted=2):
            look("编号,树种\n01,油松\n02\n".encode(), "csv", "xlsx")

    def test_says_when_a_photograph_tells_where_it_was_taken(self, look):
        from PIL import Image

        out, exif = io.BytesIO(), Image.Exif()
        exif.get_ifd(0x8825)[1] = "N"
        Image.new("RGB", (9, 9)).save(out, "JPEG", exif=exif)
        assert look(out.getvalue()).facts["place"] is True


class TestAPdf:
    def test_with_a_program_is_refused_wherever_it_hangs(self, look):
        writer = PdfWriter()
        page = writer.add_blank_page(100, 100)
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
        )
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): writer._add_object(action)})
        with refuses(refusals.PdfActive):
            look(samples.written(writer))

    def test_that_starts_a_program_is_refused(self, look):
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        launch = DictionaryObject(
            {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
        )
        writer._root_object[NameObject("/OpenAction")] = launch
        with refuses(refusals.PdfActive):
            look(samples.written(writer))

    def test_with_a_password_is_refused(self, look):
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.encrypt("secret")
        with refuses(refusals.PdfEncrypted):
            look(samples.written(writer))

    def test_says_how_many_files_it_holds(self, look):
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.add_attachment("proof.json", b"{}")
        assert look(samples.written(writer)).facts == {"pages": 1, "attachments": 1}


class TestAPicture:
    def test_that_would_burst_is_refused_before_it_is_decoded(self, look):
        def chunk(kind, body):
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
        bomb = (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
            + chunk(b"IEND", b"")
        )
        with refuses(refusals.PictureTooLarge, width=100_000, height=100_000):
            look(bomb)


class TestAnArchive:
    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (archives.bomb_of_zeros(), refusals.ZipBomb),
            (archives.overlapping(), refusals.ZipBomb),
            (archives.packed({f"{number}": b"" for number in range(3000)}), refusals.ZipBomb),
            (archives.packed(archives.layer() | {"inner.zip": archives.nested()}), refusals.ZipNested),
            (archives.packed(archives.layer() | {"读我.txt": archives.nested(depth=1)}), refusals.ZipNested),
            (archives.packed({"../../etc/cron.d/x.shp": b"x"}), refusals.ZipPathUnsafe),
            (archives.packed({"/etc/x.shp": b"x"}), refusals.ZipPathUnsafe),
            (archives.packed({"..\\..\\x.shp": b"x"}), refusals.ZipPathUnsafe),
            (archives.packed({"C:/x.shp": b"x"}), refusals.ZipPathUnsafe),
            (archives.with_link(), refusals.ZipPathUnsafe),
            (archives.encrypted(), refusals.ZipEncrypted),
            (archives.nested(), refusals.FormatRefused),
            (archives.packed({"readme.txt": b"x"}), refusals.FormatRefused),
            (archives.packed({"a.shp": b"x"}), refusals.ShapeIncomplete),
            (archives.packed(archives.layer() | archives.layer(folder="b/")), refusals.ShapeIncomplete),
            (
                archives.packed({f"a{suffix}": b"x" * 200 for suffix in (".shp", ".shx", ".dbf")}),
                refusals.FileUnreadable,
            ),
        ],
    )
    def test_is_refused_before_it_is_unpacked(self, look, content, rule):
        with refuses(rule):
            look(content, "shape")

    def test_of_an_office_document_with_macros_is_refused(self, look):
        parts = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>", "word/vbaProject.bin": b"x"}
        with refuses(refusals.MacroFound):
            look(archives.packed(parts))

    def test_that_lies_about_its_size_is_stopped_by_memory_alone(self, tmp_path, look):
        path = tmp_path / "bomb"
        path.write_bytes(archives.bomb_of_zeros(size=3 << 30))
        said = inspection.ask(path, ["shape"])
        assert said["refused"] == "files.zip_bomb"
        assert said["peak_kb"] < 150 * 1024  # nothing of it was unpacked


class TestTheChild:
    def test_is_ended_when_a_file_takes_too_long(self, look, monkeypatch):
        monkeypatch.setattr(inspection, "PATIENCE", 0.01)
        with refuses(refusals.TooHeavy):
            look(samples.pdf())

    def test_may_not_take_more_memory_than_it_is_given(self, look):
        wide = b"[0]," * 16_000_000
        with refuses(refusals.TooHeavy):
            look(b'{"type":"FeatureCollection","features":[' + wide + b"0]}", "geojson")

    def test_may_not_be_led_into_the_deep(self, look):
        with refuses(refusals.TooHeavy):
            look(b'{"type":' + b"[" * 100_000, "geojson")

    def test_that_is_killed_is_a_refusal_and_no_fault(self, look, monkeypatch):
        begun = inspection.subprocess.Popen

        def shot(*args, **more):
            child = begun(*args, **more)
            threading.Timer(0.02, os.kill, (child.pid, signal.SIGKILL)).start()
            return child

        monkeypatch.setattr(inspection.subprocess, "Popen", shot)
        with refuses(refusals.TooHeavy):
            look(samples.pdf(pages=500))

    def test_can_write_no_file_and_open_no_port(self, tmp_path):
        found, wrote = os.pipe(), tmp_path / "written"
        if (child := os.fork()) == 0:
            try:
                inspecting.limit()
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                try:
                    wrote.write_bytes(b"x")
                    os.write(found[1], b"wrote")
                except OSError:
                    os.write(found[1], b"refused")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert os.read(found[0], 20) == b"refused"
        os.close(found[0])
        os.close(found[1])


class TestAShapefile:
    def test_with_its_encoding_is_read_in_it(self, look):
        found = look(archives.packed(archives.layer("gbk")))
        assert (found.format.name, found.encoding) == ("shape", "gb18030")
        assert found.facts["sample"] == {"fields": ["树种", "MIAN_JI"], "rows": [["油松", "1.5"], ["落叶松", "2.5"]]}
        assert (found.facts["records"], found.facts["type"], found.facts["reference"]) == (2, "POLYGON", False)

    def test_without_it_is_shown_in_each_that_could_be_meant(self, look):
        found = look(archives.packed(archives.layer("gbk", named=False)))
        assert found.encoding == ""
        assert found.facts["previews"]["gb18030"]["rows"][0][0] == "油松"
        assert "油松" not in json.dumps(found.facts["previews"]["utf-8"], ensure_ascii=False)
        assert found.facts["likely"] == "gb18030"
        assert look(archives.packed(archives.layer("utf-8", named=False))).facts["likely"] == "utf-8"

    def test_whose_attributes_are_plain_letters_needs_no_encoding(self, look):
        files = archives.layer("utf-8", ["Pinus"], named=False)
        files = {name: content.replace("树种".encode(), b"SPECIE") for name, content in files.items()}
        assert look(archives.packed(files)).encoding == "utf-8"


class TestAGbkShapefileWithoutACpg:
    """E-10: a preview is shown, the encoding is asked, and 油松 is stored as 油松."""

    def test_is_asked_about_before_it_is_filed_and_kept_as_it_was_meant(self, desk, client):
        from tanhui.files.acts import filing

        upload = received(desk, archives.packed(archives.layer("gbk", named=False)), name="小班.zip", kind="boundary")
        told = {"subject": "test.case:1", "kind": "boundary", "title": "项目边界", "by": desk, "at": upload.created_at}
        with refuses(filing.EncodingUnsaid):
            filing.file(upload=upload, **told)
        client.force_login(desk)
        upload.expires_at = upload.expires_at.replace(year=2099)
        upload.save()
        page = client.get(f"/files/uploads/{upload.pk}/encoding").content.decode()
        assert "油松" in page
        assert "����" in page
        assert client.post(f"/files/uploads/{upload.pk}/encoding", {"encoding": "klingon"}).status_code == 422
        assert client.post(f"/files/uploads/{upload.pk}/encoding", {"encoding": "gb18030"}).status_code == 200
        upload.refresh_from_db()
        version = filing.file(upload=upload, **told).versions.get()
        assert version.encoding == "gb18030"
        assert version.facts["sample"]["rows"][0][0] == "油松"
        assert "previews" not in version.facts
