import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.tlog import bundle, note, seal

SIGNER = note.Signer("registry.example/log", bytes(32))
OTHER = note.Signer("registry.example/log", bytes(31) + b"\1")
DOCUMENT = b"%PDF-1.7 /Keywords(" + seal.OPEN + b") <pdf:Keywords>" + seal.OPEN + b"</pdf:Keywords> %%EOF"


@pytest.fixture(scope="module")
def sealed():
    return seal.seal(DOCUMENT, SIGNER.sign)


class TestSeal:
    def test_moves_no_byte_and_leaves_no_mark_open(self, sealed):
        assert len(sealed) == len(DOCUMENT)
        assert seal.OPEN not in sealed
        assert len(seal.SEALED.findall(sealed)) == 2

    def test_gives_the_same_bytes_each_time(self, sealed):
        assert seal.seal(DOCUMENT, SIGNER.sign) == sealed

    def test_refuses_a_document_without_a_place_for_it(self):
        with pytest.raises(seal.SealPlaceMissing):
            seal.seal(b"%PDF-1.7", SIGNER.sign)


class TestCheck:
    def test_accepts_what_was_sealed(self, sealed):
        seal.check(sealed, SIGNER.verifier)

    @given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
    def test_finds_every_altered_byte(self, sealed, at, change):
        altered = sealed[:at] + bytes([sealed[at] ^ change]) + sealed[at + 1 :]

        with pytest.raises((seal.SealBroken, seal.SealMissing)):
            seal.check(altered, SIGNER.verifier)

    @pytest.mark.parametrize("more", [b" ", seal.OPEN, b"\n1 0 obj"])
    def test_finds_what_was_appended(self, sealed, more):
        with pytest.raises(seal.SealBroken):
            seal.check(sealed + more, SIGNER.verifier)

    def test_refuses_one_mark_opened_again(self, sealed):
        mark = seal.SEALED.search(sealed)
        reopened = sealed[: mark.start()] + seal.OPEN + sealed[mark.end() :]

        with pytest.raises(seal.SealBroken):
            seal.check(reopened, SIGNER.verifier)

    def test_refuses_a_second_spelling_of_the_same_signature(self, sealed):
        mark = seal.SEALED.search(sealed).group(1).decode()
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        respelled = mark[:85] + alphabet[alphabet.index(mark[85]) + 1] + "=="

        with pytest.raises(seal.SealBroken):
            seal.check(sealed.replace(mark.encode(), respelled.encode()), SIGNER.verifier)

    def test_refuses_the_seal_of_another_key(self, sealed):
        with pytest.raises(seal.SealBroken):
            seal.check(sealed, OTHER.verifier)

    def test_refuses_a_document_without_a_seal(self):
        with pytest.raises(seal.SealMissing):
            seal.check(DOCUMENT, SIGNER.verifier)


class TestCertificate:
    def test_carries_its_proof_and_its_seal(self, golden):
        pdf = golden.certificate.read_bytes()

        verdict = bundle.verify(bundle.loads(seal.proof_file(pdf)), [golden.key])
        seal.check(pdf, verdict.key)

        assert verdict.leaf["fact"]["certificate"] == "RC2026000000017"

    def test_holds_the_seal_in_the_information_and_in_the_metadata(self, golden):
        pdf = golden.certificate.read_bytes()

        assert re.search(rb"/Keywords\(tanhui-seal:[^)]{88}\)", pdf)
        assert re.search(rb"<pdf:Keywords>tanhui-seal:[^<]{88}</pdf:Keywords>", pdf)

    def test_made_anew_by_typst_can_be_sealed_and_is_the_same_each_time(self, golden):
        pytest.importorskip("typst")
        proof_json = (golden.bundles / "good.json").read_bytes()

        pdf = golden.build.certificate(proof_json)

        seal.check(pdf, golden.build.OPERATOR.verifier)
        assert seal.proof_file(pdf) == proof_json
        assert golden.build.certificate(proof_json) == pdf

    @given(st.data())
    def test_finds_every_altered_byte(self, golden, data):
        pdf = golden.certificate.read_bytes()
        at = data.draw(st.integers(0, len(pdf) - 1))
        altered = pdf[:at] + bytes([pdf[at] ^ data.draw(st.integers(1, 255))]) + pdf[at + 1 :]

        with pytest.raises((seal.SealBroken, seal.SealMissing)):
            seal.check(altered, golden.build.OPERATOR.verifier)

    @given(st.data())
    def test_damaged_anywhere_is_refused_in_words(self, golden, data):
        pdf = golden.certificate.read_bytes()
        at = data.draw(st.integers(0, len(pdf)))
        damaged = pdf[:at] + data.draw(st.binary(max_size=40)) + pdf[data.draw(st.integers(at, len(pdf))) :]
        try:
            found = seal.proof_file(damaged)
        except (seal.PdfUnreadable, seal.ProofMissing):
            return
        assert isinstance(found, bytes)

    def test_without_a_proof_is_refused(self):
        pytest.importorskip("typst")
        import typst

        with pytest.raises(seal.ProofMissing):
            seal.proof_file(typst.compile(b"nothing attached", ignore_system_fonts=True))

    def test_beyond_reason_is_refused_unread(self, monkeypatch):
        monkeypatch.setattr(seal, "LARGEST", 10)

        with pytest.raises(seal.PdfTooLarge):
            seal.proof_file(DOCUMENT)
