"""Checks the file of `aws cloudformation create-change-set --resources-to-import` against an account.

    imported_identifiers.py ENDPOINT RESOURCES.json

Prints a line for each resource that is not in the account, or not what its type calls it. Prints nothing if all are.
"""
import json, sys

import boto3

ENDPOINT, FILE = sys.argv[1:]


def client(name):
    return boto3.client(name, region_name="us-east-1", endpoint_url=ENDPOINT, aws_access_key_id="test", aws_secret_access_key="test")


ec2, iam, elb, groups, sqs, events = (client(n) for n in ("ec2", "iam", "elbv2", "autoscaling", "sqs", "events"))


def one(found):
    """The only item of an answer."""
    items = list(found)
    assert len(items) == 1, f"{len(items)} found"
    return items[0]


def attachment(VpcId, AttachmentType):
    assert AttachmentType == "IGW", AttachmentType
    one(ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [VpcId]}])["InternetGateways"])


def address(AllocationId, PublicIp):
    assert one(ec2.describe_addresses(AllocationIds=[AllocationId])["Addresses"])["PublicIp"] == PublicIp


def route(RouteTableId, CidrBlock):
    routes = one(ec2.describe_route_tables(RouteTableIds=[RouteTableId])["RouteTables"])["Routes"]
    one(r for r in routes if CidrBlock in (r.get("DestinationCidrBlock"), r.get("DestinationIpv6CidrBlock")))


def dhcp_association(DhcpOptionsId, VpcId):
    assert one(ec2.describe_vpcs(VpcIds=[VpcId])["Vpcs"])["DhcpOptionsId"] == DhcpOptionsId


# By type: takes the identifiers of its schema by name, and fails unless they are those of one thing that exists.
CHECKS = {
    "AWS::AutoScaling::AutoScalingGroup": lambda AutoScalingGroupName: one(groups.describe_auto_scaling_groups(AutoScalingGroupNames=[AutoScalingGroupName])["AutoScalingGroups"]),
    "AWS::EC2::DHCPOptions": lambda DhcpOptionsId: one(ec2.describe_dhcp_options(DhcpOptionsIds=[DhcpOptionsId])["DhcpOptions"]),
    "AWS::EC2::EIP": address,
    "AWS::EC2::EgressOnlyInternetGateway": lambda Id: one(ec2.describe_egress_only_internet_gateways(EgressOnlyInternetGatewayIds=[Id])["EgressOnlyInternetGateways"]),
    "AWS::EC2::InternetGateway": lambda InternetGatewayId: one(ec2.describe_internet_gateways(InternetGatewayIds=[InternetGatewayId])["InternetGateways"]),
    "AWS::EC2::KeyPair": lambda KeyName: one(ec2.describe_key_pairs(KeyNames=[KeyName])["KeyPairs"]),
    "AWS::EC2::LaunchTemplate": lambda LaunchTemplateId: one(ec2.describe_launch_templates(LaunchTemplateIds=[LaunchTemplateId])["LaunchTemplates"]),
    "AWS::EC2::NatGateway": lambda NatGatewayId: one(ec2.describe_nat_gateways(NatGatewayIds=[NatGatewayId])["NatGateways"]),
    "AWS::EC2::Route": route,
    "AWS::EC2::RouteTable": lambda RouteTableId: one(ec2.describe_route_tables(RouteTableIds=[RouteTableId])["RouteTables"]),
    "AWS::EC2::SecurityGroup": lambda Id: one(ec2.describe_security_groups(GroupIds=[Id])["SecurityGroups"]),
    "AWS::EC2::Subnet": lambda SubnetId: one(ec2.describe_subnets(SubnetIds=[SubnetId])["Subnets"]),
    "AWS::EC2::VPC": lambda VpcId: one(ec2.describe_vpcs(VpcIds=[VpcId])["Vpcs"]),
    "AWS::EC2::VPCDHCPOptionsAssociation": dhcp_association,
    "AWS::EC2::VPCGatewayAttachment": attachment,
    "AWS::EC2::Volume": lambda VolumeId: one(ec2.describe_volumes(VolumeIds=[VolumeId])["Volumes"]),
    "AWS::ElasticLoadBalancingV2::Listener": lambda ListenerArn: one(elb.describe_listeners(ListenerArns=[ListenerArn])["Listeners"]),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": lambda LoadBalancerArn: one(elb.describe_load_balancers(LoadBalancerArns=[LoadBalancerArn])["LoadBalancers"]),
    "AWS::ElasticLoadBalancingV2::TargetGroup": lambda TargetGroupArn: one(elb.describe_target_groups(TargetGroupArns=[TargetGroupArn])["TargetGroups"]),
    "AWS::Events::Rule": lambda Arn: one(r for r in events.list_rules()["Rules"] if r["Arn"] == Arn),
    "AWS::IAM::InstanceProfile": lambda InstanceProfileName: iam.get_instance_profile(InstanceProfileName=InstanceProfileName),
    "AWS::IAM::OIDCProvider": lambda Arn: iam.get_open_id_connect_provider(OpenIDConnectProviderArn=Arn),
    "AWS::IAM::Role": lambda RoleName: iam.get_role(RoleName=RoleName),
    "AWS::SQS::Queue": lambda QueueUrl: sqs.get_queue_attributes(QueueUrl=QueueUrl, AttributeNames=["QueueArn"]),
}

with open(FILE) as f:
    resources = json.load(f)
for resource in resources:
    kind, identifier = resource["ResourceType"], resource["ResourceIdentifier"]
    try:
        CHECKS[kind](**identifier)
    except Exception as error:  # every kind of failure is a finding
        print(f"{resource['LogicalResourceId']} ({kind}) {identifier}: {type(error).__name__}: {error}")
