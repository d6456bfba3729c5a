"""The verdicts as JUnit XML, which every CI system can show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from evalbench.core.recommendation import Finding, Outcome
from evalbench.core.run import Run
from evalbench.reports.of_run import of_run
from evalbench.reports.verdict import verdict_lines

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(run: Run, findings: Sequence[Finding]) -> str:
    """One test case per task: no tier qualifies is a failure, an open question is skipped."""
    outcomes = [finding.recommendation.outcome for finding in findings]
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(Outcome.NO_TIER_QUALIFIES)),
        "errors": "0",
        "skipped": str(outcomes.count(Outcome.INCONCLUSIVE)),
        "time": f"{run.wall_s:.3f}",
    }
    root = ET.Element("testsuites", {"name": "evalbench", **counts})
    when = {"timestamp": legal(run.manifest.created.removesuffix("Z"))}
    suite = ET.SubElement(root, "testsuite", {"name": legal(run.manifest.id), **counts, **when})
    for finding in of_run(findings, run.manifest.id):
        _add_case(suite, finding)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add_case(suite: ET.Element, finding: Finding) -> None:
    found = finding.recommendation
    case = ET.SubElement(suite, "testcase", {"name": legal(finding.run.task.name), "classname": "evalbench"})
    message = {"message": legal(found.sentence)}
    if found.outcome is Outcome.NO_TIER_QUALIFIES:
        failure = ET.SubElement(case, "failure", message | {"type": found.outcome.value})
        failure.text = legal("\n".join(found.evidence))
    elif found.outcome is Outcome.INCONCLUSIVE:
        ET.SubElement(case, "skipped", message)
    ET.SubElement(case, "system-out").text = legal("\n".join(verdict_lines([finding])))


def legal(text: str) -> str:
    """`text` without characters that XML 1.0 forbids, which ElementTree would write all the same."""
    return _ILLEGAL.sub("", text)
