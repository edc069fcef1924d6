//! Auto scaling groups.

use super::define::{block, resource};
use crate::value::Input;

resource! {
    /// The instances of an instance group.
    AutoscalingGroup("aws_autoscaling_group", "AutoscalingGroup") {
        /// Whether Spot instances at risk are replaced early.
        capacity_rebalance: Option<bool>,
        /// The group metrics that are collected.
        enabled_metrics: Vec<String>,
        /// The template of instances, unless there is a policy of mixed ones.
        launch_template: Option<AutoscalingLaunchTemplate>,
        /// Classic load balancers, sorted.
        load_balancers: Vec<Input>,
        /// Seconds an instance may live, 0 for ever.
        max_instance_lifetime: i64,
        /// The most instances.
        max_size: i64,
        /// Always `1Minute`.
        metrics_granularity: String,
        /// The fewest instances.
        min_size: i64,
        /// Several instance types and Spot.
        mixed_instances_policy: Option<MixedInstances>,
        /// Its name.
        name: String,
        /// Whether new instances are safe from being scaled in.
        protect_from_scale_in: Option<bool>,
        /// What the group does not do by itself.
        suspended_processes: Vec<String>,
        /// Tags, which instances get as well.
        tag: Vec<AutoscalingTag>,
        /// Target groups, sorted.
        target_group_arns: Vec<Input>,
        /// The subnets, in the order of the spec.
        vpc_zone_identifier: Vec<Input>,
        /// Instances kept ready.
        warm_pool: Option<AutoscalingWarmPool>,
    }
}

block! {
    /// A version of a launch template.
    AutoscalingLaunchTemplate {
        /// The template.
        id: Input,
        /// The version.
        version: Input,
    }
}

block! {
    /// Which instance types, and how many of them on demand.
    MixedInstances {
        /// On demand and Spot.
        instances_distribution: InstancesDistribution,
        /// The template and the types.
        launch_template: MixedLaunchTemplate,
    }
}

block! {
    /// How many instances are bought how.
    InstancesDistribution {
        /// How types are chosen on demand.
        on_demand_allocation_strategy: Option<String>,
        /// How many are on demand before any Spot.
        on_demand_base_capacity: Option<i64>,
        /// How many of the rest are on demand, in percent.
        on_demand_percentage_above_base_capacity: Option<i64>,
        /// How Spot types are chosen.
        spot_allocation_strategy: Option<String>,
        /// Over how many pools Spot is spread.
        spot_instance_pools: Option<i64>,
        /// The most to pay, empty for the on-demand price.
        spot_max_price: Option<String>,
    }
}

block! {
    /// A launch template with other instance types.
    MixedLaunchTemplate {
        /// The template.
        launch_template_specification: LaunchTemplateSpecification,
        /// The types.
        r#override: Vec<LaunchTemplateOverride>,
    }
}

block! {
    /// A version of a launch template, in a policy of mixed instances.
    LaunchTemplateSpecification {
        /// The template.
        launch_template_id: Input,
        /// The version.
        version: Input,
    }
}

block! {
    /// An instance type that may be used instead of the template's.
    LaunchTemplateOverride {
        /// The type.
        instance_type: String,
    }
}

block! {
    /// A tag of a group.
    AutoscalingTag {
        /// The key.
        key: String,
        /// Whether instances get it as well; always true.
        propagate_at_launch: bool,
        /// The value.
        value: String,
    }
}

block! {
    /// Instances that have booted and wait.
    AutoscalingWarmPool {
        /// The most instances, those in service included.
        max_group_prepared_capacity: Option<i64>,
        /// The fewest that wait.
        min_size: i64,
    }
}

resource! {
    /// What holds an instance's start or end up.
    AutoscalingLifecycleHook("aws_autoscaling_lifecycle_hook", "AutoscalingLifecycleHook") {
        /// The group.
        autoscaling_group_name: Input,
        /// What happens when nobody answers, `CONTINUE` or `ABANDON`.
        default_result: String,
        /// Seconds to wait.
        heartbeat_timeout: i64,
        /// `autoscaling:EC2_INSTANCE_TERMINATING` or `…_LAUNCHING`.
        lifecycle_transition: String,
        /// Its name.
        name: String,
    }
}
