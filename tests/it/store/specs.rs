//! Specs that tests store, and how they do it without a process.

use std::path::Path;

use async_trait::async_trait;
use kopsform::ops::replace::{self, InstanceCounter, ReplaceDeps, ReplaceError, ReplaceOptions, ReplacePlan};
use kopsform::ops::support::documents::InputFile;
use kopsform::ops::support::facts::{FactFinder, LookupOptions};
use kopsform::ops::support::specs::Existing;
use kopsform_diagnostics::Allowed;
use kopsform_env::Environment;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{Holder, StateStore};

/// The cluster of the specs.
pub const NAME: &str = "demo.example.com";

/// A cluster, with further lines of its spec.
pub fn cluster(more: &str) -> String {
    format!(
        "apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: {NAME}
spec:
  api:
    dns: {{}}
  authorization:
    rbac: {{}}
  cloudProvider: aws
  dnsZone: Z1234567890
  etcdClusters:
  - name: main
    etcdMembers:
    - name: a
      instanceGroup: master
  - name: events
    etcdMembers:
    - name: a
      instanceGroup: master
  iam:
    legacy: false
  kubelet:
    anonymousAuth: false
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.35.5
  networkCIDR: 172.20.0.0/16
  networking:
    cni: {{}}
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [0.0.0.0/0]
  subnets:
  - name: us-east-1a
    zone: us-east-1a
    type: Public
    cidr: 172.20.32.0/19
{more}"
    )
}

/// An instance group of the cluster.
pub fn group(name: &str, role: &str, size: usize) -> String {
    format!(
        "apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: {name}
  labels:
    kops.k8s.io/cluster: {NAME}
spec:
  image: ami-0123456789abcdef0
  machineType: t3.medium
  maxSize: {size}
  minSize: 1
  role: {role}
  subnets:
  - us-east-1a
"
    )
}

/// A cluster with a control plane and groups of nodes, all of one size.
pub fn whole(groups: usize, size: usize) -> String {
    let mut documents = vec![cluster(""), group("master", "Master", 1)];
    documents.extend((0..groups).map(|n| group(&format!("nodes-{n:03}"), "Node", size)));
    documents.join("---\n")
}

/// Runs a test on a larger stack than tests have: without optimization, requests to S3 fill that one.
pub fn in_depth(test: impl AsyncFnOnce() + Send + 'static) {
    const STACK: usize = 32 * 1024 * 1024;
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(test());
    };
    if let Err(panic) = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

/// A store of files.
pub fn file_store(path: &Path) -> StateStore {
    kopsform::ops::support::stores::open_state(&format!("file://{}", path.display()), &Environment::default()).unwrap()
}

/// This process as the holder of locks.
pub fn holder() -> Holder {
    Holder::of_process(&Environment::default(), "test")
}

/// No group has instances.
pub struct Idle;

#[async_trait]
impl InstanceCounter for Idle {
    async fn count(&self, _cluster: &Cluster, _group: &str) -> Result<usize, String> {
        Ok(0)
    }
}

/// The plan of `replace --force` of documents.
pub async fn plan(state: &StateStore, text: &str) -> Result<ReplacePlan, ReplaceError> {
    let environment = Environment::default();
    let mut facts = FactFinder::open(&LookupOptions { lock: None, offline: true }, &environment).unwrap();
    let options = ReplaceOptions {
        existing: Existing::Optional,
        force_prune: false,
        prune: false,
        strict: true,
        allowed: Allowed::default(),
    };
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    let deps = ReplaceDeps { environment: &environment, facts: &mut facts, instances: &Idle, now };
    let files = [InputFile { name: "specs.yml".to_owned(), content: text.to_owned() }];
    replace::plan(state, &files, options, deps).await
}

/// Runs `replace --force` of documents.
pub async fn store(state: &StateStore, text: &str) -> Result<(), ReplaceError> {
    let plan = plan(state, text).await?;
    replace::apply(state, plan, &holder()).await
}

/// Everything in a state store but locks: key → content.
pub async fn contents(state: &StateStore) -> std::collections::BTreeMap<String, Vec<u8>> {
    let keys = state.store().list("").await.unwrap();
    let read = kopsform_state::read_all(&**state.store(), &keys).await.unwrap();
    let pairs = keys.into_iter().zip(read).filter(|(key, _)| !key.starts_with(".kopsform/"));
    pairs.map(|(key, stored)| (key, stored.unwrap().bytes.to_vec())).collect()
}
