"""What is tried against the API server, and what has to come of it."""

import threading
import time
from dataclasses import dataclass, field
from typing import Callable

from cluster import Cluster
from control_plane import Refused, free_port
from webhook import TEXT, Webhook

CONTROL_PLANE = {"name": "control-plane-a", "role": "ControlPlane", "size": 1, "outdated": 0}
WEB = {"name": "web", "replicas": 4}


def nodes(outdated: int = 1, size: int = 2) -> dict:
    return {"name": "nodes", "role": "Node", "size": size, "outdated": outdated}


@dataclass
class Scenario:
    """A cluster, what happens to it, and the expected result of `rolling-update cluster --yes`."""

    exit: int = 0
    replaced: int = 1  # instances that are terminated
    output: list = field(default_factory=list)  # strings in the output
    absent: list = field(default_factory=list)  # strings that must not be there
    groups: list = field(default_factory=lambda: [CONTROL_PLANE, nodes()])
    workloads: list = field(default_factory=lambda: [WEB])
    flags: list = field(default_factory=list)
    before: Callable[[Cluster], None] | None = None
    during: Callable[[Cluster], None] | None = None  # in a thread
    token: str | None = None  # `made` for a service account's, else this one; default is a client certificate
    seconds: float = 120  # the run must end by then


def until(condition: Callable[[], bool], limit: float = 60):
    end = time.monotonic() + limit
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)


def hook(code: int, times: int = 10**6, kind: str = "validating", reachable: bool = True):
    def register(cluster: Cluster):
        webhook = Webhook(code, times, cluster.work / "server.pem")
        webhook.register(cluster.plane, cluster.authority, kind, None if reachable else free_port())
        # The API server reads the configuration of webhooks with a delay.
        time.sleep(3)
    return register


def restart(cluster: Cluster):
    until(lambda: any(e["event"] == "stopping" for e in cluster.events))
    cluster.plane.restart(pause=4)


ACCOUNT = "/api/v1/namespaces/kube-system/serviceaccounts"


def account(cluster: Cluster):
    """A service account with all permissions, whose token is valid as long as the account exists."""
    plane = cluster.plane
    plane.call("POST", ACCOUNT, {"metadata": {"name": "updater"}})
    plane.call("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
        "metadata": {"name": "updater"}, "subjects": [{"kind": "ServiceAccount", "name": "updater", "namespace": "kube-system"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    })  # fmt: skip
    answer = plane.call("POST", f"{ACCOUNT}/updater/token", {"spec": {"expirationSeconds": 3600}})
    cluster.token = answer["status"]["token"]


def without_budgets(cluster: Cluster):
    """An account that may do everything that an update does, and list no disruption budgets."""
    account(cluster)
    rules = [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "patch"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
    ]
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    cluster.plane.call("POST", f"{rbac}/clusterroles", {"metadata": {"name": "updater"}, "rules": rules})
    cluster.plane.call("DELETE", f"{rbac}/clusterrolebindings/updater")
    cluster.plane.call("POST", f"{rbac}/clusterrolebindings", {
        "metadata": {"name": "updater"}, "subjects": [{"kind": "ServiceAccount", "name": "updater", "namespace": "kube-system"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "updater"},
    })  # fmt: skip


def no_evictions(cluster: Cluster):
    """An account without permission to evict."""
    without_budgets(cluster)
    rules = [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list", "patch"]}]
    cluster.plane.patch("/apis/rbac.authorization.k8s.io/v1/clusterroles/updater", {"rules": rules})


def revoke(cluster: Cluster):
    until(lambda: cluster.terminated())
    cluster.plane.call("DELETE", f"{ACCOUNT}/updater")


def ending_namespace(cluster: Cluster):
    """A namespace that is being deleted: its evictions are refused, and its pods go one after another."""
    plane = cluster.plane
    plane.call("DELETE", "/api/v1/namespaces/ending")

    def pods():
        return plane.call("GET", "/api/v1/namespaces/ending/pods")["items"]

    cluster.workloads.clear()  # nothing replaces them
    until(lambda: any(n["spec"].get("unschedulable") for n in plane.call("GET", "/api/v1/nodes")["items"]))
    for pod in pods():
        time.sleep(3)
        try:
            plane.call("DELETE", f"/api/v1/namespaces/ending/pods/{pod['metadata']['name']}", {"gracePeriodSeconds": 1})
        except Refused:
            pass


def namespace(cluster: Cluster):
    cluster.plane.call("POST", "/api/v1/namespaces", {"metadata": {"name": "ending"}})
    cluster.workloads.append({"name": "job", "replicas": 4, "namespace": "ending"})
    until(lambda: len(cluster.plane.call("GET", "/api/v1/namespaces/ending/pods")["items"]) == 4)
    time.sleep(1)


def budget(name: str = "web", least: int = 4, **more) -> dict:
    return {"name": name, "minAvailable": least, **more}


def web(*budgets: dict, **more) -> list:
    return [{**WEB, "budgets": list(budgets), **more}]


SHORT = ["--drain-timeout=8s"]
DENIED = 'admission webhook "guard.example.com" denied the request: ' + TEXT

SCENARIOS = {
    "plain": Scenario(groups=[{**CONTROL_PLANE, "outdated": 1}, nodes(outdated=2)], replaced=3),
    "bare-pod": Scenario(workloads=[{**WEB, "owner": None}]),
    "slow-stop": Scenario(workloads=[{**WEB, "stops": 6}]),
    "budget-that-frees": Scenario(workloads=web(budget(frees=8)), output=["Cannot evict pod", "disruption budget web"]),
    "budget-that-allows-one": Scenario(workloads=web(budget(least=3))),
    "budget-that-blocks": Scenario(exit=1, replaced=0, workloads=web(budget()), flags=SHORT, output=["The disruption budget web needs 4 healthy pods"]),
    "budget-forced": Scenario(workloads=web(budget()), flags=[*SHORT, "--on-drain-timeout=force"]),
    "budget-skipped": Scenario(exit=1, replaced=0, workloads=web(budget()), flags=[*SHORT, "--on-drain-timeout=skip"]),
    "two-budgets": Scenario(exit=1, replaced=0, workloads=web(budget(least=1), budget("second", 1)), seconds=30,
                            output=["more than one PodDisruptionBudget", "web", "second"]),
    "finalizer": Scenario(exit=1, replaced=0, workloads=[{**WEB, "finalizers": ["example.com/wait"]}], flags=SHORT, output=["held by finalizer example.com/wait"]),
    "webhook-429-twice": Scenario(before=hook(429, 2), output=[DENIED]),
    "webhook-429": Scenario(exit=1, replaced=0, before=hook(429), flags=SHORT, output=[DENIED]),
    "webhook-unreachable": Scenario(exit=1, replaced=0, before=hook(0, reachable=False), output=['failed calling webhook "guard.example.com"']),
    "api-server-restarts": Scenario(during=restart, workloads=[{**WEB, "stops": 2}], groups=[CONTROL_PLANE, nodes(outdated=2)], replaced=2),
    "wrong-token": Scenario(exit=1, replaced=0, token="expired", seconds=30, output=["Unauthorized", "token"], absent=["--cloudonly"]),
    "token-revoked": Scenario(exit=1, replaced=1, token="made", before=account, during=revoke, groups=[CONTROL_PLANE, nodes(2, 3)], seconds=60,
                              flags=["--node-interval=15s"], output=["Unauthorized"], absent=["--cloudonly"]),
    "no-permission-for-budgets": Scenario(token="made", before=without_budgets, workloads=web(budget(least=3))),
    "no-permission-to-evict": Scenario(exit=1, replaced=0, token="made", before=no_evictions,
                                       output=['cannot create resource "pods/eviction"']),
    "namespace-that-ends": Scenario(before=namespace, during=ending_namespace),
    **{f"webhook-{code}": Scenario(exit=1, replaced=0, before=hook(code), output=[DENIED]) for code in (404, 409, 422, 500, 403)},
    **{f"mutating-webhook-{code}": Scenario(exit=1, replaced=0, before=hook(code, kind="mutating"), output=[DENIED]) for code in (404, 409, 500)},
}  # fmt: skip

