//! Auto Scaling groups with their hooks and warm pools.

use serde_json::{Value, json};

use crate::declare::{Declare, IdBy, WARM_POOL};
use crate::outside::Outside;
use crate::property::AttributeOf;
use crate::resource::Stack;
use crate::site::{Body, Site};
use kopsform_model::aws::resources::{
    AutoscalingGroup, DhcpOptionsAssociation, IamRolePolicy, InstanceProfile, LaunchTemplate, LifecycleHook,
    MixedInstances, Route, RouteTableAssociation,
};
use kopsform_model::{In, Ref, Text};

/// What distinguishes the resources of an instance group: its name. Those of the control plane have the role in theirs as well, and
/// names of instance groups are unique.
pub fn group_label(name: &Text) -> String {
    let name = name.without_cluster_name();
    let group = [".masters", ".apiservers"].iter().find_map(|role| name.strip_suffix(role));
    group.map_or_else(|| name.clone(), str::to_owned)
}

impl Declare for AutoscalingGroup {
    const TYPE: &'static str = "AWS::AutoScaling::AutoScalingGroup";
    const PREFIX: &'static str = "AutoScalingGroup";
    const STACK: Stack = Stack::Groups(1, 0);
    const ID: IdBy = IdBy::Name;

    fn label(name: &Text) -> String {
        group_label(name)
    }

    fn declare(&self, site: &mut Site<'_>) {
        let group: Ref<Self> = Ref::new(&site.id.name);
        if !self.suspended_processes.is_empty() {
            let processes = self.suspended_processes.clone();
            site.outside(Outside::SuspendedProcesses { group: self.name.to_string(), processes });
        }
        // Hooks of the group itself are there before its first instance.
        let is_written = |hook: &Ref<LifecycleHook>| site.scope.selection.keeps(&hook.node());
        let hooks = site.scope.graph.all::<LifecycleHook>();
        let hooks: Vec<Value> = hooks
            .filter(|(name, hook)| hook.group == group && is_written(&Ref::new(*name)))
            .map(|(_, hook)| hook_of(hook))
            .collect();
        site.resource(|body| {
            let tags: Vec<Value> = self
                .tags
                .iter()
                .map(|(key, value)| json!({ "Key": key.as_str(), "PropagateAtLaunch": true, "Value": value.as_str() }))
                .collect();
            let metrics = json!([{ "Granularity": "1Minute", "Metrics": self.metrics }]);
            body.set("AutoScalingGroupName", &self.name)
                .set("CapacityRebalance", self.capacity_rebalance)
                .set("LifecycleHookSpecificationList", hooks)
                .set("LoadBalancerNames", &self.load_balancers)
                .set("MaxInstanceLifetime", Some(self.max_instance_lifetime).filter(|seconds| *seconds > 0))
                .set("MaxSize", self.max_size.to_string())
                .set("MetricsCollection", (!self.metrics.is_empty()).then_some(metrics))
                .set("MinSize", self.min_size.to_string())
                .set("NewInstancesProtectedFromScaleIn", self.protect_from_scale_in)
                .set("Tags", tags)
                .set("TargetGroupARNs", &self.target_groups)
                .set("VPCZoneIdentifier", &self.subnets);
            let template = template(self, body);
            match &self.mixed_instances {
                Some(mixed) => body.set("MixedInstancesPolicy", mixed_instances(mixed, &template)),
                None => body.set("LaunchTemplate", template),
            };
            after_what_instances_use(self, body);
            body.update_policy(json!({
                // Instances are replaced by `rolling-update cluster`, which drains them.
                "AutoScalingReplacingUpdate": { "WillReplace": false },
                // What the cluster autoscaler made of the sizes stays.
                "AutoScalingScheduledAction": { "IgnoreUnmodifiedGroupSizeProperties": true },
            }));
        });
        if let Some(pool) = &self.warm_pool {
            site.companion::<Self>(WARM_POOL, "AWS::AutoScaling::WarmPool", |body| {
                body.set("AutoScalingGroupName", &group)
                    .set("MaxGroupPreparedCapacity", pool.max_size)
                    .set("MinSize", pool.min_size);
            });
        }
    }
}

/// The newest version of the launch template.
fn template(group: &AutoscalingGroup, body: &Body<'_>) -> Value {
    json!({
        "LaunchTemplateId": body.value(&group.launch_template),
        "Version": body.value(AttributeOf(&group.launch_template, "LatestVersionNumber")),
    })
}

fn mixed_instances(mixed: &MixedInstances, template: &Value) -> Value {
    let mut distribution = serde_json::Map::new();
    let numbers = [
        ("OnDemandBaseCapacity", mixed.on_demand_base),
        ("OnDemandPercentageAboveBaseCapacity", mixed.on_demand_above_base),
        ("SpotInstancePools", mixed.spot_instance_pools),
    ];
    distribution.extend(numbers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
    let strategies = [
        ("OnDemandAllocationStrategy", mixed.on_demand_allocation_strategy.as_ref()),
        ("SpotAllocationStrategy", mixed.spot_allocation_strategy.as_ref()),
        // An empty price also removes an earlier limit.
        ("SpotMaxPrice", Some(&mixed.spot_max_price)),
    ];
    distribution
        .extend(strategies.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.as_str().into()))));
    let mut launch = json!({ "LaunchTemplateSpecification": template });
    if !mixed.instance_types.is_empty() {
        launch["Overrides"] = mixed.instance_types.iter().map(|kind| json!({ "InstanceType": kind })).collect();
    }
    json!({ "InstancesDistribution": distribution, "LaunchTemplate": launch })
}

/// Makes a group come after what its instances use as soon as they run, and what no reference leads to.
fn after_what_instances_use(group: &AutoscalingGroup, body: &mut Body<'_>) {
    let graph = body.scope.graph;
    let tables: Vec<_> = graph
        .all::<RouteTableAssociation>()
        .filter(|(_, association)| group.subnets.contains(&association.subnet))
        .map(|(_, association)| association.table.clone())
        .collect();
    body.after_all(|_, association: &RouteTableAssociation| group.subnets.contains(&association.subnet))
        .after_all(|_, route: &Route| tables.contains(&route.table))
        .after_all(|_, _: &DhcpOptionsAssociation| true);
    let profile = graph.get(&group.launch_template).map(|template: &LaunchTemplate| &template.profile);
    if let Some(In::Node(profile)) = profile
        && let Some(role) = graph.get(profile).map(|profile: &InstanceProfile| &profile.role)
        && !body.scope.selection.is_managed(&role.node())
    {
        body.after_all(|_, policy: &IamRolePolicy| policy.role == *role);
    }
}

fn hook_of(hook: &LifecycleHook) -> Value {
    json!({
        "DefaultResult": hook.default_result.as_str(),
        "HeartbeatTimeout": hook.timeout,
        "LifecycleHookName": hook.name,
        "LifecycleTransition": hook.transition.as_str(),
    })
}

impl Declare for LifecycleHook {
    const TYPE: &'static str = "AWS::AutoScaling::LifecycleHook";
    const PREFIX: &'static str = "LifecycleHook";
    const STACK: Stack = Stack::Groups(1, 0);

    /// A part of its group, unless the group is not in the template.
    fn declare(&self, site: &mut Site<'_>) {
        if site.scope.selection.is_managed(&self.group.node()) {
            return;
        }
        site.resource(|body| {
            if let Value::Object(properties) = hook_of(self) {
                properties.into_iter().for_each(|(name, value)| {
                    body.set(&name, value);
                });
            }
            body.set("AutoScalingGroupName", &self.group);
        });
    }
}
