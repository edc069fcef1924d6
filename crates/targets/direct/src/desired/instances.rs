//! Launch templates, auto scaling groups, their hooks and warm pools.

use kopsform_model::aws::resources::{
    AutoscalingGroup, Disk, DiskContent, InstanceProfile, KeyPair, LaunchTemplate, LifecycleHook, MixedInstances,
    SpotOptions,
};
use kopsform_model::{In, NodeId};

use super::{Builder, all_tags, cluster_tag, id_of, task_of};
use crate::task::{Expected, OnChange, Task, TaskId, TaskKind};
use crate::value::Value;

/// The name of the hook that keeps instances of a warm pool until they are ready.
const WARM_POOL_HOOK: &str = "kops-warmpool";

impl Builder<'_> {
    pub(super) fn launch_template(&self, id: &NodeId, template: &LaunchTemplate) -> Vec<Task> {
        let interface = &template.network_interface;
        let groups = interface.security_groups.iter().map(|group| id_of(TaskKind::SecurityGroup, group));
        let task = Task::new(TaskKind::LaunchTemplate, id.name.as_str(), id.clone())
            .update("AssociatePublicIP", interface.public_ip)
            .update(
                "BlockDeviceMappings",
                Value::Set(template.disks.iter().map(|disk| disk_text(disk).into()).collect()),
            )
            .update("CPUCredits", template.cpu_credits.as_ref())
            .update("EBSOptimized", template.ebs_optimized.unwrap_or_default())
            .update("HTTPProtocolIPv6", if template.metadata.ipv6 { "enabled" } else { "disabled" })
            .update("HTTPPutResponseHopLimit", template.metadata.hop_limit)
            .update("HTTPTokens", &template.metadata.tokens)
            .update("IAMInstanceProfile", profile_name(&template.profile))
            .update("IPv6AddressCount", interface.ipv6_addresses)
            .update("ImageID", &template.image)
            .update("InstanceMonitoring", template.detailed_monitoring)
            .update("InstanceType", &template.instance_type)
            .update("SSHKey", template.key.as_ref().map(key_name))
            .update("SecurityGroups", Value::Set(groups.collect()))
            .update("SpotPrice", template.spot.as_ref().map(spot_text))
            .update("Tags", all_tags(&template.tags))
            .update("Tenancy", template.tenancy.as_ref())
            .update("UserData", template.user_data.clone().map(Value::Script));
        // Keys and instance profiles go by their names, so no field refers to them.
        let task = match &template.key {
            Some(In::Node(key)) => task.after(task_of(TaskKind::KeyPair, key)),
            _ => task,
        };
        match &template.profile {
            In::Node(profile) => vec![task.after(task_of(TaskKind::InstanceProfile, profile))],
            In::Existing(name) => {
                let profile = self.existing_profile(name, id);
                vec![task.after(profile.id.clone()), profile]
            }
        }
    }

    /// An instance profile that the spec names. kops shows that it lacks the tag of shared resources, and never adds it.
    fn existing_profile(&self, name: &str, template: &NodeId) -> Task {
        let tags = Value::TagsOfInterest([(cluster_tag(&self.graph.cluster), "shared".to_owned())].into());
        let mut task =
            Task::new(TaskKind::InstanceProfile, name, template.clone()).field("Tags", tags, OnChange::Shown);
        task.expected = Expected::Existing { id: Some(name.to_owned()) };
        task
    }

    pub(super) fn autoscaling_group(&self, id: &NodeId, group: &AutoscalingGroup) -> Vec<Task> {
        let name = id.name.as_str();
        let subnets = group.subnets.iter().map(|subnet| Value::id(task_of(TaskKind::Subnet, subnet)));
        let balancers = group.load_balancers.iter().map(|balancer| id_of(TaskKind::ClassicLoadBalancer, balancer));
        let targets = group.target_groups.iter().map(|target| id_of(TaskKind::TargetGroup, target));
        let mut task = Task::new(TaskKind::AutoscalingGroup, name, id.clone())
            .initial("Granularity", "1Minute")
            .update("InstanceProtection", group.protect_from_scale_in)
            .update("LaunchTemplate", task_of(TaskKind::LaunchTemplate, &group.launch_template))
            .update("LoadBalancers", Value::Set(balancers.collect()))
            .update("MaxInstanceLifetime", group.max_instance_lifetime)
            .update("MaxSize", group.max_size)
            .update("Metrics", Value::set(&group.metrics))
            .update("MinSize", group.min_size)
            .update("Subnets", Value::Set(subnets.collect()))
            .update("SuspendProcesses", Value::set(&group.suspended_processes))
            .update("Tags", all_tags(&group.tags))
            .field("TargetGroups", Value::Set(targets.collect()), OnChange::Prune);
        task = mixed_instances(task, group.mixed_instances.as_ref());
        if let Some(rebalance) = group.capacity_rebalance {
            task = task.update("CapacityRebalance", rebalance);
        }
        let group_id = task.id.clone();
        let pool = group.warm_pool.as_ref();
        let mut warm_pool = Task::new(TaskKind::WarmPool, name, id.clone())
            .initial("AutoscalingGroup", group_id.clone())
            .update("Enabled", pool.is_some());
        if let Some(pool) = pool {
            // kops never finds it at the group, and shows it with every change.
            let shown = format!("min {} max {}", pool.min_size, pool.max_size.unwrap_or(-1));
            task = task.field("WarmPool", shown, OnChange::Shown);
            // AWS reports no limit as -1.
            warm_pool = warm_pool.update("MaxSize", pool.max_size.unwrap_or(-1)).update("MinSize", pool.min_size);
        }
        let mut tasks = vec![task, warm_pool];
        tasks.extend(self.unwanted_hook(id, group));
        tasks
    }

    /// The hook of a warm pool that is no longer wanted.
    fn unwanted_hook(&self, id: &NodeId, group: &AutoscalingGroup) -> Option<Task> {
        let instance_group = group.tags.get(kopsform_model::aws::tags::INSTANCE_GROUP)?;
        let name = format!("{WARM_POOL_HOOK}-{instance_group}");
        let is_wanted = self.graph.all::<LifecycleHook>().any(|(hook, _)| *hook == *name);
        let mut task = Task::new(TaskKind::LifecycleHook, name, id.clone())
            .initial("AutoscalingGroup", TaskId::new(TaskKind::AutoscalingGroup, id.name.as_str()));
        task.expected = Expected::Absent;
        (!is_wanted).then_some(task)
    }

    pub(super) fn lifecycle_hook(&self, id: &NodeId, hook: &LifecycleHook) -> Vec<Task> {
        let task = Task::new(TaskKind::LifecycleHook, id.name.as_str(), id.clone());
        vec![
            task.initial("AutoscalingGroup", task_of(TaskKind::AutoscalingGroup, &hook.group))
                .update("DefaultResult", hook.default_result.as_str())
                .update("HeartbeatTimeout", hook.timeout)
                .update("LifecycleTransition", hook.transition.as_str()),
        ]
    }
}

fn profile_name(profile: &In<InstanceProfile>) -> String {
    match profile {
        In::Existing(name) => name.clone(),
        In::Node(node) => node.name().to_string(),
    }
}

fn key_name(key: &In<KeyPair>) -> String {
    match key {
        In::Existing(name) => name.clone(),
        In::Node(node) => node.name().to_string(),
    }
}

fn mixed_instances(mut task: Task, mixed: Option<&MixedInstances>) -> Task {
    let Some(mixed) = mixed else {
        // A policy that is no longer wanted.
        return task.update("MixedInstancesPolicy", false);
    };
    task =
        task.update("MixedInstancesPolicy", true).update("MixedInstanceOverrides", Value::list(&mixed.instance_types));
    // What the spec does not set is for AWS to choose.
    let strategies = [
        ("MixedOnDemandAllocationStrategy", &mixed.on_demand_allocation_strategy),
        ("MixedSpotAllocationStrategy", &mixed.spot_allocation_strategy),
    ];
    for (name, value) in strategies {
        if let Some(value) = value {
            task = task.update(name, value);
        }
    }
    let numbers = [
        ("MixedOnDemandBase", mixed.on_demand_base),
        ("MixedOnDemandAboveBase", mixed.on_demand_above_base),
        ("MixedSpotInstancePools", mixed.spot_instance_pools),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            task = task.update(name, value);
        }
    }
    task.update("MixedSpotMaxPrice", &mixed.spot_max_price)
}

/// A disk on one line, by all that distinguishes it.
pub fn disk_text(disk: &Disk) -> String {
    let device = &disk.device;
    match &disk.content {
        DiskContent::InstanceStore(number) => format!("{device} ephemeral{number}"),
        DiskContent::Volume(volume) => {
            let number =
                |name: &str, value: Option<i64>| value.map(|value| format!(" {name}={value}")).unwrap_or_default();
            format!(
                "{device} {} size={}{}{} encrypted={}{} delete-on-termination={}",
                volume.volume_type,
                volume.size,
                number("iops", volume.iops),
                number("throughput", volume.throughput),
                volume.encrypted,
                volume.kms_key.as_ref().map(|key| format!(" key={key}")).unwrap_or_default(),
                volume.delete_on_termination,
            )
        }
    }
}

/// Spot options on one line.
pub fn spot_text(spot: &SpotOptions) -> String {
    let minutes = spot.duration_minutes.map(|minutes| format!(", {minutes} minutes")).unwrap_or_default();
    let behavior = spot.interruption_behavior.as_ref().map(|behavior| format!(", {behavior}")).unwrap_or_default();
    format!("{}{minutes}{behavior}", spot.max_price)
}
