"""The limit: bare sockets that read a body into one buffer, and answer with a few bytes, or with the body.

It looks for Content-Length and nothing else: no server can do less. A thread for each connection.
"""

import contextlib
import os
import socketserver

HEAD_BYTES = 65536


class Connection(socketserver.BaseRequestHandler):
    """One connection, kept alive until the client goes."""

    def handle(self) -> None:
        """Answer until the client goes."""
        with contextlib.suppress(ConnectionError):
            self._answer()

    def _answer(self) -> None:
        buffer = bytearray(HEAD_BYTES)
        while head := self.request.recv_into(buffer, HEAD_BYTES):
            while (end := buffer.find(b"\r\n\r\n", 0, head)) < 0:
                head += self.request.recv_into(memoryview(buffer)[head:])
            said = bytes(buffer[:end])
            size, have = content_length(said), head - end - 4
            if len(buffer) < end + 4 + size:
                buffer = buffer + bytes(end + 4 + size - len(buffer))
            view = memoryview(buffer)[end + 4 : end + 4 + size]
            while have < size:
                have += self.request.recv_into(view[have:])
            answer = view if b" /echo " in said.split(b"\r\n", 1)[0] else b"OK"
            line = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer)
            sent = self.request.sendmsg([line, answer]) - len(line)
            self.request.sendall(memoryview(answer)[sent:])


class Server(socketserver.ThreadingTCPServer):
    """Listens until it is ended."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def content_length(head: bytes) -> int:
    """Of a request's head; 0 where it names none."""
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if found else 0


if __name__ == "__main__":
    with Server(("127.0.0.1", int(os.environ["PORT"])), Connection) as server:
        server.serve_forever()
