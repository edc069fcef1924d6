//! Defaults of clusters on Google Cloud.

mod managed_zone;
mod networks;

pub(super) use managed_zone::managed_zone;
pub(super) use networks::assign_ranges;

use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The machine type of a group without one. kops looks no machine type up.
pub(super) fn default_machine_type(role: InstanceGroupRole) -> &'static str {
    match role {
        InstanceGroupRole::Bastion => "e2-micro",
        InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer | InstanceGroupRole::Node => "e2-medium",
    }
}

/// The architecture of a machine type of Google Cloud, by its family: `amd64` or `arm64`.
pub fn architecture(machine_type: &str) -> &'static str {
    const ARM: [&str; 4] = ["a4x", "c4a", "n4a", "t2a"];
    if ARM.contains(&machine_type.split('-').next().unwrap_or_default()) { "arm64" } else { "amd64" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::defaults::{DefaultsContext, complete};
    use crate::facts::{Facts, ManagedZoneFact, NetworkFact};
    use kopsform_env::Environment;
    use kopsform_env::features::Features;
    use kopsform_spec::v1alpha2::Cluster;

    /// The completed spec of a cluster with these fields besides the required ones.
    fn completed(fields: Value) -> Value {
        let mut spec = json!({
            "cloudProvider": "gce", "project": "p", "configBase": "gs://state/a.example.com",
            "kubernetesVersion": "1.35.2", "api": {"loadBalancer": {}}, "topology": {"dns": {"type": "Public"}},
            "subnets": [{"name": "s", "region": "us-central1", "type": "Public"}],
            "etcdClusters": [{"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "c"}]}],
        });
        spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let mut cluster = Cluster { spec: serde_json::from_value(spec).unwrap(), ..Cluster::default() };
        cluster.metadata.name = "a.example.com".to_owned();
        let mut facts = Facts::default();
        facts.gce.networks.entry("p".into()).or_default().insert("a-example-com".into(), NetworkFact::default());
        let zone = ManagedZoneFact { name: "z".into(), dns_name: "example.com".into(), private: false };
        facts.gce.managed_zones.entry("p".into()).or_default().insert("1001".into(), zone);
        let (features, environment) = (Features::default(), Environment::default());
        let context = DefaultsContext {
            facts: &facts,
            features: &features,
            environment: &environment,
            channel: None,
            worker_version: None,
        };
        serde_json::to_value(complete(&cluster, &[], &context).unwrap().spec).unwrap()
    }

    #[test]
    fn components_are_configured_for_google_cloud() {
        let spec = completed(json!({"networking": {"cilium": {}}}));
        assert_eq!(spec["subnets"][0]["cidr"], "10.0.16.0/20");
        assert_eq!(spec["dnsZone"], "1001");
        assert_eq!(spec["api"]["loadBalancer"], json!({"type": "Public"}));
        assert_eq!(spec["kubelet"]["hairpinMode"], "promiscuous-bridge");
        assert_eq!(spec["kubeControllerManager"]["allocateNodeCIDRs"], true);
        let driver = json!({"enabled": true, "version": "v1.22.1", "defaultStorageClassName": "balanced-csi"});
        let config = json!({
            "manageStorageClasses": true, "multizone": true, "nodeTags": "a-example-com-k8s-io-role-node",
            "gcpPDCSIDriver": driver,
        });
        assert_eq!(spec["cloudConfig"], config);
        assert_eq!(spec["nodeTerminationHandler"], Value::Null);
        let manager = &spec["cloudControllerManager"];
        assert_eq!((&manager["clusterName"], &manager["controllers"]), (&json!("a-example-com"), &json!(["*"])));
        assert_eq!(manager["configureCloudRoutes"], Value::Null);
    }

    #[test]
    fn written_settings_of_the_integration_are_kept() {
        let own = json!({"nodeTags": "own", "multizone": false});
        let spec = completed(json!({"networking": {"cilium": {}}, "cloudConfig": own}));
        assert_eq!(
            (&spec["cloudConfig"]["nodeTags"], &spec["cloudConfig"]["multizone"]),
            (&json!("own"), &json!(false))
        );
    }

    #[test]
    fn with_ip_aliases_the_cloud_gives_nodes_their_ranges() {
        let spec = completed(json!({"networking": {"gce": {}}}));
        assert_eq!(spec["kubeControllerManager"]["allocateNodeCIDRs"], false);
        assert_eq!(spec["cloudControllerManager"]["configureCloudRoutes"], false);
        assert_eq!(spec["cloudControllerManager"]["clusterCIDR"], "10.4.0.0/14");
        assert_eq!(spec["kubeDNS"]["serverIP"], "10.1.0.10");
    }

    #[test]
    fn with_ipv6_kops_controller_does_and_no_resolver_of_amazon_is_asked() {
        let spec = completed(json!({"networking": {"cilium": {}}, "nonMasqueradeCIDR": "::/0"}));
        let controllers = json!(["*", "-node-ipam-controller", "-node-route-controller"]);
        assert_eq!(spec["cloudControllerManager"]["controllers"], controllers);
        assert_eq!(spec["kubeDNS"]["upstreamNameservers"], Value::Null);
    }

    #[test]
    fn keys_of_service_accounts_are_published_in_cloud_storage() {
        let store = json!({"discoveryStore": "gs://keys/a.example.com"});
        let spec = completed(json!({"networking": {"cilium": {}}, "serviceAccountIssuerDiscovery": store}));
        let issuer = "https://storage.googleapis.com/keys/a.example.com";
        assert_eq!(spec["kubeAPIServer"]["serviceAccountIssuer"], issuer);
    }

    #[test]
    fn architectures_follow_from_the_family() {
        assert_eq!((architecture("e2-medium"), architecture("t2a-standard-1")), ("amd64", "arm64"));
        assert_eq!(default_machine_type(InstanceGroupRole::Bastion), "e2-micro");
    }
}
