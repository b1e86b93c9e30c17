import hashlib
import json

import pytest

import assets

ROOT = assets.ROOT
LIST = """
[[file]]
package = "thing"
version = "1.0.0"
licence = "MIT"
from = "dist/thing.css"
to = "static/vendor/thing.css"
sha256 = "{}"
"""
RAW = "a{}\n/*# sourceMappingURL=thing.css.map */\n"


@pytest.fixture
def shop(checkout, monkeypatch):
    """A checkout whose npm delivers one small file; how often it was asked is in ``asked``."""

    def make(sha256, raw=RAW):
        root = checkout({"assets/files.toml": LIST.format(sha256)})

        def npm(root, *words):
            make.asked += 1
            checkout({"assets/node_modules/thing/dist/thing.css": raw})

        monkeypatch.setattr(assets, "npm", npm)
        return root

    make.asked = 0
    return make


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class TestInstallingAssets:
    def test_delivers_the_file_without_the_name_of_a_map(self, shop):
        root = shop(sha256("a{}\n"))

        assert assets.install(root)
        assert (root / assets.HOME / "static/vendor/thing.css").read_text() == "a{}\n"

    def test_does_nothing_the_second_time(self, shop):
        root = shop(sha256("a{}\n"))
        assets.install(root)

        assert not assets.install(root)
        assert shop.asked == 1

    def test_puts_back_a_file_that_was_changed(self, shop):
        root = shop(sha256("a{}\n"))
        assets.install(root)
        (root / assets.HOME / "static/vendor/thing.css").write_text("changed")

        assert assets.wrong(root) == [
            "src/tanhui/ui/static/vendor/thing.css is not the file listed in assets/files.toml"
        ]
        assert assets.install(root)
        assert not assets.wrong(root)

    def test_refuses_a_file_with_another_hash(self, shop):
        root = shop(sha256("something else"))

        with pytest.raises(SystemExit, match="SHA-256"):
            assets.install(root)
        assert not (root / assets.HOME / "static/vendor/thing.css").exists()


class TestTheListOfAssets:
    def test_names_versions_as_they_are_locked(self):
        locked = json.loads((ROOT / "assets" / "package-lock.json").read_text())["packages"]

        for asset in assets.listed(ROOT):
            assert locked[f"node_modules/{asset.package}"]["version"] == asset.version

    def test_carries_the_licence_text_of_every_package(self):
        listed = assets.listed(ROOT)

        with_text = {asset.package for asset in listed if "LICENSE" in asset.source}
        assert with_text == {asset.package for asset in listed}


class TestTheLock:
    def test_names_no_address(self):
        assert "http" not in (ROOT / "assets" / "package-lock.json").read_text()

    def test_holds_everything_by_integrity(self):
        locked = json.loads((ROOT / "assets" / "package-lock.json").read_text())["packages"]

        assert all(package.get("integrity") for name, package in locked.items() if name)
