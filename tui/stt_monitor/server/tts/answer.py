"""Answers a request for speech."""

import logging
from http import HTTPStatus

from stt_monitor.server import pages
from stt_monitor.server.thread_pool import Workers
from stt_monitor.server.tts.audio import write_audio
from stt_monitor.server.tts.voice import VOICE_RATE, Voice
from stt_monitor.services.server_side import Answer, RejectedError, Synthesis

_log = logging.getLogger(__name__)


async def answer_speech(synthesis: Synthesis, body: bytes, voice: Voice, workers: Workers) -> Answer:
    """Answer with speech, made on the threads that recognise.

    Raises:
        RejectedError: the synthesiser is not installed, the request is not valid, or synthesis failed.
    """
    if not voice.is_installed():
        raise RejectedError(pages.no_synthesis())
    try:
        request = synthesis.read(body)
        audio = await workers.run(lambda: write_audio(voice.speak(request.transcript), VOICE_RATE, request))
    except RejectedError:
        raise
    except Exception as error:  # tell this client, and keep serving the others
        _log.exception("synthesis failed")
        raise RejectedError(pages.internal_error()) from error
    return Answer(HTTPStatus.OK, request.content_type, audio)
