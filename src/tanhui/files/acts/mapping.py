"""Making a map of a raster on file: a GeoTIFF is converted before a single tile of it is served."""

import json
import os
import signal
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from tanhui.files import optimising, store
from tanhui.files.acts import receiving
from tanhui.files.models import Raster, Version
from tanhui.journal import jobs

JOB = "files.map"
PATIENCE = optimising.SECONDS + 60  # seconds on the wall


def ask(version: Version, *, at: datetime) -> Raster:
    """Have the worker make the map of a version that is a GeoTIFF."""
    made, new = Raster.objects.get_or_create(version=version, defaults={"asked_at": at})
    if new:
        jobs.defer(JOB, key=made.pk)
    return made


def make(*, key: int, at: datetime) -> None:
    """Convert the raster and let its map be ready, or say why there is none. Done again, it changes nothing."""
    raster = Raster.objects.select_related("version").filter(pk=key, state=Raster.State.ASKED).first()
    if raster is None:
        return
    draft = store.draft_path(uuid.uuid4())
    try:
        with store.as_file(raster.version.sha256, raster.version.size_bytes) as source:
            said = converted(source, draft)
        if why := said.get("refused"):
            Raster.objects.filter(pk=key, state=Raster.State.ASKED).update(
                state=Raster.State.REFUSED, reason=why if why in Raster.Reason else Raster.Reason.UNREADABLE,
                finished_at=at,
            )  # fmt: skip
            return
        sha256, size = store.digest(draft), draft.stat().st_size
        with transaction.atomic():
            receiving.lock(sha256)
            row = Raster.objects.select_for_update().get(pk=key)
            if row.state != Raster.State.ASKED:
                return
            store.store().keep(draft, sha256)
            row.state, row.sha256, row.size_bytes, row.facts, row.finished_at = (
                Raster.State.READY, sha256, size, said, at,
            )  # fmt: skip
            row.save()
    finally:
        draft.unlink(missing_ok=True)


def converted(source: Path, target: Path) -> dict[str, Any]:
    """What the child process says; of one that died or babbled, that the file is not readable."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "tanhui.files.optimising", str(source), str(target)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONUTF8": "1"} | {name: str(value) for name, value in optimising.SAFE.items()},
        cwd="/",
        start_new_session=True,
    )
    try:
        out, _ = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return {"refused": Raster.Reason.UNREADABLE}
    lines = out.decode("utf-8", "replace").splitlines()
    try:
        said = json.loads(lines[-1]) if lines and not child.returncode else None
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"refused": Raster.Reason.UNREADABLE}
