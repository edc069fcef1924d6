"""A cluster whose Kubernetes API is real: AWS is simulated, and this module acts as kubelets and controllers.

Instances become nodes and leave with them; pods stop after their deletion, unless a finalizer holds them; workloads keep their number
of pods; disruption budgets get their status. Everything is decided from what the API returns, every quarter of a second.
"""

import io
import json
import re
import sys
import threading
import time
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests/it/support"))

import simulated_cluster  # noqa: E402
from control_plane import ControlPlane, Refused  # noqa: E402

NAME = "real.example.com"
MIRROR = "kubernetes.io/config.mirror"


class Cluster(simulated_cluster.Cluster):
    """Groups of instances and workloads: `{"name", "group", "replicas"}` with `budgets`, `finalizers`, `stops` (seconds)."""

    def __init__(self, groups: list, workloads: list, keyset: Path, binaries: Path, work: Path):
        self.binaries, self.work, self.workloads = binaries, work, workloads
        self.events, self.joined, self.seen_terminating, self.cordoned_since = [], {}, {}, {}
        self.count, self.ended, self.failure = 0, threading.Event(), None
        simulated_cluster.versions_stay()
        super().__init__({"cluster": NAME, "keyset": str(keyset), "groups": groups})

    def emit(self, event: str, **fields):
        self.events.append({"event": event, **fields})

    def terminated(self) -> list:
        return [e for e in self.events if e["event"] == "terminate"]

    # --- AWS

    def counted(self, app):
        counted = super().counted(app)

        def run(environ, start_response):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            query = dict(urllib.parse.parse_qsl(body.decode("latin1")))
            if query.get("Action") == "TerminateInstances":
                for instance in (v for v in query.values() if re.fullmatch("i-[0-9a-f]+", v)):
                    self.about_to_terminate(instance)
            return counted(environ, start_response)
        return run

    def about_to_terminate(self, instance: str):
        """Records the pods that are still on the node, as etcd has them."""
        node = self.joined.get(instance)
        try:
            pods = self.pods_of(node) if node else []
        except (OSError, Refused) as error:
            self.emit("terminate", instance=instance, node=node, left=[f"unknown: {error}"], kept=[])
            return
        kept = [p["metadata"]["name"] for p in pods if not drained(p)]
        left = [p["metadata"]["name"] for p in pods if drained(p)]
        self.emit("terminate", instance=instance, node=node, left=left, kept=kept)

    # --- the Kubernetes API and what reacts to it

    def serve_kubernetes(self):
        authority, chain = self.certificate()
        own = self.work / "server.pem"
        Path(chain).replace(own)
        self.authority = authority
        self.plane = ControlPlane(self.binaries, self.work, authority, own)
        self.kube = self.plane.url
        for workload in self.workloads:
            for budget in workload.get("budgets", []):
                self.add_budget(workload, budget)
        self.step()
        threading.Thread(target=self.act, daemon=True).start()

    def stop(self):
        self.ended.set()
        self.plane.stop()

    def act(self):
        while not self.ended.wait(0.25):
            try:
                self.step()
            except OSError:
                pass  # the API server is away
            except Refused as error:
                if error.status not in (404, 409, 429, 500, 503):
                    self.failure = self.failure or str(error)

    def step(self):
        with self.lock:
            running = {n["spec"]["providerID"].rsplit("/", 1)[1]: n for n in self.nodes()}
        for instance, node in running.items():
            if instance not in self.joined:
                self.join(node)
                self.joined[instance] = node["metadata"]["name"]
        for instance, name in list(self.joined.items()):
            if instance not in running:
                self.leave(name)
                del self.joined[instance]
        pods = self.plane.call("GET", "/api/v1/pods")["items"]
        self.stop_pods(pods)
        nodes = self.plane.call("GET", "/api/v1/nodes")["items"]
        for workload in self.workloads:
            self.schedule(workload, pods, nodes)
        self.update_budgets(nodes)

    def join(self, node: dict):
        name, meta = node["metadata"]["name"], node["metadata"]
        meta.pop("resourceVersion")
        self.plane.call("POST", "/api/v1/nodes", node)
        # Admission taints new nodes until the node controller has seen them ready.
        self.plane.patch(f"/api/v1/nodes/{name}", {"spec": {"taints": None}})
        for app in simulated_cluster.STATIC if meta["labels"]["role"] == "ControlPlane" else ("kube-proxy",):
            self.add_pod(f"{app}-{name}", "kube-system", name, labels={"k8s-app": app},
                         annotations={MIRROR: "1", "kubernetes.io/config.source": "file"})  # fmt: skip
        self.add_pod(f"agent-{name}", "kube-system", name, labels={"app": "agent"}, owner="DaemonSet")
        self.emit("join", node=name)

    def leave(self, node: str):
        for pod in self.pods_of(node):
            self.delete(pod)
        self.plane.call("DELETE", f"/api/v1/nodes/{node}")

    def pods_of(self, node: str) -> list:
        return self.plane.call("GET", f"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}")["items"]

    def add_pod(self, name, namespace, node, owner=None, spec=None, **meta):
        if owner:
            meta["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": owner, "name": "owner", "uid": "1", "controller": True}]
        path = f"/api/v1/namespaces/{namespace}/pods"
        container = {"name": "main", "image": "registry.example.com/main:1"}
        self.plane.call("POST", path, {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **meta},
            "spec": {"nodeName": node, "containers": [container], **(spec or {})},
        })  # fmt: skip
        address = self.plane.call("GET", f"/api/v1/nodes/{node}")["status"]["addresses"][0]["address"]
        self.plane.patch(f"{path}/{name}/status", {"status": {
            "phase": "Running", "hostIP": address, "hostIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": True, "restartCount": 0, "image": container["image"], "imageID": ""}],
        }})  # fmt: skip

    def delete(self, pod: dict):
        """Deletes a pod as its kubelet does once its processes ended."""
        meta = pod["metadata"]
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": meta["uid"]}}
        try:
            self.plane.call("DELETE", f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}", options)
        except Refused as error:
            if error.status not in (404, 409):
                raise

    def stop_pods(self, pods: list):
        for pod in pods:
            meta = pod["metadata"]
            if "deletionTimestamp" not in meta:
                continue
            if meta["uid"] not in self.seen_terminating:
                self.seen_terminating[meta["uid"]] = time.monotonic()
                self.emit("stopping", pod=meta["name"])
            workload = next((w for w in self.workloads if w["name"] == meta.get("labels", {}).get("app")), {})
            if time.monotonic() - self.seen_terminating[meta["uid"]] > workload.get("stops", 0.5):
                self.delete(pod)

    def schedule(self, workload: dict, pods: list, nodes: list):
        name, namespace = workload["name"], workload.get("namespace", "default")
        alive = [p for p in pods if p["metadata"].get("labels", {}).get("app") == name and "deletionTimestamp" not in p["metadata"]]
        able = [n for n in nodes if n["metadata"]["labels"]["role"] == workload.get("role", "Node") and not n["spec"].get("unschedulable")]
        for _ in range(workload["replicas"] - len(alive)):
            if not able:
                return
            used = [p["spec"]["nodeName"] for p in pods if p["metadata"].get("labels", {}).get("app") == name]
            node = min(able, key=lambda n: used.count(n["metadata"]["name"]))["metadata"]["name"]
            self.count += 1
            meta = {"finalizers": workload["finalizers"]} if "finalizers" in workload else {}
            self.add_pod(f"{name}-{self.count}", namespace, node, owner=workload.get("owner", "ReplicaSet"),
                         labels={"app": name}, spec={"terminationGracePeriodSeconds": 600}, **meta)  # fmt: skip
            pods.append({"metadata": {"labels": {"app": name}}, "spec": {"nodeName": node}})

    # --- disruption budgets

    def add_budget(self, workload: dict, budget: dict):
        self.plane.call("POST", "/apis/policy/v1/namespaces/default/poddisruptionbudgets", {
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": budget["name"]},
            "spec": {"minAvailable": budget["minAvailable"], "selector": {"matchLabels": {"app": workload["name"]}}},
        })  # fmt: skip

    def update_budgets(self, nodes: list):
        path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
        budgets = {b["name"]: b for w in self.workloads for b in w.get("budgets", [])}
        if not budgets:
            return
        cordoned = {n["metadata"]["name"] for n in nodes if n["spec"].get("unschedulable")}
        pods = self.plane.call("GET", "/api/v1/namespaces/default/pods")["items"]
        for found in self.plane.call("GET", path)["items"]:
            name, spec = found["metadata"]["name"], found["spec"]
            covered = [p for p in pods if p["metadata"].get("labels", {}).get("app") == spec["selector"]["matchLabels"]["app"]]
            healthy = [p for p in covered if "deletionTimestamp" not in p["metadata"]]
            if any(p["spec"]["nodeName"] in cordoned for p in covered):
                since = self.cordoned_since.setdefault(name, time.monotonic())
                if "frees" in budgets[name] and spec["minAvailable"] and time.monotonic() - since > budgets[name]["frees"]:
                    found = self.plane.patch(f"{path}/{name}", {"spec": {"minAvailable": 0}})
            needed = found["spec"]["minAvailable"]
            status = {
                "observedGeneration": found["metadata"]["generation"], "disruptionsAllowed": max(0, len(healthy) - needed),
                "currentHealthy": len(healthy), "desiredHealthy": needed, "expectedPods": len(covered), "disruptedPods": None,
            }  # fmt: skip
            self.plane.patch(f"{path}/{name}/status", {"status": status})


def drained(pod: dict) -> bool:
    """Whether a drain evicts the pod: all but those of static manifests and of DaemonSets."""
    owners = [owner["kind"] for owner in pod["metadata"].get("ownerReferences", []) if owner.get("controller")]
    return MIRROR not in pod["metadata"].get("annotations", {}) and "DaemonSet" not in owners


def write_store(store: Path, groups: list):
    """The specs as the state store has them."""
    def write(key: str, kind: str, name: str, spec: dict, **meta):
        path = store / NAME / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"apiVersion": "kops.k8s.io/v1alpha2", "kind": kind, "metadata": {"name": name, **meta}, "spec": spec}))
    write("config", "Cluster", NAME, {
        "cloudProvider": "aws", "configBase": f"file://{store}/{NAME}", "kubernetesVersion": "1.36.2",
        "topology": {"dns": {"type": "None"}}, "subnets": [{"name": "us-east-1a", "zone": "us-east-1a", "type": "Private"}],
    })  # fmt: skip
    for group in groups:
        role = {"ControlPlane": "Master"}.get(group["role"], group["role"])
        write(f"instancegroup/{group['name']}", "InstanceGroup", group["name"], {
            "role": role, "machineType": "t3.medium", "minSize": group["size"], "maxSize": group["size"], "subnets": ["us-east-1a"],
        }, labels={"kops.k8s.io/cluster": NAME})  # fmt: skip
