//! How nodes become resources of a template: one [`Declare`] a kind, which sets properties.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::error::RenderError;
use crate::logical_id::logical_id;
use crate::outside::Outside;
use crate::resource::{Resource, Retention, Stack};
use crate::select::Selection;
use kopsform_model::aws::resources::*;
use kopsform_model::{Graph, In, Kind, Kinded, ManagedFile, Node, NodeId, Presence, Ref, Text};

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
        fn stack_of(kind: Kind) -> Stack {
            match kind { $(Kind::$name => <$name as Declare>::STACK,)* _ => Stack::Network }
        }

        /// Adds the resources of a node.
        pub fn declare(resource: &kopsform_model::Resource, site: &mut Site<'_>) {
            match resource {
                $(kopsform_model::Resource::$name(resource) => resource.declare(site),)*
                other => site.scope.fail(RenderError::Unsupported {
                    field: "spec.cloudProvider".to_owned(),
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

/// A node that is being written, and where to.
pub struct Site<'a> {
    /// What is known.
    pub scope: &'a Scope<'a>,
    /// The node.
    pub id: &'a NodeId,
    /// The node.
    pub node: &'a Node,
    /// The resources so far.
    pub resources: &'a mut Vec<Resource>,
    /// What CloudFormation has no resource for, so far.
    pub outside: &'a mut BTreeSet<Outside>,
}

impl<'a> Site<'a> {
    /// Whether the cluster makes the resource.
    pub fn is_managed(&self) -> bool {
        self.node.presence == Presence::Managed
    }

    /// Adds the resource of the node.
    pub fn resource(&mut self, write: impl FnOnce(&mut Body<'a>)) {
        self.add(id_of(self.id), type_of(self.id.kind), write);
    }

    /// Adds a resource of another type than is usual for the kind.
    pub fn resource_of(&mut self, kind: &'static str, write: impl FnOnce(&mut Body<'a>)) {
        self.add(id_of(self.id), kind, write);
    }

    /// Adds a resource that accompanies it.
    pub fn companion<T: Declare>(&mut self, prefix: &str, kind: &'static str, write: impl FnOnce(&mut Body<'a>)) {
        self.add(companion_id::<T>(prefix, &self.id.name), kind, write);
    }

    fn add(&mut self, logical_id: String, kind: &'static str, write: impl FnOnce(&mut Body<'a>)) {
        let resource = Resource::new(logical_id, kind, self.id.clone(), stack_of(self.id.kind));
        let mut body = Body { scope: self.scope, user: self.id, resource };
        write(&mut body);
        self.resources.push(body.resource);
    }

    /// Notes something that CloudFormation has no resource for.
    pub fn outside(&mut self, what: Outside) {
        self.outside.insert(what);
    }

    /// Refuses the node.
    pub fn unsupported(&self, field: impl Into<String>, reason: impl Into<String>, hint: impl Into<String>) {
        self.scope.fail(RenderError::Unsupported { field: field.into(), reason: reason.into(), hint: hint.into() });
    }
}

/// A resource that is being written. Properties may be set in any order; they are printed by name.
pub struct Body<'a> {
    /// What is known.
    pub scope: &'a Scope<'a>,
    user: &'a NodeId,
    resource: Resource,
}

impl<'a> Body<'a> {
    /// Sets a property. What holds nothing (`None`, an empty list, no tags) is left out.
    pub fn set(&mut self, name: &str, property: impl Property) -> &mut Self {
        if let Some(value) = property.value(&Refs { scope: self.scope, user: self.user }) {
            self.resource.properties.insert(name.to_owned(), value);
        }
        self
    }

    /// A value on its own, for properties that are put together.
    pub fn value(&self, property: impl Property) -> Value {
        property.value(&Refs { scope: self.scope, user: self.user }).unwrap_or(Value::Null)
    }

    /// An object of properties, without those that hold nothing.
    pub fn object<'p>(
        &self,
        properties: impl IntoIterator<Item = (&'static str, &'p dyn Property)>,
    ) -> Map<String, Value> {
        let refs = Refs { scope: self.scope, user: self.user };
        properties.into_iter().filter_map(|(name, property)| Some((name.to_owned(), property.value(&refs)?))).collect()
    }

    /// Makes it come after another resource that it does not refer to.
    pub fn after(&mut self, id: impl Into<String>) -> &mut Self {
        self.resource.depends_on.insert(id.into());
        self
    }

    /// Makes it come after all nodes of a kind that the template has.
    pub fn after_all<T: Declare + 'static>(&mut self, wanted: impl Fn(&Text, &T) -> bool) -> &mut Self {
        let selection = self.scope.selection;
        for (name, resource) in self.scope.graph.all::<T>() {
            let id = Ref::<T>::new(name).node();
            if wanted(name, resource) && selection.is_managed(&id) {
                self.resource.depends_on.insert(id_of(&id));
            }
        }
        self
    }

    /// Keeps what it made when it leaves the template or is replaced.
    pub fn retain(&mut self) -> &mut Self {
        self.resource.retention = Retention::Retain;
        self
    }

    /// Deletes what it made when it leaves the template or is replaced, although it holds data.
    pub fn delete(&mut self) -> &mut Self {
        self.resource.retention = Retention::Delete;
        self
    }

    /// Sets what an update of the stack does to what the resource manages.
    pub fn update_policy(&mut self, policy: Value) -> &mut Self {
        self.resource.update_policy = Some(policy);
        self
    }
}

/// What values may refer to.
pub struct Refs<'a> {
    scope: &'a Scope<'a>,
    user: &'a NodeId,
}

/// The value of a property.
pub trait Property {
    /// The value; `None` where there is nothing to say.
    fn value(&self, refs: &Refs<'_>) -> Option<Value>;
}

impl<T: Property + ?Sized> Property for &T {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        (**self).value(refs)
    }
}

impl<T: Property> Property for Option<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        self.as_ref()?.value(refs)
    }
}

impl<T: Property> Property for Vec<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        let items: Vec<Value> = self.iter().filter_map(|item| item.value(refs)).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }
}

/// Types that are values as they are.
macro_rules! plain {
    ($($name:ty),* $(,)?) => {
        $(impl Property for $name {
            fn value(&self, _: &Refs<'_>) -> Option<Value> {
                Some(json!(self))
            }
        })*
    };
}

plain!(bool, i64, u16, str, String);

impl Property for Value {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        Some(self.clone())
    }
}

impl Property for Map<String, Value> {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Object(self.clone()))
    }
}

impl Property for Text {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        Some(self.as_str().into())
    }
}

/// A list of keys and values.
impl Property for Tags {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        let tag = |(key, value): (&Text, &Text)| json!({ "Key": key.as_str(), "Value": value.as_str() });
        (!self.is_empty()).then(|| self.iter().map(tag).collect())
    }
}

/// An id.
impl<T: Kinded> Property for Ref<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        Some(refs.scope.id(refs.user, &self.node()))
    }
}

/// An id.
impl<T: Kinded> Property for In<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        match self {
            Self::Existing(id) => Some(id.as_str().into()),
            Self::Node(node) => node.value(refs),
        }
    }
}

/// Another attribute of a resource than its id.
pub struct AttributeOf<'a, T>(pub &'a Ref<T>, pub &'static str);

impl<T: Kinded> Property for AttributeOf<'_, T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        Some(refs.scope.attribute(refs.user, &self.0.node(), self.1))
    }
}
