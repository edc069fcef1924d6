//! Updates that are killed, stopped or fail in the middle: the next one ends in the same account, with nothing in it twice.
//!
//! `KOPSFORM_TEST_EVERY_POINT=1` kills after each request that writes, and not only after some.

use std::process::{Child, Stdio};

use serde_json::Value;

use super::{CLUSTER, NAME, replace, shown, update};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::{points, stderr, succeed};

/// How many points are tried unless all are.
const SOME: usize = 3;

/// A cluster with a load balancer and the queue of the node termination handler, in private subnets.
pub(super) fn cluster() -> String {
    CLUSTER
        .replace("  api: {dns: {}}\n", "  api: {loadBalancer: {type: Public, class: Network}}\n  nodeTerminationHandler: {enabled: true, enableSQSTerminationDraining: true}\n")
        .replace("topology: {dns: {type: Public}}", "topology: {dns: {type: None}}")
        .replace("type: Public, cidr: 10.30.0.0/22}", "type: Private, cidr: 10.30.0.0/22}\n  - {name: utility-a, zone: us-east-1a, type: Utility, cidr: 10.30.4.0/22}")
}

/// A simulator with the cluster in its store, and a home.
fn start() -> Option<(SimulatedAws, tempfile::TempDir)> {
    let aws = SimulatedAws::start()?;
    let home = tempfile::tempdir().unwrap();
    // Creating the keysets is interrupted, too.
    replace(&aws, home.path(), &cluster());
    Some((aws, home))
}

/// The account after an update without failures, and how many requests it took to write it.
fn undisturbed() -> Option<(Value, usize)> {
    let (aws, home) = start()?;
    aws.count();
    succeed(&mut update(&aws, home.path(), &["--yes"]));
    let writes = aws.writes();
    Some((aws.account(), writes))
}

/// Asserts that accounts are the same, and names what differs.
pub(super) fn assert_same(account: &Value, expected: &Value, context: &str) {
    for (kind, wanted) in expected.as_object().unwrap() {
        let found = &account[kind];
        let items = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let missing: Vec<Value> = items(wanted).into_iter().filter(|item| !items(found).contains(item)).collect();
        let surplus: Vec<Value> = items(found).into_iter().filter(|item| !items(wanted).contains(item)).collect();
        assert!(
            items(found).len() == items(wanted).len() && missing.is_empty() && surplus.is_empty(),
            "{context}: {kind}: missing {missing:#?}, surplus {surplus:#?}, {} instead of {}",
            items(found).len(),
            items(wanted).len()
        );
    }
}

fn begin(aws: &SimulatedAws, home: &std::path::Path) -> Child {
    update(aws, home, &["--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn an_update_that_is_killed_after_any_write_is_continued_by_the_next() {
    let Some((expected, writes)) = undisturbed() else { return };
    assert!(writes > 60, "{writes}");
    for point in points(writes, SOME) {
        let Some((aws, home)) = start() else { return };
        let mut killed = begin(&aws, home.path());
        aws.kill_after(killed.id(), point);
        assert!(!killed.wait().unwrap().success(), "it was not killed after {point} of {writes} writes");
        aws.count();
        succeed(&mut update(&aws, home.path(), &["--yes"]));
        assert_same(&aws.account(), &expected, &format!("killed after {point} of {writes} writes"));
        assert_eq!(shown(&mut update(&aws, home.path(), &[])), "No changes need to be applied\n");
    }
}

#[test]
fn requests_that_fail_are_repeated_and_nothing_is_made_twice() {
    let Some((expected, _)) = undisturbed() else { return };
    for seed in [1, 2] {
        let Some((aws, home)) = start() else { return };
        aws.fail(5, seed);
        succeed(&mut update(&aws, home.path(), &["--yes"]));
        aws.count();
        assert_same(&aws.account(), &expected, &format!("seed {seed}"));
    }
}

#[test]
fn a_signal_stops_the_update_and_says_what_is_left() {
    let Some((aws, home)) = start() else { return };
    aws.count();
    let child = begin(&aws, home.path());
    let process = child.id().to_string();
    while aws.writes() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(std::process::Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("stopping at the next safe point"), "{error}");
    assert!(error.contains("stopped, because it was interrupted") && error.contains("\nmade: "), "{error}");
    assert!(error.contains("\nnot started:\n") && error.contains("  AutoscalingGroup/nodes."), "{error}");
    let lock = aws.kopsform(home.path()).args(["state", "show", "--name", NAME]).output().unwrap();
    assert!(!String::from_utf8_lossy(&lock.stdout).contains("update cluster"), "the lock is still held");
    succeed(&mut update(&aws, home.path(), &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home.path(), &[])), "No changes need to be applied\n");
}

#[test]
fn a_second_update_waits_for_the_first_or_names_it() {
    let Some((aws, home)) = start() else { return };
    let mut state = aws.kopsform(home.path());
    succeed(state.args(["state", "lock", "--name", NAME]));
    let preview = shown(&mut update(&aws, home.path(), &[]));
    assert!(preview.contains("Will create resources:"), "a preview needs no lock: {preview}");
    aws.count();
    let output = update(&aws, home.path(), &["--yes"]).output().unwrap();
    assert!(stderr(&output).contains("is locked by"), "{}", stderr(&output));
    assert_eq!(aws.writes(), 0, "something was written without the lock");
}
