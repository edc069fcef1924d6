"""A simulated AWS account with the Kubernetes API of a cluster in it, for tests of whole workflows.

Prints the first line of simulated_aws.py. Then it answers each line of its input with a line of JSON:

    inventory              everything in the account, by service and kind
    services               the services that were called so far
    kubernetes CLUSTER     starts the API of a cluster whose state store is in a bucket: {"name", "bucket", "groups"}; its address

Nodes follow the instances of Auto Scaling groups at once.
"""
import json, os, re, sys, tempfile, threading

import simulated_aws
import simulated_cluster
from moto.autoscaling import autoscaling_backends
from moto.ec2 import ec2_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import boto3

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


class Kubernetes(simulated_cluster.Cluster):
    """The Kubernetes API over instances that exist, such as those that Terraform's groups have started."""

    def __init__(self, name, groups, keyset):
        self.spec, self.name = {"groups": groups, "keyset": keyset}, name
        self.lock = threading.RLock()
        self.changes, self.subjects, self.patches = [], set(), {}
        self.pods, self.owners, self.requests = {}, {}, []
        account, region = simulated_cluster.ACCOUNT, simulated_cluster.REGION
        self.ec2, self.asg = ec2_backends[account][region], autoscaling_backends[account][region]
        self.serve_kubernetes()


def recorded(app, services):
    """Notes the service in the signature of each request."""
    def run(environ, start_response):
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope:
            services.add(scope[1])
        return app(environ, start_response)
    return run


def inventory(endpoint):
    """The IDs of everything that costs money, or that a next cluster would be in conflict with."""
    def client(name):
        return boto3.client(name, region_name=simulated_aws.REGION, endpoint_url=endpoint)

    def ids(items, key):
        return sorted(item[key] for item in items)

    def kept(items):
        # AWS deletes volumes and interfaces along with the instance that they were made for, and moto keeps some of them. Volumes of
        # etcd are not made for an instance.
        def is_left(item):
            # A volume has a list, an interface one or none.
            attachments = item.get("Attachments") or [item.get("Attachment")]
            if any(attachments):
                return all(a.get("InstanceId") in ended for a in attachments)
            return not any(tag["Key"].startswith("k8s.io/etcd/") for tag in item.get("Tags", []))
        return [item for item in items if not is_left(item)]
    ec2, iam, route53 = client("ec2"), client("iam"), client("route53")
    s3, sqs, events = client("s3"), client("sqs"), client("events")
    elbv2, scaling = client("elbv2"), client("autoscaling")
    every = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    instances = [i for i in every if i["State"]["Name"] != "terminated"]
    ended = {i["InstanceId"] for i in every if i["State"]["Name"] == "terminated"}
    gateways = [g for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] != "deleted"]
    endpoints = [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"].lower() != "deleted"]
    subnets = ec2.describe_subnets()["Subnets"]
    zones = route53.list_hosted_zones()["HostedZones"]
    records = {z["Id"]: [r["Name"] + " " + r["Type"] for r in route53.list_resource_record_sets(HostedZoneId=z["Id"])["ResourceRecordSets"]]
               for z in zones}
    return {
        "ec2": {
            "instances": ids(instances, "InstanceId"),
            "volumes": ids(kept(ec2.describe_volumes()["Volumes"]), "VolumeId"),
            "launch templates": ids(ec2.describe_launch_templates()["LaunchTemplates"], "LaunchTemplateId"),
            "security groups": ids(ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
            "key pairs": ids(ec2.describe_key_pairs()["KeyPairs"], "KeyPairId"),
            "network interfaces": ids(kept(ec2.describe_network_interfaces()["NetworkInterfaces"]), "NetworkInterfaceId"),
            "VPCs": ids(ec2.describe_vpcs()["Vpcs"], "VpcId"),
            "VPC endpoints": ids(endpoints, "VpcEndpointId"),
            "subnets": ids(subnets, "SubnetId"),
            "tags of subnets": sorted(f"{s['SubnetId']} {t['Key']}" for s in subnets for t in s.get("Tags", [])),
            "route tables": ids(ec2.describe_route_tables()["RouteTables"], "RouteTableId"),
            "internet gateways": ids(ec2.describe_internet_gateways()["InternetGateways"], "InternetGatewayId"),
            "NAT gateways": ids(gateways, "NatGatewayId"),
            "addresses": ids(ec2.describe_addresses()["Addresses"], "AllocationId"),
        },
        "autoscaling": {"groups": ids(scaling.describe_auto_scaling_groups()["AutoScalingGroups"], "AutoScalingGroupName")},
        "elasticloadbalancing": {
            "load balancers": ids(elbv2.describe_load_balancers()["LoadBalancers"], "LoadBalancerName"),
            "target groups": ids(elbv2.describe_target_groups()["TargetGroups"], "TargetGroupName"),
        },
        "iam": {
            "roles": ids(iam.list_roles()["Roles"], "RoleName"),
            "instance profiles": ids(iam.list_instance_profiles()["InstanceProfiles"], "InstanceProfileName"),
            "policies": ids(iam.list_policies(Scope="Local")["Policies"], "Arn"),
            "identity providers": ids(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], "Arn"),
        },
        "route53": {"zones": ids(zones, "Id"), "records": records},
        "s3": {"buckets": ids(s3.list_buckets()["Buckets"], "Name")},
        "sqs": {"queues": sorted(sqs.list_queues().get("QueueUrls", []))},
        "events": {"rules": ids(events.list_rules()["Rules"], "Name")},
    }


def kubernetes(endpoint, name, bucket, groups):
    """Starts the API; its certificate is signed by the cluster's authority in the state store."""
    s3 = boto3.client("s3", region_name=simulated_aws.REGION, endpoint_url=endpoint)
    keyset = s3.get_object(Bucket=bucket, Key=f"{name}/pki/private/kubernetes-ca/keyset.yaml")["Body"].read()
    with tempfile.NamedTemporaryFile("wb", suffix=".yaml", delete=False) as f:
        f.write(keyset)
    api = Kubernetes(name, groups, f.name)
    os.unlink(f.name)
    return api.kube


def main():
    simulated_aws.use_images()
    simulated_cluster.warm_pools_are_empty()
    services = set()
    app = simulated_aws.one_at_a_time(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, recorded(app, services), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps(simulated_aws.seed(endpoint)), flush=True)
    services.clear()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "services":
            answer = sorted(services)
        elif command == "inventory":
            called = set(services)
            answer = inventory(endpoint)
            services.intersection_update(called)
        else:
            answer = kubernetes(endpoint, **json.loads(argument))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # do not wait for the threads of the servers
