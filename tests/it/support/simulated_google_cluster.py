"""A simulated cluster on Google Cloud: managed instance groups (simulated_google.py) and a Kubernetes API without TLS.

The first line of its input is the cluster as JSON. It answers with the addresses of both APIs, then each further line `state` with what
was done so far, and serves until its input ends. A line that is a fault as below with a `pid` kills that process, before the call is
carried out or `after`. Groups have a `name`, a `role`, `zones` and a `size`, and may have

- `outdated` (the first so many instances have an old template), `annotated` (the first so many nodes ask for an update),
  `unregistered` (the first so many instances have no node);
- `unavailable` (how many instances may be missing; 1), `joins` and `ready` (seconds until a replacement joins, is ready; -1: never).

`pods` are on nodes of a group: `{"group": …, "count": …, "refusals": N}` refuses each pod's eviction N times, -1 always. `faults` fail
calls of either API: `{"match": REGEX of "METHOD path", "times": N, "skip": N, "status": …, "reason": …}`. `page`, `slow`: as in
simulated_google.py, where `resources` exist as well. `license` says what an update may do besides: `undrained`, `forced`.

It checks the rules of an update as things happen, and lists what breaks them in `broken`:

- roles come in their order, and one group is finished before the next begins;
- only what is outdated is replaced, and no more than allowed of a group is missing at once; of the control plane one;
- before a node is drained, all other instances of its group, except for those that may be missing, and of the control plane are ready;
- all outdated nodes of a group are tainted before the first is drained;
- an instance is recreated after its node was cordoned, drained and deleted;
- a replacement has a node of its own: not the cordoned one of the instance before it.
"""
import http.server, json, os, re, signal, sys, threading, time, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import simulated_google  # noqa: E402
from simulated_google import HOST, Refused  # noqa: E402

PROJECT = "example-project"
STATIC = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
RANK = {"Bastion": 1, "ControlPlane": 2, "APIServer": 3, "Node": 4}
ROLE_LABELS = {"ControlPlane": ("control-plane", "master"), "APIServer": ("apiserver",), "Node": ("node",), "Bastion": ("bastion",)}
TAINT = "kops.k8s.io/scheduled-for-update"


class Google(simulated_google.Google):
    """Reports to the cluster what happens to its instances."""
    cluster = None

    def answer(self, method, target, kind, raw):
        path = urllib.parse.urlsplit(target).path
        self.cluster.fail(method, path)
        if path.endswith("/recreateInstances"):
            for link in json.loads(raw)["instances"]:
                self.cluster.recreated(link.rsplit("/", 1)[-1])
        elif method != "GET" and not path.endswith("/listManagedInstances"):
            self.cluster.changes.append(f"{method} {'/'.join(path.split('/')[-2:])}")
        answer = super().answer(method, target, kind, raw)
        self.cluster.kill()
        return answer


class Cluster:
    def __init__(self, spec):
        self.spec, self.name = spec, spec["cluster"]
        self.safe = self.name.replace(".", "-")
        self.groups = {group["name"]: group for group in spec["groups"]}
        self.lock = threading.RLock()
        self.changes, self.broken, self.begun, self.drained = [], [], [], set()
        self.nodes, self.born, self.lost = {}, {}, set()
        self.google = Google()
        self.google.lock, self.google.cluster = self.lock, self
        for group in spec["groups"]:
            self.seed(group)
        self.original = set(self.instances())
        self.sync(first=True)
        self.pods = {}
        for kind in spec.get("pods", []):
            nodes = [name for name, node in self.nodes.items() if node["group"] == kind["group"]]
            for number in range(kind["count"]):
                self.pods[f"{kind['group']}-web-{number}"] = {"node": nodes[number % len(nodes)], "refusals": kind.get("refusals", 0)}
        self.google.steer({"page": spec.get("page", 0), "slow": spec.get("slow", 0), "add": spec.get("resources", [])})
        self.changes.clear()
        self.faults = [dict(fault) for fault in spec.get("faults", [])]
        self.compute, self.kube = self.serve(simulated_google.Server, simulated_google.Handler), self.serve(Server, Handler)

    faults = ()

    def serve(self, server_class, handler):
        server = server_class(("127.0.0.1", 0), handler)
        server.google = self.google
        server.cluster = self
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    # --- Google Cloud

    def seed(self, group):
        labels = {"k8s-io-cluster-name": self.safe, "k8s-io-instance-group": group["name"]}
        labels.update({f"k8s-io-role-{role}": role for role in ROLE_LABELS[group["role"]]})
        metadata = [{"key": "cluster-name", "value": self.name}, {"key": "kops-k8s-io-instance-group-name", "value": group["name"]}]
        interface = {"networkIP": "", "accessConfigs": [{"natIP": "203.0.113.1"}]}
        for version in ("old", "new"):
            self.google.add(f"projects/{PROJECT}/global/instanceTemplates", {
                "name": f"{group['name']}-{version}",
                "properties": {"labels": labels, "metadata": {"items": metadata}, "machineType": "zones/z/machineTypes/e2-medium",
                               "networkInterfaces": [interface]}})
        template = lambda version: f"projects/{PROJECT}/global/instanceTemplates/{group['name']}-{version}"
        left = group.get("outdated", 0)
        for number, zone in enumerate(group["zones"]):
            size = group["size"] // len(group["zones"]) + (number < group["size"] % len(group["zones"]))
            manager = self.google.add(f"projects/{PROJECT}/zones/{zone}/instanceGroupManagers", {
                "name": f"{zone[-1]}-{group['name']}-{self.safe}", "baseInstanceName": group["name"], "targetSize": size,
                "instanceTemplate": template("new")})
            for member in self.google.members(manager)[:left]:
                self.google.resources[member]["createdFrom"] = f"{group['name']}-old"
            left = max(0, left - size)

    def instances(self):
        """All instances: id → path, resource and group, in the order of the API."""
        found = {}
        for path, body in sorted(self.google.resources.items()):
            if "/instances/" in path and body.get("createdBy"):
                group = self.groups[body["labels"]["k8s-io-instance-group"]]
                found[body["id"]] = (path, body, group)
        return found

    def is_outdated(self, body):
        node = self.nodes.get(body["name"])
        asked = node is not None and node["instance"] == body["id"] and node.get("annotated", False)
        return body["createdFrom"].endswith("-old") or asked

    def sync(self, first=False):
        """Nodes follow instances. A node's object stays until it is deleted or its instance is gone for good."""
        now, instances, counts = time.monotonic(), self.instances(), {}
        names = {body["name"] for _, body, _ in instances.values()}
        for name in [name for name in self.nodes if name not in names]:
            del self.nodes[name]
        for number, (path, body, group) in instances.items():
            born = self.born.setdefault(number, None if first else now)
            joins = 0 if born is None else group.get("joins", 0)
            counts[group["name"]] = counts.get(group["name"], 0) + 1
            if first and counts[group["name"]] <= group.get("unregistered", 0):
                self.lost.add(number)
            absent = group["role"] == "Bastion" or number in self.lost or joins < 0 or now < (born or 0) + joins
            if absent:
                continue
            node = self.nodes.get(body["name"])
            if node is None:
                annotated = first and counts[group["name"]] <= group.get("annotated", 0)
                self.nodes[body["name"]] = {"instance": number, "zone": path.split("/")[3], "group": group["name"], "version": 1,
                                            "address": f"10.0.{int(number) // 250}.{int(number) % 250}", "spec": {}, "labels": {},
                                            **({"annotated": True} if annotated else {})}
            elif node["instance"] != number:
                self.broken.append(f"{body['name']} got the node of the instance before it")
                node["instance"] = number

    def ready(self, number, group):
        born = self.born.get(number)
        after = group.get("ready", 0)
        return born is None or after >= 0 and time.monotonic() >= born + max(group.get("joins", 0), 0) + after

    def serving(self, group, besides=None):
        """How many instances of a group can run pods."""
        count = 0
        for number, (_, body, of) in self.instances().items():
            if of is group and body["name"] != besides:
                node = self.nodes.get(body["name"])
                up = node is not None and node["instance"] == number and not node["spec"].get("unschedulable")
                count += group["role"] == "Bastion" or (up and self.ready(number, group))
        return count

    def begins(self, group):
        name = group["name"]
        if not self.begun or self.begun[-1] != name:
            if name in self.begun and group["role"] != "Bastion":
                self.broken.append(f"{name} is continued after another group")
            if self.begun and RANK[self.groups[self.begun[-1]]["role"]] > RANK[group["role"]]:
                self.broken.append(f"{name} comes after {self.begun[-1]}")
            self.begun.append(name)

    def check_service(self, what, name, group):
        allowed = 1 if group["role"] == "ControlPlane" else group.get("unavailable", 1)
        serving = self.serving(group, besides=name)
        if group["size"] - serving > allowed:
            self.broken.append(f"{what} of {name} leaves {serving} of {group['size']}")
        others = [g for g in self.groups.values() if g["role"] == "ControlPlane" and (g is not group)]
        for plane in others if what == "cordon" else ():
            if self.serving(plane) < plane["size"]:
                self.broken.append(f"{what} of {name} while {plane['name']} of the control plane is down")

    def recreated(self, name):
        self.sync()
        self.changes.append(f"recreate {name}")
        found = next(((number, body, group) for number, (_, body, group) in self.instances().items() if body["name"] == name), None)
        if found is None:
            return
        number, body, group = found
        self.begins(group)
        license = self.spec.get("license", [])
        if not (body["createdFrom"].endswith("-old") or number in self.drained or "forced" in license and number in self.original):
            self.broken.append(f"{name} is recreated, and is up to date")
        self.check_service("recreation", name, group)
        if "undrained" not in license and name in self.nodes:
            self.broken.append(f"{name} is recreated, and its node exists")

    # --- Kubernetes

    def fail(self, method, path):
        for fault in self.faults:
            if fault.get("times", 1) and re.search(fault["match"], f"{method} {path}"):
                if fault.get("skip", 0):
                    fault["skip"] -= 1
                    continue
                fault["times"] = fault.get("times", 1) - 1
                if "pid" in fault:
                    self.dying = fault["pid"]
                    if fault["after"]:
                        return
                    self.kill()
                raise Refused(fault.get("status", 500), fault.get("reason", "backendError"), fault.get("message", "simulated"))

    dying = None

    def kill(self):
        """Ends the process that the last fault was about."""
        if self.dying:
            os.kill(self.dying, signal.SIGKILL)
            self.dying = None

    def node(self, name, node):
        group = self.groups[node["group"]]
        labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": node["zone"], **node["labels"]}
        if group["role"] == "ControlPlane":
            labels["node-role.kubernetes.io/control-plane"] = ""
        annotations = {"kops.k8s.io/needs-update": "1"} if node.get("annotated") else {}
        ready = "True" if self.ready(node["instance"], group) else "False"
        return {"apiVersion": "v1", "kind": "Node",
                "metadata": {"name": name, "resourceVersion": str(node["version"]), "labels": labels, "annotations": annotations},
                "spec": {"providerID": f"gce://{PROJECT}/{node['zone']}/{name}", **node["spec"]},
                "status": {"conditions": [{"type": "Ready", "status": ready}],
                           "addresses": [{"type": "InternalIP", "address": node["address"]}]}}

    def pod(self, name, namespace, on, **more):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "uid": name, **more},
                "spec": {"nodeName": on, "containers": []}, "status": {"phase": "Running", "hostIP": self.nodes[on]["address"]}}

    def all_pods(self):
        planes = [name for name, node in self.nodes.items() if self.groups[node["group"]]["role"] == "ControlPlane"]
        found = [self.pod(f"{app}-{name}", "kube-system", name, labels={"k8s-app": app}, annotations={"kubernetes.io/config.mirror": "x"})
                 for name in planes for app in STATIC]
        return found + [self.pod(name, "default", pod["node"]) for name, pod in self.pods.items() if pod["node"] in self.nodes]

    def answer(self, method, path, query, body):
        self.fail(method, path)
        self.sync()
        parts = path.strip("/").split("/")
        listed = {"/api/v1/nodes": lambda: [self.node(*item) for item in sorted(self.nodes.items())], "/api/v1/pods": self.all_pods,
                  "/apis/policy/v1/poddisruptionbudgets": list}.get(path)
        if path == "/readyz":
            return 200, {}
        if listed and method == "GET":
            items = listed()
            wanted = re.fullmatch("spec.nodeName=(.*)", query.get("fieldSelector", ""))
            items = [item for item in items if not wanted or item["spec"]["nodeName"] == wanted[1]]
            return 200, {"kind": "List", "apiVersion": "v1", "items": items, "metadata": {}}
        if parts[:3] == ["api", "v1", "nodes"] and len(parts) == 4 and parts[3] in self.nodes:
            name, node = parts[3], self.nodes[parts[3]]
            if method == "PATCH":
                self.patch(name, node, json.loads(body))
            if method == "DELETE":
                self.delete(name, node)
                return 200, {"kind": "Status", "status": "Success", "code": 200}
            return 200, self.node(name, node)
        if parts[-1] == "eviction" and method == "POST" and parts[-2] in self.pods:
            pod = self.pods[parts[-2]]
            if pod["refusals"]:
                pod["refusals"] -= 1
                raise Refused(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
            self.changes.append(f"evict {parts[-2]}")
            del self.pods[parts[-2]]
            return 201, {"kind": "Status", "status": "Success", "code": 201}
        raise Refused(404, "NotFound", f"no {method} {path}")

    def patch(self, name, node, sent):
        group, before = self.groups[node["group"]], bool(node["spec"].get("unschedulable"))
        node["labels"].update({k: v for k, v in (sent.get("metadata", {}).get("labels") or {}).items() if v is not None})
        for key, value in sent.get("spec", {}).items():
            node["spec"].pop(key, None) if value is None else node["spec"].update({key: value})
        node["version"] += 1
        self.changes.append(f"patch {name} " + " ".join(sorted(sent.get("spec", {}))))
        if not before and node["spec"].get("unschedulable"):
            self.begins(group)
            tainted = lambda other: any(taint["key"] == TAINT for taint in other["spec"].get("taints") or [])
            for _, body, of in self.instances().values():
                other = self.nodes.get(body["name"])
                if of is group and other and self.is_outdated(body) and not tainted(other) and not self.spec.get("alone"):
                    self.broken.append(f"{name} is drained before {body['name']} is tainted")
            if self.is_outdated(next(b for _, b, _ in self.instances().values() if b["id"] == node["instance"])):
                self.drained.add(node["instance"])
            self.check_service("cordon", name, group)

    def delete(self, name, node):
        self.changes.append(f"delete node {name}")
        if "undrained" not in self.spec.get("license", []):
            if not node["spec"].get("unschedulable"):
                self.broken.append(f"the node {name} is deleted, and is not cordoned")
            if any(pod["node"] == name for pod in self.pods.values()):
                self.broken.append(f"the node {name} is deleted with pods")
        self.lost.add(node["instance"])
        del self.nodes[name]

    # --- What tests ask

    def state(self):
        with self.lock:
            self.sync()
            untidy, members = [], {}
            for number, (path, body, group) in self.instances().items():
                node = self.nodes.get(body["name"])
                members.setdefault(group["name"], []).append(body["name"])
                marks = [(self.is_outdated(body), "outdated"), (node and node["spec"].get("unschedulable"), "cordoned"),
                         (node and node["spec"].get("taints"), "tainted"),
                         (group["role"] != "Bastion" and (node is None or not self.ready(number, group)), "not ready"),
                         ("forced" in self.spec.get("license", []) and number in self.original, "not replaced")]
                untidy += [f"{body['name']} is {what}" for is_so, what in marks if is_so]
            untidy += [f"{name} has {len(members.get(name, []))} of {group['size']}" for name, group in self.groups.items()
                       if len(members.get(name, [])) != group["size"]]
            resources = sorted(path for path in self.google.resources if "/instances/" not in path)
            return {"changes": self.changes, "broken": self.broken, "untidy": untidy, "members": members, "resources": resources,
                    "requests": self.google.log}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        cluster = self.server.cluster
        try:
            with cluster.lock:
                status, found = cluster.answer(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), body)
                cluster.kill()
        except Refused as refused:
            status = refused.status
            found = {"kind": "Status", "status": "Failure", "code": status, "reason": refused.reason, "message": refused.message}
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = any

    def log_message(self, *_):
        pass


def main():
    cluster = Cluster(json.loads(sys.stdin.readline()))
    print(json.dumps({"google": cluster.compute, "kube": cluster.kube}), flush=True)
    for line in sys.stdin:
        if line.startswith("{"):
            with cluster.lock:
                cluster.faults.append(json.loads(line))
        else:
            print(json.dumps(cluster.state()), flush=True)


if __name__ == "__main__":
    main()
