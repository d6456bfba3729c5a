"""Say what a broken connection means: what was in the way, whether it was billed, whether to try again."""

from __future__ import annotations

import errno
import os
import ssl

from evalbench.core.completion import Failure
from evalbench.providers.http_failures import Caller, bad_reply, refused_by_proxy

_LONGEST_CAUSE = 200
_FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL})
_UNKNOWN_SIGNER = frozenset({18, 19, 20, 21})
_OTHER_NAME = frozenset({62, 63, 64})
_NO_TLS = "WRONG_VERSION_NUMBER"
_DOUBTFUL = "CERTIFICATE_VERIFY_FAILED"
_SIGNER_FIX = "; name the certificate that signed it: export SSL_CERT_FILE=FILE.pem"
_NAME_FIX = "; call it by a name that the certificate is for"


def outcome_of_exception(error: Exception, caller: Caller) -> Failure:
    """What a broken connection means; it was billed at most if the request may have arrived."""
    import aiohttp

    if isinstance(error, aiohttp.InvalidURL):
        return Failure("wrong_address", f"{caller.url} is no address", concerns_all=True)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return _distrusted(error, caller)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return _not_reached(error, caller)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return refused_by_proxy(error.status, caller)
    if isinstance(error, aiohttp.ClientResponseError):
        return bad_reply(f"{caller.host} does not speak HTTP as it should: {_words_of(error, caller)}")
    is_within = isinstance(error, aiohttp.ClientPayloadError)
    reason = "within the answer" if is_within else f"before the answer: {_words_of(error, caller)}"
    return Failure(
        "connection",
        f"the connection to {caller.host} broke off {reason}",
        retryable=True,
        may_be_billed=True,
    )


def doubted_certificate(words: str, caller: Caller) -> Failure | None:
    """The same from the words of an error alone; None where they are of something else."""
    if _DOUBTFUL not in words:
        return None
    cause = words.partition("certificate verify failed:")[2].partition("(_ssl")[0].strip() or "unknown cause"
    fix = _SIGNER_FIX if "issuer" in cause or "self" in cause else ""
    message = f"the certificate of {caller.host} cannot be trusted: {cause}{fix}"
    return Failure("connection", message, concerns_all=True)


def _distrusted(error: Exception, caller: Caller) -> Failure:
    cause = getattr(error, "certificate_error", error)
    code = getattr(cause, "verify_code", None)
    words = getattr(cause, "verify_message", None) or _words_of(error, caller)
    fix = _SIGNER_FIX if code in _UNKNOWN_SIGNER else _NAME_FIX if code in _OTHER_NAME else ""
    message = f"the certificate of {caller.host} cannot be trusted: {words.rstrip('.')}{fix}"
    return Failure("connection", message, concerns_all=True)


def _not_reached(error: Exception, caller: Caller) -> Failure:
    import aiohttp

    if getattr(getattr(error, "os_error", None), "reason", None) == _NO_TLS:
        message = f"{caller.host} does not speak TLS; write its address with http://"
        return Failure("wrong_address", message, concerns_all=True)
    where = caller.host
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        where = (
            f"the proxy {error.host}:{error.port}, through which HTTP_PROXY or HTTPS_PROXY lead to {where}"
        )
    is_full = getattr(error, "errno", None) in _FULL
    message = f"no connection to {where}: {_words_of(error, caller)}"
    return Failure("connection", message, retryable=True, is_overload=is_full)


def _words_of(error: Exception, caller: Caller) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number > 0:
        return os.strerror(number)
    words = getattr(error, "strerror", None) or getattr(error, "message", None) or str(error)
    return " ".join(caller.redact(str(words)).split())[:_LONGEST_CAUSE] or type(error).__name__
