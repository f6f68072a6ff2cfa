"""A small web app: a greeting on / and its health on /health, on port 8000."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            self.answer(200, "text/plain; charset=utf-8", "Hello from your first image!\n")
        elif self.path == "/health":
            self.answer(200, "application/json", json.dumps({"status": "ok"}) + "\n")
        else:
            self.answer(404, "text/plain; charset=utf-8", "There is no such page.\n")

    def answer(self, status, content_type, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# `docker stop` sends SIGTERM; the first process of a container ignores it unless it says otherwise.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

# An empty address means every interface. 127.0.0.1 would be reachable from inside the container only.
server = ThreadingHTTPServer(("", PORT), App)
print(f"Listening on port {PORT}", flush=True)
server.serve_forever()
