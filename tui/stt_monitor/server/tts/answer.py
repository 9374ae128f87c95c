"""Answers a request for speech (protocol.md 15)."""

import logging
from http import HTTPStatus

from stt_monitor.server import pages as web
from stt_monitor.server.protocol.errors import RefusalError
from stt_monitor.server.thread_pool import Workers
from stt_monitor.server.tts.speech import read_speech_request, write_audio
from stt_monitor.server.tts.voice import VOICE_RATE, Voice

_log = logging.getLogger(__name__)


async def answer_speech(body: bytes, voice: Voice, workers: Workers) -> web.Answer:
    """Answer with speech, made on the threads that recognise, in its turn; an error is an answer too."""
    if not voice.is_installed():
        return web.no_synthesis()
    try:
        request = read_speech_request(body)
        audio = await workers.run(lambda: write_audio(voice.speak(request.transcript), VOICE_RATE, request))
    except RefusalError as refusal:
        return web.from_refusal(refusal)
    except Exception:  # noqa: BLE001  whatever it was, this client is told and the others go on
        _log.exception("synthesis failed")
        return web.internal_error()
    return web.Answer(HTTPStatus.OK, request.content_type, audio)
