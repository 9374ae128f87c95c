"""The time that these tests run in: it passes at once, and only when nothing else can happen."""

import asyncio
import threading
import time

from tests.support.virtual_time import VirtualLoop


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


async def test_waits_end_exactly_when_they_are_due():
    loop = virtual_loop()
    began = loop.time()
    await asyncio.gather(asyncio.sleep(86_000), asyncio.sleep(3600))
    assert loop.time() == began + 86_000


async def test_what_is_sent_arrives_before_time_passes():
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100_000):
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        began = asyncio.get_running_loop().time()
        for size in (1, 100, 300_000) * 20:
            writer.write(bytes(size))
            async with asyncio.timeout(1e-3):  # were the clock put forward too soon, it would end this
                await reader.readexactly(size)
        writer.close()
        assert await reader.read() == b""
        assert asyncio.get_running_loop().time() == began


async def test_time_stands_still_while_a_thread_works():
    loop = virtual_loop()
    began = loop.time()
    async with asyncio.timeout(1e-3):
        await asyncio.to_thread(time.sleep, 0.05)
    assert loop.time() == began


async def test_loops_of_two_threads_have_one_time():
    here = virtual_loop()
    there = here.beside()
    seen: list[tuple[str, float]] = []
    began = here.time()

    async def tick(name: str, period: float) -> None:
        for _ in range(3):
            await asyncio.sleep(period)
            seen.append((name, round(here.time() - began, 6)))

    def beside() -> None:
        with asyncio.Runner(loop_factory=lambda: there) as runner:
            runner.run(tick("there", 0.25))

    thread = threading.Thread(target=beside)
    thread.start()
    await tick("here", 0.4)
    await asyncio.to_thread(thread.join)
    assert sorted(seen, key=lambda each: each[1]) == seen
    assert set(seen) == {("there", 0.25), ("here", 0.4), ("there", 0.5), ("there", 0.75), ("here", 0.8), ("here", 1.2)}
