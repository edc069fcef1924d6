//! The list of all kinds of resources.

use crate::ManagedFile;
use crate::aws::resources::*;
use crate::gce::resources::*;
use crate::graph::{NodeId, References};

/// Declares the kinds: for each the type of its resources, which is also its name, and kops' name of the task.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $task:literal,)*) => {
        /// The type of a resource, with the cloud's name for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// kops' name of the task that makes resources of this kind, by which lifecycles are overridden. Files go by
            /// [`Resource::task`], which distinguishes addons from other files.
            #[must_use]
            pub fn task(self) -> &'static str {
                match self { $(Self::$name => $task,)* }
            }
        }

        /// A resource of any kind.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Resource {
            $($(#[$doc])* $name(Box<$name>),)*
        }

        impl Resource {
            /// What it is.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name,)* }
            }
        }

        impl References for Resource {
            fn references(&self, found: &mut Vec<NodeId>) {
                match self { $(Self::$name(resource) => resource.references(found),)* }
            }
        }

        $(impl From<$name> for Resource {
            fn from(resource: $name) -> Self {
                Self::$name(Box::new(resource))
            }
        }

        impl Kinded for $name {
            const KIND: Kind = Kind::$name;

            fn from_resource(resource: &Resource) -> Option<&Self> {
                match resource {
                    Resource::$name(resource) => Some(resource),
                    _ => None,
                }
            }
        })*
    };
}

/// The type of the resources of one kind.
pub trait Kinded: Into<Resource> {
    /// The kind.
    const KIND: Kind;

    /// The resource as its own type; `None` for one of another kind.
    fn from_resource(resource: &Resource) -> Option<&Self>;
}

kinds! {
    /// A virtual private cloud.
    Vpc: "VPC",
    /// A further IPv4 network of a VPC.
    VpcCidrBlock: "VPCCIDRBlock",
    /// What instances learn by DHCP.
    DhcpOptions: "DHCPOptions",
    /// Associates a VPC with its DHCP options.
    DhcpOptionsAssociation: "VPCDHCPOptionsAssociation",
    /// A subnet.
    Subnet: "Subnet",
    /// The way to and from the internet.
    InternetGateway: "InternetGateway",
    /// The way out over IPv6, with none back in.
    EgressOnlyInternetGateway: "EgressOnlyInternetGateway",
    /// A public IPv4 address that stays.
    ElasticIp: "ElasticIP",
    /// The way out for the private subnets of a zone.
    NatGateway: "NatGateway",
    /// A table of routes.
    RouteTable: "RouteTable",
    /// One route of a table.
    Route: "Route",
    /// Associates a subnet with its route table.
    RouteTableAssociation: "RouteTableAssociation",
    /// Instances or load balancers that share rules.
    SecurityGroup: "SecurityGroup",
    /// One way into or out of a security group.
    SecurityGroupRule: "SecurityGroupRule",
    /// The SSH key that instances accept.
    KeyPair: "SSHKey",
    /// A role that instances or service accounts take on.
    IamRole: "IAMRole",
    /// What a role may do.
    IamRolePolicy: "IAMRolePolicy",
    /// Attaches an existing policy to a role.
    IamPolicyAttachment: "IAMRolePolicy",
    /// What gives instances their role.
    InstanceProfile: "IAMInstanceProfileRole",
    /// The cluster as an issuer of identities that IAM trusts.
    OidcProvider: "IAMOIDCProvider",
    /// A volume that an etcd member keeps its data on.
    EbsVolume: "EBSVolume",
    /// How the instances of a group are started.
    LaunchTemplate: "LaunchTemplate",
    /// The instances of an instance group.
    AutoscalingGroup: "AutoscalingGroup",
    /// What holds up the start or end of a group's instances.
    LifecycleHook: "AutoscalingLifecycleHook",
    /// A network load balancer.
    NetworkLoadBalancer: "NetworkLoadBalancer",
    /// A port of a network load balancer.
    Listener: "NetworkLoadBalancerListener",
    /// Where a network load balancer's connections go.
    TargetGroup: "TargetGroup",
    /// A classic load balancer.
    ClassicLoadBalancer: "ClassicLoadBalancer",
    /// A zone of DNS records. It always exists already.
    HostedZone: "DNSZone",
    /// Lets a VPC see a private zone.
    HostedZoneAssociation: "DNSZone",
    /// A DNS record that follows a load balancer.
    DnsRecord: "DNSName",
    /// A queue of messages.
    Queue: "SQS",
    /// Events that are passed on.
    EventRule: "EventBridgeRule",
    /// Where a rule's events go.
    EventTarget: "EventBridgeTarget",
    /// A file in the state store.
    ManagedFile: "ManagedFile",
    /// A VPC network of Google Cloud.
    Network: "Network",
    /// A subnet of a region of Google Cloud.
    Subnetwork: "Subnet",
    /// A Cloud Router.
    Router: "Router",
    /// The way out for private subnets, which belongs to a router.
    RouterNat: "Router",
    /// A rule that lets traffic into instances.
    FirewallRule: "FirewallRule",
    /// A service account of instances.
    ServiceAccount: "ServiceAccount",
    /// Who has a role in a project.
    ProjectIamBinding: "ProjectIAMBinding",
    /// One who has a role on a bucket.
    BucketIamMember: "StorageBucketIAM",
    /// A disk that an etcd member keeps its data on.
    PersistentDisk: "Disk",
    /// How the instances of a group are started.
    InstanceTemplate: "InstanceTemplate",
    /// The instances of an instance group in a zone.
    InstanceGroupManager: "InstanceGroupManager",
    /// An IPv4 address of a load balancer.
    Address: "Address",
    /// A legacy health check over HTTP.
    HttpHealthCheck: "HTTPHealthcheck",
    /// A health check of backend services.
    RegionHealthCheck: "HealthCheck",
    /// Where the connections of an external load balancer go.
    TargetPool: "TargetPool",
    /// Where the connections of an internal load balancer go.
    BackendService: "BackendService",
    /// What accepts the connections of an address and a port.
    ForwardingRule: "ForwardingRule",
    /// A managed file in Cloud Storage.
    BucketObject: "ManagedFile",
    /// Who may access a managed file in Cloud Storage.
    BucketObjectAcl: "StorageObjectAcl",
}

impl Resource {
    /// kops' name of the task that makes it, by which lifecycles are overridden.
    #[must_use]
    pub fn task(&self) -> &'static str {
        match self {
            Self::ManagedFile(file) => file.kind.task(),
            Self::BucketObject(object) => object.file.kind.task(),
            other => other.kind().task(),
        }
    }
}
