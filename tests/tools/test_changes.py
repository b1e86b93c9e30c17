import subprocess

import pytest

import changes as tool
from tanhui.methods.engine import changes


class TestTheReportOfChanges:
    def test_has_a_head_for_every_two_versions(self):
        said = "\n".join(
            line for before, after in changes.pairs() for line in tool.told(changes.compare(before, after))
        )

        assert all(f"{before} → {after}. Changes: " in said for before, after in changes.pairs())

    def test_compares_with_what_was_committed(self):
        if subprocess.run(["git", "rev-parse"], cwd=tool.ROOT, check=False, capture_output=True).returncode:
            pytest.skip("there is no repository here")
        first, *_ = tool.against_commit("ar_cm_001/v01")

        assert first.startswith("ar_cm_001/v01 as committed → ar_cm_001/v01. Changes: ")
