"""Finds reference speech in the audio that was sent, without delaying the sender."""

import asyncio
from collections.abc import Callable

from stt_monitor.audio.declared_rate import RateCheck
from stt_monitor.audio.vad.reference import EdgeKind, SpeechEdge, SpeechFinder
from stt_monitor.core.journal import Append, Failed, SpeechDecided, SpeechEnd, SpeechFinished, SpeechOnset

Piece = tuple[bytes, int | None]
"""Audio that was sent, as it was before it was degraded; index of its first sample in the recording, or None."""


async def run_vad(
    data: asyncio.Queue[Piece | None],
    finder: SpeechFinder | None,
    append: Append,
    now: Callable[[], float],
    check: RateCheck | None = None,
) -> None:
    """Run the speech detector over sent audio, on a thread: it must delay neither audio nor events.

    When it fails, the rest of the data is dropped, so that audio need not wait, and then the error is raised.

    Args:
        data: what was sent, in order; None after the last of it.
        finder: finds the speech; without one, the data is thrown away.
        append: appends an entry about the speech.
        now: tells the time, seconds of session.
        check: warns if the sample rate cannot be right; None: nobody is warned.
    """
    try:
        while finder is not None and (piece := await data.get()) is not None:
            _note(await finder.detect(*piece), append, now())
            append(SpeechDecided(now(), finder.decided_until))
            if check is not None and not check.over:
                _warn(await asyncio.to_thread(check.feed, piece[0]), append, now())
    except Exception:
        await _throw_away(data)
        raise
    if finder is None:
        await _throw_away(data)
    else:
        _note(await asyncio.to_thread(finder.finish), append, now())
        append(SpeechFinished(now()))
        if check is not None:
            _warn(await asyncio.to_thread(check.finish), append, now())


def _warn(sentence: str, append: Append, at: float) -> None:
    if sentence:
        append(Failed(at, sentence, warning=True))


async def _throw_away(data: asyncio.Queue[Piece | None]) -> None:
    while await data.get() is not None:
        pass


def _note(edges: list[SpeechEdge], append: Append, at: float) -> None:
    for edge in edges:
        onset = edge.kind is EdgeKind.ONSET
        append((SpeechOnset if onset else SpeechEnd)(at, edge.position, edge.continues))
