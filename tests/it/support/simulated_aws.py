"""A simulated AWS for the integration tests.

Prints its address and the IDs of its resources as one line of JSON, then serves until its standard input is closed, which also happens when the test is killed.

Tests control it by requests to /test: POST {"kill": PID, "after": N} kills a process when its Nth request that writes was carried out,
POST {"fail": PERCENT, "seed": N} lets that part of all requests fail, POST {} ends both, POST {"objects": {KEY: TEXT}} adds objects to the
bucket, and GET returns what is in the account, without IDs.
"""
import json, logging, os, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

IMAGE = "099720109477/ubuntu/images/noble"
IMAGES = [{
    "ami_id": f"ami-{architecture}", "name": IMAGE.split("/", 1)[1] + suffix, "owner_id": "099720109477", "public": True,
    "architecture": architecture, "state": "available", "platform": None, "image_type": "machine", "hypervisor": "xen",
    "root_device_name": "/dev/sda1", "root_device_type": "ebs", "sriov": "simple", "virtualization_type": "hvm",
    "description": "", "creation_date": "2026-01-01T00:00:00.000Z", "image_location": "amazon/ubuntu",
} for architecture, suffix in (("x86_64", ""), ("arm64", "-arm64"))]
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
logging.getLogger("werkzeug").setLevel(logging.ERROR)

import boto3  # noqa: E402
import moto_patches  # noqa: E402, F401
import account_summary  # noqa: E402
import simulated_faults  # noqa: E402
import moto.ec2.models.amis as amis  # noqa: E402
from moto.backends import get_backend  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

REGION = "us-east-1"


def use_images():
    """Lets IMAGES be all images there are. Call it before the first request."""
    amis.AMIS = IMAGES
    os.environ["MOTO_AMIS_PATH"] = "IMAGES"  # moto adds no others where it is set.


def seed(endpoint):
    """A VPC with public and private subnets in three zones, hosted zones and a bucket."""
    def client(name):
        return boto3.client(name, region_name=REGION, endpoint_url=endpoint)
    ec2, route53, s3 = client("ec2"), client("route53"), client("s3")
    s3.create_bucket(Bucket="state")
    client("ssm").put_parameter(Name="/images/noble", Type="String", Value="ami-x86_64")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = {}
    for number, zone in enumerate("abc"):
        for kind, third in (("public", number * 4), ("private", 64 + number * 16)):
            made = ec2.create_subnet(VpcId=vpc, AvailabilityZone=REGION + zone, CidrBlock=f"10.20.{third}.0/22")
            subnets[f"{kind}-{zone}"] = made["Subnet"]["SubnetId"]
    for private in (False, True):
        more = {"VPC": {"VPCRegion": REGION, "VPCId": vpc}} if private else {}
        route53.create_hosted_zone(Name="example.com.", CallerReference=str(private),
                                   HostedZoneConfig={"PrivateZone": private, "Comment": ""}, **more)
    return {"endpoint": endpoint, "image": IMAGE, "vpc": vpc, "subnets": subnets}


def control(environ, start_response):
    """Answers a test."""
    if environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        wanted, answer = json.loads(body), {}
        if "objects" in wanted:
            for key, text in wanted["objects"].items():
                get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].put_object("state", key, text.encode())
        else:
            simulated_faults.set_up(wanted)
    else:
        answer = {"writes": simulated_faults.writes(), "account": account_summary.summary(f"http://{environ['HTTP_HOST']}", REGION)}
    content = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def one_at_a_time(app):
    """moto is not thread-safe: a request that fails halfway would be retried and find its own changes.

    A client whose connection broke sends its call again, under the same ID. It gets the response that it missed: some calls,
    such as those for rules of security groups, fail the second time.
    """
    lock, responses = threading.Lock(), {}

    def run(environ, start_response):
        if environ["PATH_INFO"] == "/test":
            return control(environ, start_response)
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        with lock:
            if call in responses:
                status, headers, body = responses[call]
                start_response(status, headers)
                return body
            faults = simulated_faults.of(environ)
            if faults.before(start_response):
                return faults.body
            sent = []

            def start(status, headers, *exception):
                sent.append((status, headers))

            body = list(app(environ, start))
            if faults.after(start_response, sent[-1][0]):
                return faults.body
            start_response(*sent[-1])
            if call and sent and sent[-1][0].startswith("2"):
                responses[call] = (*sent[-1], body)
            return body
    return run


def main():
    use_images()
    app = one_at_a_time(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps(seed(f"http://127.0.0.1:{server.server_port}")), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
    os._exit(0)  # do not wait for the threads of the server
