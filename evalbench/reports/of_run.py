"""Say which run an advice is about, for whoever reads it when another run is the latest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from evalbench.core.recommendation import Finding

_ABOUT_LATEST = re.compile(
    r"\b(evalbench (?:run --resume|report|show|grade|export|gate (?:accept|check|noise))) latest\b"
)


def of_run(findings: Sequence[Finding], run_id: str) -> tuple[Finding, ...]:
    """The findings, with every command in their words about this run, whichever is the latest by then."""

    def named(text: str) -> str:
        return _ABOUT_LATEST.sub(lambda match: f"{match[1]} {run_id}", text)

    def all_named(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(named, texts))

    return tuple(
        replace(
            finding,
            recommendation=replace(
                found := finding.recommendation,
                headline=named(found.headline),
                evidence=all_named(found.evidence),
                sentence=named(found.sentence),
                caveats=all_named(found.caveats),
                next_commands=all_named(found.next_commands),
            ),
        )
        for finding in findings
    )
