//! Collects what a role may do, and makes as few statements of it as the conditions allow.

use std::collections::BTreeSet;

use serde_json::json;

use super::document::{PolicyDocument, Statement, Values};
use crate::aws::tags::KUBERNETES_CLUSTER;

/// Permissions of one role or service account, under construction.
#[derive(Debug, Clone)]
pub struct Permissions<'a> {
    cluster: &'a str,
    partition: &'a str,
    region: &'a str,
    anywhere: BTreeSet<&'static str>,
    on_cluster: BTreeSet<&'static str>,
    creating: BTreeSet<String>,
    kms_data: BTreeSet<&'static str>,
    statements: Vec<Statement>,
}

impl<'a> Permissions<'a> {
    /// No permissions yet. The partition is that of the account (`aws`), the region the cluster's.
    pub fn new(cluster: &'a str, partition: &'a str, region: &'a str) -> Self {
        Self {
            cluster,
            partition,
            region,
            anywhere: BTreeSet::new(),
            on_cluster: BTreeSet::new(),
            creating: BTreeSet::new(),
            kms_data: BTreeSet::new(),
            statements: Vec::new(),
        }
    }

    /// The name of the cluster they are for.
    pub fn cluster(&self) -> &'a str {
        self.cluster
    }

    /// An ARN without region and account: `arn:aws:s3:::bucket`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:::{resource}", self.partition)
    }

    /// The ARN pattern of all EC2 resources of a kind: `arn:aws:ec2:*:*:volume/*`.
    pub fn ec2_arn(&self, kind: &str) -> String {
        format!("arn:{}:ec2:*:*:{kind}/*", self.partition)
    }

    /// Allows actions on every resource.
    pub fn allow(&mut self, actions: &[&'static str]) {
        self.anywhere.extend(actions);
    }

    /// Allows actions on resources that carry the cluster's tag.
    pub fn allow_on_cluster(&mut self, actions: &[&'static str]) {
        self.on_cluster.extend(actions);
    }

    /// Allows actions that create something and give it the cluster's tag.
    pub fn allow_creating(&mut self, actions: &[&str]) {
        self.creating.extend(actions.iter().map(|&action| action.to_owned()));
    }

    /// Allows EC2 calls that create resources of these kinds and give them the cluster's tag: tags may be set while
    /// creating, and on what carries the cluster's tag already as long as that one is not touched.
    pub fn allow_creating_ec2(&mut self, calls: &[&str], kinds: &[&str]) {
        self.creating.extend(calls.iter().map(|call| format!("ec2:{call}")));
        let resources = Values::array(kinds.iter().map(|kind| self.ec2_arn(kind)));
        self.statements.push(
            Statement { action: Values::one("ec2:CreateTags"), resource: resources.clone(), ..Statement::default() }
                .when("StringEquals", format!("aws:RequestTag/{KUBERNETES_CLUSTER}"), self.cluster)
                .when("StringEquals", "ec2:CreateAction", json!(calls)),
        );
        self.statements.push(
            Statement {
                action: Values::of(["ec2:CreateTags", "ec2:DeleteTags"]),
                resource: resources,
                ..Statement::default()
            }
            .when("Null", format!("aws:RequestTag/{KUBERNETES_CLUSTER}"), "true")
            .when("StringEquals", format!("aws:ResourceTag/{KUBERNETES_CLUSTER}"), self.cluster),
        );
    }

    /// Allows use of KMS keys for volumes and for the state store. Reading and writing data goes through EC2 and S3,
    /// and is bound to them, unless a program on the instance calls KMS itself.
    pub fn allow_kms(&mut self, directly: bool) {
        const DATA: [&str; 4] = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
        self.allow(&["kms:CreateGrant", "kms:DescribeKey"]);
        if directly { self.anywhere.extend(DATA) } else { self.kms_data.extend(DATA) }
    }

    /// Adds a statement as it is.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// The policy; `None` where nothing is allowed, since IAM refuses empty policies.
    pub fn into_document(self) -> Option<PolicyDocument> {
        let everywhere = |action: Values| Statement { action, resource: Values::one("*"), ..Statement::default() };
        let Self { cluster, partition, region, anywhere, on_cluster, creating, kms_data, mut statements } = self;
        if !kms_data.is_empty() {
            // EBS is always in the cluster's region; a state store may be elsewhere. The suffix is the same in all
            // partitions.
            let services = json!([format!("ec2.{region}.amazonaws.com"), "s3.*.amazonaws.com"]);
            statements.push(everywhere(Values::of(kms_data)).when("StringLike", "kms:ViaService", services));
        }
        if !anywhere.is_empty() {
            statements.push(everywhere(Values::of(anywhere)));
        }
        if !on_cluster.is_empty() {
            let key = format!("aws:ResourceTag/{KUBERNETES_CLUSTER}");
            statements.push(everywhere(Values::of(on_cluster)).when("StringEquals", key, cluster));
        }
        if !creating.is_empty() {
            // A security group is created in a VPC, which is not tagged in that call and may be anybody's.
            let in_vpc = creating.contains("ec2:CreateSecurityGroup");
            let key = format!("aws:RequestTag/{KUBERNETES_CLUSTER}");
            statements.push(everywhere(Values::of(creating)).when("StringEquals", key, cluster));
            if in_vpc {
                statements.push(Statement {
                    action: Values::one("ec2:CreateSecurityGroup"),
                    resource: Values::one(format!("arn:{partition}:ec2:*:*:vpc/*")),
                    ..Statement::default()
                });
            }
        }
        (!statements.is_empty()).then(|| PolicyDocument::new(statements))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn statements(permissions: Permissions<'_>) -> serde_json::Value {
        serde_json::to_value(permissions.into_document().expect("some permission")).unwrap()["Statement"].take()
    }

    #[test]
    fn nothing_allowed_is_no_policy() {
        assert_eq!(Permissions::new("a.example.com", "aws", "us-east-1").into_document(), None);
    }

    #[test]
    fn actions_are_gathered_by_condition() {
        let mut permissions = Permissions::new("a.example.com", "aws", "us-east-1");
        permissions.allow(&["ec2:DescribeTags", "ec2:DescribeInstances"]);
        permissions.allow(&["ec2:DescribeTags"]);
        permissions.allow_on_cluster(&["ec2:DeleteVolume"]);
        assert_eq!(
            statements(permissions),
            json!([
                {"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:DescribeTags"], "Resource": "*"},
                {"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "*",
                 "Condition": {"StringEquals": {"aws:ResourceTag/KubernetesCluster": "a.example.com"}}},
            ])
        );
    }

    #[test]
    fn kms_data_goes_through_services_unless_called_directly() {
        let mut through = Permissions::new("a.example.com", "aws-cn", "cn-north-1");
        through.allow_kms(false);
        let through = statements(through);
        assert_eq!(
            through[0]["Condition"]["StringLike"]["kms:ViaService"],
            json!(["ec2.cn-north-1.amazonaws.com", "s3.*.amazonaws.com"])
        );
        assert_eq!(through[1]["Action"], json!(["kms:CreateGrant", "kms:DescribeKey"]));

        let mut direct = Permissions::new("a.example.com", "aws", "us-east-1");
        direct.allow_kms(true);
        let direct = statements(direct);
        assert_eq!(direct.as_array().map(Vec::len), Some(1));
        assert_eq!(direct[0].get("Condition"), None);
    }

    #[test]
    fn a_security_group_is_created_in_any_vpc() {
        let mut permissions = Permissions::new("a.example.com", "aws-us-gov", "us-gov-west-1");
        permissions.allow_creating_ec2(&["CreateSecurityGroup"], &["security-group"]);
        let statements = statements(permissions);
        assert_eq!(statements[0]["Condition"]["StringEquals"]["ec2:CreateAction"], json!(["CreateSecurityGroup"]));
        assert_eq!(statements[1]["Resource"], json!(["arn:aws-us-gov:ec2:*:*:security-group/*"]));
        assert_eq!(statements[3]["Resource"], json!("arn:aws-us-gov:ec2:*:*:vpc/*"));
    }
}
