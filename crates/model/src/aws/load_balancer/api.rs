//! The load balancer of the API: a network one, or a classic one where the cluster still has it.

use super::API;
use super::subnets::{self, Place};
use super::targets::{self, Target};
use crate::aws::resources::{
    AccessLog, ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, NetworkLoadBalancer, SecurityGroup, Tags,
    TargetProtocol,
};
use crate::aws::tags::NAME;
use crate::{Context, Graph, GraphError, In, Layer, Ref};
use kopsform_spec::v1alpha2::{LoadBalancerAccess, LoadBalancerClass, LoadBalancerType};

/// The port of kops-controller, which gives nodes their certificates.
pub const KOPS_CONTROLLER_PORT: u16 = 3988;
/// The client port of Cilium's etcd cluster.
pub const ETCD_CILIUM_PORT: u16 = 4003;
/// The port without the custom certificate, for clients that show certificates of their own.
pub const SECONDARY_PORT: u16 = 8443;

/// AWS's own choice of TLS versions and ciphers.
const DEFAULT_SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";
/// Seconds until a classic load balancer cuts an idle connection.
const DEFAULT_IDLE_TIMEOUT: i64 = 300;

/// Adds the load balancer with its listeners.
pub fn build(context: &Context<'_>, graph: &mut Graph, spec: &LoadBalancerAccess) -> Result<(), GraphError> {
    match spec.class {
        Some(LoadBalancerClass::Network) => network(context, graph, spec),
        Some(LoadBalancerClass::Classic) | None => classic(context, graph, spec),
    }
}

fn is_internal(spec: &LoadBalancerAccess) -> bool {
    spec.r#type == Some(LoadBalancerType::Internal)
}

/// The load balancer's subnets, with the fixed addresses from the spec.
fn places<'a>(context: &Context<'a>, spec: &LoadBalancerAccess) -> Vec<Place<'a>> {
    if spec.subnets.is_empty() {
        let best = subnets::best(context, spec.r#type.unwrap_or(LoadBalancerType::Public));
        return best.into_iter().map(Place::anywhere_in).collect();
    }
    let cluster = context.cluster;
    let known = spec.subnets.iter().filter_map(|wanted| Some((wanted, cluster.subnet(&wanted.name)?)));
    known
        .map(|(wanted, subnet)| Place {
            subnet,
            allocation_id: wanted.allocation_id.clone(),
            private_ipv4_address: wanted.private_ipv4_address.clone(),
        })
        .collect()
}

/// Its security groups: its own or the one that overrides it, and additional ones from the spec.
fn security_groups(context: &Context<'_>, spec: &LoadBalancerAccess) -> Vec<In<SecurityGroup>> {
    let own = match &spec.security_group_override {
        Some(id) => id.as_str().into(),
        None => Ref::new(context.load_balancer_security_group_name(API)).into(),
    };
    std::iter::once(own).chain(spec.additional_security_groups.iter().map(|id| id.as_str().into())).collect()
}

fn tags(context: &Context<'_>) -> Tags {
    let mut tags = context.owned_tags_without_name();
    tags.insert(NAME.into(), context.load_balancer(API));
    tags
}

fn access_log(spec: &LoadBalancerAccess) -> Option<AccessLog> {
    spec.access_log.as_ref().map(|log| AccessLog {
        bucket: log.bucket.clone().unwrap_or_default(),
        prefix: log.bucket_prefix.clone(),
        interval: log.interval,
    })
}

/// Nodes that reach kops-controller through it must get an answer whatever zone they are in.
fn balances_across_zones(context: &Context<'_>, spec: &LoadBalancerAccess) -> bool {
    context.cluster.uses_load_balancer_for_kops_controller() || spec.cross_zone_load_balancing.unwrap_or(false)
}

fn network(context: &Context<'_>, graph: &mut Graph, spec: &LoadBalancerAccess) -> Result<(), GraphError> {
    let (subnets, dual_stack) = subnets::mappings(context, places(context, spec));
    let resource = NetworkLoadBalancer {
        name: context.load_balancer_name(API),
        internal: is_internal(spec),
        dual_stack,
        cross_zone: balances_across_zones(context, spec),
        subnets,
        security_groups: security_groups(context, spec),
        access_log: access_log(spec),
        tags: tags(context),
    };
    let balancer = graph.add(Layer::Cluster, context.load_balancer(API), resource)?;

    if spec.ssl_certificate.is_empty() {
        targets::add(context, graph, &balancer, &Target::default())?;
    } else {
        // A load balancer that shows a certificate cannot pass on those of clients, so there is a second port.
        targets::add(context, graph, &balancer, &Target { listener_port: SECONDARY_PORT, ..Target::default() })?;
        let policy = spec.ssl_policy.as_deref().unwrap_or(DEFAULT_SSL_POLICY);
        let certificate = Some((spec.ssl_certificate.as_str(), policy));
        let target = Target { prefix: "tls", protocol: TargetProtocol::Tls, certificate, ..Target::default() };
        targets::add(context, graph, &balancer, &target)?;
    }
    if context.cluster.uses_load_balancer_for_kops_controller() {
        let port = KOPS_CONTROLLER_PORT;
        let target = Target {
            prefix: "kops-controller",
            port,
            health_path: Some("/healthz"),
            listener_port: port,
            ..Target::default()
        };
        targets::add(context, graph, &balancer, &target)?;
        if context.has_cilium_etcd() {
            let port = ETCD_CILIUM_PORT;
            let target = Target { prefix: "etcd-cilium", port, listener_port: port, ..Target::default() };
            targets::add(context, graph, &balancer, &target)?;
        }
    }
    Ok(())
}

fn classic(context: &Context<'_>, graph: &mut Graph, spec: &LoadBalancerAccess) -> Result<(), GraphError> {
    let resource = ClassicLoadBalancer {
        name: context.load_balancer_name(API),
        internal: is_internal(spec),
        cross_zone: balances_across_zones(context, spec),
        subnets: places(context, spec).iter().map(|place| context.subnet(place.subnet)).collect(),
        security_groups: security_groups(context, spec),
        listener: ClassicListener {
            port: 443,
            certificate: Some(spec.ssl_certificate.clone()).filter(|certificate| !certificate.is_empty()),
        },
        health_check: ClassicHealthCheck {
            target: "SSL:443".to_owned(),
            interval: 10,
            timeout: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
        idle_timeout: spec.idle_timeout_seconds.unwrap_or(DEFAULT_IDLE_TIMEOUT),
        connection_draining_timeout: 300,
        access_log: access_log(spec),
        tags: tags(context),
    };
    graph.add(Layer::Cluster, context.load_balancer(API), resource).map(|_| ())
}
