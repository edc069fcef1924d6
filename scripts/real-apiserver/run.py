#!/usr/bin/env python3
"""Rolls clusters whose Kubernetes API is a real kube-apiserver, and checks what happened.

    scripts/real-apiserver/build WORK
    scripts/real-apiserver/run.py --binaries WORK/bin --bin target/debug/kopsform [SCENARIO …]

Needs openssl and a Python with the packages of tests/requirements.txt. A scenario takes 15 to 60 seconds. Exit code 1 if one failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cluster import NAME, Cluster, write_store
from scenarios import SCENARIOS, Scenario

FLAGS = ["--node-interval=1s", "--control-plane-interval=1s", "--bastion-interval=1s", "--post-drain-delay=0s",
         "--validate-count=1", "--validation-timeout=60s"]  # fmt: skip


def environment(work: Path, cluster: Cluster | None, token: str | None) -> dict:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "S3_", "KOPS_", "KUBE"))}
    env |= {"HOME": str(work), "KOPS_STATE_STORE": f"file://{work}/store", "AWS_ACCESS_KEY_ID": "test", "USER": "tester",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip
    if cluster:
        env["AWS_ENDPOINT_URL"] = cluster.aws
    if cluster and token:
        access = {"server": cluster.kube, "certificate-authority": str(cluster.plane.work / "ca.pem")}
        (work / "kubeconfig").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": NAME, "clusters": [{"name": NAME, "cluster": access}],
            "users": [{"name": NAME, "user": {"token": token}}], "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
        }))  # fmt: skip
        env["KUBECONFIG"] = str(work / "kubeconfig")
    return env


def perform(scenario: Scenario, binary: Path, binaries: Path, work: Path) -> list[str]:
    """Runs a scenario; returns what is wrong."""
    write_store(work / "store", scenario.groups)
    create = [binary, "create", "keypair", "kubernetes-ca", "--primary", "--name", NAME]
    subprocess.run(create, check=True, env=environment(work, None, None), capture_output=True)
    keyset = work / "store" / NAME / "pki/private/kubernetes-ca/keyset.yaml"
    cluster = Cluster(scenario.groups, [dict(w) for w in scenario.workloads], keyset, binaries, work)
    try:
        time.sleep(1)
        if scenario.before:
            scenario.before(cluster)
        if scenario.during:
            threading.Thread(target=scenario.during, args=(cluster,), daemon=True).start()
        token = cluster.token if scenario.token == "made" else scenario.token
        access = ["--use-kubeconfig"] if token else ["--api-server", cluster.kube]
        command = [binary, "rolling-update", "cluster", "--name", NAME, "--yes", *FLAGS, *access, *scenario.flags]
        began = time.monotonic()
        with open(work / "output", "w+") as output:
            process = subprocess.Popen(command, env=environment(work, cluster, token), stdout=output, stderr=output, text=True)
            try:
                code = process.wait(scenario.seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = None
            output.seek(0)
            text = output.read()
        (work / "events").write_text("".join(json.dumps(event) + "\n" for event in cluster.events))
        return list(faults(scenario, cluster, code, text, time.monotonic() - began))
    finally:
        cluster.stop()


def faults(scenario: Scenario, cluster: Cluster, code: int | None, text: str, seconds: float):
    if code != scenario.exit:
        yield f"exit code {code} after {seconds:.0f} s, expected {scenario.exit}"
    if len(cluster.terminated()) != scenario.replaced:
        yield f"{len(cluster.terminated())} instances terminated, expected {scenario.replaced}"
    for event in cluster.terminated():
        if event["left"]:
            yield f"{event['instance']} terminated with pods {event['left']}"
        if event["node"] and not event["kept"]:
            yield f"{event['instance']} terminated without the pods that a drain keeps: they were evicted"
    yield from (f"not in the output: {part}" for part in scenario.output if part not in text)
    yield from (f"in the output: {part}" for part in scenario.absent if part in text)
    if "panicked" in text:
        yield "panic"
    if cluster.failure:
        yield f"the driver failed: {cluster.failure}"
    if code == 0:
        nodes = cluster.plane.call("GET", "/api/v1/nodes")["items"]
        yield from (f"{n['metadata']['name']} is left cordoned" for n in nodes if n["spec"].get("unschedulable"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"default: all of {', '.join(SCENARIOS)}")
    parser.add_argument("--bin", required=True, type=Path, help="the program")
    parser.add_argument("--binaries", required=True, type=Path, help="directory with etcd and kube-apiserver")
    parser.add_argument("--work", type=Path, help="directory for logs and outputs [default: a temporary one]")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.scenarios if name not in SCENARIOS]:
        parser.error(f"unknown scenarios: {', '.join(unknown)}")
    root = arguments.work or Path(tempfile.mkdtemp(prefix="real-apiserver-"))
    failed = 0
    for name in arguments.scenarios or SCENARIOS:
        began = time.monotonic()
        (root / name).mkdir(parents=True)
        # A process for each, because the simulated AWS is one for a process.
        child = os.fork()
        if child == 0:
            found = perform(SCENARIOS[name], arguments.bin.resolve(), arguments.binaries.resolve(), (root / name).resolve())
            (root / name / "faults").write_text("".join(f"{line}\n" for line in found))
            sys.stdout.flush()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        report = root / name / "faults"
        found = report.read_text().splitlines() if report.exists() else [f"the driver ended with {status}"]
        failed += bool(found)
        print(f"{'FAIL' if found else 'ok':6}{name:34}{time.monotonic() - began:6.1f} s", flush=True)
        for line in found:
            print(f"          {line}", flush=True)
    print(f"{failed} failed; outputs and logs: {root}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
