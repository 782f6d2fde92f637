"""A minimal ECS agent in Python, with the standard library alone.

It finds ACS, connects, answers heartbeats, and acknowledges tasks and their credentials without
running them. A real agent would use botocore to sign, a WebSocket library, and reconnect forever;
docs/protocol.md describes everything that ACS sends.

Settings: AWS_ENDPOINT_URL_ECS, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN and ACS_CONTAINER_INSTANCE_ARN, as `acs emulate` sets them.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import signal
import socket
import ssl
import struct
import sys
import time
import urllib.parse
import urllib.request

REGION = os.environ.get("AWS_REGION", "us-west-2")
ECS_URL = os.environ.get("AWS_ENDPOINT_URL_ECS", f"https://ecs.{REGION}.amazonaws.com")
INSTANCE = os.environ["ACS_CONTAINER_INSTANCE_ARN"]
CLUSTER = INSTANCE.split("/")[1] if INSTANCE.count("/") == 2 else "default"


def sign(method, host, path, query, headers, body):
    """Adds the headers of Signature Version 4, for the service `ecs`."""
    key_id, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    signed = {name: headers[name] for name in headers if name.startswith("x-amz-")}
    signed |= {"host": host, "x-amz-date": stamp}
    if os.environ.get("AWS_SESSION_TOKEN"):
        signed["x-amz-security-token"] = os.environ["AWS_SESSION_TOKEN"]
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    digest = hashlib.sha256(body).hexdigest()
    canonical = "\n".join([method, path, query, lines, names, digest])
    scope = f"{day}/{REGION}/ecs/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key = b"AWS4" + secret.encode()
    for part in (day, REGION, "ecs", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, **signed, "authorization": f"AWS4-HMAC-SHA256 {credential}"}


def discover():
    """Asks ECS for the endpoint of ACS."""
    url = urllib.parse.urlsplit(ECS_URL)
    body = json.dumps({"containerInstance": INSTANCE, "cluster": CLUSTER, "zoneId": ""}).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
    }
    headers = sign("POST", url.netloc, "/", "", headers, body)
    request = urllib.request.Request(f"{url.scheme}://{url.netloc}/", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["endpoint"]


class Connection:
    """A WebSocket to ACS: text frames in, text frames out."""

    def __init__(self, endpoint):
        url = urllib.parse.urlsplit(endpoint)
        path = url.path.rstrip("/") + "/ws"
        query = urllib.parse.urlencode(
            {
                "agentHash": "unknown",
                "agentVersion": "1.0.0",
                "clusterArn": CLUSTER,
                "containerInstanceArn": INSTANCE,
                "protocolVersion": "2",
                "sendCredentials": "true",
                "seqNum": "1",
            },
            quote_via=urllib.parse.quote,
            safe="",
        )
        port = url.port or (443 if url.scheme == "https" else 80)
        self.socket = socket.create_connection((url.hostname, port), timeout=120)
        if url.scheme == "https":
            context = ssl.create_default_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=url.hostname)
        headers = {
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-version": "13",
            "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        }
        headers = sign("GET", url.netloc, path, query, headers, b"")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET {path}?{query} HTTP/1.1\r\n{head}\r\n".encode())
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline().decode()
        while self.stream.readline().strip():
            pass
        if " 101 " not in status:
            raise ConnectionError(f"refused: {status.strip()} {self.stream.read1(4096).decode()}")

    def send(self, text, opcode=1):
        data, mask = text if isinstance(text, bytes) else text.encode(), os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 128 | opcode, 128 | size)
        else:
            head = struct.pack("!BBH", 128 | opcode, 128 | 126, size)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def messages(self):
        """Yields the text of each message until the connection ends."""
        parts = []
        while len(head := self.stream.read(2)) == 2:
            opcode, size = head[0] & 15, head[1] & 127
            if size == 126:
                (size,) = struct.unpack("!H", self.stream.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.stream.read(8))
            if size > 1 << 20:
                raise ConnectionError(f"a frame of {size} bytes")
            data = self.stream.read(size)
            if opcode == 8:
                self.send(data, 8)
                return
            if opcode == 9:
                self.send(data, 10)
            if opcode in (0, 1, 2):
                parts.append(data)
                if head[0] & 128:
                    yield b"".join(parts).decode()
                    parts = []


def answers(kind, message):
    """The answers to a message, each a type and its fields."""
    message_id = message.get("messageId")
    if kind == "HeartbeatMessage":
        yield "HeartbeatAckRequest", {"messageId": message_id}
    elif kind == "IAMRoleCredentialsMessage":
        yield credentials_ack(message_id, message["roleCredentials"])
    elif kind in (
        "PayloadMessage",
        "TaskManifestMessage",
        "ConfirmAttachmentMessage",
        "AttachTaskNetworkInterfacesMessage",
        "AttachInstanceNetworkInterfacesMessage",
    ):
        yield "AckRequest", {
            "cluster": message["clusterArn"],
            "containerInstance": message["containerInstanceArn"],
            "messageId": message_id,
        }
        if kind == "PayloadMessage":
            for task in message.get("tasks") or []:
                print(task.get("desiredStatus"), task.get("arn"), flush=True)
                for field in ("roleCredentials", "executionRoleCredentials"):
                    if task.get(field):
                        yield credentials_ack(message_id, task[field])


def credentials_ack(message_id, credentials):
    return "IAMRoleCredentialsAckRequest", {
        "messageId": message_id,
        "expiration": credentials.get("expiration"),
        "credentialsId": credentials["credentialsId"],
    }


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    delay = 0.25
    while True:
        try:
            connection = Connection(discover())
            print("connected", flush=True)
            delay = 0.25
            for text in connection.messages():
                frame = json.loads(text)
                for kind, message in answers(frame.get("type"), frame.get("message") or {}):
                    connection.send(json.dumps({"type": kind, "message": message}))
            print("disconnected", flush=True)
        except (OSError, ValueError) as error:  # ValueError: not JSON
            print(error, file=sys.stderr, flush=True)
        time.sleep(delay)
        delay = min(1.5 * delay, 120)


main()
