"""Audio sources by the arguments: files, a microphone, standard input, synthesized speech, the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import FileChoice
from stt_monitor.recording.paths import user_path
from stt_monitor.session import sources
from stt_monitor.session.service_setup import service_address
from stt_monitor.session.sources import FindSpeech, OpenSource, SessionInput

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from stt_monitor.cli.options.chosen_services import ChosenService
    from stt_monitor.core.sound.arms import Arm

_DEVICE_WITHOUT_MICROPHONE: Final = "--device chooses a microphone: give --mic too"


def source_names(options: argparse.Namespace) -> list[str]:
    """Return the name of each source."""
    if options.mic or options.say is not None:
        return ["microphone" if options.mic else "speech"]
    return [user_path(name).name for name in options.audio] or [sources.sample_path().name]


def choose_sources(
    options: argparse.Namespace, services: Sequence[ChosenService], *, screen: bool
) -> list[SessionInput]:
    """Choose the sources, and their reference speech: from `--labels`, else from the speech detector.

    Checks everything before a screen opens and before the first session begins.

    Raises:
        InputError: the options contradict each other, or a file cannot be read.
    """
    if options.labels is not None and ("-" in options.audio or not options.audio):
        raise InputError("--labels needs an audio file: give the file too")
    if len(options.audio) > 1 and "-" in options.audio:
        raise InputError("standard input (-) cannot be combined with files: give it alone")
    if options.audio != ["-"] and (options.rate, options.encoding) != (None, None):
        raise InputError("--rate and --encoding are for raw PCM on standard input (-): leave them out")
    arms = chosen_arms(options)
    if options.agent is not None and options.audio in ([], ["-"]):
        raise InputError("--agent is for recordings with two channels: give an audio file")
    if options.audio in ([], ["-"]):
        return [_without_file(options, services, arms, screen=screen)]
    if options.device is not None:
        raise InputError(_DEVICE_WITHOUT_MICROPHONE)
    paths = [user_path(name) for name in options.audio]
    channel, agent = _channels(options)
    opened = [sources.recording(path, channel, options.chunk_ms, arms, agent=agent) for path in paths]
    speech: Sequence[FindSpeech] = [sources.detected_speech] * len(paths)
    if options.labels is not None:
        speech = sources.labelled_speech(user_path(options.labels), [str(path.absolute()) for path in paths])
    identities = [sources.identity(path, channel) for path in paths]
    warns = [sources.warn_of_mix(path, channel) for path in paths]
    names = unique_names(options.audio)
    choices = [FileChoice(str(path), channel, agent) for path in paths]
    return [SessionInput(*each) for each in zip(opened, speech, identities, names, warns, choices, strict=True)]


def _channels(options: argparse.Namespace) -> tuple[str, str | None]:
    """Return the channel that is sent, and the agent's.

    Raises:
        InputError: they are none, or the same.
    """
    if options.agent is None:
        return options.channel, None
    from stt_monitor.audio.call import call_channels  # loads numpy: only for a call

    return call_channels(options.channel, options.agent)


def unique_names(files: Sequence[str]) -> list[str]:
    """Return what to call files that play at once: by their names, where those are the same also by their numbers."""
    names = [user_path(file).name for file in files]
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, 1)]


def chosen_arms(options: argparse.Namespace) -> tuple[Arm, ...]:
    """Return what degrades the recordings.

    Raises:
        InputError: an arm is none, or what is played is no recording.
    """
    if not options.degrade:
        return ()
    from stt_monitor.core.sound.arms import parse_arms  # only for them

    arms = parse_arms(options.degrade)
    if arms and (options.mic or options.audio == ["-"]):
        heard = "a microphone" if options.mic else "standard input"
        raise InputError(f"--degrade is for recordings, not for {heard}: give an audio file, or leave it out")
    return arms


def _without_file(
    options: argparse.Namespace, services: Sequence[ChosenService], arms: Sequence[Arm], *, screen: bool
) -> SessionInput:
    """Choose the source where no file is given; of several services, the first that can speak does."""
    source = _live_source(options, services, arms, screen=screen)
    if source is not None:
        return SessionInput(source, sources.detected_speech)
    sample = sources.sample_path()
    opened = sources.recording(sample, "mix", options.chunk_ms, arms)
    return SessionInput(opened, sources.sample_speech, sources.identity(sample, "mix"))


def _live_source(
    options: argparse.Namespace, services: Sequence[ChosenService], arms: Sequence[Arm], *, screen: bool
) -> OpenSource | None:
    """Choose microphone, pipe or synthesised speech; None for the sample."""
    spoken, service, _, keys = next((each for each in services if each.speaks.speech is not None), services[0])
    if options.mic:
        return sources.microphone(options.device, options.chunk_ms)
    if options.device is not None:
        raise InputError(_DEVICE_WITHOUT_MICROPHONE)
    if options.audio == ["-"]:
        return sources.piped(options.rate, options.encoding, options.chunk_ms, keyboard=screen)
    if options.say is not None and spoken.speech is None:
        raise InputError(f"{spoken.title} has no speech synthesis: give a recording instead of --say")
    address = service_address(service, keys, spoken)
    if address is not None and (options.say is not None or (keys.own and spoken.speech is not None)):
        return sources.spoken(address, options.say, options.chunk_ms, arms)
    if options.say is not None:
        raise InputError(f"--say needs a service with speech synthesis: set {spoken.key_variable}, or give --url")
    return None
