//! `delete cluster` against moto: the cluster's resources are deleted, shared and foreign ones remain.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::moto::{Moto, moto, settings, state_store};
use super::specs::{NAME, contents, in_depth, store, whole};
use crate::support::{kopsform, stderr, stdout, succeed};

/// Creates a cluster's resources and foreign ones; prints the ids by name.
const RESOURCES: &str = r#"
import boto3, json, sys
endpoint, cluster = sys.argv[1:]
def client(service):
    return boto3.client(service, region_name='us-east-1', endpoint_url=endpoint, aws_access_key_id='test', aws_secret_access_key='test')
ec2, asg, iam, r53 = map(client, ('ec2', 'autoscaling', 'iam', 'route53'))
elb, elbv2 = client('elb'), client('elbv2')
own = {'KubernetesCluster': cluster, f'kubernetes.io/cluster/{cluster}': 'owned'}
shared = {'KubernetesCluster': cluster, f'kubernetes.io/cluster/{cluster}': 'shared'}
other = {'KubernetesCluster': 'other.example.com', 'kubernetes.io/cluster/other.example.com': 'owned'}
def tags(values, name=None):
    values = dict(values, **({'Name': name} if name else {}))
    return [{'Key': k, 'Value': v} for k, v in values.items()]
def spec(kind, values, name=None):
    return [{'ResourceType': kind, 'Tags': tags(values, name)}]
ids = {}
vpc = ids['vpc'] = ec2.create_vpc(CidrBlock='10.9.0.0/16', TagSpecifications=spec('vpc', own, cluster))['Vpc']['VpcId']
ids['options'] = ec2.create_dhcp_options(DhcpConfigurations=[{'Key': 'domain-name', 'Values': ['x']}])['DhcpOptions']['DhcpOptionsId']
ec2.create_tags(Resources=[ids['options']], Tags=tags(own))
ec2.associate_dhcp_options(DhcpOptionsId=ids['options'], VpcId=vpc)
subnet = ids['subnet'] = ec2.create_subnet(VpcId=vpc, CidrBlock='10.9.1.0/24', AvailabilityZone='us-east-1a', TagSpecifications=spec('subnet', own, 'a'))['Subnet']['SubnetId']
ids['gateway'] = ec2.create_internet_gateway(TagSpecifications=spec('internet-gateway', own))['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=ids['gateway'], VpcId=vpc)
ids['table'] = ec2.create_route_table(VpcId=vpc, TagSpecifications=spec('route-table', own))['RouteTable']['RouteTableId']
association = ec2.associate_route_table(RouteTableId=ids['table'], SubnetId=subnet)
ids['address'] = ec2.allocate_address(Domain='vpc', TagSpecifications=spec('elastic-ip', own))['AllocationId']
ids['nat'] = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=ids['address'], TagSpecifications=spec('natgateway', own))['NatGateway']['NatGatewayId']
ec2.create_route(RouteTableId=ids['table'], DestinationCidrBlock='0.0.0.0/0', NatGatewayId=ids['nat'])
groups = [ec2.create_security_group(GroupName=f'{n}.{cluster}', Description=n, VpcId=vpc, TagSpecifications=spec('security-group', own))['GroupId'] for n in ('masters', 'nodes')]
ids['masters'], ids['nodes'] = groups
for a, b in (groups, groups[::-1]):
    ec2.authorize_security_group_ingress(GroupId=a, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'UserIdGroupPairs': [{'GroupId': b}]}])
ids['volume'] = ec2.create_volume(AvailabilityZone='us-east-1a', Size=1, TagSpecifications=spec('volume', own))['VolumeId']
image = ec2.describe_images()['Images'][0]['ImageId']
template = ids['template'] = ec2.create_launch_template(LaunchTemplateName=f'nodes.{cluster}', LaunchTemplateData={'ImageId': image, 'InstanceType': 't3.medium'}, TagSpecifications=spec('launch-template', own))['LaunchTemplate']['LaunchTemplateId']
ids['group'] = f'nodes.{cluster}'
asg.create_auto_scaling_group(AutoScalingGroupName=ids['group'], MinSize=1, MaxSize=1, DesiredCapacity=1, VPCZoneIdentifier=subnet, LaunchTemplate={'LaunchTemplateId': template, 'Version': '$Latest'}, Tags=[dict(t, PropagateAtLaunch=True, ResourceId=ids['group'], ResourceType='auto-scaling-group') for t in tags(own, ids['group'])])
ids['instance'] = asg.describe_auto_scaling_groups(AutoScalingGroupNames=[ids['group']])['AutoScalingGroups'][0]['Instances'][0]['InstanceId']
ids['key'] = ec2.create_key_pair(KeyName=f'kubernetes.{cluster}-c4:a6:ed')['KeyPairId']
ids['classic'] = 'api-demo'
elb.create_load_balancer(LoadBalancerName='api-demo', Listeners=[{'Protocol': 'tcp', 'LoadBalancerPort': 443, 'InstanceProtocol': 'tcp', 'InstancePort': 443}], Subnets=[subnet], Tags=tags(own, 'api'))
ids['network'] = elbv2.create_load_balancer(Name='nlb-demo', Subnets=[subnet], Type='network', Tags=tags(own))['LoadBalancers'][0]['LoadBalancerArn']
ids['targets'] = elbv2.create_target_group(Name='tg-demo', Protocol='TCP', Port=443, VpcId=vpc, Tags=tags(own))['TargetGroups'][0]['TargetGroupArn']
for name, values in ((f'nodes.{cluster}', own), ('nodes.other.example.com', other)):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument='{}', Tags=tags(values))
    iam.put_role_policy(RoleName=name, PolicyName='inline', PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}')
    iam.create_instance_profile(InstanceProfileName=name, Tags=tags(values))
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
ids['role'] = f'nodes.{cluster}'
zone = r53.create_hosted_zone(Name='example.com', CallerReference=cluster)['HostedZone']['Id']
ids['zone'] = zone.split('/')[-1]
def record(name):
    return {'Action': 'CREATE', 'ResourceRecordSet': {'Name': name, 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': '203.0.113.1'}]}}
r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={'Changes': [record(n) for n in (f'api.{cluster}', f'api.internal.{cluster}', f'shop.{cluster}', 'api.other.example.com')]})
sqs, events = client('sqs'), client('events')
dashed = cluster.replace('.', '-')
def queue(name, values):
    return sqs.create_queue(QueueName=name, tags=values)['QueueUrl']
def rule(name, values):
    events.put_rule(Name=name, EventPattern='{"source":["aws.ec2"]}', Tags=tags(values))
    events.put_targets(Rule=name, Targets=[{'Id': '1', 'Arn': 'arn:aws:sqs:us-east-1:123456789012:q'}])
ids['queue'] = queue(f'{dashed}-nth', own)
for event in ('ASGLifecycle', 'SpotInterruption'):
    rule(f'{cluster}-{event}', own)
# Shared resources and those of others.
ids['foreign queue'] = queue(f'{dashed}-two-nth', own)
queue(f'{dashed}-nth-backup', own)
rule(f'{cluster}-two.org-ASGLifecycle', own)
rule(f'{cluster}-InstanceStateChange', other)
foreign = ec2.create_vpc(CidrBlock='10.8.0.0/16', TagSpecifications=spec('vpc', other))['Vpc']['VpcId']
ids['foreign'] = foreign
ids['foreign group'] = ec2.create_security_group(GroupName='mine', Description='x', VpcId=foreign)['GroupId']
ids['shared group'] = ec2.create_security_group(GroupName='shared', Description='x', VpcId=foreign, TagSpecifications=spec('security-group', shared))['GroupId']
ids['foreign key'] = ec2.create_key_pair(KeyName=f'kubernetes.{cluster}.au')['KeyPairId']
ids['foreign volume'] = ec2.create_volume(AvailabilityZone='us-east-1a', Size=1, TagSpecifications=spec('volume', other))['VolumeId']
# An address with the cluster's name for its costs.
ids['foreign address'] = ec2.allocate_address(Domain='vpc', TagSpecifications=spec('elastic-ip', {'KubernetesCluster': cluster}))['AllocationId']
print(json.dumps(ids))
"#;

/// Prints the ids of the remaining resources of [`RESOURCES`].
const LEFT: &str = r#"
import boto3, json, sys
endpoint, = sys.argv[1:]
def client(service):
    return boto3.client(service, region_name='us-east-1', endpoint_url=endpoint, aws_access_key_id='test', aws_secret_access_key='test')
ec2, asg, iam, r53 = map(client, ('ec2', 'autoscaling', 'iam', 'route53'))
left = []
left += [v['VpcId'] for v in ec2.describe_vpcs()['Vpcs']]
left += [s['SubnetId'] for s in ec2.describe_subnets()['Subnets']]
left += [g['GroupId'] for g in ec2.describe_security_groups()['SecurityGroups']]
left += [k['KeyPairId'] for k in ec2.describe_key_pairs()['KeyPairs']]
left += [v['VolumeId'] for v in ec2.describe_volumes()['Volumes'] if not v['Attachments']]
left += [t['RouteTableId'] for t in ec2.describe_route_tables()['RouteTables']]
left += [g['InternetGatewayId'] for g in ec2.describe_internet_gateways()['InternetGateways']]
left += [g['NatGatewayId'] for g in ec2.describe_nat_gateways()['NatGateways'] if g['State'] != 'deleted']
left += [a['AllocationId'] for a in ec2.describe_addresses()['Addresses']]
left += [d['DhcpOptionsId'] for d in ec2.describe_dhcp_options()['DhcpOptions']]
left += [t['LaunchTemplateId'] for t in ec2.describe_launch_templates()['LaunchTemplates']]
left += [i['InstanceId'] for r in ec2.describe_instances()['Reservations'] for i in r['Instances'] if i['State']['Name'] != 'terminated']
left += [g['AutoScalingGroupName'] for g in asg.describe_auto_scaling_groups()['AutoScalingGroups']]
left += [b['LoadBalancerName'] for b in client('elb').describe_load_balancers()['LoadBalancerDescriptions']]
left += [b['LoadBalancerArn'] for b in client('elbv2').describe_load_balancers()['LoadBalancers']]
left += [g['TargetGroupArn'] for g in client('elbv2').describe_target_groups()['TargetGroups']]
left += client('sqs').list_queues().get('QueueUrls', [])
left += [r['Name'] for r in client('events').list_rules()['Rules']]
left += [r['RoleName'] for r in iam.list_roles()['Roles']]
left += [p['InstanceProfileName'] for p in iam.list_instance_profiles()['InstanceProfiles']]
for zone in r53.list_hosted_zones()['HostedZones']:
    left += [r['Name'].rstrip('.') for r in r53.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets'] if r['Type'] == 'A']
print(json.dumps(left))
"#;

fn python(script: &str, args: &[&str]) -> Value {
    let python = std::env::var_os("KOPSFORM_TEST_PYTHON").unwrap();
    let output = succeed(Command::new(python).args(["-c", script]).args(args));
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn left(endpoint: &str) -> BTreeSet<String> {
    let left = python(LEFT, &[endpoint]);
    left.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn program(home: &std::path::Path, moto: &Moto, bucket: &str) -> Command {
    let endpoint = format!("http://{}", moto.address);
    let mut command = kopsform(home);
    command
        .envs(settings(&moto.address))
        .env("KOPS_STATE_STORE", format!("s3://{bucket}"))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

#[test]
fn only_the_clusters_resources_are_deleted() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let endpoint = format!("http://{}", moto.address);
        let bucket = moto.bucket();
        let state = state_store(&moto.address, &bucket);
        store(&state, &whole(1, 1)).await.unwrap();
        let ids = python(RESOURCES, &[&endpoint, NAME]);
        let id = |name: &str| ids[name].as_str().unwrap().to_owned();
        let before = left(&endpoint);
        let home = tempfile::tempdir().unwrap();

        let output = succeed(program(home.path(), moto, &bucket).args(["delete", "cluster", NAME]));
        let listed = stdout(&output);
        let rows: BTreeSet<(String, String)> = listed
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').filter(|cell| !cell.is_empty()).collect();
                (cells[0].to_owned(), cells[cells.len() - 1].to_owned())
            })
            .collect();
        let zone = id("zone");
        let own = [
            ("vpc", id("vpc")),
            ("dhcp-options", id("options")),
            ("subnet", id("subnet")),
            ("internet-gateway", id("gateway")),
            ("route-table", id("table")),
            ("elastic-ip", id("address")),
            ("nat-gateway", id("nat")),
            ("security-group", id("masters")),
            ("security-group", id("nodes")),
            ("volume", id("volume")),
            ("autoscaling-config", id("template")),
            ("autoscaling-group", id("group")),
            ("instance", id("instance")),
            ("keypair", id("key")),
            ("load-balancer", id("classic")),
            ("load-balancer", id("network")),
            ("target-group", id("targets")),
            ("iam-role", id("role")),
            ("sqs", id("queue")),
            ("eventbridge-rule", format!("{NAME}-ASGLifecycle")),
            ("eventbridge-rule", format!("{NAME}-SpotInterruption")),
            ("iam-instance-profile", id("role")),
            ("route53-record", format!("{zone}/A/api.{NAME}")),
            ("route53-record", format!("{zone}/A/api.internal.{NAME}")),
        ];
        let own: BTreeSet<(String, String)> = own.into_iter().map(|(kind, id)| (kind.to_owned(), id)).collect();
        assert_eq!(rows, own, "{listed}");
        assert!(listed.ends_with("\nMust specify --yes to delete cluster\n"), "{listed}");
        assert_eq!(left(&endpoint), before, "a dry run deletes nothing");

        let mut command = program(home.path(), moto, &bucket);
        let output =
            command.args(["delete", "cluster", NAME, "--yes", "--wait", "60s", "--interval", "1s"]).output().unwrap();
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).ends_with(&format!("\nDeleted cluster: {NAME:?}\n")), "{}", stdout(&output));
        assert!(stdout(&output).contains(&format!("vpc:{}\tok\n", id("vpc"))), "{}", stdout(&output));
        let after = left(&endpoint);
        for (kind, id) in &own {
            let id = id.strip_prefix(&format!("{zone}/A/")).unwrap_or(id);
            assert!(!after.contains(id), "{kind} {id} is left");
        }
        for name in [
            "foreign",
            "foreign group",
            "shared group",
            "foreign key",
            "foreign volume",
            "foreign queue",
            "foreign address",
        ] {
            assert!(after.contains(&id(name)), "the {name} is gone");
        }
        let rules = ["two.org-ASGLifecycle", "InstanceStateChange"].map(|event| format!("{NAME}-{event}"));
        for name in ["nodes.other.example.com", &format!("shop.{NAME}"), "api.other.example.com", &rules[0], &rules[1]]
        {
            assert!(after.contains(name), "{name} is gone");
        }
        assert!(state.store().list("").await.unwrap().is_empty(), "the state is left");
        what_keeps_a_network_is_named(moto, home.path());
    });
}

/// A user's route table in the cluster's own network. Not a test by itself: others list everything in the account.
fn what_keeps_a_network_is_named(moto: &Moto, home: &std::path::Path) {
    const SCRIPT: &str = r"
import boto3, json, sys
endpoint, cluster = sys.argv[1:]
ec2 = boto3.client('ec2', region_name='us-east-1', endpoint_url=endpoint, aws_access_key_id='test', aws_secret_access_key='test')
tags = [{'Key': 'KubernetesCluster', 'Value': cluster}, {'Key': f'kubernetes.io/cluster/{cluster}', 'Value': 'owned'}]
vpc = ec2.create_vpc(CidrBlock='10.7.0.0/16', TagSpecifications=[{'ResourceType': 'vpc', 'Tags': tags}])['Vpc']['VpcId']
print(json.dumps(ec2.create_route_table(VpcId=vpc)['RouteTable']['RouteTableId']))
";
    const CLUSTER: &str = "held.example.com";
    let table = python(SCRIPT, &[&format!("http://{}", moto.address), CLUSTER]);
    let mut delete = program(home, moto, "unused");
    delete.args(["delete", "cluster", CLUSTER, "--external", "--region", "us-east-1", "--yes"]);
    let output = delete.args(["--count", "1", "--interval", "1s"]).output().unwrap();
    assert!(!output.status.success());
    let expected = format!("it holds what has no tag of the cluster: {}", table.as_str().unwrap());
    assert!(stdout(&output).contains(&expected), "{}{}", stdout(&output), stderr(&output));
}

/// A cluster whose spec leads into the state of another one.
fn copied(field: &str, address: &str) -> String {
    whole(1, 1).replace("  cloudProvider: aws\n", &format!("  cloudProvider: aws\n  {field}: {address}\n"))
}

#[test]
fn the_state_of_another_cluster_is_never_deleted_or_written() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let home = tempfile::tempdir().unwrap();
        let bucket = moto.bucket();
        let state = state_store(&moto.address, &bucket);
        let victim = whole(1, 1).replace(NAME, "victim.example.com");
        store(&state, &victim).await.unwrap();
        for key in ["pki/private/kubernetes-ca/keyset.yaml", "secrets/admin"] {
            let key = format!("victim.example.com/{key}");
            state.store().write(&key, b"theirs", kopsform_state::Condition::None).await.unwrap();
        }
        let theirs = contents(&state).await;
        for (field, address) in [
            ("configBase", format!("s3://{bucket}/victim.example.com")),
            ("configBase", format!("s3://{bucket}/victim.example.com/")),
            ("configBase", format!("s3://{bucket}")),
            ("keyStore", format!("s3://{bucket}/victim.example.com/pki")),
            ("secretStore", format!("s3://{bucket}/victim.example.com/secrets")),
            ("secretStore", format!("s3://{bucket}")),
        ] {
            let file = home.path().join("spec.yml");
            std::fs::write(&file, copied(field, &address)).unwrap();
            let mut command = program(home.path(), moto, &bucket);
            let replaced = command.args(["replace", "--force", "-f"]).arg(&file).output().unwrap();
            assert_eq!(replaced.status.code(), Some(1), "{field}: {address}: {}", stderr(&replaced));
            let message = stderr(&replaced);
            assert!(message.contains(field) && message.contains("victim.example.com"), "{message}");

            // kops stores such a spec, and so did earlier releases.
            let text = copied(field, &address);
            let (cluster, _) = text.split_once("\n---").unwrap();
            state
                .store()
                .write(&format!("{NAME}/config"), cluster.as_bytes(), kopsform_state::Condition::None)
                .await
                .unwrap();
            let mut command = program(home.path(), moto, &bucket);
            let deleted = command.args(["delete", "cluster", NAME, "--unregister", "--yes"]).output().unwrap();
            assert_eq!(deleted.status.code(), Some(1), "{field}: {address}");
            let message = stderr(&deleted);
            assert!(message.contains("refusing to delete") && message.contains("victim.example.com"), "{message}");
            state.store().delete(&format!("{NAME}/config")).await.unwrap();
            assert_eq!(contents(&state).await, theirs, "{field}: {address}");
        }
    });
}

#[test]
fn a_dry_run_names_the_state_that_would_be_deleted() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let home = tempfile::tempdir().unwrap();
        let bucket = moto.bucket();
        store(&state_store(&moto.address, &bucket), &whole(1, 1)).await.unwrap();
        let output = succeed(program(home.path(), moto, &bucket).args(["delete", "cluster", NAME, "--unregister"]));
        let message = stderr(&output);
        assert!(message.contains(&format!("state to delete: s3://{bucket}/{NAME}/ (")), "{message}");
    });
}
