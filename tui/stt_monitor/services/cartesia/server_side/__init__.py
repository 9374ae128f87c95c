"""Its protocol as the local server speaks it; sections are those of `docs/protocol.md`."""

from typing import Final

from stt_monitor.services.cartesia.request import BASE_URL_VARIABLE, KEY_VARIABLE, SOCKET_PATH
from stt_monitor.services.cartesia.server_side.rejections import UNAUTHORIZED, answer
from stt_monitor.services.cartesia.server_side.request import shows_key
from stt_monitor.services.cartesia.server_side.session import CartesiaSession
from stt_monitor.services.cartesia.server_side.speech import SYNTHESIS
from stt_monitor.services.cartesia.settings import MODEL
from stt_monitor.services.server_side import ServerSide


def _point_sdk(base_url: str, key: str) -> str:
    return f"{BASE_URL_VARIABLE}={base_url}" + (f" {KEY_VARIABLE}={key}" if key else "")


SERVER_SIDE: Final = ServerSide(
    title="Cartesia's Realtime STT (Auto)",
    path=SOCKET_PATH,
    example_query=f"model={MODEL}&encoding=pcm_s16le&sample_rate=16000",
    shows_key=shows_key,
    unauthorized=UNAUTHORIZED,
    answer=answer,
    open=CartesiaSession,
    point_sdk=_point_sdk,
    synthesis=SYNTHESIS,
)
