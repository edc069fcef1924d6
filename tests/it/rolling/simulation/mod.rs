//! A simulated cluster: groups that replace what is lost, as those of AWS or of Google Cloud, nodes that follow instances, pods with budgets.
//!
//! It checks everything done to it: violated invariants of an update are collected in [`Simulation::broken`].

mod cloud;
mod invariants;
mod kube;
mod spec;
mod state;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use kopsform_rolling::ports::{ApiError, Capabilities, Clock as _};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::MemoryStore;

use super::clock::SimClock;
use invariants::Allowed;
pub use spec::{Failure, GroupSpec, License, Workload};
use state::{Fate, Instance, SimPod, State};

pub const CLUSTER: &str = "sim.example.com";
const JOIN: Duration = Duration::from_secs(20);
const READY: Duration = Duration::from_secs(40);
const POD_STOP: Duration = Duration::from_secs(3);
const DEREGISTRATION: Duration = Duration::from_secs(12);
const OLD: u32 = 1;
const NEW: u32 = 2;

/// The simulation. Clones share its state.
#[derive(Clone)]
pub struct Simulation {
    pub clock: SimClock,
    state: Arc<Mutex<State>>,
    pub store: Arc<MemoryStore>,
    license: License,
    capabilities: Capabilities,
}

impl Simulation {
    /// With groups that can do what those of another cloud can.
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    pub fn new(groups: Vec<GroupSpec>, workloads: Vec<Workload>, failures: Vec<Failure>) -> Self {
        let mut state = State { failures, workloads, ..State::default() };
        for (g, group) in groups.iter().enumerate() {
            let zones = (0..group.zones).map(|zone| group.size_in(zone));
            state.desired.push(if group.karpenter { vec![0] } else { zones.collect() });
            for n in 0..group.size + group.warm + group.detached {
                let mut instance = Instance {
                    id: format!("i-{}-{n}", group.name),
                    group: g,
                    zone: n % group.zones,
                    version: if n < group.outdated && !group.karpenter { OLD } else { NEW },
                    launched: Duration::ZERO,
                    original: true,
                    alive: true,
                    member: !group.karpenter,
                    warm: false,
                    tagged: false,
                    fate: Fate::Joins,
                    cordoned: false,
                    tainted: false,
                    excluded: false,
                    annotated: (group.outdated..group.outdated + group.annotated).contains(&n)
                        || group.karpenter && n < group.outdated,
                    changes: 1,
                    balanced: group.load_balancer.then_some(None),
                    node_deleted: false,
                };
                if (group.size..group.size + group.warm).contains(&n) {
                    instance = Instance { warm: true, version: OLD, annotated: false, balanced: None, ..instance };
                } else if n >= group.size {
                    instance = Instance {
                        member: false,
                        tagged: true,
                        version: OLD,
                        annotated: false,
                        balanced: None,
                        ..instance
                    };
                }
                state.instances.push(instance);
            }
        }
        state.groups = groups;
        let simulation = Self {
            clock: SimClock::default(),
            state: Arc::new(Mutex::new(state)),
            store: Arc::default(),
            license: License::default(),
            capabilities: Capabilities::AUTO_SCALING_GROUPS,
        };
        simulation.state().advance(Duration::ZERO);
        simulation
    }

    pub fn licensed(mut self, license: License) -> Self {
        self.license = license;
        self
    }

    fn allowed(&self) -> Allowed {
        Allowed { license: self.license, capabilities: self.capabilities }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with the simulation")
    }

    /// Kills the process at the nth change from now, before it is made.
    pub fn die_after(&self, steps: Option<usize>) {
        let mut state = self.state();
        state.killed = false;
        state.dies_at = steps.map(|s| state.steps + s);
    }

    pub fn is_killed(&self) -> bool {
        self.state().killed
    }

    /// How many changes were made.
    pub fn steps(&self) -> usize {
        self.state().steps
    }

    /// Everything works again.
    pub fn repair(&self) {
        let mut state = self.state();
        state.failures.clear();
        state.workloads.iter_mut().for_each(|w| {
            w.never_stops = false;
            w.min_available = None;
        });
        state.instances.iter_mut().for_each(|i| i.fate = Fate::Joins);
        let now = self.clock.now();
        state.pods.iter_mut().for_each(|p| p.ends = p.ends.map(|e| e.min(now)));
    }

    /// A new update may begin with any role again.
    pub fn new_run(&self) {
        self.state().rank = 0;
    }

    pub fn broken(&self) -> Vec<String> {
        self.state().broken.clone()
    }

    pub fn trace(&self) -> Vec<String> {
        self.state().trace.clone()
    }

    pub fn calls(&self, call: &str) -> usize {
        self.state().calls.get(call).copied().unwrap_or(0)
    }

    pub fn all_calls(&self) -> BTreeMap<&'static str, usize> {
        self.state().calls.clone()
    }

    /// What is not as an update leaves it that did everything.
    pub fn untidy(&self) -> Vec<String> {
        let mut state = self.state();
        let now = self.clock.now();
        state.advance(now);
        let mut found = Vec::new();
        for instance in state.instances.iter().filter(|i| i.alive) {
            let id = &instance.id;
            let marks = [
                (instance.version != NEW, "outdated"),
                (instance.annotated, "annotated"),
                (instance.tagged, "detached"),
                (instance.cordoned, "cordoned"),
                (instance.tainted, "tainted"),
            ];
            found.extend(marks.iter().filter(|(is, _)| *is).map(|(_, what)| format!("{id} is {what}")));
        }
        for (g, group) in state.groups.iter().enumerate() {
            let live = state.instances.iter().filter(|i| i.group == g && i.alive && !i.warm).count();
            if live != group.size {
                found.push(format!("{} has {live} of {} instances", group.name, group.size));
            }
        }
        if self.license.forced {
            let old = state.instances.iter().filter(|i| i.alive && i.original);
            found.extend(old.map(|i| format!("{} was not replaced", i.id)));
        }
        found.extend(self.store.contents().into_keys().map(|key| format!("the journal has {key}")));
        found
    }

    /// Instances that carry marks of an update now: `(id, cordoned, tainted, excluded, detached)`.
    pub fn marks(&self) -> Vec<(String, [bool; 4])> {
        let state = self.state();
        let marked = state.instances.iter().filter(|i| i.alive).map(|i| {
            (
                i.id.clone(),
                [
                    i.cordoned,
                    i.tainted,
                    i.excluded && state.groups[i.group].role != InstanceGroupRole::ControlPlane,
                    i.tagged,
                ],
            )
        });
        marked.filter(|(_, marks)| marks.contains(&true)).collect()
    }

    /// Terminates an instance behind the update's back.
    pub fn lose(&self, id: &str) {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(i) = state.find(id) {
            state.instances[i].alive = false;
            state.instances[i].member = false;
        }
        state.advance(now);
    }

    /// Cordons a node as a user would.
    pub fn cordon_by_hand(&self, id: &str) {
        let mut state = self.state();
        if let Some(instance) = state.instances.iter_mut().find(|i| i.id == id) {
            instance.cordoned = true;
        }
    }

    /// The ids of instances that were terminated, in order.
    pub fn terminated(&self) -> Vec<String> {
        self.state()
            .trace
            .iter()
            .filter_map(|line| line.split_once(" terminate "))
            .map(|(_, id)| id.to_owned())
            .collect()
    }

    pub fn cluster(&self) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = CLUSTER.to_owned();
        cluster.spec.topology = Some(kopsform_spec::v1alpha2::Topology {
            dns: Some(kopsform_spec::v1alpha2::DnsTopology { r#type: Some(kopsform_spec::v1alpha2::DnsType::None) }),
            ..Default::default()
        });
        cluster
    }

    pub fn specs(&self) -> Vec<InstanceGroup> {
        self.state().groups.iter().map(GroupSpec::instance_group).collect()
    }

    /// One call: counts it, fails it if that is its fate, and ends the process here if that is its.
    async fn call(&self, call: &'static str, changes: bool) -> Result<(), ApiError> {
        let now = self.clock.now();
        let (killed, retryability) = {
            let mut state = self.state();
            state.advance(now);
            *state.calls.entry(call).or_default() += 1;
            if changes {
                state.steps += 1;
                state.killed |= state.dies_at.is_some_and(|at| state.steps > at);
            }
            (state.killed, state.retryability(call))
        };
        if killed {
            return std::future::pending().await;
        }
        match retryability {
            None => Ok(()),
            Some(retryability) => {
                Err(ApiError { action: call.to_owned(), message: "simulated".to_owned(), retryability })
            }
        }
    }
}
