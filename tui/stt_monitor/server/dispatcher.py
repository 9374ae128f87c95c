"""One connection's audio and commands turned into the texts that go back, on a worker thread, one call at a time."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from stt_monitor.audio.formats import AudioFormat, decode
from stt_monitor.audio.resampling import SpeechRateStream
from stt_monitor.server.asr.interface import Heard, Hearing
from stt_monitor.server.protocol.client_messages import Finish, Retune
from stt_monitor.server.receive_queue import Item
from stt_monitor.services.cartesia.codec import Likelihood, encode

POINT_DIGITS: Final = 4


class Dispatcher:
    """Decodes, resamples and listens.

    Args:
        hearing: the connection's ear.
        audio: the format of the bytes.
        request_id: names the connection in every event.
        trace: whether the likelihood is told, after the events of each piece of audio.
    """

    def __init__(self, hearing: Hearing, audio: AudioFormat, request_id: str, *, trace: bool) -> None:
        self._hearing = hearing
        self._encoding = audio.encoding
        self._resampler = SpeechRateStream(audio.sample_rate)
        self._request_id = request_id
        self._trace = trace
        self._remainder = b""
        self.finished = False

    def hear(self, items: Sequence[Item], lag: float | None = None) -> list[str]:
        """Take the next audio and commands; return the texts to send. After `Finish` nothing is heard any more.

        `lag` is how far judging was behind, seconds, for whoever wants the likelihood.
        """
        texts: list[str] = []
        for item in items:
            match item:
                case bytes():
                    texts += self._texts(self._listen(item, last=False))
                case Retune(thresholds):
                    self._hearing.thresholds = thresholds
                case Finish():
                    texts += self._texts(self._listen(b"", last=True))
                    texts += self._texts(self._hearing.finish())
                    self.finished = True
                    break
        if self._trace:
            texts += self._likelihood(lag)
        return texts

    def _listen(self, data: bytes, *, last: bool) -> Sequence[Heard]:
        """Hear all whole samples; the bytes of a split one wait for the next frame (protocol.md 3)."""
        data = self._remainder + data
        whole = len(data) - len(data) % self._encoding.bytes_per_sample
        self._remainder = data[whole:]
        samples = self._resampler.feed(decode(data[:whole], self._encoding), last=last)
        return self._hearing.feed(samples) if samples.size else ()

    def _texts(self, heard: Sequence[Heard]) -> Iterator[str]:
        return (encode(msgspec.structs.replace(each.event, request_id=self._request_id)) for each in heard)

    def _likelihood(self, lag: float | None) -> Iterator[str]:
        points = tuple((round(at, POINT_DIGITS), round(value, POINT_DIGITS)) for at, value in self._hearing.trace())
        if points:
            yield encode(Likelihood(points, self._request_id, lag))
