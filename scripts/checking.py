"""What the checks of this folder share: a line a check, waiting, asking, programs that end with the check. Python 3.11,
standard library only."""
import http.client
import importlib.machinery
import importlib.util
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

# How long to wait for a part to start, and for Postfix to empty its queue (seconds).
PATIENCE = 30
failed = False


def check(what, problem=None, said=""):
    """One line for one check; a problem is why it failed."""
    global failed
    if problem:
        failed = True
        print(f"FAIL  {what}: {problem}", flush=True)
    else:
        print(f"ok    {what}{f' ({said})' if said else ''}", flush=True)


def neighbour(name):
    """Another script of this folder, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(Path(__file__).resolve().parent / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"gave up after {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(url, method="GET", body=None, headers=None):
    """One request without following redirects: status, headers, text."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


class Background:
    """Programs that end with this one."""

    def __init__(self):
        self.running = []

    def start(self, command, env=None, log=subprocess.DEVNULL):
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.running.append(process)
        return process

    def stand_in(self, *command):
        """Starts one that prints its address; returns the address."""
        line = self.start([sys.executable, *map(str, command)]).stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        return found[0] if found else sys.exit(f"{command[0]} did not start: {line!r}")

    def stop(self, process):
        self.running.remove(process)
        process.terminate()
        return process.wait(timeout=PATIENCE)

    def stop_all(self):
        for process in list(self.running):
            self.stop(process)
