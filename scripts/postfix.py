"""A private Postfix for the checks of this folder, as root. Python 3.11, standard library only."""
import os
import pwd
import socket
import subprocess
import sys
import time

# How long to wait for a part to start, and for Postfix to empty its queue (seconds).
PATIENCE = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what):
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"gave up after {PATIENCE} s: {what}")
        time.sleep(0.05)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postfix:
    """A mail server of its own: its own configuration, queue and port; takes mail for `domain` alone and sends none on.

    `names` have Maildirs. `settings` (lines of main.cf) come last and win; `services` are further lines of master.cf.
    """

    def __init__(self, folder, domain, names, settings="", services=()):
        self.folder, self.port = folder, free_port()
        self.config, self.queue, self.mail = folder / "etc", folder / "queue", folder / "mail"
        for made in (self.config, self.queue, self.mail, folder / "data", folder / "log"):
            made.mkdir()
        owner = pwd.getpwnam("nobody")
        os.chown(self.mail, owner.pw_uid, owner.pw_gid)
        postfix = pwd.getpwnam("postfix")
        os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
        (self.config / "boxes").write_text("".join(f"{name}@{domain} {name}/\n" for name in names))
        (self.config / "main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {self.queue}
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = reject_unauth_destination
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
local_transport = error:no local mail
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{self.config}/boxes
virtual_mailbox_base = {self.mail}
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
smtputf8_enable = no
{settings}""")
        own = ["pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
               "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
               "trace unix - - n - 0 bounce", "error unix - - n - - error", "virtual unix - n n - - virtual",
               "anvil unix - - n - 1 anvil", "postlog unix-dgram n - n - 1 postlogd", "proxymap unix - - n - - proxymap"]
        (self.config / "master.cf").write_text(f"127.0.0.1:{self.port} inet n - n - - smtpd\n" + "\n".join([*own, *services]) + "\n")

    def run(self, what, **options):
        return subprocess.run(["postfix", "-c", str(self.config), what], capture_output=True, text=True, **options)

    def start(self):
        done = self.run("start")
        if done.returncode:
            sys.exit(f"Postfix did not start: {done.stderr.strip()}")
        until(lambda: answers(self.port), f"Postfix on port {self.port}")

    def settle(self):
        """Waits until everything accepted is delivered."""
        def is_empty():
            waiting = ("incoming", "active", "deferred", "maildrop")
            return not any(file.is_file() for name in waiting for file in (self.queue / name).rglob("*"))
        until(is_empty, "mail is left in Postfix's queue")

    def box(self, name):
        """A person's mails as bytes, oldest first."""
        folder = self.mail / name / "new"
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns) if folder.exists() else []
        return [file.read_bytes() for file in files]
