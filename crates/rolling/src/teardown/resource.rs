//! A resource of a cluster.

use std::collections::BTreeMap;
use std::fmt;

use super::google::GoogleKind;

/// The kind of a resource.
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
    /// An unused network interface.
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
    /// A queue of SQS, by its URL.
    Queue,
    /// A rule of EventBridge.
    EventRule,
    /// A record of Route 53, as `<zone>/<type>/<name>`.
    Record,
    /// A kind on Google Cloud.
    Google(GoogleKind),
}

impl From<GoogleKind> for Kind {
    fn from(kind: GoogleKind) -> Self {
        Self::Google(kind)
    }
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
            Self::Queue => "sqs",
            Self::EventRule => "eventbridge-rule",
            Self::Record => "route53-record",
            Self::Google(kind) => return kind.fmt(f),
        })
    }
}

/// The identity of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind.
    pub kind: Kind,
    /// The id, unique within the kind.
    pub id: String,
}

impl Key {
    /// The key of a resource.
    pub fn new(kind: impl Into<Kind>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
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
    /// The identity.
    pub key: Key,
    /// The name; empty without one.
    pub name: String,
    /// Whether others use it, too; shared resources are not deleted.
    pub shared: bool,
    /// Resources that can only be deleted after it.
    pub blocks: Vec<Key>,
    /// Resources that must be deleted before it.
    pub blocked_by: Vec<Key>,
    /// Resources with the same batch are deleted in one call: the zone of a record, the subnet of an instance. Empty for none.
    pub batch: String,
}

impl Resource {
    /// A resource without relations.
    pub fn new(kind: impl Into<Kind>, id: impl Into<String>) -> Self {
        Self {
            key: Key::new(kind, id),
            name: String::new(),
            shared: false,
            blocks: Vec::new(),
            blocked_by: Vec::new(),
            batch: String::new(),
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets whether others use it.
    #[must_use]
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Has resources of a kind deleted after it.
    #[must_use]
    pub fn before(mut self, kind: impl Into<Kind>, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let kind = kind.into();
        self.blocks.extend(ids.into_iter().map(|id| Key::new(kind, id)));
        self
    }

    /// Has resources of a kind deleted before it.
    #[must_use]
    pub fn after(mut self, kind: impl Into<Kind>, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let kind = kind.into();
        self.blocked_by.extend(ids.into_iter().map(|id| Key::new(kind, id)));
        self
    }

    /// Sets the batch.
    #[must_use]
    pub fn in_batch(mut self, batch: impl Into<String>) -> Self {
        self.batch = batch.into();
        self
    }
}

/// Resources by identity.
pub type Resources = BTreeMap<Key, Resource>;
