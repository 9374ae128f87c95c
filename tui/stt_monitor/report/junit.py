"""Verdicts as JUnit XML, which CI systems show."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stt_monitor.core.records import AssertionRecord
from stt_monitor.core.text import printable
from stt_monitor.report.verdicts import verdict


def junit_xml(records: Iterable[AssertionRecord], about: str) -> str:
    """Return a document with one test case for each assertion.

    Args:
        records: the verdicts.
        about: what they are about, say the names of the recordings.
    """
    records = list(records)
    totals = {"tests": str(len(records)), "failures": str(sum(not record.passed for record in records)), "errors": "0"}
    seconds = {"time": str(max((record.t for record in records), default=0.0))}
    root = Element("testsuites", {"name": "stt-monitor", **totals})
    suite = SubElement(root, "testsuite", {"name": printable(about), **totals, **seconds})
    for record in records:
        case = SubElement(suite, "testcase", {"classname": "stt-monitor", "name": printable(record.expression)})
        if record.passed:
            SubElement(case, "system-out").text = verdict(record)
        else:
            SubElement(case, "failure", message=verdict(record), type="assertion").text = verdict(record)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document.decode() + "\n"
