"""The interface with the city's data centre (市大数据中心): its daily table as our events, and the schema.

The table is CSV in UTF-8 or GB 18030 with the heads of ``HEADS``; its times are Beijing time. Each row becomes one
event and goes the way of every other: checked row by row, with a receipt (docs/algorithms/regions.md §5).
"""

import csv
import io
import json
import re
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop

HEADS = {  # of the table: name of the event's column, whether it must be there
    "数据主键": ("key", True), "人员标识": ("person", True), "场景编码": ("scenario", True),
    "开始时间": ("began_at", True), "结束时间": ("ended_at", True), "数量": ("quantity", True), "单位": ("unit", True),
    "活动标识": ("activity", False), "设备标识": ("device", False), "支付标识": ("payment", False),
    "修订号": ("revision", False), "修订原因": ("reason", False), "是否撤回": ("withdrawn", False),
}  # fmt: skip
ENDING = ".csv"
MOST_BYTES = 64 * 1024 * 1024
WHOLE = re.compile(r"-?[0-9]{1,18}")
BEIJING = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})")


class CityTableUnreadable(Refusal):
    code = "inclusion.city_table_unreadable"
    sentence = gettext_noop(
        "This is no table of the data centre from line %(line)s on. It is CSV in UTF-8 or GB 18030, at most "
        "%(megabytes)s MB, and its first line has each head once, at least %(heads)s."
    )
    clause = "沪环气〔2022〕211号四（三）"
    status = 422


def of_file(name: str, raw: bytes) -> bytes:
    """What a provider's file has, by its name: the table as events, everything else as it is. Refuses as ``events``."""
    return events(raw) if name.lower().endswith(ENDING) else raw


def events(raw: bytes) -> bytes:
    """The table as JSON lines of events. A value that is none is left as it stands, so that its own row is refused with
    the reason. Refuses with ``CityTableUnreadable``."""
    rows = csv.DictReader(io.StringIO(text(raw)), strict=True)
    try:
        heads = [one.strip() for one in rows.fieldnames or []]
        missing = [head for head, (_, needed) in HEADS.items() if needed and head not in heads]
        if missing or len(set(heads)) < len(heads):
            raise refused(1)
        rows.fieldnames = heads
        return b"\n".join(json.dumps(event(row), ensure_ascii=False).encode() for row in rows)
    except csv.Error as fault:
        raise refused(max(1, rows.reader.line_num)) from fault


def text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise refused(line(raw, MOST_BYTES))
    if b"\x00" in raw:
        raise refused(line(raw, raw.index(b"\x00")))
    reached = 0
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as fault:
            reached = max(reached, fault.start)
    raise refused(line(raw, reached))


def line(raw: bytes, at: int) -> int:
    """The line a byte is in, from 1."""
    return raw.count(b"\n", 0, at) + 1


def refused(line: int) -> CityTableUnreadable:
    heads = "、".join(head for head, (_, needed) in HEADS.items() if needed)
    return CityTableUnreadable(line=line, megabytes=MOST_BYTES >> 20, heads=heads)


def event(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: (row.get(head) or "").strip() for head, (name, _) in HEADS.items()}
    made: dict[str, Any] = {name: value for name, value in found.items() if value}
    for name in ("quantity", "revision"):
        if name in made and WHOLE.fullmatch(made[name]):
            made[name] = int(made[name])
    for name in ("began_at", "ended_at"):
        if name in made and (said := BEIJING.fullmatch(made[name])):
            made[name] = f"{said[1]}T{said[2]}+08:00"
    if "withdrawn" in made:
        made["withdrawn"] = {"是": True, "否": False}.get(made["withdrawn"], made["withdrawn"])
    return made


def schema() -> dict[str, Any]:
    """JSON Schema of an event, whichever way it comes in: HTTP, daily file or MQTT."""
    from tanhui.tally import shape

    kinds = {"string": "string", "int64": "integer", "int32": "integer", "bool": "boolean"}
    properties: dict[str, Any] = {}
    for name, kind in (shape.ASKED | shape.OPTIONAL).items():
        properties[name] = {"type": kinds.get(str(kind), "string")}
        if str(kind).startswith("timestamp"):
            properties[name] |= {"format": "date-time", "description": "RFC 3339, with an offset"}
    properties["key"] |= {"maxLength": 64}
    properties["person"] |= {"pattern": "^[0-9a-f]{32}$", "description": "The mark given to this provider, no identity"}
    properties["facts"] = {"type": "object"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Event", "type": "object",
        "properties": properties, "required": list(shape.ASKED),
        "x-csv": {head: name for head, (name, _) in HEADS.items()},
    }  # fmt: skip
