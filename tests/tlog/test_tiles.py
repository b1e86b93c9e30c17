import gzip
import http.server
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.tlog import tiles


class TestPaths:
    @pytest.mark.parametrize(
        ("index", "number"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")]
    )
    def test_write_an_index_in_groups_of_three_digits(self, index, number):
        assert tiles.number(index) == number

    def test_name_level_index_and_width(self):
        assert tiles.tile_path(1, 273) == "tile/1/273"
        assert tiles.tile_path(0, 273, 112) == "tile/0/273.p/112"
        assert tiles.entries_path(5, 1) == "tile/entries/005.p/1"

    def test_follow_the_example_of_the_specification(self):
        assert tiles.tile_widths(70_000) == [[273, 112], [1, 17], [0, 1]]
        assert tiles.tile_widths(256) == [[1, 0], [0, 1]]
        assert tiles.tile_widths(0) == []


class TestEntries:
    @given(st.lists(st.binary(max_size=300), max_size=20))
    def test_come_back_from_their_bundle(self, entries):
        assert tiles.unpack(tiles.pack(entries), "x", len(entries)) == entries

    def test_may_be_as_long_as_the_length_allows(self):
        longest = bytes(tiles.LONGEST_ENTRY)

        assert tiles.unpack(tiles.pack([longest]), "x", 1) == [longest]

    @pytest.mark.parametrize("data", [b"", b"\0", b"\0\2a", b"\0\1ab", b"\0\1a\0\1b"])
    def test_that_do_not_divide_are_refused(self, data):
        with pytest.raises(tiles.EntriesMalformed):
            tiles.unpack(data, "tile/entries/000.p/1", 1)


class TestDirectoryReader:
    def test_gives_a_file(self, tmp_path):
        (tmp_path / "checkpoint").write_bytes(b"x")

        assert tiles.reader(str(tmp_path)).read("checkpoint") == b"x"

    @pytest.mark.parametrize("path", ["none", "checkpoint/none", "."])
    def test_refuses_what_is_not_there(self, tmp_path, path):
        (tmp_path / "checkpoint").write_bytes(b"x")

        with pytest.raises(tiles.FileMissing):
            tiles.DirectoryReader(tmp_path).read(path)

    def test_refuses_what_is_too_large(self, tmp_path):
        (tmp_path / "checkpoint").write_bytes(bytes(101))

        with pytest.raises(tiles.FileTooLarge):
            tiles.DirectoryReader(tmp_path).read("checkpoint", 100)

    def test_takes_the_full_tile_where_the_partial_one_is_gone(self, tmp_path):
        (tmp_path / "tile/0").mkdir(parents=True)
        (tmp_path / "tile/0/000").write_bytes(bytes(range(256)) * 32)

        assert tiles.read_tile(tiles.DirectoryReader(tmp_path), 0, 0, 1) == bytes(range(32))

    def test_refuses_a_tile_of_another_length(self, tmp_path):
        (tmp_path / "tile/0/000.p").mkdir(parents=True)
        (tmp_path / "tile/0/000.p/2").write_bytes(bytes(65))

        with pytest.raises(tiles.TileMalformed, match="65 bytes instead of 64"):
            tiles.read_tile(tiles.DirectoryReader(tmp_path), 0, 0, 2)


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = {
            "/log/checkpoint": (200, {}, b"signed"),
            "/log/packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"signed")),
            "/log/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(1_000_000))),
            "/log/garbled": (200, {"Content-Encoding": "gzip"}, b"not gzip"),
            "/log/moved": (302, {"Location": "file:///etc/hostname"}, b""),
            "/log/moved_to_ftp": (302, {"Location": "ftp://127.0.0.1/checkpoint"}, b""),
            "/log/broken": (500, {}, b""),
        }.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def web():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield tiles.reader(f"http://127.0.0.1:{server.server_port}/log/")
        server.shutdown()


class TestHttpReader:
    def test_gives_a_file(self, web):
        assert web.read("checkpoint") == b"signed"

    def test_unpacks_a_compressed_answer(self, web):
        assert web.read("packed") == b"signed"

    @pytest.mark.parametrize(("path", "refusal"), [
        ("none", tiles.FileMissing), ("bomb", tiles.FileTooLarge), ("garbled", tiles.LogUnreachable),
        ("moved", tiles.LogUnreachable), ("moved_to_ftp", tiles.LogUnreachable), ("broken", tiles.LogUnreachable),
    ])  # fmt: skip
    def test_refuses(self, web, path, refusal):
        with pytest.raises(refusal):
            web.read(path, 10_000)

    def test_refuses_when_nobody_answers(self):
        with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
            port = server.server_port

        with pytest.raises(tiles.LogUnreachable):
            tiles.reader(f"http://127.0.0.1:{port}").read("checkpoint")

    def test_is_not_made_for_other_protocols(self):
        with pytest.raises(tiles.AddressNotHttp):
            tiles.reader("ftp://registry.example/log")
