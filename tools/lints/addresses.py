"""No page of ours reaches outside its origin or carries anything a strict Content-Security-Policy would stop."""

import re
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, files

OUTSIDE = re.compile(r"""https?://[^\s"'<>)]*|(?<=["'(`=])\s*//[a-z0-9][^\s"'<>)]*""", re.I)
NAMES = re.compile(
    r"http://www\.w3\.org/(2000/svg|1999/xlink|1999/xhtml|2005/Atom)\b|http://www\.sitemaps\.org/schemas/"
)
INLINE = {
    re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/(ld\+)?json)[^>]*>", re.I): "a script in the page",
    re.compile(r"<style\b", re.I): "a style sheet in the page",
    re.compile(r"<[^>]*\sstyle\s*=", re.I): "a style attribute",
    re.compile(r"<[^>]*\son[a-z]+\s*=", re.I): "an event attribute",
    re.compile(r"<[^>]*\shx-on\b", re.I): "an event attribute",
    re.compile(r"""=\s*["']?\s*(javascript|js):""", re.I): "script in an attribute",
}
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->|/\*.*?\*/", re.S)


def faults(root: Path) -> Iterator[Fault]:
    for source in files(root, "*.html", "*.css", "*.js", "*.txt", "*.xml"):
        if {"templates", "static"} & set(source.path.parts):
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    text = COMMENT.sub(lambda found: "\n" * found.group().count("\n"), source.text)
    for found in OUTSIDE.finditer(text):
        if not NAMES.match(found.group()):
            yield source.fault(line(text, found), f"{found.group().strip()} leaves the origin")
    if source.path.suffix == ".html":
        for pattern, what in INLINE.items():
            for found in pattern.finditer(text):
                yield source.fault(line(text, found), f"{what}: put it in a file under static/")


def line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1
