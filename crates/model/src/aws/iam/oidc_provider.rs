//! The cluster as an issuer of identities that IAM trusts.

use crate::aws::resources::IamOpenIdConnectProvider;
use crate::{Context, Graph, GraphError, Layer};

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
    let name = context.name();
    let provider = IamOpenIdConnectProvider {
        client_id_list: [AUDIENCE.to_owned()].into_iter().chain(discovery.additional_audiences.clone()).collect(),
        tags: context.owned_tags(name),
        thumbprint_list: S3_ROOT_THUMBPRINTS.map(str::to_owned).to_vec(),
        url: issuer.to_owned(),
    };
    if graph.add(Layer::Security, name, provider)? {
        graph.output("iam_openid_connect_provider_arn", IamOpenIdConnectProvider::attribute(name, "arn"))?;
        let without_scheme = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        graph.output("iam_openid_connect_provider_issuer", without_scheme)?;
    }
    Ok(())
}
