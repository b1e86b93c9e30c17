"""Deciding what a file is: a real parser opens it, in a child process that may be as ill as the file makes it."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tanhui.files import inspecting, kinds, refusals
from tanhui.kernel.refusal import Refusal

PATIENCE = 30.0  # seconds on the wall for one file
MOST_SAID = 256 * 1024  # bytes of answer we are ready to read


@dataclass(frozen=True)
class Found:
    """What a file is: its format, facts about it, and for text in it the encoding, if it is known."""

    format: kinds.Format
    facts: dict[str, Any] = field(default_factory=dict)
    encoding: str = ""
    peak_kb: int = 0


def inspect(path: Path, formats: tuple[str, ...]) -> Found:
    """Open a file as one of the formats. Refuses with a rule of ``files.refusals``."""
    if path.stat().st_size == 0:
        raise refusals.FileEmpty
    tried = [name for name in kinds.FORMATS if name in formats]
    said = ask(path, tried)
    facts = said.get("facts", {})
    if "format" in said:
        return Found(kinds.FORMATS[said["format"]], facts, str(facts.pop("encoding", "")), int(said.get("peak_kb", 0)))
    rule = refusals.BY_CODE.get(said.get("refused", ""), refusals.TooHeavy)
    if rule is refusals.FormatRefused:
        facts = {"asked": " · ".join(str(kinds.FORMATS[name].label) for name in tried)}
    if rule is refusals.TooHeavy:
        facts = {"seconds": inspecting.SECONDS, "megabytes": inspecting.MEMORY >> 20}
    raise rule(**facts)


def refusal(kept: dict[str, Any]) -> Refusal:
    """The refusal that a row keeps as code and facts."""
    return refusals.BY_CODE[kept["code"]](**kept["facts"])


def ask(path: Path, formats: list[str]) -> dict[str, Any]:
    """What the child says; nothing when it died, was killed, or babbled."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "tanhui.files.inspecting", str(path), *formats],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONUTF8": "1"},
        cwd="/",
        start_new_session=True,
    )
    try:
        out, _ = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return {}
    if child.returncode or len(out) > MOST_SAID:
        return {}
    try:
        said = json.loads(out)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
