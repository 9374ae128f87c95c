import pytest

from stt_monitor.system.hosts import in_url, is_loopback, is_this_machine

LOOPBACK = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost", "127.0.0.1",
    "127.0.0.2", "127.255.1.9", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1",
    "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:2", "::1%lo", "127.0.0.1.",
    "\uff4cocalhost", "①②⑦.0.0.1",
]  # fmt: skip
UNSPECIFIED = ["0.0.0.0", "0", "::", "::ffff:0.0.0.0"]
ELSEWHERE = [
    "", "example.test", "localhost.example.test", "notlocalhost", "128.0.0.1", "10.0.0.1", "1.127.0.0", "169.254.0.1",
    "::2", "fe80::1%eth0", "::ffff:10.0.0.1", "127.0.0.1.example.test", "api.cartesia.ai", "127", "0x7f",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_known_in_every_notation(host: str):
    assert is_loopback(host)
    assert is_this_machine(host)


@pytest.mark.parametrize("host", UNSPECIFIED)
def test_others_reach_what_listens_on_every_address_and_to_connect_there_stays_here(host: str):
    assert not is_loopback(host)
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_hosts_are_not_this_machine(host: str):
    assert not is_loopback(host)
    assert not is_this_machine(host)


def test_a_url_writes_ipv6_in_brackets():
    assert [in_url(host) for host in ("::1", "127.0.0.1", "localhost")] == ["[::1]", "127.0.0.1", "localhost"]
