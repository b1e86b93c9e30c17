"""Rule packs (规则包): the numbers of a jurisdiction as data, with source and state. Plain Python, no database.

A pack is one TOML file beside this module, named after its id. Every parameter says what it is (value and unit), where
it stands (clause), how well it is known (``grade``: A official text, P peer-reviewed, B secondary copy, C press, D
recalled or our own) and how it came here (``tag``: V read in its source, POL one of the policy documents, R recalled
and unverified, D our own proposal). An unverified parameter may serve a demonstration; production refuses it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tanhui.kernel import canonical
from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal, gettext_noop

FOLDER = Path(__file__).parent
Value = bool | int | str | date | tuple[str, ...] | tuple[int, ...]

STATUSES = ("draft", "confirmed", "superseded")
VERIFICATIONS = ("full_text", "excerpt", "recalled")
GRADES = ("A", "P", "B", "C", "D")
TAGS = ("V", "R", "POL", "D")
UNVERIFIED = "R"
CLAUSE = "ARCHITECTURE.md §1"


class PackSyntaxWrong(Refusal):
    code = "rulepacks.syntax_wrong"
    sentence = gettext_noop("The rule pack %(file)s is not readable TOML: %(detail)s. Correct the file.")
    clause = CLAUSE
    status = 422


class PackFieldMissing(Refusal):
    code = "rulepacks.field_missing"
    sentence = gettext_noop("In the rule pack %(file)s the field %(field)s is missing. Add it.")
    clause = CLAUSE
    status = 422


class PackFieldUnknown(Refusal):
    code = "rulepacks.field_unknown"
    sentence = gettext_noop(
        "In the rule pack %(file)s nobody knows the field %(field)s. Correct its name or remove it."
    )
    clause = CLAUSE
    status = 422


class PackFieldWrong(Refusal):
    code = "rulepacks.field_wrong"
    sentence = gettext_noop(
        "In the rule pack %(file)s the field %(field)s is “%(value)s”, and it must be %(wanted)s. Correct it."
    )
    clause = CLAUSE
    status = 422


class ConfirmedTooEarly(Refusal):
    code = "rulepacks.confirmed_too_early"
    sentence = gettext_noop(
        "The rule pack %(file)s calls itself confirmed, but was not read in full or holds unverified parameters "
        "(%(params)s). Confirm them in the source first, or call it a draft."
    )
    clause = CLAUSE
    status = 422


class UnknownPack(Refusal):
    code = "rulepacks.unknown_pack"
    sentence = gettext_noop("There is no rule pack %(pack)s. Choose one of: %(known)s.")
    clause = CLAUSE
    status = 404


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number (or date, flag, word or list) with its unit, the clause it stands in, and how far it is known."""

    key: str
    value: Value
    unit: str
    clause: str
    grade: str
    tag: str
    review_by: date

    @property
    def verified(self) -> bool:
        return self.tag != UNVERIFIED


@dataclass(frozen=True, slots=True)
class Source:
    """Where a pack was read. ``article`` says which part; ``sha256`` is of the stored copy, when one is kept."""

    title: str
    doc_no: str
    article: str
    url: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack as read. ``effective`` is when its rules are in force; ``note`` tells what is not in it and why."""

    id: str
    version: str
    jurisdiction: str
    subject: str
    effective: Period
    status: str
    verification: str
    source: Source
    params: Mapping[str, Parameter]
    content: Mapping[str, Any]
    note: str = ""

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the canonical content: the same for any two files that say the same."""
        return canonical.sha256(self.content)

    @property
    def unverified(self) -> list[Parameter]:
        return [param for param in self.params.values() if not param.verified]


@cache
def shipped() -> Mapping[str, Path]:
    """The files of the packs that come with the product, by id."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def ship(pack_id: str) -> Pack:
    """A pack that comes with the product. Refuses with ``UnknownPack``."""
    if pack_id not in shipped():
        raise UnknownPack(pack=pack_id[:60], known=", ".join(shipped()))
    return read(shipped()[pack_id])


def read(path: Path) -> Pack:
    """The pack in a TOML file. Refuses with one of the refusals above, which names file, field and what was wanted."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackSyntaxWrong(file=path.name, detail=str(error)) from None
    pack = load(plain(written), path.name)
    if pack.id != path.stem:
        raise PackFieldWrong(file=path.name, field="id", value=pack.id, wanted=path.stem)
    return pack


def plain(value: Any) -> Any:
    """TOML values as canonical JSON has them: dates as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def load(content: dict[str, Any], file: str) -> Pack:
    """The pack in content such as ``Pack.content`` has, however it was stored. Refuses as ``read`` does."""
    top = Fields(content, file, "")
    source = Fields(top.take("source", dict, "a table"), file, "source.")
    pack = Pack(
        id=top.text("id", "[a-z]+(-[a-z0-9]+)*"),
        version=top.text("version", "[0-9]+([.][0-9]+)*"),
        jurisdiction=top.text("jurisdiction"),
        subject=top.text("subject"),
        effective=effective(top, file),
        status=top.one_of("status", STATUSES),
        verification=top.one_of("verification", VERIFICATIONS),
        source=Source(
            title=source.text("title"),
            doc_no=source.text("doc_no"),
            article=source.text("article"),
            url=source.optional("url"),
            sha256=source.optional("sha256", "[0-9a-f]{64}"),
        ),
        params={key: parameter(key, each, file) for key, each in top.take("params", dict, "a table").items()},
        content=content,
        note=top.optional("note") or "",
    )
    source.nothing_more()
    top.nothing_more()
    if not pack.params:
        raise PackFieldMissing(file=file, field="params")
    if pack.status == "confirmed" and (pack.unverified or pack.verification != "full_text"):
        names = ", ".join(param.key for param in pack.unverified) or f"verification = {pack.verification}"
        raise ConfirmedTooEarly(file=file, params=names)
    return pack


def effective(top: "Fields", file: str) -> Period:
    start, end = top.day("effective_from"), top.day("effective_to") if "effective_to" in top.content else None
    if end is not None and end <= start:
        raise PackFieldWrong(file=file, field="effective_to", value=end.isoformat(), wanted=f"> {start.isoformat()}")
    return Period(start, end)


def parameter(key: str, written: Any, file: str) -> Parameter:
    if not re.fullmatch("[a-z][a-z0-9_]*", key):
        raise PackFieldWrong(file=file, field=f"params.{key}", value=key, wanted="[a-z][a-z0-9_]*")
    if not isinstance(written, dict):
        raise PackFieldWrong(file=file, field=f"params.{key}", value=str(written)[:60], wanted="a table")
    fields = Fields(written, file, f"params.{key}.")
    unit = fields.text("unit")
    read = Parameter(
        key=key,
        value=fields.value(unit),
        unit=unit,
        clause=fields.text("clause"),
        grade=fields.one_of("grade", GRADES),
        tag=fields.one_of("tag", TAGS),
        review_by=fields.day("review_by"),
    )
    fields.nothing_more()
    if read.tag == UNVERIFIED and read.grade != "D":
        raise PackFieldWrong(file=file, field=f"params.{key}.grade", value=read.grade, wanted="D (tag R)")
    return read


class Fields:
    """One table of a pack, taken field by field, so that what nobody asked for is found out."""

    def __init__(self, content: dict[str, Any], file: str, prefix: str) -> None:
        self.content, self.file, self.prefix = content, file, prefix
        self.asked: set[str] = set()

    def wrong(self, name: str, wanted: str) -> PackFieldWrong:
        value = str(self.content.get(name))[:60]
        return PackFieldWrong(file=self.file, field=self.prefix + name, value=value, wanted=wanted)

    def take(self, name: str, kind: type, wanted: str) -> Any:
        self.asked.add(name)
        if name not in self.content:
            raise PackFieldMissing(file=self.file, field=self.prefix + name)
        if type(self.content[name]) is not kind:
            raise self.wrong(name, wanted)
        return self.content[name]

    def text(self, name: str, pattern: str = r"\S(.*\S)?") -> str:
        text: str = self.take(name, str, pattern)
        if not re.fullmatch(pattern, text, re.DOTALL):
            raise self.wrong(name, pattern)
        return text

    def optional(self, name: str, pattern: str = r"\S(.*\S)?") -> str | None:
        return self.text(name, pattern) if name in self.content else None

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        if (chosen := self.take(name, str, " | ".join(choices))) not in choices:
            raise self.wrong(name, " | ".join(choices))
        return str(chosen)

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.take(name, str, "YYYY-MM-DD"))
        except ValueError:
            raise self.wrong(name, "YYYY-MM-DD") from None

    def value(self, unit: str) -> Value:
        """Integers, words, flags, and lists of one kind; the unit ``date`` makes a day of a word. Never a float."""
        self.asked.add("value")
        if "value" not in self.content:
            raise PackFieldMissing(file=self.file, field=f"{self.prefix}value")
        value = self.content["value"]
        if unit == "date":
            return self.day("value")
        if (unit == "flag") != (type(value) is bool):
            raise self.wrong("value", "true | false (unit = flag)")
        if isinstance(value, list) and {type(one) for one in value} in ({int}, {str}):
            return tuple(value)
        if type(value) in (bool, int) or (type(value) is str and value):
            return value  # type: ignore[no-any-return]
        raise self.wrong("value", "an integer, a word, a flag, a date, or a list of integers or of words")

    def nothing_more(self) -> None:
        for name in self.content:
            if name not in self.asked:
                raise PackFieldUnknown(file=self.file, field=self.prefix + name)
