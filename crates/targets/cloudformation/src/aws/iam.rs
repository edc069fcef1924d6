//! Roles, policies, instance profiles and the OIDC provider of service accounts.

use serde_json::{Value, json};

use crate::declare::{Declare, IdBy};
use crate::error::SpecField;
use crate::outside::Outside;
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::aws::iam::PolicyDocument;
use kopsform_model::aws::resources::{IamPolicyAttachment, IamRole, IamRolePolicy, InstanceProfile, OidcProvider};
use kopsform_model::{Kinded, Ref, Text};

/// The most characters of a role's policies together, without white space.
/// Source: IAM and STS quotas, "Role inline policies".
const MAX_POLICIES: usize = 10_240;

/// What distinguishes a role. Service accounts outside of kube-system have their namespace in it.
fn role_label(name: &Text) -> String {
    let name = name.without_cluster_name();
    match name.strip_suffix(".sa").and_then(|account| account.strip_suffix(".kube-system")) {
        Some(account) => format!("{account}-service-account"),
        None => name,
    }
}

/// The field of the spec that gives a role policies: by the role of instances, or for a service account.
fn policies_field(field: &str, role: &Text) -> String {
    match role.without_cluster_name().as_str() {
        "masters" => format!("spec.{field}.master"),
        "nodes" => format!("spec.{field}.node"),
        "bastions" => format!("spec.{field}.bastion"),
        _ => "spec.iam.serviceAccountExternalPermissions".to_owned(),
    }
}

impl Declare for IamRole {
    const TYPE: &'static str = "AWS::IAM::Role";
    const PREFIX: &'static str = "Role";
    const STACK: Stack = Stack::Iam;
    const ID: IdBy = IdBy::Name;

    fn label(name: &Text) -> String {
        role_label(name)
    }

    fn declare(&self, site: &mut Site<'_>) {
        let role: Ref<Self> = Ref::new(&site.id.name);
        // Policies are parts of the role: who uses it then has them from the first request on.
        let policies = written::<IamRolePolicy>(site, |policy| policy.role == role);
        let size: usize = policies.iter().map(|(_, policy)| characters(&policy.document)).sum();
        if size > MAX_POLICIES {
            site.unsupported(
                SpecField::of_cluster(policies_field("additionalPolicies", &self.name)),
                format!("the policies of role {} have {size} characters, IAM takes {MAX_POLICIES}", self.name),
                "attach managed policies with spec.externalPolicies",
            );
        }
        let mut attached: Vec<&String> = written::<IamPolicyAttachment>(site, |attachment| attachment.role == role)
            .into_iter()
            .map(|(_, attachment)| &attachment.policy)
            .collect();
        attached.sort();
        attached.dedup();
        site.resource(|body| {
            let policy = |(_, policy): &(&Text, &IamRolePolicy)| {
                json!({ "PolicyDocument": document(&policy.document), "PolicyName": policy.name.as_str() })
            };
            body.set("AssumeRolePolicyDocument", document(&self.trust))
                .set("ManagedPolicyArns", &attached)
                .set("PermissionsBoundary", &self.permissions_boundary)
                .set("Policies", policies.iter().map(policy).collect::<Vec<Value>>())
                .set("RoleName", &self.name)
                .set("Tags", &self.tags);
        });
    }
}

/// The nodes of a kind that this run writes, by name.
fn written<'a, T: Kinded + 'static>(site: &Site<'a>, wanted: impl Fn(&T) -> bool) -> Vec<(&'a Text, &'a T)> {
    let is_written = |name: &Text| site.scope.selection.keeps(&Ref::<T>::new(name).node());
    site.scope.graph.all::<T>().filter(|(name, resource)| is_written(name) && wanted(resource)).collect()
}

/// How many characters of a policy IAM counts: all but white space.
fn characters(document: &PolicyDocument) -> usize {
    document.to_json().chars().filter(|c| !c.is_whitespace()).count()
}

/// A policy as an object, so that templates can be checked.
pub fn document(document: &PolicyDocument) -> Value {
    // The document prints JSON.
    serde_json::from_str(&document.to_json()).unwrap_or_default()
}

impl Declare for IamRolePolicy {
    const TYPE: &'static str = "AWS::IAM::RolePolicy";
    const PREFIX: &'static str = "RolePolicy";
    const STACK: Stack = Stack::Iam;

    fn label(name: &Text) -> String {
        role_label(name)
    }

    /// A part of its role, unless the role is not in the template.
    fn declare(&self, site: &mut Site<'_>) {
        if site.scope.selection.is_managed(&self.role.node()) {
            return;
        }
        site.resource(|body| {
            body.set("PolicyDocument", document(&self.document))
                .set("PolicyName", &self.name)
                .set("RoleName", &self.role);
        });
    }
}

impl Declare for IamPolicyAttachment {
    const TYPE: &'static str = IamRole::TYPE;
    const PREFIX: &'static str = "RolePolicyAttachment";
    const STACK: Stack = Stack::Iam;

    /// A part of its role.
    fn declare(&self, site: &mut Site<'_>) {
        if !site.scope.selection.is_managed(&self.role.node()) {
            site.unsupported(
                SpecField::of_cluster(policies_field("externalPolicies", self.role.name())),
                format!("CloudFormation attaches {} to role {} only in one template", self.policy, self.role.name()),
                "leave IAMRole and IAMRolePolicy to the same owner",
            );
        }
    }
}

impl Declare for InstanceProfile {
    const TYPE: &'static str = "AWS::IAM::InstanceProfile";
    const PREFIX: &'static str = "InstanceProfile";
    const STACK: Stack = Stack::Iam;
    const ID: IdBy = IdBy::Name;

    fn declare(&self, site: &mut Site<'_>) {
        if !self.tags.is_empty() {
            site.outside(Outside::ProfileTags(self.name.to_string()));
        }
        site.resource(|body| {
            body.set("InstanceProfileName", &self.name).set("Roles", vec![&self.role]);
        });
    }
}

impl Declare for OidcProvider {
    const TYPE: &'static str = "AWS::IAM::OIDCProvider";
    const PREFIX: &'static str = "OidcProvider";
    const STACK: Stack = Stack::Iam;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("ClientIdList", &self.audiences)
                .set("Tags", &self.tags)
                .set("ThumbprintList", &self.thumbprints)
                .set("Url", &self.url);
        });
    }
}
