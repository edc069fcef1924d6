//! What the simulated cluster consists of, and how it moves along with time.

use std::collections::BTreeMap;
use std::time::Duration;

use kopsform_rolling::ports::Retryability;
use kopsform_spec::v1alpha2::InstanceGroupRole;

use super::{Failure, GroupSpec, JOIN, NEW, READY, Workload};

#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) group: usize,
    pub(super) zone: usize,
    pub(super) version: u32,
    pub(super) launched: Duration,
    pub(super) original: bool,
    pub(super) alive: bool,
    pub(super) member: bool,
    pub(super) warm: bool,
    pub(super) tagged: bool,
    pub(super) fate: Fate,
    pub(super) cordoned: bool,
    pub(super) tainted: bool,
    pub(super) excluded: bool,
    pub(super) annotated: bool,
    pub(super) changes: u32,
    /// In service until then, if at all; `None` is for good.
    pub(super) balanced: Option<Option<Duration>>,
    /// The update deleted its node's object, so it is no part of the cluster any more.
    pub(super) node_deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Joins,
    NeverJoins,
    NeverReady,
}

#[derive(Debug, Clone)]
pub(super) struct SimPod {
    pub(super) name: String,
    pub(super) uid: u64,
    pub(super) workload: usize,
    /// The instance it runs on; `None` while no node will have it.
    pub(super) on: Option<usize>,
    pub(super) ends: Option<Duration>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) groups: Vec<GroupSpec>,
    /// The size of each group in each of its zones.
    pub(super) desired: Vec<Vec<usize>>,
    pub(super) instances: Vec<Instance>,
    pub(super) workloads: Vec<Workload>,
    pub(super) pods: Vec<SimPod>,
    pub(super) failures: Vec<Failure>,
    pub(super) calls: BTreeMap<&'static str, usize>,
    pub(super) broken: Vec<String>,
    pub(super) trace: Vec<String>,
    pub(super) uid: u64,
    pub(super) steps: usize,
    pub(super) dies_at: Option<usize>,
    pub(super) killed: bool,
    pub(super) rank: usize,
}

impl Instance {
    pub(super) fn joined(&self, now: Duration) -> bool {
        self.alive
            && !self.warm
            && !self.node_deleted
            && self.fate != Fate::NeverJoins
            && (self.original || now >= self.launched + JOIN)
    }

    pub(super) fn ready(&self, now: Duration) -> bool {
        self.joined(now) && self.fate == Fate::Joins && (self.original || now >= self.launched + READY)
    }

    pub(super) fn in_service(&self, now: Duration) -> bool {
        self.balanced.is_some_and(|until| until.is_none_or(|until| now < until))
    }

    pub(super) fn needs_update(&self) -> bool {
        self.version != NEW || self.annotated || self.tagged
    }
}

impl State {
    pub(super) fn serves_api(&self, instance: &Instance) -> bool {
        self.groups[instance.group].serves_api()
    }

    pub(super) fn role(&self, instance: &Instance) -> InstanceGroupRole {
        self.groups[instance.group].role
    }

    /// Groups replace what they lack, pods end and start elsewhere.
    pub(super) fn advance(&mut self, now: Duration) {
        for g in 0..self.groups.len() {
            let group = &self.groups[g];
            let live = |i: &&Instance| i.group == g && i.alive && !i.warm;
            if group.karpenter {
                for _ in self.instances.iter().filter(live).count()..group.size {
                    self.launch(g, 0, now);
                }
                continue;
            }
            for zone in 0..self.desired[g].len() {
                let have = self.instances.iter().filter(live).filter(|i| i.member && i.zone == zone).count();
                for _ in have..self.desired[g][zone] {
                    self.launch(g, zone, now);
                }
            }
        }
        let instances = &self.instances;
        self.pods.retain(|p| p.on.is_none_or(|on| instances[on].alive) && p.ends.is_none_or(|end| now < end));
        for w in 0..self.workloads.len() {
            let have = self.pods.iter().filter(|p| p.workload == w && p.ends.is_none()).count();
            for _ in have..self.workloads[w].replicas {
                self.uid += 1;
                let name = format!("w{w}-{}", self.uid);
                self.pods.push(SimPod { name, uid: self.uid, workload: w, on: None, ends: None });
            }
        }
        for p in 0..self.pods.len() {
            if self.pods[p].on.is_none() {
                self.pods[p].on = self.place(self.pods[p].workload, now);
            }
        }
    }

    pub(super) fn launch(&mut self, group: usize, zone: usize, now: Duration) {
        let mut fate = Fate::Joins;
        for failure in &self.failures {
            match failure {
                Failure::NeverJoins(g) if *g == group => fate = Fate::NeverJoins,
                Failure::NeverReady(g) if *g == group => fate = Fate::NeverReady,
                _ => {}
            }
        }
        let spec = &self.groups[group];
        let id = format!("i-{}-r{}", spec.name, self.instances.len());
        self.instances.push(Instance {
            id,
            group,
            zone,
            version: NEW,
            launched: now,
            original: false,
            alive: true,
            member: !spec.karpenter,
            warm: false,
            tagged: false,
            fate,
            cordoned: false,
            tainted: false,
            excluded: false,
            annotated: false,
            changes: 1,
            balanced: spec.load_balancer.then_some(None),
            node_deleted: false,
        });
    }

    /// The node a new pod of a workload gets: untainted first, then the emptiest.
    pub(super) fn place(&self, workload: usize, now: Duration) -> Option<usize> {
        let group = self.workloads[workload].group;
        let fit = (0..self.instances.len()).filter(|i| {
            let instance = &self.instances[*i];
            instance.group == group && instance.ready(now) && !instance.cordoned
        });
        fit.min_by_key(|i| (self.instances[*i].tainted, self.pods.iter().filter(|p| p.on == Some(*i)).count(), *i))
    }

    pub(super) fn retryability(&mut self, call: &'static str) -> Option<Retryability> {
        for failure in &mut self.failures {
            if let Failure::Calls { call: wanted, skip, times, retryability } = failure
                && *wanted == call
            {
                if *skip > 0 {
                    *skip -= 1;
                } else if *times > 0 {
                    *times -= 1;
                    return Some(*retryability);
                }
            }
        }
        None
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.instances.iter().position(|i| i.id == id && i.alive)
    }

    pub(super) fn note(&mut self, now: Duration, what: &str, id: &str) {
        self.trace.push(format!("{} {what} {id}", now.as_secs()));
    }

    pub(super) fn evictable(&self, on: usize) -> Vec<&SimPod> {
        self.pods.iter().filter(|p| p.on == Some(on)).collect()
    }

    pub(super) fn healthy(&self, workload: usize, now: Duration) -> usize {
        let serving = |p: &&SimPod| {
            p.workload == workload && p.ends.is_none() && p.on.is_some_and(|on| self.instances[on].ready(now))
        };
        self.pods.iter().filter(serving).count()
    }

    pub(super) fn has_node(&self, instance: &Instance, now: Duration) -> bool {
        instance.joined(now) && self.role(instance) != InstanceGroupRole::Bastion
    }
}
