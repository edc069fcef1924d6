"""Faults of the simulated AWS: requests that fail, and a client that is killed."""
import io, json, os, random, re, signal, urllib.parse

READS = re.compile(r"^(Describe|Get|List|Head|Lookup|AssumeRole)")
HARNESS = "test-harness"

_kill, _after = None, 0
_percent, _random = 0, None
_lose, _lost = None, set()
_writes = 0


def set_up(wanted):
    global _kill, _after, _percent, _random, _lose, _writes
    _kill, _after = wanted.get("kill"), wanted.get("after", 0)
    _percent, _random = wanted.get("fail", 0), random.Random(wanted.get("seed", 0))
    _lose = re.compile(wanted["lose"]) if "lose" in wanted else None
    _lost.clear()
    _writes = 0


def writes():
    """How many requests that write were carried out since `set_up`."""
    return _writes


class Request:
    """One request, and what happens to it."""

    def __init__(self, environ):
        self.body = []
        self.is_ours = HARNESS in environ.get("HTTP_USER_AGENT", "")
        service = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        self.service = service.group(1) if service else "s3"
        self.writes = self._is_write(environ)
        self.fate = None
        if _percent and not self.is_ours and _random.uniform(0, 100) < _percent:
            self.fate = _random.choice(["throttled", "failed", "lost"])
        if _lose and _lose.fullmatch(self.action) and not self.is_ours and self.content not in _lost:
            _lost.add(self.content)
            self.fate = "lost"

    def _is_write(self, environ):
        method, target = environ["REQUEST_METHOD"], environ.get("HTTP_X_AMZ_TARGET")
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size) if size else b""
        environ["wsgi.input"] = io.BytesIO(body)
        self.content = (method, environ.get("PATH_INFO"), environ.get("QUERY_STRING"), target, body)
        self.action = ""
        if target:
            self.action = target.rsplit(".", 1)[-1]
        elif body.startswith(b"Action=") or b"&Action=" in body:
            self.action = urllib.parse.parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
        return not READS.match(self.action) if self.action else method not in ("GET", "HEAD")

    def before(self, start_response):
        """Answers instead of AWS, if the request does not arrive."""
        if self.fate == "throttled":
            code = {"s3": "SlowDown", "ec2": "RequestLimitExceeded"}.get(self.service, "Throttling")
            return self._answer(start_response, 503, code)
        return self.fate == "failed" and self._answer(start_response, 500, "InternalError")

    def after(self, start_response, status):
        """Kills the client, or answers with an error although the request was carried out."""
        global _writes
        if self.writes and not self.is_ours and status.startswith("2"):
            _writes += 1
            if _kill and _writes == _after:
                os.kill(_kill, signal.SIGKILL)
        return self.fate == "lost" and self._answer(start_response, 500, "InternalError")

    def _answer(self, start_response, status, code):
        message = "made to fail by a test"
        if self.service in ("sqs", "events", "ssm"):
            body, kind = json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.1"
        elif self.service == "ec2":
            body, kind = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>", "text/xml"
        elif self.service == "s3":
            body, kind = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", "application/xml"
        else:
            body, kind = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>", "text/xml"
        start_response(f"{status} Fault", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        self.body = [body.encode()]
        return True


def of(environ):
    return Request(environ)
