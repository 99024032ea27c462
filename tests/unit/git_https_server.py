# SPDX-License-Identifier: Apache-2.0
"""A Git server over TLS that asks for a password: git_mirror.c's other end.

usage: git_https_server.py ROOT CERT KEY LOG USER:PASSWORD
Prints its port. /moved/... redirects, /forbidden/... is 403. Logs one line a
request to LOG.
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys

root, cert, key, log, login = sys.argv[1:]
expected = "Basic " + base64.b64encode(login.encode()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def handle_request(self):
        body = self.body()
        path, _, query = self.path.partition("?")
        with open(log, "a", encoding="ascii") as f:
            f.write(f"{self.command} {path} {'Authorization' in self.headers}\n")
        if path.startswith("/moved/"):
            return self.reply(302, [("Location", path[6:])])
        if self.headers.get("Authorization") != expected:
            return self.reply(401, [("WWW-Authenticate", 'Basic realm="test"')])
        if path.startswith("/forbidden/"):
            return self.reply(403)
        env = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_USER": "test",
            "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1",
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "HOME": root,
        }
        out = subprocess.run(["git", "http-backend"], input=body, env=env, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
        status = [int(value.split()[0]) for name, value in headers if name == "Status"] or [200]
        return self.reply(status[0], [h for h in headers if h[0] != "Status"], rest)

    do_GET = do_POST = handle_request


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(cert, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
