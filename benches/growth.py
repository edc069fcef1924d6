#!/usr/bin/env python3
"""Checks that the cost of a command grows in proportion to the number of instance groups, and that its memory is bounded.

    benches/growth.py --bin target/debug/kopsform [--groups N] [--runs N]

Each command runs for clusters of 1, N/4 and N instance groups (1,000 by default). A straight line through the first two says what the
third may cost: above 1.3 times of that, something looks at all groups for each group. The cost is the CPU time of the program,
the least of several runs, so that neither other processes nor waiting count. The memory is the largest resident set of the runs.

Run it with a Python that has the packages of tests/requirements.txt. Exits with 1 if a command grows faster, or needs more memory.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEEPEST = 1.3
MOST_MEMORY = 150  # MiB
NAME = "minimal.k8s.local"

GROUP = """---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: workers-{number}
  labels:
    kops.k8s.io/cluster: {cluster}
spec:
  role: Node
  image: ami-0123456789abcdef0
  machineType: t3.medium
  minSize: 1
  maxSize: 3
  nodeLabels:
    example.com/pool: pool-{number}
  subnets: [us-east-1a]
"""

PROJECT = """\
templates: [cluster.yml]
store: state
sshKey: id_rsa.pub
lock: kopsform.lock
terraform:
  out: out
"""


class Cost:
    """CPU time in seconds and memory in MiB."""

    def __init__(self, seconds, memory):
        self.seconds, self.memory = seconds, memory

    @staticmethod
    def of(command, environment, directory):
        with open(directory / "output", "wb") as output:
            process = subprocess.Popen(command, env=environment, cwd=directory, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        # 2 says that something was found, such as an instance that needs an update.
        if process.returncode not in (0, 2):
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{(directory / 'output').read_text()}")
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Project:
    """A project in a directory, whose cluster has a number of groups, with everything that commands need."""

    def __init__(self, binary, directory, groups):
        self.binary, self.directory = binary, directory
        directory.mkdir()
        example = ROOT / "examples/minimal"
        for name in ("kopsform.lock", "id_rsa.pub"):
            (directory / name).write_bytes((example / name).read_bytes())
        spec = (example / "cluster.yml").read_text().rstrip("\n") + "\n"
        # The example has one group of nodes.
        spec += "".join(GROUP.format(number=number, cluster=NAME) for number in range(groups - 1))
        (directory / "cluster.yml").write_text(spec)
        (directory / "kopsform.yaml").write_text(PROJECT)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "NO_COLOR": "1", "USER": "tester",
                            "AWS_EC2_METADATA_DISABLED": "true"}

    def run(self, *command):
        return Cost.of([self.binary, *command], self.environment, self.directory)

    def golden(self):
        """A golden directory: the project with its goldens, as `golden init` makes it."""
        self.run("golden", "init", "golden")


def of_files(binary, home, groups, runs):
    """The commands that need no cloud."""
    project = Project(binary, home / f"files-{groups}", groups)
    project.run("sync", "--offline")
    project.golden()
    commands = {
        "validate spec": ("validate", "spec", "-f", "cluster.yml"),
        "get instancegroups": ("get", "instancegroups", "--name", NAME, "-o", "yaml"),
        "sync --offline": ("sync", "--offline"),
        "golden check": ("golden", "check", "golden"),
    }
    return {title: least(lambda: project.run(*command), runs) for title, command in commands.items()}


def of_cluster(binary, home, groups, runs):
    """The plan of a rolling update: nothing is current, nothing is changed."""
    name, directory = "sim.example.com", home / f"cluster-{groups}"
    store = directory / "store" / name
    (store / "instancegroup").mkdir(parents=True)
    header = {"apiVersion": "kops.k8s.io/v1alpha2"}
    members = [{"name": "control-plane", "role": "ControlPlane", "size": 1}]
    members += [{"name": f"nodes-{number}", "role": "Node", "size": 1, "outdated": 1} for number in range(groups)]
    cluster = {"cloudProvider": "aws", "configBase": f"file://{store}", "kubernetesVersion": "1.36.0",
               "topology": {"dns": {"type": "None"}},
               "subnets": [{"name": "us-east-1a", "zone": "us-east-1a", "type": "Private"}]}
    (store / "config").write_text(json.dumps({**header, "kind": "Cluster", "metadata": {"name": name}, "spec": cluster}))
    for member in members:
        spec = {"role": member["role"].replace("ControlPlane", "Master"), "machineType": "t3.medium",
                "minSize": 1, "maxSize": 1, "subnets": ["us-east-1a"]}
        metadata = {"name": member["name"], "labels": {"kops.k8s.io/cluster": name}}
        (store / "instancegroup" / member["name"]).write_text(
            json.dumps({**header, "kind": "InstanceGroup", "metadata": metadata, "spec": spec}))
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "AWS_ACCESS_KEY_ID": "test", "USER": "tester",
                   "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                   "KOPS_STATE_STORE": f"file://{directory / 'store'}", "NO_COLOR": "1"}
    Cost.of([binary, "create", "keypair", "kubernetes-ca", "--primary", "--name", name], environment, directory)
    simulation = subprocess.Popen([sys.executable, ROOT / "tests/it/support/simulated_cluster.py"], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    keyset = store / "pki/private/kubernetes-ca/keyset.yaml"
    simulation.stdin.write(json.dumps({"cluster": name, "keyset": str(keyset), "groups": members, "pods": True}) + "\n")
    simulation.stdin.flush()
    addresses = json.loads(simulation.stdout.readline())
    environment["AWS_ENDPOINT_URL"] = addresses["aws"]
    command = [binary, "rolling-update", "cluster", "--name", name, "--api-server", addresses["kube"]]
    cost = least(lambda: Cost.of(command, environment, directory), runs)
    simulation.stdin.close()
    simulation.wait()
    return {"rolling-update, dry run": cost}


def least(measure, runs):
    costs = [measure() for _ in range(runs)]
    return Cost(min(cost.seconds for cost in costs), max(cost.memory for cost in costs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--groups", type=int, default=1000, help="instance groups of the largest cluster")
    parser.add_argument("--runs", type=int, default=3, help="how often each command runs")
    parser.add_argument("--skip-cluster", action="store_true", help="skip the commands that need a simulated cluster")
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.bin).resolve())
    sizes = [1, arguments.groups // 4, arguments.groups]
    print(f"CPU time in seconds for {', '.join(map(str, sizes))} instance groups; at most {STEEPEST} times the straight line")
    print(f"{'command':24} {sizes[0]:>8} {sizes[1]:>8} {sizes[2]:>8} {'line':>8} {'ratio':>6} {'MiB':>6}")
    failed = False
    for measure in (of_files, of_cluster)[: 1 if arguments.skip_cluster else 2]:
        with tempfile.TemporaryDirectory() as home:
            costs = [measure(binary, pathlib.Path(home), size, arguments.runs) for size in sizes]
        for title in costs[0]:
            one, quarter, all_of_them = (cost[title] for cost in costs)
            slope = (quarter.seconds - one.seconds) / (sizes[1] - sizes[0])
            line = one.seconds + slope * (sizes[2] - sizes[0])
            ratio = all_of_them.seconds / line
            wrong = ratio > STEEPEST or all_of_them.memory > MOST_MEMORY
            failed |= wrong
            print(f"{title:24} {one.seconds:8.3f} {quarter.seconds:8.3f} {all_of_them.seconds:8.3f} {line:8.3f} {ratio:6.2f} "
                  f"{all_of_them.memory:6.0f}" + ("  exceeds its limit" if wrong else ""), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
