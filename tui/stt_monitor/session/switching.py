"""Switches the screen between live sessions and a saved one."""

from __future__ import annotations

import math
import os
import threading
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.commands import (
    ChooseInput,
    ChooseService,
    Command,
    CompareRecordings,
    Controller,
    FindRecordings,
    MarkBaseline,
    Mute,
    OpenRecording,
    Play,
    ReturnToLive,
    SeekTo,
    ShowFrame,
    Start,
    Stop,
    StopPlaying,
    WriteExport,
    WriteReport,
)
from stt_monitor.core.errors import InputError
from stt_monitor.core.listeners import ignore
from stt_monitor.session.playing import Playing
from stt_monitor.session.quiet_while_playing import QuietWhilePlaying

if TYPE_CHECKING:
    from collections.abc import Callable

    from stt_monitor.core.earlier import EarlierSessions
    from stt_monitor.core.listed_session import RecordingInfo
    from stt_monitor.core.settings import TurnSettings
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.core.wire_frame import WireFrame
    from stt_monitor.recording.player import Player
    from stt_monitor.recording.saved_sessions import SavedSession


class SwitchingController:
    """Controller that passes commands to the live sessions, or to the player of a saved session."""

    def __init__(self, runner: Controller | None, directory: Path, player: Player | None = None) -> None:
        """Begin with live sessions, or with a saved one.

        Args:
            runner: runs or watches live sessions; it is not closed here. None: there are saved ones alone.
            directory: where sessions are kept.
            player: plays the saved session that is shown at first; without it and a runner, open one first.
        """
        self._runner = runner
        self._directory = directory
        self._player = player
        self._last: Snapshot | None = None
        self._playing = Playing(self._playing_changed)
        self._quiet = QuietWhilePlaying(self._mute)
        self._begins_to_play = False
        self._complaint = ""
        self._showing = threading.RLock()
        """Held while a snapshot or a frame is passed on: an older one must not overtake the last one."""
        self._on_snapshot: Callable[[Snapshot], None] = ignore
        self._on_frame: ShowFrame = ignore

    @property
    def running(self) -> bool:
        """Whether a session is running or being played."""
        return any(one is not None and one.running for one in (self._runner, self._player))

    @property
    def service(self) -> str:
        """Name of the service that the next live session will be about."""
        return (self._runner or self._on_stage).service

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services of the next live session; several: side by side."""
        return (self._runner or self._on_stage).services

    @property
    def model(self) -> str:
        """Model that the next live session will ask for."""
        return (self._runner or self._on_stage).model

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next live session will ask for."""
        return (self._runner or self._on_stage).settings

    @property
    def has_live(self) -> bool:
        """Whether there are live sessions to go back to."""
        return self._runner is not None

    @property
    def has_saved(self) -> bool:
        """Whether a saved session is shown."""
        return self._player is not None

    @property
    def shown(self) -> Snapshot | None:
        """The last snapshot of what is shown; None before the first."""
        return self._last

    @property
    def saved_in(self) -> Path | None:
        """The folder of what is shown; None where it is not saved."""
        from stt_monitor.recording.manifest import is_readable  # not before the first paint

        player, last = self._player, self._last
        if player is not None:
            return player.folder
        folder = None if last is None else _kept_in(last)
        return folder if folder is not None and is_readable(folder) else None

    @cached_property
    def _earlier(self) -> EarlierSessions:
        """Those of this run of the program."""
        from stt_monitor.core.earlier import EarlierSessions  # not before the first paint

        return EarlierSessions()

    @property
    def _on_stage(self) -> Player | Controller:
        on_stage = self._player or self._runner
        assert on_stage is not None, "there is neither a live session nor a saved one"
        return on_stage

    def subscribe(self, on_snapshot: Callable[[Snapshot], None], *, on_frame: ShowFrame | None = None) -> None:
        """Pass snapshots and frames of what is shown to callbacks."""
        self._on_snapshot, self._on_frame = on_snapshot, on_frame or ignore
        if self._runner is not None:
            self._runner.subscribe(partial(self._show, None), on_frame=partial(self._show_frame, None))
        if self._player is not None:
            self._listen_to(self._player)

    def send(self, command: Command) -> None:
        """Carry out a command: find, open and close saved sessions here; pass on the rest."""
        match command:
            case FindRecordings() | OpenRecording() | CompareRecordings() | WriteReport() | WriteExport():
                self._aside(command)
            case ReturnToLive():
                self._return_to_live()
            case ChooseInput() | ChooseService():
                self._on_stage.send(command)
                self._aside(command)
            case MarkBaseline(row):
                with self._showing:
                    self._last = self._earlier.mark(row) or self._last
                self._show_last()
            case Play():
                self._play(command)
            case StopPlaying():
                self._playing.stop()
            case Stop():
                for one in (self._runner, self._player):
                    if one is not None:
                        one.send(command)
            case _:
                self._pass_on(command)

    def close(self) -> None:
        """Stop playing, and end the player's thread."""
        self._playing.close()
        if self._player is not None:
            self._player.close()

    def _aside(self, command: Command) -> None:
        """Carry out a command that reads the disk, which may take its time."""
        match command:
            case FindRecordings(on_found):
                do = partial(self._find, on_found)
            case OpenRecording():
                do = partial(self._open, command)
            case CompareRecordings(folders):
                do = partial(self._compare, folders)
            case WriteReport() | WriteExport():
                do = partial(self._write, command)
            case ChooseInput(choice) | ChooseService(choice):
                from stt_monitor.session.recent_choices import remember_choice  # only then

                do = partial(remember_choice, choice)
            case _:
                raise AssertionError(command)
        threading.Thread(target=do, name="saved sessions", daemon=True).start()

    def _write(self, command: WriteReport | WriteExport) -> None:
        from stt_monitor.session.documents import write_document  # loads templates

        write_document(command, self.saved_in)

    def _play(self, command: Play) -> None:
        player = self._player
        if self._last is None:
            return
        saved = () if player is None else player.recordings
        self._begins_to_play = True
        if player is None:
            self._quiet.begin(self._last)
        self._playing.play(command, self._last, saved, lambda: player is None and self.running)
        self._begins_to_play = False
        self._playing_changed()

    def _playing_changed(self) -> None:
        """Show it; a microphone may hear again once nothing is played."""
        if not (self._begins_to_play or self._playing.is_heard):
            self._quiet.end()
        self._show_last()

    def _pass_on(self, command: Command) -> None:
        if isinstance(command, Mute):
            self._quiet.leave()
        self._on_stage.send(command)

    def _mute(self, command: Mute) -> None:
        if self._runner is not None:
            self._runner.send(command)

    def _find(self, on_found: Callable[[tuple[RecordingInfo, ...]], None]) -> None:
        from stt_monitor.session.opening_saved import listed  # not before the first paint

        found: tuple[RecordingInfo, ...] = ()
        try:
            found = listed(self._directory)
        except InputError as error:
            self._complain(str(error))
        on_found(found)

    def _open(self, command: OpenRecording) -> None:
        from stt_monitor.session.opening_saved import opened  # as above

        try:
            self._play_saved(opened(command, self._directory), at_end=command.at_end)
        except InputError as error:
            self._complain(str(error))

    def _compare(self, folders: tuple[str, ...]) -> None:
        from stt_monitor.session.opening_saved import compared  # as above

        try:
            before, last = compared(folders)
        except InputError as error:
            self._complain(str(error))
            return
        with self._showing:
            for number, (folder, whole) in enumerate(before):
                self._earlier.add_to(whole, _known_as(folder))
                if not number:
                    self._earlier.mark_current()
        self._play_saved(last, speed=math.inf)

    def _play_saved(self, session: SavedSession, *, speed: float = 1.0, at_end: bool = False) -> None:
        from stt_monitor.recording.player import Player  # as above

        player = Player(session, speed=speed)
        if self._runner is not None:
            self._runner.send(Stop())
        self._complaint = ""
        self._change_to(player)
        self._listen_to(player)
        player.send(SeekTo(math.inf) if at_end else Start())

    def _return_to_live(self) -> None:
        if self._runner is None:
            return
        self._complaint = ""
        self._change_to(None)
        self._runner.send(Start())

    def _change_to(self, player: Player | None) -> None:
        with self._showing:
            before, self._player = self._player, player
            self._on_frame(None)
        if before is not None:
            before.close()

    def _listen_to(self, player: Player) -> None:
        player.subscribe(partial(self._show, player), on_frame=partial(self._show_frame, player))

    def _show(self, player: Player | None, snapshot: Snapshot) -> None:
        """Pass on a snapshot, unless it comes from what is no longer shown."""
        if player is not self._player:
            return
        with self._showing:
            before = self._last
            self._last = last = self._earlier.add_to(snapshot, "" if player is None else _known_as(player.folder))
            if player is None and (folder := _kept_in(snapshot)) is not None:
                self._earlier.saved_in(_known_as(folder))
        if before is not None and before.identity != last.identity:
            self._playing.stop()
        self._show_last()

    def _show_frame(self, player: Player | None, frame: WireFrame) -> None:
        with self._showing:
            if player is self._player:
                self._on_frame(frame)

    def _complain(self, sentence: str) -> None:
        """Show an error until something is opened: a running session's snapshots do not have it."""
        self._complaint = sentence
        self._show_last()

    def _show_last(self) -> None:
        with self._showing:
            last = self._last
            if last is not None:
                self._on_snapshot(self._completed(last))

    def _completed(self, last: Snapshot) -> Snapshot:
        """Add what is said here, and what is played."""
        heard = self._playing.heard_at(last)
        if heard is not None:
            lanes = tuple(msgspec.structs.replace(lane, heard=heard) for lane in last.lanes)
            last = msgspec.structs.replace(last, lanes=lanes, heard=heard)
        error = last.error or self._complaint
        return last if error == last.error else msgspec.structs.replace(last, error=error)


def _kept_in(live: Snapshot) -> Path | None:
    """Return where a live session is being saved, or was to be; None before that is known."""
    kept = (lane.recording for lane in live.lanes or (live,))
    return next((Path(each.path) for each in kept if each is not None), None)


def _known_as(folder: Path) -> str:
    """Return the one spelling of a folder."""
    return os.path.realpath(folder)
