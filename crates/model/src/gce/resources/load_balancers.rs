//! Load balancers of the API: addresses, forwarding rules and where connections go.

use super::{InstanceGroupManager, Labels, Network, Subnetwork};
use crate::graph::reference::resource;
use crate::graph::{NodeId, References};
use crate::{In, Ref, Text};

resource! {
    /// An IPv4 address that stays.
    pub struct Address {
        /// Its name in the project.
        pub name: Text,
        /// The subnet of an internal address, which several forwarding rules share; `None` for a public one.
        pub subnetwork: Option<In<Subnetwork>>,
    }

    /// A legacy health check over HTTP, which target pools need.
    pub struct HttpHealthCheck {
        /// Its name in the project.
        pub name: Text,
        /// The port that is asked.
        pub port: u16,
        /// The path that is asked for.
        pub path: String,
    }

    /// A health check of backend services.
    pub struct RegionHealthCheck {
        /// Its name in the project.
        pub name: Text,
        /// The port that is asked.
        pub port: u16,
        /// Whether a TLS handshake must succeed, not only a connection.
        pub tls: bool,
    }

    /// The instances behind an external load balancer.
    pub struct TargetPool {
        /// Its name in the project.
        pub name: Text,
        /// What decides which instances get connections.
        pub health_check: Ref<HttpHealthCheck>,
    }

    /// The instances behind an internal load balancer.
    pub struct BackendService {
        /// Its name in the project.
        pub name: Text,
        /// What decides which instances get connections.
        pub health_check: Ref<RegionHealthCheck>,
        /// The groups of the instances.
        pub groups: Vec<Ref<InstanceGroupManager>>,
    }

    /// What accepts the connections of an address and a port.
    pub struct ForwardingRule {
        /// Its name in the project.
        pub name: Text,
        /// The address.
        pub address: Ref<Address>,
        /// Whom it serves and where connections go.
        pub scheme: Scheme,
        /// The port.
        pub port: u16,
        /// Labels, by which the rules of a cluster are found.
        pub labels: Labels,
    }
}

/// Whom a forwarding rule serves, and where its connections go.
#[derive(Debug, Clone, PartialEq)]
pub enum Scheme {
    /// The internet.
    External(Ref<TargetPool>),
    /// The network.
    Internal {
        /// Where connections go.
        backend: Ref<BackendService>,
        /// The network.
        network: In<Network>,
        /// The subnet of the address.
        subnetwork: In<Subnetwork>,
    },
}

impl References for Scheme {
    fn references(&self, found: &mut Vec<NodeId>) {
        match self {
            Self::External(pool) => pool.references(found),
            Self::Internal { backend, network, subnetwork } => {
                backend.references(found);
                network.references(found);
                subnetwork.references(found);
            }
        }
    }
}
