"""Say what a refused, failed or broken call means: whose doing it is, and whether to try again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Failure, Status, Usage
from evalbench.providers.complaints import Complaint, read_complaint
from evalbench.providers.context_limits import asks_too_much_room, is_overflow
from evalbench.providers.secrets import Secrets
from evalbench.providers.waiting import retry_after_s

_POLICY = re.compile(
    r"content[_ ]?(?:policy|filter)|content management policy|"
    r"content_moderation|data_inspection_failed|usage polic|safety system|"
    r"flagged (?:as|by|for)|requires moderation|responsible ?ai",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\b(?:your|this|the) (?:[a-z]+ ){0,2}?(?:account|organi[sz]ation|project|key|access)\b|"
    r"(?:account|organi[sz]ation|access|key)[_ ](?:suspended|deactivated|disabled|terminated|denied|flagged)",
    re.IGNORECASE,
)
_EMPTY_ACCOUNT = re.compile(
    r"insufficient[_ ](?:quota|balance|credits?|funds)|billing_hard_limit|"
    r"credit balance|payment required|out of credits",
    re.IGNORECASE,
)
_SOME_QUOTA = re.compile(r"exceeded your current quota", re.IGNORECASE)
_RETRY_DELAY = re.compile(r'"retryDelay"\s*:\s*"([^"]{1,40})"')
_A_MINUTE = re.compile(r"per(?:[ _-]|project|model|user)*minute", re.IGNORECASE)
_A_DAY = re.compile(r"per(?:[ _-]|project|model|user)*day", re.IGNORECASE)
_NOTHING_GRANTED = re.compile(r"\blimit: 0(?![\d.])")
_SHORT_WAIT_S = 120.0
_LONG_WAIT_S = 3600.0
_TOO_LARGE_FOR_LIMIT = re.compile(r"request too large", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"unsupported|not support|n't support|unrecogni[sz]ed|unknown|unexpected|unavailable|deprecated|"
    r"extra[_ ](?:inputs|forbidden)|"
    r"not (?:be )?(?:permitted|allowed|available|accepted)|invalid schema|only the default",
    re.IGNORECASE,
)
_CALLERS_FAULT = frozenset({400, 403, 413, 422})
_NO_SUCH_MODEL = re.compile(
    r"(?:invalid|unknown|unsupported|no such) model|model_not_found|not a valid model|"
    r"model .{0,80}(?:not found|not exist|unknown)",
    re.IGNORECASE,
)
_NO_PARAMETERS = frozenset({"model", "messages"})
_TRY_AGAIN = frozenset({408, 409, 425})
_OVERLOADED = frozenset({503, 529})
_GATEWAY_TIMEOUTS = frozenset({408, 504, 524})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was asked and as whom: what a message about a failed call has to name."""

    url: str
    model: str
    key_env: str | None = None
    redact: Callable[[str], str] = field(default=Secrets().redact)

    @property
    def host(self) -> str:
        """The endpoint's host and port."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def clean(self, outcome: Completion | Failure) -> Completion | Failure:
        """The outcome without any key in it."""
        redact = self.redact
        if isinstance(outcome, Failure):
            return replace(outcome, message=redact(outcome.message))
        said = (outcome.text, outcome.finish_reason or "", *outcome.detail.values())
        cleaned = tuple(redact(each) for each in said)
        if cleaned == said:
            return outcome
        text, finish_reason, *detail = cleaned
        return replace(
            outcome,
            text=text,
            finish_reason=finish_reason or None,
            detail=dict(zip(outcome.detail, detail, strict=True)),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP reply that is no answer; `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def complaint(self, caller: Caller) -> Complaint:
        """What the server said is wrong."""
        return read_complaint(self.body, caller.redact)


def outcome_of_refusal(refusal: Refusal, caller: Caller, now: datetime) -> Completion | Failure:
    """What an HTTP reply other than an answer means.

    A prompt that is too long for the model, or that it will not answer, is the model's own
    doing: a completion without text. Everything else is the machinery's.
    """
    if refusal.status == 407:  # noqa: PLR2004 - the HTTP status
        return refused_by_proxy(refusal.status, caller)
    complaint = refusal.complaint(caller)
    judged = _models_doing(refusal.status, complaint)
    if judged is not None:
        return judged
    if refusal.status == 429 or refusal.status in _OVERLOADED:  # noqa: PLR2004 - the HTTP status
        return _too_much(refusal, complaint, caller, now)
    if refusal.status >= 500 or refusal.status in _TRY_AGAIN:  # noqa: PLR2004 - the HTTP status
        return _server_error(refusal, complaint, caller, now)
    return _for_good(refusal.status, complaint, caller)


def bad_reply(problem: str, usage: Usage | None = None) -> Failure:
    """A reply that cannot be read: probably billed, and worth another try."""
    return Failure(
        "bad_reply",
        problem,
        retryable=True,
        usage=usage,
        may_be_billed=usage is None,
    )


def refused_by_proxy(status: int, caller: Caller) -> Failure:
    """A proxy on the way lets nothing through, or wants to know who asks."""
    is_passing = status >= 500  # noqa: PLR2004 - the HTTP status
    wish = ": it wants a name and a password, http://NAME:PASSWORD@PROXY" if status == 407 else ""  # noqa: PLR2004 - likewise
    message = f"the proxy on the way to {caller.host} refused the call ({status}){wish}"
    return Failure("connection", message, retryable=is_passing, concerns_all=not is_passing)


def refused_parameter(refusal: Refusal, caller: Caller, sent: Mapping[str, object]) -> str | None:
    """Which of the sent parameters the model does not take at all, if that is what is wrong."""
    if refusal.status not in (400, 422):
        return None
    complaint = refusal.complaint(caller)
    if not _UNSUPPORTED.search(f"{complaint.code} {complaint.words}"):
        return None
    named = complaint.parameter.partition(".")[0]
    if named in sent and named not in _NO_PARAMETERS:
        return named
    places = [
        (found.start(), name)
        for name in sent
        if name not in _NO_PARAMETERS
        and (found := re.search(rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_])", complaint.words))
    ]
    return min(places)[1] if places else None


def _models_doing(status: int, complaint: Complaint) -> Completion | None:
    said = f"{complaint.code} {complaint.words}"
    is_refused_call = status in _CALLERS_FAULT
    if (is_refused_call or status == 500) and is_overflow(said):  # noqa: PLR2004 - the HTTP status
        if asks_too_much_room(said):
            return None
        return _no_text(Status.TRUNCATED, CONTEXT_OVERFLOW, complaint)
    if status == 403 and _ACCOUNT.search(said):  # noqa: PLR2004 - the HTTP status
        return None  # It is whoever asks that is not liked, not what is asked.
    if is_refused_call and _POLICY.search(said):
        return _no_text(Status.REFUSED, "content_filter", complaint)
    return None


def _no_text(status: Status, finish_reason: str, complaint: Complaint) -> Completion:
    # The model did not run, so there are no tokens to pay for.
    return Completion(
        "",
        status,
        usage=Usage(input_tokens=0, output_tokens=0),
        finish_reason=finish_reason,
        detail={"explanation": complaint.quoted.removeprefix(": ").strip('"')},
    )


def _too_much(refusal: Refusal, complaint: Complaint, caller: Caller, now: datetime) -> Failure:
    status, said = refusal.status, f"{complaint.code} {complaint.words}"
    wait_s = _wait_s(refusal, complaint.words, now)
    if _EMPTY_ACCOUNT.search(said) or (_SOME_QUOTA.search(said) and _is_used_up(refusal.body, wait_s)):
        return _out_of_quota(status, complaint, caller)
    if _TOO_LARGE_FOR_LIMIT.search(said):
        message = f"{caller.host} takes no request of this size ({status}){complaint.quoted}"
        return Failure("too_large", message)
    kind = "overloaded" if status in _OVERLOADED else "rate_limited"
    verb = "is overloaded" if status in _OVERLOADED else "asks for fewer calls"
    return Failure(
        kind,
        f"{caller.host} {verb} ({status}){complaint.quoted}",
        retryable=True,
        is_overload=True,
        retry_after_s=wait_s,
    )


def _is_used_up(body: bytes, wait_s: float | None) -> bool:
    """Whether a quota is gone for longer than one would wait, and not just for this minute."""
    text = body.decode("utf-8", "replace")
    if _NOTHING_GRANTED.search(text):
        return True
    if _A_DAY.search(text):
        return wait_s is None or wait_s > _SHORT_WAIT_S
    if wait_s is None:
        return not _A_MINUTE.search(text)
    return wait_s > _LONG_WAIT_S


def _wait_s(refusal: Refusal, words: str, now: datetime) -> float | None:
    """When the endpoint wants the next call; Google writes that into the body."""
    delay = _RETRY_DELAY.search(refusal.body.decode("utf-8", "replace"))
    stated = {} if delay is None else {"retry-after": delay[1]}
    return retry_after_s({**stated, **refusal.headers}, words, now)


def _server_error(refusal: Refusal, complaint: Complaint, caller: Caller, now: datetime) -> Failure:
    status = refusal.status
    return Failure(
        "server_error",
        f"{caller.host} failed ({status}){complaint.quoted}",
        retryable=status != 501,  # noqa: PLR2004 - not implemented, and not tomorrow either
        retry_after_s=_wait_s(refusal, "", now),
        may_be_billed=status in _GATEWAY_TIMEOUTS,
    )


def _for_good(status: int, complaint: Complaint, caller: Caller) -> Failure:
    said = f"{complaint.code} {complaint.words}"
    if status == 402 or _EMPTY_ACCOUNT.search(said) or _SOME_QUOTA.search(said):  # noqa: PLR2004 - the HTTP status
        return _out_of_quota(status, complaint, caller)
    if status in (401, 403):
        named = f"the key in {caller.key_env}"
        which = named if caller.key_env else "a call without a key, which `api_key_env` would name,"
        message = f"{caller.host} refused {which} ({status}){complaint.quoted}"
        return Failure("refused_key", message, concerns_all=True)
    if status in (404, 405, 410) or _NO_SUCH_MODEL.search(said):
        return _not_found(status, complaint, caller)
    if status < 300:  # noqa: PLR2004 - the HTTP status
        return bad_reply(f"{caller.host} sent no answer ({status}){complaint.quoted}")
    if status < 400:  # noqa: PLR2004 - the HTTP status
        message = f"{caller.host} sends calls to another address ({status}), which is not followed"
        return Failure("redirected", message, concerns_all=True)
    is_room = asks_too_much_room(said)
    why = ": `max_tokens` leaves too little room for the prompt" if is_room else ""
    message = f"{caller.host} refused the request ({status}){why}{complaint.quoted}"
    return Failure("bad_request", message, concerns_all=is_room)


def _not_found(status: int, complaint: Complaint, caller: Caller) -> Failure:
    is_about_model = (
        caller.model in complaint.words or "model" in f"{complaint.code} {complaint.words}".lower()
    )
    if is_about_model:
        message = f"{caller.host} has no model {caller.model!r} ({status}){complaint.quoted}"
        return Failure("unknown_model", message, concerns_all=True)
    message = f"nothing answers at {caller.url} ({status}){complaint.quoted}"
    return Failure("wrong_address", message, concerns_all=True)


def _out_of_quota(status: int, complaint: Complaint, caller: Caller) -> Failure:
    message = f"the account at {caller.host} has nothing left to spend ({status}){complaint.quoted}"
    return Failure("out_of_quota", message, concerns_all=True)
