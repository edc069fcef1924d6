//! A cluster's auto scaling groups, instances and load balancers, as rolling updates use them.

use std::collections::HashSet;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancing::types as elb;
use aws_sdk_elasticloadbalancingv2::types as elbv2;

use super::clients::Clients;
use super::error::{ErrorClass, call_failed, class_of, failed, is_missing_group};
use super::snapshot::{CLUSTER_TAG, DETACHED_TAG, GROUP_TAG, LAUNCH_TEMPLATE, snapshot};
use kopsform_rolling::ports::{
    ApiError, Capabilities, Cloud, CloudGroup, CloudSnapshot, LoadBalancerRef, OwnTemplate, TargetState,
};

/// The auto scaling groups, instances and load balancers of one cluster.
#[derive(Debug, Clone)]
pub struct ClusterGroups {
    clients: Clients,
    cluster: String,
}

impl ClusterGroups {
    /// The groups with a cluster's tag.
    pub fn new(clients: Clients, cluster: impl Into<String>) -> Self {
        Self { clients, cluster: cluster.into() }
    }
}

#[async_trait]
impl Cloud for ClusterGroups {
    fn capabilities(&self) -> Capabilities {
        Capabilities::AUTO_SCALING_GROUPS
    }

    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError> {
        snapshot(&self.clients, &self.cluster).await
    }

    async fn mark_detached(&self, instance: &str, group: &str) -> Result<(), ApiError> {
        let tag = aws_sdk_ec2::types::Tag::builder().key(DETACHED_TAG).value(group).build();
        let call = self.clients.ec2().create_tags().resources(instance).tags(tag).send();
        call.await.map(|_| ()).map_err(failed(format!("CreateTags {instance}")))
    }

    async fn detach(&self, instance: &str, group: &str) -> Result<(), ApiError> {
        let call = self
            .clients
            .autoscaling()
            .detach_instances()
            .auto_scaling_group_name(group)
            .instance_ids(instance)
            .should_decrement_desired_capacity(false);
        call.send().await.map(|_| ()).map_err(failed(format!("DetachInstances {instance}")))
    }

    async fn terminate(&self, instance: &str) -> Result<(), ApiError> {
        match self.clients.ec2().terminate_instances().instance_ids(instance).send().await {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(()),
            other => other.map(|_| ()).map_err(failed(format!("TerminateInstances {instance}"))),
        }
    }

    async fn load_balancer_state(
        &self,
        load_balancer: &LoadBalancerRef,
        instance: &str,
    ) -> Result<TargetState, ApiError> {
        match target_of(load_balancer) {
            Target::Classic(name) => self.classic_state(name, instance).await,
            Target::Group(arn) => self.target_state(arn, instance).await,
        }
    }

    async fn deregister(&self, load_balancer: &LoadBalancerRef, instance: &str) -> Result<(), ApiError> {
        match target_of(load_balancer) {
            Target::Classic(name) => {
                let member = elb::Instance::builder().instance_id(instance).build();
                let call = self.clients.elb().deregister_instances_from_load_balancer();
                let call = call.load_balancer_name(name).instances(member);
                let outcome = call.send().await.map(|_| ());
                outcome.map_err(failed(format!("DeregisterInstancesFromLoadBalancer {instance}")))
            }
            Target::Group(arn) => {
                let target = elbv2::TargetDescription::builder().id(instance).build();
                let call = self.clients.elbv2().deregister_targets().target_group_arn(arn).targets(target);
                call.send().await.map(|_| ()).map_err(failed(format!("DeregisterTargets {instance}")))
            }
        }
    }

    async fn delete_groups(&self, _instance_group: &str, groups: &[&CloudGroup]) -> Result<(), ApiError> {
        for group in groups {
            self.delete_group(group).await?;
        }
        Ok(())
    }
}

impl ClusterGroups {
    async fn delete_group(&self, group: &CloudGroup) -> Result<(), ApiError> {
        let name = &group.name;
        let autoscaling = self.clients.autoscaling();
        let call = autoscaling.delete_auto_scaling_group().auto_scaling_group_name(name).force_delete(true);
        // What is gone was deleted by an attempt whose answer was lost.
        match call.send().await.map_err(call_failed(format!("DeleteAutoScalingGroup {name}"))) {
            Err(error) if is_missing_group(error.code.as_deref(), &error.error.message) => {}
            outcome => _ = outcome.map_err(|error| error.error)?,
        }
        match &group.own_template {
            Some(OwnTemplate { kind: LAUNCH_TEMPLATE, name: template }) => {
                let call = self.clients.ec2().delete_launch_template().launch_template_name(template);
                match call.send().await {
                    Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => {}
                    outcome => _ = outcome.map_err(failed(format!("DeleteLaunchTemplate {template}")))?,
                }
            }
            Some(OwnTemplate { name: configuration, .. }) => {
                let call = autoscaling.delete_launch_configuration().launch_configuration_name(configuration);
                call.send().await.map_err(failed(format!("DeleteLaunchConfiguration {configuration}")))?;
            }
            None => {}
        }
        Ok(())
    }
}

/// What the id of a [`LoadBalancerRef`] names: names of classic load balancers have no colon.
enum Target<'a> {
    Classic(&'a str),
    Group(&'a str),
}

fn target_of(load_balancer: &LoadBalancerRef) -> Target<'_> {
    match load_balancer.id.starts_with("arn:") {
        true => Target::Group(&load_balancer.id),
        false => Target::Classic(&load_balancer.id),
    }
}

/// A classic load balancer, as the ports name it.
pub(super) fn classic_ref(name: &str) -> LoadBalancerRef {
    LoadBalancerRef { id: name.to_owned(), title: format!("classic load balancer {name}") }
}

/// A target group by its ARN, `arn:aws:elasticloadbalancing:region:account:targetgroup/NAME/ID`, as the ports name it.
pub(super) fn target_group_ref(arn: &str) -> LoadBalancerRef {
    LoadBalancerRef { id: arn.to_owned(), title: format!("target group {}", arn.split('/').nth(1).unwrap_or(arn)) }
}

/// How many instances an instance group has: the members of its auto scaling groups, and what has its tags, such as nodes of Karpenter,
/// instances of a warm pool and those that an interrupted update detached.
///
/// # Errors
/// When groups or instances cannot be described.
pub async fn instance_count(clients: &Clients, cluster: &str, group: &str) -> Result<usize, ApiError> {
    let (members, tagged) = futures::try_join!(members(clients, cluster, group), tagged(clients, cluster, group))?;
    Ok(members.union(&tagged).count())
}

async fn members(clients: &Clients, cluster: &str, group: &str) -> Result<HashSet<String>, ApiError> {
    let tag = |name: &str, value: &str| {
        aws_sdk_autoscaling::types::Filter::builder().name(format!("tag:{name}")).values(value).build()
    };
    let call = clients.autoscaling().describe_auto_scaling_groups();
    let call = call.filters(tag(CLUSTER_TAG, cluster)).filters(tag(GROUP_TAG, group));
    let mut pages = call.into_paginator().items().send();
    let mut ids = HashSet::new();
    while let Some(found) = pages.next().await {
        let found = found.map_err(failed("DescribeAutoScalingGroups"))?;
        ids.extend(found.instances().iter().filter_map(|instance| instance.instance_id().map(str::to_owned)));
    }
    Ok(ids)
}

async fn tagged(clients: &Clients, cluster: &str, group: &str) -> Result<HashSet<String>, ApiError> {
    let filter = |name: String, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        aws_sdk_ec2::types::Filter::builder().name(name).set_values(Some(values)).build()
    };
    let call = clients
        .ec2()
        .describe_instances()
        .filters(filter(format!("tag:{CLUSTER_TAG}"), &[cluster]))
        .filters(filter(format!("tag:{GROUP_TAG}"), &[group]))
        .filters(filter("instance-state-name".to_owned(), &["pending", "running", "stopping", "stopped"]));
    let mut pages = call.into_paginator().items().send();
    let mut ids = HashSet::new();
    while let Some(reservation) = pages.next().await {
        let reservation = reservation.map_err(failed("DescribeInstances"))?;
        ids.extend(reservation.instances().iter().filter_map(|instance| instance.instance_id().map(str::to_owned)));
    }
    Ok(ids)
}

impl ClusterGroups {
    /// A classic load balancer reports an instance as in service until its connections are drained. A missing instance or
    /// load balancer counts as deregistered.
    async fn classic_state(&self, name: &str, instance: &str) -> Result<TargetState, ApiError> {
        let member = elb::Instance::builder().instance_id(instance).build();
        let call = self.clients.elb().describe_instance_health().load_balancer_name(name).instances(member);
        let response = match call.send().await {
            Err(error) if matches!(class_of(&error), Some(ErrorClass::NotFound | ErrorClass::BadReference)) => {
                return Ok(TargetState::Deregistered);
            }
            other => other.map_err(failed(format!("DescribeInstanceHealth {instance}")))?,
        };
        let in_service = response.instance_states().iter().any(|s| s.state() == Some("InService"));
        Ok(if in_service { TargetState::InService } else { TargetState::Deregistered })
    }

    async fn target_state(&self, arn: &str, instance: &str) -> Result<TargetState, ApiError> {
        let target = elbv2::TargetDescription::builder().id(instance).build();
        let call = self.clients.elbv2().describe_target_health().target_group_arn(arn).targets(target);
        let response = match call.send().await {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => return Ok(TargetState::Deregistered),
            other => other.map_err(failed(format!("DescribeTargetHealth {instance}")))?,
        };
        use elbv2::TargetHealthStateEnum::{Draining, Unused};
        let states: Vec<_> =
            response.target_health_descriptions().iter().filter_map(|d| d.target_health()?.state()).collect();
        Ok(if states.iter().all(|s| **s == Unused) {
            TargetState::Deregistered
        } else if states.iter().all(|s| matches!(s, Unused | Draining)) {
            TargetState::Draining
        } else {
            TargetState::InService
        })
    }
}
