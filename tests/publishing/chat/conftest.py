"""A chat's server on this machine that keeps what is posted to it, and can misbehave."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from reportlib.publishing.chat import send as send_module
from tests.publishing.mail.conftest import edition  # noqa: F401  reports made without a kernel

SECRET = "T0SECRET/B0SECRET/very-secret-token"


class ChatServer:
    """What it took, path and message, and the answers to give first: (status, headers, text); None drops the line."""

    def __init__(self, port):
        self.port, self.taken, self.answers, self.heard = port, [], [], 0
        self.on_post = lambda: None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/services/{SECRET}"

    @property
    def messages(self):
        return [message for _, message in self.taken]


@pytest.fixture
def chat_server(monkeypatch):
    """The server; SLACK_WEBHOOK and others name it. Pauses between tries are short."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served.heard += 1
            served.on_post()
            answer = served.answers.pop(0) if served.answers else (200, {}, "ok")
            if answer is None:
                self.connection.close()
                return
            status, headers, text = answer
            if status < 300:
                served.taken.append((self.path, json.loads(body)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = ChatServer(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    monkeypatch.setattr(send_module, "PAUSES_S", (0.01, 0.01))
    for name in ("SLACK_WEBHOOK", "TEAMS_WEBHOOK", "CHAT_WEBHOOK", "MATTERMOST_WEBHOOK", "OWN_WEBHOOK"):
        monkeypatch.setenv(name, served.url)
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
