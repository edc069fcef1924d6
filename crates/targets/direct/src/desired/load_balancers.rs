//! Load balancers, network and classic.

use std::collections::BTreeMap;

use kopsform_model::NodeId;
use kopsform_model::aws::resources::{
    AccessLog, ClassicHealthCheck, ClassicLoadBalancer, Listener, NetworkLoadBalancer, TargetGroup,
};

use super::{Builder, all_tags, id_of, tags_of_interest, task_of};
use crate::task::{OnChange, Task, TaskKind};
use crate::value::Value;

impl Builder<'_> {
    pub(super) fn network_load_balancer(&self, id: &NodeId, balancer: &NetworkLoadBalancer) -> Vec<Task> {
        let subnets = balancer.subnets.iter().map(|mapping| Value::id(task_of(TaskKind::Subnet, &mapping.subnet)));
        let groups = balancer.security_groups.iter().map(|group| id_of(TaskKind::SecurityGroup, group));
        let mut task = Task::new(TaskKind::NetworkLoadBalancer, id.name.as_str(), id.clone())
            .update("CrossZoneLoadBalancing", balancer.cross_zone)
            .update("IpAddressType", if balancer.dual_stack { "dualstack" } else { "ipv4" })
            .initial("LoadBalancerBaseName", &balancer.name)
            .initial("Scheme", scheme(balancer.internal))
            .update("SecurityGroups", Value::Set(groups.collect()))
            .field("SubnetMappings", Value::Set(subnets.collect()), OnChange::Grow)
            .update("Tags", all_tags(&balancer.tags))
            .initial("Type", "network");
        // Logging that was switched on and is no longer in the spec is switched off.
        task = task.update("AccessLog", access_log(balancer.access_log.as_ref()));
        vec![task]
    }

    pub(super) fn listener(&self, id: &NodeId, listener: &Listener) -> Vec<Task> {
        let task = Task::new(TaskKind::Listener, id.name.as_str(), id.clone());
        let tls = listener.tls.as_ref();
        let mut task = task
            .initial("NetworkLoadBalancer", task_of(TaskKind::NetworkLoadBalancer, &listener.load_balancer))
            .initial("Port", listener.port)
            .update("SSLCertificateID", tls.map(|tls| &tls.certificate))
            .update("TargetGroup", task_of(TaskKind::TargetGroup, &listener.target_group));
        if let Some(tls) = tls {
            task = task.update("SSLPolicy", &tls.policy);
        }
        vec![task]
    }

    pub(super) fn target_group(&self, id: &NodeId, group: &TargetGroup) -> Vec<Task> {
        let check = &group.health_check;
        let attributes = BTreeMap::from([
            (
                "deregistration_delay.connection_termination.enabled".to_owned(),
                group.connection_termination.to_string(),
            ),
            ("deregistration_delay.timeout_seconds".to_owned(), group.deregistration_delay.to_string()),
        ]);
        let protocol = if check.https_path.is_some() { "HTTPS" } else { "TCP" };
        let mut task = Task::new(TaskKind::TargetGroup, id.name.as_str(), id.clone())
            .update("Attributes", Value::TagsOfInterest(attributes))
            .update("HealthCheckProtocol", protocol)
            .update("HealthyThreshold", check.healthy_threshold)
            .initial("Interval", check.interval)
            .fixed("Port", group.port)
            .fixed("Protocol", group.protocol.as_str())
            .update("Tags", tags_of_interest(&group.tags))
            .update("UnhealthyThreshold", check.unhealthy_threshold)
            .fixed("VPC", task_of(TaskKind::Vpc, &group.vpc));
        if let Some(path) = &check.https_path {
            task = task.update("HealthCheckPath", path);
        }
        vec![task]
    }

    pub(super) fn classic_load_balancer(&self, id: &NodeId, balancer: &ClassicLoadBalancer) -> Vec<Task> {
        let subnets = balancer.subnets.iter().map(|subnet| Value::id(task_of(TaskKind::Subnet, subnet)));
        let groups = balancer.security_groups.iter().map(|group| id_of(TaskKind::SecurityGroup, group));
        let task = Task::new(TaskKind::ClassicLoadBalancer, id.name.as_str(), id.clone())
            .update("AccessLog", access_log(balancer.access_log.as_ref()))
            .update("ConnectionDraining", balancer.connection_draining_timeout)
            .update("ConnectionSettings", balancer.idle_timeout)
            .update("CrossZoneLoadBalancing", balancer.cross_zone)
            .update("HealthCheck", health_text(&balancer.health_check))
            .initial("LoadBalancerName", &balancer.name)
            .update("SSLCertificateID", balancer.listener.certificate.as_ref())
            .fixed("Scheme", scheme(balancer.internal))
            .update("SecurityGroups", Value::Set(groups.collect()))
            .update("Subnets", Value::Set(subnets.collect()))
            .update("Tags", all_tags(&balancer.tags));
        vec![task]
    }
}

/// A health check on one line.
pub fn health_text(check: &ClassicHealthCheck) -> String {
    format!(
        "{} every {} s, {} s at most, healthy after {}, unhealthy after {}",
        check.target, check.interval, check.timeout, check.healthy_threshold, check.unhealthy_threshold
    )
}

fn scheme(internal: bool) -> &'static str {
    if internal { "internal" } else { "internet-facing" }
}

/// A log on one line: where it goes.
pub fn access_log(log: Option<&AccessLog>) -> Value {
    Value::or_absent(log.map(|log| format!("{}/{}", log.bucket, log.prefix.as_deref().unwrap_or_default())))
}
