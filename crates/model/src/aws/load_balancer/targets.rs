//! Target groups and listeners of network load balancers.

use crate::aws::resources::{
    Listener, ListenerTls, NetworkLoadBalancer, TargetGroup, TargetHealthCheck, TargetProtocol,
};
use crate::aws::tags::NAME;
use crate::{Context, Graph, GraphError, Layer, Ref, text};

/// What a port of a load balancer leads to.
pub struct Target<'a> {
    /// The prefix of the target group's name.
    pub prefix: &'static str,
    /// The port on the instances.
    pub port: u16,
    /// Whether the load balancer speaks TLS with the instances.
    pub protocol: TargetProtocol,
    /// The path by which instances are checked over HTTPS; they are checked by connecting where there is none.
    pub health_path: Option<&'static str>,
    /// The port clients use.
    pub listener_port: u16,
    /// The certificate shown to clients, with the policy of TLS versions.
    pub certificate: Option<(&'a str, &'a str)>,
}

impl Default for Target<'_> {
    fn default() -> Self {
        Self {
            prefix: "tcp",
            port: 443,
            protocol: TargetProtocol::Tcp,
            health_path: None,
            listener_port: 443,
            certificate: None,
        }
    }
}

/// Adds a target group and the listener that leads to it.
pub fn add(
    context: &Context<'_>,
    graph: &mut Graph,
    balancer: &Ref<NetworkLoadBalancer>,
    target: &Target<'_>,
) -> Result<(), GraphError> {
    let name = context.load_balancer_name(target.prefix);
    let mut tags = context.owned_tags_without_name();
    tags.insert(NAME.into(), name.clone());
    let group = TargetGroup {
        name: name.clone(),
        vpc: context.vpc(),
        port: target.port,
        protocol: target.protocol,
        health_check: TargetHealthCheck {
            https_path: target.health_path.map(str::to_owned),
            interval: 10,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
        deregistration_delay: 30,
        connection_termination: true,
        tags,
    };
    let target_group = graph.add(Layer::Cluster, name, group)?;
    let listener = Listener {
        load_balancer: balancer.clone(),
        port: target.listener_port,
        target_group,
        tls: target.certificate.map(|(certificate, policy)| ListenerTls {
            certificate: certificate.to_owned(),
            policy: policy.to_owned(),
        }),
    };
    let name = text![balancer.name(), format!("-{}", target.listener_port)];
    graph.add(Layer::Cluster, name, listener).map(|_| ())
}
