"""An admission webhook for evictions that denies a number of them with a chosen status code."""

import base64
import http.server
import json
import ssl
import threading
from pathlib import Path

TEXT = "a backup is running, try again later"


class Webhook:
    def __init__(self, code: int, times: int, chain: Path):
        self.code, self.left, self.asked = code, times, 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(webhook):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                webhook.asked += 1
                answer = {"uid": review["request"]["uid"], "allowed": webhook.left <= 0}
                if webhook.left > 0:
                    webhook.left -= 1
                    answer["status"] = {"code": webhook.code, "message": TEXT}
                body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": answer}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        return Handler

    def register(self, plane, authority: str, kind: str, port: int | None = None):
        """Registers it as `validating` or `mutating`; another port is one where nothing answers."""
        name = kind.capitalize() + "WebhookConfiguration"
        plane.call("POST", f"/apis/admissionregistration.k8s.io/v1/{name.lower()}s", {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": name, "metadata": {"name": "guard"},
            "webhooks": [{
                "name": "guard.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 5,
                "failurePolicy": "Fail", "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                                    "resources": ["pods/eviction"]}],
                "clientConfig": {"url": f"https://127.0.0.1:{port or self.server.server_port}/",
                                 "caBundle": base64.b64encode(authority.encode()).decode()},
            }],
        })  # fmt: skip
