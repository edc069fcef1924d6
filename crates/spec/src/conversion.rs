//! Conversion of a decoded object: old spellings to their current form, and the few defaults that kops fills in whenever it
//! reads an object. Objects in the state store have this form.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::labels::API_VERSION;
use super::v1alpha2::{
    Api, Authorization, Cluster, ClusterSpec, DnsType, InstanceGroup, Keyset, KubeApiServerConfig, Networking,
    RbacAuthorization, SshCredential,
};

/// Conversion to the form that kops stores.
pub trait Convert {
    /// Converts the object in place. Idempotent.
    fn convert(&mut self);
}

impl Convert for Cluster {
    fn convert(&mut self) {
        self.api_version = API_VERSION.to_owned();
        convert_spec(&mut self.spec);
    }
}

impl Convert for InstanceGroup {
    fn convert(&mut self) {
        self.api_version = API_VERSION.to_owned();
    }
}

impl Convert for SshCredential {
    fn convert(&mut self) {
        self.api_version = API_VERSION.to_owned();
    }
}

impl Convert for Keyset {
    fn convert(&mut self) {
        self.api_version = API_VERSION.to_owned();
    }
}

fn convert_spec(spec: &mut ClusterSpec) {
    let dns = spec.topology.get_or_insert_default().dns.get_or_insert_default();
    dns.r#type.get_or_insert(DnsType::Public);

    let authorization = spec.authorization.get_or_insert_default();
    if *authorization == Authorization::default() {
        authorization.rbac = Some(RbacAuthorization {});
    }

    // An `api` block that chooses nothing is the same as none.
    if spec.api.as_ref() == Some(&Api::default()) {
        spec.api = None;
    }

    if let Some(networking) = &mut spec.networking
        && let Some(flannel) = &mut networking.flannel
        && flannel.backend.is_empty()
    {
        // The value of clusters from before there was a choice.
        flannel.backend = "udp".to_owned();
    }
    if spec.networking.as_ref().is_some_and(|n| *n == Networking::default()) {
        spec.networking = None;
    }

    // kops keeps the project with what is Google's.
    if Cloud::named(&spec.cloud_provider) != Some(Cloud::Gce) {
        spec.project.clear();
    }

    to_master(&mut spec.additional_policies);
    to_master(&mut spec.external_policies);

    if let Some(server) = &mut spec.kube_api_server
        && !server.oidc_required_claim.is_empty()
    {
        // kops keeps them as a map: the last value of a claim counts, and they come back sorted.
        let claims: BTreeMap<String, String> = server
            .oidc_required_claim
            .iter()
            .map(|claim| claim.split_once('=').unwrap_or((claim, "")))
            .map(|(claim, value)| (claim.to_owned(), value.to_owned()))
            .collect();
        let mut required: Vec<String> = claims.into_iter().map(|(claim, value)| format!("{claim}={value}")).collect();
        required.sort();
        server.oidc_required_claim = required;
    }

    if spec.kube_api_server.as_ref().is_some_and(uses_oidc) {
        // kops keeps these settings with the other ways to authenticate, which then exist.
        spec.authentication.get_or_insert_default();
    }

    if let Some(external_dns) = &mut spec.external_dns {
        if external_dns.provider == "none" {
            external_dns.disable = true;
        }
        if external_dns.disable {
            external_dns.provider = String::new();
        }
    }
}

/// Whether users authenticate with OpenID Connect.
fn uses_oidc(server: &KubeApiServerConfig) -> bool {
    server.oidc_client_id.is_some()
        || server.oidc_groups_claim.is_some()
        || server.oidc_groups_prefix.is_some()
        || server.oidc_issuer_url.is_some()
        || !server.oidc_required_claim.is_empty()
        || server.oidc_username_claim.is_some()
        || server.oidc_username_prefix.is_some()
}

/// Policies of the control plane are kept under `master`.
fn to_master<V>(policies: &mut BTreeMap<String, V>) {
    if let Some(policy) = policies.remove("control-plane") {
        policies.insert("master".to_owned(), policy);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn converted(spec: serde_json::Value) -> serde_json::Value {
        let mut cluster = Cluster { spec: serde_json::from_value(spec).unwrap(), ..Cluster::default() };
        cluster.convert();
        let once = cluster.clone();
        cluster.convert();
        assert_eq!(cluster, once);
        serde_json::to_value(&cluster.spec).unwrap()
    }

    #[test]
    fn an_empty_spec_gets_the_defaults_of_reading() {
        let expected = json!({"topology": {"dns": {"type": "Public"}}, "authorization": {"rbac": {}}});
        assert_eq!(converted(json!({"api": {}, "networking": {}})), expected);
    }

    #[test]
    fn projects_are_of_google_cloud() {
        let of = |cloud: &str| converted(json!({"cloudProvider": cloud, "project": "p"})).get("project").is_some();
        assert_eq!((of("gce"), of("aws")), (true, false));
    }

    #[test]
    fn old_spellings_take_their_present_form() {
        let spec = converted(json!({
            "topology": {"dns": {"type": "None"}, "masters": "private", "nodes": "private"},
            "authorization": {"alwaysAllow": {}},
            "networking": {"flannel": {}},
            "additionalPolicies": {"control-plane": "[]", "node": "[]"},
            "externalDns": {"provider": "none"},
            "kubeAPIServer": {"oidcRequiredClaim": ["b=2", "a=1", "b=3"]},
        }));
        let expected = json!({
            "topology": {"dns": {"type": "None"}},
            "authorization": {"alwaysAllow": {}},
            "networking": {"flannel": {"backend": "udp"}},
            "additionalPolicies": {"master": "[]", "node": "[]"},
            "externalDns": {"disable": true},
            "kubeAPIServer": {"oidcRequiredClaim": ["a=1", "b=3"]},
            "authentication": {},
        });
        assert_eq!(spec, expected);
    }
}
