//! Auto scaling groups with their launch templates, warm pools and what keeps new instances until they are ready.

use super::launch_template;
use super::resources::{
    AutoscalingGroup, ClassicLoadBalancer, HookResult, LaunchTemplate, LifecycleHook, MixedInstances, TargetGroup,
    Transition, WarmPool,
};
use super::tags::{KUBERNETES_CLUSTER, NAME};
use crate::{Context, Graph, GraphError, In, Layer, Ref, Value};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, WarmPool as WarmPoolSpec};

const GROUP_METRICS: [&str; 8] = [
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
];
const WARM_POOL_METRICS: [&str; 8] = [
    "WarmPoolMinSize",
    "WarmPoolDesiredCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
];
/// The lifecycle hook that nodeup completes once an instance of a warm pool is ready.
const WARM_POOL_HOOK: &str = "kops-warmpool";
/// Default of the seconds that nodeup has for that.
const WARM_POOL_HOOK_TIMEOUT: i32 = 600;

/// Adds every group that AWS scales; Karpenter's groups consist of their boot script only.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    build_with(context, graph, &launch_template::boot_text)
}

/// As [`build`], with the user data of each group from elsewhere.
fn build_with(
    context: &Context<'_>,
    graph: &mut Graph,
    user_data: &launch_template::UserData,
) -> Result<(), GraphError> {
    for group in context.groups.iter().filter(|group| !group.is_managed_by_karpenter()) {
        let template = launch_template::build(context, graph, group, user_data(context, group)?)?;
        let autoscaling_group = build_group(context, graph, group, template)?;
        build_warm_pool_hook(context, graph, group, autoscaling_group)?;
    }
    Ok(())
}

fn build_group(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &InstanceGroup,
    launch_template: Ref<LaunchTemplate>,
) -> Result<Ref<AutoscalingGroup>, GraphError> {
    let name = context.autoscaling_group_name(group);
    let spec = &group.spec;
    let subnets: Vec<_> = context.subnets_of(group)?.into_iter().map(|subnet| context.subnet(subnet)).collect();
    let warm_pool = group.warm_pool(context.cluster);
    let warm_pool_metrics = warm_pool.as_ref().map(|_| WARM_POOL_METRICS).into_iter().flatten();
    let mut metrics: Vec<String> = GROUP_METRICS.into_iter().chain(warm_pool_metrics).map(str::to_owned).collect();
    metrics.sort();
    let default_size = group.role().default_size();
    let mut tags = context.group_tags(group);
    // By these two AWS and controllers find the group: no label replaces them.
    tags.insert(NAME.into(), name.clone());
    tags.insert(KUBERNETES_CLUSTER.into(), context.cluster_name());
    let resource = AutoscalingGroup {
        name: name.clone(),
        launch_template,
        mixed_instances: mixed_instances(group),
        min_size: spec.min_size.unwrap_or(default_size).into(),
        max_size: spec.max_size.unwrap_or(default_size).into(),
        subnets: subnets.clone(),
        load_balancers: load_balancers(context, group),
        target_groups: target_groups(context, group)?,
        metrics,
        capacity_rebalance: spec.capacity_rebalance,
        max_instance_lifetime: spec.max_instance_lifetime.map_or(0, |lifetime| lifetime.as_secs()),
        protect_from_scale_in: spec.instance_protection.unwrap_or(false),
        suspended_processes: spec.suspend_processes.clone(),
        tags,
        warm_pool: warm_pool.map(|pool| WarmPool { min_size: pool.min_size, max_size: pool.max_size }),
    };
    let node = graph.add(Layer::Cluster, name, resource)?;
    let role = match group.role() {
        InstanceGroupRole::ControlPlane => "master",
        role => role.key_name(),
    };
    for security_group in launch_template::security_groups(context, group) {
        graph.export_item(&node, format!("{role}_security_group_ids"), Value::from(&security_group))?;
    }
    graph.export_item(&node, format!("{role}_autoscaling_group_ids"), node.id())?;
    if group.role() == InstanceGroupRole::Node {
        for subnet in subnets {
            graph.export_item(&node, "node_subnet_ids", subnet.id())?;
        }
    }
    Ok(node)
}

/// Several instance types, or a mix of on-demand and Spot instances.
///
/// `instanceRequirements` switch the policy on and stay out of it, as in kops: it passes them to AWS itself only, and
/// adding them would change clusters that come from it.
fn mixed_instances(group: &InstanceGroup) -> Option<MixedInstances> {
    let policy = group.spec.mixed_instances_policy.as_ref()?;
    Some(MixedInstances {
        instance_types: policy.instances.clone(),
        on_demand_allocation_strategy: policy.on_demand_allocation_strategy.clone(),
        on_demand_base: policy.on_demand_base,
        on_demand_above_base: policy.on_demand_above_base,
        spot_allocation_strategy: policy.spot_allocation_strategy.clone(),
        spot_instance_pools: policy.spot_instance_pools,
        spot_max_price: group.spec.max_price.clone().unwrap_or_default(),
    })
}

/// Classic load balancers: the API's, then those that exist already.
fn load_balancers(context: &Context<'_>, group: &InstanceGroup) -> Vec<In<ClassicLoadBalancer>> {
    let api = (context.cluster.api_load_balancer().is_some()
        && group.has_api_server()
        && !context.cluster.has_network_load_balancer())
    .then(|| Ref::new(context.load_balancer("api")).into());
    let external = group.spec.external_load_balancers.iter().filter_map(|lb| lb.load_balancer_name.clone());
    let mut all: Vec<In<_>> = api.into_iter().chain(external.map(In::Existing)).collect();
    all.sort();
    all
}

/// Target groups of the cluster's own network load balancers, then those that exist already.
fn target_groups(context: &Context<'_>, group: &InstanceGroup) -> Result<Vec<In<TargetGroup>>, GraphError> {
    let cluster = context.cluster;
    let mut own = Vec::new();
    if let Some(lb) =
        cluster.api_load_balancer().filter(|_| group.has_api_server() && cluster.has_network_load_balancer())
    {
        own.push("tcp");
        if cluster.uses_load_balancer_for_kops_controller() && group.is_control_plane() {
            own.push("kops-controller");
            if cluster.networking().and_then(|n| n.cilium.as_ref()).is_some_and(|cilium| cilium.etcd_managed) {
                own.push("etcd-cilium");
            }
        }
        if !lb.ssl_certificate.is_empty() {
            own.push("tls");
        }
    }
    if group.role() == InstanceGroupRole::Bastion {
        own.push("bastion");
    }
    let mut all: Vec<In<_>> =
        own.into_iter().map(|prefix| Ref::new(context.load_balancer_name(prefix)).into()).collect();
    for (i, external) in group.spec.external_load_balancers.iter().enumerate() {
        let Some(arn) = &external.target_group_arn else { continue };
        if !is_target_group_arn(arn) {
            return Err(GraphError::Unsupported {
                path: format!("InstanceGroup/{}: spec.externalLoadBalancers[{i}].targetGroupArn", group.metadata.name),
                message: format!("{arn:?} is not the ARN of a target group"),
            });
        }
        all.push(In::Existing(arn.clone()));
    }
    all.sort();
    Ok(all)
}

/// Whether a string has the form `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`.
fn is_target_group_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let resource: Vec<&str> = parts.get(5).map(|resource| resource.split('/').collect()).unwrap_or_default();
    parts.first() == Some(&"arn") && resource.len() == 3 && resource.first() == Some(&"targetgroup")
}

fn build_warm_pool_hook(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &InstanceGroup,
    autoscaling_group: Ref<AutoscalingGroup>,
) -> Result<(), GraphError> {
    if !group.has_warm_pool_hook(context.cluster) {
        return Ok(());
    }
    let timeout_of = |pool: &Option<WarmPoolSpec>| pool.as_ref().and_then(|pool| pool.lifecycle_hook_timeout);
    let timeout = timeout_of(&group.spec.warm_pool)
        .or_else(|| timeout_of(&context.cluster.spec.warm_pool))
        .unwrap_or(WARM_POOL_HOOK_TIMEOUT);
    let hook = LifecycleHook {
        group: autoscaling_group,
        name: WARM_POOL_HOOK.to_owned(),
        transition: Transition::Launching,
        timeout: timeout.into(),
        default_result: HookResult::Abandon,
    };
    graph.add(Layer::Cluster, format!("{WARM_POOL_HOOK}-{}", group.metadata.name), hook).map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::resources::Subnet;
    use crate::fixture::{Fixture, group};
    use crate::{Export, Exported};
    use kopsform_spec::v1alpha2::{
        Api, ExternalLoadBalancer, InstanceManager, LoadBalancerAccess, LoadBalancerClass, MixedInstancesPolicy,
    };

    /// What instances read at boot has tests of its own.
    fn build_without_boot(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
        build_with(context, graph, &|_, _| Ok(None))
    }

    fn built<'a>(graph: &'a Graph, name: &str) -> &'a AutoscalingGroup {
        graph.get(&Ref::new(name)).unwrap()
    }

    fn nodes(change: impl FnOnce(&mut Fixture)) -> AutoscalingGroup {
        let mut fixture = Fixture::default();
        change(&mut fixture);
        built(&fixture.build(build_without_boot).unwrap(), "nodes.a.example.com").clone()
    }

    fn with_load_balancer(fixture: &mut Fixture, class: LoadBalancerClass) {
        let load_balancer = Some(LoadBalancerAccess { class: Some(class), ..LoadBalancerAccess::default() });
        fixture.cluster.spec.api = Some(Api { load_balancer, ..Api::default() });
    }

    #[test]
    fn workers_are_two_and_others_one() {
        let graph = Fixture::default().build(build_without_boot).unwrap();
        let size = |name| (built(&graph, name).min_size, built(&graph, name).max_size);
        assert_eq!(size("master-a.masters.a.example.com"), (1, 1));
        assert_eq!(size("nodes.a.example.com"), (2, 2));
        let none = nodes(|fixture| fixture.groups[1].spec.min_size = Some(0));
        assert_eq!((none.min_size, none.max_size), (0, 2));
    }

    #[test]
    fn outputs_are_by_role() {
        let graph = Fixture::default().build(build_without_boot).unwrap();
        let outputs: Vec<&str> = graph.exports().keys().map(String::as_str).collect();
        assert_eq!(
            outputs,
            [
                "master_autoscaling_group_ids",
                "master_security_group_ids",
                "node_autoscaling_group_ids",
                "node_security_group_ids",
                "node_subnet_ids",
            ]
        );
        let group = Ref::<AutoscalingGroup>::new("nodes.a.example.com");
        let subnet = Ref::<Subnet>::new("private.a.example.com");
        let item = Exported { node: Some(group.node()), value: subnet.id() };
        assert_eq!(graph.exports()["node_subnet_ids"], Export::List(vec![item]));
    }

    #[test]
    fn a_policy_of_mixed_instances_adds_types_and_prices() {
        let mixed = nodes(|fixture| {
            fixture.groups[1].spec.mixed_instances_policy = Some(MixedInstancesPolicy {
                instances: vec!["m6i.large".to_owned(), "m6a.large".to_owned()],
                on_demand_base: Some(1),
                ..MixedInstancesPolicy::default()
            });
        });
        let policy = mixed.mixed_instances.unwrap();
        assert_eq!(policy.on_demand_base, Some(1));
        assert_eq!(policy.spot_max_price, "");
        assert_eq!(policy.instance_types, ["m6i.large", "m6a.large"]);
    }

    #[test]
    fn karpenter_starts_its_groups_itself() {
        let mut fixture = Fixture::default();
        fixture.groups[1].spec.manager = Some(InstanceManager::Karpenter);
        let graph = fixture.build(build_without_boot).unwrap();
        assert_eq!(graph.names_of::<AutoscalingGroup>(), ["master-a.masters.a.example.com"]);
        assert_eq!(graph.names_of::<LaunchTemplate>(), ["master-a.masters.a.example.com"]);
    }

    #[test]
    fn warm_pools_have_metrics_and_maybe_a_hook() {
        let mut fixture = Fixture::default();
        let mut pool = WarmPoolSpec { min_size: 2, ..WarmPoolSpec::default() };
        fixture.groups[1].spec.warm_pool = Some(pool.clone());
        let graph = fixture.build(build_without_boot).unwrap();
        let nodes = built(&graph, "nodes.a.example.com");
        assert_eq!(nodes.metrics.len(), 16);
        assert_eq!(nodes.warm_pool, Some(WarmPool { min_size: 2, max_size: None }));
        assert!(graph.names_of::<LifecycleHook>().is_empty());

        pool.enable_lifecycle_hook = true;
        fixture.groups[1].spec.warm_pool = Some(pool);
        let graph = fixture.build(build_without_boot).unwrap();
        let hook = graph.get(&Ref::<LifecycleHook>::new("kops-warmpool-nodes")).unwrap();
        assert_eq!((hook.name.as_str(), hook.timeout), ("kops-warmpool", 600));
    }

    #[test]
    fn api_servers_are_behind_the_load_balancer() {
        let mut fixture = Fixture::default();
        with_load_balancer(&mut fixture, LoadBalancerClass::Classic);
        let master = "master-a.masters.a.example.com";
        let classic = fixture.build(build_without_boot).unwrap();
        assert_eq!(built(&classic, master).load_balancers, [Ref::new("api.a.example.com").into()]);
        assert!(built(&classic, "nodes.a.example.com").load_balancers.is_empty());

        with_load_balancer(&mut fixture, LoadBalancerClass::Network);
        let network = fixture.build(build_without_boot).unwrap();
        let name = fixture.context().load_balancer_name("tcp");
        assert_eq!(built(&network, master).target_groups, [Ref::new(name).into()]);
        assert!(built(&network, master).load_balancers.is_empty());
    }

    #[test]
    fn only_the_control_plane_serves_kops_controller() {
        let mut fixture = Fixture::default();
        fixture.cluster.metadata.name = "a.k8s.local".to_owned();
        fixture.groups.push(group("api", InstanceGroupRole::ApiServer));
        with_load_balancer(&mut fixture, LoadBalancerClass::Network);
        let graph = fixture.build(build_without_boot).unwrap();
        assert_eq!(built(&graph, "master-a.masters.a.k8s.local").target_groups.len(), 2);
        assert_eq!(built(&graph, "api.apiservers.a.k8s.local").target_groups.len(), 1);
        assert!(graph.exports().contains_key("apiserver_autoscaling_group_ids"));
    }

    #[test]
    fn load_balancers_of_others_are_taken_as_they_are() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/672eef75d99bd244";
        let external = |name: Option<&str>, arn: Option<&str>| ExternalLoadBalancer {
            load_balancer_name: name.map(str::to_owned),
            target_group_arn: arn.map(str::to_owned),
        };
        let mut fixture = Fixture::default();
        fixture.groups[1].spec.external_load_balancers =
            vec![external(Some("legacy"), None), external(None, Some(arn))];
        let graph = fixture.build(build_without_boot).unwrap();
        let nodes = built(&graph, "nodes.a.example.com");
        assert_eq!(nodes.load_balancers, ["legacy".into()]);
        assert_eq!(nodes.target_groups, [arn.into()]);
        fixture.groups[1].spec.external_load_balancers = vec![external(None, Some("web"))];
        assert_eq!(
            fixture.build(build_without_boot).unwrap_err().to_string(),
            "InstanceGroup/nodes: spec.externalLoadBalancers[0].targetGroupArn: \"web\" is not the ARN of a target group"
        );
    }
}
