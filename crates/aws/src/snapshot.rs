//! Describes the auto scaling groups and instances of a cluster.
//!
//! Calls filter by the cluster's tag and use the largest pages: two calls describe a hundred groups with a thousand
//! instances. Launch templates named by alias (a call per two hundred) and warm pools (a call per group that may have one)
//! take additional calls.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_autoscaling::types as asg;
use aws_sdk_ec2::types as ec2;
use futures::stream::{StreamExt as _, TryStreamExt as _};

use super::clients::Clients;
use super::error::failed;
use super::groups::{classic_ref, target_group_ref};
use kopsform_rolling::ports::{
    ApiError, CloudGroup, CloudInstance, CloudSnapshot, LaunchSource, Lifecycle, Member, OwnTemplate,
};

/// The tag that names the cluster of a resource.
pub(super) const CLUSTER_TAG: &str = kopsform_spec::labels::KUBERNETES_CLUSTER;
/// The tag that names the instance group of an instance.
pub(super) const GROUP_TAG: &str = kopsform_spec::labels::INSTANCE_GROUP;
/// The tag of an instance that an update detached; the value is the name of its auto scaling group.
pub(super) const DETACHED_TAG: &str = "kops.k8s.io/detached-from-asg";
/// The prefix of the tags that name the roles of an instance.
const ROLE_TAG_PREFIX: &str = kopsform_spec::labels::ROLE_TAG_PREFIX;
/// The number of launch templates one call may name.
const TEMPLATES_PER_CALL: usize = 200;
/// The kinds of launch sources and templates, as messages name them.
pub(super) const LAUNCH_TEMPLATE: &str = "launch template";
const LAUNCH_CONFIGURATION: &str = "launch configuration";
/// How many warm pools are described concurrently.
const CONCURRENT_CALLS: usize = 5;

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
    let orphans = groups_with_orphans(cluster, &snapshot).into_iter().map(str::to_owned);
    let described: BTreeSet<String> = orphans.chain(pooled).collect();
    let mut pools: HashMap<String, Vec<Member>> = futures::stream::iter(described)
        .map(|name| async move { warm_pool(clients, &name).await.map(|members| (name, members)) })
        .buffer_unordered(CONCURRENT_CALLS)
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

async fn instances(clients: &Clients, cluster: &str) -> Result<Vec<CloudInstance>, ApiError> {
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

fn instance(instance: &ec2::Instance) -> CloudInstance {
    let mut found = CloudInstance {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        machine_type: instance.instance_type().map(|t| t.as_str().to_owned()).unwrap_or_default(),
        private_ip: instance.private_ip_address().unwrap_or_default().to_owned(),
        ..CloudInstance::default()
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

/// Resolves `$Default` and `$Latest` where groups use them.
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
        let batch = missing.iter().take(TEMPLATES_PER_CALL).cloned().collect();
        let call = clients.ec2().describe_launch_templates().set_launch_template_ids(Some(batch));
        let found: Vec<_> =
            (call.into_paginator().items().send().try_collect().await).map_err(failed("DescribeLaunchTemplates"))?;
        versions.extend(found.iter().filter_map(|t| {
            let numbers = (t.default_version_number()?, t.latest_version_number()?);
            Some((t.launch_template_id()?.to_owned(), numbers))
        }));
        // A response may omit some of the templates; one that adds none ends the loop.
        let before = missing.len();
        missing.retain(|id| !versions.contains_key(id));
        if missing.len() == before {
            break;
        }
    }
    Ok(versions)
}

fn scaling_group(group: &asg::AutoScalingGroup, versions: &Versions) -> CloudGroup {
    let configuration = group.launch_configuration_name().filter(|n| !n.is_empty());
    let launch = configuration.map(configuration_source).or_else(|| {
        let template = launch_template(group)?;
        let id = template.launch_template_id()?;
        let version = match template.version() {
            Some("$Latest") => versions.get(id)?.1.to_string(),
            None | Some("" | "$Default") => versions.get(id)?.0.to_string(),
            Some(version) => version.to_owned(),
        };
        Some(template_source(id, version))
    });
    let own = |kind, name: Option<&str>| name.map(|name| OwnTemplate { kind, name: name.to_owned() });
    let own_template = own(LAUNCH_TEMPLATE, group.launch_template().and_then(|t| t.launch_template_name()));
    CloudGroup {
        name: group.auto_scaling_group_name().unwrap_or_default().to_owned(),
        instance_group: None,
        min: group.min_size().unwrap_or_default(),
        desired: group.desired_capacity().unwrap_or_default(),
        max: group.max_size().unwrap_or_default(),
        launch,
        members: group.instances().iter().map(member).collect(),
        warm: Vec::new(),
        load_balancers: (group.load_balancer_names().iter().map(|name| classic_ref(name)))
            .chain(group.target_group_arns().iter().map(|arn| target_group_ref(arn)))
            .collect(),
        suspended: (group.suspended_processes().iter())
            .filter_map(|process| process.process_name().map(str::to_owned))
            .collect(),
        status: group.status().map(str::to_owned),
        own_template: own_template.or_else(|| own(LAUNCH_CONFIGURATION, configuration)),
    }
}

fn template_source(id: &str, version: impl Into<String>) -> LaunchSource {
    LaunchSource { kind: LAUNCH_TEMPLATE, id: id.to_owned(), version: Some(version.into()) }
}

fn configuration_source(name: &str) -> LaunchSource {
    LaunchSource { kind: LAUNCH_CONFIGURATION, id: name.to_owned(), version: None }
}

/// The state of a member, such as `InService`, `Terminating:Wait` or `Warmed:Stopped`.
fn lifecycle(state: &str) -> Lifecycle {
    match state {
        state if state.starts_with("Warmed") => Lifecycle::Warm,
        state if state.starts_with("Detach") => Lifecycle::Detaching,
        state if state.starts_with("Terminat") => Lifecycle::Terminating,
        _ => Lifecycle::Active,
    }
}

fn member(instance: &asg::Instance) -> Member {
    let template = || {
        let template = instance.launch_template()?;
        Some(template_source(template.launch_template_id()?, template.version().unwrap_or_default()))
    };
    let configuration = instance.launch_configuration_name().filter(|name| !name.is_empty());
    let state = instance.lifecycle_state().map(|state| state.as_str()).unwrap_or_default();
    Member {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        launch: configuration.map(configuration_source).or_else(template),
        lifecycle: lifecycle(state),
        state: state.to_owned(),
    }
}

async fn warm_pool(clients: &Clients, group: &str) -> Result<Vec<Member>, ApiError> {
    let mut members = Vec::new();
    let mut token = None;
    loop {
        let call = clients.autoscaling().describe_warm_pool().auto_scaling_group_name(group).set_next_token(token);
        let response = call.send().await.map_err(failed(format!("DescribeWarmPool {group}")))?;
        members.extend(response.instances().iter().map(member));
        token = response.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(members);
        }
    }
}

/// The auto scaling groups that may have a warm pool: some instances carry the tag of their instance group, and are neither
/// members nor detached. A warm pool is described group by group, so this saves the calls for the others.
fn groups_with_orphans<'a>(cluster: &str, snapshot: &'a CloudSnapshot) -> Vec<&'a str> {
    let members: BTreeSet<&str> = snapshot.groups.iter().flat_map(|g| &g.members).map(|m| m.id.as_str()).collect();
    let orphans: BTreeSet<&str> = snapshot
        .instances
        .iter()
        .filter(|i| i.detached_from.is_none() && !members.contains(i.id.as_str()))
        .map(|i| i.group.as_str())
        .collect();
    let suffix = format!(".{cluster}");
    let group_of = |name: &'a str| {
        let name = name.strip_suffix(&suffix).unwrap_or(name);
        name.strip_suffix(".masters").or_else(|| name.strip_suffix(".apiservers")).unwrap_or(name)
    };
    snapshot.groups.iter().map(|g| g.name.as_str()).filter(|name| orphans.contains(group_of(name))).collect()
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
    fn mixed_instances_policies_name_a_launch_template() {
        let template =
            asg::LaunchTemplate::builder().launch_template_specification(specification("lt-1", Some("7"))).build();
        let group = asg::AutoScalingGroup::builder()
            .auto_scaling_group_name("spot.c")
            .mixed_instances_policy(asg::MixedInstancesPolicy::builder().launch_template(template).build())
            .build();
        let found = scaling_group(&group, &Versions::new());
        assert_eq!(found.launch, Some(template_source("lt-1", "7")));
        assert_eq!(found.own_template, None, "a mixed group's template may serve others");
    }

    #[test]
    fn members_and_groups_name_what_holds_them_up() {
        let state = asg::LifecycleState::TerminatingWait;
        let leaving = member(&asg::Instance::builder().instance_id("i-1").lifecycle_state(state).build());
        assert_eq!((leaving.lifecycle, leaving.state.as_str()), (Lifecycle::Terminating, "Terminating:Wait"));
        let process = asg::SuspendedProcess::builder().process_name("Launch").build();
        let group = asg::AutoScalingGroup::builder().suspended_processes(process).build();
        assert_eq!(scaling_group(&group, &Versions::new()).suspended, ["Launch"]);
    }

    #[test]
    fn aliases_are_resolved_to_numbers() {
        let versions = Versions::from([("lt-1".to_owned(), (2, 5))]);
        let launch = |version| {
            let group = asg::AutoScalingGroup::builder().launch_template(specification("lt-1", version)).build();
            scaling_group(&group, &versions).launch
        };
        assert_eq!(launch(Some("$Latest")), Some(template_source("lt-1", "5")));
        assert_eq!(launch(Some("$Default")), Some(template_source("lt-1", "2")));
        assert_eq!(launch(None), Some(template_source("lt-1", "2")));
        assert_eq!(launch(Some("4")), Some(template_source("lt-1", "4")));
    }

    #[test]
    fn tags_give_group_role_and_detachment() {
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

    fn tagged(id: &str, group: &str) -> CloudInstance {
        CloudInstance { id: id.into(), group: group.into(), ..CloudInstance::default() }
    }

    #[test]
    fn only_groups_with_orphans_may_have_a_warm_pool() {
        let named = |name: &str, id: &str| CloudGroup {
            name: name.into(),
            members: vec![Member { id: id.into(), ..Member::default() }],
            ..CloudGroup::default()
        };
        let snapshot = CloudSnapshot {
            groups: vec![named("a.c", "i-1"), named("b.masters.c", "i-2"), named("d.c", "i-3")],
            instances: vec![
                tagged("i-1", "a"),
                tagged("i-9", "b"),
                CloudInstance { detached_from: Some("d.c".into()), ..tagged("i-4", "d") },
            ],
        };
        assert_eq!(groups_with_orphans("c", &snapshot), ["b.masters.c"]);
    }
}
