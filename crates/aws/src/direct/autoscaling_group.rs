//! Auto scaling groups and their warm pools.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::types as asg;

use super::support::{id_of, ids_in, int, internal, sent, wanted_tags, with_id};
use super::{DirectCloud, Search, lifecycle_hook, warm_pool};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Residue, TaskKind, Value, When};
use kopsform_model::aws::resources::{AutoscalingGroup, MixedInstances};
use kopsform_rolling::ports::ApiError;

/// kops' name of a target group that a group is attached to and should not be.
pub(super) const RESIDUE: &str = "autoscaling-elb-attachment";
/// The version of a template that groups use.
const LATEST: &str = "$Latest";
/// How many names one call takes.
const NAMES_PER_CALL: usize = 50;
/// How many target groups one call attaches.
const TARGET_GROUPS_PER_CALL: usize = 10;
/// How often metrics are collected.
const GRANULARITY: &str = "1Minute";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<AutoscalingGroup>(TaskKind::AutoscalingGroup);
    let client = search.cloud.clients.autoscaling();
    let mut existing: BTreeMap<String, asg::AutoScalingGroup> = BTreeMap::new();
    for part in wanted.chunks(NAMES_PER_CALL) {
        let names = part.iter().map(|(_, group)| group.name.to_string()).collect();
        let call = client.describe_auto_scaling_groups().set_auto_scaling_group_names(Some(names)).max_records(100);
        let groups: Vec<_> = super::support::all!(call, "DescribeAutoScalingGroups")?;
        // A group with a status is being deleted.
        let groups = groups.into_iter().filter(|group| group.status().is_none_or(str::is_empty));
        existing.extend(groups.map(|group| (group.auto_scaling_group_name().unwrap_or_default().to_owned(), group)));
    }
    for (task, group) in &wanted {
        if let Some(existing) = existing.get(group.name.as_str()) {
            found.objects.insert(task.id.clone(), object(existing));
        }
    }
    warm_pool::find(search, &existing, &mut found);
    lifecycle_hook::find(search, &existing, &mut found).await?;
    Ok(found)
}

fn object(group: &asg::AutoScalingGroup) -> Object {
    let tags: BTreeMap<String, String> = group
        .tags()
        .iter()
        .map(|tag| (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned()))
        .collect();
    let mixed = group.mixed_instances_policy();
    let of_policy = mixed.and_then(|policy| policy.launch_template()).and_then(|t| t.launch_template_specification());
    // Terraform names the version that was the newest one; such a group would not use the next.
    let template = of_policy.or(group.launch_template()).and_then(|template| {
        let id = template.launch_template_id()?;
        Some(match template.version() {
            None | Some(LATEST) => id.to_owned(),
            Some(version) => format!("{id} version {version}"),
        })
    });
    let subnets = group.vpc_zone_identifier().unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let metrics = group.enabled_metrics().iter().filter_map(|metric| metric.metric());
    let suspended = group.suspended_processes().iter().filter_map(|process| process.process_name());
    let number = |value: Option<i32>| i64::from(value.unwrap_or_default());
    let mut object = Object::new(group.auto_scaling_group_name().unwrap_or_default())
        .field("CapacityRebalance", group.capacity_rebalance().unwrap_or_default())
        .field("InstanceProtection", group.new_instances_protected_from_scale_in().unwrap_or_default())
        .field("LaunchTemplate", template)
        .field("LoadBalancers", Value::set(group.load_balancer_names()))
        .field("MaxInstanceLifetime", number(group.max_instance_lifetime()))
        .field("MaxSize", number(group.max_size()))
        .field("Metrics", Value::set(metrics))
        .field("MinSize", number(group.min_size()))
        .field("MixedInstancesPolicy", mixed.is_some())
        .field("Subnets", Value::set(subnets))
        .field("SuspendProcesses", Value::set(suspended))
        .field("Tags", Value::Map(tags))
        .field("TargetGroups", Value::set(group.target_group_arns()))
        // The pool is compared as a task of its own.
        .field("WarmPool", Value::Absent);
    if let Some(policy) = mixed {
        let overrides = policy.launch_template().map(|template| template.overrides()).unwrap_or_default();
        let types = overrides.iter().filter_map(|o| o.instance_type());
        let distribution = policy.instances_distribution();
        object = object
            .field("MixedInstanceOverrides", Value::list(types))
            .field("MixedOnDemandAllocationStrategy", distribution.and_then(|d| d.on_demand_allocation_strategy()))
            .field("MixedSpotAllocationStrategy", distribution.and_then(|d| d.spot_allocation_strategy()))
            .field("MixedOnDemandBase", distribution.and_then(|d| d.on_demand_base_capacity()).map(i64::from))
            .field(
                "MixedOnDemandAboveBase",
                distribution.and_then(|d| d.on_demand_percentage_above_base_capacity()).map(i64::from),
            )
            .field("MixedSpotInstancePools", distribution.and_then(|d| d.spot_instance_pools()).map(i64::from))
            .field("MixedSpotMaxPrice", distribution.and_then(|d| d.spot_max_price()));
    }
    object
}

fn template(
    operation: &Operation<'_>,
    group: &AutoscalingGroup,
) -> Result<asg::LaunchTemplateSpecification, CloudError> {
    let id = id_of(operation, TaskKind::LaunchTemplate, &group.launch_template)?;
    Ok(asg::LaunchTemplateSpecification::builder().launch_template_id(id).version(LATEST).build())
}

fn policy(template: asg::LaunchTemplateSpecification, mixed: &MixedInstances) -> asg::MixedInstancesPolicy {
    let overrides = mixed.instance_types.iter();
    let overrides = overrides.map(|kind| asg::LaunchTemplateOverrides::builder().instance_type(kind).build()).collect();
    let template =
        asg::LaunchTemplate::builder().launch_template_specification(template).set_overrides(Some(overrides)).build();
    let distribution = asg::InstancesDistribution::builder()
        .set_on_demand_allocation_strategy(mixed.on_demand_allocation_strategy.clone())
        .set_on_demand_base_capacity(mixed.on_demand_base.map(int))
        .set_on_demand_percentage_above_base_capacity(mixed.on_demand_above_base.map(int))
        .set_spot_allocation_strategy(mixed.spot_allocation_strategy.clone())
        .set_spot_instance_pools(mixed.spot_instance_pools.map(int))
        // An empty price also removes an earlier limit.
        .spot_max_price(&mixed.spot_max_price)
        .build();
    asg::MixedInstancesPolicy::builder().launch_template(template).instances_distribution(distribution).build()
}

fn subnets(operation: &Operation<'_>, group: &AutoscalingGroup) -> Result<String, CloudError> {
    let ids: Result<Vec<&str>, CloudError> =
        group.subnets.iter().map(|subnet| id_of(operation, TaskKind::Subnet, subnet)).collect();
    Ok(ids?.join(","))
}

fn tags(group: &str, tags: &BTreeMap<String, String>) -> Vec<asg::Tag> {
    let tag = |(key, value): (&String, &String)| {
        asg::Tag::builder()
            .resource_id(group)
            .resource_type("auto-scaling-group")
            .key(key)
            .value(value)
            .propagate_at_launch(true)
            .build()
    };
    tags.iter().map(tag).collect()
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<AutoscalingGroup>(operation.task)?;
    let (name, client) = (group.name.as_str(), cloud.clients.autoscaling());
    let template = template(operation, group)?;
    let targets = ids_in(operation, TaskKind::TargetGroup, &group.target_groups)?;
    let balancers = classic_names(operation, group)?;
    let some = |items: Vec<String>| Some(items).filter(|items| !items.is_empty());
    let mut call = client
        .create_auto_scaling_group()
        .auto_scaling_group_name(name)
        .min_size(int(group.min_size))
        .max_size(int(group.max_size))
        .vpc_zone_identifier(subnets(operation, group)?)
        .new_instances_protected_from_scale_in(group.protect_from_scale_in)
        .set_capacity_rebalance(group.capacity_rebalance)
        .set_max_instance_lifetime(Some(int(group.max_instance_lifetime)).filter(|seconds| *seconds > 0))
        .set_target_group_arns(some(targets))
        .set_load_balancer_names(some(balancers))
        .set_tags(Some(tags(name, &wanted_tags(operation.task))));
    call = match &group.mixed_instances {
        Some(mixed) => call.mixed_instances_policy(policy(template, mixed)),
        None => call.launch_template(template),
    };
    sent!(call, "CreateAutoScalingGroup {name}")?;
    collect_metrics(cloud, name, &group.metrics).await?;
    suspend(cloud, name, &group.suspended_processes).await?;
    Ok(with_id(name))
}

fn classic_names(operation: &Operation<'_>, group: &AutoscalingGroup) -> Result<Vec<String>, CloudError> {
    ids_in(operation, TaskKind::ClassicLoadBalancer, &group.load_balancers)
}

async fn collect_metrics(cloud: &DirectCloud, name: &str, metrics: &[String]) -> Result<(), CloudError> {
    if metrics.is_empty() {
        return Ok(());
    }
    let call = cloud.clients.autoscaling().enable_metrics_collection().auto_scaling_group_name(name);
    let call = call.granularity(GRANULARITY).set_metrics(Some(metrics.to_vec()));
    sent!(call, "EnableMetricsCollection {name}").map(|_| ())
}

/// Stops collecting all other metrics.
async fn stop_metrics(cloud: &DirectCloud, name: &str, wanted: &BTreeSet<String>) -> Result<(), CloudError> {
    let client = cloud.clients.autoscaling();
    let described = sent!(
        client.describe_auto_scaling_groups().auto_scaling_group_names(name),
        "DescribeAutoScalingGroups {name}"
    )?;
    let metrics = described.auto_scaling_groups().iter().flat_map(|group| group.enabled_metrics());
    let collected: BTreeSet<String> = metrics.filter_map(|metric| metric.metric().map(str::to_owned)).collect();
    let surplus = without(&collected, wanted);
    if surplus.is_empty() {
        return Ok(());
    }
    let call = client.disable_metrics_collection().auto_scaling_group_name(name).set_metrics(Some(surplus));
    sent!(call, "DisableMetricsCollection {name}").map(|_| ())
}

async fn suspend(cloud: &DirectCloud, name: &str, processes: &[String]) -> Result<(), CloudError> {
    if processes.is_empty() {
        return Ok(());
    }
    let call = cloud.clients.autoscaling().suspend_processes().auto_scaling_group_name(name);
    sent!(call.set_scaling_processes(Some(processes.to_vec())), "SuspendProcesses {name}").map(|_| ())
}

/// What a set has that another has not.
fn without(of: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    of.difference(other).cloned().collect()
}

/// The strings of a found set.
fn found_set(operation: &Operation<'_>, field: &str) -> BTreeSet<String> {
    match operation.found.and_then(|object| object.fields.get(field)) {
        Some(Value::Set(items) | Value::List(items)) => items
            .iter()
            .filter_map(|item| match item {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<AutoscalingGroup>(operation.task)?;
    let name = group.name.as_str();
    update_settings(cloud, operation, group).await?;
    if operation.changes("Tags") {
        update_tags(cloud, operation, name).await?;
    }
    if operation.changes("Metrics") {
        collect_metrics(cloud, name, &group.metrics).await?;
        let wanted: BTreeSet<String> = group.metrics.iter().cloned().collect();
        if !found_set(operation, "Metrics").is_subset(&wanted) {
            stop_metrics(cloud, name, &wanted).await?;
        }
    }
    if operation.changes("SuspendProcesses") {
        let wanted = group.suspended_processes.iter().cloned().collect();
        let found = found_set(operation, "SuspendProcesses");
        suspend(cloud, name, &without(&wanted, &found)).await?;
        let surplus = without(&found, &wanted);
        if !surplus.is_empty() {
            let call = cloud.clients.autoscaling().resume_processes().auto_scaling_group_name(name);
            sent!(call.set_scaling_processes(Some(surplus)), "ResumeProcesses {name}")?;
        }
    }
    if operation.changes("LoadBalancers") {
        let wanted = classic_names(operation, group)?.into_iter().collect();
        let found = found_set(operation, "LoadBalancers");
        let client = cloud.clients.autoscaling();
        let (surplus, missing) = (without(&found, &wanted), without(&wanted, &found));
        if !surplus.is_empty() {
            let call = client.detach_load_balancers().auto_scaling_group_name(name);
            sent!(call.set_load_balancer_names(Some(surplus)), "DetachLoadBalancers {name}")?;
        }
        if !missing.is_empty() {
            let call = client.attach_load_balancers().auto_scaling_group_name(name);
            sent!(call.set_load_balancer_names(Some(missing)), "AttachLoadBalancers {name}")?;
        }
    }
    if operation.changes("TargetGroups") {
        let wanted = ids_in(operation, TaskKind::TargetGroup, &group.target_groups)?.into_iter().collect();
        let missing = without(&wanted, &found_set(operation, "TargetGroups"));
        for arns in missing.chunks(TARGET_GROUPS_PER_CALL) {
            let call = cloud.clients.autoscaling().attach_load_balancer_target_groups().auto_scaling_group_name(name);
            sent!(call.set_target_group_arns(Some(arns.to_vec())), "AttachLoadBalancerTargetGroups {name}")?;
        }
    }
    Ok(with_id(name))
}

/// Everything that one request changes. The desired capacity is never set: users and autoscalers do that.
async fn update_settings(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
    group: &AutoscalingGroup,
) -> Result<(), CloudError> {
    const OTHER: [&str; 6] = ["Tags", "Metrics", "SuspendProcesses", "LoadBalancers", "TargetGroups", "WarmPool"];
    if operation.fields.iter().all(|field| OTHER.contains(field)) {
        return Ok(());
    }
    let changes = |field| operation.changes(field);
    let mut call = cloud.clients.autoscaling().update_auto_scaling_group().auto_scaling_group_name(group.name.as_str());
    if changes("MinSize") {
        call = call.min_size(int(group.min_size));
    }
    if changes("MaxSize") {
        call = call.max_size(int(group.max_size));
    }
    if changes("InstanceProtection") {
        call = call.new_instances_protected_from_scale_in(group.protect_from_scale_in);
    }
    if changes("MaxInstanceLifetime") {
        call = call.max_instance_lifetime(int(group.max_instance_lifetime));
    }
    if changes("CapacityRebalance") {
        call = call.set_capacity_rebalance(group.capacity_rebalance);
    }
    if changes("Subnets") {
        call = call.vpc_zone_identifier(subnets(operation, group)?);
    }
    let is_mixed = |field: &&str| field.starts_with("Mixed");
    if changes("LaunchTemplate") || operation.fields.iter().any(is_mixed) {
        let template = template(operation, group)?;
        call = match &group.mixed_instances {
            Some(mixed) => call.mixed_instances_policy(policy(template, mixed)),
            None => call.launch_template(template),
        };
    }
    sent!(call, "UpdateAutoScalingGroup {}", group.name).map(|_| ())
}

async fn update_tags(cloud: &DirectCloud, operation: &Operation<'_>, name: &str) -> Result<(), CloudError> {
    let (wanted, found) = (wanted_tags(operation.task), super::support::found_tags(operation));
    let client = cloud.clients.autoscaling();
    let surplus: BTreeMap<String, String> = found
        .iter()
        .filter(|(key, _)| !wanted.contains_key(*key) && !key.starts_with("aws:"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !surplus.is_empty() {
        sent!(client.delete_tags().set_tags(Some(tags(name, &surplus))), "DeleteTags {name}")?;
    }
    let missing: BTreeMap<String, String> = wanted
        .iter()
        .filter(|(key, value)| found.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !missing.is_empty() {
        sent!(client.create_or_update_tags().set_tags(Some(tags(name, &missing))), "CreateOrUpdateTags {name}")?;
    }
    Ok(())
}

/// Adds the target groups that groups are attached to and should not be. They are detached only when pruned: connections may
/// still come that way.
pub(super) fn find_surplus(search: &Search<'_>, found: &mut Found) {
    let ids = found.ids();
    for (task, group) in search.of::<AutoscalingGroup>(TaskKind::AutoscalingGroup) {
        let Some(Value::Set(attached)) =
            found.objects.get(&task.id).and_then(|object| object.fields.get("TargetGroups"))
        else {
            continue;
        };
        let wanted = task.value("TargetGroups").map(|value| value.resolve(&ids));
        let wanted = match &wanted {
            Some(Value::Set(wanted)) => wanted.as_slice(),
            _ => &[],
        };
        let surplus = attached.iter().filter(|arn| !wanted.contains(arn));
        let residue = surplus.map(|arn| Residue {
            when: When::Pruned,
            kind: RESIDUE,
            item: format!("{}:{arn}", group.name),
            handle: format!("{} {arn}", group.name),
        });
        found.residue.extend(residue.collect::<Vec<_>>());
    }
}

pub(super) async fn detach(cloud: &DirectCloud, handle: &str) -> Result<(), CloudError> {
    let (group, arn) = handle.split_once(' ').ok_or_else(|| internal(format!("malformed attachment {handle:?}")))?;
    let call = cloud.clients.autoscaling().detach_load_balancer_target_groups().auto_scaling_group_name(group);
    sent!(call.target_group_arns(arn), "DetachLoadBalancerTargetGroups {group}").map(|_| ())
}
