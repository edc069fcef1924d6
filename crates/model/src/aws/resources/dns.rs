//! Records and hosted zones.

use super::{ClassicLoadBalancer, NetworkLoadBalancer, Vpc};
use crate::Text;
use crate::graph::reference::{resource, without_references};
use crate::graph::{NodeId, Ref, References};

resource! {
    /// A zone of DNS records.
    pub struct HostedZone {
        /// Whether only VPCs that it is associated with see it.
        pub private: bool,
    }

    /// Lets a VPC see a private zone.
    pub struct HostedZoneAssociation {
        pub zone: Ref<HostedZone>,
        pub vpc: Ref<Vpc>,
    }

    /// A DNS record that follows a load balancer. An unhealthy load balancer does not take it away.
    pub struct DnsRecord {
        pub zone: Ref<HostedZone>,
        /// The full name, without a dot at the end.
        pub name: Text,
        pub record_type: RecordType,
        pub target: AliasTarget,
    }
}

/// The type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl RecordType {
    /// The type as DNS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }
}

/// What an alias record follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasTarget {
    /// A network load balancer.
    Network(Ref<NetworkLoadBalancer>),
    /// A classic load balancer.
    Classic(Ref<ClassicLoadBalancer>),
}

impl References for AliasTarget {
    fn references(&self, found: &mut Vec<NodeId>) {
        match self {
            Self::Network(balancer) => balancer.references(found),
            Self::Classic(balancer) => balancer.references(found),
        }
    }
}

without_references!(RecordType);
