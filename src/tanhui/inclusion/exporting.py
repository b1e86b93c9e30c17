"""Everything an account holds, as its holder takes it out: JSON for programs, CSV for spreadsheets, in one ZIP."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from tanhui.inclusion import consent_texts, holders, lakes
from tanhui.inclusion.models import (
    Account,
    Claim,
    Consent,
    Day,
    DayChange,
    Deduction,
    Entry,
    Exchange,
    Objection,
    Pseudonym,
    Receipt,
    Ruling,
    Suspicion,
    Voucher,
)
from tanhui.inclusion.queries import carbon, credit, regions
from tanhui.kernel import clock

STILL = (1980, 1, 1, 0, 0, 0)  # the time in the ZIP, so that the same data has the same bytes
MARK = "\ufeff"  # spreadsheets read UTF-8 by it
README = """导出的是您的个人碳账户中保存的全部数据。account.json 为完整内容；days.csv 为逐日减排量（克）；
points.csv 为积分发放与变动；consents.csv 为历次同意与撤回，文本见 texts.txt。克与积分是两回事，不能相互折算。
绿色信用记录（您同意给谁、用于什么、由谁何时领取）与区域互认证明（您出具的和在本平台提交的）见 account.json 的
credit、regions 两部分；签名原件可在“绿色信用记录”“区域互认”页面下载。
Everything your personal carbon account holds. Grams and points are different things. Green records (to whom you agreed,
for what, who fetched them and when) and statements for other regions are in account.json under credit and regions.
"""


def packed(account: Account) -> bytes:
    """The ZIP of an account; some statements, whatever the history."""
    codes = {key: one.code for key, one in carbon.names().items()}
    held = holders.of_account(account.pk)
    days = [
        {
            "day": one.day.isoformat(), "scenario": codes[one.scenario_id], "grams": one.grams, "events": one.events,
            "quantity": one.quantity, "evidence_sha256": bytes(one.evidence_sha256).hex(),
        }
        for one in Day.objects.filter(account=account.pk).order_by("day", "scenario_id")
    ]  # fmt: skip
    claims = [
        {"day": one.day.isoformat(), "kind": one.grant.kind, "scenario": codes[one.scenario_id], "points": one.points}
        for one in Claim.objects.filter(account=account.pk).select_related("grant").order_by("day", "scenario_id")
    ]
    moves = [
        {"day": clock.day(one.at).isoformat(), "kind": one.kind, "scenario": "", "points": one.points}
        for one in Entry.objects.filter(account=account.pk).order_by("id")
    ]
    consents = [
        {
            "at": clock.for_machines(one.at), "scenario": codes.get(one.scenario_id or 0, ""), "kind": one.kind,
            "given": one.given, "text_version": one.text_version, "text_sha256": one.text_sha256,
        }
        for one in Consent.objects.filter(account=account.pk).order_by("id")
    ]  # fmt: skip
    credit_, regions_ = green_records(account), recognised(account)
    whole = {
        "account": {
            "id": str(account.id), "state": account.state, "way": account.way, "region": account.region,
            "shows": account.shows, "team": account.team.name if account.team else "",
            "opened_at": clock.for_machines(account.opened_at),
        },
        "holder": {"name": held.name, "phone": held.phone} if held else {},
        "days": days, "claims": claims, "points": moves, "consents": consents,
        "changes": rows(DayChange, account, "day", "grams_before", "grams_after"),
        "events": events(account),
        "marks": rows(Pseudonym, account, "value", "provider__name"),
        "held_back": rows(Suspicion, account, "day", "rule", "state", "facts", "appeal"),
        "rulings": [
            {"day": one.suspicion.day, "outcome": one.outcome, "reason": one.reason}
            for one in Ruling.objects.filter(suspicion__account=account.pk).select_related("suspicion").order_by("pk")
        ],
        "vouchers": rows(Voucher, account, "code", "title", "points", "state", "at", "used_at"),
        "exchanges": rows(Exchange, account, "platform", "way", "points", "at"),
        "objections": rows(Objection, account, "day", "said", "answer"),
        "deductions": rows(Deduction, account, "points", "reason", "state", "note"),
        "receipts": rows(Receipt, account, "id", "kind", "at"),
        "credit": credit_, "regions": regions_,
    }  # fmt: skip
    said = json.dumps(whole, ensure_ascii=False, indent=1, default=str)
    known = known_texts([*consents, *credit_, *regions_["statements"]])
    texts = [f"{one.title_zh} {one.version}\n{one.zh}\n{one.title_en}\n{one.en}" for one in known]
    files = {
        "README.txt": README, "account.json": said, "days.csv": table(days), "points.csv": table([*claims, *moves]),
        "consents.csv": table(consents), "texts.txt": "\n\n".join(texts),
    }  # fmt: skip
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STILL), content.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def events(account: Account) -> list[dict[str, Any]]:
    """What providers reported of the holder, as long as it is kept; coordinates where they consented to them."""
    from tanhui.tally import forgetting
    from tanhui.tally import lake as lakes_

    lake = lakes.opened()
    found = []
    for day in lakes_.days(lake):
        found += lakes_.events(lake, day, account.pk).select(REPORTED).to_pylist()
    places = {one["id"]: one for one in forgetting.tracks(lake, account.pk).to_pylist()}
    return [
        {**{name: value for name, value in one.items() if name != "id"}, **track(places.get(one["id"]))}
        for one in found
    ]  # fmt: skip


REPORTED = ["id", "scenario", "began_at", "ended_at", "quantity", "unit", "provider", "key", "revision", "withdrawn"]


def track(place: dict[str, Any] | None) -> dict[str, Any]:
    return {name: place[name] for name in ("lon_e6", "lat_e6", "to_lon_e6", "to_lat_e6")} if place else {}


def green_records(account: Account) -> list[dict[str, Any]]:
    """Each consent to a green record: to whom, for what and on what ground; the records, and every hand-over."""
    return [
        {
            "id": str(one.pk), "kind": "CREDIT", "state": one.state, "evaluation": one.use.title,
            "recipient": one.use.recipient, "uscc": one.use.uscc, "purpose": one.use.purpose, "basis": one.use.basis,
            "kinds": one.kinds, "first": one.first, "last": one.last, "expires_on": one.expires_on,
            "given_at": one.opened_at, "withdrawn_at": one.ended_at, "text_version": one.text_version,
            "text_sha256": one.text_sha256,
            "records": [
                {
                    "record": record.code, "at": record.at, "sha256": record.sha256,
                    "handovers": [
                        {"at": each.at, "way": each.way, "to": each.organisation.name if each.organisation else ""}
                        for each in record.handovers.all()
                    ],
                }
                for record in one.records.all()
            ],
        }
        for one in credit.consents(account)
    ]  # fmt: skip


def recognised(account: Account) -> dict[str, Any]:
    """The region the account is the mirror of, if any; statements of its days, given out and taken in, as signed."""
    home = regions.mirror(account)
    return {
        "home": {"region": home.region.name, "mark": home.reference, "since": home.at} if home else {},
        "statements": [
            {
                "id": str(one.pk), "kind": "REGION", "way": one.way, "region": one.region.name, "mark": one.reference,
                "first": one.first, "last": one.last, "at": one.at, "taken_back_at": one.taken_back_at,
                "text_version": one.text_version, "text_sha256": one.text_sha256, "sha256": one.sha256,
                "content": one.content, "receipt": one.receipt,
            }
            for one in regions.of_person(account)
        ],
    }  # fmt: skip


def rows(model: Any, account: Account, *names: str) -> list[dict[str, Any]]:
    return list(model.objects.filter(account=account.pk).order_by("pk").values(*names))


def known_texts(consents: Iterable[dict[str, Any]]) -> list[consent_texts.Text]:
    """The texts that were agreed to, each once; what another region signed has none."""
    pairs = dict.fromkeys((one["text_version"], one["kind"]) for one in consents if one["text_version"])
    return [consent_texts.text(kind, version) for version, kind in pairs]


def table(found: Sequence[dict[str, Any]]) -> str:
    """Rows as CSV that no spreadsheet takes for formulas."""
    lines = io.StringIO()
    if found:
        writer = csv.DictWriter(lines, list(found[0]))
        writer.writeheader()
        writer.writerows({name: guarded(value) for name, value in one.items()} for one in found)
    return MARK + lines.getvalue()


def guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
