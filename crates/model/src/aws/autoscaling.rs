//! Auto scaling groups with their launch templates, warm pools and what keeps new instances until they are ready.

use super::launch_template;
use super::resources::{
    AutoscalingGroup, AutoscalingLaunchTemplate, AutoscalingLifecycleHook, AutoscalingTag, AutoscalingWarmPool,
    ElasticLoadBalancer, InstancesDistribution, LaunchTemplate, LaunchTemplateOverride, LaunchTemplateSpecification,
    LoadBalancerTargetGroup, MixedInstances, MixedLaunchTemplate,
};
use super::tags::KUBERNETES_CLUSTER;
use crate::{Context, Graph, GraphError, Input, Layer};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, WarmPool};

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
/// Seconds nodeup has for that where nothing else is said.
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
        launch_template::build(context, graph, group, user_data(context, group)?)?;
        build_group(context, graph, group)?;
        build_warm_pool_hook(context, graph, group)?;
    }
    Ok(())
}

fn build_group(context: &Context<'_>, graph: &mut Graph, group: &InstanceGroup) -> Result<(), GraphError> {
    let name = context.autoscaling_group_name(group);
    let spec = &group.spec;
    let subnets: Vec<Input> = context.subnets_of(group)?.into_iter().map(|subnet| context.subnet_id(subnet)).collect();
    let warm_pool = group.warm_pool(context.cluster);
    let warm_pool_metrics = warm_pool.as_ref().map(|_| WARM_POOL_METRICS).into_iter().flatten();
    let mut metrics: Vec<String> = GROUP_METRICS.into_iter().chain(warm_pool_metrics).map(str::to_owned).collect();
    metrics.sort();
    let default_size = if group.role() == InstanceGroupRole::Node { 2 } else { 1 };
    let mixed_instances_policy = mixed_instances(group, &name);
    let launch_template = mixed_instances_policy.is_none().then(|| AutoscalingLaunchTemplate {
        id: LaunchTemplate::id_of(&name),
        version: LaunchTemplate::attribute(&name, "latest_version").into(),
    });
    let mut tags = context.group_tags(group);
    // By these two AWS and controllers find the group: no label replaces them.
    tags.insert("Name".to_owned(), name.clone());
    tags.insert(KUBERNETES_CLUSTER.to_owned(), context.name().to_owned());
    let tag = |(key, value)| AutoscalingTag { key, propagate_at_launch: true, value };
    let resource = AutoscalingGroup {
        capacity_rebalance: spec.capacity_rebalance,
        enabled_metrics: metrics,
        launch_template,
        load_balancers: load_balancers(context, group),
        max_instance_lifetime: spec.max_instance_lifetime.map_or(0, |lifetime| lifetime.as_secs()),
        max_size: spec.max_size.unwrap_or(default_size).into(),
        metrics_granularity: "1Minute".to_owned(),
        min_size: spec.min_size.unwrap_or(default_size).into(),
        mixed_instances_policy,
        name: name.clone(),
        protect_from_scale_in: Some(spec.instance_protection.unwrap_or(false)),
        suspended_processes: spec.suspend_processes.clone(),
        tag: tags.into_iter().map(tag).collect(),
        target_group_arns: target_groups(context, group)?,
        vpc_zone_identifier: subnets.clone(),
        warm_pool: warm_pool
            .map(|pool| AutoscalingWarmPool { max_group_prepared_capacity: pool.max_size, min_size: pool.min_size }),
    };
    if !graph.add(Layer::Cluster, &name, resource)? {
        return Ok(());
    }
    let role = match group.role() {
        InstanceGroupRole::ControlPlane => "master",
        role => role.key_name(),
    };
    for security_group in launch_template::security_groups(context, group) {
        graph.output_item(&format!("{role}_security_group_ids"), security_group)?;
    }
    graph.output_item(&format!("{role}_autoscaling_group_ids"), AutoscalingGroup::attribute(&name, "id"))?;
    if group.role() == InstanceGroupRole::Node {
        for subnet in subnets {
            graph.output_item("node_subnet_ids", subnet)?;
        }
    }
    Ok(())
}

/// Several instance types, or on-demand and Spot instances beside each other.
///
/// `instanceRequirements` switch the policy on and stay out of it, as in kops: it passes them to AWS itself only, and
/// adding them would change clusters that come from it.
fn mixed_instances(group: &InstanceGroup, name: &str) -> Option<MixedInstances> {
    let policy = group.spec.mixed_instances_policy.as_ref()?;
    Some(MixedInstances {
        instances_distribution: InstancesDistribution {
            on_demand_allocation_strategy: policy.on_demand_allocation_strategy.clone(),
            on_demand_base_capacity: policy.on_demand_base,
            on_demand_percentage_above_base_capacity: policy.on_demand_above_base,
            spot_allocation_strategy: policy.spot_allocation_strategy.clone(),
            spot_instance_pools: policy.spot_instance_pools,
            // An empty price takes an earlier one back.
            spot_max_price: Some(group.spec.max_price.clone().unwrap_or_default()),
        },
        launch_template: MixedLaunchTemplate {
            launch_template_specification: LaunchTemplateSpecification {
                launch_template_id: LaunchTemplate::id_of(name),
                version: LaunchTemplate::attribute(name, "latest_version").into(),
            },
            r#override: policy
                .instances
                .iter()
                .map(|instance_type| LaunchTemplateOverride { instance_type: instance_type.clone() })
                .collect(),
        },
    })
}

/// Classic load balancers: the API's, then those that exist already.
fn load_balancers(context: &Context<'_>, group: &InstanceGroup) -> Vec<Input> {
    let api = (context.cluster.api_load_balancer().is_some()
        && group.has_api_server()
        && !context.cluster.has_network_load_balancer())
    .then(|| ElasticLoadBalancer::id_of(context.load_balancer("api")));
    let external = group.spec.external_load_balancers.iter().filter_map(|lb| lb.load_balancer_name.clone());
    let mut all: Vec<Input> = api.into_iter().chain(external.map(Input::Known)).collect();
    all.sort();
    all
}

/// Target groups of the cluster's own network load balancers, then those that exist already.
fn target_groups(context: &Context<'_>, group: &InstanceGroup) -> Result<Vec<Input>, GraphError> {
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
    let mut all: Vec<Input> =
        own.into_iter().map(|prefix| LoadBalancerTargetGroup::id_of(context.load_balancer_name(prefix))).collect();
    for (i, external) in group.spec.external_load_balancers.iter().enumerate() {
        let Some(arn) = &external.target_group_arn else { continue };
        if !is_target_group_arn(arn) {
            return Err(GraphError::Unsupported {
                path: format!("InstanceGroup/{}: spec.externalLoadBalancers[{i}].targetGroupArn", group.metadata.name),
                message: format!("{arn:?} is not the ARN of a target group"),
            });
        }
        all.push(Input::Known(arn.clone()));
    }
    all.sort();
    Ok(all)
}

/// Whether a text has the form `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`.
fn is_target_group_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let resource: Vec<&str> = parts.get(5).map(|resource| resource.split('/').collect()).unwrap_or_default();
    parts.first() == Some(&"arn") && resource.len() == 3 && resource.first() == Some(&"targetgroup")
}

fn build_warm_pool_hook(context: &Context<'_>, graph: &mut Graph, group: &InstanceGroup) -> Result<(), GraphError> {
    if !group.has_warm_pool_hook(context.cluster) {
        return Ok(());
    }
    let timeout_of = |pool: &Option<WarmPool>| pool.as_ref().and_then(|pool| pool.lifecycle_hook_timeout);
    let timeout = timeout_of(&group.spec.warm_pool)
        .or_else(|| timeout_of(&context.cluster.spec.warm_pool))
        .unwrap_or(WARM_POOL_HOOK_TIMEOUT);
    let hook = AutoscalingLifecycleHook {
        autoscaling_group_name: AutoscalingGroup::id_of(context.autoscaling_group_name(group)),
        default_result: "ABANDON".to_owned(),
        heartbeat_timeout: timeout.into(),
        lifecycle_transition: "autoscaling:EC2_INSTANCE_LAUNCHING".to_owned(),
        name: WARM_POOL_HOOK.to_owned(),
    };
    graph.add(Layer::Cluster, format!("{WARM_POOL_HOOK}-{}", group.metadata.name), hook).map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::resources::Resource;
    use crate::fixture::{Fixture, group};
    use crate::{Output, Value};
    use kopsform_spec::v1alpha2::{
        Api, ExternalLoadBalancer, InstanceManager, LoadBalancerAccess, LoadBalancerClass, MixedInstancesPolicy,
    };

    /// What instances read at boot has tests of its own.
    fn build_without_boot(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
        build_with(context, graph, &|_, _| Ok(None))
    }

    fn built(graph: &Graph, name: &str) -> AutoscalingGroup {
        match graph.find("aws_autoscaling_group", name) {
            Some(Resource::AutoscalingGroup(group)) => group.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn nodes(change: impl FnOnce(&mut Fixture)) -> AutoscalingGroup {
        let mut fixture = Fixture::default();
        change(&mut fixture);
        built(&fixture.build(build_without_boot).unwrap(), "nodes.a.example.com")
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
        let outputs: Vec<&str> = graph.outputs.keys().map(String::as_str).collect();
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
        let subnet = Value::from(crate::aws::resources::Subnet::id_of("private.a.example.com"));
        assert_eq!(graph.outputs["node_subnet_ids"], Output::List(vec![subnet]));
    }

    #[test]
    fn a_policy_of_mixed_instances_replaces_the_launch_template() {
        let mixed = nodes(|fixture| {
            fixture.groups[1].spec.mixed_instances_policy = Some(MixedInstancesPolicy {
                instances: vec!["m6i.large".to_owned(), "m6a.large".to_owned()],
                on_demand_base: Some(1),
                ..MixedInstancesPolicy::default()
            });
        });
        assert_eq!(mixed.launch_template, None);
        let policy = mixed.mixed_instances_policy.unwrap();
        assert_eq!(policy.instances_distribution.on_demand_base_capacity, Some(1));
        assert_eq!(policy.instances_distribution.spot_max_price.as_deref(), Some(""));
        assert_eq!(policy.launch_template.r#override.len(), 2);
    }

    #[test]
    fn karpenter_starts_its_groups_itself() {
        let mut fixture = Fixture::default();
        fixture.groups[1].spec.manager = Some(InstanceManager::Karpenter);
        let graph = fixture.build(build_without_boot).unwrap();
        assert_eq!(graph.names_of("aws_autoscaling_group"), ["master-a.masters.a.example.com"]);
        assert_eq!(graph.names_of("aws_launch_template"), ["master-a.masters.a.example.com"]);
    }

    #[test]
    fn warm_pools_have_metrics_and_maybe_a_hook() {
        let mut fixture = Fixture::default();
        let mut pool = WarmPool { min_size: 2, ..WarmPool::default() };
        fixture.groups[1].spec.warm_pool = Some(pool.clone());
        let graph = fixture.build(build_without_boot).unwrap();
        let nodes = built(&graph, "nodes.a.example.com");
        assert_eq!(nodes.enabled_metrics.len(), 16);
        assert_eq!(nodes.warm_pool, Some(AutoscalingWarmPool { max_group_prepared_capacity: None, min_size: 2 }));
        assert!(graph.names_of("aws_autoscaling_lifecycle_hook").is_empty());

        pool.enable_lifecycle_hook = true;
        fixture.groups[1].spec.warm_pool = Some(pool);
        let graph = fixture.build(build_without_boot).unwrap();
        match graph.find("aws_autoscaling_lifecycle_hook", "kops-warmpool-nodes") {
            Some(Resource::AutoscalingLifecycleHook(hook)) => {
                assert_eq!((hook.name.as_str(), hook.heartbeat_timeout), ("kops-warmpool", 600));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn api_servers_are_behind_the_load_balancer() {
        let mut fixture = Fixture::default();
        with_load_balancer(&mut fixture, LoadBalancerClass::Classic);
        let master = "master-a.masters.a.example.com";
        let classic = fixture.build(build_without_boot).unwrap();
        assert_eq!(built(&classic, master).load_balancers, [ElasticLoadBalancer::id_of("api.a.example.com")]);
        assert!(built(&classic, "nodes.a.example.com").load_balancers.is_empty());

        with_load_balancer(&mut fixture, LoadBalancerClass::Network);
        let network = fixture.build(build_without_boot).unwrap();
        let name = fixture.context().load_balancer_name("tcp");
        assert_eq!(built(&network, master).target_group_arns, [LoadBalancerTargetGroup::id_of(name)]);
        assert!(built(&network, master).load_balancers.is_empty());
    }

    #[test]
    fn only_the_control_plane_serves_kops_controller() {
        let mut fixture = Fixture::default();
        fixture.cluster.metadata.name = "a.k8s.local".to_owned();
        fixture.groups.push(group("api", InstanceGroupRole::ApiServer));
        with_load_balancer(&mut fixture, LoadBalancerClass::Network);
        let graph = fixture.build(build_without_boot).unwrap();
        assert_eq!(built(&graph, "master-a.masters.a.k8s.local").target_group_arns.len(), 2);
        assert_eq!(built(&graph, "api.apiservers.a.k8s.local").target_group_arns.len(), 1);
        assert!(graph.outputs.contains_key("apiserver_autoscaling_group_ids"));
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
        let nodes = built(&fixture.build(build_without_boot).unwrap(), "nodes.a.example.com");
        assert_eq!(nodes.load_balancers, ["legacy".into()]);
        assert_eq!(nodes.target_group_arns, [arn.into()]);
        fixture.groups[1].spec.external_load_balancers = vec![external(None, Some("web"))];
        assert_eq!(
            fixture.build(build_without_boot).unwrap_err().to_string(),
            "InstanceGroup/nodes: spec.externalLoadBalancers[0].targetGroupArn: \"web\" is not the ARN of a target group"
        );
    }
}
