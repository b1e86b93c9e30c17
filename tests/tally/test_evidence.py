"""Hashes side by side are the hashes of the standard library."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.tally import evidence, settle


def one_by_one(bodies: np.ndarray, ends: np.ndarray) -> bytes:
    content = bodies.astype("<i8").tobytes()
    cuts = zip([0, *ends[:-1]], ends, strict=True)
    return b"".join(hashlib.sha256(content[8 * begin : 8 * end]).digest() for begin, end in cuts)


class TestHashesSideBySide:
    @settings(max_examples=60, deadline=None)
    @given(lengths=st.lists(st.integers(0, 40), min_size=1, max_size=300), seed=st.integers(0, 2**32 - 1))
    def test_are_those_of_one_after_the_other(self, lengths: list[int], seed: int) -> None:
        ends = np.cumsum(lengths)
        bodies = np.random.default_rng(seed).integers(-(2**63), 2**63 - 1, int(ends[-1]))
        assert evidence.digests(bodies, ends) == one_by_one(bodies, ends)

    @pytest.mark.parametrize("length", [0, 5, 6, 7, 13, 14, 15, 8 * 64, 70_000])
    def test_end_a_message_as_the_standard_says(self, length: int) -> None:
        bodies, ends = np.arange(length + 3) - 1, np.array([length, length + 3])
        assert evidence.digests(bodies, ends) == one_by_one(bodies, ends)

    def test_of_nothing_are_none(self) -> None:
        assert evidence.digests(np.zeros(0, np.int64), np.zeros(0, np.int64)) == b""

    @pytest.mark.parametrize("many", [1, 10**9])
    def test_make_no_difference_to_a_day(self, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settle, "MANY", many)
        bodies, ends = np.arange(100, dtype=np.int64) << 40, np.array([1, 7, 60, 100], dtype=np.int32)
        found = settle.evidence(bodies, ends)
        assert b"".join(found.to_pylist()) == one_by_one(bodies, ends)
        assert len(settle.evidence(bodies[:0], ends[:0])) == 0
