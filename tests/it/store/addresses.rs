//! Addresses of stores: one prefix for everything in a store, and no directory for a mistyped address.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{Backends, FileStore, ObjectStorage, StateStore, Store, decode};

use crate::support::{copy, files, kopsform, root, stderr, succeed};

const CLUSTER: &str = "minimal.k8s.local";
const BUCKET: &str = "example-kops-state";

/// The smallest example with its configuration below a prefix that has two slashes.
fn project() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    copy(&root().join("examples/minimal"), home.path());
    let spec = home.path().join("cluster.yml");
    let text = std::fs::read_to_string(&spec).unwrap();
    let (plain, doubled) = (format!("s3://{BUCKET}/{CLUSTER}"), format!("s3://{BUCKET}/a//{CLUSTER}"));
    assert!(text.contains(&plain), "{text}");
    std::fs::write(&spec, text.replace(&plain, &doubled)).unwrap();
    home
}

/// The prefixes under which Terraform uploads files, and those that policies name, without the cluster's name and what follows.
fn prefixes(out: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut uploads, mut policies) = (BTreeSet::new(), BTreeSet::new());
    let before_cluster = |text: &str| text.split_once(CLUSTER).map(|(prefix, _)| prefix.to_owned());
    for (name, content) in files(out) {
        let content = String::from_utf8(content).unwrap();
        if name.ends_with(".tf") {
            let objects = content.split("resource \"aws_s3_object\"").skip(1);
            let keys = objects.map(|object| object.lines().find(|line| line.trim().starts_with("key ")).unwrap());
            uploads.extend(keys.map(|line| before_cluster(line.split('"').nth(1).unwrap()).unwrap()));
        }
        let bucket = format!("arn:aws:s3:::{BUCKET}/");
        let arns = content.split(&bucket).skip(1);
        policies.extend(arns.filter_map(|rest| before_cluster(rest.split('"').next().unwrap())));
    }
    (uploads, policies)
}

/// Object storage that keeps each bucket in a directory, so that addresses show where a store lies.
struct Directories;

impl ObjectStorage for Directories {
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        Arc::new(FileStore::new(format!("/{bucket}/{prefix}")))
    }

    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        self.open(bucket, prefix)
    }
}

#[test]
fn a_store_that_ends_with_the_command_is_refused() {
    let home = project();
    let mut replace = kopsform(home.path());
    replace.current_dir(home.path()).env("KOPS_STATE_STORE", "memfs://x");
    let output = replace.args(["replace", "-f", "cluster.yml", "--force", "--offline"]).output().unwrap();
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("memfs://x is kept in memory only") && error.contains("hint: use s3://"), "{error}");
}

#[test]
fn keysets_files_and_policies_share_one_prefix() {
    let home = project();
    succeed(kopsform(home.path()).current_dir(home.path()).args(["sync", "--offline"]));
    let one = BTreeSet::from(["a/".to_owned()]);
    assert_eq!(prefixes(&home.path().join("out")), (one.clone(), one));

    let text = std::fs::read_to_string(home.path().join("cluster.yml")).unwrap();
    let cluster: Cluster = decode("cluster.yml", text.split("---").next().unwrap().as_bytes()).unwrap();
    let backends = Backends { s3: Some(Arc::new(Directories)), ..Backends::default() };
    let state = StateStore::open(&format!("s3://{BUCKET}//"), backends).unwrap();
    let store = state.cluster(CLUSTER).located(&cluster).unwrap();
    let below = format!("file:///{BUCKET}/a/{CLUSTER}");
    assert_eq!(
        store.keys().url("private/kubernetes-ca/keyset.yaml"),
        format!("{below}/pki/private/kubernetes-ca/keyset.yaml")
    );
    assert_eq!(store.secret_store().url("kube"), format!("{below}/secrets/kube"));
    assert_eq!(store.base().url("addons/bootstrap-channel.yaml"), format!("{below}/addons/bootstrap-channel.yaml"));
}

#[test]
fn a_directory_with_two_slashes_is_the_one_with_one() {
    let home = project();
    for state in ["a//b/", "a/b"] {
        let url = format!("file://{}//{state}", home.path().display());
        let command = ["replace", "--force", "--offline", "-f", "cluster.yml", "--state", &url];
        succeed(kopsform(home.path()).current_dir(home.path()).args(command));
    }
    assert!(home.path().join("a/b").join(CLUSTER).join("config").is_file());
}

#[cfg(feature = "aws")]
#[test]
fn in_a_bucket_keysets_files_and_policies_share_one_prefix() {
    use super::moto::{moto, request, settings, state_store};
    let Some(moto) = moto() else { return };
    // The example's lock file records this bucket.
    let answer = request(&moto.address, "PUT", &format!("/{BUCKET}"), "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let home = project();
    let url = format!("s3://{BUCKET}//registry/");
    let mut command = kopsform(home.path());
    command.current_dir(home.path()).envs(settings(&moto.address)).args(["sync", "--offline", "--state", &url]);
    succeed(&mut command);
    let one = BTreeSet::from(["a/".to_owned()]);
    assert_eq!(prefixes(&home.path().join("out")), (one.clone(), one));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = runtime.block_on(state_store(&moto.address, BUCKET).store().list("")).unwrap();
    for key in [
        format!("registry/{CLUSTER}/config"),
        format!("a/{CLUSTER}/pki/private/kubernetes-ca/keyset.yaml"),
        format!("a/{CLUSTER}/secrets/kube"),
    ] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    assert!(keys.iter().all(|key| !key.contains("//")), "{keys:?}");
}

#[test]
fn a_mistyped_address_makes_no_directory() {
    let home = project();
    let before = files(home.path());
    for state in ["s3://", "s3:/bucket", "s3:bucket", "gs:", "http:", "file:", "file://", "~", "~/state", "my-bucket"] {
        for by_flag in [true, false] {
            let mut command = kopsform(home.path());
            command.current_dir(home.path()).args(["replace", "--force", "--offline", "-f", "cluster.yml"]);
            match by_flag {
                true => command.args(["--state", state]),
                false => command.env("KOPS_STATE_STORE", state),
            };
            let output = command.output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(1), "{state}: {said}");
            assert!(said.contains(&format!("state store {state:?}")) && said.contains("hint: "), "{state}: {said}");
            assert_eq!(files(home.path()), before, "{state}");
        }
    }
    // In a project's file, bare names are paths below the project, but mistyped addresses are not.
    for state in ["s3://", "s3:/bucket", "gs:", "file://", "~/state"] {
        let settings = home.path().join("kopsform.yaml");
        let text = std::fs::read_to_string(root().join("examples/minimal/kopsform.yaml")).unwrap();
        std::fs::write(&settings, text.replace("store: state", &format!("store: \"{state}\""))).unwrap();
        let before = files(home.path());
        let output = kopsform(home.path()).current_dir(home.path()).args(["sync", "--offline"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{state}");
        assert!(stderr(&output).contains("hint: "), "{state}: {}", stderr(&output));
        assert_eq!(files(home.path()), before, "{state}");
    }
}
