"""Its protocol as the local server speaks it; sections are those of `docs/services.md`."""

from typing import Final

from stt_monitor.services.assemblyai.families import MODEL
from stt_monitor.services.assemblyai.request import SOCKET_PATH
from stt_monitor.services.assemblyai.server_side.rejections import UNAUTHORIZED, answer
from stt_monitor.services.assemblyai.server_side.request import shows_key
from stt_monitor.services.assemblyai.server_side.session import AssemblySession
from stt_monitor.services.server_side import ServerSide


def _point_sdk(base_url: str, key: str) -> str:
    socket = base_url.replace("http", "ws", 1)
    shown = f"api_key={key!r}, " if key else ""
    return f"AsyncRealTimeTranscriber(RealTimeTranscriberOptions({shown}api_host={socket!r}))"


SERVER_SIDE: Final = ServerSide(
    title="AssemblyAI streaming v3",
    path=SOCKET_PATH,
    example_query=f"speech_model={MODEL}&encoding=pcm_s16le&sample_rate=16000",
    shows_key=shows_key,
    unauthorized=UNAUTHORIZED,
    answer=answer,
    open=AssemblySession,
    point_sdk=_point_sdk,
    opens_to_strangers=True,
)
