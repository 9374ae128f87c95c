import asyncio
from threading import Thread

from tests.ui.scripted import Script

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.snapshot_mailbox import PAUSE_S, SnapshotMailbox

SNAPSHOT = Script().snapshot()


def at(time: float) -> Snapshot:
    return Script().snapshot(time)


async def settle() -> None:
    await asyncio.sleep(PAUSE_S * 3)


async def test_hands_over_a_snapshot_from_another_thread():
    got: list[Snapshot] = []
    relay = SnapshotMailbox(asyncio.get_running_loop(), got.append)
    thread = Thread(target=relay.put, args=(SNAPSHOT,))
    thread.start()
    thread.join()
    await settle()
    assert got == [SNAPSHOT]


async def test_a_flood_is_coalesced_and_its_last_snapshot_always_arrives():
    got: list[Snapshot] = []
    relay = SnapshotMailbox(asyncio.get_running_loop(), got.append)
    flood = [at(number / 1000) for number in range(500)]
    for snapshot in flood:
        relay.put(snapshot)
    await settle()
    assert got == [flood[-1]]
    relay.put(flood[0])
    await settle()
    assert got == [flood[-1], flood[0]]


async def test_what_comes_during_the_pause_comes_after_it():
    got: list[Snapshot] = []
    relay = SnapshotMailbox(asyncio.get_running_loop(), got.append)
    relay.put(at(0.1))
    await asyncio.sleep(0)
    relay.put(at(0.2))
    relay.put(at(0.3))
    await settle()
    assert [snapshot.at for snapshot in got] == [0.1, 0.3]


async def test_is_silent_after_it_was_closed():
    got: list[Snapshot] = []
    relay = SnapshotMailbox(asyncio.get_running_loop(), got.append)
    relay.put(SNAPSHOT)
    relay.close()
    relay.put(SNAPSHOT)
    await settle()
    assert got == []


def test_a_loop_that_is_gone_does_no_harm():
    loop = asyncio.new_event_loop()
    loop.close()
    got: list[Snapshot] = []
    relay = SnapshotMailbox(loop, got.append)
    relay.put(SNAPSHOT)
    relay.put(SNAPSHOT)
    assert got == []


async def test_an_event_soon_after_a_tick_is_handed_over_at_once():
    got: list[Snapshot] = []
    relay = SnapshotMailbox(asyncio.get_running_loop(), got.append)
    for time in (0.1, 0.2):
        relay.put(at(time))
        for _ in range(3):
            await asyncio.sleep(0)
    assert [snapshot.at for snapshot in got] == [0.1, 0.2]
