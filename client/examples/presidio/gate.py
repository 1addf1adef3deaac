"""An external gate of the airlock in Python: Presidio's recognisers of patterns look for
personal data in text files (https://microsoft.github.io/presidio/).

It takes the events of an Event Grid subscription of the topic "gates", reads the task by
the airlock's API, downloads the files, makes sure of their bytes, and puts a verdict. What
it finds is for reviewers to acknowledge. A verdict names entities, lines and counts; never
what was found.

    AIRLOCK_URL=https://airlock.example.org/api AIRLOCK_SCOPE=api://... python gate.py 8080

The token is that of a managed identity, or AIRLOCK_TOKEN for a try. No model of a language
is loaded, so names of people are not found: that is for an engine with one.
"""

import hashlib
import json
import logging
import os
import queue
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import tldextract
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    NhsRecognizer,
)

VERSION = "2.2.366"
MOST = 100  # tasks that wait; the airlock asks again for what was not taken
MAX_DELIVERY = 1 << 20  # of Event Grid
LOOKED_AT = 2 << 20  # bytes of a file that the recognisers read
SURE = 0.5  # the least score of a finding
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GATE = re.compile(r"[a-z][a-z0-9-]{1,30}")
log = logging.getLogger("gate")

# The list of domains comes with the package: a gate has no reason to call anybody else.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
RECOGNIZERS = [EmailRecognizer(), CreditCardRecognizer(), IbanRecognizer(), IpRecognizer(), NhsRecognizer()]


class Again(Exception):
    """Something that may go well next time."""


class Stop(Exception):
    """The airlock understood and does not want it, or there is nothing to do."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to a place that nobody chose."""

    def redirect_request(self, *_):
        return None


http = urllib.request.build_opener(NoRedirect)


def token():
    """Returns a bearer token for the airlock's core API."""
    if "AIRLOCK_TOKEN" in os.environ:
        return os.environ["AIRLOCK_TOKEN"]
    query = urllib.parse.urlencode({"api-version": "2019-08-01", "resource": os.environ["AIRLOCK_SCOPE"]})
    asked = urllib.request.Request(os.environ["IDENTITY_ENDPOINT"] + "?" + query, headers={"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]})
    with http.open(asked, timeout=30) as answer:
        return json.load(answer)["access_token"]


def call(method, path, body=None):
    """Calls the API at the address that the gate was given, never at one of an event."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + token(), "Content-Type": "application/json"}
    asked = urllib.request.Request(os.environ["AIRLOCK_URL"] + path, data=data, method=method, headers=headers)
    try:
        with http.open(asked, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as e:
        code = ""
        try:
            code = json.load(e).get("code", "")
        except ValueError:
            pass
        kind = Again if e.code in (409, 429) or e.code >= 500 else Stop
        raise kind(f"{method} answers {e.code} {code}") from None
    except OSError as e:
        raise Again(f"the API cannot be reached: {type(e).__name__}") from None


def fetch(container, file):
    """Returns the beginning of a file, whose bytes are those of the task."""
    base, _, signature = container.partition("?")
    address = base + "/" + urllib.parse.quote(file["name"]) + "?" + signature
    whole, size, head = hashlib.sha256(), 0, b""
    try:
        with http.open(address, timeout=60) as answer:
            while block := answer.read(1 << 20):
                whole.update(block)
                size += len(block)
                head += block[: max(0, LOOKED_AT - len(head))]
    except OSError as e:  # an expired link, too: the next try has a new one
        raise Again(f"storage: {getattr(e, 'code', type(e).__name__)}") from None
    if size != file.get("size", 0) or file.get("sha256") and whole.hexdigest() != file["sha256"]:
        raise Again("storage has other bytes than the task")
    return head


def look(file, head):
    """Returns what the recognisers find in a file, without any of its text."""
    text, found = head.decode("utf-8", "replace"), {}
    for recognizer in RECOGNIZERS:
        for hit in recognizer.analyze(text, recognizer.supported_entities, None):
            if hit.score >= SURE:
                found.setdefault(hit.entity_type, []).append(hit.start)
    findings = [
        {"rule": "presidio." + entity.lower(), "severity": "medium", "file": file["name"], "count": len(at), "place": {"line": text.count("\n", 0, min(at)) + 1}}
        for entity, at in sorted(found.items())
    ]
    if file.get("size", 0) > LOOKED_AT:
        findings.append({"rule": "presidio.not_all_read", "severity": "medium", "file": file["name"]})
    return findings


def now():
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def attempt(path):
    """Judges a task once."""
    task, started = call("GET", path), now()
    if task["status"] != "running":
        raise Stop("the gate is " + task["status"])
    if datetime.fromisoformat(task["deadline"]) <= datetime.now(timezone.utc):
        raise Stop("its deadline is over")
    container, findings = call("POST", path + "/link", {})["containerUrl"], []
    for file in task["files"]:
        findings += look(file, fetch(container, file))
    call("PUT", path + "/verdict", {
        "contentDigest": task["contentDigest"], "outcome": "findings" if findings else "passed",
        "engine": {"name": "presidio", "version": VERSION, "rules": "patterns"}, "startedAt": started, "finishedAt": now(),
        "files": task["files"], "findings": findings[:5000],
    })


def work(path):
    """Judges a task until that is done or nobody wants it any more."""
    pause = 1
    while True:
        try:
            return attempt(path)
        except Stop as e:
            return log.info("a task is left alone: %s", e)
        except Again as e:
            log.warning("a task is tried again in %d s: %s", pause, e)
        except Exception:  # of the engine: the airlock asks again, and its deadline is the end
            return log.exception("a task could not be judged")
        time.sleep(pause)
        pause = min(2 * pause, 60)


class Tasks:
    """Tasks that wait, each once."""

    def __init__(self):
        self.waiting, self.queue, self.lock = set(), queue.Queue(MOST), threading.Lock()

    def put(self, path):
        with self.lock:
            if path not in self.waiting:
                self.queue.put_nowait(path)
                self.waiting.add(path)

    def run(self):
        while True:
            path = self.queue.get()
            with self.lock:
                self.waiting.discard(path)
            work(path)


tasks = Tasks()


def path_of(data):
    """Returns the path of the task that an event is about, None for none."""
    said = data if isinstance(data, dict) else {}
    ids = [str(said.get(name)) for name in ("workspace", "request_id", "gate")]
    if all(shape.fullmatch(i) for shape, i in zip((GUID, GUID, GATE), ids)):
        return "/workspaces/{}/requests/{}/gates/{}".format(*ids)
    return None


class Webhook(BaseHTTPRequestHandler):
    """The endpoint of an Event Grid subscription."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= MAX_DELIVERY:
                self.close_connection = True
                return self.answer(413)
            events = json.loads(self.rfile.read(length))
            events = [e for e in events if isinstance(e, dict)]
        except (ValueError, TypeError, RecursionError):
            return self.answer(400)
        if self.headers.get("aeg-event-type") == "SubscriptionValidation" and events:
            data = events[0].get("data")
            code = data.get("validationCode") if isinstance(data, dict) else None
            return self.answer(200, {"validationResponse": code}) if code else self.answer(400)
        for event in events:
            path = path_of(event.get("data")) if event.get("eventType") == "Airlock.GateRequested" else None
            try:
                if path:
                    tasks.put(path)
            except queue.Full:
                return self.answer(503)
        self.answer(200, {})

    def answer(self, status, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    for _ in range(2):
        threading.Thread(target=tasks.run, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook).serve_forever()


if __name__ == "__main__":
    main()
