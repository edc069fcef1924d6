//! The cluster as an issuer of identities that IAM trusts.

use crate::aws::resources::OidcProvider;
use crate::{Context, Graph, GraphError, Layer, text};

/// The audience of tokens for AWS.
const AUDIENCE: &str = "amazonaws.com";
/// SHA-1 fingerprints of the two root certificates that S3 is served with.
const S3_ROOT_THUMBPRINTS: [&str; 2] =
    ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "a9d53002e97e00e043244f3d170d6f4c414104fd"];

/// Adds the provider where the spec asks for it.
pub(super) fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let discovery = context.cluster.spec.service_account_issuer_discovery.as_ref();
    let Some(discovery) = discovery.filter(|discovery| discovery.enable_aws_oidc_provider) else { return Ok(()) };
    let Some(issuer) = context.cluster.service_account_issuer() else { return Ok(()) };
    let (scheme, rest) =
        issuer.split_once("://").map_or(("", issuer), |(scheme, rest)| (&issuer[..scheme.len() + 3], rest));
    let without_scheme = context.host_name(rest);
    let provider = OidcProvider {
        url: text![scheme, &without_scheme],
        audiences: [AUDIENCE.to_owned()].into_iter().chain(discovery.additional_audiences.clone()).collect(),
        thumbprints: S3_ROOT_THUMBPRINTS.map(str::to_owned).to_vec(),
        tags: context.owned_tags(context.cluster_name()),
    };
    let node = graph.add(Layer::Security, context.cluster_name(), provider)?;
    graph.export(&node, "iam_openid_connect_provider_arn", node.arn())?;
    graph.export(&node, "iam_openid_connect_provider_issuer", without_scheme)
}
