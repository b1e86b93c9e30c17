"""One careful HTTP GET: http(s) only, a time limit, a size limit also for what a compressed answer unpacks to."""

import http.client
import urllib.error
import urllib.request
import zlib

from tanhui.tlog import tiles

opener = urllib.request.OpenerDirector()  # without the handlers for files and FTP, to which a redirect could point
for handler in (
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
    urllib.request.HTTPRedirectHandler,
    urllib.request.UnknownHandler,
):
    opener.add_handler(handler())


def fetch(address: str, *, path: str, limit: int, seconds: float) -> bytes:
    """The body at an address. Refuses with ``FileMissing``, ``FileTooLarge``, ``LogUnreachable``."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip, identity"})  # noqa: S310 – see reader()
    try:
        with opener.open(request, timeout=seconds) as answer:
            data: bytes = answer.read(limit + 1)
            packed = answer.headers.get("Content-Encoding", "identity") == "gzip"
        if packed:
            data = zlib.decompressobj(wbits=31).decompress(data, limit + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in {404, 410}:
            raise tiles.FileMissing(path=path) from error
        raise tiles.LogUnreachable(address=address, cause=f"HTTP {error.code}") from error
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise tiles.LogUnreachable(address=address, cause=error) from error
    if len(data) > limit:
        raise tiles.FileTooLarge(path=path, limit=limit)
    return data
