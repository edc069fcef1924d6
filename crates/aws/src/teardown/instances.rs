//! Auto scaling groups, launch templates, instances, volumes and key pairs.

use aws_sdk_ec2::types as ec2;

use super::{ClusterResources, described, name_of};
use crate::error::failed;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{CLUSTER_TAG, Kind, Resource, is_own_key_pair};

impl ClusterResources {
    /// Groups and launch templates.
    pub(super) async fn groups(&self) -> Result<Vec<Resource>, ApiError> {
        let (groups, templates) = futures::try_join!(self.scaling_groups(), self.launch_templates())?;
        Ok(groups.into_iter().chain(templates).collect())
    }

    /// Auto scaling groups, except those that are already being deleted.
    async fn scaling_groups(&self) -> Result<Vec<Resource>, ApiError> {
        let filter = aws_sdk_autoscaling::types::Filter::builder()
            .name(format!("tag:{CLUSTER_TAG}"))
            .values(self.rules.cluster())
            .build();
        let call = self.clients.autoscaling().describe_auto_scaling_groups().filters(filter).max_records(100);
        let found: Vec<_> =
            call.into_paginator().items().send().try_collect().await.map_err(failed("DescribeAutoScalingGroups"))?;
        Ok(found
            .iter()
            .filter(|group| group.status().is_none())
            .map(|group| {
                let name = group.tags().iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value());
                let subnets = group.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim);
                Resource::new(Kind::AutoScalingGroup, group.auto_scaling_group_name().unwrap_or_default())
                    .named(name.unwrap_or_default())
                    .before(Kind::Subnet, subnets.filter(|subnet| !subnet.is_empty()))
                    .before(Kind::LaunchTemplate, template_of(group))
                    .before(Kind::TargetGroup, group.target_group_arns())
                    .before(Kind::LoadBalancer, group.load_balancer_names())
            })
            .collect())
    }

    async fn launch_templates(&self) -> Result<Vec<Resource>, ApiError> {
        let owned = ec2::Filter::builder().name(format!("tag:{}", self.rules.tag())).values("owned").build();
        let client = self.clients.ec2();
        let found = described!(client, describe_launch_templates, "DescribeLaunchTemplates", vec![owned])?;
        Ok(found
            .iter()
            .map(|template| {
                Resource::new(Kind::LaunchTemplate, template.launch_template_id().unwrap_or_default())
                    .named(template.launch_template_name().unwrap_or_default())
            })
            .collect())
    }

    /// Instances, volumes and key pairs.
    pub(super) async fn instances(&self, vpc: Option<&str>) -> Result<Vec<Resource>, ApiError> {
        let (instances, volumes, keys) = futures::try_join!(self.machines(vpc), self.volumes(), self.key_pairs())?;
        Ok(instances.into_iter().chain(volumes).chain(keys).collect())
    }

    async fn machines(&self, vpc: Option<&str>) -> Result<Vec<Resource>, ApiError> {
        let mut filters = self.named();
        filters.extend(vpc.map(|vpc| ec2::Filter::builder().name("vpc-id").values(vpc).build()));
        let states = ["pending", "running", "stopping", "stopped"].map(str::to_owned).to_vec();
        filters.push(ec2::Filter::builder().name("instance-state-name").set_values(Some(states)).build());
        let client = self.clients.ec2();
        let found = described!(client, describe_instances, "DescribeInstances", filters)?;
        Ok(found
            .iter()
            .flat_map(|reservation| reservation.instances())
            .map(|instance| {
                let kept = instance.block_device_mappings().iter().filter_map(|mapping| mapping.ebs());
                let kept = kept.filter(|volume| volume.delete_on_termination() == Some(false));
                let groups = instance.security_groups().iter().filter_map(|group| group.group_id());
                Resource::new(Kind::Instance, instance.instance_id().unwrap_or_default())
                    .named(name_of(instance.tags()))
                    .in_batch(instance.subnet_id().unwrap_or_default())
                    .before(Kind::Subnet, instance.subnet_id())
                    .before(Kind::Vpc, instance.vpc_id())
                    .before(Kind::Volume, kept.filter_map(|volume| volume.volume_id()))
                    .before(Kind::SecurityGroup, groups)
            })
            .collect())
    }

    /// Volumes that are not deleted with an instance.
    async fn volumes(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let found = described!(client, describe_volumes, "DescribeVolumes", self.named())?;
        Ok(found
            .iter()
            .filter(|volume| volume.attachments().iter().all(|a| a.delete_on_termination() != Some(true)))
            .map(|volume| {
                Resource::new(Kind::Volume, volume.volume_id().unwrap_or_default())
                    .named(name_of(volume.tags()))
                    .shared(self.is_shared(volume.tags()))
            })
            .collect())
    }

    async fn key_pairs(&self) -> Result<Vec<Resource>, ApiError> {
        let call = self.clients.ec2().describe_key_pairs();
        let found = call.send().await.map_err(failed("DescribeKeyPairs"))?;
        let cluster = self.rules.cluster();
        Ok(found
            .key_pairs()
            .iter()
            .filter(|pair| is_own_key_pair(pair.key_name().unwrap_or_default(), cluster))
            .map(|pair| {
                Resource::new(Kind::KeyPair, pair.key_pair_id().unwrap_or_default())
                    .named(pair.key_name().unwrap_or_default())
            })
            .collect())
    }
}

/// The launch template of a group, also in a mixed instances policy.
fn template_of(group: &aws_sdk_autoscaling::types::AutoScalingGroup) -> Option<String> {
    let mixed = || group.mixed_instances_policy()?.launch_template()?.launch_template_specification();
    group.launch_template().or_else(mixed)?.launch_template_id().map(str::to_owned)
}
