"""Takes the pictures of ``docs/screens.md`` from a demonstration of its own, and writes that page.

``python -m tools.screenshots [name …]``: the pages to take are listed in ``docs/screens.toml``; all of them, or those
named. The demonstration runs on a free port in a temporary folder and is stopped again.
"""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright import sync_api

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "screens.toml"
PAGE = ROOT / "docs" / "screens.md"
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
PATIENCE = 180  # seconds for a demonstration to come up
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 860}},
    "phone": {"viewport": {"width": 390, "height": 800}, "device_scale_factor": 1.5},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
}
WORDS = {"desk": "桌面 · desktop", "phone": "手机 · phone", "dark": "深色 · dark"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One page of the list. ``as_`` is the login of a person of the demonstration."""

    name: str
    zh: str
    en: str
    path: str
    screens: list[str]
    as_: str = ""
    follow: list[str] = field(default_factory=list)
    fill: dict[str, str] = field(default_factory=dict)
    press: str = ""

    def file(self, screen: str) -> Path:
        return PICTURES / f"{self.name}-{screen}.webp"


def listed() -> list[Shot]:
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))["page"]
    return [Shot(as_=row.pop("as", ""), **row) for row in rows]


@contextlib.contextmanager
def demonstration() -> Iterator[str]:
    """A demonstration that is up: its address."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="tanhui-screens-") as folder:
        running = subprocess.Popen(
            [str(Path(sys.executable).parent / "tanhui"), "demo", "--port", str(port)],
            env=os.environ | {"TANHUI_VAR": f"{folder}/var", "TANHUI_MODE": "demonstration"},
            stdout=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            wait(address, running)
            yield address
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def wait(address: str, running: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), reached(address):
            return
        time.sleep(0.5)
    sys.exit("the demonstration did not come up; `tanhui demo` says why")


def reached(address: str) -> contextlib.AbstractContextManager[Any]:
    return urllib.request.urlopen(f"{address}/readyz")  # type: ignore[no-any-return]  # noqa: S310  (our own)


def take(browser: sync_api.Browser, address: str, shot: Shot) -> int:
    """Every screen of one page; how many bytes they are."""
    size = 0
    for screen in shot.screens:
        context = browser.new_context(locale="zh-CN", reduced_motion="reduce", **SCREENS[screen])
        page = context.new_page()
        page.set_default_timeout(15_000)
        if shot.as_:
            page.goto(f"{address}/login")
            page.locator(f"form:has(input[value='{shot.as_}']) button").first.click()
            page.locator(".workspace").wait_for()
        page.goto(address + shot.path)
        for link in shot.follow:
            page.locator(link).first.click()
            page.wait_for_load_state()
        for name, value in shot.fill.items():
            page.locator(f"[name={name}]").fill(value)
        if shot.press:
            page.locator(f"button[value={shot.press}]").click()
            page.wait_for_load_state()
        page.evaluate("document.activeElement.blur()")
        for widget in page.locator("[data-widget]").all():
            widget.locator("xpath=self::*[@data-drawn]").wait_for()
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.save(shot.file(screen), "WEBP", quality=72, method=6)
        size += shot.file(screen).stat().st_size
        context.close()
    return size


def write(shots: list[Shot]) -> None:
    """The page that shows them all."""
    lines = [
        "# 页面一览 · Screens",
        "",
        "演示环境中的主要页面，由 `make screenshots` 重新生成；清单在 [screens.toml](screens.toml)。",
        "The main pages of the demonstration, taken anew by `make screenshots`; the list is",
        "[screens.toml](screens.toml).",
    ]
    for shot in shots:
        lines += ["", f"## {shot.zh}", "", f"{shot.en}", ""]
        lines += [
            f"![{shot.zh}（{WORDS[screen].split(' · ')[0]}）](pictures/{shot.name}-{screen}.webp)"
            for screen in shot.screens
        ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    shots = listed()
    wanted = [shot for shot in shots if not sys.argv[1:] or shot.name in sys.argv[1:]]
    PICTURES.mkdir(exist_ok=True)
    total = 0
    with demonstration() as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-3d-apis"])
        for shot in wanted:
            size = take(browser, address, shot)
            total += size
            print(f"{shot.name:<14} {size // 1024:>5} KB", flush=True)
        browser.close()
    write(shots)
    print(f"{len(wanted)} pages, {total // 1024} KB; docs/screens.md is written")


if __name__ == "__main__":
    main()
