//! kubelet, on workers and on the control plane.

use super::{ComponentContext, dns};
use crate::defaults::DefaultsError;
use kopsform_spec::meta::Duration;
use kopsform_spec::v1alpha2::{Cluster, KubeletConfig};
use kopsform_spec::versions::KubernetesVersion;

const EVICTION_HARD: &str =
    "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<10%,imagefs.inodesFree<5%";

pub(super) fn kubelet(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let mut workers = cluster.spec.kubelet.take().unwrap_or_default();
    let mut control_plane = cluster.spec.master_kubelet.take().unwrap_or_default();
    configure(cluster, &mut workers, &context.worker_version)?;
    configure(cluster, &mut control_plane, &context.version)?;
    if cluster.spec.isolate_masters == Some(true) {
        control_plane.enable_debugging_handlers = Some(false);
        control_plane.hairpin_mode = "none".to_owned();
    }
    cluster.spec.kubelet = Some(workers);
    cluster.spec.master_kubelet = Some(control_plane);
    Ok(())
}

fn configure(cluster: &Cluster, kubelet: &mut KubeletConfig, version: &KubernetesVersion) -> Result<(), DefaultsError> {
    kubelet.enable_debugging_handlers = Some(true);
    kubelet.pod_manifest_path = "/etc/kubernetes/manifests".to_owned();
    kubelet.log_level = Some(2);
    kubelet.cluster_domain.clone_from(&cluster.spec.cluster_dns_domain);
    kubelet.allow_privileged = None;
    if kubelet.cluster_dns.is_empty() {
        let cache = cluster.spec.kube_dns.as_ref().and_then(|dns| dns.node_local_dns.as_ref());
        kubelet.cluster_dns = match cache.filter(|cache| cache.enabled == Some(true)) {
            Some(cache) => cache.local_ip.clone(),
            None => dns::service_address(cluster)?,
        };
    }
    kubelet.eviction_hard.get_or_insert_with(|| EVICTION_HARD.to_owned());
    kubelet.kubeconfig_path = "/var/lib/kubelet/kubeconfig".to_owned();
    kubelet.cgroup_root = "/".to_owned();
    kubelet.cloud_provider = "external".to_owned();
    kubelet.cgroup_driver = "systemd".to_owned();
    if cluster.is_on_gce() {
        kubelet.hairpin_mode = "promiscuous-bridge".to_owned();
    }
    kubelet.protect_kernel_defaults.get_or_insert(true);

    // A node that shuts down gracefully leaks network interfaces of Amazon's VPC plugin.
    let uses_amazon_vpc = cluster.spec.networking.as_ref().is_some_and(|n| n.amazonvpc.is_some());
    if uses_amazon_vpc {
        kubelet.shutdown_grace_period = Some(Duration::default());
        kubelet.shutdown_grace_period_critical_pods = Some(Duration::default());
    } else if kubelet.shutdown_grace_period.is_none() {
        kubelet.shutdown_grace_period = Some(Duration::from_secs(30));
        kubelet.shutdown_grace_period_critical_pods = Some(Duration::from_secs(10));
    }
    if !version.at_least(1, 34) {
        kubelet.register_schedulable = Some(true);
    }
    Ok(())
}
