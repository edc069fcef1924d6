//! The project, the load balancer of the API, network plugins and addons.

use super::super::checker::Checker;
use crate::v1alpha2::{Cluster, LoadBalancerType, Subnet, SubnetType};
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster) {
    let spec = &cluster.spec;
    if spec.project.is_empty() {
        let hint = "write spec.project; `gcloud config get-value project` prints the one of gcloud";
        cx.required("spec.project", ("the cluster has no project", hint));
    }
    load_balancer(cx, cluster);
    let cilium = cluster.networking().and_then(|network| network.cilium.as_ref());
    if cilium.is_some_and(|cilium| cilium.ipam == "eni") {
        let message = "IPAM mode eni works on AWS only";
        cx.error(Rule::UnsupportedValue, "spec.networking.cilium.ipam", (message, "write kubernetes, or remove it"));
    }
    if spec.containerd.as_ref().and_then(|c| c.nvidia_gpu.as_ref()).is_some_and(|gpu| gpu.enabled == Some(true)) {
        super::groups::nvidia(cx);
    }
    if spec.karpenter.as_ref().is_some_and(|karpenter| karpenter.enabled) {
        let note = ("Karpenter works on AWS only", "remove karpenter");
        cx.error(Rule::UnsupportedField, "spec.karpenter.enabled", note);
    }
    if let Some(config) = &spec.cloud_config {
        for (field, given) in [("multizone", config.multizone.is_some()), ("nodeTags", config.node_tags.is_some())] {
            if given {
                let message = format!("kops always sets {field} itself");
                cx.warning(Rule::NoEffect, format_args!("spec.cloudConfig.{field}"), (message, "remove it"));
            }
        }
    }
}

fn load_balancer(cx: &mut Checker<'_>, cluster: &Cluster) {
    let internal = cluster.api_load_balancer().is_some_and(|lb| lb.r#type == Some(LoadBalancerType::Internal));
    // A subnet whose type is invalid may be private.
    let may_be_private = |s: &Subnet| matches!(s.r#type, Some(SubnetType::Private) | None);
    if internal && !cluster.spec.subnets.is_empty() && !cluster.spec.subnets.iter().any(may_be_private) {
        let message = "an internal load balancer needs a private subnet";
        let hint = "make a subnet of spec.subnets Private, or write type: Public";
        cx.error(Rule::NoPrivateSubnet, "spec.api.loadBalancer.type", (message, hint));
    }
}
