"""What inspection may find wrong with a file. Plain rules: the child process that inspects says them without Django."""

from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "ARCHITECTURE.md §3"


class FormatRefused(Refusal):
    code = "files.format_refused"
    sentence = gettext_noop(
        "This file cannot be opened as %(asked)s. Save it in one of these formats and choose it again; "
        "renaming it does not help."
    )
    clause = HOUSE
    status = 422


class FileEmpty(Refusal):
    code = "files.file_empty"
    sentence = gettext_noop("The file is empty. Choose the file that holds something.")
    clause = HOUSE
    status = 422


class FileUnreadable(Refusal):
    code = "files.file_unreadable"
    sentence = gettext_noop(
        "The file begins as %(format)s but cannot be read to its end. It may be damaged or cut off: "
        "make it again and choose it again."
    )
    clause = HOUSE
    status = 422


class TooHeavy(Refusal):
    code = "files.too_heavy"
    sentence = gettext_noop(
        "Opening this file takes more than %(seconds)s seconds or %(megabytes)s MB of memory. "
        "Split it, or save it anew without what is not needed."
    )
    clause = HOUSE
    status = 422


class PdfEncrypted(Refusal):
    code = "files.pdf_encrypted"
    sentence = gettext_noop("The PDF is protected by a password. Save it without protection and choose it again.")
    clause = HOUSE
    status = 422


class PdfActive(Refusal):
    code = "files.pdf_active"
    sentence = gettext_noop(
        "The PDF carries a program (%(what)s). Print it to a new PDF, which leaves the program behind, "
        "and choose that one."
    )
    clause = HOUSE
    status = 422


class PictureTooLarge(Refusal):
    code = "files.picture_too_large"
    sentence = gettext_noop(
        "The picture has %(width)s × %(height)s pixels; at most %(most)s million are opened. Make it smaller."
    )
    clause = HOUSE
    status = 422


class MacroFound(Refusal):
    code = "files.macro_found"
    sentence = gettext_noop(
        "The file carries macros (%(part)s). Save it without macros, as .xlsx or .docx, and choose it again."
    )
    clause = HOUSE
    status = 422


class ZipBomb(Refusal):
    code = "files.zip_bomb"
    sentence = gettext_noop(
        "Unpacked, this archive would be out of proportion (%(what)s). It was not unpacked. "
        "Pack only the files that are asked for."
    )
    clause = "CWE-409"
    status = 422


class ZipNested(Refusal):
    code = "files.zip_nested"
    sentence = gettext_noop(
        "The archive holds another archive (%(entry)s). Pack the files themselves, without archives among them."
    )
    clause = "CWE-409"
    status = 422


class ZipPathUnsafe(Refusal):
    code = "files.zip_path_unsafe"
    sentence = gettext_noop(
        "The archive holds an entry that points outside itself (%(entry)s). Pack plain files, with plain names."
    )
    clause = "CWE-22"
    status = 422


class ZipEncrypted(Refusal):
    code = "files.zip_encrypted"
    sentence = gettext_noop("The archive is protected by a password. Pack it without one and choose it again.")
    clause = HOUSE
    status = 422


class ShapeIncomplete(Refusal):
    code = "files.shape_incomplete"
    sentence = gettext_noop(
        "A shapefile needs its .shp, .shx and .dbf side by side in the archive, once each; %(missing)s is not right. "
        "Pack all its files together."
    )
    clause = "ESRI Shapefile Technical Description (1998)"
    status = 422


class GeoJsonWrong(Refusal):
    code = "files.geojson_wrong"
    sentence = gettext_noop("The GeoJSON is not as RFC 7946 has it, at %(place)s. Export it again as WGS 84.")
    clause = "RFC 7946"
    status = 422


class NotGeoTiff(Refusal):
    code = "files.not_geotiff"
    sentence = gettext_noop(
        "The TIFF does not say where on Earth it lies. Export it as a GeoTIFF with its reference system."
    )
    clause = "OGC 19-008r4"
    status = 422


class TextUnreadable(Refusal):
    code = "files.text_unreadable"
    sentence = gettext_noop(
        "The text is neither UTF-8 nor GB 18030: byte %(byte)s cannot be read. Save it as UTF-8 and choose it again."
    )
    clause = "GB 18030-2022"
    status = 422


class TableRagged(Refusal):
    code = "files.table_ragged"
    sentence = gettext_noop(
        "Line %(line)s of the table cannot be read: %(cells)s cells where the first line has %(wanted)s. "
        "Correct the line."
    )
    clause = "RFC 4180"
    status = 422


class Infected(Refusal):
    code = "files.infected"
    sentence = gettext_noop(
        "The virus scanner found %(signature)s in this file. It was set aside and is not offered to anyone. "
        "Scan your device before sending another file."
    )
    clause = "GB/T 22239-2019 8.1.4.4"
    status = 422


BY_CODE: dict[str, type[Refusal]] = {
    rule.code: rule
    for rule in list(globals().values())
    if isinstance(rule, type) and issubclass(rule, Refusal) and rule is not Refusal
}
