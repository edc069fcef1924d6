"""What is in the simulated account, without IDs and times, so that the accounts of two runs can be compared."""
import re

import boto3
from botocore.config import Config

import simulated_faults

ID = re.compile(r"\b(vpc|subnet|sg|sgr|rtb|rtbassoc|igw|eigw|nat|eipalloc|eipassoc|vol|lt|dopt|acl|eni|i|key|ami)-[0-9a-f]{8,17}\b")
SERIAL = re.compile(r"\b\d{15,}\b")
IPV6 = re.compile(r"\b2[0-9a-f]{3}(:[0-9a-f]{1,4})+::/\d+")
ARN = re.compile(r"(arn:aws:elasticloadbalancing:[^\"]*?/[^/\"]+)/[0-9a-f]{16}")


def plain(value):
    """A value without IDs."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, str):
        return IPV6.sub("IPV6", SERIAL.sub("SERIAL", ARN.sub(r"\1/ID", ID.sub(r"\1-ID", value))))
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def tags(list_of_tags):
    return {t["Key"]: t["Value"] for t in list_of_tags or []}


def only(item, *keys, tag_key="Tags"):
    return {**{k: item.get(k) for k in keys}, "Tags": tags(item.get(tag_key))}


def summary(endpoint, region):
    def client(name):
        config = Config(user_agent_extra=simulated_faults.HARNESS)
        return boto3.client(name, region_name=region, endpoint_url=endpoint, config=config)

    def pages(of, operation, key, **more):
        return [item for page in of.get_paginator(operation).paginate(**more) for item in page.get(key, [])]

    ec2, asg, iam, elb, elbv2, route53, s3 = (client(n) for n in ("ec2", "autoscaling", "iam", "elb", "elbv2", "route53", "s3"))
    sqs, events = client("sqs"), client("events")
    names = {g["GroupId"]: g["GroupName"] for g in ec2.describe_security_groups()["SecurityGroups"]}

    def rule(r):
        group = names.get((r.get("ReferencedGroupInfo") or {}).get("GroupId"))
        return [names.get(r["GroupId"]), r["IsEgress"], r["IpProtocol"], r.get("FromPort"), r.get("ToPort"), r.get("CidrIpv4"), r.get("CidrIpv6"), group, tags(r.get("Tags"))]

    def table(t):
        routes = [{k: v for k, v in r.items() if k.startswith("Destination") or k.endswith("Id")} for r in t["Routes"]]
        return {**only(t), "Routes": routes, "Associations": len([a for a in t["Associations"] if not a.get("Main")])}

    def role(r):
        name = r["RoleName"]
        return [name, tags(iam.get_role(RoleName=name)["Role"].get("Tags")), iam.list_role_policies(RoleName=name)["PolicyNames"],
                [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]]

    def group(g):
        hooks = asg.describe_lifecycle_hooks(AutoScalingGroupName=g["AutoScalingGroupName"])["LifecycleHooks"]
        return {**only(g, "AutoScalingGroupName", "MinSize", "MaxSize", "TargetGroupARNs", "LoadBalancerNames"), "Hooks": [h["LifecycleHookName"] for h in hooks],
                "Metrics": [m["Metric"] for m in g.get("EnabledMetrics", [])], "Suspended": [p["ProcessName"] for p in g.get("SuspendedProcesses", [])]}

    def balancer(b):
        arn = b["LoadBalancerArn"]
        listeners = [[li["Port"], li["DefaultActions"][0].get("TargetGroupArn")] for li in elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]]
        attributes = {a["Key"]: a["Value"] for a in elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
        return [b["LoadBalancerName"], listeners, attributes, tags(elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])]

    def queue(url):
        return [url.rsplit("/", 1)[-1], sqs.list_queue_tags(QueueUrl=url).get("Tags")]

    def event_rule(r):
        return [r["Name"], r.get("EventPattern"), [t["Arn"] for t in events.list_targets_by_rule(Rule=r["Name"])["Targets"]],
                tags(events.list_tags_for_resource(ResourceARN=r["Arn"])["Tags"])]

    zones = route53.list_hosted_zones()["HostedZones"]
    found = {
        "vpcs": [only(v, "CidrBlock", "DhcpOptionsId") for v in ec2.describe_vpcs()["Vpcs"]],
        "dhcp options": [only(o, "DhcpConfigurations") for o in ec2.describe_dhcp_options()["DhcpOptions"]],
        "subnets": [only(x, "CidrBlock", "AvailabilityZone") for x in ec2.describe_subnets()["Subnets"]],
        "internet gateways": [{**only(g), "Attached": len(g["Attachments"])} for g in ec2.describe_internet_gateways()["InternetGateways"]],
        "egress-only gateways": [only(g) for g in ec2.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"]],
        "NAT gateways": [only(g) for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] != "deleted"],
        "addresses": [only(a) for a in ec2.describe_addresses()["Addresses"]],
        "route tables": [table(t) for t in ec2.describe_route_tables()["RouteTables"]],
        "security groups": [only(g, "GroupName", "Description") for g in ec2.describe_security_groups()["SecurityGroups"]],
        "rules": [rule(r) for r in ec2.describe_security_group_rules()["SecurityGroupRules"]],
        "volumes": [only(v, "Size", "VolumeType", "AvailabilityZone", "Encrypted") for v in ec2.describe_volumes()["Volumes"] if not v["Attachments"]],
        "key pairs": [only(k, "KeyName") for k in ec2.describe_key_pairs()["KeyPairs"]],
        "launch templates": [only(t, "LaunchTemplateName", "LatestVersionNumber", "DefaultVersionNumber") for t in ec2.describe_launch_templates()["LaunchTemplates"]],
        "groups": [group(g) for g in pages(asg, "describe_auto_scaling_groups", "AutoScalingGroups")],
        "roles": [role(r) for r in pages(iam, "list_roles", "Roles")],
        "profiles": [[p["InstanceProfileName"], [r["RoleName"] for r in p["Roles"]]] for p in pages(iam, "list_instance_profiles", "InstanceProfiles")],
        "OIDC providers": [p["Arn"] for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]],
        "classic load balancers": [b["LoadBalancerName"] for b in elb.describe_load_balancers()["LoadBalancerDescriptions"]],
        "load balancers": [balancer(b) for b in elbv2.describe_load_balancers()["LoadBalancers"]],
        "target groups": [t["TargetGroupName"] for t in elbv2.describe_target_groups()["TargetGroups"]],
        "records": [[z["Name"], z["Config"]["PrivateZone"], r["Name"], r["Type"]] for z in zones for r in pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=z["Id"])],
        "queues": [queue(url) for url in sqs.list_queues().get("QueueUrls", [])],
        "event rules": [event_rule(r) for r in events.list_rules()["Rules"]],
        "instances": len([i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"] if i["State"]["Name"] not in ("terminated", "shutting-down")]),
        "objects": [o["Key"] for o in pages(s3, "list_objects_v2", "Contents", Bucket="state")],
    }
    return plain(found)
