from hypothesis import given, settings
from hypothesis import strategies as st

from stt_monitor.audio.chunking import Block, Chunker
from stt_monitor.audio.formats import AudioFormat, Encoding

RATE = 1000


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 40), max_size=30), chunk=st.integers(1, 60))
def test_every_sample_comes_once_with_its_own_time(lengths: list[int], chunk: int) -> None:
    assembler = Chunker(AudioFormat(Encoding.PCM_S16LE, RATE), chunk)
    data, spoken_at, chunks = b"", [], []
    for number, length in enumerate(lengths):
        block = Block(bytes([number, length] * length), 100.0 * number)
        data += block.data
        spoken_at += [100.0 * number + sample / RATE for sample in range(length)]
        chunks += list(assembler.add(block))
    assert all(piece.samples == chunk for piece in chunks)
    chunks += list(assembler.flush())
    assert list(assembler.flush()) == []
    position = 0
    for piece in chunks:
        assert piece.position == position
        assert len(piece.data) == 2 * piece.samples
        assert abs(piece.spoken_at - spoken_at[position]) < 1e-9
        position += piece.samples
    assert b"".join(piece.data for piece in chunks) == data


def test_blocks_that_come_in_a_burst_were_spoken_one_after_another() -> None:
    assembler = Chunker(AudioFormat(Encoding.PCM_S16LE, RATE), 50)
    burst = [Block(bytes(40), 7.0 - 0.02)] * 5  # five times 20 ms, all delivered at 7.0 s
    chunks = [chunk for block in burst for chunk in assembler.add(block)]
    assert [round(chunk.spoken_at, 6) for chunk in chunks] == [6.94, 6.95]
