"""What a gate found as JUnit XML: a failed line is a failure, an incomplete one an error."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from evalbench.core.baseline import GateLine, GateResult, GateVerdict
from evalbench.reports.gate_words import WORDS, headline, moved_words, plain, reasons
from evalbench.reports.junit import legal

_MOST_NAMED = 20


def render_gate_junit(result: GateResult) -> str:
    """One test case per line; a warning passes and says so in its output."""
    counts = {
        "tests": str(len(result.lines)),
        "failures": str(result.count(GateVerdict.FAIL) + _strict(result)),
        "errors": str(result.count(GateVerdict.INCOMPLETE)),
        "skipped": "0",
    }
    root = ET.Element("testsuites", {"name": "evalbench gate", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": legal(f"gate of run {result.run}"), **counts})
    for line in result.lines:
        _add_case(suite, line, strict=result.strict)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _strict(result: GateResult) -> int:
    return result.count(GateVerdict.WARN) if result.strict else 0


def _add_case(suite: ET.Element, line: GateLine, *, strict: bool) -> None:
    name = f"{plain(line.task)} {plain(line.tier)}"
    case = ET.SubElement(suite, "testcase", {"name": legal(name), "classname": "evalbench.gate"})
    text = legal("\n".join([*reasons(line), *_moved(line)]))
    message = {"message": legal(headline(line))}
    if line.verdict is GateVerdict.FAIL:
        kind = "regression" if line.is_regression else "limit"
        ET.SubElement(case, "failure", message | {"type": kind}).text = text
    elif line.verdict is GateVerdict.INCOMPLETE:
        ET.SubElement(case, "error", message | {"type": "incomplete"}).text = text
    elif line.verdict is GateVerdict.WARN and strict:
        ET.SubElement(case, "failure", message | {"type": "cannot tell"}).text = text
    said = legal(f"{WORDS[line.verdict]} {headline(line)}\n{text}")
    ET.SubElement(case, "system-out").text = said


def _moved(line: GateLine) -> list[str]:
    return [f"{plain(item.id)}: {moved_words(line, item)}" for item in line.moved[:_MOST_NAMED]]
