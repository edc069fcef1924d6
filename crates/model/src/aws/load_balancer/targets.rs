//! Target groups and listeners of network load balancers.

use crate::aws::resources::{
    ListenerAction, LoadBalancer, LoadBalancerListener, LoadBalancerTargetGroup, TargetGroupHealthCheck,
};
use crate::{Context, Graph, GraphError, Input, Layer};
use kopsform_spec::names::terraform_name;

/// What a port of a load balancer leads to.
pub struct Target<'a> {
    /// The prefix of the target group's name.
    pub prefix: &'static str,
    /// The port on the instances.
    pub port: u16,
    /// `TCP` or `TLS`: whether the load balancer speaks TLS with the instances.
    pub protocol: &'static str,
    /// The path by which instances are checked over HTTPS; they are checked by connecting where there is none.
    pub health_path: Option<&'static str>,
    /// The port clients use.
    pub listener_port: u16,
    /// The certificate shown to clients, with the policy of TLS versions.
    pub certificate: Option<(&'a str, &'a str)>,
}

impl Default for Target<'_> {
    fn default() -> Self {
        Self { prefix: "tcp", port: 443, protocol: "TCP", health_path: None, listener_port: 443, certificate: None }
    }
}

/// Adds a target group and the listener that leads to it.
pub fn add(context: &Context<'_>, graph: &mut Graph, balancer: &str, target: &Target<'_>) -> Result<(), GraphError> {
    let name = context.load_balancer_name(target.prefix);
    let mut tags = context.owned_tags(&name);
    tags.insert("Name".to_owned(), name.clone());
    let group = LoadBalancerTargetGroup {
        connection_termination: "true".to_owned(),
        deregistration_delay: "30".to_owned(),
        health_check: TargetGroupHealthCheck {
            healthy_threshold: 2,
            interval: 10,
            path: target.health_path.map(str::to_owned),
            protocol: if target.health_path.is_some() { "HTTPS" } else { "TCP" }.to_owned(),
            unhealthy_threshold: 2,
        },
        name: name.clone(),
        port: target.port.into(),
        protocol: target.protocol.to_owned(),
        tags,
        vpc_id: context.vpc_id(),
    };
    graph.add(Layer::Cluster, &name, group)?;

    let listener = LoadBalancerListener {
        certificate_arn: target.certificate.map(|(certificate, _)| certificate.to_owned()),
        default_action: ListenerAction {
            target_group_arn: LoadBalancerTargetGroup::id_of(&name),
            r#type: "forward".to_owned(),
        },
        load_balancer_arn: LoadBalancer::id_of(balancer),
        port: target.listener_port.into(),
        protocol: if target.certificate.is_some() { "TLS" } else { "TCP" }.to_owned(),
        ssl_policy: target.certificate.map(|(_, policy)| policy.to_owned()),
    };
    graph.add(Layer::Cluster, format!("{balancer}-{}", target.listener_port), listener)?;
    Ok(())
}

/// Ids in the order in which they read in the output, as AWS keeps none.
pub fn sorted(mut ids: Vec<Input>) -> Vec<Input> {
    ids.sort_by_cached_key(|id| match id {
        Input::Known(id) => (0, id.clone()),
        Input::Reference(reference) => (1, terraform_name(&reference.name)),
    });
    ids
}
