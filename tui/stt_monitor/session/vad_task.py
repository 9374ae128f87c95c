"""Finds reference speech in the audio that was sent, without delaying the sender."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from stt_monitor.audio.declared_rate import RateCheck
from stt_monitor.audio.vad.reference import EdgeKind, SpeechEdge, SpeechFinder
from stt_monitor.core.journal import (
    AgentDecided,
    AgentEnd,
    AgentOnset,
    Append,
    Failed,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
)

if TYPE_CHECKING:
    from stt_monitor.audio.vad.agent import AgentEar


class Piece(NamedTuple):
    """A piece of audio that was sent."""

    data: bytes
    """As it was before it was degraded."""
    recorded_at: int | None = None
    """Index of its first sample in the recording."""
    agent: bytes | None = None
    """The agent's samples of the same time; None: silence, or its side is not heard."""


async def run_vad(
    data: asyncio.Queue[Piece | None],
    finder: SpeechFinder | None,
    append: Append,
    now: Callable[[], float],
    *,
    check: RateCheck | None = None,
    ear: "AgentEar | None" = None,
) -> None:
    """Run the speech detector over sent audio, on a thread: it must delay neither audio nor events.

    When it fails, the rest of the data is dropped, so that audio need not wait, and then the error is raised.

    Args:
        data: what was sent, in order; None after the last of it.
        finder: finds the speech; without one, the data is thrown away.
        append: appends an entry about the speech.
        now: tells the time, seconds of session.
        check: warns if the sample rate cannot be right; None: nobody is warned.
        ear: hears the agent; None: nobody does.
    """
    try:
        while finder is not None and (piece := await data.get()) is not None:
            _note(await finder.detect(piece.data, piece.recorded_at), append, now())
            append(SpeechDecided(now(), finder.decided_until))
            if ear is not None:
                _note_agent(await asyncio.to_thread(ear.feed, piece.data, piece.agent), append, now())
                append(AgentDecided(now(), ear.decided_until))
            if check is not None and not check.over:
                _warn(await asyncio.to_thread(check.feed, piece.data), append, now())
    except Exception:
        await _throw_away(data)
        raise
    if finder is None:
        await _throw_away(data)
    else:
        _note(await asyncio.to_thread(finder.finish), append, now())
        if ear is not None:
            _note_agent(await asyncio.to_thread(ear.finish), append, now())
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


def _note_agent(edges: list[SpeechEdge], append: Append, at: float) -> None:
    for edge in edges:
        append((AgentOnset if edge.kind is EdgeKind.ONSET else AgentEnd)(at, edge.position))
