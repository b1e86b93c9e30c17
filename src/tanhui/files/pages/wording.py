"""What was measured of a file, in words."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

ENCODINGS = {"gb18030": "GBK / GB 18030", "utf-8": "UTF-8"}
WORDS = {
    "name": _("File name"),
    "format": _("Format"),
    "size_bytes": _("Size"),
    "encoding": _("Encoding"),
    "pages": _("Number of pages"),
    "attachments": _("Files inside"),
    "sheets": _("Sheets"),
    "rows": _("Number of rows"),
    "columns": _("Number of columns"),
    "records": _("Records"),
    "features": _("Features"),
    "lines": _("Number of lines"),
    "width": _("Width (pixels)"),
    "height": _("Height (pixels)"),
}
MEASURES = ("pages", "rows", "columns", "records", "features", "lines", "attachments")


def facts(found):
    """The figures worth a line: ``(word, value)``; what a reader should know before passing the file on last."""
    told = [(WORDS[name], f"{found[name]:,}") for name in MEASURES if isinstance(found.get(name), int)]
    if "width" in found:
        told.append((_("Pixels"), f"{found['width']:,} × {found['height']:,}"))
    if found.get("reference") is False:
        told.append((_("Reference system"), _("not said (there is no .prj)")))
    if found.get("place"):
        told.append((_("Place of the photograph"), _("written inside the picture")))
    return told


def differences(found):
    """``(word, before, after)`` for a table."""
    return [(WORDS[one.what], value(one.what, one.before), value(one.what, one.after)) for one in found]


def value(what, given):
    if given in (None, ""):
        return "—"
    if what == "size_bytes":
        return filesizeformat(given)
    if what == "encoding":
        return ENCODINGS.get(given, given)
    if what == "sheets":
        return ngettext("%(count)s sheet", "%(count)s sheets", len(given)) % {"count": len(given)}
    return f"{given:,}" if isinstance(given, int) else given
