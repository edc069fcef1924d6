//! Service accounts and their roles.

use hcl::expr::Expression;

use crate::block::{Argument, Block, Body};
use crate::hcl_expr::call;
use crate::layout::IAM_FILE;
use crate::readable::place::Place;
use crate::renderer::Renderer;
use kopsform_model::Ref;
use kopsform_model::gce::resources::{BucketIamMember, ProjectIamBinding, ServiceAccount};

/// A service account as a member of a role: `serviceAccount:ADDRESS`.
struct Member<'a>(&'a Ref<ServiceAccount>);

impl Argument for Member<'_> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        let address = renderer.attribute(&self.0.node(), "email");
        Some(call("format", [Expression::String("serviceAccount:%s".to_owned()), address]))
    }
}

impl Block for ServiceAccount {
    const TYPE: &'static str = "google_service_account";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each("instances", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("account_id", &self.account_id)
            .set("description", &self.description)
            .set("display_name", &self.display_name)
            .set("project", &self.project);
    }
}

impl Block for ProjectIamBinding {
    const TYPE: &'static str = "google_project_iam_binding";
    const FILE: &'static str = IAM_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("members", vec![Member(&self.member)]).set("project", &self.project).set("role", &self.role);
    }
}

impl Block for BucketIamMember {
    const TYPE: &'static str = "google_storage_bucket_iam_member";
    const FILE: &'static str = IAM_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each("instances", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("bucket", &self.bucket).set("member", Member(&self.member)).set("role", self.role.as_str());
    }
}
