"""Daily files of providers: whatever lies in a provider's folder is taken, and a receipt laid beside it."""

import json
from datetime import datetime
from pathlib import Path

from django.db.models import Q

from tanhui.inclusion import citydata, lakes, receipts
from tanhui.inclusion.acts import batches
from tanhui.inclusion.models import Provider
from tanhui.kernel.refusal import Refusal

KINDS = (".jsonl", ".ndjson", ".parquet", citydata.ENDING)
LANGUAGE = "zh-hans"  # receipts are read by people of the provider
SETTLED_S = 10  # seconds a file must not have changed: half an upload is left alone


def pick_up(*, at: datetime) -> int:
    """Take every finished file of ``<drop>/<provider>/``; how many. A taken file moves to ``done/`` with
    ``<name>.receipt.json``, one refused as a whole to ``refused/`` with the reason."""
    many = 0
    for provider in Provider.objects.filter(~Q(state="ENDED")).order_by("pk"):
        folder = lakes.drop() / provider.code
        if not folder.is_dir():
            continue
        for path in sorted(one for one in folder.iterdir() if laid(one)):
            if at.timestamp() - path.stat().st_mtime >= SETTLED_S:
                take(provider, path, at)
                many += 1
    return many


def laid(path: Path) -> bool:
    return path.suffix.lower() in KINDS and not path.name.startswith(".") and path.is_file()


def take(provider: Provider, path: Path, at: datetime) -> None:
    """Take one file, the data centre's table among them. What was taken before a crash is found again by the hash of
    the file."""
    with path.open("rb") as file:
        raw = file.read(batches.MOST_BYTES + 1)
    try:
        made = batches.take(
            provider=provider, way="FILE", reference=batches.of_file(raw), body=citydata.of_file(path.name, raw), at=at
        )
        kept, said = "done", receipts.written(made)
    except Refusal as refusal:
        told = {"code": refusal.code, "detail": refusal.say(LANGUAGE), "clause": refusal.clause}
        kept, said = "refused", iter([json.dumps(told, ensure_ascii=False)])
    target = path.parent / kept
    target.mkdir(exist_ok=True)
    with (target / f"{path.name}.receipt.json").open("w", encoding="utf-8") as file:
        file.writelines(said)
    path.replace(target / path.name)
