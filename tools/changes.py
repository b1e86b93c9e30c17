"""What changed between versions of methodologies, and what the working tree changes of committed ones, for ``check``.

Nothing here fails: the report is for whoever reads the change. The whole of it: ``tanhui method changes BEFORE AFTER``.
"""

import dataclasses
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tanhui.methods.engine import changes, shelf
from tanhui.methods.engine.changes import Report

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = "src/tanhui/methods/packages"
SHOWN = 6  # figures that move, of one report


def lines() -> Iterator[str]:
    """Every two versions that follow each other, then every package that differs from the last commit."""
    for before, after in changes.pairs():
        yield from told(changes.compare(before, after))
    for name in edited():
        yield from against_commit(name)


def told(report: Report) -> Iterator[str]:
    """The head of a report, and the figures that move most."""
    first, *_rest = report.lines("en")
    yield first
    ordered = sorted(report.moved, key=lambda one: -abs(one.after - one.before) / max(abs(one.before), 1e-12))
    for one in ordered[:SHOWN]:
        place = f"[{one.place}]" if one.place else ""
        yield f"    {one.case}, {one.quantity}{place}: {one.before:.6g} → {one.after:.6g} ({one.percent})"
    if len(ordered) > SHOWN:
        yield f"    … and {len(ordered) - SHOWN} more: tanhui method changes {changes.named(report.before)} " + (
            changes.named(report.after)
        )


def edited() -> list[str]:
    """Packages with files that differ from the last commit, if they were there by then."""
    found = git("diff", "--name-only", "HEAD", "--", PACKAGES)
    names = {"/".join(Path(line).relative_to(PACKAGES).parts[:2]) for line in found.splitlines()}
    return sorted(name for name in names if name in shelf.names() and git("ls-tree", "HEAD", f"{PACKAGES}/{name}/"))


def against_commit(name: str) -> Iterator[str]:
    """The working tree's package against the same one as committed, families and science as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        code, _, version = name.partition("/")
        module = f"committed.{code}.{version}"
        extract(f"{PACKAGES}/{name}", Path(folder) / "committed" / code / version)
        sys.path.insert(0, folder)
        try:
            old = shelf._assemble(module, "as committed")
            report = changes.compare(dataclasses.replace(old, version=f"{version} as committed"), shelf.load(name))
            yield from told(report)
        except Exception as problem:  # what was committed may be of another engine
            yield f"{name} cannot be compared with what was committed: {problem}"
        finally:
            sys.path.remove(folder)
            for loaded in [one for one in sys.modules if one.partition(".")[0] == "committed"]:
                del sys.modules[loaded]


def extract(path: str, target: Path) -> None:
    """A folder of the last commit."""
    target.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", f"HEAD:{path}"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    with tempfile.TemporaryFile() as file:
        file.write(archive.stdout)
        file.seek(0)
        with tarfile.open(fileobj=file) as packed:
            packed.extractall(target, filter="data")


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False).stdout


if __name__ == "__main__":
    print("\n".join(lines()))
