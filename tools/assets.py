"""Puts the few files of others that pages and papers use where the product looks for them, and proves them by hash.

``python -m tools.assets`` installs what is missing: npm fetches the packages locked in ``assets/package-lock.json`` (by
integrity, from whatever registry npm is configured for), and each file named in ``assets/files.toml`` is copied.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path("src/tanhui/ui")
SOURCE_MAP = re.compile(rb"^(/\*# sourceMappingURL=.*\*/|//# sourceMappingURL=.*)\n?", re.M)
OLDEST_NPM = 7  # reads lock files of version 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of somebody else's. ``source`` is inside its package, ``target`` inside ``HOME``."""

    package: str
    version: str
    licence: str
    source: str
    target: str
    sha256: str

    def delivered(self, root: Path) -> Path:
        return root / HOME / self.target

    def content(self, root: Path) -> bytes:
        """What is delivered: the package's own bytes, without the name of a map that is not."""
        raw = (root / "assets" / "node_modules" / self.package / self.source).read_bytes()
        return SOURCE_MAP.sub(b"", raw) if self.source.endswith((".css", ".js")) else raw


def listed(root: Path) -> list[Asset]:
    rows = tomllib.loads((root / "assets" / "files.toml").read_text(encoding="utf-8"))["file"]
    return [Asset(source=row.pop("from"), target=row.pop("to"), **row) for row in rows]


def wrong(root: Path) -> list[str]:
    """Which delivered files are missing or are not what the list says."""
    found = []
    for asset in listed(root):
        path = asset.delivered(root)
        if not path.exists():
            found.append(f"{path.relative_to(root)} is missing")
        elif digest(path.read_bytes()) != asset.sha256:
            found.append(f"{path.relative_to(root)} is not the file listed in assets/files.toml")
    return found


def install(root: Path) -> bool:
    """Deliver every file; whether there was anything to do."""
    if not wrong(root):
        return False
    fetch(root)
    for asset in listed(root):
        content = asset.content(root)
        if digest(content) != asset.sha256:
            sys.exit(f"{asset.package} {asset.source}: SHA-256 is {digest(content)}, assets/files.toml says otherwise")
        path = asset.delivered(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return True


def fetch(root: Path) -> None:
    npm(root, "ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", "--loglevel=error")


def lock(root: Path) -> None:
    """Resolve anew, and leave out of the lock every address: those of the registry and those that ask for money."""
    npm(root, "install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund")
    path = root / "assets" / "package-lock.json"
    locked = json.loads(path.read_text(encoding="utf-8"))
    for package in locked["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    path.write_text(json.dumps(locked, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def rehash(root: Path) -> None:
    """Write the hashes of the locked packages' files into the list."""
    fetch(root)
    path = root / "assets" / "files.toml"
    text = path.read_text(encoding="utf-8")
    for asset in listed(root):
        text = re.sub(
            rf'(to = "{re.escape(asset.target)}"\nsha256 = ")[0-9a-f]*(")',
            rf"\g<1>{digest(asset.content(root))}\g<2>",
            text,
        )
    path.write_text(text, encoding="utf-8")


def npm(root: Path, *words: str) -> None:
    """Run npm in ``assets/``: the machine's own, or where there is none the one beside this Python."""
    program = machine_npm() or Path(sys.executable).parent / "npm"
    subprocess.run([str(program), *words], cwd=root / "assets", check=True, stdout=subprocess.DEVNULL)


def machine_npm() -> str | None:
    found = shutil.which("npm")
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().partition(".")[0]
    return found if major.isdigit() and int(major) >= OLDEST_NPM else None


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is missing or wrong; exit 1 if anything is")
    parser.add_argument("--lock", action="store_true", help="resolve assets/package.json anew")
    parser.add_argument("--rehash", action="store_true", help="take over the hashes of the locked packages")
    args = parser.parse_args()
    if args.check:
        sys.exit("\n".join(wrong(ROOT)) or 0)
    if args.lock:
        lock(ROOT)
    if args.lock or args.rehash:
        rehash(ROOT)
    if install(ROOT):
        print(f"assets: {len(listed(ROOT))} files in {HOME}")
    shutil.rmtree(ROOT / "assets" / "node_modules", ignore_errors=True)


if __name__ == "__main__":
    main()
