"""The PDF of a green record: drawn from its signed file, with the proof of its hash and the file itself inside; sealed
with the log's key, and so the same bytes whenever it is asked for. ``tanhui verify`` checks it offline."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from tanhui.inclusion import greenrecords
from tanhui.inclusion.models import CreditRecord
from tanhui.journal import queries as journal
from tanhui.registry import certificates
from tanhui.registry.models import Retirement
from tanhui.ui import numerals, paper, qr

TEMPLATE = Path(__file__).resolve().with_name("papers") / "credit.typ"
FILE = "record.json"


def drawn(record: CreditRecord, signed: bytes) -> bytes:
    """The sealed PDF/A-3b over the signed file. Refuses with ``registry.certificate_not_ready``."""
    body = greenrecords.opened(signed)
    proof, place = certificates.proved(record.code, record.entry)
    proof["attachments"] = {FILE: record.sha256}
    head = certificates.masthead(record.code, "/credit/check", journal.fact(record.entry)["fact"])
    data = {
        "title": "绿色信用记录", "subtitle": "GREEN RECORD FOR CREDIT EVALUATION", "number": head.number,
        "operator": head.operator, "demonstration": head.demonstration, "url": head.url,
        "qr": qr.svg(head.url) if head.url else None, "subject": subject(body["subject"]),
        "recipient": body["recipient"], "evaluation": body["evaluation"], "purpose": body["purpose"],
        "basis": body["legal_basis"], "period": {"first": day(body["first"]), "last": day(body["last"])},
        "expires_on": day(body["expires_on"]), "consent": body["consent"]["id"], "text": body["consent"]["text"],
        "given_at": numerals.moment(datetime.fromisoformat(body["consent"]["given_at"])),
        "made_on": numerals.day(record.at.astimezone(numerals.BEIJING)), "log": place.plain(),
    } | told(body["contents"])  # fmt: skip
    inside = paper.Attachment(
        name=FILE, content=signed, description="签名的记录文件 The signed record", relationship="source"
    )
    made = paper.render(template=TEMPLATE, data=data, at=record.at, attachments=[certificates.enclosed(proof), inside])
    return certificates.sealed(made)


def told(contents: dict[str, Any]) -> dict[str, Any]:
    """The contents in the shape of the template, numbers grouped."""
    summary = contents.get("SUMMARY")
    retired = [
        {
            "kind": certificates.label(Retirement.Purpose(one["purpose"])).zh, "number": one["certificate"],
            "on": one["on"], "tonnes": numerals.grouped(one["tonnes"]),
        }
        for one in contents.get("RETIREMENTS", [])
    ]  # fmt: skip
    issued = [
        {"kind": "签发", "number": one["project"], "on": one["on"], "tonnes": numerals.grouped(one["tonnes"])}
        for one in contents.get("ISSUANCES", [])
    ]
    return {
        "summary": {name: numerals.grouped(value) for name, value in summary.items()} if summary else None,
        "scenarios": [
            {
                "name": one["name"], "methodology": one["methodology"], "grams": numerals.grouped(one["grams"]),
                "days": numerals.grouped(one["days"]),
            }
            for one in contents.get("SCENARIOS", [])
        ],
        "months": [
            {"month": one["month"], "grams": numerals.grouped(one["grams"])} for one in contents.get("MONTHS", [])
        ],
        "units": retired + issued,
    }  # fmt: skip


def subject(who: dict[str, str]) -> str:
    return "　".join(one for one in (who["name"], who.get("uscc", ""), who.get("mobile", "")) if one)


def day(text: str) -> str:
    return numerals.day(date.fromisoformat(text))
