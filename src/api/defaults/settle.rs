//! The canonical form of an object that was just read: what kops fills in while it decodes.

use crate::api::v1alpha2::{Authorization, Cluster, DnsTopology, DnsType, InstanceGroup, RbacAuthorization};

/// The role's old and new name in the keys of policy maps.
const OLD_CONTROL_PLANE_KEY: &str = "control-plane";
const CONTROL_PLANE_KEY: &str = "master";

/// Sets what every stored cluster has (a DNS topology, an authorization mode, a flannel backend) and writes what can be
/// said in two ways in the way kops does.
pub fn settle(cluster: &mut Cluster) {
    let spec = &mut cluster.spec;
    let dns = spec.topology.get_or_insert_default().dns.get_or_insert(DnsTopology { r#type: None });
    dns.r#type.get_or_insert(DnsType::Public);

    let authorization = spec.authorization.get_or_insert_with(Authorization::default);
    if authorization.rbac.is_none() && authorization.always_allow.is_none() {
        authorization.rbac = Some(RbacAuthorization {});
    }
    if spec.api.as_ref().is_some_and(|api| api.dns.is_none() && api.load_balancer.is_none()) {
        spec.api = None;
    }
    if let Some(flannel) = spec.networking.as_mut().and_then(|n| n.flannel.as_mut()) {
        super::components::fill(&mut flannel.backend, "udp");
    }
    if let Some(dns) = &mut spec.external_dns {
        if dns.disable || dns.provider == "none" {
            dns.disable = true;
            dns.provider.clear();
        }
    }
    if let Some(api_server) = &mut spec.kube_api_server {
        api_server.oidc_required_claim.sort();
        api_server.oidc_required_claim.dedup();
    }
    if let Some(policies) = spec.external_policies.remove(OLD_CONTROL_PLANE_KEY) {
        spec.external_policies.insert(CONTROL_PLANE_KEY.to_owned(), policies);
    }
    if let Some(policy) = spec.additional_policies.remove(OLD_CONTROL_PLANE_KEY) {
        spec.additional_policies.insert(CONTROL_PLANE_KEY.to_owned(), policy);
    }
}

/// Drops what an instance group says without meaning anything by it.
pub fn settle_group(group: &mut InstanceGroup) {
    group.spec.root_volume_delete_on_termination = None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1alpha2::{AlwaysAllowAuthorization, Api, ExternalDnsConfig};

    #[test]
    fn an_empty_cluster_gets_public_dns_and_rbac() {
        let mut cluster = Cluster::default();
        settle(&mut cluster);
        assert_eq!(cluster.dns_type(), DnsType::Public);
        assert!(cluster.spec.topology.is_some());
        assert!(cluster.spec.authorization.is_some_and(|a| a.rbac.is_some()));
    }

    #[test]
    fn what_is_set_stays() {
        let mut cluster = Cluster::default();
        cluster.spec.authorization =
            Some(Authorization { always_allow: Some(AlwaysAllowAuthorization {}), ..Authorization::default() });
        cluster.spec.api = Some(Api::default());
        cluster.spec.external_dns = Some(ExternalDnsConfig { provider: "none".to_owned(), ..Default::default() });
        settle(&mut cluster);
        let spec = cluster.spec;
        assert!(spec.authorization.is_some_and(|a| a.rbac.is_none()));
        assert_eq!(spec.api, None);
        assert!(spec.external_dns.is_some_and(|d| d.disable && d.provider.is_empty()));
    }

    #[test]
    fn settling_twice_is_settling_once() {
        let mut cluster = Cluster::default();
        cluster.spec.external_policies.insert("control-plane".to_owned(), vec!["arn:aws:iam::1:policy/p".to_owned()]);
        settle(&mut cluster);
        let once = cluster.clone();
        settle(&mut cluster);
        assert_eq!(cluster, once);
        assert!(cluster.spec.external_policies.contains_key("master"));
    }
}
