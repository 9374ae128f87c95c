"""Waiting for what threads bring, while signals come."""

import signal
import threading
from queue import SimpleQueue

from stt_monitor.system.waiting import next_of


def test_a_signal_that_another_thread_gets_is_handled_though_nothing_arrives():
    arrivals: SimpleQueue[str] = SimpleQueue()
    before = signal.signal(signal.SIGUSR1, lambda *_: arrivals.put("handled"))
    begun = threading.Event()

    def get_signal() -> None:
        begun.wait()
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    other = threading.Thread(target=get_signal)
    other.start()
    try:
        threading.Timer(0.05, begun.set).start()  # the main thread waits by then, or looks before it does
        assert next_of(arrivals) == "handled"
    finally:
        other.join()
        signal.signal(signal.SIGUSR1, before)


def test_what_has_arrived_is_taken_in_its_order():
    arrivals: SimpleQueue[int | None] = SimpleQueue()
    for each in (1, None, 2):
        arrivals.put(each)
    assert [next_of(arrivals) for _ in range(3)] == [1, None, 2]
