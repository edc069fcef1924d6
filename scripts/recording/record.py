#!/usr/bin/env python3
"""Records terminal sessions as asciinema casts (version 2). scripts/record calls it.

    scripts/recording/record.py --bin target/debug/kopsform --out docs/media [sync|validate|roll …]

Commands run for real, on a terminal of a fixed size, in a directory with a fixed name. What they print is kept; the times of a cast are
made up, so that a session does not change with the speed of the machine.
"""
import argparse, fcntl, json, os, pathlib, pty, re, shutil, struct, subprocess, sys, termios

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEMO = pathlib.Path("/tmp/kopsform-demo")
COLUMNS, ROWS = 110, 40
PROMPT = "\x1b[32m$\x1b[0m "
TYPING, READING, ANSWER = 0.06, 2.0, 0.3


class Cast:
    """What appears on the terminal, and when."""

    def __init__(self):
        self.now, self.events = 0.5, []

    def show(self, text):
        self.events.append([round(self.now, 3), "o", text.replace("\r\n", "\n").replace("\n", "\r\n")])

    def type(self, command):
        self.show(PROMPT)
        # Typed words appear at once: a frame for each character would make the picture ten times as large.
        for word in re.findall(r"\S+\s*", command):
            self.now += TYPING * len(word)
            self.show(word)
        self.now += ANSWER
        self.show("\n")

    def answer(self, text):
        self.now += ANSWER
        self.show(text)
        self.now += READING

    def write(self, path, title):
        self.show(PROMPT)
        # Without a time stamp: the same session gives the same bytes.
        header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": title, "env": {"TERM": "xterm-256color"}}
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [header, *self.events]))


class Session:
    """Commands in the demo directory."""

    def __init__(self, program):
        self.cast = Cast()
        bin_directory = DEMO / "bin"
        bin_directory.mkdir(parents=True)
        (bin_directory / "kopsform").symlink_to(program)
        self.directory = DEMO / "project"
        self.environment = {
            "PATH": f"{bin_directory}:/usr/bin:/bin", "HOME": str(DEMO / "home"), "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "COLUMNS": str(COLUMNS), "LINES": str(ROWS), "USER": "jane", "HOSTNAME": "demo", "TZ": "UTC",
        }

    def run(self, command, expected=0):
        self.cast.type(command)
        text, code = self.on_terminal(command)
        if code != expected:
            sys.exit(f"{command} ended with {code} instead of {expected}:\n{text}")
        self.cast.answer(text)

    def on_terminal(self, command):
        """The output of a command that runs on a terminal, and its exit code."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = subprocess.Popen(["bash", "-c", command], cwd=self.directory, env=self.environment, stdin=theirs, stdout=theirs,
                                   stderr=theirs, start_new_session=True)
        os.close(theirs)
        chunks = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # The other side is closed.
                break
            if not chunk:
                break
            chunks.append(chunk)
        os.close(ours)
        return b"".join(chunks).decode(), process.wait()


def sync(session):
    """From outputs and a template to Terraform, a change, and what it would do."""
    shutil.copytree(ROOT / "tests/project", session.directory)
    template = session.directory / "cluster.yml"
    session.run("kopsform sync --offline")
    content = template.read_text()
    changed = re.sub(r"(?ms)(name: nodes\b.*?maxSize: )\d+", r"\g<1>9", content, count=1)
    if changed == content:
        sys.exit("tests/project/cluster.yml has no maxSize of the nodes to change")
    template.write_text(changed)
    session.cast.type("$EDITOR cluster.yml  # maxSize of the nodes: 9")
    session.cast.now += READING
    session.run("kopsform diff --offline", expected=2)
    session.run("kopsform sync --offline")
    return "From a template to Terraform"


def validate(session):
    """All errors of a spec in one run."""
    session.directory.mkdir()
    shutil.copy(ROOT / "scripts/recording/cluster.yaml", session.directory)
    session.run("kopsform validate spec -f cluster.yaml", expected=1)
    return "All errors of a spec in one run"


def roll(session):
    """A rolling update of a simulated cluster."""
    sys.path.insert(0, str(ROOT / "scripts/recording"))
    import simulation
    with simulation.Simulated(session.directory, session.environment) as simulated:
        for command in simulated.commands:
            session.cast.type(command)
            # Without a terminal, progress is lines with times.
            output = simulated.run(command)
            began = session.cast.now
            for line in output.splitlines(keepends=True):
                if elapsed := re.match(r"(\d+):(\d+):(\d+) ", line):
                    hours, minutes, seconds = map(int, elapsed.groups())
                    session.cast.now = max(session.cast.now + 0.15, began + (hours * 60 + minutes) * 60 + seconds)
                session.cast.show(line)
            session.cast.now += READING
    return "A rolling update"


SESSIONS = {"sync": sync, "validate": validate, "roll": roll}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("sessions", nargs="*", choices=[[], *SESSIONS], default=[])
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.sessions or SESSIONS:
        try:
            DEMO.mkdir()
        except FileExistsError:
            sys.exit(f"{DEMO} exists: another recording is running, or one was interrupted and it can be removed")
        try:
            session = Session(arguments.bin.resolve())
            title = SESSIONS[name](session)
            session.cast.write(arguments.out / f"{name}.cast", title)
            print(f"{name}: {session.cast.now:.0f} s, {len(session.cast.events)} events")
        finally:
            shutil.rmtree(DEMO)


if __name__ == "__main__":
    main()
