//! How nodes become resources of a template: one [`Declare`] a kind, which sets properties.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::error::{RenderError, SpecField};
use crate::logical_id::logical_id;
use crate::resource::Stack;
use crate::select::Selection;
use crate::site::Site;
use kopsform_model::aws::resources::*;
use kopsform_model::{Graph, Kind, Kinded, ManagedFile, NodeId, Presence, Text};

/// How other resources of a template get the id of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdBy {
    /// By `Ref`.
    Ref,
    /// By `Ref`; it is the name of the node, so it is also known where the resource is not in the template.
    Name,
    /// By `Fn::GetAtt`.
    Attribute(&'static str),
}

/// How the nodes of a kind are written.
pub trait Declare: Kinded {
    /// CloudFormation's type of resource. Kinds that are properties of other resources have the type of these.
    const TYPE: &'static str;
    /// What logical ids begin with.
    const PREFIX: &'static str;
    /// The stack it is in where a cluster has several.
    const STACK: Stack;
    /// How other resources get its id.
    const ID: IdBy = IdBy::Ref;

    /// What distinguishes logical ids of the kind: the name of the node without that of the cluster.
    fn label(name: &Text) -> String {
        name.without_cluster_name()
    }

    /// Adds the resources of a node, and what CloudFormation has no resource for.
    fn declare(&self, site: &mut Site<'_>);
}

/// Lists the kinds that are written. All others are of Google Cloud: to declare one is an error, so it does not matter what the other
/// functions say of it.
macro_rules! declarations {
    ($($name:ident),* $(,)?) => {
        /// What logical ids begin with.
        const PREFIXES: &[&str] =
            &[$(<$name as Declare>::PREFIX,)* IPV6_BLOCK, GATEWAY_ATTACHMENT, WARM_POOL, QUEUE_POLICY];

        /// CloudFormation's type of the resources of a kind.
        pub fn type_of(kind: Kind) -> &'static str {
            match kind { $(Kind::$name => <$name as Declare>::TYPE,)* _ => "" }
        }

        /// The logical id of a node.
        pub fn id_of(id: &NodeId) -> String {
            match id.kind {
                $(Kind::$name => logical_id(<$name as Declare>::PREFIX, &<$name as Declare>::label(&id.name), PREFIXES),)*
                _ => logical_id("", &id.name.without_cluster_name(), PREFIXES),
            }
        }

        /// How other resources get the id of a node.
        fn id_by(kind: Kind) -> IdBy {
            match kind { $(Kind::$name => <$name as Declare>::ID,)* _ => IdBy::Ref }
        }

        /// The stack of a node where a cluster has several.
        pub fn stack_of(kind: Kind) -> Stack {
            match kind { $(Kind::$name => <$name as Declare>::STACK,)* _ => Stack::Network }
        }

        /// Adds the resources of a node.
        pub fn declare(resource: &kopsform_model::Resource, site: &mut Site<'_>) {
            match resource {
                $(kopsform_model::Resource::$name(resource) => resource.declare(site),)*
                other => site.scope.fail(RenderError::Unsupported {
                    field: Box::new(SpecField::of_cluster("spec.cloudProvider")),
                    reason: format!("CloudFormation has no resource for the {} of Google Cloud", other.task()),
                    hint: "use --target terraform".to_owned(),
                }),
            }
        }
    };
}

/// Prefixes of the resources that a node has besides the one of its kind: the IPv6 network of a VPC, …
pub const IPV6_BLOCK: &str = "Ipv6CidrBlock";
/// … the attachment of an internet gateway to its VPC, …
pub const GATEWAY_ATTACHMENT: &str = "GatewayAttachment";
/// … the warm pool of a group, …
pub const WARM_POOL: &str = "WarmPool";
/// … and the policy of a queue.
pub const QUEUE_POLICY: &str = "QueuePolicy";

declarations! {
    Vpc, VpcCidrBlock, DhcpOptions, DhcpOptionsAssociation, Subnet, InternetGateway, EgressOnlyInternetGateway, ElasticIp,
    NatGateway, RouteTable, Route, RouteTableAssociation,
    SecurityGroup, SecurityGroupRule, KeyPair,
    IamRole, IamRolePolicy, IamPolicyAttachment, InstanceProfile, OidcProvider,
    EbsVolume, LaunchTemplate, AutoscalingGroup, LifecycleHook,
    NetworkLoadBalancer, Listener, TargetGroup, ClassicLoadBalancer,
    HostedZone, HostedZoneAssociation, DnsRecord,
    Queue, EventRule, EventTarget,
    ManagedFile,
}

/// The logical id of something that accompanies a node.
pub fn companion_id<T: Declare>(prefix: &str, name: &Text) -> String {
    logical_id(prefix, &T::label(name), PREFIXES)
}

/// What is known while nodes are written.
pub struct Scope<'g> {
    /// The graph that references lead into.
    pub graph: &'g Graph,
    /// Which nodes are written.
    pub selection: &'g Selection<'g>,
    errors: RefCell<Vec<RenderError>>,
}

impl<'g> Scope<'g> {
    /// A scope in which nothing was written yet.
    pub fn new(graph: &'g Graph, selection: &'g Selection<'g>) -> Self {
        Self { graph, selection, errors: RefCell::default() }
    }

    /// The first error that was noted.
    pub fn into_error(self) -> Option<RenderError> {
        self.errors.into_inner().into_iter().next()
    }

    /// Notes why a graph cannot be written.
    pub fn fail(&self, error: RenderError) {
        self.errors.borrow_mut().push(error);
    }

    /// The id that a node has already.
    pub fn existing_id(&self, id: &NodeId) -> Option<&'g str> {
        match &self.graph.node(id)?.presence {
            Presence::Existing { id } => id.as_deref(),
            Presence::Managed => None,
        }
    }

    /// The id of a node, for a property of another one.
    pub fn id(&self, user: &NodeId, id: &NodeId) -> Value {
        if let Some(existing) = self.existing_id(id) {
            return existing.into();
        }
        match (id_by(id.kind), self.selection.is_declared(id)) {
            (IdBy::Attribute(attribute), true) => get_att(&id_of(id), attribute),
            (_, true) => reference(&id_of(id)),
            (IdBy::Name, false) => id.name.as_str().into(),
            (_, false) => self.left_out(user, id),
        }
    }

    /// Another attribute of a node than its id.
    pub fn attribute(&self, user: &NodeId, id: &NodeId, attribute: &str) -> Value {
        match self.selection.is_declared(id) && self.existing_id(id).is_none() {
            true => get_att(&id_of(id), attribute),
            false => self.left_out(user, id),
        }
    }

    fn left_out(&self, user: &NodeId, id: &NodeId) -> Value {
        self.fail(RenderError::LeftOut { user: user.to_string(), node: id.to_string() });
        Value::Null
    }
}

/// `{"Ref": id}`.
pub fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

/// `{"Fn::GetAtt": [id, attribute]}`.
pub fn get_att(id: &str, attribute: &str) -> Value {
    json!({ "Fn::GetAtt": [id, attribute] })
}
