//! Lock files, manifests of output directories, journals of rolling updates, and Terraform's plans.

use std::collections::BTreeSet;
use std::sync::Arc;

use kopsform_model::facts::{Facts, lock};
use kopsform_rolling::journal::{Journal, JournalStep};
use kopsform_state::{Condition, MemoryStore, Store};
use kopsform_terraform::manifest::{Manifest, is_ours};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::input::{LONGEST_MESSAGE, bounded, config, files, mutated, token};

const CLUSTER: &str = "demo.example.com";

/// The SHA-256 of an empty file.
const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A journal as a run leaves it.
const JOURNALS: [&str; 2] = [
    r#"{"format":1,"began":"2026-01-01T00:00:00Z","forced":["i-1","i-2"]}"#,
    r#"{"format":1,"instances":{"i-1":{"node":"a","tainted":true,"cordoned":true,"steps":[["drained","2026-01-01T00:00:00Z"]]}}}"#,
];

/// A plan with something of every kind that is protected.
const PLAN: &str = r#"{"format_version": "1.2", "resource_changes": [
    {"address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume", "action_reason": "replace_because_cannot_update",
     "change": {"actions": ["delete", "create"], "replace_paths": [["encrypted"]], "after_unknown": {"id": true},
      "before": {"id": "vol-1", "tags": {"KubernetesCluster": "a.example.com", "k8s.io/etcd/main": "a/a"}}, "after": {}}},
    {"address": "module.m[\"a\"].aws_lb.b", "mode": "managed", "type": "aws_lb", "change": {"actions": ["delete"],
      "before": {"arn": "arn:x:loadbalancer/net/api-x/1", "tags": {"KubernetesCluster": "a.example.com", "Name": "api.a.example.com"}}}},
    {"address": "aws_lb_listener.c", "mode": "managed", "type": "aws_lb_listener", "change": {"actions": ["delete"],
      "before": {"load_balancer_arn": "arn:x:loadbalancer/net/api-x/1", "port": 443,
       "default_action": [{"target_group_arn": "arn:y"}]}}},
    {"address": "aws_autoscaling_group.d", "mode": "managed", "type": "aws_autoscaling_group", "change": {"actions": ["update"],
      "before": {"name": "d", "max_size": 1, "target_group_arns": ["arn:y"], "tag": [{"key": "k8s.io/role/master", "value": "1"}]},
      "after": {"name": "d", "max_size": 0, "target_group_arns": []}}}
]}"#;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lock_files(text in mutated(files(["examples/minimal/kopsform.lock", "tests/project/kopsform.lock"]))) {
        let home = tempfile::tempdir().unwrap();
        let (path, copy) = (home.path().join("kopsform.lock"), home.path().join("copy.lock"));
        std::fs::write(&path, &text).unwrap();
        match bounded(|| lock::read(&path)) {
            Err(error) => {
                use kopsform_diagnostics::Explain as _;
                let said = kopsform_diagnostics::with_causes(&error);
                prop_assert!(said.contains("kopsform.lock") && said.len() < LONGEST_MESSAGE, "{said}");
                let _ = error.hints();
            }
            Ok(facts) => {
                lock::write(&copy, &facts).unwrap();
                let again = bounded(|| lock::read(&copy)).unwrap();
                prop_assert_eq!(Facts { version: 1, ..facts }, again);
            }
        }
    }

    #[test]
    fn plans(text in mutated(vec![PLAN.to_owned()])) {
        use kopsform_diagnostics::Explain as _;
        use kopsform_terraform::plan::{Plan, check};
        match bounded(|| Plan::parse(text.as_bytes())) {
            Ok(plan) => {
                for finding in bounded(|| check(&plan)) {
                    prop_assert!(!finding.hint.is_empty() && !finding.addresses.is_empty());
                }
            }
            Err(error) => {
                prop_assert!(error.to_string().len() < LONGEST_MESSAGE, "{error}");
                prop_assert!(!error.hints().is_empty());
            }
        }
    }

    #[test]
    fn manifests(
        text in mutated(vec![format!(
            concat!(
                r#"{{"version": 3, "layout": "single", "files": {{"data/a b": "{HASH}", "kubernetes.tf": "{HASH}"}}, "#,
                r#""addresses": {{"Vpc/a": "aws_vpc.a"}}}}"#
            ),
            HASH = HASH
        )]),
        names in vec(token(), 0..4),
    ) {
        if let Ok(manifest) = bounded(|| Manifest::parse(text.as_bytes())) {
            prop_assert!(manifest.files.keys().all(|file| is_ours(file)));
            if manifest.files.values().all(Option::is_some) {
                let again = Manifest::parse(manifest.to_text().as_bytes()).unwrap();
                prop_assert_eq!(&again.files, &manifest.files);
                // The second format had no resources.
                prop_assert!(manifest.resources.is_none() || again.resources == manifest.resources);
            }
        }
        // Manifests of earlier releases have names only.
        let text = json!({ "version": 1, "files": names }).to_string();
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        let ours: BTreeSet<_> = names.iter().filter(|name| is_ours(name)).collect();
        prop_assert_eq!(manifest.files.keys().collect::<BTreeSet<_>>(), ours);
        let hashes: serde_json::Map<_, _> = names.iter().map(|name| (format!("data/{name}"), json!(HASH))).collect();
        let manifest = Manifest::parse(json!({ "version": 2, "files": hashes }).to_string().as_bytes()).unwrap();
        prop_assert_eq!(Manifest::parse(manifest.to_text().as_bytes()).unwrap().files, manifest.files);
    }

    #[test]
    fn journals(
        run in mutated(vec![JOURNALS[0].to_owned()]),
        group in mutated(vec![JOURNALS[1].to_owned()]),
        node in token(),
    ) {
        runtime().block_on(async {
            let store = Arc::new(MemoryStore::new());
            // The keys of a journal are found from those that one writes.
            let journal = Journal::open(store.clone(), CLUSTER).await.unwrap();
            let now = jiff::Timestamp::UNIX_EPOCH;
            journal.begin(now, None, &BTreeSet::new()).await.unwrap();
            let instances = [("i-1", Some(node.as_str()))];
            journal.note("nodes", &instances, now, JournalStep::Drained, |_| {}).await.unwrap();
            let reopened = Journal::open(store.clone(), CLUSTER).await.unwrap();
            prop_assert_eq!(reopened.unfinished().await.map(|run| run.began), Some(now.to_string()));
            let group_read = reopened.group("nodes").await;
            prop_assert_eq!(group_read["i-1"].node.as_deref(), Some(node.as_str()));

            for key in store.list("").await.unwrap() {
                let text = if key.contains("groups/") { &group } else { &run };
                store.write(&key, text.as_bytes(), Condition::None).await.unwrap();
            }
            match Journal::open(store.clone(), CLUSTER).await {
                Err(error) => prop_assert!(error.to_string().len() < LONGEST_MESSAGE, "{error}"),
                Ok(journal) => {
                    let _ = (journal.unfinished().await, journal.group("nodes").await);
                    // It can go on from what it read.
                    let _ = journal.note("nodes", &instances, now, JournalStep::Drained, |_| {}).await;
                    prop_assert!(Journal::open(store.clone(), CLUSTER).await.is_ok());
                }
            }
            Ok(())
        })?;
    }
}
