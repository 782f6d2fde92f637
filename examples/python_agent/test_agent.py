"""Tests the agent with the emulator: `pytest examples/python_agent`.

ACS_COMMAND is the command that starts the emulator, by default `npx @acs/session`.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ACS = shlex.split(os.environ.get("ACS_COMMAND", "npx @acs/session"))
AGENT = Path(__file__).with_name("agent.py")
INSTANCE = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/pytest"


class Emulator:
    def __init__(self, url):
        self.url = url

    def get(self, query):
        with urllib.request.urlopen(f"{self.url}/emulator/{query}", timeout=30) as answer:
            return json.load(answer)

    def post(self, operation, **fields):
        body = json.dumps(fields).encode()
        request = urllib.request.Request(f"{self.url}/emulator/{operation}", body)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{operation}: {error.read().decode()}") from None


@pytest.fixture(scope="session")
def emulator():
    command = [*ACS, "emulate", "--port", "0", "--format", "json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Emulator(json.loads(process.stdout.readline())["url"])
    finally:
        # The whole process group: npx does not forward the signal to the emulator.
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.close()
        process.wait()


@pytest.fixture
def agent(emulator):
    last = emulator.get("state")["lastEntry"]
    env = {
        **os.environ,
        "AWS_ENDPOINT_URL_ECS": emulator.url,
        "AWS_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ACS_CONTAINER_INSTANCE_ARN": INSTANCE,
    }
    process = subprocess.Popen([sys.executable, str(AGENT)], env=env)
    try:
        emulator.post("wait-for", event="connected", after=last, within=10_000)
        yield process
        entries = emulator.get(f"transcript?after={last}")["entries"]
        assert [entry for entry in entries if entry["event"] == "problem"] == []
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_acknowledges_a_task(emulator, agent):
    message = emulator.post("run-task", task={"family": "web"})
    emulator.post("expect-ack", messageId=message["messageId"], within=5_000)


def test_reconnects_after_a_reset(emulator, agent):
    last = emulator.get("state")["lastEntry"]
    emulator.post("inject-fault", fault={"at": "connection", "action": "reset"})
    emulator.post("wait-for", event="connected", after=last, within=10_000)
