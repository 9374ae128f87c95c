"""Its protocol as the local server speaks it; sections are those of `docs/services.md`."""

from typing import Final

from stt_monitor.services.flux.request import SOCKET_PATH
from stt_monitor.services.flux.server_side.rejections import UNAUTHORIZED, answer
from stt_monitor.services.flux.server_side.request import shows_key
from stt_monitor.services.flux.server_side.session import FluxSession
from stt_monitor.services.flux.settings import MODEL
from stt_monitor.services.server_side import ServerSide


def _point_sdk(base_url: str, key: str) -> str:
    socket = base_url.replace("http", "ws", 1)
    places = f"base={base_url!r}, production={socket!r}, agent={socket!r}, agent_rest={base_url!r}"
    shown = f"api_key={key!r}, " if key else ""
    return f"AsyncDeepgramClient({shown}environment=DeepgramClientEnvironment({places}))"


SERVER_SIDE: Final = ServerSide(
    title="Deepgram Flux",
    path=SOCKET_PATH,
    example_query=f"model={MODEL}&encoding=linear16&sample_rate=16000",
    shows_key=shows_key,
    unauthorized=UNAUTHORIZED,
    answer=answer,
    open=FluxSession,
    point_sdk=_point_sdk,
    rejects_upgrade=True,
)
