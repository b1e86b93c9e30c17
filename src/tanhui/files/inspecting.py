"""The child process that opens files: little memory, little time, no writing, no network where the system allows it.

``python -I -m tanhui.files.inspecting FILE FORMAT…`` tries the formats in their order and prints what it found as one
line of JSON. It must be small enough to be killed at any moment: the parent treats its silence as a refusal.
"""

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from tanhui.files.parsers import NotMine
from tanhui.kernel.refusal import Refusal

SECONDS = 20  # of computing
MEMORY = 1 << 30  # bytes of address space
PARSERS = {
    "pdf": ("pdf", "pdf"),
    "png": ("picture", "png"),
    "jpeg": ("picture", "jpeg"),
    "geotiff": ("tiff", "geotiff"),
    "xlsx": ("office", "xlsx"),
    "docx": ("office", "docx"),
    "shape": ("shape", "shape"),
    "geojson": ("geojson", "geojson"),
    "gpkg": ("spatial", "geopackage"),
    "netcdf": ("spatial", "netcdf"),
    "csv": ("text", "table"),
    "text": ("text", "text"),
}
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def limit() -> None:
    """Give up what opening a file does not need. Without a network where the system lets us leave it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(path: Path, formats: list[str]) -> dict[str, Any]:
    """The first format that fits with its facts, or the code and facts of the refusal."""
    said: dict[str, Any] = {"refused": "files.format_refused", "facts": {}}
    for name in formats:
        module, function = PARSERS[name]
        try:
            facts = getattr(importlib.import_module(f"tanhui.files.parsers.{module}"), function)(path)
        except NotMine:
            continue
        except Refusal as refusal:
            said = {"refused": refusal.code, "facts": refusal.facts}
            if name == "csv" and "text" in formats:  # what is no good table may still be good text
                continue
            return said
        except (MemoryError, RecursionError):
            return {"heavy": True}
        return {"format": name, "facts": facts}
    return said


def peak_kb() -> int:
    """The most memory this process held; what ``getrusage`` says includes the parent's from before it began."""
    found = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(found[0].split()[1]) if found else 0


def main() -> None:
    limit()
    path, *formats = sys.argv[1:]
    found = look(Path(path), formats)
    found["peak_kb"] = peak_kb()
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
