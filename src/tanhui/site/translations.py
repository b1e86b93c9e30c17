"""Compile each room's catalogue (``django.po``) to what gettext reads (``django.mo``), where it is missing or older."""

import os
from pathlib import Path

import polib  # type: ignore[import-untyped]

from tanhui.site import environment


def bring_up_to_date(rooms: Path = environment.ROOMS) -> int:
    """How many catalogues were compiled. Several processes may do this at once."""
    stale = [path for path in sorted(rooms.glob("*/locale/*/LC_MESSAGES/django.po")) if not fresh(path)]
    for path in stale:
        draft = path.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(path), encoding="utf-8").save_as_mofile(str(draft))
        draft.replace(path.with_suffix(".mo"))
    return len(stale)


def fresh(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime_ns > path.stat().st_mtime_ns


if __name__ == "__main__":
    bring_up_to_date()
