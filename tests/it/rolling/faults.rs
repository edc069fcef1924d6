//! What happens when something goes wrong: for each retryability a defined outcome, exit code and message.

use std::time::Duration;

use kopsform::ops::rolling_update::{RollingUpdateError, RollingUpdateOptions};
use kopsform_diagnostics::Explain as _;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::events::Event;
use kopsform_rolling::execute::OnDrainTimeout;
use kopsform_rolling::health::Scope;
use kopsform_rolling::ports::{Answer, Eviction, Refusal, Retryability};
use kopsform_spec::v1alpha2::InstanceGroupRole::{ControlPlane, Node};

use super::harness::{Run, Staging, options, staged, update};
use super::simulation::{Failure, GroupSpec, License, Simulation, Workload};

/// A healthy control plane and a group of outdated workers.
pub(super) fn workers(size: usize) -> Vec<GroupSpec> {
    vec![GroupSpec { outdated: 0, ..GroupSpec::new("cp", ControlPlane, 1) }, GroupSpec::new("nodes", Node, size)]
}

pub(super) fn pods(group: usize, replicas: usize) -> Workload {
    Workload { group, replicas, ..Workload::default() }
}

fn calls(call: &'static str, times: usize, retryability: Retryability) -> Failure {
    Failure::Calls { call, skip: 0, times, retryability }
}

/// The error's text with its causes, its hints, and the exit code it ends the program with.
pub(super) fn said(run: &Run) -> (String, String, ExitCode) {
    let error = run.error();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    (text, error.hints().join("\n"), error.exit_code())
}

#[track_caller]
pub(super) fn kept_its_invariants(simulation: &Simulation) {
    assert_eq!(simulation.broken(), Vec::<String>::new(), "{}", simulation.trace().join("\n"));
}

#[track_caller]
pub(super) fn finished(simulation: &Simulation, run: &Run) {
    run.succeeded();
    kept_its_invariants(simulation);
    assert_eq!(simulation.untidy(), Vec::<String>::new());
}

#[test]
fn an_api_that_fails_for_a_while_is_asked_again() {
    for call in ["nodes", "node", "patch", "system pods", "pods", "evict", "budgets"] {
        let simulation = Simulation::new(workers(2), vec![pods(1, 3)], vec![calls(call, 4, Retryability::Transient)]);
        let run = update(&simulation, &options());
        finished(&simulation, &run);
    }
}

#[test]
fn an_api_that_does_not_answer_ends_the_run_before_anything_is_touched() {
    let simulation = Simulation::new(workers(2), Vec::new(), vec![calls("nodes", 999, Retryability::Transient)]);
    let run = update(&simulation, &options());
    let (text, hints, code) = said(&run);
    assert_eq!((text.as_str(), code), ("error listing nodes in cluster: nodes: simulated", ExitCode::Error));
    assert!(hints.contains("Use --cloudonly to do a rolling-update"), "{hints}");
    assert_eq!((simulation.calls("nodes"), simulation.steps()), (5, 0), "five attempts, no change");
}

#[test]
fn an_api_that_goes_away_in_the_middle_is_waited_for_and_then_an_error() {
    let away = |times| vec![Failure::Calls { call: "nodes", skip: 4, times, retryability: Retryability::Transient }];
    let simulation = Simulation::new(workers(2), Vec::new(), away(40));
    finished(&simulation, &update(&simulation, &options()));

    let simulation = Simulation::new(workers(2), Vec::new(), away(9_999));
    let run = update(&simulation, &options());
    let (text, hints, code) = said(&run);
    assert!(text.contains("cluster did not validate within a duration of \"15m0s\""), "{text}");
    assert!(hints.contains("error listing nodes: nodes: simulated"), "{hints}");
    assert_eq!(code, ExitCode::Error);
    kept_its_invariants(&simulation);
}

#[test]
fn a_drain_goes_on_while_the_api_is_away() {
    let away = |times| vec![Failure::Calls { call: "pods", skip: 1, times, retryability: Retryability::Transient }];
    let simulation = Simulation::new(workers(2), vec![pods(1, 2)], away(12));
    let run = update(&simulation, &options());
    finished(&simulation, &run);
    assert!(run.reported("the drain of i-nodes-0 goes on: pods: simulated"), "{:?}", run.events);

    let simulation = Simulation::new(workers(2), vec![pods(1, 2)], away(9_999));
    let (text, ..) = said(&update(&simulation, &options()));
    assert!(text.ends_with("failed to drain node \"i-nodes-0\": pods: simulated"), "{text}");
    assert_eq!(simulation.terminated(), Vec::<String>::new());
}

#[test]
fn a_node_that_never_joins_stops_everything_and_is_named() {
    let mut groups = workers(3);
    groups.push(GroupSpec::new("other", Node, 1));
    let simulation = Simulation::new(groups, Vec::new(), vec![Failure::NeverJoins(1)]);
    let run = update(&simulation, &options());
    let (text, hints, code) = said(&run);
    assert_eq!(
        text,
        "stopping rolling-update in group nodes: error validating cluster after detaching instance: \
         cluster did not validate within a duration of \"15m0s\""
    );
    assert!(hints.contains("machine \"i-nodes-r5\" has not yet joined cluster"), "{hints}");
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, Vec::new()), "no old instance is lost");
    assert!(run.reported("left behind: i-nodes-2 is detached from its group, tainted"));
    kept_its_invariants(&simulation);

    simulation.repair();
    simulation.clock.advance(Duration::from_secs(60));
    finished(&simulation, &update(&simulation, &options()));
}

#[test]
fn a_pod_that_never_ends_times_the_drain_out() {
    let stuck = Workload { never_stops: true, ..pods(1, 1) };
    let simulation = Simulation::new(workers(2), vec![stuck], Vec::new());
    let run = update(&simulation, &options());
    let (text, _, code) = said(&run);
    assert!(
        text.starts_with("failed to roll group nodes: failed to drain node \"i-nodes-0\": still there after 1m0s: pod")
    );
    assert!(text.contains("(evicted and still running)"), "{text}");
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, Vec::new()));
    kept_its_invariants(&simulation);
}

/// Four pods of which four have to be healthy: no eviction is ever allowed.
fn blocked() -> Simulation {
    let tight = Workload { min_available: Some(4), ..pods(1, 4) };
    let mut groups = workers(2);
    groups.push(GroupSpec::new("other", Node, 1));
    Simulation::new(groups, vec![tight], Vec::new())
}

#[test]
fn a_budget_that_never_allows_is_named_before_and_after() {
    let simulation = blocked();
    let run = update(&simulation, &options());
    let preflight = run.events.first().map(ToString::to_string).unwrap_or_default();
    assert!(preflight.starts_with("disruption budget default/w0 allows no eviction now (4 of 4 needed"), "{preflight}");
    assert!(run.reported("disruption budget w0: 0 disruptions allowed, 4 of 4 needed pods healthy"));
    let (text, hints, code) = said(&run);
    assert!(text.contains("failed to drain node \"i-nodes-0\"") && text.contains("disruption budget w0"), "{text}");
    assert!(hints.contains("--on-drain-timeout=skip"), "{hints}");
    assert_eq!(code, ExitCode::Error);
    assert_eq!(simulation.terminated(), ["i-other-0"], "other groups are updated all the same");
    kept_its_invariants(&simulation);
}

#[test]
fn an_answer_that_a_pod_is_gone_is_checked() {
    let missing = Failure::Evictions(Eviction::Missing("denied the request: a backup is running".to_owned()));
    let simulation = Simulation::new(workers(2), vec![pods(1, 2)], vec![missing]);
    let run = update(&simulation, &options());
    let (text, hints, code) = said(&run);
    assert!(text.starts_with("failed to roll group nodes: failed to drain node \"i-nodes-0\": evict pod default/w0-"));
    assert!(text.ends_with(": denied the request: a backup is running (the pod is still on the node)"), "{text}");
    assert!(hints.contains("run the same command again to continue, or with --abort"), "{hints}");
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, Vec::new()));
    kept_its_invariants(&simulation);
    simulation.repair();
    finished(&simulation, &update(&simulation, &options()));
}

#[test]
fn a_node_that_is_not_found_and_listed_is_not_gone() {
    let simulation = Simulation::new(workers(2), vec![pods(1, 2)], vec![Failure::NodesNotFound]);
    let run = update(&simulation, &options());
    let (text, ..) = said(&run);
    assert!(text.contains("cordon node i-nodes-0: the API does not find the node, and lists it"), "{text}");
    assert_eq!(simulation.terminated(), Vec::<String>::new());
    kept_its_invariants(&simulation);
}

#[test]
fn a_node_that_registers_after_the_plan_is_drained() {
    let late = Failure::RegisterAt(1, Duration::from_secs(30));
    let groups = vec![
        GroupSpec { outdated: 0, ..GroupSpec::new("cp", ControlPlane, 1) },
        GroupSpec { surge: Some(0), ..GroupSpec::new("nodes", Node, 2) },
    ];
    let simulation = Simulation::new(groups, vec![pods(1, 2)], vec![late]);
    let run = update(&simulation, &options());
    finished(&simulation, &run);
    assert!(run.reported("draining i-nodes-0"), "{:?}", run.events);
}

/// The answer when several budgets cover a pod.
fn several_budgets() -> Failure {
    let message = "This pod has more than one PodDisruptionBudget".to_owned();
    Failure::Evictions(Eviction::Refused(Refusal { message, budget: None, several_budgets: true }))
}

#[test]
fn several_budgets_for_a_pod_end_the_drain_at_once() {
    let budgeted = || vec![Workload { min_available: Some(1), ..pods(1, 2) }];
    let simulation = Simulation::new(workers(2), budgeted(), vec![several_budgets()]);
    let run = update(&simulation, &options());
    let (text, hints, _) = said(&run);
    assert!(
        text.contains(": evict pod default/w0-") && text.ends_with("more than one PodDisruptionBudget (w0)"),
        "{text}"
    );
    assert!(hints.contains("delete all but one of w0"), "{hints}");
    assert_eq!((simulation.terminated(), simulation.calls("evict")), (Vec::new(), 1), "it is not asked again");

    let mut options = options();
    options.execution.on_drain_timeout = OnDrainTimeout::Force;
    finished(&simulation, &update(&simulation, &options));
}

#[test]
fn a_refusal_shows_the_answer_and_no_budget_that_is_not_in_the_way() {
    let message = "admission webhook \"kubevirt.io\" denied the request: Eviction triggered evacuation".to_owned();
    let webhook = Failure::Evictions(Eviction::Refused(Refusal { message, budget: None, several_budgets: false }));
    let allowing = Workload { min_available: Some(1), ..pods(1, 4) };
    let simulation = Simulation::new(workers(2), vec![allowing], vec![webhook]);
    let run = update(&simulation, &options());
    assert!(run.reported("(admission webhook \"kubevirt.io\" denied the request: Eviction triggered evacuation)"));
    assert!(!run.reported("disruption budget"), "{:?}", run.events);
    assert_eq!(simulation.terminated(), Vec::<String>::new());
}

#[test]
fn a_pod_that_a_finalizer_holds_is_reported_at_once() {
    let simulation = Simulation::new(workers(2), vec![pods(1, 1)], vec![Failure::HeldByFinalizer]);
    let run = update(&simulation, &options());
    let blocked = run.events.iter().position(|e| matches!(e, Event::Blocked { .. })).expect("it is reported");
    let draining = run.events.iter().position(|e| matches!(e, Event::Draining { .. })).expect("it is drained");
    assert_eq!(blocked, draining + 1, "{:?}", run.events);
    let held =
        "(terminating since 2026-01-01T00:00:00Z, not evicted by this update, held by finalizer example.com/wait)";
    assert!(run.events[blocked].to_string().ends_with(held), "{}", run.events[blocked]);
    let (text, hints, _) = said(&run);
    assert!(text.ends_with(held), "{text}");
    assert!(hints.contains("a pod with a finalizer stays") && !hints.contains("evictions can be allowed"), "{hints}");
    assert_eq!((simulation.calls("evict"), simulation.terminated()), (0, Vec::new()));
}

#[test]
fn denied_access_ends_the_run_at_once() {
    for (call, retryability, hint) in [
        ("snapshot", Retryability::Unauthenticated, "renew them"),
        ("nodes", Retryability::Unauthenticated, "renew them"),
        ("system pods", Retryability::AccessDenied, "lack this permission"),
    ] {
        let failure = Failure::Calls { call, skip: 2, times: 9_999, retryability };
        let simulation = Simulation::new(workers(3), Vec::new(), vec![failure]);
        let run = update(&simulation, &options());
        let (text, hints, code) = said(&run);
        assert!(text.contains("error validating cluster") && text.contains(&format!("{call}: simulated")), "{text}");
        assert!(hints.contains(hint) && hints.contains("run the same command again to continue"), "{hints}");
        assert_eq!(code, ExitCode::Error);
        let waited = |e: &Event| matches!(e, Event::NotHealthy { .. }) && e.to_string().contains("simulated");
        assert!(!run.events.iter().any(waited), "{:?}", run.events);
        kept_its_invariants(&simulation);
        simulation.repair();
        simulation.clock.advance(Duration::from_secs(60));
        finished(&simulation, &update(&simulation, &options()));
    }
}

#[test]
fn without_access_no_failed_drain_is_ignored() {
    for call in ["patch", "pods", "evict"] {
        let failure = Failure::Calls { call, skip: 0, times: 9_999, retryability: Retryability::Unauthenticated };
        let simulation = Simulation::new(workers(2), vec![pods(1, 2)], vec![failure]);
        let mut options = options();
        options.execution.fail_on_drain_error = false;
        let (text, hints, _) = said(&update(&simulation, &options));
        assert!(text.starts_with("stopping rolling-update in group nodes: failed to "), "{text}");
        assert!(hints.contains("renew them"), "{hints}");
        assert_eq!((simulation.terminated(), simulation.calls(call)), (Vec::new(), 1), "{call}");
    }
}

#[test]
fn without_access_no_undrained_update_is_suggested() {
    let simulation = Simulation::new(workers(2), Vec::new(), vec![calls("nodes", 999, Retryability::Unauthenticated)]);
    let (text, hints, _) = said(&update(&simulation, &options()));
    assert_eq!(text, "error listing nodes in cluster: nodes: simulated");
    assert!(hints.contains("renew them") && !hints.contains("--cloudonly"), "{hints}");
    assert_eq!(simulation.calls("nodes"), 1);
}

#[test]
fn a_group_that_starts_nothing_is_left_alone() {
    let suspended = || vec![Failure::Suspended(1, "Launch")];
    let mut groups = workers(2);
    groups.push(GroupSpec::new("other", Node, 1));
    let simulation = Simulation::new(groups, Vec::new(), suspended());
    let (text, hints, _) = said(&update(&simulation, &options()));
    assert!(text.contains("the process Launch of nodes.sim.example.com is suspended"), "{text}");
    assert!(hints.contains("aws autoscaling resume-processes"), "{hints}");
    assert_eq!(simulation.terminated(), ["i-other-0"]);
    assert!(simulation.marks().is_empty(), "no node is tainted: {:?}", simulation.marks());
}

#[test]
fn a_denied_detachment_is_not_tried_on_every_instance() {
    let simulation = Simulation::new(workers(3), Vec::new(), vec![calls("detach", 999, Retryability::AccessDenied)]);
    let (text, hints, _) = said(&update(&simulation, &options()));
    assert!(text.ends_with("could be detached, and maxUnavailable is 0: detach: simulated"), "{text}");
    assert!(hints.contains("lack this permission"), "{hints}");
    assert_eq!((simulation.calls("detach"), simulation.terminated()), (1, Vec::new()));
}

#[test]
fn instances_whose_drain_takes_too_long_can_be_skipped() {
    let simulation = blocked();
    let mut options = options();
    options.execution.on_drain_timeout = OnDrainTimeout::Skip;
    let run = update(&simulation, &options);
    let (text, _, code) = said(&run);
    assert!(text.contains("not replaced because of their drains: i-nodes-0"), "{text}");
    assert_eq!(code, ExitCode::Error);
    let cordoned: Vec<_> =
        simulation.marks().into_iter().filter(|(_, [cordoned, tainted, ..])| *cordoned || *tainted).collect();
    assert_eq!(cordoned, [], "they serve again");
    kept_its_invariants(&simulation);
}

#[test]
fn pods_can_be_forced_off_and_the_update_goes_through() {
    let simulation = blocked();
    let mut options = options();
    options.execution.on_drain_timeout = OnDrainTimeout::Force;
    finished(&simulation, &update(&simulation, &options));

    let stuck = Workload { never_stops: true, ..pods(1, 2) };
    let simulation = Simulation::new(workers(2), vec![stuck], Vec::new());
    finished(&simulation, &update(&simulation, &options));
}

#[test]
fn a_failed_drain_can_be_ignored() {
    let simulation = blocked().licensed(License { undrained: true, ..License::default() });
    let mut options = options();
    options.execution.fail_on_drain_error = false;
    let run = update(&simulation, &options);
    finished(&simulation, &run);
    assert!(run.reported("drain of i-nodes-0 failed, continuing anyway"));
}

#[test]
fn an_instance_that_is_gone_counts_as_terminated() {
    let simulation = Simulation::new(workers(3), vec![pods(1, 3)], vec![Failure::GoneBefore]);
    let run = update(&simulation, &options());
    finished(&simulation, &run);
}

#[test]
fn throttling_that_outlasts_the_clients_patience_has_a_defined_end() {
    // A throttled snapshot is repeated by the next validation.
    let throttled = Failure::Calls { call: "snapshot", skip: 1, times: 5, retryability: Retryability::Transient };
    let simulation = Simulation::new(workers(2), vec![pods(1, 2)], vec![throttled]);
    let run = update(&simulation, &options());
    finished(&simulation, &run);
    assert!(run.reported("unable to find autoscale groups: snapshot: simulated"));

    // A change that could not be made ends its group, and the next run continues.
    let simulation =
        Simulation::new(workers(2), vec![pods(1, 2)], vec![calls("terminate", 1, Retryability::Transient)]);
    let (text, _, code) = said(&update(&simulation, &options()));
    assert_eq!(text, "failed to roll group nodes: error deleting instance \"i-nodes-0\": terminate: simulated");
    assert_eq!(code, ExitCode::Error);
    kept_its_invariants(&simulation);
    finished(&simulation, &update(&simulation, &options()));
}

#[test]
fn a_refused_termination_ends_the_group_and_no_other() {
    let mut groups = workers(2);
    groups.push(GroupSpec::new("other", Node, 1));
    let refused = Failure::Calls { call: "terminate", skip: 0, times: 1, retryability: Retryability::AccessDenied };
    let simulation = Simulation::new(groups, Vec::new(), vec![refused]);
    let run = update(&simulation, &options());
    let (text, _, code) = said(&run);
    assert_eq!(text, "failed to roll group nodes: error deleting instance \"i-nodes-0\": terminate: simulated",);
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, vec!["i-other-0".to_owned()]));
}

#[test]
fn a_load_balancer_that_keeps_an_instance_saves_it() {
    let mut groups = workers(2);
    groups[1].load_balancer = true;
    let simulation = Simulation::new(groups.clone(), vec![pods(1, 2)], vec![Failure::DeregistrationHangs]);
    let run = update(&simulation, &options());
    let (text, hints, code) = said(&run);
    assert!(
        text.contains("error deregistering instance \"i-nodes-0\", node \"i-nodes-0\": classic load balancer nodes")
    );
    assert!(hints.contains("may still get traffic"), "{hints}");
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, Vec::new()));

    let simulation = Simulation::new(groups, Vec::new(), vec![calls("deregister", 999, Retryability::AccessDenied)]);
    let run = update(&simulation, &options());
    assert!(said(&run).0.contains("deregister: simulated"));
    assert_eq!(simulation.calls("deregister"), 3, "a lack of permission does not go away");
}

#[test]
fn an_instance_that_cannot_be_detached_gives_way_to_the_next() {
    let simulation = Simulation::new(workers(3), Vec::new(), vec![calls("detach", 1, Retryability::Permanent)]);
    let run = update(&simulation, &options());
    run.succeeded();
    kept_its_invariants(&simulation);
    assert!(run.reported("cannot detach i-nodes-2"));
    assert_eq!(simulation.terminated(), ["i-nodes-0", "i-nodes-2", "i-nodes-1"], "the detached one serves longest");
}

#[test]
fn what_was_cordoned_before_makes_up_for_nobody() {
    let simulation = Simulation::new(workers(3), vec![pods(1, 3)], Vec::new());
    simulation.cordon_by_hand("i-nodes-2");
    let run = update(&simulation, &options());
    finished(&simulation, &run);
    assert!(run.reported("detaching i-nodes-1"), "the last one serves no pods");
    assert_eq!(simulation.terminated(), ["i-nodes-2", "i-nodes-0", "i-nodes-1"], "nothing is lost with it");
}

#[test]
fn a_detached_instance_serves_until_those_it_stands_in_for_are_replaced() {
    let groups = vec![
        GroupSpec { outdated: 0, ..GroupSpec::new("cp", ControlPlane, 1) },
        GroupSpec { surge: Some(2), ..GroupSpec::new("nodes", Node, 4) },
    ];
    // The pods of the second instance take their time, so that the others overtake it.
    let slow = Workload { min_available: Some(4), ..pods(1, 4) };
    let simulation = Simulation::new(groups, vec![slow], Vec::new());
    let mut options = options();
    options.execution.on_drain_timeout = OnDrainTimeout::Force;
    finished(&simulation, &update(&simulation, &options));
}

#[test]
fn without_a_surge_the_promised_capacity_is_not_given_up() {
    let simulation = Simulation::new(workers(3), Vec::new(), vec![calls("detach", 999, Retryability::Permanent)]);
    let run = update(&simulation, &options());
    let (text, hints, _) = said(&run);
    assert!(text.contains("no instance of the group could be detached, and maxUnavailable is 0"), "{text}");
    assert!(hints.contains("maxUnavailable"), "{hints}");
    assert_eq!(simulation.terminated(), Vec::<String>::new());
}

#[test]
fn the_control_plane_waits_for_etcd() {
    let groups = || (0..3).map(|n| GroupSpec::new(&format!("cp-{n}"), ControlPlane, 1)).collect();
    let until = |seconds| vec![Failure::EtcdFailsUntil(Duration::from_secs(seconds))];
    let simulation = Simulation::new(groups(), Vec::new(), until(120));
    let run = update(&simulation, &options());
    finished(&simulation, &run);
    assert!(run.reported("waiting to replace control-plane instances until these checks pass: etcd"));

    let simulation = Simulation::new(groups(), Vec::new(), until(9_999));
    let (text, hints, code) = said(&update(&simulation, &options()));
    assert!(
        text.contains("the control plane is not healthy enough to replace an instance after 15m0s: etcd"),
        "{text}"
    );
    assert!(hints.contains("/readyz?verbose"), "{hints}");
    assert_eq!((code, simulation.terminated()), (ExitCode::Error, Vec::new()));
}

#[test]
fn an_answer_of_no_stops_with_its_own_exit_code() {
    let simulation = Simulation::new(workers(3), Vec::new(), Vec::new());
    let mut options = options();
    options.execution.interactive = true;
    let staging = Staging { answers: vec![Answer::Yes, Answer::No], ..Staging::default() };
    let run = staged(&simulation, &options, staging);
    assert_eq!(said(&run).2, ExitCode::Stopped);
    assert_eq!(simulation.terminated(), ["i-nodes-0", "i-nodes-1"]);
    let staging = Staging { answers: vec![Answer::Always], ..Staging::default() };
    finished(&simulation, &staged(&simulation, &options, staging));
}

#[test]
fn without_kubernetes_instances_are_terminated_one_after_the_other() {
    let license = License { undrained: true, registered: true, ..License::default() };
    let simulation = Simulation::new(workers(3), vec![pods(1, 3)], Vec::new()).licensed(license);
    let run = staged(&simulation, &options(), Staging { cloud_only: true, ..Staging::default() });
    run.succeeded();
    assert_eq!(simulation.terminated(), ["i-nodes-0", "i-nodes-1", "i-nodes-2"]);
    assert_eq!((simulation.calls("nodes"), simulation.calls("patch"), simulation.calls("detach")), (0, 0, 0));
}

#[test]
fn concurrent_groups_take_less_time_and_keep_the_invariants() {
    let time = |parallel| {
        let mut groups = workers(3);
        groups.extend(["green", "red"].map(|name| GroupSpec::new(name, Node, 3)));
        let simulation = Simulation::new(groups, Vec::new(), Vec::new());
        let run = update(&simulation, &RollingUpdateOptions { parallel_groups: parallel, ..options() });
        finished(&simulation, &run);
        kopsform_rolling::ports::Clock::now(&simulation.clock)
    };
    let (one, three) = (time(1), time(3));
    assert!(three < one * 2 / 3, "three side by side take {three:?}, one after the other {one:?}");
}

#[test]
fn unready_workers_can_be_put_up_with() {
    let mut groups = workers(2);
    groups.push(GroupSpec { outdated: 0, ..GroupSpec::new("flaky", Node, 1) });
    let unready = || {
        let simulation = Simulation::new(groups.clone(), Vec::new(), vec![Failure::NeverReady(2)]);
        // Another client terminates the instance, and its successor never gets ready.
        simulation.lose("i-flaky-0");
        simulation
    };
    let mut options = options();
    options.execution.scope = Scope::Cluster;
    let simulation = unready();
    assert!(said(&update(&simulation, &options)).1.contains("is not ready") || simulation.terminated().is_empty());
    options.execution.max_unready_nodes = 1;
    let simulation = unready();
    simulation.clock.advance(Duration::from_secs(60));
    update(&simulation, &options).succeeded();
    options.execution.scope = Scope::Group;
    options.execution.max_unready_nodes = 0;
    update(&unready(), &options).succeeded();
}

#[test]
fn a_count_of_zero_leaves_out_all_looks_but_the_first() {
    let unready = || {
        let simulation = Simulation::new(workers(2), Vec::new(), vec![Failure::NeverReady(1)]);
        simulation.lose("i-nodes-0");
        simulation.clock.advance(Duration::from_secs(60));
        simulation
    };
    let mut options = options();
    options.execution.validate_count = 0;
    let simulation = unready();
    let (text, hints, _) = said(&update(&simulation, &options));
    assert!(text.contains("error validating cluster: cluster did not validate"), "{text}");
    assert!(hints.contains("of role \"node\" is not ready"), "{hints}");
    assert_eq!(simulation.terminated(), Vec::<String>::new());
    options.execution.scope = Scope::Nothing;
    update(&unready(), &options).succeeded();
}

#[test]
fn unknown_groups_are_refused_before_anything_is_asked() {
    let simulation = Simulation::new(workers(2), Vec::new(), Vec::new());
    let mut options = options();
    options.selection.names = vec!["node".to_owned()];
    let run = update(&simulation, &options);
    assert!(matches!(run.error(), RollingUpdateError::Selection(_)));
    assert_eq!(said(&run).1, "did you mean nodes?");
    assert_eq!(simulation.all_calls(), Default::default());
}
