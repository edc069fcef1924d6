//! What shall exist: resources, what is only looked at, outputs and providers.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::lifecycle::{Layer, Lifecycle, Lifecycles};
use super::managed_file::ManagedFile;
use super::value::Value;
use crate::aws::iam::IamError;
use crate::aws::resources::{DataSource, Resource, ResourceKind};
use crate::nodeup::NodeupError;
use kopsform_diagnostics::Explain;
use kopsform_spec::names::terraform_name;

/// Why something cannot be part of the graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two resources would have one address.
    #[error("two resources would have the address {resource_type}.{terraform_name}: {first:?} and {second:?}")]
    DuplicateResource {
        /// Terraform's resource type.
        resource_type: &'static str,
        /// The name in Terraform.
        terraform_name: String,
        /// The name of the first.
        first: String,
        /// The name of the second.
        second: String,
    },
    /// Two outputs would have one name.
    #[error("two outputs would have the name {0:?}")]
    DuplicateOutput(String),
    /// An output is a list for one resource and a single value for another.
    #[error("output {0:?} would be both a list and a single value")]
    MixedOutput(String),
    /// The resource must exist already, which a Terraform run cannot look up.
    #[error("the lifecycle of {task} is ExistsAndValidates, but {name:?} is not looked up for Terraform")]
    MustExist {
        /// kops' task name.
        task: &'static str,
        /// The resource's name.
        name: String,
    },
    /// Managed files lie in buckets of several regions, for which one provider does not do.
    #[error("managed files lie in buckets in {0} and in {1}; Terraform needs them in one region")]
    SeveralBucketRegions(String, String),
    /// A managed file does not lie in S3.
    #[error("managed file {name:?} lies in {base:?}, and Terraform can upload to S3 only")]
    NotInS3 {
        /// The file's name.
        name: String,
        /// Where it lies.
        base: String,
    },
    /// Something the spec asks for cannot be built.
    #[error("{path}: {message}")]
    Unsupported {
        /// The field.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// Roles or policies cannot be made.
    #[error(transparent)]
    Iam(#[from] IamError),
    /// Instances cannot be told how to become nodes.
    #[error(transparent)]
    Nodeup(#[from] NodeupError),
}

impl Explain for GraphError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotInS3 { .. } => vec!["set spec.configBase to an s3:// address that instances can read".to_owned()],
            Self::SeveralBucketRegions(..) => vec!["put state store and discovery store into one region".to_owned()],
            Self::Nodeup(error) => error.hints(),
            Self::Iam(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// A resource or data source with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    /// The name builders gave it, with its dots.
    pub name: String,
    /// The thing itself.
    pub item: T,
}

/// The address of a resource: Terraform's type and name.
pub type Address = (&'static str, String);

/// The value of an output.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// One value.
    Single(Value),
    /// Values without order or repetition.
    List(Vec<Value>),
}

/// How the AWS provider is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// The region.
    pub region: String,
    /// Further arguments from the spec; they win over `region`.
    pub extra: BTreeMap<String, String>,
}

impl Provider {
    /// All arguments.
    pub fn arguments(&self) -> BTreeMap<String, String> {
        let mut arguments = BTreeMap::from([("region".to_owned(), self.region.clone())]);
        arguments.extend(self.extra.clone());
        arguments
    }
}

/// Everything a cluster consists of in AWS, by address, so that the order of building does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// The cluster's name.
    pub cluster: String,
    /// What shall be made.
    pub resources: BTreeMap<Address, Named<Resource>>,
    /// What exists and is only looked at.
    pub data_sources: BTreeMap<Address, Named<DataSource>>,
    /// Locals and outputs by name.
    pub outputs: BTreeMap<String, Output>,
    /// The provider of everything but files.
    pub provider: Provider,
    /// The provider of managed files; its region is empty until there is such a file.
    pub files_provider: Provider,
    /// Managed files that the run itself writes, where Terraform shall not.
    pub uploads: Vec<ManagedFile>,
    /// What this run takes care of.
    pub lifecycles: Lifecycles,
    /// Resources left out because they should exist already, `Task/name`, to be told to the person.
    pub assumed: BTreeSet<String>,
}

impl Graph {
    /// An empty graph.
    pub fn new(cluster: impl Into<String>, lifecycles: Lifecycles) -> Self {
        Self { cluster: cluster.into(), lifecycles, ..Self::default() }
    }

    /// Whether resources of a kind are part of this run. Outputs that belong to a resource are added only then, also
    /// when the resource itself exists already.
    ///
    /// # Errors
    /// [`GraphError::MustExist`] when the lifecycle demands that the resource be looked up.
    pub fn wants<K: ResourceKind>(&mut self, layer: Layer, name: &str) -> Result<bool, GraphError> {
        self.wants_task(layer, K::TASK, name)
    }

    /// [`Graph::wants`] by the name of the task.
    ///
    /// # Errors
    /// As there.
    pub fn wants_task(&mut self, layer: Layer, task: &'static str, name: &str) -> Result<bool, GraphError> {
        match self.lifecycles.of(layer, task) {
            Lifecycle::Sync | Lifecycle::WarnIfInsufficientAccess => Ok(true),
            Lifecycle::Ignore => Ok(false),
            Lifecycle::ExistsAndValidates => Err(GraphError::MustExist { task, name: name.to_owned() }),
            Lifecycle::ExistsAndWarnIfChanges => {
                self.assumed.insert(format!("{task}/{name}"));
                Ok(false)
            }
        }
    }

    /// Adds a resource, unless its lifecycle leaves it out. Says whether it is in.
    ///
    /// # Errors
    /// When its address is taken, or its lifecycle demands that it be looked up.
    pub fn add(
        &mut self,
        layer: Layer,
        name: impl Into<String>,
        resource: impl Into<Resource>,
    ) -> Result<bool, GraphError> {
        let item = resource.into();
        self.add_by(layer, item.task(), name, item)
    }

    /// [`Graph::add`] for a resource that kops makes by several tasks, of which this one is meant.
    ///
    /// # Errors
    /// As there.
    pub fn add_by(
        &mut self,
        layer: Layer,
        task: &'static str,
        name: impl Into<String>,
        resource: impl Into<Resource>,
    ) -> Result<bool, GraphError> {
        let (name, item) = (name.into(), resource.into());
        let wanted = self.wants_task(layer, task, &name)?;
        insert(wanted, &mut self.resources, item.resource_type(), Named { name, item })
    }

    /// Adds a resource that several builders may ask for; asking for the same thing again changes nothing.
    ///
    /// # Errors
    /// When its address is taken by something else, or its lifecycle demands that it be looked up.
    pub fn ensure(
        &mut self,
        layer: Layer,
        name: impl Into<String>,
        resource: impl Into<Resource>,
    ) -> Result<bool, GraphError> {
        let (name, item) = (name.into(), resource.into());
        let address = (item.resource_type(), terraform_name(&name));
        match self.resources.get(&address) {
            Some(named) if named.item == item => Ok(true),
            _ => self.add(layer, name, item),
        }
    }

    /// Adds a data source, unless its lifecycle leaves it out. Says whether it is in.
    ///
    /// # Errors
    /// As for [`Graph::add`].
    pub fn add_data(&mut self, layer: Layer, name: impl Into<String>, source: DataSource) -> Result<bool, GraphError> {
        let name = name.into();
        let wanted = self.wants_task(layer, source.task(), &name)?;
        insert(wanted, &mut self.data_sources, source.data_type(), Named { name, item: source })
    }

    /// Adds an output of one value.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn output(&mut self, name: &str, value: impl Into<Value>) -> Result<(), GraphError> {
        match self.outputs.insert(terraform_name(name), Output::Single(value.into())) {
            None => Ok(()),
            Some(_) => Err(GraphError::DuplicateOutput(name.to_owned())),
        }
    }

    /// Adds a value to an output that is a list; values that are in it already change nothing.
    ///
    /// # Errors
    /// When the name belongs to an output of one value.
    pub fn output_item(&mut self, name: &str, value: impl Into<Value>) -> Result<(), GraphError> {
        match self.outputs.entry(terraform_name(name)).or_insert_with(|| Output::List(Vec::new())) {
            Output::Single(_) => Err(GraphError::MixedOutput(name.to_owned())),
            Output::List(values) => {
                let value = value.into();
                if !values.contains(&value) {
                    values.push(value);
                }
                Ok(())
            }
        }
    }

    /// The resources of one type, in the order of their names.
    pub fn resources_of(&self, resource_type: &str) -> impl Iterator<Item = &Named<Resource>> {
        self.resources.iter().filter(move |((kind, _), _)| *kind == resource_type).map(|(_, named)| named)
    }
}

/// Puts something that is wanted at its address. Says whether it is in.
fn insert<T>(
    wanted: bool,
    map: &mut BTreeMap<Address, Named<T>>,
    kind: &'static str,
    named: Named<T>,
) -> Result<bool, GraphError> {
    if !wanted {
        return Ok(false);
    }
    match map.entry((kind, terraform_name(&named.name))) {
        Entry::Vacant(place) => {
            place.insert(named);
            Ok(true)
        }
        Entry::Occupied(first) => Err(GraphError::DuplicateResource {
            resource_type: kind,
            first: first.get().name.clone(),
            second: named.name,
            terraform_name: first.key().1.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::aws::resources::{EventTarget, Vpc};

    #[test]
    fn names_that_meet_in_one_address_are_refused() {
        let mut graph = Graph::new("a.example.com", Lifecycles::default());
        assert!(graph.add(Layer::Network, "a.example.com", Vpc::default()).unwrap());
        assert!(graph.add(Layer::Network, "a.example.com", EventTarget::default()).unwrap());
        let error = graph.add(Layer::Network, "a-example.com", Vpc::default()).unwrap_err();
        assert!(matches!(error, GraphError::DuplicateResource { resource_type: "aws_vpc", .. }), "{error}");
    }

    #[test]
    fn lifecycles_leave_resources_out() {
        let mut lifecycles = Lifecycles { network: Lifecycle::ExistsAndWarnIfChanges, ..Lifecycles::default() };
        lifecycles.overrides.insert("EventBridgeTarget".into(), Lifecycle::ExistsAndValidates);
        let mut graph = Graph::new("a", lifecycles);
        assert!(!graph.add(Layer::Network, "a", Vpc::default()).unwrap());
        assert_eq!(graph.assumed, BTreeSet::from(["VPC/a".to_owned()]));
        assert!(graph.add(Layer::Cluster, "a", EventTarget::default()).is_err());
    }

    #[test]
    fn list_outputs_hold_a_value_once() {
        let mut graph = Graph::default();
        graph.output_item("ids", "b").unwrap();
        graph.output_item("ids", "b").unwrap();
        assert_eq!(graph.outputs["ids"], Output::List(vec!["b".into()]));
        assert!(graph.output("ids", "c").is_err());
    }
}
