"""Speech from a service's text-to-speech (protocol.md 15)."""

from stt_monitor.core.errors import InputError, ServiceUnavailableError
from stt_monitor.services.base import Speech
from stt_monitor.transport.address import Address
from stt_monitor.transport.fetch import post


def speech_of(address: Address) -> Speech:
    """Return how a service speaks.

    Raises:
        InputError: it does not.
    """
    if address.service.speech is None:
        raise InputError(f"{address.service.title} does not speak: give a recording instead of --say")
    return address.service.speech


def synthesise(address: Address, sentence: str) -> bytes:
    """Synthesise a sentence. Blocks until all audio is there.

    Args:
        address: the service, with its key.
        sentence: what is to be said, in English.

    Returns:
        Samples as `pcm_s16le`, mono, at the `sample_rate` of `speech_of` the address.

    Raises:
        InputError: the service does not speak.
        ServiceUnavailableError: it could not be reached, or does not synthesise.
    """
    speech = speech_of(address)
    request = address.web_request(speech.path)
    audio = post(address, request, speech.body(sentence), "the speech synthesis")
    if len(audio) < 2:  # noqa: PLR2004  bytes of one sample
        raise ServiceUnavailableError(f"{request.url} answered without speech: give a recording instead")
    return audio[: len(audio) // 2 * 2]
