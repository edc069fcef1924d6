//! What Terraform says about the output for Google Cloud: its formatting. Its validity needs the provider, which tests do not have;
//! `google::tests` of the target check arguments against its schema.

use kopsform_model::facts::GoogleBucketFact;
use kopsform_model::fixture::{Fixture, group};
use kopsform_model::{Graph, ManagedFile, gce};
use kopsform_spec::v1alpha2::{Api, InstanceGroupRole, LoadBalancerAccess};
use kopsform_terraform::{self as terraform, ForeignFiles, Layout, Options, Protected, ProviderBlocks};

use crate::support::terraform::Terraform;

/// A cluster with a load balancer, a bastion, and files in a bucket with access control lists.
fn graph() -> Graph {
    let mut fixture = Fixture::google();
    let mut bastions = group("bastions", InstanceGroupRole::Bastion);
    bastions.spec.zones = vec!["us-test1-a".to_owned()];
    fixture.groups.push(bastions);
    fixture.cluster.spec.api = Some(Api { load_balancer: Some(LoadBalancerAccess::default()), ..Api::default() });
    fixture.cluster.spec.cloud_labels = [("team".to_owned(), "a ${b} \"c\"".to_owned())].into();
    let acl = GoogleBucketFact { object_acl: Some(vec!["READER:user-a".to_owned()]), public: None };
    fixture.facts.gce.buckets.entry("p".to_owned()).or_default().insert("state".to_owned(), acl);
    let mut graph = fixture.google_cluster().unwrap();
    for name in ["cluster-completed.spec", "nodeupconfig-nodes"] {
        let base = "gs://state/a.example.com".to_owned();
        let file = ManagedFile { name: name.into(), base, key: name.to_owned(), ..ManagedFile::default() };
        gce::files::add(&mut graph, &fixture.facts, file).unwrap();
    }
    graph
}

#[test]
fn every_layout_is_formatted() {
    let Some(terraform) = Terraform::find() else { return };
    let graph = graph();
    for layout in [Layout::Single, Layout::Split, Layout::Module] {
        for provider_blocks in [ProviderBlocks::Full, ProviderBlocks::Required, ProviderBlocks::None] {
            let prevent_destroy = [Protected::Etcd, Protected::Api].into();
            let options = Options { layout, provider_blocks, prevent_destroy, ..Options::default() };
            let output = terraform::render(&graph, &options).unwrap();
            let directory = tempfile::tempdir().unwrap();
            terraform::write(&output, directory.path(), ForeignFiles::Keep).unwrap();
            terraform.assert_formatted(directory.path());
        }
    }
}
