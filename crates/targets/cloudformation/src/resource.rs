//! A resource of a template.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use kopsform_model::NodeId;

/// A stack of a cluster that has several, in the order in which they are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stack {
    /// VPC, subnets, gateways, routes, security groups.
    Network,
    /// Rules of security groups, and the SSH key.
    Security,
    /// Roles, instance profiles, the OIDC provider.
    Iam,
    /// etcd's volumes.
    Storage,
    /// Load balancers and the records that follow them.
    LoadBalancers,
    /// The queue of the node termination handler and what fills it.
    Events,
    /// Launch templates and Auto Scaling groups: this many parts, and the number of this one.
    Groups(u16, u16),
}

impl Stack {
    /// The name of its template, and of its resource in the root template.
    pub fn name(self) -> String {
        match self {
            Self::Network => "network".to_owned(),
            Self::Security => "security".to_owned(),
            Self::Iam => "iam".to_owned(),
            Self::Storage => "storage".to_owned(),
            Self::LoadBalancers => "load-balancers".to_owned(),
            Self::Events => "events".to_owned(),
            Self::Groups(1, _) => "groups".to_owned(),
            Self::Groups(_, part) => format!("groups-{part:02x}"),
        }
    }
}

/// What happens to what a resource made when the resource leaves the template or is replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retention {
    /// What is usual for its type: it is deleted.
    #[default]
    Usual,
    /// It is deleted although it may hold data.
    Delete,
    /// It is kept.
    Retain,
}

/// A resource of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// CloudFormation's type.
    pub kind: &'static str,
    /// The node it was made of.
    pub node: NodeId,
    /// The stack it is in where a cluster has several.
    pub stack: Stack,
    pub properties: Map<String, Value>,
    /// Logical ids that it comes after, also those that it refers to.
    pub depends_on: BTreeSet<String>,
    pub retention: Retention,
    pub update_policy: Option<Value>,
}

impl Resource {
    /// A resource without properties.
    pub fn new(logical_id: String, kind: &'static str, node: NodeId, stack: Stack) -> Self {
        Self {
            logical_id,
            kind,
            node,
            stack,
            properties: Map::new(),
            depends_on: BTreeSet::new(),
            retention: Retention::default(),
            update_policy: None,
        }
    }

    /// The logical ids that its properties refer to.
    pub fn references(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.properties.values().for_each(|value| references(value, &mut found));
        found
    }

    /// The resource as a template has it.
    pub fn to_value(&self) -> Value {
        let mut value = Map::from_iter([("Type".to_owned(), json!(self.kind))]);
        if !self.properties.is_empty() {
            value.insert("Properties".to_owned(), Value::Object(self.properties.clone()));
        }
        if !self.depends_on.is_empty() {
            value.insert("DependsOn".to_owned(), json!(self.depends_on));
        }
        let policy = match self.retention {
            Retention::Usual => None,
            Retention::Delete => Some("Delete"),
            Retention::Retain => Some("Retain"),
        };
        if let Some(policy) = policy {
            value.insert("DeletionPolicy".to_owned(), policy.into());
            value.insert("UpdateReplacePolicy".to_owned(), policy.into());
        }
        if let Some(policy) = &self.update_policy {
            value.insert("UpdatePolicy".to_owned(), policy.clone());
        }
        Value::Object(value)
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match (value, referred(value)) {
        (_, Some((id, _))) => {
            found.insert(id.to_owned());
        }
        (Value::Array(items), None) => items.iter().for_each(|item| references(item, found)),
        (Value::Object(map), None) => map.values().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The logical id of a `Ref` or `Fn::GetAtt`, and the attribute of the latter. Pseudo parameters are no resources.
pub fn referred(value: &Value) -> Option<(&str, Option<&str>)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    if let Some(id) = map.get("Ref").and_then(Value::as_str) {
        return (!id.contains(':')).then_some((id, None));
    }
    match map.get("Fn::GetAtt")?.as_array()?.as_slice() {
        [id, attribute] => Some((id.as_str()?, attribute.as_str())),
        _ => None,
    }
}
