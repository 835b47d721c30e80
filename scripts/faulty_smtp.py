"""Mail servers that fail when told to: aiosmtpd (PyPI), and Postfix's smtp-sink. Python 3.11.

Both keep what they took: for each mail the recipient and the Message-ID."""
import asyncio
import collections
import logging
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple, Optional

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from mail_rig import free_port, tool, until

# What it would say of every connection that breaks on purpose.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.I | re.M)
# What stands for the usual answer, in Fault.say.
USUAL = ""


class Fault(NamedTuple):
    """What happens at a stage: `connect`, `ehlo`, `mail`, `rcpt`, `data`, `text` (after 354) or `dot`."""
    at: str
    # The answer; None closes the connection without one. `{to}` is the recipient.
    say: Optional[str] = None
    # Seconds before it.
    after: float = 0.0
    # At the dot: the mail is taken before all this.
    takes: bool = False


class Session(SMTP):
    """One connection. Mails are told apart by their return path, which holds the delivery's number (VERP)."""

    def __init__(self, server, handler, **options):
        self.of, self.delivery, self.to = server, None, ""
        super().__init__(handler, **options)

    async def goes_on(self, at):
        """Whether the usual answer is to be given; a fault that strikes here is over then, or has ended the connection."""
        fault = self.of.striking(at, self.delivery)
        if not fault:
            return True
        await asyncio.sleep(fault.after)
        if fault.say == USUAL:
            return True
        await self.answer(fault)
        return False

    async def answer(self, fault):
        if fault.say is not None:
            await self.push(fault.say.replace("{to}", self.to))
        if fault.say is None or fault.say.startswith("421"):
            # Ends the conversation; what was said is written before the connection closes.
            raise asyncio.CancelledError

    async def _handle_client(self):
        try:
            if not await self.goes_on("connect"):
                # After a refusal RFC 5321 has the server wait for QUIT.
                await self._reader.readline()
                raise asyncio.CancelledError
        except asyncio.CancelledError:
            self._writer.close()
            raise
        await super()._handle_client()

    async def smtp_EHLO(self, name):
        if await self.goes_on("ehlo"):
            await super().smtp_EHLO(name)

    async def smtp_MAIL(self, said):
        found = re.search(r"\+(\d+)-", said or "")
        self.delivery = int(found[1]) if found else None
        self.of.tried[self.delivery] += 1
        if await self.goes_on("mail"):
            await super().smtp_MAIL(said)

    async def smtp_RCPT(self, said):
        self.to = (said or "<>").split("<")[-1].split(">")[0]
        if await self.goes_on("rcpt"):
            await super().smtp_RCPT(said)

    async def smtp_DATA(self, said):
        if not await self.goes_on("data"):
            return
        if self.of.striking("text", self.delivery):
            await self.push("354 go ahead")
            raise asyncio.CancelledError
        await super().smtp_DATA(said)


class Faulty(Controller):
    """A server in this process. `fault` strikes the deliveries in `affected`, all while that is None."""

    def __init__(self, pipelining=False):
        self.fault, self.affected, self.pipelining = None, None, pipelining
        self.taken, self.tried, self.struck = [], collections.Counter(), 0
        super().__init__(self, hostname="127.0.0.1", port=free_port())
        self.start()

    def factory(self):
        # Longer than Loa waits for any answer: who gives up first is Loa.
        return Session(self, self.handler, hostname="faulty", loop=self.loop, timeout=1200)

    def striking(self, at, delivery):
        fault = self.fault
        strikes = fault and fault.at == at and (delivery is None or self.affected is None or delivery in self.affected)
        self.struck += bool(strikes)
        return fault if strikes else None

    async def handle_EHLO(self, server, session, envelope, name, answers):
        session.host_name = name
        return [*answers[:-1], *(["250-PIPELINING"] if self.pipelining else []), answers[-1]]

    async def handle_DATA(self, server, session, envelope):
        fault = self.striking("dot", server.delivery)
        if not fault or fault.takes or fault.say == USUAL:
            found = MESSAGE_ID.search(envelope.original_content)
            self.taken.append((envelope.rcpt_tos[0], found[1].decode()))
        if not fault:
            return "250 2.0.0 Ok: taken"
        await asyncio.sleep(fault.after)
        if fault.say is None or fault.say.startswith("421"):
            await server.answer(fault)
        return fault.say.replace("{to}", server.to) or "250 2.0.0 Ok: taken"

    def mails(self):
        return list(self.taken)

    def heal(self):
        self.fault = None


class SmtpSink:
    """smtp-sink with these options; it keeps each mail as a file."""

    def __init__(self, folder, options):
        self.port, self.folder = free_port(), Path(folder) / "sink"
        self.folder.mkdir()
        # It does not run as root, which made the folder.
        self.folder.chmod(0o777)
        self.refuses_whole = options[-1] == "." and options[0] != "-q"
        self._start(options)

    def _start(self, options):
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([tool("smtp-sink"), *account, "-d", f"{self.folder}/m.", *options, f"127.0.0.1:{self.port}", "100"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0, f"smtp-sink {options}")

    def mails(self):
        """Those that came whole: whoever was cut off before the dot has left a file too."""
        found = []
        for file in sorted(self.folder.iterdir()):
            raw = file.read_bytes()
            to, mark = re.search(rb"^X-Rcpt-Args: <([^>]*)>", raw, re.M), MESSAGE_ID.search(raw)
            if to and mark and raw.rstrip().endswith(b"--"):
                found.append((to[1].decode(), mark[1].decode()))
        return found

    def heal(self):
        self.stop()
        if self.refuses_whole:
            # It has written down what it then refused.
            for file in self.folder.iterdir():
                file.unlink()
        self._start([])

    def stop(self):
        self.process.kill()
        self.process.wait()
