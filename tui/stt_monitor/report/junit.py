"""Verdicts as JUnit XML, for CI systems."""

from collections import Counter
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.text.sanitize import printable
from stt_monitor.report.verdicts import verdict, what_is_asserted, worst_lines


def junit_xml(records: Iterable[AssertionRecord], about: str) -> str:
    """Return a document with a test case for each assertion; CANNOT TELL is an error.

    Args:
        records: the verdicts.
        about: name of the suite, such as the recordings' names.
    """
    records = list(records)
    found = Counter(record.verdict for record in records)
    totals = {
        "tests": str(len(records)),
        "failures": str(found[Verdict.FAIL]),
        "errors": str(found[Verdict.CANNOT_TELL]),
    }
    seconds = {"time": str(max((record.t for record in records), default=0.0))}
    root = Element("testsuites", {"name": "stt-monitor", **totals})
    suite = SubElement(root, "testsuite", {"name": printable(about), **totals, **seconds})
    for record in records:
        case = SubElement(suite, "testcase", {"classname": "stt-monitor", "name": what_is_asserted(record)})
        said = verdict(record)
        if record.verdict is Verdict.PASS:
            SubElement(case, "system-out").text = said
        elif record.verdict is Verdict.FAIL:
            SubElement(case, "failure", message=said, type="assertion").text = "\n".join((said, *worst_lines(record)))
        else:
            SubElement(case, "error", message=said, type="cannot tell").text = said
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document.decode() + "\n"
