"""The report as one self-contained HTML file that loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.core.run import Run
from evalbench.reports.view import page_view

_TEMPLATES = "templates"
_BEFORE_PERCENT = re.compile(r"(\d) %")
_CODE = re.compile("`([^`]+)`")


def render_html(
    run: Run,
    findings: Sequence[Finding],
    monthly: MonthlyBill | None = None,
    *,
    with_texts: bool = True,
) -> str:
    """The page for people who decide; without texts it holds no prompt, answer, target or reading."""
    page = page_view(run, findings, monthly, with_texts=with_texts)
    return render("report.html.jinja", page=page)


def render(template: str, **values: object) -> str:
    """`template` with the shared style, script and content policy; every value is escaped."""
    environment = _environment()
    return environment.get_template(template).render(
        style=_shipped("style.css"), script=_shipped("print.js"), policy=_policy(), **values
    )


def prose(text: str) -> Markup:
    """A sentence, escaped, with its `code` set as code and no unit parted from its number."""
    kept = _BEFORE_PERCENT.sub("\\1\u00a0%", str(escape(text)))
    return Markup(_CODE.sub("<code>\\1</code>", kept))  # noqa: S704 - escaped above


class CompiledTemplates(FileSystemBytecodeCache):
    """Templates compiled once, where Python keeps modules so; where nothing can be kept, each time."""

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        super().__init__(str(folder), "%s.template")
        self._keeps = keeps

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if anything is."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where it is to be kept and can be."""
        if self._keeps:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def _environment() -> Environment:
    environment = Environment(
        # On for every file: by extension alone, a name ending in .jinja would not be escaped.
        autoescape=True,
        loader=PackageLoader("evalbench.reports", _TEMPLATES),
        undefined=StrictUndefined,
        bytecode_cache=CompiledTemplates(
            Path(__file__).parent / "__pycache__", keeps=not sys.dont_write_bytecode
        ),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = prose
    return environment


@cache
def _shipped(name: str) -> Markup:
    """A file of this package, which is trusted and goes into the page as it is."""
    environment = _environment()
    if environment.loader is None:
        raise AssertionError("the environment was made with a loader")
    text, _, _ = environment.loader.get_source(environment, name)
    return Markup(text)  # noqa: S704 - our own file, and never anything a user or a model wrote


@cache
def _policy() -> Markup:
    """No request of any kind; only this page's own script may run."""
    digest = base64.b64encode(hashlib.sha256(_shipped("print.js").encode()).digest()).decode()
    return Markup(  # noqa: S704 - made of constants; quotes must stay quotes
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
