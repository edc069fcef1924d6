//! AWS IAM authenticator: users log in with their AWS identity.

use serde::Serialize;

use super::addon_context::{AddonContext, amount, amount_or};
use super::plan::{Addon, AddonsError, Plan, Selector, templates};
use super::versions;
use kopsform_env::features::Feature;
use kopsform_spec::v1alpha2::AwsIdentityMapping;

pub(super) const ADDON: Addon = Addon { directory: "authentication-aws", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    image: String,
    node_role: &'static str,
    backend_mode: &'a str,
    cluster_id: &'a str,
    /// Whether identities come from a config map that the user creates.
    mounts_config: bool,
    identity_mappings: Vec<Mapping<'a>>,
    cpu_request: String,
    cpu_limit: Option<String>,
    memory_request: String,
    memory_limit: String,
}

#[derive(Serialize)]
struct Mapping<'a> {
    arn: &'a str,
    username: &'a str,
    groups: Option<&'a [String]>,
}

fn mapping(mapping: &AwsIdentityMapping) -> Mapping<'_> {
    Mapping {
        arn: &mapping.arn,
        username: &mapping.username,
        groups: (!mapping.groups.is_empty()).then_some(mapping.groups.as_slice()),
    }
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let authentication = scene.cluster.spec.authentication.as_ref();
    let Some(aws) = authentication.and_then(|authentication| authentication.aws.as_ref()) else { return Ok(None) };
    let mode = aws.backend_mode.as_str();
    let mounts_config = mode.is_empty() || mode.contains("MountedFile");
    let mut files = templates!("authentication-aws": "rbac", "authenticator");
    if mode.contains("CRD") {
        files.extend(templates!("authentication-aws": "identity-mappings"));
    }
    let api_server_nodes = scene.context.features.enabled(Feature::ApiServerNodes);
    let values = Values {
        image: match aws.image.as_str() {
            "" => versions::AWS_IAM_AUTHENTICATOR.image(scene.minor),
            own => own.to_owned(),
        },
        node_role: if api_server_nodes {
            "node-role.kubernetes.io/api-server"
        } else {
            "node-role.kubernetes.io/control-plane"
        },
        backend_mode: mode,
        // A mounted file names the cluster itself.
        cluster_id: match aws.cluster_id.as_str() {
            "" if mounts_config => "",
            "" => &scene.values.name,
            own => own,
        },
        mounts_config,
        identity_mappings: aws.identity_mappings.iter().map(mapping).collect(),
        cpu_request: amount_or(aws.cpu_request.as_ref(), "10m"),
        cpu_limit: amount(aws.cpu_limit.as_ref()),
        memory_request: amount_or(aws.memory_request.as_ref(), "20Mi"),
        memory_limit: amount_or(aws.memory_limit.as_ref(), "20Mi"),
    };
    let content = scene.templates("authentication-aws", files, values)?;
    Ok(Some(Plan::new("authentication.aws", "k8s-1.12", content).selector(Selector::Authentication)))
}
