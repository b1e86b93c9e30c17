"""Codes of administrative divisions (GB/T 2260) as they were at a date, and what became of them.

Codes end and are never used again for something else, but documents keep quoting them; so a table is a history. It is
read from the successive revisions of the standard, one row ``revision,code,name`` for each division in each: a code is
valid from the revision that first has it under a name until the revision that no longer does. That is as fine as the
source allows; the resolution that moved a county took effect some months before the revision that shows it.

A revision does not say what became of an ended code. Where a code of the same place name began in the same province in
the same revision (上虞市 330682, 上虞区 330604), that is its successor by *inference*; mergers into another place
(卢湾区 into 黄浦区) must be told to the table.
"""

import calendar
import csv
import gzip
import io
import itertools
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tanhui.kernel.refusal import Refusal, gettext_noop

PROVINCES: Mapping[str, str] = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
    "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
    "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip
ENDINGS = ("自治县", "自治州", "自治旗", "林区", "特区", "新区", "地区", "市", "县", "区", "旗", "盟")


class UnknownDivision(Refusal):
    code = "kernel.unknown_division"
    sentence = gettext_noop("%(division)s was no division code of GB/T 2260 on %(day)s. Look it up and correct it.")
    clause = "GB/T 2260"
    status = 422


class EndedDivision(Refusal):
    code = "kernel.ended_division"
    sentence = gettext_noop(
        "The division %(division)s %(name)s ended on %(ended)s. Use its successor: %(successors)s (or look it up)."
    )
    clause = "GB/T 2260"
    status = 422


class TableUnreadable(Refusal):
    code = "kernel.division_table_unreadable"
    sentence = gettext_noop(
        "Line %(line)s of %(file)s is not a row of a division table. Give CSV with the columns revision, code (six "
        "digits) and name, as UTF-8 or GB18030."
    )
    clause = "GB/T 2260"
    status = 422


@dataclass(frozen=True, slots=True)
class Division:
    """A code and its name while both held. ``valid_from`` is None before the oldest revision, ``valid_to`` (the first
    day it no longer held) is None while no revision has dropped it."""

    code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...] = ()

    @property
    def province(self) -> str:
        return province(self.code)

    def held(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


class Table:
    """The divisions of every revision in hand. ``newest`` is the day up to which the table knows anything."""

    def __init__(self, divisions: Iterable[Division], newest: date) -> None:
        self.newest = newest
        self._by_code: defaultdict[str, list[Division]] = defaultdict(list)
        for division in divisions:
            self._by_code[division.code].append(division)

    def at(self, code: str, on: date) -> Division:
        """The division with that code on that day. Refuses with ``EndedDivision`` or ``UnknownDivision``."""
        known = self._by_code.get(code, [])
        if found := [division for division in known if division.held(on)]:
            return found[0]
        if known and (last := known[-1]).valid_to and last.valid_to <= on:
            names = ", ".join(f"{after} {self.name(after)}".rstrip() for after in last.successors) or "?"
            raise EndedDivision(division=code, name=last.name, ended=last.valid_to.isoformat(), successors=names)
        raise UnknownDivision(division=code[:12], day=on.isoformat())

    def now(self, code: str, on: date) -> list[Division]:
        """The division on that day, or where it ended before, every division that follows it then, step by step.

        Empty when a successor is not known. ``UnknownDivision`` for a code that never was.
        """
        if code not in self._by_code:
            raise UnknownDivision(division=code[:12], day=on.isoformat())
        found: list[Division] = []
        follow: list[str] = [code]
        seen: set[str] = set()
        for step in follow:
            if step in seen or step not in self._by_code:
                continue
            seen.add(step)
            latest = self._by_code[step][-1]
            if latest.valid_to is None or on < latest.valid_to:
                found.append(self.at(step, on))
            else:
                follow.extend(latest.successors)
        return found

    def name(self, code: str) -> str:
        """The newest name of a code, or nothing for one that never was."""
        return self._by_code[code][-1].name if code in self._by_code else ""


def province(code: str) -> str:
    """The two digits of the province in any division code or unified code part; ``UnknownDivision`` otherwise."""
    if (two := code[:2]) not in PROVINCES or not code.isascii() or not code.isdigit():
        raise UnknownDivision(division=code[:12], day="-")
    return two


def read(path: Path, mergers: Mapping[str, tuple[str, ...]] | None = None) -> Table:
    """The table in a CSV file (``.gz`` unpacked, UTF-8 or GB18030). ``mergers`` gives successors by ended code and
    outranks the inference from the name. Refuses with ``TableUnreadable``."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise TableUnreadable(line=1, file=path.name) from None
    divisions = list(rows(content, path.name))
    if not divisions:
        raise TableUnreadable(line=1, file=path.name)
    return build(divisions, mergers or {})


def rows(content: bytes, file: str) -> Iterator[tuple[date, str, str]]:
    """Effective day, code and name of each row."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        revision, code, name = (row.get(column) or "" for column in ("revision", "code", "name"))
        right = re.fullmatch("[12][0-9]{3}(0[1-9]|1[0-2])?", revision) and re.fullmatch("[0-9]{6}", code)
        if not right or not name or "\ufffd" in name:
            raise TableUnreadable(line=reader.line_num, file=file)
        yield published(revision), code, name


def published(revision: str) -> date:
    """The day whose state a revision shows: the end of its year (``2013``) or of its month (``200403``)."""
    year, month = int(revision[:4]), int(revision[4:] or 12)
    return date(year, month, calendar.monthrange(year, month)[1])


def build(rows: Iterable[tuple[date, str, str]], mergers: Mapping[str, tuple[str, ...]]) -> Table:
    """A table from rows (at least one) of effective day, code and name, in any order."""
    revisions: defaultdict[date, dict[str, str]] = defaultdict(dict)
    for day, code, name in rows:
        revisions[day][code] = name
    days = sorted(revisions)
    began: dict[str, tuple[str, date | None]] = {code: (name, None) for code, name in revisions[days[0]].items()}
    spans: list[Division] = []
    for before, day in itertools.pairwise(days):
        came = {code: name for code, name in revisions[day].items() if code not in revisions[before]}
        for code, name in revisions[before].items():
            if revisions[day].get(code) != name:
                after = () if code in revisions[day] else mergers.get(code) or namesakes(code, name, came)
                spans.append(Division(code, name, began.pop(code)[1], day, after))
        for code, name in revisions[day].items():
            began.setdefault(code, (name, day))
    spans += [Division(code, name, start, None) for code, (name, start) in began.items()]
    return Table(sorted(spans, key=lambda span: span.valid_from or date.min), days[-1])


def namesakes(code: str, name: str, came: Mapping[str, str]) -> tuple[str, ...]:
    """The one code that began when this ended, in the same province, for a place of the same name."""
    found = [after for after, its_name in came.items() if after[:2] == code[:2] and stem(its_name) == stem(name)]
    return (found[0],) if len(found) == 1 and len(stem(name)) > 1 else ()


def stem(name: str) -> str:
    """The name of the place without the word for what kind of division it is: 上虞市 and 上虞区 are both 上虞."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name
