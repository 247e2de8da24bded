"""Callbacks at the end of a job: signed, tried again, and sent nowhere but where they may be."""

import base64
import hashlib
import hmac
import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from runtime.conftest import API, DEADLINE_S, until

SECRET = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def receiver():
    """A server that keeps what it is sent, and answers with the statuses of `answers`, then with 204."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            Receiver.heard.append((self.path, dict(self.headers.items()), body))
            self.send_response(Receiver.answers.pop(0) if Receiver.answers else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    Receiver.heard, Receiver.answers = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        Receiver.address = f"127.0.0.1:{listening.server_address[1]}"
        yield Receiver
        listening.shutdown()
        thread.join()


def called_back(start, receiver, tmp_path, **settings):
    (tmp_path / "secret").write_text(f"whsec_{SECRET}\n")
    return start(
        callback_hosts=(receiver.address,),
        callback_secret_file=tmp_path / "secret",
        state_folder=tmp_path / "state",
        **{"url_networks": ("127.0.0.0/8",)} | settings,
    )


def post_with_callback(server, url, **body):
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    headers = {"Content-Type": "application/json", "X-Callback-URL": url, "Host": "geo.example"}
    connection.request("POST", f"{API}/jobs", json.dumps(body), headers)
    reply = connection.getresponse()
    content = json.loads(reply.read())
    connection.close()
    return reply.status, content


def test_a_callback_is_signed_and_tried_again_until_it_is_taken(start, receiver, tmp_path):
    receiver.answers[:] = [500, 302]
    server = called_back(start, receiver, tmp_path).open("start").ready()
    status, said = post_with_callback(server, f"http://{receiver.address}/done?a=1", what="answer")
    assert status == 200
    until(lambda: len(receiver.heard) == 3, "three tries")
    assert len({headers["webhook-id"] for _, headers, _ in receiver.heard}) == 1
    path, headers, body = receiver.heard[-1]
    document = json.loads(body)
    assert (path, document["id"], document["status"]) == ("/done?a=1", said["id"], "SUCCEEDED")
    assert document["_links"]["results"]["href"].startswith("http://geo.example/")
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(SECRET), content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert "whsec" not in server.text()


def test_a_callback_survives_a_restart(start, receiver, tmp_path):
    server = called_back(start, receiver, tmp_path).open("start").ready()
    _, said = post_with_callback(server, f"http://{receiver.address}/", what="wait")
    server.reached("inside")
    server.kill()
    called_back(start, receiver, tmp_path).open("start", "go").ready()
    until(lambda: receiver.heard, "the callback")
    assert json.loads(receiver.heard[0][2])["id"] == said["id"]


def test_a_callback_to_elsewhere_is_refused_at_once(start, receiver, tmp_path):
    server = called_back(start, receiver, tmp_path).open("start").ready()
    for url in ("http://elsewhere.example/", "ftp://127.0.0.1/", "http://user@127.0.0.1/", "x"):
        status, problem = post_with_callback(server, url, what="answer")
        assert (status, "SWATH_CALLBACK_HOSTS" in problem["hint"]) == (400, True), url


def test_an_address_that_is_not_public_is_not_called(start, receiver, tmp_path):
    server = called_back(start, receiver, tmp_path, url_networks=()).open("start").ready()
    assert post_with_callback(server, f"http://{receiver.address}/", what="answer")[0] == 200
    until(lambda: "did not arrive" in server.text(), "a refusal in the log")
    assert receiver.heard == []
