import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.tlog import merkle

# The eight leaves and roots that the certificate-transparency project publishes as RFC 6962 test vectors.
LEAVES = [bytes.fromhex(one) for one in [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves, new=hashlib.sha256):
    """RFC 6962 §2.1, word by word."""
    if not leaves:
        return new(b"").digest()
    if len(leaves) == 1:
        return new(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return new(b"\1" + naive_root(leaves[:k], new) + naive_root(leaves[k:], new)).digest()


def naive_path(m, leaves):
    """RFC 6962 §2.1.1, word by word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m, leaves, whole=True):
    """RFC 6962 §2.1.2, word by word."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def numbered(count):
    return [n.to_bytes(2) for n in range(count)]


class TestRoot:
    @pytest.mark.parametrize("count", range(1, 9))
    def test_equals_the_published_vectors(self, count):
        assert merkle.root(LEAVES[:count]).hex() == ROOTS[count - 1]

    def test_of_nothing_is_the_hash_of_nothing(self):
        assert merkle.root([]) == hashlib.sha256(b"").digest()

    @given(st.lists(st.binary(max_size=4), max_size=70))
    def test_equals_the_definition(self, leaves):
        assert merkle.root(leaves) == naive_root(leaves)

    def test_can_be_taken_with_sm3(self):
        if "sm3" not in hashlib.algorithms_available:
            pytest.skip("this OpenSSL has no SM3")

        def sm3(data):
            return hashlib.new("sm3", data)

        assert merkle.root(LEAVES, sm3) == naive_root(LEAVES, sm3) != merkle.root(LEAVES)


class TestFrontier:
    @given(st.lists(st.integers(0, 40), max_size=8))
    def test_grown_in_any_steps_has_the_same_root(self, steps):
        leaves = numbered(sum(steps))
        grown, at = merkle.Frontier(), 0
        for step in steps:
            grown.extend(merkle.leaf_level(leaves[at : at + step]))
            at += step
            assert (grown.size, grown.root()) == (at, naive_root(leaves[:at]))

    @given(st.integers(0, 200))
    def test_one_by_one_equals_in_bulk(self, count):
        bulk, single = merkle.Frontier(), merkle.Frontier()
        bulk.extend(merkle.leaf_level(numbered(count)))
        for leaf in numbered(count):
            single.append(merkle.leaf_hash(leaf))
        assert (bulk.size, bulk.hashes) == (single.size, single.hashes)

    @given(st.integers(0, 200))
    def test_comes_back_from_its_list(self, count):
        grown = merkle.Frontier()
        grown.extend(merkle.leaf_level(numbered(count)))
        again = merkle.Frontier.from_list(grown.size, grown.to_list())
        again.append(merkle.leaf_hash(b"next"))
        assert again.root() == naive_root([*numbered(count), b"next"])

    @pytest.mark.parametrize(("size", "hashes"), [(3, ["00" * 32]), (1, ["00" * 31]), (0, ["00" * 32]), (-1, [])])
    def test_refuses_a_list_that_does_not_fit_the_size(self, size, hashes):
        with pytest.raises(ValueError, match="frontier"):
            merkle.Frontier.from_list(size, hashes)


@st.composite
def places(draw):
    size = draw(st.integers(1, 70))
    return draw(st.integers(0, size - 1)), size


class TestInclusion:
    @given(places())
    def test_accepts_the_path_of_the_definition(self, place):
        index, size = place
        leaves = numbered(size)
        merkle.verify_inclusion(
            index=index, size=size, leaf_hash=merkle.leaf_hash(leaves[index]),
            proof=naive_path(index, leaves), root=naive_root(leaves),
        )  # fmt: skip

    @given(places(), st.data())
    def test_refuses_every_other_leaf_position_size_hash_and_root(self, place, data):
        index, size = place
        leaves = numbered(size)
        good = {
            "index": index, "size": size, "leaf_hash": merkle.leaf_hash(leaves[index]),
            "proof": naive_path(index, leaves), "root": naive_root(leaves),
        }  # fmt: skip
        changes = [{"leaf_hash": bytes(32)}, {"root": bytes(32)}, {"proof": [*good["proof"], bytes(32)]}]
        changes += [{"index": data.draw(st.integers(-1, 80).filter(lambda n: n != index))}]
        if good["proof"]:
            at = data.draw(st.integers(0, len(good["proof"]) - 1))
            changes += [{"proof": good["proof"][1:]}]
            changes += [{"proof": [bytes(32) if n == at else one for n, one in enumerate(good["proof"])]}]
        for change in changes:
            with pytest.raises((merkle.IndexBeyondTree, merkle.ProofLengthWrong, merkle.RootNotReached)):
                merkle.verify_inclusion(**good | change)


@st.composite
def growths(draw):
    size = draw(st.integers(1, 70))
    return draw(st.integers(0, size)), size


class TestConsistency:
    @given(growths())
    def test_accepts_the_proof_of_the_definition(self, growth):
        old, size = growth
        leaves = numbered(size)
        merkle.verify_consistency(
            old_size=old, old_root=naive_root(leaves[:old]), size=size, root=naive_root(leaves),
            proof=naive_subproof(old, leaves) if old else [],
        )  # fmt: skip

    @given(growths(), st.data())
    def test_refuses_another_history(self, growth, data):
        old, size = growth
        leaves = numbered(size)
        good = {
            "old_size": old, "old_root": naive_root(leaves[:old]), "size": size, "root": naive_root(leaves),
            "proof": naive_subproof(old, leaves) if old else [],
        }  # fmt: skip
        changes = [{"old_root": bytes(32)}, {"old_size": size + 1}, {"proof": [*good["proof"], bytes(32)]}]
        if old:
            changes += [{"root": bytes(32)}]
        if good["proof"]:
            at = data.draw(st.integers(0, len(good["proof"]) - 1))
            changes += [{"proof": good["proof"][:-1]}]
            changes += [{"proof": [bytes(32) if n == at else one for n, one in enumerate(good["proof"])]}]
        for change in changes:
            with pytest.raises((merkle.TreeShrank, merkle.ProofLengthWrong, merkle.HistoryRewritten)):
                merkle.verify_consistency(**good | change)
