"""What people with bad intentions, broken programs and odd keyboards send; as the bytes that travel, form-encoded."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_plus

SCRIPT = "<script>alert(1)</script>"

# By name, percent-encoded: some of it is no text at all.
HOSTILE = {
    "nothing": "",
    "blanks": "+%E3%80%80%C2%A0%09",
    "a megabyte": "a" * 1_000_000,
    "ten thousand digits": "9" * 10_000,
    "not a number": "NaN",
    "a negative": "-1",
    "a far exponent": "1e400",
    "full-width digits": quote_plus("１２３４"),
    "digits that are no number": quote_plus("²①"),
    "a script": quote_plus(f"\"'>{SCRIPT}<img src=x onerror=alert(2)>"),
    "SQL": quote_plus("' OR 1=1; DROP TABLE identity_person; --"),
    "a formula": quote_plus("=1+1+cmd|' /C calc'!A0"),
    "a path": quote_plus("../../../../etc/passwd"),
    "a template": quote_plus("{{ settings.SECRET_KEY }}{% load static %}{{7*7}}${7*7}%(name)s{0}"),
    "typst": quote_plus('#panic("x") $1/0$ @evil #include "/etc/passwd" \\ *_`'),
    "a null byte": "a%00b",
    "bidi controls": quote_plus("\u202egnp.exe\u202c\u2066\u200f\u200b\ufeff"),
    "half a character": "%ED%A0%80",
    "no UTF-8": "%FF%FE%C0%AF",
    "rare characters": quote_plus("䶮𬶏㐀𠮷𰻞𲎯\U000f0000"),
    "combining marks": quote_plus("e" + "\u0301" * 500),
    "line breaks": "a%0D%0ASet-Cookie:+x%3D1%0D%0A%0D%0A",
    "a date": "9999-12-31",
    "an impossible date": "0000-02-30",
    "JSON": quote_plus('{"a": [1, {"b": null}]}'),
}


@dataclass
class Form:
    """A form as a browser would find it: where it goes, how, and its fields with what stands in them."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # name, kind, value
    multipart: bool = False

    @property
    def key(self):
        return (self.method, self.action.partition("?")[0], tuple(sorted({name for name, _, _ in self.fields})))


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, address):
        super().__init__()
        self.address, self.found, self.form, self.select = address, [], None, None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = Form(
                given.get("action") or self.address, (given.get("method") or "get").upper(),
                multipart=given.get("enctype") == "multipart/form-data",
            )  # fmt: skip
            self.found.append(self.form)
        if self.form is None or not (name := given.get("name") or self.select):
            return
        if tag in {"input", "button"}:
            self.form.fields.append((name, given.get("type") or tag, given.get("value") or ""))
        elif tag == "textarea":
            self.form.fields.append((name, "textarea", ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            self.form.fields.append((self.select, "option", given.get("value") or ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None


def forms(address, text):
    reader = Forms(address)
    reader.feed(text)
    return reader.found
