//! Random clusters, random faults, random interruptions: the invariants of an update hold, it ends, and the next one finishes it.

use std::time::Duration;

use kopsform::ops::rolling_update::RollingUpdateOptions;
use kopsform_rolling::health::Scope;
use kopsform_rolling::ports::{Capabilities, Eviction, Refusal, Retryability};
use kopsform_spec::v1alpha2::InstanceGroupRole;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::clock::Ending;
use super::harness::{options, update};
use super::simulation::{Failure, GroupSpec, License, Simulation, Workload};

/// How many clusters there are in all, spread over the tests below, which run side by side. `PROPTEST_CASES` overrides it.
const CLUSTERS: u32 = 10_000;

/// As many as the tests below of one cloud.
const TESTS: u32 = 4;

#[derive(Debug, Clone)]
struct Case {
    groups: Vec<GroupSpec>,
    workloads: Vec<Workload>,
    failures: Vec<Failure>,
    /// After so many changes the process crashes; the next run begins so many seconds later.
    deaths: Vec<(usize, u64)>,
    parallel: usize,
    count: u32,
    force: bool,
    whole_cluster: bool,
}

fn control_plane() -> impl Strategy<Value = Vec<GroupSpec>> {
    let plane = |name: &str, size| GroupSpec::new(name, InstanceGroupRole::ControlPlane, size);
    let shapes = prop_oneof![
        Just(vec![plane("cp-a", 1)]),
        Just(vec![plane("cp-a", 1), plane("cp-b", 1), plane("cp-c", 1)]),
        Just(vec![plane("cp-a", 2), plane("cp-b", 1)]),
        Just(vec![plane("cp-a", 3)]),
    ];
    (shapes, 0usize..4, any::<bool>()).prop_map(|(mut groups, outdated, load_balancer)| {
        let mut left = outdated;
        for group in &mut groups {
            group.outdated = left.min(group.size);
            left -= group.outdated;
            group.load_balancer = load_balancer;
            group.unavailable = Some(2);
        }
        groups
    })
}

fn others() -> impl Strategy<Value = Vec<GroupSpec>> {
    (0usize..3, 0usize..3, 0usize..3).prop_map(|(bastions, servers, outdated)| {
        let mut groups = Vec::new();
        if bastions > 0 {
            let outdated = outdated.min(bastions);
            groups.push(GroupSpec { outdated, ..GroupSpec::new("jump", InstanceGroupRole::Bastion, bastions) });
        }
        if servers > 0 {
            let outdated = outdated.min(servers);
            groups.push(GroupSpec { outdated, ..GroupSpec::new("api", InstanceGroupRole::ApiServer, servers) });
        }
        groups
    })
}

fn workers(name: &'static str) -> impl Strategy<Value = GroupSpec> {
    let numbers = (0usize..5, 0usize..5, 0usize..2, 0usize..2, 0usize..2);
    let settings = (prop::option::of(0i32..4), prop::option::of(0i32..3), any::<bool>(), 0u8..6);
    (numbers, settings).prop_map(
        move |((size, outdated, annotated, warm, detached), (surge, unavailable, load_balancer, karpenter))| {
            let karpenter = karpenter == 0;
            let outdated = outdated.min(size);
            GroupSpec {
                karpenter,
                outdated,
                annotated: if karpenter { 0 } else { annotated.min(size - outdated) },
                warm: if karpenter { 0 } else { warm },
                detached: if karpenter { 0 } else { detached },
                surge,
                unavailable,
                load_balancer: load_balancer && !karpenter,
                ..GroupSpec::new(name, InstanceGroupRole::Node, size)
            }
        },
    )
}

fn failure(groups: usize) -> impl Strategy<Value = Failure> {
    let call = prop_oneof![
        Just("snapshot"),
        Just("nodes"),
        Just("node"),
        Just("patch"),
        Just("evict"),
        Just("pods"),
        Just("system pods"),
        Just("terminate"),
        Just("tag"),
        Just("detach"),
        Just("deregister"),
        Just("load balancer state"),
        Just("readyz"),
        Just("delete node"),
    ];
    let retryability = prop_oneof![
        Just(Retryability::Transient),
        Just(Retryability::Permanent),
        Just(Retryability::AccessDenied),
        Just(Retryability::Unauthenticated),
    ];
    let refusal = |several_budgets| Refusal { message: "no".to_owned(), budget: None, several_budgets };
    let evictions = prop_oneof![
        Just(Eviction::Missing("gone".to_owned())),
        any::<bool>().prop_map(move |several| Eviction::Refused(refusal(several))),
    ];
    prop_oneof![
        6 => (call, 0usize..12, 1usize..8, retryability)
            .prop_map(|(call, skip, times, retryability)| Failure::Calls { call, skip, times, retryability }),
        1 => (0..groups).prop_map(Failure::NeverJoins),
        1 => (0..groups).prop_map(Failure::NeverReady),
        1 => Just(Failure::GoneBefore),
        1 => evictions.prop_map(Failure::Evictions),
        1 => Just(Failure::HeldByFinalizer),
        1 => Just(Failure::NodesNotFound),
        1 => (0..groups, prop_oneof![Just("Launch"), Just("Terminate")])
            .prop_map(|(group, process)| Failure::Suspended(group, process)),
        1 => Just(Failure::DeregistrationHangs),
        1 => (0u64..400).prop_map(|seconds| Failure::EtcdFailsUntil(Duration::from_secs(seconds))),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let groups = (control_plane(), others(), workers("blue"), prop::option::of(workers("green"))).prop_map(
        |(mut groups, others, blue, green)| {
            groups.extend(others);
            groups.push(blue);
            groups.extend(green);
            groups
        },
    );
    groups.prop_flat_map(|groups| {
        let count = groups.len();
        let workload =
            (0..count, 0usize..5, prop::option::of(0usize..5), 0u8..8).prop_map(|(group, replicas, least, stuck)| {
                Workload { group, replicas, min_available: least.map(|l| l.min(replicas)), never_stops: stuck == 0 }
            });
        let dice = (1usize..4, 1u32..3, 0u8..5, 0u8..5);
        (
            Just(groups),
            prop::collection::vec(workload, 0..3),
            prop::collection::vec(failure(count), 0..3),
            prop::collection::vec((0usize..60, 0u64..90), 0..3),
            dice,
        )
            .prop_map(|(groups, workloads, failures, deaths, (parallel, count, force, whole))| Case {
                groups,
                workloads,
                failures,
                deaths,
                parallel,
                count,
                force: force == 0,
                whole_cluster: whole == 0,
            })
    })
}

/// The same cluster on Google Cloud: no Karpenter, no warm pools, nothing detached, no load balancers of instances, and a group
/// in each of up to three zones.
fn on_google(mut case: Case, zones: usize) -> Case {
    for group in &mut case.groups {
        (group.warm, group.detached, group.karpenter, group.load_balancer) = (0, 0, false, false);
        if group.role != InstanceGroupRole::ControlPlane {
            group.zones = zones;
        }
    }
    case
}

fn check(case: Case, capabilities: Capabilities) -> Result<(), TestCaseError> {
    let license = License { forced: case.force, ..License::default() };
    let simulation = Simulation::new(case.groups, case.workloads, case.failures).licensed(license);
    let simulation = simulation.with_capabilities(capabilities);
    let mut options: RollingUpdateOptions = options();
    options.parallel_groups = case.parallel;
    options.force = case.force;
    options.execution.validate_count = case.count;
    // Long enough for a node to join, short enough for ten thousand clusters.
    options.execution.validation_timeout = Duration::from_secs(150);
    options.execution.drain_timeout = Duration::from_secs(20);
    if case.whole_cluster {
        options.execution.scope = Scope::Cluster;
    }
    let demand = |good: bool, what: &str| {
        if good {
            return Ok(());
        }
        let (broken, untidy, trace) = (simulation.broken(), simulation.untidy(), simulation.trace().join("\n"));
        Err(TestCaseError::fail(format!("{what}\nbroken: {broken:#?}\nuntidy: {untidy:#?}\n{trace}")))
    };
    let mut ending = None;
    for (steps, pause) in case.deaths {
        simulation.die_after(Some(steps));
        let run = update(&simulation, &options);
        simulation.die_after(None);
        simulation.new_run();
        simulation.clock.advance(Duration::from_secs(pause));
        if !matches!(run.ending, Ending::Killed) {
            ending = Some(run.ending);
            break;
        }
    }
    let ending = ending.unwrap_or_else(|| update(&simulation, &options).ending);
    demand(simulation.broken().is_empty(), "an invariant is violated")?;
    match ending {
        Ending::Done(Ok(())) => {}
        Ending::Done(Err(_)) => {
            simulation.repair();
            simulation.new_run();
            simulation.clock.advance(Duration::from_secs(300));
            let again = update(&simulation, &options).ending;
            demand(matches!(again, Ending::Done(Ok(()))), &format!("after repair: {again:?}"))?;
        }
        other => demand(false, &format!("no end: {other:?}"))?,
    }
    demand(simulation.broken().is_empty(), "an invariant is violated after repair")?;
    demand(simulation.untidy().is_empty(), "not tidy")
}

/// Each test has a seed of its own, so that the four see different clusters, and every run sees the same ones.
fn check_many(seed: u8, cases: impl Strategy<Value = Case>, capabilities: Capabilities) {
    let clusters = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CLUSTERS);
    let config = Config { cases: clusters.div_ceil(TESTS), failure_persistence: None, ..Config::default() };
    let rng = proptest::test_runner::TestRng::from_seed(config.rng_algorithm, &[seed; 32]);
    let outcome = TestRunner::new_with_rng(config, rng).run(&cases, |case| check(case, capabilities));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn invariants_hold_in_random_clusters_1() {
    check_many(1, case(), Capabilities::AUTO_SCALING_GROUPS);
}

#[test]
fn invariants_hold_in_random_clusters_2() {
    check_many(2, case(), Capabilities::AUTO_SCALING_GROUPS);
}

#[test]
fn invariants_hold_in_random_clusters_3() {
    check_many(3, case(), Capabilities::AUTO_SCALING_GROUPS);
}

#[test]
fn invariants_hold_in_random_clusters_4() {
    check_many(4, case(), Capabilities::AUTO_SCALING_GROUPS);
}

fn check_many_on_google(seed: u8) {
    let cases = (case(), 1usize..4).prop_map(|(case, zones)| on_google(case, zones));
    check_many(seed, cases, Capabilities::MANAGED_INSTANCE_GROUPS);
}

#[test]
fn invariants_hold_in_random_clusters_on_google_cloud_1() {
    check_many_on_google(5);
}

#[test]
fn invariants_hold_in_random_clusters_on_google_cloud_2() {
    check_many_on_google(6);
}

#[test]
fn invariants_hold_in_random_clusters_on_google_cloud_3() {
    check_many_on_google(7);
}

#[test]
fn invariants_hold_in_random_clusters_on_google_cloud_4() {
    check_many_on_google(8);
}
