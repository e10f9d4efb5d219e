"""latchkey-web alone on a socket, and a web server that sends what no web server would.

Only the web server can open the socket, so this is about mishaps and about what a visitor's bytes may
become on the way: nothing here ends the process, and a body is never taken for a request. The FastCGI
library may still abort on lengths that are lies (CVE-2025-23016); the socket's mode keeps those out
(SECURITY.md).
"""

import contextlib
import os
import pathlib
import re
import resource
import select
import socket
import subprocess
import threading
import time

import pytest

from stack import places
from stack.processes import end_with_parent, wait_until
from stack.sanitizers import patient
from support import fastcgi, faults
from support.fastcgi import Connection, pairs, record, stream
from support.visitor import fresh_peer

# As in src/fcgi/server.h and src/fcgi/connection.h.
IO_TIMEOUT_SECONDS = 10
REQUEST_DEADLINE_SECONDS = 30
MOST_DRAINED_BYTES = 64 * 1024
LOCK_WAIT_SECONDS = 3  # src/db/db.h
IDLE_CONNECTIONS = 10_000


def get(target="/reset_password_request", **more):
    return {"REQUEST_METHOD": "GET", "REQUEST_URI": target, "REMOTE_ADDR": fresh_peer(),
            "QUERY_STRING": "", "CONTENT_TYPE": "", "CONTENT_LENGTH": "", **more}


def post(length, target="/reset_password_request", **more):
    return get(target, **{"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(length),
                          "CONTENT_TYPE": "application/x-www-form-urlencoded", **more})


class Web:
    """One latchkey-web, with a listener on descriptor 0 and nobody else around it."""

    def __init__(self, site, name, descriptors=None, log_to=None):
        self.path = os.path.join(site.run_dir, name)
        self.log = site.directory / "log" / f"{name}.log"
        with socket.socket(socket.AF_UNIX) as listener, open(self.log, "ab") as log:
            listener.bind(self.path)
            listener.listen(1024)
            prepare = end_with_parent()

            def limit_and_prepare():
                if descriptors:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
                prepare()

            self._process = subprocess.Popen(
                [places.program("latchkey-web"), "--config", site.latchkey.config], stdin=listener,
                stdout=log, stderr=log_to or log, start_new_session=True, preexec_fn=limit_and_prepare)
        wait_until("latchkey-web", self.answers if log_to else lambda: "web_started" in self.said())

    def said(self):
        return self.log.read_text()

    def connect(self, **options):
        return Connection(self.path, **options)

    def answers(self):
        """It is the same process still, and serves."""
        with self.connect() as connection:
            reply = connection.ask(get())
        return self._process.poll() is None and reply is not None and reply.status == 200

    def status(self, name):
        text = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))

    def terminate(self):
        self._process.terminate()

    def stop(self):
        self.terminate()
        return self.wait()

    def wait(self):
        try:
            return self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@pytest.fixture(scope="module")
def stopped_site(build_site):
    """Its database and configuration are wanted, and not its programs."""
    site = build_site()
    site.web_server.stop()
    site.latchkey.stop()
    yield site
    site.stop()
    site.remove_run_dir()


def more_descriptors(count):
    """Of this process and of what it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, count)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))


@pytest.fixture(scope="module")
def web(stopped_site):
    more_descriptors(IDLE_CONNECTIONS + 500)
    web = Web(stopped_site, "wire.sock")
    yield web
    # In spite of everything: nobody had to start it anew, and it ends when it is asked to.
    assert web.stop() == 0


class Dawdler:
    """A request of which a byte comes every `seconds`, while the other tests run."""

    def __init__(self, web, seconds):
        self._connection = web.connect(seconds=seconds)
        self._bytes = fastcgi.begin() + stream(fastcgi.PARAMS, pairs(get(HTTP_COOKIE="x" * 120)))
        self.took_seconds = None
        self._thread = threading.Thread(target=self._dawdle, args=(time.monotonic(),))
        self._thread.start()

    def _dawdle(self, begun):
        with self._connection as connection:
            for byte in self._bytes:
                connection.send_as_far_as_it_goes(bytes([byte]))
                if connection.is_closed():
                    break
            self.took_seconds = time.monotonic() - begun

    def wait(self):
        self._thread.join()
        return self.took_seconds


@pytest.fixture(scope="module", autouse=True)
def dripping(web):
    dawdler = Dawdler(web, seconds=1)
    yield dawdler
    dawdler.wait()


@pytest.fixture(scope="module", autouse=True)
def silent(web):
    dawdler = Dawdler(web, seconds=IO_TIMEOUT_SECONDS + 5)
    yield dawdler
    dawdler.wait()


@pytest.fixture
def wire(web):
    with web.connect() as connection:
        yield connection


def form_of(connection):
    """(cookie, field) of a form, as a browser would have them."""
    reply = connection.ask(get())
    cookie = next(value.split(";")[0] for name, value in reply.headers
                  if name == "Set-Cookie" and "lk-form-" in value)
    field = re.search(rb'name="csrf_token" value="([^"]+)"', reply.body).group(1).decode()
    return cookie, field


def good_post(connection):
    cookie, field = form_of(connection)
    body = f"csrf_token={field}&email=nobody%40example.org".encode()
    return post(len(body), HTTP_COOKIE=cookie), body


def test_one_connection_carries_many_requests(wire):
    for _ in range(20):
        parameters, body = good_post(wire)
        assert wire.ask(parameters, body).status == 303


def test_without_the_wish_to_keep_it_the_connection_is_closed(wire):
    assert wire.ask(get(), keep=False).status == 200
    assert wire.is_closed()


def test_records_of_one_byte_are_a_request(wire):
    parameters, body = good_post(wire)
    assert wire.ask(parameters, body, piece=1).status == 303
    assert wire.ask(get()).status == 200


def test_padding_is_passed_over(wire):
    parameters, body = good_post(wire)
    wire.send(fastcgi.begin() + record(fastcgi.PARAMS, pairs(parameters), padding=255)
              + record(fastcgi.PARAMS) + record(fastcgi.STDIN, body, padding=3)
              + record(fastcgi.STDIN))
    assert wire.reply().status == 303


def test_a_value_of_many_kilobytes_is_read(wire):
    """Its length has four bytes, and it spans records."""
    assert wire.ask(get(HTTP_COOKIE="x=" + "y" * 100_000)).status == 200


def test_a_request_cut_anywhere_does_nothing_but_end(web, stopped_site):
    with web.connect() as connection:
        parameters, body = good_post(connection)
    parameters["REMOTE_ADDR"] = "127.200.100.100"
    # Up to the last byte of the body; what is behind it says only that there is no more.
    ends_at = len(fastcgi.request(parameters, body)) - len(record(fastcgi.STDIN))
    notes = count_notes(stopped_site)
    for size in range(ends_at):
        # Each from another peer, so that none is refused for being one too many.
        parameters["REMOTE_ADDR"] = f"127.200.{100 + size // 100}.{100 + size % 100}"
        with web.connect() as connection:
            connection.send(fastcgi.request(parameters, body)[:size])
            connection.no_more()
            reply = connection.reply()
            # Where all but the body had come it is answered, and refused.
            assert reply is None or reply.status in (400, 411), size
            assert connection.is_closed()
    assert count_notes(stopped_site) == notes
    assert web.answers()
    with web.connect() as connection:
        # Nothing but the cut was wrong with them.
        assert connection.ask(parameters, body).status == 303
    assert count_notes(stopped_site) == notes + 1


def count_notes(site):
    return int(site.server.query(f"SELECT COUNT(*) FROM {site.outbox_schema}.outbox")[0][0])


@pytest.mark.parametrize("missing", ["REQUEST_METHOD", "REQUEST_URI", "REMOTE_ADDR"])
def test_a_head_that_lacks_what_must_be_there_is_not_answered(web, wire, missing):
    parameters = get()
    del parameters[missing]
    wire.send(fastcgi.request(parameters))
    assert wire.reply() is None
    assert web.answers()


@pytest.mark.parametrize("name, value", [
    ("REMOTE_ADDR", ""), ("REMOTE_ADDR", "localhost"), ("REMOTE_ADDR", "127.0.0.1, 127.0.0.2")])
def test_a_peer_that_is_no_address_is_not_answered(web, wire, name, value):
    wire.send(fastcgi.request(get(**{name: value})))
    assert wire.reply() is None
    assert web.answers()


def test_a_head_with_nothing_in_it_is_not_answered(web, wire):
    wire.send(fastcgi.request({}))
    assert wire.reply() is None
    assert web.answers()


@pytest.mark.parametrize("length, status", [
    ("", 411), ("-1", 411), ("+1", 411), ("1e3", 411), ("0x10", 411), (" 3", 411), ("3 ", 411),
    ("3,3", 411), ("3.0", 411), ("\t", 411), ("nan", 411), ("8193", 413), (str(2**31), 413),
    (str(2**32 + 3), 413), (str(2**63), 413), (str(2**64 - 1), 413), (str(2**64), 411), ("9" * 20, 411),
    ("9" * 21, 411), ("0" * 30, 411), ("-" + "9" * 20, 411), ("4", 400), ("0", 403), ("3", 403),
    ("2", 403), ("00000003", 403)])
def test_an_absurd_length_is_refused_and_the_next_request_served(web, wire, length, status):
    # The body has 3 bytes: a length that is too short leaves one unread.
    assert wire.ask(post(length), b"a=b").status == status
    assert wire.ask(get()).status == 200
    assert web.status("VmRSS") < patient(200_000)


def test_no_length_at_all_is_refused(wire):
    parameters = post(3)
    del parameters["CONTENT_LENGTH"]
    assert wire.ask(parameters, b"a=b").status == 411


def test_8_kib_of_empty_pairs_cost_no_time(wire):
    started = time.monotonic()
    assert wire.ask(post(8192), b"&" * 8192).status == 403
    assert time.monotonic() - started < patient(1)
    assert wire.ask(get()).status == 200


# What is in the body here would be a request of its own if anybody took it for records.
def smuggled(size):
    one = fastcgi.request(get("/login", REMOTE_ADDR="192.0.2.99"), request_id=1)
    return (one * (size // len(one) + 1))[:size]


EARLY = {413: post(20_000), 415: post(3, CONTENT_TYPE="text/plain"), 411: post(""),
         404: post(3, target="/no_such_page"), 405: post(3, target="/")}


@pytest.mark.parametrize("piece", [65535, 8])
@pytest.mark.parametrize("status", EARLY)
def test_an_early_answer_drains_a_body_that_is_not_too_long(web, wire, status, piece):
    assert wire.ask(EARLY[status], smuggled(20_000), piece=piece).status == status
    # Exactly one answer to one request.
    reply = wire.ask(get("/no_such_page"))
    assert reply.status == 404
    assert "192.0.2.99" not in web.said()


@pytest.mark.parametrize("status", EARLY)
def test_an_early_answer_to_a_long_body_is_followed_by_the_end(web, wire, status):
    wire.send_as_far_as_it_goes(fastcgi.request(EARLY[status], smuggled(40 * MOST_DRAINED_BYTES)))
    reply = wire.reply()
    assert reply is None or reply.status == status
    assert wire.is_closed()
    assert web.answers()
    assert "192.0.2.99" not in web.said()


def test_too_many_with_a_body_drains_it_too(wire):
    peer = fresh_peer()
    statuses = [wire.ask(post(20_000, REMOTE_ADDR=peer), smuggled(20_000)).status for _ in range(6)]
    assert statuses == [413] * 5 + [429]
    assert wire.ask(get()).status == 200


def test_an_early_answer_does_not_wait_for_the_body(wire):
    """The web server may pass the answer on at once."""
    wire.send(fastcgi.begin() + stream(fastcgi.PARAMS, pairs(EARLY[413])))
    kind, _, content = wire.record()
    assert kind == fastcgi.STDOUT
    assert b"Status: 413" in content


def test_records_of_another_request_are_passed_over(web, wire):
    parameters, body = good_post(wire)
    other = record(fastcgi.STDIN, b"email=someone%40example.org&", request_id=7)
    wire.send(fastcgi.begin() + stream(fastcgi.PARAMS, pairs(parameters)) + other
              + record(fastcgi.STDIN, body) + other + record(fastcgi.STDIN))
    assert wire.reply().status == 303
    assert web.answers()


def test_any_request_id_is_answered_under_its_own(wire):
    for request_id in (1, 2, 255, 256, 65535):
        wire.send(fastcgi.request(get(), request_id=request_id))
        assert wire.reply(request_id).status == 200


def test_a_second_request_inside_the_first_is_refused_and_the_first_answered(web, wire):
    wire.send(fastcgi.begin() + fastcgi.begin(request_id=2) + stream(fastcgi.PARAMS, pairs(get()))
              + stream(fastcgi.STDIN, b""))
    kind, request_id, _ = wire.record()
    assert (kind, request_id) == (fastcgi.END_REQUEST, 2)
    assert wire.reply().status == 200
    assert web.answers()


@pytest.mark.parametrize("at", ["in the head", "in the body", "before anything"])
def test_an_abort_changes_nothing_for_others(web, at):
    with web.connect() as connection:
        parameters, body = good_post(connection)
        abort = record(fastcgi.ABORT_REQUEST)
        head = fastcgi.begin() + record(fastcgi.PARAMS, pairs(parameters))
        connection.send({
            "before anything": abort,
            "in the head": head + abort,
            "in the body": head + record(fastcgi.PARAMS) + record(fastcgi.STDIN, body[:5]) + abort,
        }[at])
        connection.no_more()
        reply = connection.reply()
        assert reply is None or reply.status in (200, 400)
    assert web.answers()


def test_a_question_about_the_program_is_answered(web, wire):
    """FCGI_GET_VALUES (FastCGI 1.0, 4.1), which is of no request."""
    # The library looks for the end of the question in the next record, so that comes along.
    wire.send(record(fastcgi.GET_VALUES, pairs({"FCGI_MPXS_CONNS": ""}), request_id=0)
              + fastcgi.request(get()))
    kind, request_id, content = wire.record()
    assert (kind, request_id) == (fastcgi.GET_VALUES_RESULT, 0)
    assert content == pairs({"FCGI_MPXS_CONNS": "0"})
    assert wire.reply().status == 200
    assert wire.ask(get()).status == 200
    assert web.answers()


def test_an_unknown_kind_of_record_is_named_as_such(web, wire):
    """FCGI_UNKNOWN_TYPE (4.2)."""
    wire.send(record(99, b"?", request_id=0))
    kind, request_id, content = wire.record()
    assert (kind, request_id, content[0]) == (fastcgi.UNKNOWN_TYPE, 0, 99)
    assert web.answers()


@pytest.mark.parametrize("junk", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(8), bytes(64), b"\xff" * 64, b"\n" * 9,
    fastcgi.begin(role=2) + stream(fastcgi.PARAMS, b"") + stream(fastcgi.STDIN, b""),
    fastcgi.begin(role=99), fastcgi.begin()[:-1] + b"\xff", record(fastcgi.STDIN, b"a=b"),
    record(fastcgi.PARAMS, pairs({"REQUEST_METHOD": "GET"})), record(99, b"?"),
    record(fastcgi.END_REQUEST, bytes(8)), fastcgi.begin() + fastcgi.begin()])
def test_what_is_no_request_ends_its_connection_alone(web, junk):
    with web.connect() as connection:
        connection.send_as_far_as_it_goes(junk)
        connection.no_more()
        assert connection.is_closed()
    assert web.answers()


def test_ten_thousand_idle_connections_cost_no_thread_and_delay_nobody(web):
    """CVE-2012-6687: the FastCGI library went down over the number of connections."""
    threads, memory_kb = web.status("Threads"), web.status("VmRSS")
    idle = []
    try:
        for _ in range(IDLE_CONNECTIONS):
            idle.append(web.connect())
        # One in a hundred has been used, so it is idle for the second time.
        for connection in idle[::100]:
            assert connection.ask(get()).status == 200
        started = time.monotonic()
        for _ in range(20):
            assert web.answers()
        seconds = (time.monotonic() - started) / 20
        grown_kb = web.status("VmRSS") - memory_kb
        # Measured: half a millisecond, and 60 bytes for each outside the kernel.
        assert seconds < patient(0.1)
        assert grown_kb * 1024 < IDLE_CONNECTIONS * patient(512)
        assert web.status("Threads") == threads
        # The last one is served like the first.
        for connection in (idle[0], idle[-1]):
            assert connection.ask(get()).status == 200
    finally:
        for connection in idle:
            connection.socket.close()
    wait_until("the end of the idle ones", lambda: count_descriptors(web) < 200)
    assert web.answers()


def count_descriptors(web):
    return len(os.listdir(f"/proc/{web._process.pid}/fd"))


@contextlib.contextmanager
def one_thread_leading(web):
    """After so much at once, and nothing that takes time, that each thread had its turn, the others rest
    (src/base/lead.h). The end of a connection would let them in."""
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(web.connect()) for _ in range(32)]
        for _ in range(20):
            for connection in connections:
                connection.send(fastcgi.request(get()))
            for connection in connections:
                assert connection.reply().status == 200
        yield


@pytest.mark.parametrize("name, part", [
    ("a-byte", lambda whole: whole[:1]), ("its-head", lambda whole: whole[:100]),
    ("but-a-byte", lambda whole: whole[:-1]),
    ("the-end-of-another", lambda whole: whole[:-8] + record(fastcgi.STDIN, request_id=2))])
def test_whoever_sent_a_part_delays_nobody(stopped_site, name, part):
    web = Web(stopped_site, f"{name}.sock")

    def seconds_beside_a_part():
        with one_thread_leading(web), web.connect() as slow, web.connect() as other:
            slow.send(part(fastcgi.request(get())))
            time.sleep(0.05)  # it is being read
            begun = time.monotonic()
            assert other.ask(get()).status == 200
            return time.monotonic() - begun

    # A leader that waits is found out after a second at the earliest; a machine may stall, but not each time.
    assert any(seconds_beside_a_part() < 0.8 for _ in range(3))
    assert web.stop() == 0


def test_two_who_sent_a_part_delay_nobody(stopped_site):
    """The second is read by one who does not lead, as others rest (src/base/lead.h)."""
    web = Web(stopped_site, "two-parts.sock")

    def seconds_beside_two_parts():
        with one_thread_leading(web), web.connect() as slow, web.connect() as slower, \
                web.connect() as other:
            for connection in (slow, slower):
                connection.send(fastcgi.request(get())[:100])
                time.sleep(0.05)
            reply, seconds = faults.taken(lambda: other.ask(get()))
            assert reply.status == 200
            return seconds

    assert any(seconds_beside_two_parts() < 0.8 for _ in range(3))
    assert web.stop() == 0


@contextlib.contextmanager
def forms(web, count):
    """Connections, and what sends a form over each of them."""
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(web.connect()) for _ in range(count)]
        posts = [(connection, fastcgi.request(*good_post(connection))) for connection in connections]
        yield connections, lambda: [connection.send(post) for connection, post in posts]


def have_answers(connections):
    return bool(select.select([connection.socket for connection in connections], [], [], 0)[0])


def test_forms_that_wait_for_the_outbox_hold_no_thread(stopped_site):
    web = Web(stopped_site, "waiting.sock")
    before = count_notes(stopped_site)
    with one_thread_leading(web), forms(web, 40) as (connections, send):  # more than there are threads
        with faults.locked_outbox(stopped_site):
            send()
            for _ in range(4):  # and for longer than a lead may last that waits
                with web.connect() as other:
                    reply, seconds = faults.taken(lambda: other.ask(get()))
                assert reply.status == 200 and seconds < patient(0.3)
                time.sleep(0.3)
            assert not have_answers(connections)
        assert [connection.reply().status for connection in connections] == [303] * 40
    assert count_notes(stopped_site) == before + 40
    assert web.stop() == 0


def test_more_forms_than_may_wait_are_stored_all_the_same(stopped_site):
    count = 350  # BatchOptions in src/base/batches.h: 2 times 32 under way and 256 that wait
    web = Web(stopped_site, "many.sock")
    before = count_notes(stopped_site)
    with forms(web, count) as (connections, send):
        with faults.locked_outbox(stopped_site):
            send()
            time.sleep(0.5)
        assert [connection.reply().status for connection in connections] == [303] * count
    assert count_notes(stopped_site) == before + count
    assert web.stop() == 0


def test_a_program_that_is_to_end_answers_the_forms_that_wait(stopped_site):
    web = Web(stopped_site, "ending.sock")
    before = count_notes(stopped_site)
    with forms(web, 20) as (connections, send):
        with faults.locked_outbox(stopped_site):
            send()
            time.sleep(0.2)
            web.terminate()
            time.sleep(0.5)
            assert not have_answers(connections)
        assert [connection.reply().status for connection in connections] == [303] * 20
    assert web.stop() == 0
    assert count_notes(stopped_site) == before + 20


def test_forms_whose_end_does_not_come_delay_no_others(stopped_site):
    """All of the body is there, but not the record that ends it."""
    web = Web(stopped_site, "endless.sock")
    before = count_notes(stopped_site)
    end = len(record(fastcgi.STDIN))
    with forms(web, 2) as (connections, _), forms(web, 2) as (others, send):
        for connection in connections:
            connection.send(fastcgi.request(*good_post(connection))[:-end])
        time.sleep(0.1)
        send()
        replies, seconds = faults.taken(lambda: [connection.reply() for connection in others])
        assert [reply.status for reply in replies] == [303] * 2
        assert seconds < patient(2)  # and not the 10 s of a read
        for connection in connections:
            connection.send(record(fastcgi.STDIN))
        assert [connection.reply().status for connection in connections] == [303] * 2
        # The connections are good for more.
        assert [connection.ask(get()).status for connection in connections] == [200] * 2
    assert count_notes(stopped_site) == before + 4
    assert web.stop() == 0


def test_forms_that_the_database_does_not_store_in_time_are_told_so_at_once_and_together(stopped_site):
    """Each by itself would wait as long again."""
    site, web = stopped_site, Web(stopped_site, "stalled.sock")
    before = count_notes(site)
    with forms(web, 12) as (connections, send):
        site.server.query("CREATE TRIGGER stall BEFORE INSERT ON outbox FOR EACH ROW SET @slept = "
                          f"SLEEP({faults.IO_TIMEOUT_S + 2})", site.outbox_schema)
        try:
            send()
            replies, seconds = faults.taken(lambda: [connection.reply() for connection in connections])
            assert [reply.status for reply in replies] == [503] * 12
            # One INSERT has failed by then, perhaps a second beside it.
            assert seconds < patient(faults.IO_TIMEOUT_S + 2)
        finally:
            site.server.query("DROP TRIGGER stall", site.outbox_schema)
        wait_until("an outbox that takes notes", lambda: connections[0].ask(
            *good_post(connections[0])).status == 303)
    # What had begun there may have been stored: a form that is sent again is the same note.
    assert before < count_notes(site) <= before + 13
    assert web.stop() == 0


def test_forms_in_line_for_a_locked_outbox_are_answered_before_the_end(stopped_site):
    web = Web(stopped_site, "in-line.sock")
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(web.connect(seconds=20)) for _ in range(3)]
        posts = [fastcgi.request(*good_post(connection)) for connection in connections]
        with faults.locked_outbox(stopped_site):
            # One for each of the two threads that store, and one that waits for them.
            for connection, post in zip(connections, posts):
                connection.send(post)
                time.sleep(0.05)
            web.terminate()
            replies, seconds = faults.taken(lambda: [connection.reply() for connection in connections])
            assert [reply.status for reply in replies] == [503] * 3
            assert seconds < patient(2 * LOCK_WAIT_SECONDS)
            assert web.wait() == 0


def test_a_log_that_nobody_reads_delays_pages_for_a_moment_only(stopped_site):
    reading_end, writing_end = os.pipe()
    web = Web(stopped_site, "unread.sock", log_to=writing_end)
    with one_thread_leading(web), web.connect() as logs, web.connect() as other:
        os.set_blocking(writing_end, False)
        with contextlib.suppress(BlockingIOError):
            while os.write(writing_end, b"x"):
                pass
        os.set_blocking(writing_end, True)
        logs.send(fastcgi.request({}))  # of which the log has a line
        # Not before the deadline of any read or write.
        assert other.ask(get()).status == 200
        os.close(reading_end)
    os.close(writing_end)
    web.stop()


def test_out_of_descriptors_it_serves_those_it_has_and_then_the_others(stopped_site):
    web = Web(stopped_site, "few.sock", descriptors=64)
    first = web.connect()
    try:
        assert first.ask(get()).status == 200
        waiting = [web.connect(seconds=1) for _ in range(200)]
        wait_until("the word that there are too many", lambda: "accept_paused" in web.said())
        # Those that got in are served, POST too, while the others wait.
        for _ in range(20):
            parameters, body = good_post(first)
            assert first.ask(parameters, body).status == 303
        waiting[-1].send(fastcgi.request(get()))
        with pytest.raises(TimeoutError):
            waiting[-1].reply()
        for connection in waiting[:-1]:
            connection.socket.close()
        waiting[-1].socket.settimeout(10)
        assert waiting[-1].reply().status == 200
        waiting[-1].socket.close()
        assert web.answers()
        # A line when it begins and when it ends, not one at each try.
        paused, resumed = (web.said().count(f"accept_{word}") for word in ("paused", "resumed"))
        assert 0 < paused == resumed < 20
    finally:
        first.socket.close()
        assert web.stop() == 0


def test_a_request_that_falls_silent_is_cut(web, silent):
    """Begun before the other tests, like the next."""
    assert IO_TIMEOUT_SECONDS - 1 < silent.wait() < IO_TIMEOUT_SECONDS + 4
    assert web.answers()


def test_a_request_that_never_ends_is_cut(web, dripping):
    assert REQUEST_DEADLINE_SECONDS - 1 < dripping.wait() < REQUEST_DEADLINE_SECONDS + 5
    assert web.answers()
