#!/usr/bin/env python3
"""Writes crates/spec/src/kubernetes/table.txt: what the components of each Kubernetes minor take.

    scripts/kubernetes-table/generate.py WORK

The components of the oldest and the newest release that this project runs are compiled from the Go module proxy and print
their flags, feature gates, admission plugins and APIs (go/). All other releases are read (sources.py): those in between
for when a name came, went or was locked, older ones for when it was removed. Where reading is not enough, this is reported, and
the release in question goes into RUN as well.

WORK keeps what was found of each release; delete a file there to have its release looked at again. Compiling takes ten
minutes of one core a release, and WORK grows to 15 GB, most of it caches of Go that can go afterwards.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sources

HERE = Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "crates/spec/src/kubernetes/table.txt"

# Newest patch releases: a gate that a patch release brought must not be refused.
VERSIONS = {
    4: "1.4.12", 5: "1.5.8", 6: "1.6.13", 7: "1.7.0", 8: "1.8.15", 9: "1.9.11", 10: "1.10.13", 11: "1.11.10",
    12: "1.12.10", 13: "1.13.12", 14: "1.14.10", 15: "1.15.12", 16: "1.16.15", 17: "1.17.17", 18: "1.18.20",
    19: "1.19.16", 20: "1.20.15", 21: "1.21.14", 22: "1.22.17", 23: "1.23.17", 24: "1.24.17", 25: "1.25.16",
    26: "1.26.15", 27: "1.27.16", 28: "1.28.15", 29: "1.29.15", 30: "1.30.14", 31: "1.31.14", 32: "1.32.13",
    33: "1.33.12", 34: "1.34.8", 35: "1.35.5", 36: "1.36.2",
}  # fmt: skip
# Those whose components are run: the oldest and newest that crates/spec/src/versions.rs supports, at least.
RUN = [31, 36]
# Modules of Kubernetes that have flags or gates, and the patch releases that are not published under the usual number.
MODULES = ["apiserver", "apiextensions-apiserver", "client-go", "component-base", "controller-manager", "cloud-provider", "kube-aggregator"]
OTHER_PATCH = {"1.18.20": "0.18.19"}

LETTERS = {"kube-apiserver": "a", "kube-controller-manager": "m", "kube-scheduler": "s", "kubelet": "k", "kube-proxy": "p"}
OLDEST, NEWEST = min(RUN), max(RUN)
# A name of a component: (kind, name, component).
Key = tuple[str, str, str]


def go(*arguments: str, cwd: Path, **options) -> str:
    return subprocess.run(["go", *arguments], cwd=cwd, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def download(module: str, version: str, cwd: Path) -> Path:
    return Path(json.loads(go("mod", "download", "-json", f"{module}@v{version}", cwd=cwd))["Dir"])


def published(module: str, version: str, work: Path) -> str | None:
    """The version itself, else the newest patch release of its minor that the module proxy has."""
    minor = version.rsplit(".", 1)[0]
    try:
        download(f"k8s.io/{module}", version, work)
        return version
    except subprocess.CalledProcessError:
        pass
    try:
        listed = go("list", "-m", "-versions", f"k8s.io/{module}", cwd=work).split()[1:]
        newest = [v[1:] for v in listed if re.fullmatch(rf"v{re.escape(minor)}\.\d+", v)][-1]
        download(f"k8s.io/{module}", newest, work)
        return newest
    except (subprocess.CalledProcessError, IndexError):
        return None


def run(version: str, work: Path) -> dict:
    """Compiles the components of a release and returns the document of each."""
    build = work / f"build-{version}"
    shutil.rmtree(build, ignore_errors=True)
    shutil.copytree(HERE / "go", build)
    kubernetes = download("k8s.io/kubernetes", version, work)
    requirements = (kubernetes / "go.mod").read_text()
    lines = ["module table", re.search(r"^go .*", requirements, re.M)[0], f"require k8s.io/kubernetes v{version}"]
    # Inside its repository, Kubernetes takes its other modules from a directory; they are published as v0 of the same number.
    for module in re.findall(r"^\s*(?:replace )?k8s\.io/(\S+) => \./staging", requirements, re.M):
        if patch := published(module, f"0{version[1:]}", work):
            lines.append(f"replace k8s.io/{module} => k8s.io/{module} v{patch}")
    (build / "go.mod").write_text("\n\n".join(lines) + "\n")
    shutil.copy(kubernetes / "go.sum", build / "go.sum")
    env = os.environ | {"GOFLAGS": "-mod=mod", "CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": "amd64"}
    (build / "out").mkdir()
    go("build", "-ldflags=-s -w", "-o", "out/", *(f"./{name}" for name in LETTERS), cwd=build, env=env)
    found = {name: json.loads(subprocess.check_output([build / "out" / name], text=True)) for name in LETTERS}
    shutil.rmtree(build)
    return found


def read(minor: int, version: str, work: Path) -> dict:
    """Reads the names of a release out of its sources."""
    kubernetes, modules = download("k8s.io/kubernetes", version, work), {}
    requirements = (kubernetes / "go.mod").read_text() if (kubernetes / "go.mod").exists() else ""
    for module in MODULES:
        staging = kubernetes / "staging/src/k8s.io" / module
        if staging.exists():
            modules[module] = staging
        elif f"k8s.io/{module} " in requirements:
            if patch := published(module, OTHER_PATCH.get(version, f"0{version[1:]}"), work):
                modules[module] = download(f"k8s.io/{module}", patch, work)
            else:
                print(f"k8s.io/{module} is not published for {version}: left out", file=sys.stderr)
    found = sources.names(sources.Sources(kubernetes, modules), minor)
    return {kind: names if isinstance(names, dict) else sorted(names) for kind, names in found.items()}


def cached(path: Path, make) -> dict:
    if not path.exists():
        print(f"{path.name} …", file=sys.stderr)
        found = make()
        path.write_text(json.dumps(found, indent=1, sort_keys=True))
    return json.loads(path.read_text())


def ran(document: dict) -> dict[Key, str]:
    """The names of a release that was run, with the value a gate is locked to."""
    found = {}
    for component, lists in document.items():
        for name, locked in lists["gates"].items():
            found["gate", name, component] = locked_to(locked)
        for kind, key in [("flag", "flags"), ("plugin", "plugins"), ("api", "apis")]:
            for name in lists[key] or []:
                # Components take flags with either sign.
                found[kind, name.replace("_", "-") if kind == "flag" else name, component] = ""
    return found


def was_read(document: dict) -> dict[Key, str]:
    """The same of a release that was read. Gates and flags may be those of another component."""
    found = {}
    for kind, names in document.items():
        what, _, component = kind.partition(" ")
        components = [component] if component else LETTERS if what == "gate" else ["kube-apiserver"]
        for name in names:
            found |= {(what, name, each): locked_to(names[name]) if what == "gate" else "" for each in components}
    return found


def locked_to(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def merge(runs: dict[int, dict[Key, str]], reads: dict[int, dict[Key, str]]) -> dict[Key, dict[int, str]]:
    """The releases from the oldest to the newest in full, by name."""
    check_gates(runs, reads)
    merged: dict[Key, dict[int, str]] = {}
    unclear = []
    for key in sorted(set().union(*runs.values(), *(reads[m] for m in reads if OLDEST <= m))):
        if not any(key in run for run in runs.values()) and any(key in reads[m] for m in runs):
            continue  # seen where the component does not have it: another component's
        if key[0] == "gate" and not any(key in run for run in runs.values()) and other_components(key, runs):
            continue
        seen_by_reading = all(key in reads[m] for m in runs if key in runs[m])
        for minor in range(OLDEST, NEWEST + 1):
            below, above = max(m for m in runs if m <= minor), min(m for m in runs if m >= minor)
            if minor in runs:
                present = key in runs[minor]
            elif seen_by_reading:
                present = key in reads[minor]
            elif (key in runs[below]) == (key in runs[above]):
                present = key in runs[below]
            else:
                unclear.append(f"1.{minor}: {' '.join(key)}")
                continue
            if present:
                lock = runs[minor][key] if minor in runs else reads[minor].get(key, "")
                merged.setdefault(key, {})[minor] = lock
    if unclear:
        raise SystemExit("reading is not enough for these, add their releases to RUN:\n" + "\n".join(unclear))
    return merged


def check_gates(runs: dict[int, dict[Key, str]], reads: dict[int, dict[Key, str]]) -> None:
    """Gates and their locks are read as they are run, or sources.py needs a fix."""
    for minor, run in runs.items():
        known = {(name, lock) for (kind, name, _), lock in run.items() if kind == "gate"}
        seen = {(name, lock) for (kind, name, _), lock in reads[minor].items() if kind == "gate"}
        if known != seen:
            raise SystemExit(f"gates of 1.{minor} that reading and running disagree on: {sorted(known ^ seen)}")


def other_components(key: Key, runs: dict[int, dict[Key, str]]) -> bool:
    """Whether a run component knows the gate, so that the others don't."""
    return any((key[0], key[1], each) in run for run in runs.values() for each in LETTERS)


def fact(minors: dict[int, str]) -> tuple[str, str, str]:
    """When a name came and went, and since when it is locked to what."""
    first, last = min(minors), max(minors)
    if len(minors) != last - first + 1:
        raise SystemExit(f"in 1.{sorted(minors)} and not in between: the table has no form for that")
    added = "-" if first == OLDEST else str(first)
    removed = "-" if last == NEWEST else str(last + 1)
    locked = {minor: value for minor, value in minors.items() if value}
    if not locked:
        return added, removed, "-"
    since = min(locked)
    if len(set(locked.values())) > 1 or len(locked) != last - since + 1:
        raise SystemExit(f"locked and unlocked again ({locked}): the table has no form for that")
    return added, removed, f"{locked[since]}@{since}"


def removed_before(reads: dict[int, dict[Key, str]], merged: dict[Key, dict]) -> dict[Key, tuple[str, str, str]]:
    """Names that went before the oldest release that is run."""
    found = {}
    for minor in sorted(m for m in reads if m < OLDEST):
        for key in set(reads[minor]) - set(reads[OLDEST]) - set(merged):
            found[key] = ("-", str(minor + 1), "-")
    return found


def write(facts: dict[Key, tuple[str, str, str]]) -> None:
    grouped: dict[tuple, str] = {}
    for (kind, name, component), found in facts.items():
        grouped[kind, name, found] = grouped.get((kind, name, found), "") + LETTERS[component]
    order = "".join(LETTERS.values())
    lines = [
        "# What the components of each Kubernetes minor take. Written by scripts/kubernetes-table/generate.py, not by hand.",
        f"# In full for 1.{OLDEST} to 1.{NEWEST}; of 1.{min(VERSIONS)} and later, what was removed.",
        "# kind, name, components, minor that added it (- for all of them), minor that removed it, locked to what since when",
        "# components: " + ", ".join(f"{letter} {name}" for name, letter in LETTERS.items()),
    ]
    for (kind, name, found), letters in sorted(grouped.items(), key=lambda row: (row[0][0], row[0][1].lower(), row)):
        lines.append(" ".join([kind, name, "".join(sorted(letters, key=order.index)), *found]))
    TABLE.write_text("\n".join(lines) + "\n")
    print(f"{TABLE}: {len(lines)} lines, {TABLE.stat().st_size} bytes", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="directory for what is found, downloaded and compiled")
    work = parser.parse_args().work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("GOMODCACHE", str(work / "modules"))
    os.environ.setdefault("GOCACHE", str(work / "cache"))
    reads = {m: was_read(cached(work / f"read-{v}.json", lambda: read(m, v, work))) for m, v in VERSIONS.items()}
    runs = {m: ran(cached(work / f"run-{VERSIONS[m]}.json", lambda: run(VERSIONS[m], work))) for m in RUN}
    merged = merge(runs, reads)
    write({key: fact(minors) for key, minors in merged.items()} | removed_before(reads, merged))


if __name__ == "__main__":
    main()
