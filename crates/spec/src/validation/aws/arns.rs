//! Regions and partitions that ARNs name.

use super::super::checker::Checker;
use crate::formats::Arn;
use crate::v1alpha2::{Cluster, InstanceGroup};
use kopsform_diagnostics::Rule;

pub(in crate::validation) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster, region: Option<&str>) {
    let Some(region) = region else { return };
    let spec = &cluster.spec;
    if let Some(balancer) = spec.api.as_ref().and_then(|api| api.load_balancer.as_ref()) {
        check(cx, region, "spec.api.loadBalancer.sslCertificate", &balancer.ssl_certificate);
    }
    for (i, etcd) in spec.etcd_clusters.iter().enumerate() {
        for (j, member) in etcd.etcd_members.iter().enumerate() {
            let path = format!("spec.etcdClusters[{i}].etcdMembers[{j}].kmsKeyId");
            check(cx, region, &path, member.kms_key_id.as_deref().unwrap_or_default());
        }
    }
    for (role, arns) in &spec.external_policies {
        for (i, arn) in arns.iter().enumerate() {
            check(cx, region, &format!("spec.externalPolicies.{role}[{i}]"), arn);
        }
    }
    if let Some(iam) = &spec.iam {
        check(cx, region, "spec.iam.permissionsBoundary", iam.permissions_boundary.as_deref().unwrap_or_default());
        for (i, account) in iam.service_account_external_permissions.iter().enumerate() {
            for (j, arn) in account.aws.iter().flat_map(|aws| &aws.policy_arns).enumerate() {
                let path = format!("spec.iam.serviceAccountExternalPermissions[{i}].aws.policyARNs[{j}]");
                check(cx, region, &path, arn);
            }
        }
    }
}

pub(in crate::validation) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup, region: Option<&str>) {
    let Some(region) = region else { return };
    let spec = &group.spec;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    check(cx, region, "spec.rootVolumeEncryptionKey", &text(&spec.root_volume_encryption_key));
    for (i, volume) in spec.volumes.iter().enumerate() {
        check(cx, region, &format!("spec.volumes[{i}].key"), &text(&volume.key));
    }
    for (i, balancer) in spec.external_load_balancers.iter().enumerate() {
        check(
            cx,
            region,
            &format!("spec.externalLoadBalancers[{i}].targetGroupArn"),
            &text(&balancer.target_group_arn),
        );
    }
    let profile = spec.iam.as_ref().and_then(|iam| iam.profile.as_deref());
    check(cx, region, "spec.iam.profile", profile.unwrap_or_default());
}

/// Reports an ARN of another region, or of a partition that the region is not in. IAM has no regions.
fn check(cx: &mut Checker<'_>, region: &str, path: &str, text: &str) {
    let Some(arn) = Arn::parse(text) else { return };
    if !arn.region.is_empty() && arn.region != region && arn.is_valid() {
        let message = format!("the {} is in {}, and the cluster in {region}", thing(&arn), arn.region);
        return cx.strict(Rule::WrongRegion, path, (message, format!("use one in {region}")));
    }
    let own = partition_of(region);
    if PARTITIONS.iter().any(|(_, partition)| *partition == arn.partition) && arn.partition != own {
        let message = format!("the {} is in the partition {}, and {region} in {own}", thing(&arn), arn.partition);
        cx.strict(Rule::WrongRegion, path, (message, format!("write arn:{own}:…")));
    }
}

/// What an ARN names, such as `certificate`.
fn thing<'a>(arn: &Arn<'a>) -> &'a str {
    match arn.resource.split(['/', ':']).next().unwrap_or_default() {
        "key" => "KMS key",
        "alias" => "KMS alias",
        "targetgroup" => "target group",
        "server-certificate" => "certificate",
        "instance-profile" => "instance profile",
        other => other,
    }
}

/// Prefixes of regions with the partition they are in.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
    ("", "aws"),
];

fn partition_of(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}
