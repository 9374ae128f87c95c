"""Switches the screen between live sessions and a saved one."""

from __future__ import annotations

import math
import threading
from functools import partial
from typing import TYPE_CHECKING

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
from stt_monitor.session.playing.quiet_while_playing import QuietWhilePlaying
from stt_monitor.session.playing.stretches import Playing
from stt_monitor.session.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stt_monitor.core.listed_session import RecordingInfo
    from stt_monitor.core.settings.requested import TurnSettings
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
        self._playing = Playing(self._playing_changed)
        self._shown = Shown(self._playing.heard_at)
        self._quiet = QuietWhilePlaying(self._mute)
        self._begins_to_play = False
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
        """The last snapshot of the session shown; None before the first."""
        return self._shown.last

    @property
    def saved_in(self) -> Path | None:
        """The folder of the session shown; None if it is not saved."""
        from stt_monitor.recording.manifest import is_readable  # not before the first paint

        player = self._player
        if player is not None:
            return player.folder
        folder = self._shown.kept_in
        return folder if folder is not None and is_readable(folder) else None

    @property
    def _on_stage(self) -> Player | Controller:
        on_stage = self._player or self._runner
        assert on_stage is not None, "there is neither a live session nor a saved one"
        return on_stage

    def subscribe(self, on_snapshot: Callable[[Snapshot], None], *, on_frame: ShowFrame | None = None) -> None:
        """Pass snapshots and frames of the session shown to callbacks."""
        self._shown.subscribe(on_snapshot)
        self._on_frame = on_frame or ignore
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
                self._shown.mark(row)
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
        player, last = self._player, self._shown.last
        if last is None:
            return
        saved = () if player is None else player.recordings
        self._begins_to_play = True
        if player is None:
            self._quiet.begin(last)
        self._playing.play(command, last, saved, lambda: player is None and self.running)
        self._begins_to_play = False
        self._playing_changed()

    def _playing_changed(self) -> None:
        """Show it; a microphone may hear again once nothing is played."""
        if not (self._begins_to_play or self._playing.is_heard):
            self._quiet.end()
        self._shown.show()

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
            self._shown.complain(str(error))
        on_found(found)

    def _open(self, command: OpenRecording) -> None:
        from stt_monitor.session.opening_saved import opened  # as above

        try:
            self._play_saved(opened(command, self._directory), at_end=command.at_end)
        except InputError as error:
            self._shown.complain(str(error))

    def _compare(self, folders: tuple[str, ...]) -> None:
        from stt_monitor.session.opening_saved import compared  # as above

        try:
            before, last = compared(folders)
        except InputError as error:
            self._shown.complain(str(error))
            return
        self._shown.compare_with(before)
        self._play_saved(last, speed=math.inf)

    def _play_saved(self, session: SavedSession, *, speed: float = 1.0, at_end: bool = False) -> None:
        from stt_monitor.recording.player import Player  # as above

        player = Player(session, speed=speed)
        if self._runner is not None:
            self._runner.send(Stop())
        self._shown.complain_no_more()
        self._change_to(player)
        self._listen_to(player)
        player.send(SeekTo(math.inf) if at_end else Start())

    def _return_to_live(self) -> None:
        if self._runner is None:
            return
        self._shown.complain_no_more()
        self._change_to(None)
        self._runner.send(Start())

    def _change_to(self, player: Player | None) -> None:
        with self._shown.lock:
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
        if self._shown.take(snapshot, None if player is None else player.folder):
            self._playing.stop()
        self._shown.show()

    def _show_frame(self, player: Player | None, frame: WireFrame) -> None:
        with self._shown.lock:
            if player is self._player:
                self._on_frame(frame)
