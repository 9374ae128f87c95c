"""`stt-monitor doctor`: checks the setup of a session and suggests fixes."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from stt_monitor.audio.devices.inputs import probe_input_devices
from stt_monitor.audio.devices.microphone import open_microphone
from stt_monitor.audio.devices.portaudio import MicrophoneError
from stt_monitor.audio.formats import decode
from stt_monitor.audio.vad.silero import shared_session
from stt_monitor.audio.weights import MissingPartError
from stt_monitor.core.dialect import Decoder
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.events import Likelihood
from stt_monitor.core.key import Keys
from stt_monitor.core.local_server import LOCAL_SERVER
from stt_monitor.core.metrics.percentiles import Summary, summarise
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.services.base import Service
from stt_monitor.session.check.events_check import brings_events
from stt_monitor.session.check.findings import Finding, Grade
from stt_monitor.session.service_setup import local_address
from stt_monitor.session.sources import recording, sample_path
from stt_monitor.transport.address import Address, read_address
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.failures import ConnectionFailedError
from stt_monitor.transport.retry import Patience

LISTEN_S: Final = 1.0
"""Seconds of microphone audio to measure its level."""

QUIET_DB: Final = -80.0
"""A microphone whose peak stays below this is muted, or not the one that is spoken into."""

LISTEN_TO_SPEECH_S: Final = 4.0
"""How much of the spoken sample the local server hears, to see whether it keeps up."""

LAST_WORDS_S: Final = 10.0
"""How long it may take to finish."""

CHUNK_MS: Final = 100

ECHOES: Final = 200
"""Frames that are sent and answered to measure the monitor's own latency."""

ECHO_INTERVAL_S: Final = 0.01


def examine(
    start_server: Callable[[], str], service: Address | None, spoken: Service, keys: Keys, *, without_key: str = ""
) -> Iterator[Finding]:
    """Check one thing after another.

    Args:
        start_server: starts the local server and returns its base URL; raises UserError with what is missing.
        service: the remote service that sessions would use; None when there is no key and no address.
        spoken: the service whose protocol is spoken, wherever it is.
        keys: of the environment.
        without_key: what else to do where sessions need its key; empty where they do not.
    """
    yield from _microphones()
    yield _reference_speech()
    yield _key(spoken.key_variable, is_set=keys.own is not None, otherwise=without_key)
    yield from _local_server(start_server, service, spoken, keys)
    if service is not None:
        found = asyncio.run(answers("service", service, "answers"))
        yield found
        if found.grade is not Grade.BAD:
            yield asyncio.run(brings_events("events", service))
    yield asyncio.run(_floor())


def _local_server(
    start_server: Callable[[], str], service: Address | None, spoken: Service, keys: Keys
) -> Iterator[Finding]:
    if not spoken.has_server_side:
        yield Finding(Grade.OPTIONAL, "local server", f"it does not speak {spoken.title}")
        return
    try:
        began = time.monotonic()
        url = start_server()
    except UserError as error:
        yield Finding(Grade.BAD if service is None else Grade.OPTIONAL, "local server", str(error))
    else:
        ready = f"starts in {time.monotonic() - began:.1f} s"
        local = local_address(url, keys, spoken)
        yield asyncio.run(answers("local server", local, ready))
        yield asyncio.run(keeps_up(local))
        yield asyncio.run(brings_events("local events", local))


def _microphones() -> Iterator[Finding]:
    try:
        devices = probe_input_devices()  # in a process of its own: a broken ALSA configuration aborts the process
    except MicrophoneError as error:
        yield Finding(Grade.OPTIONAL, "microphone", str(error))
        return
    if not devices:
        yield Finding(Grade.OPTIONAL, "microphone", "none found; recordings work without one")
        return
    names = ", ".join(f"{device.name}{' (default)' if device.default else ''}" for device in devices)
    yield Finding(Grade.GOOD, "microphone", names)
    try:
        peak = asyncio.run(_peak_db())
    except UserError as error:
        yield Finding(Grade.OPTIONAL, "level", str(error))
        return
    if peak < QUIET_DB:
        yield Finding(Grade.OPTIONAL, "level", "silence: unmute the microphone, or choose another with --device")
    else:
        yield Finding(Grade.GOOD, "level", f"peak {peak:.0f} dB of full scale")


async def _peak_db() -> float:
    source = open_microphone()
    peak = 0.0
    async for chunk in source.chunks():
        peak = max(peak, float(np.max(np.abs(decode(chunk.data, source.format.encoding)), initial=0.0)))
        if source.format.seconds(chunk.position + chunk.samples) >= LISTEN_S:
            source.stop()
    return float(20 * np.log10(max(peak, 1e-6)))


def _reference_speech() -> Finding:
    try:
        shared_session()
    except MissingPartError as error:
        return Finding(Grade.OPTIONAL, "reference speech", str(error))
    return Finding(Grade.GOOD, "reference speech", "the speech detector is installed")


def _key(variable: str, *, is_set: bool, otherwise: str) -> Finding:
    if is_set:
        return Finding(Grade.GOOD, "key", f"{variable} is set")
    if otherwise:
        return Finding(Grade.BAD, "key", f"{variable} is not set: set it, or {otherwise}")
    return Finding(Grade.OPTIONAL, "key", f"{variable} is not set: sessions use the local server")


async def answers(subject: str, address: Address, ready: str) -> Finding:
    """Connect to a service, and measure the round trip."""
    try:
        connection = await _open_patiently(address)
    except ServiceUnavailableError as error:
        return Finding(Grade.BAD, subject, str(error))
    try:
        round_trip = await connection.ping()
    except ServiceUnavailableError as error:
        return Finding(Grade.BAD, subject, str(error))
    finally:
        await connection.hang_up()
    who = f"{LOCAL_SERVER} " if connection.is_local_server and not address.local else ""
    said = f"{who}{ready} at {address.shown}, round trip {round_trip * 1000:.1f} ms"
    if round_trip > SLOW_S:
        return Finding(Grade.OPTIONAL, subject, f"{said}: turns are marked slow above {SLOW_S * 1000:.0f} ms")
    return Finding(Grade.GOOD, subject, said)


async def _open_patiently(address: Address) -> ServiceConnection:
    """Connect as a session does: retry a busy service when it asks for that.

    Raises:
        ConnectionFailedError: it could not be reached, it refused, or it stayed busy.
    """
    patience = Patience()
    while True:
        try:
            return await ServiceConnection.open(address, address.request(Settings(), "pcm_s16le", 16_000))
        except ConnectionFailedError as error:
            failure = error.failure
            if not failure.busy:
                raise
            chance = random.random()  # noqa: S311  it keeps clients apart, not secrets
            pause = patience.pause(time.monotonic(), chance, retries=None, told=failure.retry_after)
            if pause is None:
                raise
            await asyncio.sleep(pause)


async def keeps_up(address: Address) -> Finding:
    """Let the local server hear a spoken sample in real time, and see how far it falls behind."""
    source = recording(sample_path(), "mix", CHUNK_MS)(time.monotonic)
    form = source.format
    lags: list[float] = []
    try:
        request = address.request(Settings(), form.encoding.value, form.sample_rate)
        connection = await ServiceConnection.open(address, request)
        telling = asyncio.create_task(_collect_lags(connection, address.service.dialect(Settings()).decoder(), lags))
        async for chunk in source.chunks():
            await connection.send_audio(chunk.data)
            if form.seconds(chunk.position + chunk.samples) >= LISTEN_TO_SPEECH_S:
                source.stop()
        await connection.send_close()
        await asyncio.wait({telling}, timeout=LAST_WORDS_S)
        await connection.hang_up()
    except ServiceUnavailableError as error:
        return Finding(Grade.BAD, "server lag", str(error))
    if not lags:
        return Finding(Grade.OPTIONAL, "server lag", "cannot tell: the local server does not report it")
    said = f"recognition lags by {max(lags) * 1000:.0f} ms at most"
    if max(lags) > SLOW_S:
        return Finding(
            Grade.OPTIONAL, "server lag", f"{said}: this machine is too slow or too busy now, turns are marked slow"
        )
    return Finding(Grade.GOOD, "server lag", said)


async def _collect_lags(connection: ServiceConnection, decoder: Decoder, lags: list[float]) -> None:
    async for frame in connection.frames():
        events = decoder.read(frame.payload).events
        lags += [event.lag for event in events if isinstance(event, Likelihood) and event.lag is not None]


async def _floor() -> Finding:
    """Measure the monitor's own overhead in every latency: a frame echoed at once over loopback."""

    async def echo(socket: ServerConnection) -> None:
        async for _ in socket:
            await socket.send("{}")

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        address = read_address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        connection = await ServiceConnection.open(address, address.request(Settings(), "pcm_s16le", 16_000))
        frames = connection.frames()
        delays = []
        for _ in range(ECHOES):
            await asyncio.sleep(ECHO_INTERVAL_S)
            sent = time.monotonic()
            await connection.send_audio(bytes(320))
            delays.append((await anext(frames)).received_at - sent)
        await connection.hang_up()
    return Finding(Grade.GOOD, "measurement overhead", _in_words(summarise(delays)))


def _in_words(delays: Summary) -> str:
    values = {"p50": delays.p50, "p99": delays.p99, "max": delays.max}
    shown = ", ".join(f"{name} {value * 1000:.1f}" for name, value in values.items() if value is not None)
    return f"the monitor adds {shown} ms on this machine"
