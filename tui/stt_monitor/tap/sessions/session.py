"""One call as a session: its copies become the entries that a session of our own would have written."""

from typing import Final, NamedTuple

from stt_monitor.core.journal import (
    CloseSent,
    Configured,
    ConnectionLost,
    Failed,
    FramePassed,
    received,
)
from stt_monitor.core.kept import FOR_SCREEN, Kept
from stt_monitor.core.listeners import Listeners
from stt_monitor.core.local_server import is_local_server
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.services.registry import service
from stt_monitor.services.server_side import Command, Configure, Finish
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.tap.events import CallAnswered, CallBegan, CallEnded, CallHeldUp
from stt_monitor.tap.messages import Binary, Broken, Close, Heard, Ping, Skipped, Text
from stt_monitor.tap.sessions.call_speech import NO_TIME, CallSpeech, MakeSearch
from stt_monitor.tap.sessions.entries import frame_of, record_of, why_ended, why_unreadable
from stt_monitor.tap.sessions.line_health import LineHealth
from stt_monitor.tap.sessions.masking import Masking
from stt_monitor.tap.sessions.request import AgentReader
from stt_monitor.tap.sessions.sound import CallSound
from stt_monitor.tap.sessions.speech import Found

MOST_EARLY: Final = 1000
"""Messages that wait until the format of the sound is known."""

TOO_FAST: Final = "audio comes faster than it can be spoken: latencies cannot be measured"
FELL_BEHIND: Final = "this call is watched no more: monitoring fell behind; the call goes on"

_CHECK_S: Final = 1.0
"""How often the state of the recording is looked at."""


class _Message(NamedTuple):
    """A message, what the agent means by it, and when it came."""

    heard: Heard
    from_agent: bool
    at: float
    read: bytes | Command


class CallSession:
    """Makes a session of one websocket of an agent. Times of events are those of the tap's clock, seconds.

    Its clock stands at the last event, so that the same copies give the same figures.

    Args:
        began: the agent's request.
        answered: the service's answer, status 101.
        started_at: wall-clock time of the request, RFC 3339.
        listeners: who is told what happens.
        make_search: makes what looks for reference speech.
        kept: how much of what is past stays in memory.
    """

    def __init__(
        self,
        began: CallBegan,
        answered: CallAnswered,
        started_at: str,
        listeners: Listeners,
        make_search: MakeSearch,
        *,
        kept: Kept = FOR_SCREEN,
    ) -> None:
        self._began = began
        self._answered = answered
        self._started_at = started_at
        self._listeners = listeners
        self._make_search = make_search
        self._kept = kept
        self._service = service(began.service)
        self._reader = AgentReader(began.service, began.head)
        self._mask = Masking(began.secrets, self._service.is_public)
        self._at = answered.at
        self._early: list[_Message] = []
        self._log: JournalWriter | None = None
        self._model = ""
        self._sound: CallSound | None = None
        self._speech = CallSpeech(None)
        self._health = LineHealth()
        self._finished = False  # the agent has said that no more audio follows
        self._closed: tuple[bool, Close] | None = None  # the first close frame, and whether the agent sent it
        self._warned = False
        self._checked_at = 0.0
        self._is_ended = False
        self._ending = ""  # why it ended too soon
        self.problem = self._reader.problem and f"this call cannot be measured: {self._reader.problem}"
        """Why nothing is measured; empty where something is."""
        self.over = False
        """Whether all is told that will be."""
        if self._reader.parameters is not None:
            self._open(0)

    def hear(self, message: Heard, *, from_agent: bool, at: float) -> None:
        """Take a message of either side, in the order in which they came."""
        if self._is_ended or self.problem:
            return
        self._at = max(self._at, at)
        read: bytes | Command = b""
        if from_agent and isinstance(message, Text | Binary):
            read = self._reader.read(message.payload)
        told = _Message(message, from_agent, self._at, read)
        if self._log is not None:
            self._note(self._log, told)
            return
        if len(self._early) < MOST_EARLY:
            self._early.append(told)
        if self._reader.parameters is not None:
            first = next((len(each.read) for each in self._early if isinstance(each.read, bytes) and each.read), 0)
            log = self._open(first)
            early, self._early = self._early, []
            for each in early:
                self._note(log, each)

    def passed_on(self, size: int, unacknowledged: int | None) -> None:
        """Take note of bytes of the agent, and of how many of all so far the service's end has not acknowledged."""
        sound_s = 0.0 if self._sound is None else self._sound.seconds
        self._health.passed_on(None if self._is_ended else self._log, size, unacknowledged, sound_s)

    def held_up(self, event: CallHeldUp) -> None:
        """Take note that the tap was held up: what comes next is late by its fault, and sound in haste too."""
        self._at = max(self._at, event.at)
        if self._log is None or self._is_ended:
            return
        if self._sound is not None:
            self._sound.held_up(event.late, event.at - self._began.at)
        self._health.held_up(self._log, event.late)

    def abandon(self, sentence: str) -> None:
        """End the session, though the call goes on, and say why."""
        self._end(sentence)

    def end(self, event: CallEnded) -> None:
        """End the session with the call."""
        if self.over:
            return
        self._at = max(self._at, event.at)
        self._end(self._why_ended(event))

    def give_up_speech(self) -> None:
        """End at last without the rest of the reference speech, if it is still waited for."""
        if self._log is not None and self._speech.is_searched and not self.over:
            self._speech.give_up(self._log, NO_TIME)
            self._finish(self._log)

    def found(self, found: Found) -> None:
        """Take what the search for reference speech has found."""
        if self._log is None or self.over:
            return
        self._speech.take(self._log, found)
        if self._is_ended and not self._speech.is_searched:
            self._finish(self._log)

    def snapshot(self, now: float = 0.0) -> Snapshot | None:
        """Return its current state; None before its audio format is known. It may be later than the last event.

        Args:
            now: by the tap's clock.
        """
        if self._log is None:
            return None
        at = self._log.now() if self._is_ended else max(self._log.now(), now - self._began.at)
        return self._log.monitor.snapshot(at, running=not self.over)

    @property
    def record(self) -> SessionRecord | None:
        """Its record; None before its audio is known."""
        return None if self._log is None else self._log.monitor.session

    @property
    def speech_lag(self) -> float | None:
        """How far reference speech is behind the sound, seconds; None where none is looked for."""
        return None if self._sound is None else self._speech.lag(self._sound.seconds)

    # Opening

    def _open(self, frame_bytes: int) -> JournalWriter:
        """Begin the journal; `frame_bytes`: size of the first frame of audio, 0 where it has yet to come."""
        asked = self._reader.parameters
        assert asked is not None
        settings, began = asked.settings, self._began
        self._model = settings.model
        self._sound = CallSound(asked.audio)
        self._speech = CallSpeech(self._make_search(asked.audio, self.found))
        record = record_of(began, self._started_at, asked, frame_bytes, searched=self._speech.is_searched)
        dialect = self._service.dialect(settings)
        log = self._log = JournalWriter(
            record, dialect, None, self._listeners, began=began.at, clock=lambda: self._at, kept=self._kept
        )
        log.open()
        log.address(f"ws{began.where.removeprefix('http')}{began.head.path}", local=False)
        log.append(FramePassed(0.0, FrameKind.HANDSHAKE, sent=True, text=began.head.target))
        took = self._answered.at - began.at
        log.append(FramePassed(took, FrameKind.HANDSHAKE, code=self._answered.status, took=took))
        log.tell(Connection.CONNECTED, local=is_local_server(self._answered.server))
        return log

    # Messages

    def _note(self, log: JournalWriter, told: _Message) -> None:
        message, from_agent, at, read = told
        since = at - self._began.at
        match message:
            case Text(payload) if not from_agent:
                log.append(received(since, self._mask.message(payload)))
            case Binary(payload) if not from_agent:
                log.append(received(since, self._mask.binary(payload)))
            case Text() | Binary() if isinstance(read, bytes) and read:
                self._hear_audio(log, read, since)
            case Text(payload):
                self._obey(log, read, payload, since)
            case Binary(payload):  # audio without any, or what the service does not know
                log.append(FramePassed(since, FrameKind.BINARY, sent=True, size=len(payload)))
            case Broken() | Skipped() if why := why_unreadable(message, from_agent=from_agent):
                self.abandon(f"this call is watched no more: {why}; the call goes on")
                return
            case Ping() | Close() | Skipped():
                self._note_other(log, message, since, from_agent=from_agent)
        if since - self._checked_at >= _CHECK_S:
            self._checked_at = since
            log.check_recording()

    def _note_other(self, log: JournalWriter, message: Skipped | Ping | Close, at: float, *, from_agent: bool) -> None:
        if isinstance(message, Close):
            self._closed = self._closed or (from_agent, message)
        log.append(frame_of(message, at, self._mask, from_agent=from_agent))
        if isinstance(message, Ping):
            self._health.pinged(log, message, at, from_agent=from_agent)

    def _hear_audio(self, log: JournalWriter, data: bytes, at: float) -> None:
        assert self._sound is not None
        piece = self._sound.add(data, at)
        if piece is None:
            return
        log.append(piece.entry)
        log.sent_audio(piece.position, piece.data)
        self._warn_of_haste(log)
        self._speech.feed(log, piece.data)

    def _warn_of_haste(self, log: JournalWriter) -> None:
        assert self._sound is not None
        if self._sound.ahead > SLOW_S and not self._warned:
            self._warned = True
            log.append(Failed(log.now(), TOO_FAST, warning=True))

    def _obey(self, log: JournalWriter, command: bytes | Command, text: str, at: float) -> None:
        """Journal a text of the agent that is no audio, and what it does."""
        self._mask.learn(text)
        log.append(FramePassed(at, FrameKind.TEXT, sent=True, size=len(text.encode()), text=self._mask.text(text)))
        if isinstance(command, Finish):
            self._finished = True
            log.append(CloseSent(at))
        elif isinstance(command, Configure):
            monitor = log.monitor
            schema = self._service.schema_of(self._model)
            turn = self._reader.changed(command, monitor.settings, schema.completed(TurnSettings()))
            if turn != monitor.settings:
                log.append(Configured(at, turn))

    # The end

    def _why_ended(self, event: CallEnded) -> str:
        """Return why it ended too soon; empty for an end in order."""
        in_order = self._finished or event.by == "agent"
        return why_ended(event, self._closed, self._mask, self._service, in_order=in_order)

    def _end(self, sentence: str) -> None:
        if self._is_ended:
            return
        self._is_ended, self._ending = True, sentence
        log = self._log
        if log is None:
            self.over = True
            return
        log.append(ConnectionLost(log.now()))
        if self._speech.is_searched:
            self._speech.finish()  # what is still found comes by `found`
        else:
            self._finish(log)

    def _finish(self, log: JournalWriter) -> None:
        self.over = True
        log.finish(self._ending, failed=bool(self._ending))

    def close(self) -> None:
        """Wait until all of it is saved; may block for seconds: for another thread than that of the calls."""
        if self._log is not None:
            self._log.close()
