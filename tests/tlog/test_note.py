import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel.refusal import Refusal
from tanhui.tlog import checkpoint, note

# The example of Go's sumdb/note, the reference implementation of signed notes.
NEUMANN = note.Signer.parse("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
NEUMANN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OTHER = note.Signer("PeterNeumann", bytes(32))


class TestKeys:
    def test_are_read_and_written_as_the_reference_does(self):
        assert str(NEUMANN.verifier) == NEUMANN_KEY
        assert note.Verifier.parse(NEUMANN_KEY) == NEUMANN.verifier
        assert note.Signer.parse(str(NEUMANN)) == NEUMANN

    def test_of_the_go_checksum_database_is_accepted(self):
        key = note.Verifier.parse("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
        assert key.name == "sum.golang.org"

    @pytest.mark.parametrize("text", [
        "", "PeterNeumann", NEUMANN_KEY[:-4], NEUMANN_KEY.replace("c74f20a3", "c74f20a4"),
        NEUMANN_KEY.replace("Peter", "Peter "), NEUMANN_KEY.replace("c74f20a3", "C74F20A3"), "+c74f20a3+AQ==", "名+x+y",
    ])  # fmt: skip
    def test_that_cannot_be_one_are_refused(self, text):
        with pytest.raises(note.KeyMalformed):
            note.Verifier.parse(text)

    @pytest.mark.parametrize("text", ["", NEUMANN_KEY, str(NEUMANN)[:-4], str(NEUMANN).replace("c74f", "c74e")])
    def test_that_cannot_sign_are_refused_without_being_quoted(self, text):
        with pytest.raises(note.PrivateKeyMalformed) as refused:
            note.Signer.parse(text)

        assert not refused.value.facts

    def test_do_not_show_their_secret_in_a_traceback(self):
        assert repr(NEUMANN) == "Signer('PeterNeumann')"

    def test_are_not_named_with_spaces(self):
        with pytest.raises(ValueError, match="cannot name a key"):
            note.Signer.generate("my log")

    def test_are_new_each_time(self):
        assert note.Signer.generate("a").seed != note.Signer.generate("a").seed


class TestNote:
    def test_is_signed_as_the_reference_does(self):
        assert note.sign(TEXT, [NEUMANN]) == SIGNED

    def test_gives_its_text_and_the_keys_that_signed(self):
        assert note.verify(SIGNED, [NEUMANN.verifier]) == (TEXT, [NEUMANN.verifier])

    def test_passes_over_signatures_of_unknown_keys(self):
        signed = note.sign(TEXT, [OTHER, NEUMANN])

        assert note.verify(signed, [NEUMANN.verifier])[1] == [NEUMANN.verifier]

    def test_of_unknown_keys_alone_is_refused(self):
        with pytest.raises(note.KeyUnknown, match=r"PeterNeumann\+"):
            note.verify(SIGNED, [OTHER.verifier])

    def test_with_one_wrong_signature_of_a_known_key_is_refused(self):
        signed = note.sign(TEXT, [NEUMANN]) + note.sign("other\n", [OTHER]).split("\n\n")[1]

        with pytest.raises(note.SignatureWrong):
            note.verify(signed, [NEUMANN.verifier, OTHER.verifier])

    @given(st.integers(0, len(SIGNED) - 1), st.characters())
    def test_with_any_character_changed_is_refused(self, at, character):
        changed = SIGNED[:at] + character + SIGNED[at + 1 :]
        if changed != SIGNED:
            with pytest.raises(Refusal):
                note.verify(changed, [NEUMANN.verifier])

    @pytest.mark.parametrize(("text", "line"), [
        ("", 1), ("no signature\n", 2), ("text\n\n— name\n", 3), ("text\n\n— a AAAAAAA=", 3),
        ("te\rxt\n\n— a AAAAAAA=\n", 1), ("text\n\n- a AAAAAAA=\n", 3), ("text\n\n— a AAAAAAB=\n", 3),
        ("text\n\n— a AAAA\n", 3), ("a\nb\n\n— a AAAAAAA=\n\n", 6),
    ])  # fmt: skip
    def test_that_is_malformed_is_refused_by_line(self, text, line):
        with pytest.raises(note.NoteMalformed) as refused:
            note.parse(text)

        assert refused.value.facts["line"] == line

    def test_cannot_carry_a_text_without_an_end(self):
        with pytest.raises(ValueError, match="newline"):
            note.sign("text", [NEUMANN])


ROOT = note.encode(bytes(range(32)))


class TestCheckpoint:
    def test_comes_back_from_its_note(self):
        head = checkpoint.Checkpoint("PeterNeumann", 7, bytes(range(32)), bytes(32))

        assert checkpoint.verify(head.sign([NEUMANN]), [NEUMANN.verifier]) == (head, NEUMANN.verifier)

    def test_passes_over_extensions_it_does_not_know(self):
        assert checkpoint.parse(f"log\n0\n{ROOT}\nwitness since 2026\n").sm3 is None

    @pytest.mark.parametrize(("text", "line"), [
        ("log\n", 2), ("log\n7\n", 3), (f"log\n07\n{ROOT}\n", 2), (f"log\n-7\n{ROOT}\n", 2), (f"log\n７\n{ROOT}\n", 2),
        ("log\n7\nAAAA\n", 3), (f"log\n7\n{ROOT}\nsm3 AAAA\n", 4), (f"log\n7\n{ROOT}\nsm3 {ROOT}\nsm3 {ROOT}\n", 5),
        (f"log\n7\n{ROOT}\n\nmore\n", 4), ("\n7\nx\n", 1), (f"log\n{10**30}\n{ROOT}\n", 2),
    ])  # fmt: skip
    def test_that_is_malformed_is_refused_by_line(self, text, line):
        with pytest.raises(checkpoint.CheckpointMalformed) as refused:
            checkpoint.parse(text)

        assert refused.value.facts["line"] == line

    def test_of_another_log_is_refused(self):
        with pytest.raises(checkpoint.OriginDiffers):
            checkpoint.verify(checkpoint.Checkpoint("elsewhere", 0, bytes(32)).sign([NEUMANN]), [NEUMANN.verifier])
