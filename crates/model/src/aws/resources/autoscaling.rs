//! Auto scaling groups.

use super::{ClassicLoadBalancer, LaunchTemplate, Subnet, Tags, TargetGroup};
use crate::Text;
use crate::graph::reference::{resource, without_references};
use crate::graph::{In, Ref};

resource! {
    /// The instances of an instance group. They start from the newest version of the launch template.
    pub struct AutoscalingGroup {
        pub name: Text,
        pub launch_template: Ref<LaunchTemplate>,
        /// Several instance types, or a mix of on-demand and Spot instances.
        pub mixed_instances: Option<MixedInstances>,
        /// The fewest instances.
        pub min_size: i64,
        /// The most instances.
        pub max_size: i64,
        /// In the order of the spec.
        pub subnets: Vec<Ref<Subnet>>,
        /// Classic load balancers, by name.
        pub load_balancers: Vec<In<ClassicLoadBalancer>>,
        /// Target groups, by ARN.
        pub target_groups: Vec<In<TargetGroup>>,
        /// The group metrics that are collected every minute.
        pub metrics: Vec<String>,
        /// Whether Spot instances at risk are replaced early.
        pub capacity_rebalance: Option<bool>,
        /// Seconds an instance may live, 0 for ever.
        pub max_instance_lifetime: i64,
        /// Whether new instances are safe from being scaled in.
        pub protect_from_scale_in: bool,
        /// What the group does not do by itself, in the order of the spec.
        pub suspended_processes: Vec<String>,
        /// Tags of the group and of its instances.
        pub tags: Tags,
        /// Instances kept ready.
        pub warm_pool: Option<WarmPool>,
    }

    /// What holds up the start or end of a group's instances.
    pub struct LifecycleHook {
        pub group: Ref<AutoscalingGroup>,
        /// Its name, unique in the group.
        pub name: String,
        pub transition: Transition,
        /// Seconds to wait.
        pub timeout: i64,
        /// The action when the hook is not completed in that time.
        pub default_result: HookResult,
    }
}

/// Which instance types a group has, and how they are bought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MixedInstances {
    /// Instance types that may be used instead of the template's, by preference.
    pub instance_types: Vec<String>,
    /// How types are chosen on demand.
    pub on_demand_allocation_strategy: Option<String>,
    /// How many instances are on demand before any is Spot.
    pub on_demand_base: Option<i64>,
    /// How many of the rest are on demand, in percent.
    pub on_demand_above_base: Option<i64>,
    /// How types are chosen on the Spot market.
    pub spot_allocation_strategy: Option<String>,
    /// Over how many pools Spot instances are spread.
    pub spot_instance_pools: Option<i64>,
    /// The most to pay an hour, in dollars; empty for the on-demand price, which also takes an earlier limit back.
    pub spot_max_price: String,
}

/// Instances that have booted and wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmPool {
    /// The fewest that wait.
    pub min_size: i64,
    /// The most instances, those in service included; `None` for the group's own limit.
    pub max_size: Option<i64>,
}

/// What an instance is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Go into service.
    Launching,
    /// Go away.
    Terminating,
}

impl Transition {
    /// AWS' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Launching => "autoscaling:EC2_INSTANCE_LAUNCHING",
            Self::Terminating => "autoscaling:EC2_INSTANCE_TERMINATING",
        }
    }
}

/// How a hook ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookResult {
    /// The instance goes on.
    Continue,
    /// The instance is given up.
    Abandon,
}

impl HookResult {
    /// AWS' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Abandon => "ABANDON",
        }
    }
}

without_references!(MixedInstances, WarmPool, Transition, HookResult);
