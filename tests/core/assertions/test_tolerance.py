import pytest

from stt_monitor.core.assertions.tolerance import Tolerance, parse_tolerance
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.units import Unit


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("10%,50ms", Tolerance(0.1, 0.05)),
        ("5%", Tolerance(0.05, 0.05)),
        (" 0.1s , 2.5% ", Tolerance(0.025, 0.1)),
        ("0%,0ms,2cutoffs", Tolerance(0.0, 0.0, 2)),
        ("1 cut-off", Tolerance(count=1)),
    ],
)
def test_a_share_a_time_and_a_number_in_any_order(text: str, tolerance: Tolerance):
    read = parse_tolerance(text)
    assert [read.relative, read.seconds, read.count] == pytest.approx(
        [tolerance.relative, tolerance.seconds, tolerance.count]
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10", "10 is no tolerance"), ("10%,50", "50 is no tolerance"),
        ("", "an empty part is no tolerance"), ("10%,20%", "20% is given twice"), ("50ms,1s", "1s is given twice"),
        ("-10%", "-10% is no tolerance"), ("10 %%", "is no tolerance"), ("a\x1b[31mb", "a[31mb is no tolerance"),
        ("10%,", "an empty part"), ("nan%", "nan% is no tolerance"), ("1e3ms", "1e3ms is no tolerance"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(text: str, why: str):
    with pytest.raises(InputError, match="--tolerance: ") as refusal:
        parse_tolerance(text)
    assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("difference", "before", "exceeds"),
    [(0.06, 0.4, True), (0.06, 0.7, False), (0.04, 0.1, False), (0.05, 0.1, False), (-0.3, 0.4, False)],
)
def test_worse_is_what_exceeds_both(difference: float, before: float, *, exceeds: bool):
    assert parse_tolerance("10%,50ms").exceeded(difference, before, Unit.MILLISECONDS) is exceeds


def test_it_says_what_it_is_for_a_metric():
    tolerance = parse_tolerance("7.5%,80ms,2cutoffs")
    assert (tolerance.text(Unit.MILLISECONDS), tolerance.text(Unit.COUNT)) == ("7.5%,80ms", "7.5%,2cutoffs")
