"""The package of docs/tutorials/first-methodology.md, built and installed as anyone's distribution would be."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/tutorials/first-methodology.md"
BLOCK = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTSIDE = {"pyproject.toml", "project.toml", "fields.csv", "farms.csv"}


def files():
    """Every file the page shows, by its path in the package."""
    return dict(BLOCK.findall(PAGE.read_text("utf-8")))


def write(folder, changed=None, package="cover_crops"):
    """The source tree of the distribution; ``changed`` replaces files of the page, ``None`` leaves one out."""
    for path, text in (files() | (changed or {})).items():
        if text is None:
            continue
        place = folder / path if path in OUTSIDE else folder / package / "v01" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace("cover_crops", package), "utf-8")
    for part in (package, f"{package}/v01"):
        (folder / part / "__init__.py").write_text("", "utf-8")
    return folder


def install(source, target):
    """Build the distribution and install it into a folder."""
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)],
        check=True,
        capture_output=True,
    )
    return target
