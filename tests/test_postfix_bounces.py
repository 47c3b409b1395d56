"""A real Postfix takes our answer and returns it: its report comes through our door to the ticket and its agent."""

from __future__ import annotations

import pytest
from daemon import Daemon, until
from fakes.smtpserver import ScriptedServer
from ports import unused_port
from postfix import LOCAL, Office, Postfix, about, newest, reply, swaks, words

ANNA = "anna@acme.example"
GONE = f"gone@{LOCAL}"  # Postfix takes mail for it, and finds no such user then
ONLY_ANNA = f'[[agent]]\nname = "Anna Novak"\naddress = "{ANNA}"\n'


@pytest.fixture(scope="module", params=["smtp", "lmtp"])
def office(request, need, tmp_path_factory):
    """Postfix hands the desk's mail over by SMTP, and by LMTP."""
    need("root", "postfix", "swaks")
    lmtp = unused_port()
    desk = f'[lmtp]\nlisten = ["127.0.0.1:{lmtp}"]' if request.param == "lmtp" else ""
    with ScriptedServer() as sink:
        folder = tmp_path_factory.mktemp("desk")
        smtp = unused_port()
        mta = Postfix(lmtp if desk else smtp, sink.port, (ANNA,), way=request.param)
        daemon = Daemon(folder, delivery=mta.port, port=smtp, agents=ONLY_ANNA, desk=desk)
        try:
            mta.start()
            with daemon:
                daemon.start()
                yield Office(daemon, mta, sink)
                assert daemon.stop() == 0
        finally:
            mta.remove()


def rows(office: Office, sql: str) -> list[tuple]:
    with office.daemon.database() as db:
        return db.execute(sql).fetchall()


def test_postfixs_report_reaches_the_ticket_its_agent_and_the_address(office):
    """The acknowledgement has an empty sender, so Postfix reports the answer alone. The next one is not written."""
    swaks(office.mta.port, GONE, "--header", "Subject: Printer", "--body", "It burns.")
    assigned = office.got(ANNA, about("Printer"))
    office.send(ANNA, reply(assigned, f"Anna Novak <{ANNA}>", "Pull the plug.", "answer"))
    notice = office.got(ANNA, lambda taken: b"did not arrive" in taken.raw)
    told = " ".join(words(notice).split())
    assert f'{GONE} unknown user: "gone"' in told, "Postfix's own words"

    ticket = office.ticket(newest(office))
    (event,) = [e for e in ticket["events"] if e["kind"] == "bounced"]
    (failed,) = [row for row in office.outbox() if row["state"] == "failed"]
    assert event["detail"] | {"inbox": 0} == {"outbox": failed["id"], "status": "5.1.1", "inbox": 0}
    assert failed["to"] == [GONE]
    assert rows(office, "SELECT address, bounced FROM person WHERE bounced <> ''") == [(GONE, "5.1.1")]
    ((state, kind, number),) = rows(office, "SELECT state, kind, ticket FROM inbox WHERE kind = 'bounce'")
    assert (state, kind, number) == ("done", "bounce", ticket["id"])
    assert [m["direction"] for m in ticket["messages"]].count("inbound") == 1, "a report is no message"

    swaks(office.mta.port, GONE, "--header", "Subject: Scanner", "--body", "It burns, too.")
    office.got(ANNA, about("Scanner"))
    until(lambda: all(row["state"] != "queued" for row in office.outbox()), 10)
    acknowledged = rows(office, "SELECT ticket FROM outbox WHERE kind = 'acknowledgement'")
    assert acknowledged == [(ticket["id"],)], "none for the second one: the address is marked"
