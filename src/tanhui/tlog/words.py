"""A verdict in words, Chinese or English, for the command line and for pages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.tlog import bundle, fsck, labels, note

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
BEIJING = timezone(timedelta(hours=8))

IN_THE_LOG = gettext_noop("In order: this fact is recorded in the transparency log and was not changed since.")
SEAL_WHOLE = gettext_noop("In order: the certificate is byte for byte as it was sealed, and its fact is in the log.")
NOT_IN_ORDER = gettext_noop("Not in order: %(why)s")
KEY_TRUSTED = gettext_noop("Signed with a key you trust: %(name)s.")
KEY_TO_COMPARE = gettext_noop(
    "The mathematics holds, under the key carried in the file itself. Whose key that is, only a comparison shows: "
    "the operator of %(name)s must publish exactly this key. Give it with --key to have it checked."
)
LOG_IN_ORDER = gettext_noop("In order: %(size)s leaves give the signed root, and every tile agrees.")
LOG_CONTINUES = gettext_noop("It continues the earlier checkpoint of %(old)s leaves unchanged.")

PLACE = gettext_noop("Place in the log")
OF_LEAVES = gettext_noop("%(index)s (counted from 0), in a log of %(size)s leaves")
LOG = gettext_noop("Log")
ROOT = gettext_noop("Root")
KEY = gettext_noop("Key")
FINGERPRINT = gettext_noop("Fingerprint of the key")
PRIVATE = gettext_noop("Shown privately")


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together, as labels (not yet translated) and texts; the fact's own have no heading."""

    heading: str
    rows: list[tuple[str, str]]


def of_certificate(verdict: bundle.Verdict, *, sealed: bool, code: str) -> Iterator[str]:
    """The lines that tell someone what was checked and what it says; ``code`` is ``zh-hans`` or ``en``."""
    yield clean(language.translate(SEAL_WHOLE if sealed else IN_THE_LOG, code))
    yield ""
    for section in facts(verdict, code):
        if section.heading:
            yield f"  {clean(section.heading)}"
        yield from table(section.rows, code, indent=4 if section.heading else 2)
        yield ""
    yield from table(evidence(verdict, code), code)
    yield ""
    yield key_sentence(verdict.key, verdict.trusted, code)


def of_log(report: fsck.Report, code: str) -> Iterator[str]:
    """The lines that tell the outcome of checking a whole log."""
    yield language.translate(LOG_IN_ORDER, code) % {"size": f"{report.checkpoint.size:,}"}
    if report.since is not None:
        yield language.translate(LOG_CONTINUES, code) % {"old": f"{report.since:,}"}
    yield ""
    rows = [(LOG, report.checkpoint.origin), (ROOT, report.checkpoint.root.hex()), *key_rows(report.key)]
    yield from table(rows, code)
    yield ""
    yield key_sentence(report.key, report.trusted, code)


def facts(verdict: bundle.Verdict, code: str) -> list[Section]:
    """What the fact says: itself first, then what was disclosed in private, then each batch under its heading."""
    leaf = verdict.leaf
    kind = language.translate(labels.KINDS[leaf["kind"]], code) if leaf["kind"] in labels.KINDS else leaf["kind"]
    stated = leaf.get("fact", {})
    if not isinstance(stated, Mapping):
        stated = {"fact": stated}
    grouped = {key: value for key, value in stated.items() if is_group(value)}
    rows = [("kind", kind), ("at", moment(leaf.get("at")))]
    rows += told({key: value for key, value in stated.items() if key not in grouped}, code)
    for at, text in told(verdict.opening or {}, code):
        rows.append((PRIVATE, f"{label_of(at, code)}: {text}"))
    return [
        Section("", rows),
        *(one for key in sorted(grouped, key=labels.place) for one in parts(key, grouped[key], code)),
    ]


def is_group(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def parts(key: str, members: list[Mapping[str, Any]], code: str) -> Iterator[Section]:
    """A section for each member of a list; its own key of the same name, its batch say, goes in the heading."""
    label = label_of(key, code)
    for number, one in enumerate(members, start=1):
        name = next((inner for inner in one if isinstance(one[inner], str) and label_of(inner, code) == label), None)
        heading = [label] if len(members) == 1 else [label, f"{number}/{len(members)}"]
        heading += [one[name]] if name else []
        yield Section(" ".join(heading), told({inner: one[inner] for inner in one if inner != name}, code))


def told(stated: Mapping[str, Any], code: str) -> list[tuple[str, str]]:
    """Rows for an object's members, in the order of ``labels``."""
    found = [leaf for key, value in stated.items() for leaf in leaves(key, value)]
    return [
        row for path, value in sorted(found, key=lambda leaf: labels.place(leaf[0])) for row in flat(path, value, code)
    ]


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What stands in an object at any depth, each with its place."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from leaves(f"{path}.{inner}", one)
    else:
        yield path, value


def evidence(verdict: bundle.Verdict, code: str) -> list[tuple[str, str]]:
    """Where in the log it stands and who signed."""
    place = language.translate(OF_LEAVES, code) % {"index": f"{verdict.index:,}", "size": f"{verdict.size:,}"}
    return [(LOG, verdict.origin), (PLACE, place), (ROOT, verdict.root.hex()), *key_rows(verdict.key)]


def key_rows(key: note.Verifier) -> list[tuple[str, str]]:
    return [(KEY, str(key)), (FINGERPRINT, key.fingerprint)]


def key_sentence(key: note.Verifier, trusted: bool, code: str) -> str:
    return clean(language.translate(KEY_TRUSTED if trusted else KEY_TO_COMPARE, code) % {"name": key.name})


def flat(path: str, value: Any, code: str) -> Iterator[tuple[str, str]]:
    """A value as rows of text; an object gives a row for each of its members."""
    for at, one in leaves(path, value):
        key = labels.known(at)
        if isinstance(one, list) and not is_span(one):
            yield from ((key, said(key, each, code)) for each in one if each is not None)
        elif one is not None and one != "":
            yield key, said(key, one, code)


def is_span(value: list[Any]) -> bool:
    """A first and a last: two numbers, or two dates."""
    kinds = {type(one) for one in value}
    return len(value) == 2 and (kinds == {int} or all(isinstance(one, str) and DAY.fullmatch(one) for one in value))


def said(key: str, value: Any, code: str) -> str:
    if isinstance(value, str | bool) and (key, value) in labels.CODES:
        return language.translate(labels.CODES[key, value], code)
    if isinstance(value, bool):
        return language.translate(gettext_noop("yes") if value else gettext_noop("no"), code)
    if isinstance(value, int) and key.endswith(("_t", "_kg", "_g")):
        return f"{value:,}"
    if isinstance(value, int) and key == "serials":
        return f"{value:010}"  # as it is printed
    if isinstance(value, list):
        return ("–" if is_span(value) else ", ").join(said(key, one, code) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{label_of(inner, code)} {said(inner, one, code)}" for inner, one in value.items())
    return moment(value) if key == "at" or key.endswith("_at") else str(value)


def moment(value: Any) -> str:
    """A UTC time stamp as Beijing time; anything else as it is."""
    try:
        return datetime.fromisoformat(value).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S UTC+8")
    except (ValueError, TypeError, OverflowError):
        return str(value or "–")


def table(rows: list[tuple[str, str]], code: str, indent: int = 2) -> Iterator[str]:
    """Labels and texts as aligned lines."""
    named = [(clean(label_of(label, code)), clean(text)) for label, text in rows]
    wide = max((width(label) for label, _ in named), default=0)
    for label, text in named:
        yield f"{' ' * indent}{label}{' ' * (wide - width(label))}  {text}"


def label_of(key: str, code: str) -> str:
    """The word for a key, or the key itself."""
    label = labels.LABELS.get(key, key)
    return language.translate(label, code) if label else label


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if "⺀" <= one <= "￠" else 1 for one in text)


def clean(text: str) -> str:
    """Without characters that move the cursor or turn the writing direction: a fact is data, not a terminal program."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
