//! A node that is being written: the resources that it becomes, and their properties.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::declare::{Declare, Scope, companion_id, id_of, stack_of, type_of};
use crate::error::{RenderError, SpecField};
use crate::outside::Outside;
use crate::property::{Property, Refs};
use crate::resource::{Resource, Retention};
use kopsform_model::{Node, NodeId, Presence, Ref, Text};

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
    pub fn unsupported(&self, field: SpecField, reason: impl Into<String>, hint: impl Into<String>) {
        let (reason, hint) = (reason.into(), hint.into());
        self.scope.fail(RenderError::Unsupported { field: Box::new(field), reason, hint });
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
