"""The door for a mail server beside us (LMTP) and behind a proxy, and which doors a config opens."""

from __future__ import annotations

import smtplib
import ssl
import stat
import threading
from contextlib import closing
from pathlib import Path

from certificates import NAME, certificate
from dialog import ANNA, POLICY, Client, hashed, running_door, secured

from mailticket.door import options
from mailticket.settings import Delivery, Lmtp, Settings, Smtp

SUPPORT = "support@acme.example"
FROM_PROXY = b"PROXY TCP4 %s 127.0.0.1 40000 25\r\n"


# --- LMTP ---


def test_smtplib_hands_over_a_mail_by_lmtp_on_a_unix_socket_for_its_group(tmp_path):
    """The socket is for its owner and its group from the first connection on."""
    path = tmp_path / "lmtp"
    with running_door(lmtp=True, listen=(f"unix:{path}",)) as running:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with smtplib.LMTP(str(path), timeout=10) as client:
            client.sendmail("alice@customer.example", [SUPPORT], "Subject: x\r\n\r\ny\r\n")
    assert [(mail.via, mail.peer, mail.auth) for mail in running.stored] == [("lmtp", "", "")]
    assert not path.exists()


# --- the proxy ---


def test_a_proxy_that_says_nothing_is_cut(caplog):
    with running_door(proxy_protocol=True, proxy_timeout=0.05) as running, closing(Client(running.port)) as client:
        assert client.closed()
    assert [record.getMessage() for record in caplog.records] == [
        "a connection from 127.0.0.1 began without a PROXY header and was cut"
    ]


def test_whoever_only_looks_whether_the_door_is_there_is_not_worth_a_line(caplog):
    with running_door(proxy_protocol=True) as running:
        with closing(Client(running.port)):
            while not running.listener._door.sessions:
                threading.Event().wait(0.01)
        while running.listener._door.sessions:
            threading.Event().wait(0.01)
    assert not caplog.records


def test_behind_a_proxy_each_client_has_its_own_limit():
    with running_door(proxy_protocol=True, max_per_peer=1) as running:
        said = []
        clients = []
        for peer in (b"192.0.2.1", b"192.0.2.1", b"192.0.2.2"):
            clients.append(Client(running.port))
            clients[-1].sock.sendall(FROM_PROXY % peer)
            said.append(clients[-1].reply()[:3])
        assert said == ["220", "421", "220"]
        for client in clients:
            client.close()
        while running.listener._door.sessions:
            threading.Event().wait(0.01)
        assert not running.listener._door.peers


def test_a_proxy_that_names_nobody_is_limited_and_its_own_look_at_the_door_is_not():
    """Else whoever fills the places of those without a name would make us look dead to the proxy."""
    with running_door(proxy_protocol=True, max_per_peer=1) as running:
        said = []
        local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"
        clients = [Client(running.port) for _ in range(4)]
        for client, header in zip(clients, [b"PROXY UNKNOWN\r\n"] * 2 + [local] * 2, strict=True):
            client.sock.sendall(header)
            said.append(client.reply()[:3])
        assert said == ["220", "421", "220", "220"]
        for client in clients:
            client.close()


def test_a_handshake_that_comes_in_one_piece_with_the_proxys_header_is_read():
    with running_door(**secured(proxy_protocol=True, listen=("tls:127.0.0.1:0",))) as running:
        theirs, ours = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = certificate().client().wrap_bio(theirs, ours, server_hostname=NAME)
        with closing(Client(running.port)) as line:
            early = FROM_PROXY % b"192.0.2.1"

            def until_done(step):
                nonlocal early
                while True:
                    try:
                        done = step()
                    except ssl.SSLWantReadError:
                        line.sock.sendall(early + ours.read())
                        early = b""
                        theirs.write(line.sock.recv(65536))
                    else:
                        line.sock.sendall(ours.read())
                        return done

            until_done(client.do_handshake)
            assert until_done(lambda: client.read(1000)).startswith(b"220 ")


# --- which doors there are ---


def settings(smtp: Smtp | None, lmtp: Lmtp | None) -> Settings:
    logins = {ANNA: hashed("sesame")}
    return Settings(Path("c"), Path("d"), POLICY, smtp, Delivery("h", 25, 1), (), lmtp, logins=logins)


def test_smtp_and_lmtp_are_two_doors_and_logins_belong_to_smtp():
    made = certificate()
    smtp = Smtp(("127.0.0.1:0",), 1000, made.cert, made.key, require_tls=True, proxy_protocol=True)
    both = options(settings(smtp, Lmtp(("unix:/run/x",), 2000)))
    assert [(door.lmtp, door.listen, door.max_message_size) for door in both] == [
        (False, ("127.0.0.1:0",), 1000),
        (True, ("unix:/run/x",), 2000),
    ]
    assert [(bool(door.logins), door.require_tls, door.proxy_protocol, door.tls_cert) for door in both] == [
        (True, True, True, made.cert),
        (False, False, False, None),
    ]
    assert [door.lmtp for door in options(settings(None, Lmtp(("unix:/run/x",), 2000)))] == [True]
