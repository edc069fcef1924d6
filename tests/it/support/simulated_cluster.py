"""A simulated cluster for the integration tests: AWS (moto) and a Kubernetes API that asks for client certificates.

The first line of its input is the cluster as JSON: its name, the CA that signs certificates, its groups, its pods. It answers with the
addresses of both APIs, then each further line `state` with what was asked and done so far, `requests` with the requests to the
Kubernetes API since the last such line, and serves until its input ends. `delay` in the JSON holds each of these requests back,
in seconds.
Nodes follow instances at once, so that nothing has to be waited for.
"""
import base64, datetime, http.server, ipaddress, json, logging, os, re, ssl, sys, tempfile, threading, time, urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
logging.getLogger("werkzeug").setLevel(logging.ERROR)

import boto3  # noqa: E402
import moto_patches  # noqa: E402, F401
import moto.autoscaling.responses as asg_responses  # noqa: E402
import moto.moto_server.threaded_moto_server as moto_server  # noqa: E402
import yaml  # noqa: E402
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from cryptography.x509.oid import NameOID  # noqa: E402
from moto.autoscaling import autoscaling_backends  # noqa: E402
from moto.core.responses import ActionResult  # noqa: E402
from moto.ec2 import ec2_backends  # noqa: E402

REGION, ACCOUNT, IMAGE = "us-east-1", "123456789012", "ami-12c6146b"
SUFFIX = {"ControlPlane": ".masters", "APIServer": ".apiservers"}
ROLE_TAG = {"ControlPlane": "control-plane", "APIServer": "api-server", "Node": "node", "Bastion": "bastion"}
STATIC = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


def warm_pools_are_empty():
    """Has every group answer as one whose warm pool has no instances."""
    asg_responses.AutoScalingResponse.describe_warm_pool = lambda self: ActionResult({"Instances": []})


class Cluster:
    def __init__(self, spec):
        self.spec, self.name = spec, spec["cluster"]
        self.lock = threading.RLock()
        self.calls, self.changes, self.subjects, self.patches = {}, [], set(), {}
        self.pods, self.owners, self.requests = {}, {}, []
        self.serve_aws()
        self.ec2, self.asg = ec2_backends[ACCOUNT][REGION], autoscaling_backends[ACCOUNT][REGION]
        clients = [boto3.client(name, region_name=REGION, endpoint_url=self.aws) for name in ("ec2", "autoscaling")]
        for group in spec["groups"]:
            self.seed(group, *clients)
        workers = [n for n in self.nodes() if n["metadata"]["labels"]["role"] == "Node"]
        for number, node in enumerate(workers if spec.get("pods") else []):
            self.pods[f"web-{number}"] = node["metadata"]["name"]
        self.calls.clear()
        self.changes.clear()
        self.serve_kubernetes()

    # --- AWS

    def serve_aws(self):
        plain = moto_server.make_server
        moto_server.make_server = lambda host, port, app, threaded: plain(host, port, self.counted(app), threaded)
        server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        moto_server.make_server = plain
        self.aws = "http://{}:{}".format(*server.get_host_and_port())

    def counted(self, app):
        def run(environ, start_response):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = __import__("io").BytesIO(body)
            query = dict(urllib.parse.parse_qsl(body.decode("latin1")))
            action = query.get("Action", environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"])
            with self.lock:
                self.calls[action] = self.calls.get(action, 0) + 1
                if not action.startswith(("Describe", "GET")):
                    self.changes.append(" ".join([action, *sorted(v for v in query.values() if re.fullmatch("i-[0-9a-f]+", v))]))
                return app(environ, start_response)
        return run

    def tags(self, group):
        return {"KubernetesCluster": self.name, "kops.k8s.io/instancegroup": group["name"],
                f"k8s.io/role/{ROLE_TAG[group['role']]}": "1"}

    def seed(self, group, ec2, asg):
        tags, size = self.tags(group), group["size"]
        subnet = next(iter(self.ec2.describe_subnets()))
        if group.get("karpenter"):
            self.ec2.run_instances(IMAGE, size, None, [], instance_type="m5.large", tags={"instance": tags},
                                   is_instance_type_default=False, subnet_id=subnet.id)
            return
        name = f"{group['name']}{SUFFIX.get(group['role'], '')}.{self.name}"
        data = {"ImageId": IMAGE, "InstanceType": "t3.medium"}
        template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
        start = {"LaunchTemplateId": template, "Version": "1"}
        how = {"LaunchTemplate": start}
        if group.get("mixed"):
            how = {"MixedInstancesPolicy": {
                "LaunchTemplate": {"LaunchTemplateSpecification": start, "Overrides": [{"InstanceType": "m5.large"}]},
                "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0}}}
        asg.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=size, MaxSize=size, DesiredCapacity=size, VPCZoneIdentifier=subnet.id,
            Tags=[{"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": k, "Value": v, "PropagateAtLaunch": True}
                  for k, v in tags.items()], **how)
        ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=data, SourceVersion="1")
        start["Version"] = group.get("now", "2")
        asg.update_auto_scaling_group(AutoScalingGroupName=name, **how)
        for n, state in enumerate(self.asg.autoscaling_groups[name].instance_states):
            state.version = "1" if n < group.get("outdated", 0) else "2"

    # --- Kubernetes

    def nodes(self):
        found = []
        for reservation in self.ec2.describe_instances():
            for instance in reservation.instances:
                if instance.id not in self.owners:  # moto looks through all tags there are
                    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
                    name = tags.get("kops.k8s.io/instancegroup")
                    self.owners[instance.id] = next((g for g in self.spec["groups"] if g["name"] == name), None)
                group = self.owners[instance.id]
                if instance._state.name == "running" and group and group["role"] != "Bastion":
                    found.append(self.node(instance, group))
        return found

    def node(self, instance, group):
        name = "node-" + instance.id[2:]
        labels = {"role": group["role"], "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": REGION + "a"}
        if group["role"] == "ControlPlane":
            labels["node-role.kubernetes.io/control-plane"] = ""
        patch = self.patches.get(name, {})
        return {"apiVersion": "v1", "kind": "Node",
                "metadata": {"name": name, "resourceVersion": str(patch.get("version", 1)),
                             "labels": {**labels, **patch.get("labels", {})}},
                "spec": {"providerID": f"aws:///{REGION}a/{instance.id}", **patch.get("spec", {})},
                "status": {"conditions": [{"type": "Ready", "status": "True"}],
                           "addresses": [{"type": "InternalIP", "address": instance.private_ip}]}}

    def pod(self, name, namespace, node, **more):
        address = node["status"]["addresses"][0]["address"]
        return {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace, "uid": name, **more},
                "spec": {"nodeName": node["metadata"]["name"], "containers": []},
                "status": {"phase": "Running", "hostIP": address}}

    def all_pods(self):
        nodes = {n["metadata"]["name"]: n for n in self.nodes()}
        found = [self.pod(f"{app}-{name}", "kube-system", node, labels={"k8s-app": app},
                          annotations={"kubernetes.io/config.mirror": "x"})
                 for name, node in nodes.items() if node["metadata"]["labels"]["role"] == "ControlPlane" for app in STATIC]
        return found + [self.pod(name, "default", nodes[on], labels={"app": "web"}) for name, on in self.pods.items() if on in nodes]

    def answer(self, method, path, query, body):
        """Status and object for a request."""
        parts = path.strip("/").split("/")
        listed = {"/api/v1/nodes": self.nodes, "/api/v1/pods": self.all_pods,
                  "/apis/policy/v1/poddisruptionbudgets": list}.get(path)
        if path == "/readyz":
            return 200, {}
        if listed and method == "GET":
            items = listed()
            wanted = re.fullmatch("spec.nodeName=(.*)", query.get("fieldSelector", ""))
            if wanted:
                items = [i for i in items if i["spec"]["nodeName"] == wanted[1]]
            first = int(query.get("continue") or 0)
            last = first + int(query.get("limit") or len(items) or 1)
            return 200, {"kind": "List", "apiVersion": "v1", "items": items[first:last],
                         "metadata": {"continue": str(last)} if last < len(items) else {}}
        if parts[:3] == ["api", "v1", "nodes"] and len(parts) == 4:
            node = next((n for n in self.nodes() if n["metadata"]["name"] == parts[3]), None)
            if node and method == "PATCH":
                sent, patch = json.loads(body), self.patches.setdefault(parts[3], {})
                patch.setdefault("labels", {}).update(sent.get("metadata", {}).get("labels", {}))
                patch.setdefault("spec", {}).update(sent.get("spec", {}))
                patch["version"] = patch.get("version", 1) + 1
                self.changes.append(f"PATCH {parts[3]} " + " ".join(sorted(sent.get("spec", {}))))
            return (200, node) if node else (404, {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"})
        if parts[-1] == "eviction" and method == "POST":
            self.changes.append(f"evict {parts[-2]}")
            self.pods.pop(parts[-2], None)
            return 201, {"kind": "Status", "status": "Success", "code": 201}
        return 404, {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound", "message": f"no {method} {path}"}

    def serve_kubernetes(self):
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                began = time.monotonic()
                time.sleep(cluster.spec.get("delay", 0))
                subject = self.connection.getpeercert()["subject"]
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                url = urllib.parse.urlsplit(self.path)
                with cluster.lock:
                    cluster.subjects.add(" ".join(f"{k}={v}" for part in subject for k, v in part))
                    status, found = cluster.answer(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), body)
                    cluster.requests.append((began, time.monotonic(), f"{self.command} {self.path}", status))
                data = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        authority, chain = self.certificate()
        context.load_verify_locations(cadata=authority)
        context.load_cert_chain(chain)
        os.unlink(chain)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.kube = f"https://127.0.0.1:{server.server_port}"

    def certificate(self):
        """The cluster's CA, and a file with a certificate of the API server that it has signed."""
        with open(self.spec["keyset"]) as f:
            item = yaml.safe_load(f)["spec"]["keys"][0]
        authority = base64.b64decode(item["publicMaterial"]).decode()
        ca = x509.load_pem_x509_certificate(authority.encode())
        signer = serialization.load_pem_private_key(base64.b64decode(item["privateMaterial"]), None)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now, name = datetime.datetime.now(datetime.timezone.utc), f"api.internal.{self.name}"
        loopback = ipaddress.IPv4Address("127.0.0.1")
        certificate = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes-master")]))
                       .issuer_name(ca.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
                       .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                       .add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(loopback)]), False).sign(signer, hashes.SHA256()))
        with tempfile.NamedTemporaryFile("wb", suffix=".pem", delete=False) as f:
            f.write(certificate.public_bytes(serialization.Encoding.PEM))
            f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return authority, f.name

    def take_requests(self):
        with self.lock:
            requests, self.requests = self.requests, []
            return requests

    def state(self):
        with self.lock:
            members = {g.name: [s.instance_id for s in g.instance_states] for g in self.asg.autoscaling_groups.values()}
            return {"calls": self.calls, "changes": self.changes, "subjects": sorted(self.subjects), "members": members}


def main():
    warm_pools_are_empty()
    cluster = Cluster(json.loads(sys.stdin.readline()))
    print(json.dumps({"aws": cluster.aws, "kube": cluster.kube}), flush=True)
    for line in sys.stdin:
        print(json.dumps(cluster.take_requests() if line.strip() == "requests" else cluster.state()), flush=True)


if __name__ == "__main__":
    main()
