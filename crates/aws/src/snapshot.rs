//! Describes the auto scaling groups and instances of a cluster.
//!
//! Everything is asked for by the cluster's tag and in the largest pages there are: two calls for a hundred groups with
//! a thousand instances. Only launch templates by alias (a call for two hundred) and warm pools (a call for each group
//! that seems to have one) come on top.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_autoscaling::types as asg;
use aws_sdk_ec2::types as ec2;
use futures::stream::{StreamExt as _, TryStreamExt as _};

use super::clients::Clients;
use super::error::failed;
use kopsform_rolling::discover::groups_with_strays;
use kopsform_rolling::ports::{ApiError, CloudSnapshot, DETACHED_TAG, Ec2Instance, Member, ScalingGroup};

/// The tag that names the cluster of a resource.
const CLUSTER_TAG: &str = kopsform_spec::labels::KUBERNETES_CLUSTER;
/// The tag that names the instance group of an instance.
const GROUP_TAG: &str = kopsform_spec::labels::INSTANCE_GROUP;
/// The tags that name the roles of an instance begin so.
const ROLE_TAG_PREFIX: &str = kopsform_spec::labels::ROLE_TAG_PREFIX;
/// How many launch templates one call may name.
const TEMPLATES_A_CALL: usize = 200;
/// How many warm pools are asked for side by side.
const SIDE_BY_SIDE: usize = 5;

/// Describes everything with the cluster's tag.
pub(super) async fn snapshot(clients: &Clients, cluster: &str) -> Result<CloudSnapshot, ApiError> {
    let (groups, instances) = futures::try_join!(scaling_groups(clients, cluster), instances(clients, cluster))?;
    let versions = template_versions(clients, &groups).await?;
    let pooled: BTreeSet<String> = (groups.iter())
        .filter(|g| g.warm_pool_configuration().is_some())
        .filter_map(|g| g.auto_scaling_group_name().map(str::to_owned))
        .collect();
    let groups = groups.iter().map(|group| scaling_group(group, &versions)).collect();
    let mut snapshot = CloudSnapshot { groups, instances };
    let strays = groups_with_strays(cluster, &snapshot).into_iter().map(str::to_owned);
    let asked: BTreeSet<String> = strays.chain(pooled).collect();
    let mut pools: HashMap<String, Vec<Member>> = futures::stream::iter(asked)
        .map(|name| async move { warm_pool(clients, &name).await.map(|members| (name, members)) })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    for group in &mut snapshot.groups {
        group.warm = pools.remove(&group.name).unwrap_or_default();
    }
    Ok(snapshot)
}

async fn scaling_groups(clients: &Clients, cluster: &str) -> Result<Vec<asg::AutoScalingGroup>, ApiError> {
    let filter = asg::Filter::builder().name(format!("tag:{CLUSTER_TAG}")).values(cluster).build();
    clients
        .autoscaling()
        .describe_auto_scaling_groups()
        .filters(filter)
        .max_records(100)
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(failed("DescribeAutoScalingGroups"))
}

async fn instances(clients: &Clients, cluster: &str) -> Result<Vec<Ec2Instance>, ApiError> {
    let filter = |name: String, values: &[&str]| {
        ec2::Filter::builder().name(name).set_values(Some(values.iter().map(|v| (*v).to_owned()).collect())).build()
    };
    let mut pages = clients
        .ec2()
        .describe_instances()
        .filters(filter(format!("tag:{CLUSTER_TAG}"), &[cluster]))
        .filters(filter("instance-state-name".to_owned(), &["pending", "running", "stopping", "stopped"]))
        .max_results(1000)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("DescribeInstances"))?;
        found.extend(page.reservations().iter().flat_map(|r| r.instances()).map(instance));
    }
    Ok(found)
}

fn instance(instance: &ec2::Instance) -> Ec2Instance {
    let mut found = Ec2Instance {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        machine_type: instance.instance_type().map(|t| t.as_str().to_owned()).unwrap_or_default(),
        private_ip: instance.private_ip_address().unwrap_or_default().to_owned(),
        ..Ec2Instance::default()
    };
    for tag in instance.tags() {
        let value = tag.value().unwrap_or_default();
        match tag.key().unwrap_or_default() {
            GROUP_TAG => found.group = value.to_owned(),
            DETACHED_TAG => found.detached_from = Some(value.to_owned()),
            key => match key.strip_prefix(ROLE_TAG_PREFIX) {
                Some("master") => found.roles.push("control-plane".to_owned()),
                Some(role) => found.roles.push(role.to_owned()),
                None => {}
            },
        }
    }
    found
}

/// The default and latest versions of launch templates by their ids.
type Versions = HashMap<String, (i64, i64)>;

/// What a group starts instances from, directly or by its mixed instances policy.
fn launch_template(group: &asg::AutoScalingGroup) -> Option<&asg::LaunchTemplateSpecification> {
    let mixed = || group.mixed_instances_policy()?.launch_template()?.launch_template_specification();
    group.launch_template().or_else(mixed)
}

/// Looks up what `$Default` and `$Latest` stand for, where groups use them.
async fn template_versions(clients: &Clients, groups: &[asg::AutoScalingGroup]) -> Result<Versions, ApiError> {
    let ids: BTreeSet<&str> = groups
        .iter()
        .filter_map(launch_template)
        .filter(|t| t.version().is_none_or(|v| v.is_empty() || v.starts_with('$')))
        .filter_map(|t| t.launch_template_id())
        .collect();
    let mut missing: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let mut versions = Versions::new();
    while !missing.is_empty() {
        let batch = missing.iter().take(TEMPLATES_A_CALL).cloned().collect();
        let call = clients.ec2().describe_launch_templates().set_launch_template_ids(Some(batch));
        let found: Vec<_> =
            (call.into_paginator().items().send().try_collect().await).map_err(failed("DescribeLaunchTemplates"))?;
        versions.extend(found.iter().filter_map(|t| {
            let numbers = (t.default_version_number()?, t.latest_version_number()?);
            Some((t.launch_template_id()?.to_owned(), numbers))
        }));
        // An answer may be shorter than the question; what it leaves out altogether is not there.
        let asked = missing.len();
        missing.retain(|id| !versions.contains_key(id));
        if missing.len() == asked {
            break;
        }
    }
    Ok(versions)
}

fn scaling_group(group: &asg::AutoScalingGroup, versions: &Versions) -> ScalingGroup {
    let configuration = group.launch_configuration_name().filter(|n| !n.is_empty());
    let launch = configuration.map(str::to_owned).or_else(|| {
        let template = launch_template(group)?;
        let id = template.launch_template_id()?;
        let version = match template.version() {
            Some("$Latest") => versions.get(id)?.1.to_string(),
            None | Some("" | "$Default") => versions.get(id)?.0.to_string(),
            Some(version) => version.to_owned(),
        };
        Some(format!("{id}:{version}"))
    });
    ScalingGroup {
        name: group.auto_scaling_group_name().unwrap_or_default().to_owned(),
        min: group.min_size().unwrap_or_default(),
        desired: group.desired_capacity().unwrap_or_default(),
        max: group.max_size().unwrap_or_default(),
        launch,
        members: group.instances().iter().map(member).collect(),
        warm: Vec::new(),
        classic_balancers: group.load_balancer_names().to_vec(),
        target_groups: group.target_group_arns().to_vec(),
        status: group.status().map(str::to_owned),
        template_name: group.launch_template().and_then(|t| t.launch_template_name()).map(str::to_owned),
        configuration_name: configuration.map(str::to_owned),
    }
}

fn member(instance: &asg::Instance) -> Member {
    let template = || {
        let template = instance.launch_template()?;
        Some(format!("{}:{}", template.launch_template_id()?, template.version().unwrap_or_default()))
    };
    Member {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        launch: instance.launch_configuration_name().filter(|n| !n.is_empty()).map(str::to_owned).or_else(template),
        lifecycle: instance.lifecycle_state().map(|s| s.as_str().to_owned()).unwrap_or_default(),
    }
}

async fn warm_pool(clients: &Clients, group: &str) -> Result<Vec<Member>, ApiError> {
    let mut members = Vec::new();
    let mut token = None;
    loop {
        let call = clients.autoscaling().describe_warm_pool().auto_scaling_group_name(group).set_next_token(token);
        let answer = call.send().await.map_err(failed(format!("DescribeWarmPool {group}")))?;
        members.extend(answer.instances().iter().map(member));
        token = answer.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(members);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specification(id: &str, version: Option<&str>) -> asg::LaunchTemplateSpecification {
        asg::LaunchTemplateSpecification::builder()
            .launch_template_id(id)
            .set_version(version.map(str::to_owned))
            .build()
    }

    #[test]
    fn mixed_instances_name_their_launch_template_too() {
        let template =
            asg::LaunchTemplate::builder().launch_template_specification(specification("lt-1", Some("7"))).build();
        let group = asg::AutoScalingGroup::builder()
            .auto_scaling_group_name("spot.c")
            .mixed_instances_policy(asg::MixedInstancesPolicy::builder().launch_template(template).build())
            .build();
        let found = scaling_group(&group, &Versions::new());
        assert_eq!(found.launch.as_deref(), Some("lt-1:7"));
        assert_eq!(found.template_name, None, "a mixed group's template may serve others");
    }

    #[test]
    fn aliases_stand_for_numbers() {
        let versions = Versions::from([("lt-1".to_owned(), (2, 5))]);
        let launch = |version| {
            let group = asg::AutoScalingGroup::builder().launch_template(specification("lt-1", version)).build();
            scaling_group(&group, &versions).launch
        };
        assert_eq!(launch(Some("$Latest")).as_deref(), Some("lt-1:5"));
        assert_eq!(launch(Some("$Default")).as_deref(), Some("lt-1:2"));
        assert_eq!(launch(None).as_deref(), Some("lt-1:2"));
        assert_eq!(launch(Some("4")).as_deref(), Some("lt-1:4"));
    }

    #[test]
    fn tags_tell_group_role_and_detachment() {
        let tag = |key: &str, value: &str| ec2::Tag::builder().key(key).value(value).build();
        let found = instance(
            &ec2::Instance::builder()
                .instance_id("i-1")
                .tags(tag(GROUP_TAG, "nodes"))
                .tags(tag("k8s.io/role/master", "1"))
                .tags(tag(DETACHED_TAG, "nodes.c"))
                .build(),
        );
        assert_eq!((found.group.as_str(), found.roles.as_slice()), ("nodes", ["control-plane".to_owned()].as_slice()));
        assert_eq!(found.detached_from.as_deref(), Some("nodes.c"));
    }
}
