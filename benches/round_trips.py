#!/usr/bin/env python3
"""Counts the requests of each command, and how many of them have to wait for another one.

    benches/round_trips.py --bin target/debug/kopsform [--groups N] [--delay MILLISECONDS] [COMMAND …]

A simulated AWS and a simulated cluster (tests/it/support/) answer through a proxy that holds every request back. A request that starts
after another one has ended may depend on it, so the longest chain of such requests is the depth of a command: its time on a
network with a latency L is at least depth × L. The delay must be long compared to the time that the simulation needs to answer.

Run it with a Python that has the packages of tests/requirements.txt. Exits with 1 if a command exceeds its limit.
"""
import argparse, http.client, http.server, json, os, pathlib, re, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "speed.k8s.local"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te", "upgrade"}

GROUP = """---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: workers-{number}
  labels:
    kops.k8s.io/cluster: {cluster}
spec:
  role: Node
  image: {image}
  machineType: t3.medium
  minSize: 1
  maxSize: {size}
  subnets: [us-east-1a]
"""


DIRECT = "direct.example.com"
# A network of its own; the API is reached by the addresses of its instances. Hooks of groups are read one by one, so that a
# handler of terminations costs a request for each group.
DIRECT_CLUSTER = """apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {{name: {cluster}}}
spec:
  channel: none
  cloudProvider: aws
  configBase: s3://state/{cluster}
  etcdClusters:
  - {{name: main, etcdMembers: [{{name: a, instanceGroup: control-plane-a, encryptedVolume: true}}]}}
  - {{name: events, etcdMembers: [{{name: a, instanceGroup: control-plane-a, encryptedVolume: true}}]}}
  iam: {{allowContainerRegistry: true, legacy: false}}
  kubelet: {{anonymousAuth: false}}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  networkCIDR: 10.30.0.0/16
  nodeTerminationHandler: {{enabled: {handler}}}
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
  networking: {{cilium: {{}}}}
  topology: {{dns: {{type: Public}}}}
  api: {{dns: {{}}}}
  subnets:
  - {{name: us-east-1a, zone: us-east-1a, type: Public, cidr: 10.30.0.0/22}}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {{name: control-plane-a, labels: {{kops.k8s.io/cluster: {cluster}}}}}
spec: {{role: Master, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 1, subnets: [us-east-1a]}}
"""
KEYSETS = 9
READS = re.compile(r"^(Describe|Get|List)|\.(Describe|Get|List)\w*$|^(GET|HEAD) ")


class Proxy:
    """Holds requests back, passes them on and remembers when each began and ended."""

    def __init__(self, target, delay):
        self.host, self.port = target.removeprefix("http://").split(":")
        self.delay, self.lock, self.seen = delay, threading.Lock(), []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def pass_on(self):
                began = time.monotonic()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                time.sleep(proxy.delay)
                upstream = http.client.HTTPConnection(proxy.host, int(proxy.port))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                upstream.request(self.command, self.path, body=body, headers=headers)
                answer = upstream.getresponse()
                content = answer.read()
                with proxy.lock:
                    proxy.seen.append((began, time.monotonic(), proxy.describe(self, body), answer.status))
                self.send_response(answer.status)
                for key, value in answer.getheaders():
                    if key.lower() not in HOP_BY_HOP | {"content-length"}:
                        self.send_header(key, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length or str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                upstream.close()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    @staticmethod
    def describe(request, body):
        action = re.search(rb"Action=(\w+)", body[:4000])
        target = request.headers.get("X-Amz-Target")
        return action.group(1).decode() if action else target or f"{request.command} {request.path}"

    def take(self):
        with self.lock:
            seen, self.seen = sorted(self.seen), []
        return seen


def depth(seen):
    """The longest chain of requests of which each starts after the one before has ended, and its members."""
    chains = []
    for began, ended, what, _ in seen:
        before = max((c for c in chains if c[0] <= began), key=lambda c: len(c[1]), default=(0, []))
        chains.append((ended, [*before[1], what]))
    return max((chain for _, chain in chains), key=len, default=[])


class Table:
    """Runs commands and keeps what they cost."""

    def __init__(self, arguments, environment, home, take):
        self.arguments, self.environment, self.home, self.take, self.rows = arguments, environment, home, take, []

    def run(self, *command, **environment):
        began = time.monotonic()
        done = subprocess.run([self.arguments.bin, *command], env={**self.environment, **environment}, cwd=self.home,
                              capture_output=True, text=True)
        # 2 says that something was found, such as an instance that needs an update.
        if done.returncode not in (0, 2):
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout, time.monotonic() - began

    def measure(self, title, command, deepest=None, most=None):
        """`most` is the limit of requests, or a function that makes it of the number of requests that write."""
        self.take()
        _, seconds = self.run(*command)
        seen = sorted(self.take())
        chain = depth(seen)
        writes = sum(1 for _, _, what, _ in seen if what.startswith(("PUT", "DELETE", "POST /state")))
        if callable(most):
            writes = sum(1 for _, _, what, _ in seen if not READS.search(what))
            most = most(writes)
        failed = (deepest is not None and len(chain) > deepest) or (most is not None and len(seen) > most)
        self.rows.append({"command": title, "requests": len(seen), "requestLimit": most, "writes": writes,
                          "depth": len(chain), "depthLimit": deepest, "seconds": round(seconds, 2), "failed": failed})
        if self.arguments.output == "text":
            print(f"{title:24} {len(seen):8} {most or '-':>6} {writes:7} {len(chain):6} {deepest or '-':>6} {seconds:8.2f}"
                  + ("  exceeds its limit" if failed else ""), flush=True)
            if self.arguments.chain:
                print("".join(f"    {what}\n" for what in chain), end="", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--groups", type=int, default=1, help="worker groups of the cluster")
    parser.add_argument("--delay", type=int, default=300, help="how long each request is held back, in milliseconds")
    parser.add_argument("--chain", action="store_true", help="show the longest chain of each command")
    parser.add_argument("-o", "--output", choices=["text", "json"], default="text")
    arguments = parser.parse_args()
    arguments.bin = str(pathlib.Path(arguments.bin).resolve())
    if arguments.output == "text":
        print(f"{'command':24} {'requests':>8} {'limit':>6} {'writes':>7} {'depth':>6} {'limit':>6} {'seconds':>8}")
    rows = []
    for measure in (measure_store, measure_direct, measure_cluster):
        with tempfile.TemporaryDirectory() as home:
            rows += measure(arguments, pathlib.Path(home))
    if arguments.output == "json":
        print(json.dumps(rows, indent=2))
    return 1 if any(row["failed"] for row in rows) else 0


def simulation(script):
    return subprocess.Popen([sys.executable, ROOT / "tests/it/support" / script], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)


def settings(home, endpoint):
    return {
        "PATH": os.environ["PATH"], "HOME": str(home), "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "KOPS_STATE_STORE": "s3://state", "NO_COLOR": "1", "USER": "tester",
    }


def lock_file(home):
    """Hashes of the node software, which no network is needed for: nothing downloads it."""
    base = "https://artifacts.k8s.io/binaries/kops/1.36.2/linux"
    assets = {f"{base}/{arch}/{file}": "0" * 64 for arch in ("amd64", "arm64") for file in ("nodeup", "protokube")}
    lock = home / "kopsform.lock"
    lock.write_text(json.dumps({"version": 1, "assets": assets}))
    return {"KOPSFORM_LOCK": str(lock)}


def measure_store(arguments, home):
    """The commands that carry a spec to Terraform."""
    aws = simulation("simulated_aws.py")
    content = json.loads(aws.stdout.readline())
    proxy = Proxy(content["endpoint"], arguments.delay / 1000)
    table = Table(arguments, {**settings(home, proxy.address), **lock_file(home)}, home, proxy.take)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / "id"], check=True)

    spec, _ = table.run("create", "cluster", NAME, "--zones", "us-east-1a", "--dry-run", "-o", "yaml")
    # The simulation knows one image.
    spec = re.sub(r"image: \S+", f"image: {content['image']}", spec).rstrip("\n") + "\n"
    for number in range(arguments.groups - 1):
        spec += GROUP.format(number=number, cluster=NAME, image=content["image"], size=3)
    (home / "cluster.yaml").write_text(spec)
    # The control plane stays: its groups have one instance each.
    before, nodes = spec.split("name: nodes-", 1)
    (home / "changed.yaml").write_text(before + "name: nodes-" + nodes.replace("maxSize: ", "maxSize: 1"))

    stored = arguments.groups + 2  # The cluster and its control plane, too.
    pages = stored // 1000 + 1
    update = ("update", "cluster", NAME, "--target", "terraform", "--out", "out")
    table.measure("replace, first", ("replace", "-f", "cluster.yaml", "--force"), 5, stored + 3 + pages)
    table.measure("create sshpublickey", ("create", "sshpublickey", NAME, "-i", "id.pub"), 4)
    table.measure("update, first", update)
    table.measure("replace, changed", ("replace", "-f", "changed.yaml"), 5, arguments.groups + 4 + pages)
    table.measure("replace, unchanged", ("replace", "-f", "changed.yaml"), 5, 6)
    table.measure("update, changed", update, 8)
    table.measure("update, unchanged", update, 8)
    table.measure("get all", ("get", "all", "--name", NAME), 3)
    aws.stdin.close()
    aws.wait()
    return table.rows


def measure_direct(arguments, home):
    """Target direct. A preview takes as many requests for one group as for fifty."""
    rows = []
    for handler in ("false", "true"):
        aws = simulation("simulated_aws.py")
        content = json.loads(aws.stdout.readline())
        proxy = Proxy(content["endpoint"], arguments.delay / 1000)
        table = Table(arguments, {**settings(home, proxy.address), **lock_file(home)}, home, proxy.take)
        spec = DIRECT_CLUSTER.format(cluster=DIRECT, image=content["image"], handler=handler)
        for number in range(arguments.groups):
            spec += GROUP.format(number=number, cluster=DIRECT, image=content["image"], size=3)
        (home / "direct.yaml").write_text(spec)
        table.run("replace", "-f", "direct.yaml", "--force")
        update = ("update", "cluster", DIRECT, "--target", "direct")
        preview = 40 + arguments.groups // 50
        hooks = arguments.groups if handler == "true" else 0
        title = "direct, handler" if handler == "true" else "direct"
        table.measure(f"{title}, preview", update, most=preview)
        table.measure(f"{title}, apply", (*update, "--yes"), most=lambda writes: writes * 12 // 10 + preview)
        # The keysets that were made are read once; after that, this machine has copies of their certificates.
        table.measure(f"{title}, after it", update, most=preview + hooks + KEYSETS)
        table.measure(f"{title}, again", update, most=preview + hooks)
        table.measure(f"{title}, nothing to do", (*update, "--yes"), most=preview + hooks + 3)
        aws.stdin.close()
        aws.wait()
        rows += table.rows
    return rows


def measure_cluster(arguments, home):
    """The commands that look at a running cluster."""
    import boto3
    name, delay = "sim.example.com", arguments.delay / 1000
    groups = [{"name": "control-plane", "role": "ControlPlane", "size": 1}]
    groups += [{"name": f"nodes-{n}", "role": "Node", "size": 1, "outdated": 1} for n in range(arguments.groups)]
    store = home / "store" / name
    (store / "instancegroup").mkdir(parents=True)
    header = {"apiVersion": "kops.k8s.io/v1alpha2"}
    (store / "config").write_text(json.dumps({
        **header, "kind": "Cluster", "metadata": {"name": name},
        "spec": {"cloudProvider": "aws", "configBase": f"s3://state/{name}", "kubernetesVersion": "1.36.0",
                 "topology": {"dns": {"type": "None"}},
                 "subnets": [{"name": "us-east-1a", "zone": "us-east-1a", "type": "Private"}]}}))
    for group in groups:
        spec = {"role": group["role"].replace("ControlPlane", "Master"), "machineType": "t3.medium",
                "minSize": group["size"], "maxSize": group["size"], "subnets": ["us-east-1a"]}
        labels = {"kops.k8s.io/cluster": name}
        (store / "instancegroup" / group["name"]).write_text(json.dumps({
            **header, "kind": "InstanceGroup", "metadata": {"name": group["name"], "labels": labels}, "spec": spec}))
    table = Table(arguments, settings(home, ""), home, list)
    table.run("create", "keypair", "kubernetes-ca", "--primary", "--name", name,
              KOPS_STATE_STORE=f"file://{home / 'store'}")
    keyset = store / "pki/private/kubernetes-ca/keyset.yaml"
    cluster = simulation("simulated_cluster.py")
    spec = {"cluster": name, "keyset": str(keyset), "groups": groups, "pods": True, "delay": delay}

    def ask(question):
        cluster.stdin.write(question + "\n")
        cluster.stdin.flush()
        return json.loads(cluster.stdout.readline())

    addresses = ask(json.dumps(spec))
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=addresses["aws"], aws_access_key_id="test",
                      aws_secret_access_key="test")
    s3.create_bucket(Bucket="state")
    for file in (path for path in store.rglob("*") if path.is_file()):
        s3.upload_file(str(file), "state", str(file.relative_to(home / "store")))
    proxy = Proxy(addresses["aws"], delay)
    table.environment["AWS_ENDPOINT_URL"] = proxy.address
    table.take = lambda: [*proxy.take(), *map(tuple, ask("requests"))]
    api = ("--name", name, "--api-server", addresses["kube"])
    table.measure("validate cluster", ("validate", "cluster", *api), 4)
    table.measure("rolling-update, dry run", ("rolling-update", "cluster", *api), 8)
    cluster.stdin.close()
    cluster.wait()
    return table.rows


if __name__ == "__main__":
    sys.exit(main())
