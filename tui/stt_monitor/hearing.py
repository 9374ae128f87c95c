"""Reference speech of a session: found beside the sending, which must not wait for it."""

import asyncio
from collections.abc import Callable

from stt_monitor.audio.reference import EdgeKind, SpeechEdge, SpeechFinder
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.records import Record


async def look_for_speech(
    data: asyncio.Queue[bytes | None],
    finder: SpeechFinder | None,
    monitor: Monitor,
    record: Callable[[list[Record]], None],
    now: Callable[[], float],
) -> None:
    """Look for speech in what was sent, a thread away: the detector must delay neither audio nor events.

    Should it fail, the rest of the data is thrown away, so that audio does not come to wait, and then the error raised.

    Args:
        data: what was sent, in order; None after the last of it.
        finder: finds the speech; without one, the data is thrown away.
        monitor: gets told of the speech.
        record: takes the turns whose figures have become final.
        now: tells the time, seconds of session.
    """
    try:
        while finder is not None and (piece := await data.get()) is not None:
            _note(await asyncio.to_thread(finder.feed, piece), monitor)
            record(monitor.speech_decided(finder.decided_until, now()))
    except Exception:
        await _throw_away(data)
        raise
    if finder is None:
        await _throw_away(data)
    else:
        _note(await asyncio.to_thread(finder.finish), monitor)
        record(monitor.speech_finished(now()))


async def _throw_away(data: asyncio.Queue[bytes | None]) -> None:
    while await data.get() is not None:
        pass


def _note(edges: list[SpeechEdge], monitor: Monitor) -> None:
    for edge in edges:
        if edge.kind is EdgeKind.ONSET:
            monitor.speech_onset(edge.position)
        else:
            monitor.speech_end(edge.position)
