//! All addons, in the order kops builds and lists them.

use super::plan::Addon;
use super::{
    amazon_vpc, authentication_aws, authentication_kopeio, aws_cloud_controller, aws_ebs_csi_driver,
    aws_load_balancer_controller, calico, cert_manager, cilium, cluster_autoscaler, coredns, dns_controller,
    external_dns, flannel, gcp_cloud_controller, gcp_pd_csi_driver, gvisor, karpenter, kindnet, kopeio,
    kops_controller, kube_dns, kube_router, kubelet_api_rbac, limit_range, metrics_server, node_local_dns,
    node_problem_detector, node_termination_handler, nvidia, pod_identity_webhook, snapshot_controller, storage_aws,
    storage_gce,
};
use kopsform_spec::cloud::Cloud;

/// The order is that of the channel's entries.
pub(super) const ADDONS: &[Addon] = &[
    kops_controller::ADDON,
    kube_dns::ADDON,
    coredns::ADDON,
    kubelet_api_rbac::ADDON,
    limit_range::ADDON,
    dns_controller::ADDON,
    external_dns::ADDON,
    node_local_dns::ADDON,
    cluster_autoscaler::ADDON,
    metrics_server::ADDON,
    cert_manager::ADDON,
    node_termination_handler::ADDON,
    node_problem_detector::ADDON,
    nvidia::ADDON,
    gvisor::ADDON,
    aws_load_balancer_controller::ADDON,
    pod_identity_webhook::ADDON,
    storage_aws::ADDON,
    storage_gce::ADDON,
    gcp_pd_csi_driver::ADDON,
    gcp_cloud_controller::ADDON,
    kopeio::ADDON,
    flannel::ADDON,
    calico::ADDON,
    kube_router::ADDON,
    amazon_vpc::ADDON,
    kindnet::ADDON,
    cilium::ADDON,
    authentication_kopeio::ADDON,
    authentication_aws::ADDON,
    aws_cloud_controller::ADDON,
    aws_ebs_csi_driver::ADDON,
    snapshot_controller::ADDON,
    karpenter::ADDON,
    ADDITIONAL_OBJECTS,
];

/// Addons that one cloud alone has, by directory. Their plans are asked on no other.
const OF_ONE_CLOUD: [(Cloud, &[&str]); 2] = [
    (
        Cloud::Aws,
        &[
            "amazon-vpc",
            "aws-cloud-controller",
            "aws-ebs-csi-driver",
            "aws-load-balancer-controller",
            "karpenter",
            "node-termination-handler",
            "pod-identity-webhook",
            "storage-aws",
        ],
    ),
    (Cloud::Gce, &["gcp-cloud-controller", "gcp-pd-csi-driver", "storage-gce"]),
];

/// The addons that clusters on a cloud may have, in the order of the channel's entries.
pub(super) fn addons_on(cloud: Cloud) -> impl Iterator<Item = &'static Addon> {
    let elsewhere = move |addon: &&Addon| {
        OF_ONE_CLOUD.iter().any(|(only, addons)| *only != cloud && addons.contains(&addon.directory))
    };
    ADDONS.iter().filter(move |addon| !elsewhere(addon))
}

/// Objects that the user stored with `create -f`, published unchanged.
const ADDITIONAL_OBJECTS: Addon = Addon { directory: "cluster-addons", plan: additional_objects::plan };

mod additional_objects {
    use serde_json::Value;

    use crate::addons::addon_context::AddonContext;
    use crate::addons::plan::{AddonsError, Content, Plan};

    /// A scheduler configuration is for the control plane's disks, not for the cluster.
    fn is_for_nodes(object: &Value) -> bool {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        text("kind") == "KubeSchedulerConfiguration" && text("apiVersion").starts_with("kubescheduler.config.k8s.io/")
    }

    pub(super) fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
        let objects: Vec<Value> =
            scene.context.additional_objects.iter().filter(|object| !is_for_nodes(object)).cloned().collect();
        Ok((!objects.is_empty())
            .then(|| Plan::unversioned("cluster-addons.kops.k8s.io", "default", Content::Objects(objects))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addons_of_one_cloud_exist_and_are_on_no_other() {
        for (cloud, directories) in OF_ONE_CLOUD {
            for directory in directories {
                for other in Cloud::ALL {
                    let has = addons_on(other).any(|addon| addon.directory == *directory);
                    assert_eq!(has, other == cloud, "{directory} on {}", other.name());
                }
            }
        }
    }
}
