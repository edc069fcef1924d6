//! An update may die at any step: the next one continues and comes to the same end.

use std::collections::BTreeSet;
use std::time::Duration;

use kopsform::ops::rolling_update::RollingUpdateOptions;
use kopsform_rolling::ports::Clock as _;
use kopsform_spec::v1alpha2::InstanceGroupRole::{Bastion, ControlPlane, Node};

use super::clock::Ending;
use super::harness::{Staging, options, staged, update};
use super::simulation::{GroupSpec, License, Simulation, Workload};

fn cluster() -> Simulation {
    let groups = vec![
        GroupSpec { outdated: 1, ..GroupSpec::new("cp-a", ControlPlane, 1) },
        GroupSpec { outdated: 1, load_balancer: true, ..GroupSpec::new("cp-b", ControlPlane, 1) },
        GroupSpec { outdated: 0, ..GroupSpec::new("cp-c", ControlPlane, 1) },
        GroupSpec::new("jump", Bastion, 1),
        GroupSpec { outdated: 2, warm: 1, ..GroupSpec::new("blue", Node, 3) },
        GroupSpec { surge: Some(0), unavailable: Some(2), load_balancer: true, ..GroupSpec::new("green", Node, 3) },
    ];
    let pods = |group, replicas, least| Workload { group, replicas, min_available: least, never_stops: false };
    Simulation::new(groups, vec![pods(4, 4, Some(2)), pods(5, 3, None)], Vec::new())
}

/// Crashes at each step in turn; returns the number of steps of a run without a crash.
fn die_everywhere(make: impl Fn() -> Simulation, options: &RollingUpdateOptions) {
    let whole = make();
    update(&whole, options).succeeded();
    assert_eq!((whole.broken(), whole.untidy()), (Vec::<String>::new(), Vec::new()), "a run without a death");
    let all: BTreeSet<_> = whole.terminated().into_iter().collect();
    let steps = whole.steps();
    assert!(steps > 60, "there are {steps} steps to die at");
    for step in 0..steps {
        let simulation = make();
        simulation.die_after(Some(step));
        let first = update(&simulation, options);
        assert!(matches!(first.ending, Ending::Killed), "step {step}: {:?}", first.ending);
        simulation.die_after(None);
        simulation.new_run();
        simulation.clock.advance(Duration::from_secs(step as u64 % 50));
        let second = update(&simulation, options);
        let explain = || format!("after death at step {step}: {:?}\n{}", second.ending, simulation.trace().join("\n"));
        assert!(matches!(second.ending, Ending::Done(Ok(()))), "{}", explain());
        assert_eq!((simulation.broken(), simulation.untidy()), (Vec::<String>::new(), Vec::new()), "{}", explain());
        let terminated: BTreeSet<_> = simulation.terminated().into_iter().collect();
        assert_eq!(terminated, all, "the same instances go: {}", explain());
    }
}

#[test]
fn a_run_continues_from_every_step() {
    die_everywhere(cluster, &options());
}

#[test]
fn a_forced_run_continues_and_replaces_nothing_twice() {
    let forced = RollingUpdateOptions { force: true, ..options() };
    die_everywhere(|| cluster().licensed(License { forced: true, ..License::default() }), &forced);
}

#[test]
fn groups_side_by_side_continue_too() {
    die_everywhere(cluster, &RollingUpdateOptions { parallel_groups: 3, ..options() });
}

#[test]
fn a_signal_stops_at_any_time_and_says_what_is_left() {
    let whole = cluster();
    update(&whole, &options()).succeeded();
    let seconds = whole.clock.now().as_secs();
    for seconds in (0..20).map(|n| seconds * n / 20) {
        let simulation = cluster();
        let staging = Staging { stop_after: Some(Duration::from_secs(seconds)), ..Staging::default() };
        let first = staged(&simulation, &options(), staging);
        assert_eq!(first.error().to_string(), "the rolling update was stopped before it was done", "{seconds}s");
        assert!(first.reported("run again to continue"));
        for (id, marks) in simulation.marks() {
            let left = first.events.iter().any(|e| e.to_string().starts_with(&format!("left behind: {id} is ")));
            assert!(left, "stopped after {seconds}s, {id} has {marks:?}, which was not reported");
        }
        simulation.new_run();
        update(&simulation, &options()).succeeded();
        assert_eq!(
            (simulation.broken(), simulation.untidy()),
            (Vec::<String>::new(), Vec::new()),
            "stopped after {seconds}s"
        );
    }
}
