"""How the shelf reads on pages: grades, symbols, labels of packages in the visitor's language."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt

from tanhui.library import words
from tanhui.methods.engine import bilingual, blocks, changes

register = template.Library()
# Of Markdown others wrote only the layout; HTML in it is text, and what it links to is left to the reader.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])


def chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.simple_tag
def grade(letter: str) -> SafeString:
    """An evidence grade: its letter, its colour, and in words what it means."""
    tone, meaning = words.GRADE_TONES.get(letter, "quiet"), words.GRADES.get(letter, "")
    return format_html(
        '<span class="state grade {}" title="{}">{}<span class="visually-hidden"> {}</span></span>',
        tone, meaning, letter, meaning,
    )  # fmt: skip


@register.filter
def symbol(text: str) -> SafeString:
    """A symbol or an equation with its indices below the line."""
    return format_html_join(
        "", "{}", ([format_html("<sub>{}</sub>" if low else "{}", run)] for run, low in blocks.pieces(str(text)))
    )


@register.filter
def label(one: Any) -> str:
    """What a package calls something, in the visitor's language; from an object or a table of its data."""
    name = "label_zh" if chinese() else "label_en"
    found = one.get(name) if isinstance(one, dict) else getattr(one, name, "")
    if not found and not chinese() and isinstance(one, dict):  # names are English: water_level says what it is
        found = str(one.get("name", "")).replace("_", " ").capitalize()
    return str(found or "")


@register.filter
def half(text: str) -> str:
    """The part in the visitor's language of a text that stands in both."""
    return bilingual.half(str(text), "zh-hans" if chinese() else "en")


@register.simple_tag
def changes_of(package: Any) -> SafeString:
    """What the publisher says changed, in the visitor's language where it says so."""
    return markdown((chinese() and package.changes_zh) or package.changes)


@register.simple_tag
def said(table: Any, name: str) -> str:
    """``name_zh`` or ``name_en`` of a table of a package's data, else ``name`` itself."""
    if not isinstance(table, dict):
        return str(table or "")
    return str(table.get(f"{name}_{'zh' if chinese() else 'en'}") or table.get(name) or "")


@register.filter
def title(entry: Any) -> str:
    return str(entry.title(chinese=chinese()))


@register.filter
def figure(value: Any) -> str:
    """A number to the digits a reader can take in, in groups of three."""
    return blocks.shown(value, 10)


@register.filter
def sector(name: str) -> Any:
    return words.sector_label(name)


@register.filter
def scheme(name: str) -> Any:
    return words.scheme_label(name)


@register.filter
def kind(name: str) -> Any:
    return words.KINDS.get(name, name)


@register.filter
def role(name: str) -> Any:
    return words.ROLES.get(name, name)


@register.filter
def tier(name: str) -> Any:
    return words.TIERS.get(name, name)


@register.simple_tag
def state(name: str) -> SafeString:
    """How a version stands."""
    return format_html('<span class="state {}">{}</span>', words.TONES.get(name, "quiet"), words.STATES.get(name, name))


@register.filter
def change(one: changes.Change) -> str:
    """A change in words."""
    return changes.told(one, get_language() or "zh-hans")


@register.filter
def markdown(text: str) -> SafeString:
    """Markdown of a package as HTML; its first heading goes, since the page has one."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    html: str = MARKDOWN.render(body.replace("\n## ", "\n#### "))
    return mark_safe(html)  # noqa: S308 - HTML in it is escaped


@register.filter
def among(name: str, names: dict[str, str]) -> str:
    """What a package calls a quantity, or the quantity's own name."""
    return names.get(name, name)


@register.filter
def listed(value: Any) -> str:
    """A given value of a worked example: of many the first dozen."""
    if not isinstance(value, list):
        return str(value)
    return ", ".join(map(str, value[:12])) + (" …" if len(value) > 12 else "")
