"""Which proxy, if any, a call goes through: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from evalbench.errors import InputError
from evalbench.providers.endpoints import is_loopback


def proxy_of(url: str) -> str | None:
    """The address of the proxy for `url`; None where it is called directly, as this machine always is.

    Raises `InputError` for a proxy that is not spoken to by HTTP.
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    if not place or is_loopback(url) or proxy_bypass(place):
        return None
    proxy = getproxies().get(parts.scheme)
    if not proxy:
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    kind = urlsplit(address).scheme
    if kind not in ("http", "https"):
        name = f"{parts.scheme.upper()}_PROXY"
        raise InputError(
            f"{name} names a {kind} proxy, which evalbench does not speak to",
            f"set it to an http:// proxy, or leave the host out: export NO_PROXY={parts.hostname}",
        )
    return address
