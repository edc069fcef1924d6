//! How resources become blocks: one [`Block`] a kind, which sets arguments on a [`Body`].

use hcl::expr::{Expression, TemplateExpr};
use hcl::structure::{Attribute, Block as HclBlock, Body as HclBody, Structure};
use hcl::{Identifier, Number};

use super::hcl_expr::{call, traversal};
use super::readable::place::Place;
use super::readable::unify;
use super::renderer::{DATA_DIRECTORY, Renderer};
use kopsform_model::aws::resources::*;
use kopsform_model::gce::resources::*;
use kopsform_model::{In, Kind, Kinded, ManagedFile, NodeId, Ref, Resource, Text};

/// How the resources of a kind are written.
pub trait Block: Kinded {
    /// Terraform's type of resource, `aws_vpc`.
    const TYPE: &'static str;
    /// The file of such blocks where files are split by concern.
    const FILE: &'static str;

    /// The name that addresses and data files are called after, where it is not that of the node.
    fn address_name(name: &Text) -> Text {
        name.clone()
    }

    /// Where the resource is in readable layouts. `name` is its name without the cluster's. Kinds that clusters have several of
    /// share a block; its label and the key must not depend on other resources.
    fn place(&self, name: &str) -> Place {
        Place::Own(name.to_owned())
    }

    /// What to say of the block in readable layouts.
    fn comment(&self) -> Option<String> {
        None
    }

    /// Sets the arguments of a `resource` block.
    fn write(&self, body: &mut Body<'_, '_>);
}

/// Lists the kinds that are written; the compiler names one that is missing.
macro_rules! blocks {
    ($($name:ident),* $(,)?) => {
        /// Terraform's type of the resources of a kind.
        pub fn block_type(kind: Kind) -> &'static str {
            match kind { $(Kind::$name => <$name as Block>::TYPE,)* }
        }

        /// The name that the addresses and data files of a node are called after.
        pub fn address_name(id: &NodeId) -> Text {
            match id.kind { $(Kind::$name => <$name as Block>::address_name(&id.name),)* }
        }

        /// The file of a resource where files are split by concern.
        pub fn file_of(resource: &Resource) -> &'static str {
            match resource { $(Resource::$name(_) => <$name as Block>::FILE,)* }
        }

        /// Where a resource is in readable layouts.
        pub fn place(resource: &Resource, name: &str) -> Place {
            match resource { $(Resource::$name(resource) => resource.place(name),)* }
        }

        /// What to say of the block of a resource in readable layouts.
        pub fn comment(resource: &Resource) -> Option<String> {
            match resource { $(Resource::$name(resource) => resource.comment(),)* }
        }

        /// Sets the arguments of the block of a resource.
        pub fn write(resource: &Resource, body: &mut Body<'_, '_>) {
            match resource { $(Resource::$name(resource) => resource.write(body),)* }
        }
    };
}

blocks! {
    Vpc, VpcCidrBlock, DhcpOptions, DhcpOptionsAssociation, Subnet, InternetGateway, EgressOnlyInternetGateway, ElasticIp,
    NatGateway, RouteTable, Route, RouteTableAssociation,
    SecurityGroup, SecurityGroupRule, KeyPair,
    IamRole, IamRolePolicy, IamPolicyAttachment, InstanceProfile, OidcProvider,
    EbsVolume, LaunchTemplate, AutoscalingGroup, LifecycleHook,
    NetworkLoadBalancer, Listener, TargetGroup, ClassicLoadBalancer,
    HostedZone, HostedZoneAssociation, DnsRecord,
    Queue, EventRule, EventTarget,
    ManagedFile,
    Network, Subnetwork, Router, RouterNat, FirewallRule,
    ServiceAccount, ProjectIamBinding, BucketIamMember,
    PersistentDisk, InstanceTemplate, InstanceGroupManager,
    Address, HttpHealthCheck, RegionHealthCheck, TargetPool, BackendService, ForwardingRule,
    BucketObject, BucketObjectAcl,
}

/// The body of a block that is being written. Arguments may be set in any order; they are printed by name, as kops does.
pub struct Body<'a, 'g> {
    renderer: &'a mut Renderer<'g>,
    /// What data files are called after: `aws_iam_role_nodes.a.example.com`.
    stem: String,
    entries: Vec<(&'static str, Structure)>,
}

impl<'a, 'g> Body<'a, 'g> {
    /// The empty body of a block whose data files are called after a stem.
    pub fn new(renderer: &'a mut Renderer<'g>, stem: String) -> Self {
        Self { renderer, stem, entries: Vec::new() }
    }

    /// Sets an argument. What holds nothing (`None`, an empty list, no tags) is left out.
    pub fn set(&mut self, name: &'static str, argument: impl Argument) -> &mut Self {
        if let Some(expr) = argument.expression(self.renderer) {
            self.entries.push((name, Structure::Attribute(Attribute { key: Identifier::sanitized(name), expr })));
        }
        self
    }

    /// Adds a block inside of this one.
    pub fn block(&mut self, name: &'static str, write: impl FnOnce(&mut Body<'_, 'g>)) -> &mut Self {
        let mut inner = Body::new(self.renderer, self.stem.clone());
        write(&mut inner);
        let body = inner.finish();
        let block = HclBlock { identifier: Identifier::sanitized(name), labels: Vec::new(), body };
        self.entries.push((name, Structure::Block(block)));
        self
    }

    /// Adds a block for each item.
    pub fn blocks<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Body<'_, 'g>),
    ) -> &mut Self {
        for item in items {
            self.block(name, |body| write(item, body));
        }
        self
    }

    /// Adds a block for each tag: in readable layouts a `dynamic` one over them.
    pub fn tag_blocks(
        &mut self,
        name: &'static str,
        tags: impl Argument,
        list: &Tags,
        write: fn(&mut Body<'_, '_>, Tag<'_>),
    ) {
        if !self.renderer.naming.is_readable() {
            self.blocks(name, list, |(key, value), body| write(body, Tag::Known(key, value)));
            return;
        }
        let Some(tags) = tags.expression(self.renderer) else { return };
        let mut content = Body::new(self.renderer, self.stem.clone());
        write(&mut content, Tag::Of(name));
        let block = unify::dynamic(name, tags, content.finish());
        self.entries.push((name, Structure::Block(block)));
    }

    /// Sets an argument to the content of a file, which is written to `data/<type>_<name>_<part>`.
    pub fn file(&mut self, name: &'static str, part: &str, content: impl Into<Vec<u8>>) -> &mut Self {
        self.file_by("file", name, part, content.into())
    }

    /// [`Body::file`] for an argument that takes base64.
    pub fn base64_file(&mut self, name: &'static str, part: &str, content: impl Into<Vec<u8>>) -> &mut Self {
        self.file_by("filebase64", name, part, content.into())
    }

    fn file_by(&mut self, function: &str, name: &'static str, part: &str, content: Vec<u8>) -> &mut Self {
        let path = self.data_file(part, content);
        self.set(name, call(function, [path]))
    }

    /// The content of a file, for a value inside of a map.
    pub fn file_value(&mut self, part: &str, content: impl Into<Vec<u8>>) -> Expression {
        let path = self.data_file(part, content.into());
        call("file", [path])
    }

    /// Sets an argument to the path of a file, which is written to `data/<type>_<name>_<part>`.
    pub fn path(&mut self, name: &'static str, part: &str, content: impl Into<Vec<u8>>) -> &mut Self {
        let path = self.data_file(part, content.into());
        self.set(name, path)
    }

    /// Writes a data file. Returns its path.
    fn data_file(&mut self, part: &str, content: Vec<u8>) -> Expression {
        let file = format!("{}_{part}", self.stem);
        let template = format!("{}/{}", self.renderer.naming.data_directory(), super::format::escape(&file));
        self.renderer.add_file(format!("{DATA_DIRECTORY}/{file}"), content);
        TemplateExpr::QuotedString(template).into()
    }

    /// A string as an expression.
    pub fn text(&mut self, text: &Text) -> Expression {
        self.renderer.naming.text(text)
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.renderer.graph.cluster
    }

    /// The node that a reference means; `None` for one that leads nowhere.
    pub fn node<T: Block>(&self, node: &Ref<T>) -> Option<&'g kopsform_model::Node> {
        self.renderer.graph.node(&node.node())
    }

    /// A set of ids in the order in which they read: those that are known, then the names of resources.
    pub fn sorted<T: Block>(&self, ids: impl IntoIterator<Item = In<T>>) -> Vec<In<T>> {
        let mut ids: Vec<In<T>> = ids.into_iter().collect();
        ids.sort_by_cached_key(|id| match id {
            In::Existing(id) => (0, id.clone()),
            In::Node(node) => match self.renderer.existing_id(&node.node()) {
                Some(id) => (0, id.to_owned()),
                None => (1, kopsform_spec::names::terraform_name(node.name())),
            },
        });
        ids
    }

    /// The arguments and blocks by name.
    pub fn finish(mut self) -> HclBody {
        self.entries.sort_by_key(|(name, _)| *name);
        HclBody(self.entries.into_iter().map(|(_, structure)| structure).collect())
    }
}

/// A value of an argument.
pub trait Argument {
    /// The expression; `None` where there is nothing to say.
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        (**self).expression(renderer)
    }
}

impl Argument for Expression {
    fn expression(&self, _: &mut Renderer<'_>) -> Option<Expression> {
        Some(self.clone())
    }
}

impl Argument for bool {
    fn expression(&self, _: &mut Renderer<'_>) -> Option<Expression> {
        Some(Expression::Bool(*self))
    }
}

impl Argument for i64 {
    fn expression(&self, _: &mut Renderer<'_>) -> Option<Expression> {
        Some(Expression::Number(Number::from(*self)))
    }
}

impl Argument for u16 {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        i64::from(*self).expression(renderer)
    }
}

impl Argument for str {
    fn expression(&self, _: &mut Renderer<'_>) -> Option<Expression> {
        Some(Expression::String(self.to_owned()))
    }
}

impl Argument for String {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        self.as_str().expression(renderer)
    }
}

impl Argument for Text {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        Some(renderer.naming.text(self))
    }
}

impl<T: Argument> Argument for Option<T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        self.as_ref()?.expression(renderer)
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        let items: Vec<_> = self.iter().filter_map(|item| item.expression(renderer)).collect();
        (!items.is_empty()).then_some(Expression::Array(items))
    }
}

impl Argument for Tags {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        renderer.tags(self)
    }
}

/// Tags of an instance group, which several blocks have.
pub struct GroupTags<'a>(pub &'a Place, pub &'a Tags);

impl Argument for GroupTags<'_> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        renderer.group_tags(self.0, self.1)
    }
}

/// A tag of [`Body::tag_blocks`].
#[derive(Clone, Copy)]
pub enum Tag<'a> {
    /// A key and its value.
    Known(&'a Text, &'a Text),
    /// What the iterator of a `dynamic` block is at.
    Of(&'static str),
}

impl<'a> Tag<'a> {
    /// The key.
    pub fn key(self) -> TagPart<'a> {
        match self {
            Self::Known(key, _) => TagPart::Known(key),
            Self::Of(iterator) => TagPart::Of(traversal(iterator, ["key"])),
        }
    }

    /// The value.
    pub fn value(self) -> TagPart<'a> {
        match self {
            Self::Known(_, value) => TagPart::Known(value),
            Self::Of(iterator) => TagPart::Of(traversal(iterator, ["value"])),
        }
    }
}

/// The key or the value of a tag.
pub enum TagPart<'a> {
    /// It is known.
    Known(&'a Text),
    /// It is what an iterator is at.
    Of(Expression),
}

impl Argument for TagPart<'_> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        match self {
            Self::Known(text) => text.expression(renderer),
            Self::Of(expression) => Some(expression.clone()),
        }
    }
}

/// An id.
impl<T: Block> Argument for Ref<T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        Some(renderer.attribute(&self.node(), "id"))
    }
}

/// An id.
impl<T: Block> Argument for In<T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        match self {
            Self::Existing(id) => id.expression(renderer),
            Self::Node(node) => node.expression(renderer),
        }
    }
}

/// Another attribute of a resource than its id.
pub struct AttributeOf<'a, T>(pub &'a Ref<T>, pub &'static str);

impl<T: Block> Argument for AttributeOf<'_, T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        Some(renderer.attribute(&self.0.node(), self.1))
    }
}

/// A configuration of a provider: the name of the provider, then the alias.
pub struct Provider(pub &'static str, pub &'static str);

impl Argument for Provider {
    fn expression(&self, _: &mut Renderer<'_>) -> Option<Expression> {
        Some(traversal(self.0, [self.1]))
    }
}
