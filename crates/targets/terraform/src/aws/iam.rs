//! Roles, policies, instance profiles and the OIDC provider of service accounts.

use crate::block::{AttributeOf, Block, Body};
use crate::layout::IAM_FILE;
use crate::readable::place::Place;
use kopsform_model::aws::resources::{IamPolicyAttachment, IamRole, IamRolePolicy, InstanceProfile, OidcProvider};

/// The roles of instances.
const INSTANCES: &str = "instances";
/// Those of service accounts, whose names say so.
const SERVICE_ACCOUNTS: &str = "service_accounts";

/// Where a role, or what belongs to one of its name, is. Service accounts outside of kube-system have their namespace in the key.
fn role_place(name: &str) -> Place {
    match name.strip_suffix(".sa") {
        Some(account) => Place::each(SERVICE_ACCOUNTS, account.strip_suffix(".kube-system").unwrap_or(account)),
        None => Place::each(INSTANCES, name),
    }
}

impl Block for IamRole {
    const TYPE: &'static str = "aws_iam_role";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        role_place(name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.file("assume_role_policy", "policy", self.trust.to_json())
            .set("name", &self.name)
            .set("permissions_boundary", &self.permissions_boundary)
            .set("tags", &self.tags);
    }
}

impl Block for IamRolePolicy {
    const TYPE: &'static str = "aws_iam_role_policy";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        match name.strip_prefix("additional.") {
            Some(role) => Place::each("additional", role),
            None => role_place(name),
        }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name)
            .file("policy", "policy", self.document.to_json())
            .set("role", AttributeOf(&self.role, "name"));
    }
}

impl Block for IamPolicyAttachment {
    const TYPE: &'static str = "aws_iam_role_policy_attachment";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each("external", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("policy_arn", &self.policy).set("role", AttributeOf(&self.role, "name"));
    }
}

impl Block for InstanceProfile {
    const TYPE: &'static str = "aws_iam_instance_profile";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        role_place(name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name).set("role", AttributeOf(&self.role, "name")).set("tags", &self.tags);
    }
}

impl Block for OidcProvider {
    const TYPE: &'static str = "aws_iam_openid_connect_provider";
    const FILE: &'static str = IAM_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("client_id_list", &self.audiences)
            .set("tags", &self.tags)
            .set("thumbprint_list", &self.thumbprints)
            .set("url", &self.url);
    }
}
