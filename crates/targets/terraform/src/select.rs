//! Which nodes of a graph are written, by their lifecycle and presence.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{address_name, block_type};
use super::error::RenderError;
use super::options::{ManagedFiles, Options};
use kopsform_model::{Graph, Kind, Lifecycle, ManagedFile, Node, NodeId, Presence, Resource};
use kopsform_spec::address::S3Location;
use kopsform_spec::names::terraform_name;

/// Nodes by address: Terraform's type and the name in kops' form.
type Blocks<'a> = BTreeMap<(&'static str, String), (&'a NodeId, &'a Node)>;

/// What is made of a graph.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    /// Nodes that this run takes care of, written or not.
    kept: BTreeSet<&'a NodeId>,
    /// Those that become `resource` blocks.
    pub resources: Blocks<'a>,
    /// Those that exist already and become `data` blocks.
    pub data_sources: Blocks<'a>,
    /// Managed files that the run itself writes.
    pub uploads: Vec<ManagedFile>,
    /// `Task/name` of what is left out because it should exist already.
    pub assumed: BTreeSet<String>,
    /// The region of the buckets of managed files; `None` where no file is written.
    pub files_region: Option<String>,
}

impl<'a> Selection<'a> {
    /// Sorts the nodes of a graph out.
    ///
    /// # Errors
    /// When a node must be looked up, cannot be written, or shares its address with another.
    pub fn of(graph: &'a Graph, options: &Options) -> Result<Self, RenderError> {
        let mut selection = Self::default();
        for (id, node) in graph.nodes() {
            selection.add(id, node, graph, options)?;
        }
        Ok(selection)
    }

    /// Whether this run takes care of a node; exports of others are left out.
    pub fn keeps(&self, id: &NodeId) -> bool {
        self.kept.contains(id)
    }

    fn add(&mut self, id: &'a NodeId, node: &'a Node, graph: &Graph, options: &Options) -> Result<(), RenderError> {
        if !self.wants(id, node)? {
            return Ok(());
        }
        self.kept.insert(id);
        match (&node.resource, &node.presence) {
            (Resource::ManagedFile(file), _) if options.managed_files == ManagedFiles::Uploaded => {
                self.uploads.push((**file).clone());
                Ok(())
            }
            (Resource::BucketObject(object), _) if options.managed_files == ManagedFiles::Uploaded => {
                self.uploads.push(object.file.clone());
                Ok(())
            }
            // The run sets the access of what it uploads.
            (Resource::BucketObjectAcl(_), _) if options.managed_files == ManagedFiles::Uploaded => Ok(()),
            (Resource::ManagedFile(file), _) => {
                self.check_file(file, graph)?;
                insert(&mut self.resources, id, node)
            }
            (Resource::BucketObject(object), _) => {
                if graph.project().is_none() {
                    return Err(not_in_bucket(&object.file, "S3"));
                }
                self.files_region.get_or_insert_with(|| graph.region.clone());
                insert(&mut self.resources, id, node)
            }
            (_, Presence::Managed) => insert(&mut self.resources, id, node),
            // kops looks at a shared VPC only; everything else that exists goes by its id.
            (_, Presence::Existing { .. }) if id.kind == Kind::Vpc => insert(&mut self.data_sources, id, node),
            (_, Presence::Existing { .. }) => Ok(()),
        }
    }

    /// Whether this run takes care of a node.
    fn wants(&mut self, id: &NodeId, node: &Node) -> Result<bool, RenderError> {
        if id.kind == Kind::HostedZone {
            // The zone itself is never written; its association has the same task.
            return Ok(true);
        }
        let task = node.resource.task();
        match node.lifecycle {
            Lifecycle::Sync | Lifecycle::WarnIfInsufficientAccess => Ok(true),
            Lifecycle::Ignore => Ok(false),
            Lifecycle::ExistsAndValidates => Err(RenderError::MustExist { task, name: id.name.to_string() }),
            Lifecycle::ExistsAndWarnIfChanges => {
                self.assumed.insert(format!("{task}/{}", id.name));
                Ok(false)
            }
        }
    }

    /// Files must be where the cloud's provider writes them; those in S3 in buckets of one region, because one configuration of the
    /// provider uploads them all.
    fn check_file(&mut self, file: &ManagedFile, graph: &Graph) -> Result<(), RenderError> {
        if graph.project().is_some() {
            return Err(not_in_bucket(file, "Cloud Storage"));
        }
        if S3Location::parse(&file.base).is_err() {
            return Err(not_in_bucket(file, "S3"));
        }
        let region = self.files_region.get_or_insert_with(|| file.storage.region.clone());
        if *region != file.storage.region {
            return Err(RenderError::SeveralBucketRegions(region.clone(), file.storage.region.clone()));
        }
        Ok(())
    }
}

fn not_in_bucket(file: &ManagedFile, storage: &'static str) -> RenderError {
    RenderError::NotInBucket { name: file.name.to_string(), base: file.base.clone(), storage }
}

fn insert<'a>(blocks: &mut Blocks<'a>, id: &'a NodeId, node: &'a Node) -> Result<(), RenderError> {
    let block_type = block_type(id.kind);
    let label = terraform_name(&address_name(id));
    match blocks.insert((block_type, label.clone()), (id, node)) {
        None => Ok(()),
        Some((first, _)) => Err(RenderError::DuplicateAddress {
            block_type,
            label,
            first: first.name.to_string(),
            second: id.name.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use kopsform_model::aws::resources::{RouteTable, Tags};
    use kopsform_model::fixture::vpc;
    use kopsform_model::{FileStorage, Layer, Lifecycles, Ref};

    #[test]
    fn names_that_meet_in_one_address_are_refused() {
        let mut graph = Graph::new("a.example.com", "us-east-1", Lifecycles::default());
        let vpc_ref = graph.add(Layer::Network, "a.example.com", vpc()).unwrap();
        graph.add(Layer::Network, "a.example.com", RouteTable { vpc: vpc_ref, tags: Tags::new() }).unwrap();
        assert!(Selection::of(&graph, &Options::default()).is_ok());
        graph.add(Layer::Network, "a-example.com", vpc()).unwrap();
        assert_eq!(
            Selection::of(&graph, &Options::default()).unwrap_err().to_string(),
            r#"two resources would have the address aws_vpc.a-example-com: "a-example.com" and "a.example.com""#
        );
    }

    #[test]
    fn lifecycles_leave_nodes_out() {
        let mut lifecycles = Lifecycles { network: Lifecycle::ExistsAndWarnIfChanges, ..Lifecycles::default() };
        let build = |lifecycles: &Lifecycles| {
            let mut graph = Graph::new("a", "us-east-1", lifecycles.clone());
            graph.add(Layer::Network, "a", vpc()).unwrap();
            let table = RouteTable { vpc: Ref::new("a"), tags: Tags::new() };
            graph.add(Layer::Network, "a", table).unwrap();
            graph
        };
        let graph = build(&lifecycles);
        let selection = Selection::of(&graph, &Options::default()).unwrap();
        assert!(selection.resources.is_empty());
        assert_eq!(selection.assumed, BTreeSet::from(["RouteTable/a".to_owned(), "VPC/a".to_owned()]));
        lifecycles.overrides.insert("RouteTable".into(), Lifecycle::ExistsAndValidates);
        assert_eq!(
            Selection::of(&build(&lifecycles), &Options::default()).unwrap_err().to_string(),
            "the lifecycle of RouteTable is ExistsAndValidates, but \"a\" is not looked up for Terraform"
        );
    }

    fn with_files(files: &[(&str, &str, &str)]) -> Graph {
        let mut graph = Graph::new("a", "us-east-1", Lifecycles::default());
        for (name, base, region) in files {
            let storage = FileStorage { region: (*region).to_owned(), ..FileStorage::default() };
            let file =
                ManagedFile { name: (*name).into(), base: (*base).to_owned(), storage, ..ManagedFile::default() };
            graph.add(Layer::Cluster, *name, file).unwrap();
        }
        graph
    }

    #[test]
    fn files_lie_in_s3_in_one_region() {
        let error = |files: &[(&str, &str, &str)]| Selection::of(&with_files(files), &Options::default()).unwrap_err();
        let several = error(&[("x", "s3://a", "us-east-1"), ("y", "s3://b", "eu-west-1")]);
        assert_eq!(several, RenderError::SeveralBucketRegions("us-east-1".into(), "eu-west-1".into()));
        assert!(matches!(error(&[("x", "file:///b", "us-east-1")]), RenderError::NotInBucket { .. }));
        let options = Options { managed_files: ManagedFiles::Uploaded, ..Options::default() };
        let graph = with_files(&[("x", "file:///b", "us-east-1")]);
        let selection = Selection::of(&graph, &options).unwrap();
        assert_eq!((selection.uploads.len(), selection.resources.len(), selection.files_region), (1, 0, None));
    }
}
