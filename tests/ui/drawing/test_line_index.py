from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.ui.drawing.line_index import BATCH, LineIndex
from stt_monitor.ui.toolkit.wrapping import line_count

TEXTS = st.lists(st.text(alphabet="ab é日", max_size=40), max_size=12)


def tops(places: LineIndex) -> list[int]:
    return [places.top(index) for index in range(len(places) + 1)]


def exact(texts: list[str], width: int) -> list[int]:
    found = [0]
    for text in texts:
        found.append(found[-1] + line_count(text, width))
    return found


@given(TEXTS, TEXTS, st.integers(0, 12), st.integers(1, 20))
def test_settled_places_are_the_exact_ones(first: list[str], more: list[str], kept: int, width: int):
    places = LineIndex()
    places.replace(0, first)
    places.estimate(width)
    kept = min(kept, len(first))
    places.replace(kept, more)
    while not places.is_exact:
        places.measure_batch()
    assert tops(places) == exact([*first[:kept], *more], width)
    assert all(places.top(places.at(line)) <= line < places.top(places.at(line) + 1) for line in range(places.height))


def test_what_is_seen_has_its_place_at_once_and_the_rest_in_batches():
    texts = ["a " * 30] * (3 * BATCH)
    places = LineIndex()
    places.replace(0, texts)
    places.estimate(7)
    places.measure_from(BATCH)
    assert places.top(2 * BATCH) - places.top(BATCH) == BATCH * line_count(texts[0], 7)
    assert [places.measure_batch() for _ in range(3)] == [False, False, True]
    assert places.height == len(texts) * line_count(texts[0], 7)


def test_another_width_begins_anew():
    places = LineIndex()
    places.replace(0, ["one two three"] * (2 * BATCH))
    places.estimate(5)
    places.measure_batch()
    places.estimate(13)
    while not places.is_exact:
        places.measure_batch()
    assert places.height == 2 * BATCH


def test_no_text_is_at_the_top():
    places = LineIndex()
    places.estimate(10)
    assert (places.height, places.at(0), places.top(0), places.is_exact) == (0, 0, 0, True)
