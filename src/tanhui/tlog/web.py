"""One careful HTTP GET: http(s) only, a time limit, a size limit also for what a compressed answer unpacks to."""

import http.client
import urllib.error
import urllib.request
import zlib

from tanhui.tlog import tiles


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to http(s), so that no server can point us at another protocol."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if not newurl.startswith(("http://", "https://")):
            raise tiles.AddressNotHttp(address=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


opener = urllib.request.build_opener(Redirects)


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
        if error.code in {404, 410}:
            raise tiles.FileMissing(path=path) from error
        raise tiles.LogUnreachable(address=address, cause=f"HTTP {error.code}") from error
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise tiles.LogUnreachable(address=address, cause=error) from error
    if len(data) > limit:
        raise tiles.FileTooLarge(path=path, limit=limit)
    return data
