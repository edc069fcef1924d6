//! A resource of a cluster.

use std::collections::BTreeMap;
use std::fmt;

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A VPC.
    Vpc,
    /// An auto scaling group with its instances.
    AutoScalingGroup,
    /// A launch template.
    LaunchTemplate,
    /// An instance.
    Instance,
    /// An EC2 key pair.
    KeyPair,
    /// A security group.
    SecurityGroup,
    /// An EBS volume.
    Volume,
    /// An elastic IP address.
    ElasticIp,
    /// A set of DHCP options.
    DhcpOptions,
    /// An internet gateway.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway,
    /// A route table.
    RouteTable,
    /// A subnet.
    Subnet,
    /// A NAT gateway.
    NatGateway,
    /// A network interface that nothing uses.
    NetworkInterface,
    /// A load balancer: classic ones by name, others by ARN.
    LoadBalancer,
    /// A target group.
    TargetGroup,
    /// An IAM instance profile.
    InstanceProfile,
    /// An IAM role.
    Role,
    /// An OpenID Connect provider of IAM.
    OidcProvider,
    /// A record of Route 53, as `<zone>/<type>/<name>`.
    Record,
}

/// The name kops lists it under.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vpc => "vpc",
            Self::AutoScalingGroup => "autoscaling-group",
            Self::LaunchTemplate => "autoscaling-config",
            Self::Instance => "instance",
            Self::KeyPair => "keypair",
            Self::SecurityGroup => "security-group",
            Self::Volume => "volume",
            Self::ElasticIp => "elastic-ip",
            Self::DhcpOptions => "dhcp-options",
            Self::InternetGateway => "internet-gateway",
            Self::EgressOnlyInternetGateway => "egress-only-internet-gateway",
            Self::RouteTable => "route-table",
            Self::Subnet => "subnet",
            Self::NatGateway => "nat-gateway",
            Self::NetworkInterface => "network-interface",
            Self::LoadBalancer => "load-balancer",
            Self::TargetGroup => "target-group",
            Self::InstanceProfile => "iam-instance-profile",
            Self::Role => "iam-role",
            Self::OidcProvider => "oidc-provider",
            Self::Record => "route53-record",
        })
    }
}

/// What a resource is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// Its id among those of its kind.
    pub id: String,
}

impl Key {
    /// The key of a resource.
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

/// A resource of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it is known by.
    pub key: Key,
    /// Its name, where it has one.
    pub name: String,
    /// Whether others use it too; then it stays.
    pub shared: bool,
    /// What can only go after it.
    pub blocks: Vec<Key>,
    /// What must go before it.
    pub blocked_by: Vec<Key>,
    /// What it is deleted together with, in one call: the zone of a record, the subnet of an instance. Empty for itself.
    pub batch: String,
}

impl Resource {
    /// A resource that stands by itself.
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self {
            key: Key::new(kind, id),
            name: String::new(),
            shared: false,
            blocks: Vec::new(),
            blocked_by: Vec::new(),
            batch: String::new(),
        }
    }

    /// Gives it a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says whether others use it.
    #[must_use]
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Has resources of a kind go after it.
    #[must_use]
    pub fn before(mut self, kind: Kind, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.blocks.extend(ids.into_iter().map(|id| Key::new(kind, id)));
        self
    }

    /// Has resources of a kind go before it.
    #[must_use]
    pub fn after(mut self, kind: Kind, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.blocked_by.extend(ids.into_iter().map(|id| Key::new(kind, id)));
        self
    }

    /// Has it deleted with others of the same batch.
    #[must_use]
    pub fn in_batch(mut self, batch: impl Into<String>) -> Self {
        self.batch = batch.into();
        self
    }
}

/// Resources by what they are known by.
pub type Resources = BTreeMap<Key, Resource>;
