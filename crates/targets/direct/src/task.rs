//! What the target creates, compares and names.

use std::collections::BTreeSet;
use std::fmt;

use kopsform_model::{Lifecycle, NodeId};

use crate::value::{Reference, Value};

/// Declares the kinds with kops' names for them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $kops:literal,)*) => {
        /// The kind of a task. kops splits some resources of the graph into several tasks, and joins others.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TaskKind {
            $($(#[$doc])* $name,)*
        }

        impl TaskKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// kops' name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $kops,)* }
            }
        }
    };
}

impl TaskKind {
    /// Whether it is a file of the state store. Files are written on conditions, and not looked for again.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::AddonManifest | Self::BootstrapChannel | Self::ManagedFile)
    }
}

kinds! {
    /// The manifest of an addon.
    AddonManifest: "AddonManifest",
    /// An IP address that stays.
    Address: "Address",
    /// The instances of an instance group.
    AutoscalingGroup: "AutoscalingGroup",
    /// What holds up the start or end of a group's instances.
    LifecycleHook: "AutoscalingLifecycleHook",
    /// The instances behind an internal load balancer on Google Cloud.
    BackendService: "BackendService",
    /// The list of addons.
    BootstrapChannel: "BootstrapChannel",
    /// A member of a role on a bucket of Cloud Storage.
    BucketIamMember: "StorageBucketIAM",
    /// A classic load balancer.
    ClassicLoadBalancer: "ClassicLoadBalancer",
    /// What instances learn by DHCP.
    DhcpOptions: "DHCPOptions",
    /// A disk that an etcd member keeps its data on, on Google Cloud.
    Disk: "Disk",
    /// A DNS record that follows a load balancer.
    DnsRecord: "DNSName",
    /// Lets a VPC see a private zone.
    HostedZone: "DNSZone",
    /// A volume that an etcd member keeps its data on.
    EbsVolume: "EBSVolume",
    /// The way out over IPv6, with none back in.
    EgressOnlyInternetGateway: "EgressOnlyInternetGateway",
    /// A public IPv4 address that stays.
    ElasticIp: "ElasticIP",
    /// Events that are passed on.
    EventRule: "EventBridgeRule",
    /// Where a rule's events go.
    EventTarget: "EventBridgeTarget",
    /// Who reaches whom in a network of Google Cloud.
    FirewallRule: "FirewallRule",
    /// What accepts the connections of an address and a port on Google Cloud.
    ForwardingRule: "ForwardingRule",
    /// What decides which instances of a backend service get connections.
    HealthCheck: "HealthCheck",
    /// What decides which instances of a target pool get connections.
    HttpHealthCheck: "HTTPHealthcheck",
    /// The instances of a group in a zone of Google Cloud.
    InstanceGroupManager: "InstanceGroupManager",
    /// How the instances of a group are started on Google Cloud.
    InstanceTemplate: "InstanceTemplate",
    /// What gives instances their role.
    InstanceProfile: "IAMInstanceProfile",
    /// The role in an instance profile.
    InstanceProfileRole: "IAMInstanceProfileRole",
    /// The cluster as an issuer of identities that IAM trusts.
    OidcProvider: "IAMOIDCProvider",
    /// A role that instances or service accounts take on.
    IamRole: "IAMRole",
    /// What a role may do, or the existing policies that are attached to it.
    IamRolePolicy: "IAMRolePolicy",
    /// The way to and from the internet.
    InternetGateway: "InternetGateway",
    /// A pair of keys in the store.
    Keypair: "Keypair",
    /// How the instances of a group are started.
    LaunchTemplate: "LaunchTemplate",
    /// A file in the state store.
    ManagedFile: "ManagedFile",
    /// The way out for the private subnets of a zone.
    NatGateway: "NatGateway",
    /// A network of Google Cloud.
    Network: "Network",
    /// A network load balancer.
    NetworkLoadBalancer: "NetworkLoadBalancer",
    /// A port of a network load balancer.
    Listener: "NetworkLoadBalancerListener",
    /// The health check of a target pool.
    PoolHealthCheck: "PoolHealthCheck",
    /// A member of a role in a project of Google Cloud.
    ProjectIamBinding: "ProjectIAMBinding",
    /// One route of a table.
    Route: "Route",
    /// A table of routes.
    RouteTable: "RouteTable",
    /// Associates a subnet with its route table.
    RouteTableAssociation: "RouteTableAssociation",
    /// A Cloud Router with Cloud NAT.
    Router: "Router",
    /// A secret in the store.
    Secret: "Secret",
    /// Instances or load balancers that share rules.
    SecurityGroup: "SecurityGroup",
    /// One way into or out of a security group.
    SecurityGroupRule: "SecurityGroupRule",
    /// A queue of messages.
    Queue: "SQS",
    /// The identity of the instances of a role on Google Cloud.
    ServiceAccount: "ServiceAccount",
    /// The SSH key that instances accept.
    KeyPair: "SSHKey",
    /// A subnet.
    Subnet: "Subnet",
    /// Where a network load balancer's connections go.
    TargetGroup: "TargetGroup",
    /// The instances behind an external load balancer on Google Cloud.
    TargetPool: "TargetPool",
    /// A virtual private cloud.
    Vpc: "VPC",
    /// The IPv6 network that Amazon gives a VPC.
    VpcIpv6Block: "VPCAmazonIPv6CIDRBlock",
    /// A further IPv4 network of a VPC.
    VpcCidrBlock: "VPCCIDRBlock",
    /// Associates a VPC with its DHCP options.
    DhcpOptionsAssociation: "VPCDHCPOptionsAssociation",
    /// Instances of a group that are kept ready.
    WarmPool: "WarmPool",
}

/// Identifies a task: `SecurityGroup/nodes.a.example.com`. Sorted as kops sorts its previews: by kind's name, then by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskId {
    /// What it is.
    pub kind: TaskKind,
    /// kops' name for it.
    pub name: String,
}

impl TaskId {
    /// The task of a kind and name.
    pub fn new(kind: TaskKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    fn key(&self) -> (&'static str, &str) {
        (self.kind.as_str(), &self.name)
    }
}

impl PartialOrd for TaskId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TaskId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// What the cluster wants of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It exists; otherwise it is created.
    Present,
    /// It does not exist; otherwise it is deleted, which kops shows as a modification.
    Absent,
    /// It exists already and is only looked up and perhaps tagged, never created.
    Existing {
        /// Its id in the cloud, where the spec or a lookup knows it.
        id: Option<String>,
    },
}

/// What may happen to a field that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// It is changed in place.
    Update,
    /// It may be set where it was not, and cannot be changed after that.
    SetOnce,
    /// It may gain members and cannot lose any.
    Grow,
    /// It is a set that gains members with any update, and loses them only when the user asks for pruning.
    Prune,
    /// The cloud cannot change it, or changing it loses data: an error.
    Refuse,
    /// It is another's, who must change it: previews show it as a modification, and an update is refused.
    Others,
    /// It is not the cluster's, or not compared by kops: a difference is shown next to other changes, as in kops, and never changed.
    Shown,
    /// It only matters when the task is created, and is not compared.
    Ignore,
}

/// A field of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// kops' name of the field, which previews show.
    pub name: &'static str,
    /// What it should be; `None` where kops leaves it to the cloud: not compared.
    pub value: Option<Value>,
    /// What may happen when it differs.
    pub on_change: OnChange,
}

/// Something to create, compare and change.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What identifies it.
    pub id: TaskId,
    /// The resource of the graph that it comes from.
    pub node: NodeId,
    /// Whether it should exist.
    pub expected: Expected,
    /// What a run does with it.
    pub lifecycle: Lifecycle,
    /// Its fields, in the order of their names.
    pub fields: Vec<Field>,
    /// The tasks that come before it.
    pub needs: BTreeSet<TaskId>,
}

impl Task {
    /// A task for a resource of the graph, without fields.
    pub fn new(kind: TaskKind, name: impl Into<String>, node: NodeId) -> Self {
        Self {
            id: TaskId::new(kind, name),
            node,
            expected: Expected::Present,
            lifecycle: Lifecycle::Sync,
            fields: Vec::new(),
            needs: BTreeSet::new(),
        }
    }

    /// Adds a field; references in it are also dependencies.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Value>, on_change: OnChange) -> Self {
        let value = value.into();
        value.references(&mut |reference: &Reference| {
            self.needs.insert(reference.task.clone());
        });
        let at = self.fields.partition_point(|field| field.name < name);
        self.fields.insert(at, Field { name, value: Some(value), on_change });
        self
    }

    /// Adds a field that is changed in place.
    #[must_use]
    pub fn update(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.field(name, value, OnChange::Update)
    }

    /// Adds a field that cannot be changed.
    #[must_use]
    pub fn fixed(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.field(name, value, OnChange::Refuse)
    }

    /// Adds a field that may be set once.
    #[must_use]
    pub fn set_once(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.field(name, value, OnChange::SetOnce)
    }

    /// Adds a field that matters only when the task is created.
    #[must_use]
    pub fn initial(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.field(name, value, OnChange::Ignore)
    }

    /// Adds a dependency that no field expresses.
    #[must_use]
    pub fn after(mut self, task: TaskId) -> Self {
        self.needs.insert(task);
        self
    }

    /// The field of a name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name)?.value.as_ref()
    }
}
