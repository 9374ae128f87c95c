"""Makes sessions from the input, services and settings that were chosen last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import (
    Available,
    Device,
    FileChoice,
    MicrophoneChoice,
    SampleChoice,
    SourceChoice,
    SourceKind,
)
from stt_monitor.recording.paths import user_path
from stt_monitor.session import sources
from stt_monitor.session.sources import SessionInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stt_monitor.audio.sources.fan_out import FanOut
    from stt_monitor.audio.sources.source import Source
    from stt_monitor.core.listeners import Listeners, Observer
    from stt_monitor.core.sound.arms import Arm
    from stt_monitor.session.client import Session
    from stt_monitor.session.service_setup import ServiceSetup
    from stt_monitor.session.sources import Reference
    from stt_monitor.system.clock import Clock


class Lanes(NamedTuple):
    """The sessions of one input: one per service, at once."""

    sessions: tuple[Session, ...]
    fan_out: FanOut | None
    """Gives several their audio; None for one."""
    began: float
    """When they began, by the clock."""


class SessionFactory:
    """Makes the sessions of one input after another. `find_inputs` and `offers` block; any thread may call them."""

    def __init__(
        self,
        inputs: Iterable[SessionInput],
        services: Sequence[ServiceSetup],
        *,
        chunk_ms: int,
        arms: Sequence[Arm] = (),
        observe: Callable[[str], Observer] | None = None,
        clock: Clock = time.monotonic,
        at_once: int = 1,
    ) -> None:
        """Begin with the options of the command line.

        Args:
            inputs: one after another, or `at_once`.
            services: who hears each of them; several: side by side. Each occurs once.
            chunk_ms: audio per frame, milliseconds.
            arms: what degrades the recordings that are chosen later; `inputs` have theirs.
            observe: makes who keeps a session, given the name of its service; asked for each of them.
            clock: tells the sessions and their sources the time.
            at_once: most inputs that play at the same time; of several, one service hears each.
        """
        self.inputs = tuple(inputs)
        self.services = tuple(services)
        self.at_once = at_once
        self._chunk_ms = chunk_ms
        self._arms = arms
        self._observe = observe
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the services, in their order."""
        return tuple(each.speaks.name for each in self.services)

    def setup(self, service: str = "") -> ServiceSetup:
        """Return the setup of a service by name; of the first one without a name."""
        return next((each for each in self.services if each.speaks.name == service), self.services[0])

    def make(self, chosen: SessionInput, listeners: Sequence[Listeners]) -> Lanes:
        """Make a session for each service, with the listeners at its place.

        Raises:
            UserError: the input cannot be opened, say because a file is gone.
        """
        from stt_monitor.audio.declared_rate import RateCheck
        from stt_monitor.session.client import Session  # loads numpy and websockets: after the first paint
        from stt_monitor.system.clock import Instant

        audio_id, source, warning = chosen.identify(), chosen.open_source(self._clock), chosen.warn()
        several = len(self.services) > 1
        fan_out, heard, references = self._fan_out(source, chosen) if several else _alone(source, chosen)
        began = Instant.now(self._clock)
        check = None if source.kind is SourceKind.MICROPHONE else RateCheck(source.format)
        sessions = tuple(
            Session(
                branch,
                reference,
                setup.find,
                setup.settings,
                self._observed(setup, told),
                service=setup.speaks,
                chunk_ms=self._chunk_ms,
                clock=self._clock,
                began=began,
                ticks=not several,
                audio_id=audio_id,
                rate_check=check if number == 0 else None,
                warning=warning if number == 0 else "",
            )
            for number, (setup, told, branch, reference) in enumerate(
                zip(self.services, listeners, heard, references, strict=True)
            )
        )
        return Lanes(sessions, fan_out, began.at)

    def _fan_out(self, source: Source, chosen: SessionInput) -> tuple[FanOut, Sequence[Source], Sequence[Reference]]:
        from stt_monitor.audio.sources.fan_out import FanOut  # only for several services

        fan_out = FanOut(source, len(self.services), self._clock)
        return fan_out, fan_out.branches, sources.shared_references(chosen.find_speech, fan_out)

    def _observed(self, setup: ServiceSetup, listeners: Listeners) -> Listeners:
        if self._observe is None:
            return listeners
        return msgspec.structs.replace(listeners, observer=self._observe(setup.speaks.name))

    def find_inputs(self, choice: SourceChoice) -> tuple[SessionInput, ...]:
        """Check whether an input can be opened; returns what to set `inputs` to.

        Raises:
            InputError: it cannot; the message says why.
        """
        identify: sources.Identify = str
        warn: Callable[[], str] = str
        find_speech: sources.FindSpeech = sources.detected_speech
        played: FileChoice | None = None
        match choice:
            case MicrophoneChoice(device):
                from stt_monitor.audio.devices.inputs import find_device, probe_input_devices  # light

                find_device(device, probe_input_devices())  # elsewhere: a broken ALSA configuration aborts the process
                opened = sources.microphone(device, self._chunk_ms)
            case FileChoice(path, channel, agent):
                opened = sources.recording(user_path(path), channel, self._chunk_ms, self._arms, agent=agent)
                identify = sources.identity(user_path(path), channel)
                warn = sources.warn_of_mix(user_path(path), channel)
                find_speech = self._speech_of(choice)
                played = choice
            case SampleChoice():
                opened = sources.recording(sources.sample_path(), "mix", self._chunk_ms, self._arms)
                identify = sources.identity(sources.sample_path(), "mix")
                find_speech = sources.sample_speech
        return (SessionInput(opened, find_speech, identify, warn=warn, choice=played),)

    def _speech_of(self, choice: FileChoice) -> sources.FindSpeech:
        """Return what finds the speech of a file: labels that were given for this channel of it, else a detector."""
        same = (each for each in self.inputs if each.choice is not None and _sends_the_same(each.choice, choice))
        return next((each.find_speech for each in same), sources.detected_speech)

    def offers(self) -> Available:
        """Find the inputs that can be chosen, and where the first service may be."""
        from stt_monitor.audio.devices.inputs import probe_input_devices  # light
        from stt_monitor.system.user_state import read_state  # not before the first paint

        try:
            found, problem = probe_input_devices(), ""
        except InputError as error:
            found, problem = [], str(error)
        devices = tuple(Device(each.number, each.name, each.channels, each.rate, each.default) for each in found)
        recent = read_state()
        setup, only = self.setup(), self.inputs[0] if len(self.inputs) == 1 else None
        return Available(
            devices,
            problem,
            tuple(setup.choices),
            setup.keys.own is not None,
            setup.speaks.key_variable,
            setup.speaks.title,
            sources.channels_of(only.choice) if only is not None and only.choice is not None else None,
            recent.files,
            recent.addresses,
        )


def _sends_the_same(one: FileChoice, other: FileChoice) -> bool:
    files = (user_path(each.path).absolute() for each in (one, other))
    return one.channel == other.channel and next(files) == next(files)


def _alone(source: Source, chosen: SessionInput) -> tuple[None, Sequence[Source], Sequence[Reference]]:
    return None, [source], [chosen.find_speech(source.format)]
