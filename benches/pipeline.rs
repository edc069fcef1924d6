//! The whole pipeline, from a template to Terraform files, with keys present: `sync --offline` on clusters of 1 to 1000
//! instance groups. The state store is in memory; files are written to a temporary directory.
//!
//! `cargo bench --no-default-features` shows times; the first run of each writes, the others find everything unchanged.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use kopsform::ops::sync::{self, Step, Sync};
use kopsform::project::{self, Project};
use kopsform_env::Environment;
use kopsform_pki::SystemKeySource;
use kopsform_state::StateStore;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

const GROUP: &str = "\
{{- range $i, $_ := until (int .groups) }}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: nodes-{{ $i }}
  labels:
    kops.k8s.io/cluster: minimal.k8s.local
spec:
  role: Node
  image: ami-0123456789abcdef0
  machineType: t3.medium
  minSize: 1
  maxSize: {{ add 3 $i }}
  nodeLabels:
    example.com/pool: pool-{{ $i }}
  subnets: [us-east-1a]
{{- end }}
";

/// A project in a directory: the smallest example with more groups.
struct Fixture {
    directory: tempfile::TempDir,
    project: Project,
    state: StateStore,
    environment: Environment,
    runtime: Runtime,
}

impl Fixture {
    fn of(groups: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/minimal");
        let text = fs::read_to_string(example.join("cluster.yml")).unwrap();
        // The example has one group of nodes; the rest of them follow.
        fs::write(directory.path().join("cluster.yml"), format!("{text}{GROUP}")).unwrap();
        fs::write(directory.path().join("values.yaml"), format!("groups: {}\n", groups - 1)).unwrap();
        fs::copy(example.join("kopsform.lock"), directory.path().join("kopsform.lock")).unwrap();
        let settings = "templates: [cluster.yml]\nvalues: [values.yaml]\nlock: kopsform.lock\nterraform: {out: out}\n";
        let project = project::read("kopsform.yaml", settings).unwrap().object;
        let environment = Environment::default();
        let state = kopsform::ops::support::stores::open_state("memfs://bench", &environment).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { directory, project, state, environment, runtime }
    }

    fn sync(&self, skip: &[Step]) {
        let keys = Arc::new(SystemKeySource::from_environment(&self.environment).unwrap());
        let directory = self.directory.path().to_owned();
        let base = Sync::of_project(&self.project, directory, self.state.clone(), &self.environment, keys, "bench");
        let sync = Sync { skip: skip.to_vec(), offline: true, ..base };
        self.runtime.block_on(sync::run(&sync, &mut |_| {})).expect("the example is right");
    }
}

/// Everything: templates, checks, state store, model, files.
#[divan::bench(args = [1, 10, 100, 1000], sample_count = 10)]
fn text_to_files(bencher: Bencher<'_, '_>, groups: usize) {
    let fixture = Fixture::of(groups);
    fixture.sync(&[]);
    bencher.bench_local(|| fixture.sync(&[]));
}

/// Without the model and the files: what reading, checking and comparing takes.
#[divan::bench(args = [1, 10, 100, 1000], sample_count = 10)]
fn text_to_store(bencher: Bencher<'_, '_>, groups: usize) {
    let fixture = Fixture::of(groups);
    fixture.sync(&[Step::Terraform]);
    bencher.bench_local(|| fixture.sync(&[Step::Terraform]));
}
