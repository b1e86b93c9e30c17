"""What must not stand in a file we hand on: addresses of package registries and paths of one machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lints import Fault

# broken by a ~, so that this file may be handed on too
HOSTS = ["py~pi.org", "python~hosted.org", "registry.npm~js", "npm~mirror.com", "deb.~debian.org"]
MACHINE = ["/ho~me/[a-z]", "/Us~ers/[A-Za-z]", "/ro~ot/[a-z.]", r"[A-Z]:\\Us~ers", "/wo~rk/", "/wor~kspaces?/"]
PATTERNS = [host.replace(".", r"\.") for host in HOSTS] + [rf"(?<![\w./-]){path}" for path in MACHINE]
FORBIDDEN = re.compile("|".join(PATTERNS).replace("~", ""))


def faults(root: Path) -> Iterator[Fault]:
    for name in handed_on(root):
        path = root / name
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := FORBIDDEN.search(line):
                yield Fault(Path(name), number, f"{found.group()!r} is for this machine or this network alone")


def handed_on(root: Path) -> list[str]:
    """Files that git keeps or would keep; every file where there is no git."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        return sorted(filter(None, asked.stdout.split("\0")))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
