//! A cluster's auto scaling groups, instances and load balancers, as rolling updates use them.

use async_trait::async_trait;
use aws_sdk_elasticloadbalancing::types as elb;
use aws_sdk_elasticloadbalancingv2::types as elbv2;

use super::clients::Clients;
use super::error::{code_of, failed};
use super::snapshot::snapshot;
use kopsform_rolling::ports::{
    ApiError, Cloud, CloudSnapshot, DETACHED_TAG, LoadBalancerRef, ScalingGroup, TargetState,
};

/// The part of AWS that belongs to one cluster.
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
    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError> {
        snapshot(&self.clients, &self.cluster).await
    }

    async fn tag_detached(&self, instance: &str, group: &str) -> Result<(), ApiError> {
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
            Err(error) if code_of(&error) == Some("InvalidInstanceID.NotFound") => Ok(()),
            other => other.map(|_| ()).map_err(failed(format!("TerminateInstances {instance}"))),
        }
    }

    async fn balancer_state(&self, balancer: &LoadBalancerRef, instance: &str) -> Result<TargetState, ApiError> {
        match balancer {
            LoadBalancerRef::Classic(name) => self.classic_state(name, instance).await,
            LoadBalancerRef::TargetGroup(arn) => self.target_state(arn, instance).await,
        }
    }

    async fn deregister(&self, balancer: &LoadBalancerRef, instance: &str) -> Result<(), ApiError> {
        match balancer {
            LoadBalancerRef::Classic(name) => {
                let member = elb::Instance::builder().instance_id(instance).build();
                let call = self.clients.elb().deregister_instances_from_load_balancer();
                let call = call.load_balancer_name(name).instances(member);
                let outcome = call.send().await.map(|_| ());
                outcome.map_err(failed(format!("DeregisterInstancesFromLoadBalancer {instance}")))
            }
            LoadBalancerRef::TargetGroup(arn) => {
                let target = elbv2::TargetDescription::builder().id(instance).build();
                let call = self.clients.elbv2().deregister_targets().target_group_arn(arn).targets(target);
                call.send().await.map(|_| ()).map_err(failed(format!("DeregisterTargets {instance}")))
            }
        }
    }

    async fn delete_group(&self, group: &ScalingGroup) -> Result<(), ApiError> {
        let name = &group.name;
        let autoscaling = self.clients.autoscaling();
        let call = autoscaling.delete_auto_scaling_group().auto_scaling_group_name(name).force_delete(true);
        call.send().await.map_err(failed(format!("DeleteAutoScalingGroup {name}")))?;
        if let Some(template) = &group.template_name {
            let call = self.clients.ec2().delete_launch_template().launch_template_name(template);
            call.send().await.map_err(failed(format!("DeleteLaunchTemplate {template}")))?;
        } else if let Some(configuration) = &group.configuration_name {
            let call = autoscaling.delete_launch_configuration().launch_configuration_name(configuration);
            call.send().await.map_err(failed(format!("DeleteLaunchConfiguration {configuration}")))?;
        }
        Ok(())
    }
}

impl ClusterGroups {
    /// An instance that is out of service has nothing open: a classic balancer says so until connections are drained.
    /// No answer about it means that it is gone.
    async fn classic_state(&self, name: &str, instance: &str) -> Result<TargetState, ApiError> {
        let member = elb::Instance::builder().instance_id(instance).build();
        let call = self.clients.elb().describe_instance_health().load_balancer_name(name).instances(member);
        let answer = match call.send().await {
            Err(error) if matches!(code_of(&error), Some("InvalidInstance" | "LoadBalancerNotFound")) => {
                return Ok(TargetState::Deregistered);
            }
            other => other.map_err(failed(format!("DescribeInstanceHealth {instance}")))?,
        };
        let in_service = answer.instance_states().iter().any(|s| s.state() == Some("InService"));
        Ok(if in_service { TargetState::InService } else { TargetState::Deregistered })
    }

    async fn target_state(&self, arn: &str, instance: &str) -> Result<TargetState, ApiError> {
        let target = elbv2::TargetDescription::builder().id(instance).build();
        let call = self.clients.elbv2().describe_target_health().target_group_arn(arn).targets(target);
        let answer = match call.send().await {
            Err(error) if code_of(&error) == Some("TargetGroupNotFound") => return Ok(TargetState::Deregistered),
            other => other.map_err(failed(format!("DescribeTargetHealth {instance}")))?,
        };
        use elbv2::TargetHealthStateEnum::{Draining, Unused};
        let states: Vec<_> =
            answer.target_health_descriptions().iter().filter_map(|d| d.target_health()?.state()).collect();
        Ok(if states.iter().all(|s| **s == Unused) {
            TargetState::Deregistered
        } else if states.iter().all(|s| matches!(s, Unused | Draining)) {
            TargetState::Draining
        } else {
            TargetState::InService
        })
    }
}
