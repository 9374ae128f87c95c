from xml.etree.ElementTree import fromstring

from hypothesis import example, given
from hypothesis import strategies as st

from stt_monitor.core.assertions.checks import cannot_tell
from stt_monitor.core.assertions.expressions import parse
from stt_monitor.core.text.sanitize import printable
from stt_monitor.report.junit import junit_xml


@given(st.text(st.characters()), st.text(st.characters()))
@example("\ufffe\uffff\x00\x0b\ud800.wav", "]]> & \ufffe")
def test_no_name_and_no_reason_makes_the_document_unreadable(name: str, reason: str):
    document = fromstring(junit_xml(cannot_tell([parse("turns==1")], reason, 0.0), name))
    (suite,) = document
    assert suite.get("name") == printable(name)
    (error,) = document.iter("error")
    assert error.get("message") == printable(reason)
