import pytest

from stt_monitor.core.records.summaries import AssertionRecord
from stt_monitor.report.verdicts import verdict


@pytest.mark.parametrize(
    ("n", "counted", "said"),
    [
        (1, "words", "(n 1 word)"), (2, "words", "(n 2 words)"), (1, "characters", "(n 1 character)"),
        (2, "words and characters", "(n 2 words and characters)"), (1, "", "(n 1)"),
    ],
)  # fmt: skip
def test_a_verdict_counts_in_english(n: int, counted: str, said: str):
    record = AssertionRecord(0.0, "wer<=50%", passed=True, actual=50.0, unit="%", n=n, reason="", counted=counted)
    assert verdict(record) == f"actual 50 % {said}"
