"""What the scripts about sending share: a database with people to be told something, the real program with a relay, and a
mail server that remembers what it took. Python 3.11, standard library only."""
import datetime
import glob
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAST = "'2026-01-01T00:00:00+00:00'"
# How long to wait for what takes moments (seconds).
PATIENCE = 60

LEAD = ("Sáng nay, Ủy ban nhân dân tỉnh họp phiên thường kỳ để nghe báo cáo về tình hình thực hiện nhiệm vụ phát triển kinh tế, "
        "xã hội, bảo đảm quốc phòng, an ninh trong tháng và bàn các giải pháp trọng tâm của thời gian tới trên địa bàn toàn tỉnh. ")


def now():
    """This moment as the databases read it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what, patience=PATIENCE, pause=0.02):
    end = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"gave up after {patience} s: {what}")
        time.sleep(pause)


def program(given):
    """The binary to try: the one given, or a built one."""
    built = [ROOT / "target" / profile / "loa" for profile in ("release", "debug")]
    binary = given or next((str(path) for path in built if path.exists()), None)
    if not binary or not shutil.which(binary):
        sys.exit("no loa binary; build one with: cargo build")
    return os.path.abspath(binary)


def tool(name):
    """One of Postfix's programs, which Debian keeps out of the path of people who are not root."""
    return shutil.which(name) or shutil.which(f"/usr/sbin/{name}") or sys.exit(f"no {name}; install postfix")


class Cluster:
    """A PostgreSQL server of its own, which flushes as PostgreSQL does by default; on a Unix socket."""

    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        self.bin = found[-1] if found else os.path.dirname(shutil.which("initdb") or sys.exit("no PostgreSQL"))
        self.folder = tempfile.mkdtemp(prefix="loa-pg-")
        self.become = []
        if os.geteuid() == 0:
            self.become = ["runuser", "-u", "postgres", "--"]
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._do("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self._do("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-s",
                 "-o", f"-k {self.folder} -c listen_addresses= -c shared_buffers=64MB", "start")
        self.count = 0

    def _do(self, name, *arguments):
        subprocess.run([*self.become, f"{self.bin}/{name}", *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def fresh(self):
        self.count += 1
        subprocess.run(["psql", "-q", "-h", self.folder, "-U", "postgres", "-c", f"CREATE DATABASE loa_{self.count}"], check=True)
        return f"postgres://postgres@localhost/loa_{self.count}?host={self.folder}"

    def stop(self):
        self._do("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Copies:
    """Databases that begin alike, one a trial: `first` is filled, and copied while nobody uses it. SQLite files in a folder; or
    databases on a server of its own ("own"), or on the one of a URL, whose database has to be empty."""

    def __init__(self, folder, postgres=None):
        self.folder, self.made = Path(folder), []
        self.cluster = Cluster() if postgres == "own" else None
        self.first = self.cluster.fresh() if self.cluster else postgres or f"sqlite:{folder}/first.db"

    def copy(self, name):
        if self.first.startswith("sqlite:"):
            shutil.copy(self.first.removeprefix("sqlite:"), self.folder / f"{name}.db")
            return f"sqlite:{self.folder}/{name}.db"
        self._on_server(f"CREATE DATABASE {name} TEMPLATE {self._parts().path[1:]}")
        self.made.append(name)
        return self._parts()._replace(path=f"/{name}").geturl()

    def _parts(self):
        return urllib.parse.urlsplit(self.first)

    def _on_server(self, sql):
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self._parts()._replace(path="/postgres").geturl(), "-c", sql], check=True)

    def stop(self):
        if self.cluster:
            return self.cluster.stop()
        for name in self.made:
            self._on_server(f"DROP DATABASE {name} WITH (FORCE)")


class Database:
    """SQL beside the program, on either database. Statements are written for both."""

    def __init__(self, url):
        self.url = url
        self.file = url.removeprefix("sqlite:") if url.startswith("sqlite:") else None

    def run(self, sql):
        if self.file:
            with sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None) as connection:
                connection.execute(sql)
            connection.close()
        else:
            subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql], check=True)

    def rows(self, sql):
        """Rows of texts; an empty text where the value is null."""
        if self.file:
            connection = sqlite3.connect(self.file, timeout=PATIENCE)
            found = [["" if v is None else str(v) for v in row] for row in connection.execute(sql)]
            connection.close()
            return found
        said = subprocess.run(["psql", "-q", "-A", "-t", "-F", "\t", "-d", self.url, "-c", sql], check=True, capture_output=True, text=True)
        return [line.split("\t") for line in said.stdout.splitlines()]

    def number(self, sql):
        return int(self.rows(sql)[0][0])

    def refresh(self):
        """What the planner knows of tables that were just filled."""
        self.run("ANALYZE")

    def others_are_gone(self):
        """What a killed process had handed to PostgreSQL still happens: waits for the end of its connections."""
        if not self.file:
            others = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND backend_type = 'client backend'"""
            until(lambda: self.number(others) == 0, "PostgreSQL noticed the kill")

    def time_passes(self, where="state IN ('queued', 'sending')"):
        """What waits for a later moment is due, and leases are over: minutes by the system's clock, which no script can turn.
        Of what a running process holds, only with `claim IS NULL`."""
        self.run(f"UPDATE deliveries SET due_at = {PAST} WHERE {where}")

    # What to tell, and whom.

    def people(self, count, name="nguoi", domain="example.vn"):
        """So many confirmed subscribers who watch everything, at once."""
        series = (f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) " if count else "")
        self.run(f"""{series}INSERT INTO subscribers (channel, address, basis, basis_at, created_at, confirmed_at)
            SELECT 'email', '{name}-' || i || '@{domain}', 'test', {PAST}, {PAST}, {PAST} FROM n""")
        self.run(f"""INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
            SELECT p.id, w.id, 'instant', {PAST} FROM subscribers p, watches w
            WHERE w.kind = 'all' AND p.address LIKE '{name}-%@{domain}'""")

    def round(self, number, articles):
        """A polling round that found so many articles, whose fan-out is done."""
        self.run(f"INSERT INTO fanouts (id, opened_at, ready_at, done_at) VALUES ({number}, {PAST}, {PAST}, {PAST})")
        for n in range(articles):
            key = number * 1000 + n
            lead = (LEAD * 2)[:400].replace("'", "''")
            self.run(f"""INSERT INTO articles (id, portal, key, url, title, lead, source, body_html, body_text, images, attachments,
                  content_hash, first_seen_at, updated_at, listed_at)
                VALUES ({key}, 'mau', '{key}', 'http://portal.example/tin/{key}', 'Tỉnh công bố kế hoạch phát triển số {key}', '{lead}',
                  'Cổng TTĐT', '<p>Tin.</p>', 'Tin.', '[]', '[]', '{key}', {PAST}, {PAST}, {PAST})""")
            self.run(f"INSERT INTO article_watches (article_id, watch_id) SELECT {key}, id FROM watches WHERE kind = 'all'")
            self.run(f"INSERT INTO fanout_articles (article_id, fanout_id) VALUES ({key}, {number})")

    def owe(self, number, where="TRUE", due=PAST, limit=None):
        """Everybody (or some) is owed the alert of a round."""
        now = time.strftime("'%Y-%m-%dT%H:%M:%S+00:00'", time.gmtime())
        some = f"ORDER BY id LIMIT {limit}" if limit else ""
        self.run(f"""INSERT INTO deliveries (subscriber_id, channel, kind, priority, fanout_id, state, due_at, created_at)
            SELECT id, channel, 'alert', 1, {number}, 'queued', {due}, {now} FROM subscribers WHERE {where} {some}""")


class Loa:
    """The real program, sending alone unless said otherwise."""

    def __init__(self, binary, folder, database, port, **settings):
        self.binary, self.folder, self.process = binary, Path(folder), None
        self.env = {
            "LOA__DATABASE__URL": database.url, "LOA__PORTALS": "sotttt-hanoi", "LOA__WEB__LISTEN": "127.0.0.1:0",
            "LOA__SMTP__HOST": "127.0.0.1", "LOA__SMTP__PORT": str(port), "LOA__SMTP__TLS": "none",
            "LOA__SMTP__FROM": "Loa <loa@example.vn>", "LOA__SMTP__BOUNCES": "bounces@example.vn",
            "LOA__LOG__LEVEL": "warn", "PATH": os.environ["PATH"],
        }
        self.env |= {f"LOA__{name}": str(value) for name, value in settings.items()}

    def prepare(self):
        """The schema, and the watches that everybody may have."""
        csv = self.folder / "one.csv"
        csv.write_text("channel,address,watch,frequency\nemail,mot@probe.example,all,instant\n")
        said = subprocess.run([self.binary, "subscribers", "import", str(csv), "--basis", "test", "--no-welcome"], env=self.env, cwd=self.folder,
                              capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"loa subscribers import: {said.stderr}")

    def start(self, log=None, roles="send"):
        self.log = open(log or self.folder / "loa.log", "ab")
        self.process = subprocess.Popen([self.binary, "serve", "--only", roles], env=self.env, cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=PATIENCE)
        self.log.close()
        if code:
            sys.exit(f"loa ended with {code}: {(self.folder / 'loa.log').read_text()[-2000:]}")

    def memory_mb(self):
        """The most memory that it had so far."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0


class Sink:
    """A mail server in this process that takes everything and remembers (recipient, Message-ID, moment, size). It thinks for
    `pause` seconds after each dot, or as long as `pause` says of a recipient."""

    def __init__(self, pause=0.0):
        self.taken, self.pause, self.lock = [], pause, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self):
        with self.lock:
            return len(self.taken)

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 rig ESMTP\r\n")
                to = ""
                while line := lines.readline():
                    verb = line[:4].upper()
                    if verb == b"EHLO":
                        connection.sendall(b"250-rig\r\n250-PIPELINING\r\n250-DSN\r\n250 8BITMIME\r\n")
                    elif verb == b"RCPT":
                        to = line.split(b"<")[1].split(b">")[0].decode()
                        connection.sendall(b"250 2.1.5 Ok\r\n")
                    elif verb == b"DATA":
                        connection.sendall(b"354 go ahead\r\n")
                        size, mark = 0, ""
                        while (text := lines.readline()) != b".\r\n":
                            if not text:
                                return
                            size += len(text)
                            if text.lower().startswith(b"message-id:"):
                                mark = text.split(b":", 1)[1].strip().decode()
                        if pause := self.pause(to) if callable(self.pause) else self.pause:
                            time.sleep(pause)
                        with self.lock:
                            self.taken.append((to, mark, time.monotonic(), size))
                        connection.sendall(b"250 2.0.0 Ok: queued\r\n")
                    elif verb == b"QUIT":
                        connection.sendall(b"221 bye\r\n")
                        return
                    else:
                        connection.sendall(b"250 2.0.0 Ok\r\n")
        except OSError:
            return
