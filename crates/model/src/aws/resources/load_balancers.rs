//! Load balancers, network and classic.

use super::{ElasticIp, SecurityGroup, Subnet, Tags, Vpc};
use crate::Text;
use crate::graph::reference::{resource, without_references};
use crate::graph::{In, Ref};

resource! {
    /// A network load balancer.
    pub struct NetworkLoadBalancer {
        /// At most 32 characters.
        pub name: Text,
        /// Whether it is reachable from inside the VPC only.
        pub internal: bool,
        /// Whether it has IPv6 addresses in addition to IPv4.
        pub dual_stack: bool,
        /// Whether it balances across zones.
        pub cross_zone: bool,
        /// Where it stands, by name.
        pub subnets: Vec<SubnetMapping>,
        pub security_groups: Vec<In<SecurityGroup>>,
        /// Where connections are logged.
        pub access_log: Option<AccessLog>,
        pub tags: Tags,
    }

    /// A subnet of a load balancer, with its address there.
    pub struct SubnetMapping {
        pub subnet: Ref<Subnet>,
        /// A fixed public address.
        pub address: Option<In<ElasticIp>>,
        /// A fixed private address.
        pub private_ipv4: Option<String>,
    }

    /// A port of a network load balancer.
    pub struct Listener {
        pub load_balancer: Ref<NetworkLoadBalancer>,
        pub port: u16,
        pub target_group: Ref<TargetGroup>,
        /// Set when the load balancer speaks TLS with clients.
        pub tls: Option<ListenerTls>,
    }

    /// Where a network load balancer's connections go.
    pub struct TargetGroup {
        /// At most 32 characters.
        pub name: Text,
        pub vpc: Ref<Vpc>,
        /// The port on the targets.
        pub port: u16,
        pub protocol: TargetProtocol,
        pub health_check: TargetHealthCheck,
        /// Seconds until a leaving target is gone.
        pub deregistration_delay: i64,
        /// Whether connections are cut then.
        pub connection_termination: bool,
        pub tags: Tags,
    }

    /// A classic load balancer.
    pub struct ClassicLoadBalancer {
        /// At most 32 characters.
        pub name: Text,
        /// Whether it is reachable from inside the VPC only.
        pub internal: bool,
        /// Whether it balances across zones.
        pub cross_zone: bool,
        pub subnets: Vec<Ref<Subnet>>,
        pub security_groups: Vec<In<SecurityGroup>>,
        pub listener: ClassicListener,
        pub health_check: ClassicHealthCheck,
        /// Seconds until an idle connection is cut.
        pub idle_timeout: i64,
        /// Seconds that leaving instances have to finish their connections.
        pub connection_draining_timeout: i64,
        /// Where connections are logged.
        pub access_log: Option<AccessLog>,
        pub tags: Tags,
    }
}

/// The log of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    pub bucket: String,
    /// The start of the keys.
    pub prefix: Option<String>,
    /// Minutes between two files, 5 or 60; for classic load balancers.
    pub interval: i64,
}

/// How a listener speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerTls {
    /// The certificate shown to clients, by ARN.
    pub certificate: String,
    /// The set of TLS versions and ciphers, by name.
    pub policy: String,
}

/// How a load balancer speaks with its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetProtocol {
    /// As clients speak with it.
    Tcp,
    /// With TLS of its own.
    Tls,
}

impl TargetProtocol {
    /// AWS' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// How a target group finds out whether a target works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetHealthCheck {
    /// The path asked for over HTTPS; `None` where a connection is enough.
    pub https_path: Option<String>,
    /// Seconds between two checks.
    pub interval: i64,
    /// Successes in a row until a target counts as healthy.
    pub healthy_threshold: i64,
    /// Failures in a row until a target counts as unhealthy.
    pub unhealthy_threshold: i64,
}

/// The port of a classic load balancer, the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicListener {
    pub port: u16,
    /// The certificate shown to clients, by ARN; without one, connections are passed on as they are.
    pub certificate: Option<String>,
}

/// How a classic load balancer finds out whether an instance works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicHealthCheck {
    /// Such as `SSL:443`.
    pub target: String,
    /// Seconds between two checks.
    pub interval: i64,
    /// Seconds until a check has failed.
    pub timeout: i64,
    /// Successes in a row until an instance counts as healthy.
    pub healthy_threshold: i64,
    /// Failures in a row until an instance counts as unhealthy.
    pub unhealthy_threshold: i64,
}

without_references!(AccessLog, ListenerTls, TargetProtocol, TargetHealthCheck, ClassicListener, ClassicHealthCheck);
