"""A cluster of two workers that need an update, for a recording: AWS and a Kubernetes API, simulated as in the tests."""
import json, os, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAME = "demo.example.com"
GROUPS = [{"name": "control-plane", "role": "ControlPlane", "size": 1}, {"name": "nodes", "role": "Node", "size": 2, "outdated": 2}]
# Instances get the same IDs each time.
SEEDED = ("import runpy, sys; from moto.moto_api._internal import mock_random; mock_random.seed(1); "
          "runpy.run_path(sys.argv[1], run_name='__main__')")


class Simulated:
    # Short pauses and a single validation: those of a real cluster take minutes.
    commands = ["kopsform rolling-update cluster -v 1", "kopsform rolling-update cluster --yes --node-interval 2s --post-drain-delay 0s"
                " --validate-count 1", "kopsform rolling-update cluster"]

    def __init__(self, directory, environment):
        directory.mkdir()
        self.directory, self.process = directory, None
        self.environment = {
            **environment, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "KOPS_STATE_STORE": "s3://state", "KOPS_CLUSTER_NAME": NAME, "KOPSFORM_CACHE": "off",
        }

    def __enter__(self):
        import boto3
        store = self.directory / "store" / NAME
        for key, content in self.objects().items():
            path = store / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"apiVersion": "kops.k8s.io/v1alpha2", **content}))
        self.call("kopsform create keypair kubernetes-ca --primary", KOPS_STATE_STORE=f"file://{store.parent}")
        self.process = subprocess.Popen([sys.executable, "-c", SEEDED, ROOT / "tests/it/support/simulated_cluster.py"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "PYTHONPATH": str(ROOT / "tests/it/support")})
        keyset = store / "pki/private/kubernetes-ca/keyset.yaml"
        self.process.stdin.write(json.dumps({"cluster": NAME, "keyset": str(keyset), "groups": GROUPS, "pods": True}) + "\n")
        self.process.stdin.flush()
        addresses = json.loads(self.process.stdout.readline())
        self.environment["AWS_ENDPOINT_URL"], self.api = addresses["aws"], addresses["kube"]
        bucket = boto3.client("s3", region_name="us-east-1", endpoint_url=addresses["aws"], aws_access_key_id="test",
                              aws_secret_access_key="test")
        bucket.create_bucket(Bucket="state")
        for file in filter(pathlib.Path.is_file, store.rglob("*")):
            bucket.upload_file(str(file), "state", str(file.relative_to(store.parent)))
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stdin.close()
            self.process.wait()

    @staticmethod
    def objects():
        subnet = {"name": "us-east-1a", "zone": "us-east-1a", "type": "Private"}
        objects = {"config": {"kind": "Cluster", "metadata": {"name": NAME}, "spec": {
            "cloudProvider": "aws", "configBase": f"s3://state/{NAME}", "kubernetesVersion": "1.36.0",
            "topology": {"dns": {"type": "None"}}, "subnets": [subnet]}}}
        for group in GROUPS:
            objects[f"instancegroup/{group['name']}"] = {
                "kind": "InstanceGroup", "metadata": {"name": group["name"], "labels": {"kops.k8s.io/cluster": NAME}},
                "spec": {"role": group["role"].replace("ControlPlane", "Master"), "machineType": "t3.medium",
                         "minSize": group["size"], "maxSize": group["size"], "subnets": ["us-east-1a"]}}
        return objects

    def call(self, command, **environment):
        done = subprocess.run(["bash", "-c", command], cwd=self.directory, env={**self.environment, **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def run(self, command):
        """The output of a command against the simulation, whose API has no DNS name."""
        return self.call(f"{command} --api-server {self.api}")
