//! The load balancers of the API: a public one if the spec asks for it, and always an internal one, which nodes use.

use super::resources::{
    Address, BackendService, ForwardingRule, HttpHealthCheck, InstanceGroupManager, Labels, RegionHealthCheck, Scheme,
    TargetPool,
};
use crate::{Context, Graph, GraphError, Layer, Ref, text};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, LoadBalancerType, Subnet};

/// What most resources are called after.
const API: &str = "api";
/// What the resources of kops-controller are called after.
const KOPS_CONTROLLER: &str = "kops-controller";
/// The port of the API.
const API_PORT: u16 = 443;
/// The port of kops-controller.
const KOPS_CONTROLLER_PORT: u16 = 3988;
/// The port of Cilium's etcd.
const CILIUM_ETCD_PORT: u16 = 4003;
/// The port and path of the health check that runs next to API servers.
const HEALTH_CHECK: (u16, &str) = (3990, "/healthz");
/// The label that says what a forwarding rule is for.
const NAME_LABEL: &str = "name";

/// Adds the load balancers.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if context.cluster.api_load_balancer().is_none() {
        return Ok(());
    }
    if is_public(context) {
        build_public(context, graph)?;
    }
    build_internal(context, graph)
}

/// Whether the API is behind a public load balancer.
fn is_public(context: &Context<'_>) -> bool {
    context.cluster.api_load_balancer().is_some_and(|balancer| balancer.r#type != Some(LoadBalancerType::Internal))
}

fn build_public(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let name = context.suffixed(API);
    let (port, path) = HEALTH_CHECK;
    let check = HttpHealthCheck { name: name.clone(), port, path: path.to_owned() };
    let health_check = graph.add(Layer::Security, name.clone(), check)?;
    let pool = graph.add(Layer::Security, name.clone(), TargetPool { name: name.clone(), health_check })?;
    let address = graph.add(Layer::Security, name.clone(), Address { name: name.clone(), subnetwork: None })?;
    let rule = ForwardingRule {
        name: name.clone(),
        address,
        scheme: Scheme::External(pool),
        port: API_PORT,
        labels: labels(context, API),
    };
    graph.add(Layer::Security, name, rule).map(|_| ())
}

fn build_internal(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let cluster = context.cluster;
    let has_api_server_groups = context.all_groups.iter().any(|group| group.role() == InstanceGroupRole::ApiServer);
    let api = build_backend(context, graph, API, API_PORT, InstanceGroup::has_api_server)?;
    // kops-controller and etcd run on the control plane only.
    let control_plane = match has_api_server_groups {
        true => build_backend(context, graph, KOPS_CONTROLLER, KOPS_CONTROLLER_PORT, InstanceGroup::is_control_plane)?,
        false => api.clone(),
    };
    for subnet in api_subnets(context)? {
        let name = context.suffixed(&format!("{API}-{}", subnet.name));
        let address = Address { name: name.clone(), subnetwork: Some(context.subnetwork(subnet)) };
        let address = graph.add(Layer::Security, name, address)?;
        let mut forward = |what: &str, port: u16, backend: &Ref<BackendService>| {
            let purpose = format!("{what}-{}", subnet.name);
            let name = context.suffixed(&purpose);
            let rule = ForwardingRule {
                name: name.clone(),
                address: address.clone(),
                scheme: Scheme::Internal {
                    backend: backend.clone(),
                    network: context.google_network(),
                    subnetwork: context.subnetwork(subnet),
                },
                port,
                labels: labels(context, &purpose),
            };
            graph.add(Layer::Security, name, rule).map(|_| ())
        };
        forward(API, API_PORT, &api)?;
        if cluster.uses_load_balancer_for_kops_controller() {
            forward(KOPS_CONTROLLER, KOPS_CONTROLLER_PORT, &control_plane)?;
        }
        if context.has_cilium_etcd() {
            forward("cilium-etcd", CILIUM_ETCD_PORT, &control_plane)?;
        }
    }
    Ok(())
}

fn labels(context: &Context<'_>, purpose: &str) -> Labels {
    let mut labels = context.cluster_labels();
    labels.insert(NAME_LABEL.into(), purpose.into());
    labels
}

/// Adds a backend service for a port of some groups, with its health check.
fn build_backend(
    context: &Context<'_>,
    graph: &mut Graph,
    purpose: &str,
    port: u16,
    serves: fn(&InstanceGroup) -> bool,
) -> Result<Ref<BackendService>, GraphError> {
    let name = context.suffixed(purpose);
    let check = RegionHealthCheck { name: name.clone(), port, tls: port == KOPS_CONTROLLER_PORT };
    let health_check = graph.add(Layer::Security, name.clone(), check)?;
    let mut groups: Vec<Ref<InstanceGroupManager>> = Vec::new();
    for group in context.groups.iter().filter(|group| serves(group)) {
        let zones = context.zones_of(group)?;
        groups.extend(zones.iter().map(|zone| Ref::new(context.managed_group_name(group, zone))));
    }
    graph.add(Layer::Security, name.clone(), BackendService { name, health_check, groups })
}

/// The subnets of instances with an API server, in the order of the spec.
pub(super) fn api_subnets<'a>(context: &Context<'a>) -> Result<Vec<&'a Subnet>, GraphError> {
    let mut used: Vec<&str> = Vec::new();
    for group in context.all_groups.iter().filter(|group| group.has_api_server()) {
        used.push(&context.subnet_of(group)?.name);
    }
    let subnets = context.cluster.spec.subnets.iter();
    Ok(subnets.filter(|subnet| used.contains(&subnet.name.as_str())).collect())
}

/// The pools that put a group's instances behind the public load balancer.
pub(super) fn target_pools(context: &Context<'_>, group: &InstanceGroup) -> Vec<Ref<TargetPool>> {
    let has_pool = context.cluster.api_load_balancer().is_some() && is_public(context) && group.has_api_server();
    has_pool.then(|| Ref::new(text![context.suffixed(API)])).into_iter().collect()
}

/// The names of the addresses of the API's load balancers.
pub(super) fn address_names(cluster: &str, is_public: bool, subnets: &[&str]) -> Vec<String> {
    let of_subnets = subnets.iter().map(|subnet| format!("{API}-{subnet}"));
    let public = is_public.then(|| API.to_owned());
    public.into_iter().chain(of_subnets).map(|part| kopsform_spec::names::gce::suffixed(&part, cluster)).collect()
}
