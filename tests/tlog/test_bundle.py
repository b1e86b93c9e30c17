import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel.refusal import Refusal
from tanhui.tlog import bundle, proof, tiles

BROKEN = {
    "leaf_altered": "tlog.leaf_altered",
    "leaf_and_its_hash_altered": "tlog.root_not_reached",
    "proof_hash_replaced": "tlog.root_not_reached",
    "proof_cut_short": "tlog.proof_length_wrong",
    "proof_too_long": "tlog.proof_length_wrong",
    "index_of_another_leaf": "tlog.root_not_reached",
    "index_beyond_size": "tlog.index_beyond_tree",
    "index_negative": "tlog.index_beyond_tree",
    "index_is_text": "tlog.field_malformed",
    "index_is_true": "tlog.field_malformed",
    "size_differs": "tlog.size_differs",
    "hash_in_capitals": "tlog.field_malformed",
    "hash_too_short": "tlog.field_malformed",
    "no_checkpoint": "tlog.field_missing",
    "no_leaf": "tlog.field_missing",
    "checkpoint_root_forged": "tlog.signature_wrong",
    "checkpoint_signature_flipped": "tlog.signature_wrong",
    "checkpoint_not_signed": "tlog.note_malformed",
    "checkpoint_size_with_zero_in_front": "tlog.checkpoint_malformed",
    "checkpoint_signed_by_a_stranger": "tlog.key_unknown",
    "checkpoint_of_another_log": "tlog.origin_differs",
    "key_of_a_stranger": "tlog.key_differs",
    "key_malformed": "tlog.key_malformed",
    "leaf_with_a_key_twice": "tlog.leaf_not_a_fact",
    "leaf_with_a_float": "tlog.leaf_not_a_fact",
    "leaf_is_a_list": "tlog.leaf_not_a_fact",
    "leaf_half_a_character": "tlog.field_malformed",
    "opening_altered": "tlog.opening_wrong",
    "attachment_not_in_the_fact": "tlog.attachment_not_stated",
    "attachment_hash_malformed": "tlog.field_malformed",
    "format_of_tomorrow": "tlog.format_unknown",
    "format_missing": "tlog.format_unknown",
    "truncated": "tlog.bundle_not_json",
    "empty": "tlog.bundle_not_json",
    "not_utf8": "tlog.bundle_not_json",
    "a_list": "tlog.format_unknown",
    "nested_beyond_reason": "tlog.bundle_not_json",
    "number_beyond_reason": "tlog.bundle_not_json",
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "00" * 32, "a\n1\n", "x+y+z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def good(golden):
    return bundle.loads((golden.bundles / "good.json").read_bytes())


class TestGolden:
    def test_files_come_out_of_the_script_byte_for_byte(self, golden, tmp_path):
        earlier = golden.build.build_log(tmp_path / "log")

        for path in golden.log.rglob("*"):
            if path.is_file():
                assert (tmp_path / "log" / path.relative_to(golden.log)).read_bytes() == path.read_bytes()
        assert (golden.folder / "earlier.checkpoint").read_text() == earlier
        made = golden.build.bundles(tmp_path / "log")
        assert {path.name: path.read_bytes() for path in golden.bundles.iterdir()} == made

    def test_files_named_broken_each_have_their_reason(self, golden):
        assert {path.stem.removeprefix("broken_") for path in golden.bundles.glob("broken_*")} == set(BROKEN)


class TestVerify:
    def test_tells_what_a_good_bundle_proves(self, golden, good):
        verdict = bundle.verify(good, [golden.key])

        assert verdict.trusted
        assert (verdict.index, verdict.size, verdict.origin) == (271, 300, "registry.example/log")
        assert verdict.leaf["fact"]["quantity_t"] == 1200

    def test_without_trusted_keys_says_so(self, golden, good):
        verdict = bundle.verify(good)

        assert not verdict.trusted
        assert str(verdict.key) == golden.key

    def test_against_no_key_at_all_trusts_nobody(self, good):
        with pytest.raises(Refusal) as refused:
            bundle.verify(good, [])

        assert refused.value.code == "tlog.key_unknown"

    def test_shows_the_private_part_when_it_is_the_one_committed_to(self, golden):
        made = bundle.loads((golden.bundles / "good_opened.json").read_bytes())

        assert bundle.verify(made).opening == {"beneficiary_code": "91310000MA1FL0000X"}

    @pytest.mark.parametrize("name", BROKEN)
    def test_refuses_with_the_reason(self, golden, name):
        with pytest.raises(Refusal) as refused:
            bundle.verify(bundle.loads((golden.bundles / f"broken_{name}.json").read_bytes()), [golden.key])

        assert refused.value.code == BROKEN[name]

    def test_shows_the_strangers_key_when_nobody_said_whom_to_trust(self, golden):
        made = bundle.loads((golden.bundles / "broken_checkpoint_signed_by_a_stranger.json").read_bytes())

        verdict = bundle.verify(made)

        assert (verdict.trusted, str(verdict.key) == golden.key) == (False, False)

    @given(st.data())
    def test_answers_any_json_with_a_refusal_or_a_verdict(self, golden, good, data):
        made = copy.deepcopy(good)
        for _ in range(data.draw(st.integers(1, 3))):
            made[data.draw(st.sampled_from([*good, "opening", "attachments"]))] = data.draw(JSON)
        try:
            verdict = bundle.verify(made, [golden.key])
        except Refusal:
            return
        assert verdict.leaf["fact"]["quantity_t"] == 1200

    @given(st.data())
    def test_finds_every_altered_byte_that_matters(self, golden, data):
        whole = (golden.bundles / "good.json").read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        altered = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
        try:
            verdict = bundle.verify(bundle.loads(altered), [golden.key])
        except Refusal:
            return
        assert verdict == bundle.verify(bundle.loads(whole), [golden.key])

    def test_refuses_a_file_that_is_too_large(self):
        with pytest.raises(bundle.BundleTooLarge):
            bundle.loads(bytes(bundle.LARGEST + 1))


class TestBuild:
    def test_refuses_a_leaf_that_is_no_fact(self, golden):
        tree = proof.Tree(tiles.DirectoryReader(golden.log), 300)

        with pytest.raises(bundle.LeafNotAFact):
            bundle.build(tree=tree, index=0, signed="", key=golden.build.OPERATOR.verifier, leaf=b"\xff")

    def test_writes_what_reading_gives_back(self, good):
        assert bundle.loads(bundle.dumps(good)) == json.loads(json.dumps(good))
