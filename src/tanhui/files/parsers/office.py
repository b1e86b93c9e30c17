"""XLSX and DOCX: an archive in proportion, without macros; a workbook is opened sheet by sheet."""

import zipfile
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, archive

CONTENT_TYPES = "[Content_Types].xml"
MOST_SHEETS = 100


def xlsx(path: Path) -> Facts:
    """``sheets`` with their names and sizes, and ``rows`` in all of them."""
    package(path, "xl/workbook.xml", "XLSX")
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names[:MOST_SHEETS]
        sheets = [(name, book.get_sheet_by_name(name)) for name in names]
    except (CalamineError, OSError, ValueError) as fault:
        raise refusals.FileUnreadable(format="XLSX") from fault
    listed = [{"name": name[:60], "rows": sheet.height, "columns": sheet.width} for name, sheet in sheets]
    return {"sheets": listed, "rows": sum(sheet.height for _, sheet in sheets)}


def docx(path: Path) -> Facts:
    """Nothing but that it is one."""
    package(path, "word/document.xml", "DOCX")
    return {}


def package(path: Path, main: str, form: str) -> None:
    """Whether the archive is an office document with this main part."""
    with archive.opened(path, form) as opened:
        names = {one.filename for one in opened.infolist()}
        if not {CONTENT_TYPES, main} <= names:
            raise NotMine
        if macro := next((name for name in names if name.lower().endswith(("vbaproject.bin", ".xlm"))), None):
            raise refusals.MacroFound(part=archive.printable(macro))
        readable(opened, form)


def readable(opened: zipfile.ZipFile, form: str) -> None:
    if opened.testzip() is not None:
        raise refusals.FileUnreadable(format=form)
