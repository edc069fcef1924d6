//! A simulated cluster: auto scaling groups that replace what is lost, nodes that follow instances, pods with budgets.
//!
//! It watches over what is done to it: each promise of an update that is broken is kept in [`SimWorld::broken`].

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use kopsform::api::meta::IntOrString;
use kopsform::api::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole, InstanceManager, RollingUpdate};
use kopsform::rolling::discover::scaling_group_name;
use kopsform::rolling::settings::Settings;
use kopsform::rolling::world::{
    ApiError, Balancer, BalancerState, Budget, Clock as _, Cloud, CloudSnapshot, Ec2Instance, Eviction, Fault,
    Kubernetes, Member, Node, NodeChange, Patched, Pod, ScalingGroup, Selector, Taint, Truth, UPDATE_TAINT,
};
use kopsform::state::{Condition, MemoryStore, Store, StoreError, Stored, Version};

use super::clock::SimClock;

pub const CLUSTER: &str = "sim.example.com";
const JOIN: Duration = Duration::from_secs(20);
const READY: Duration = Duration::from_secs(40);
const POD_STOP: Duration = Duration::from_secs(3);
const BALANCER_DRAIN: Duration = Duration::from_secs(12);
const OLD: u32 = 1;
const NEW: u32 = 2;

/// A group as a test describes it.
#[derive(Debug, Clone)]
pub struct GroupSpec {
    pub name: String,
    pub role: InstanceGroupRole,
    pub karpenter: bool,
    pub size: usize,
    /// The first so many of its instances are outdated.
    pub outdated: usize,
    /// Instances that are current and annotated, of those that are not outdated.
    pub annotated: usize,
    pub warm: usize,
    /// Instances that an earlier run detached.
    pub detached: usize,
    pub surge: Option<i32>,
    pub unavailable: Option<i32>,
    pub balancer: bool,
}

impl GroupSpec {
    /// Whether an API server runs on the group's instances.
    pub fn serves_api(&self) -> bool {
        matches!(self.role, InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer)
    }

    pub fn new(name: &str, role: InstanceGroupRole, size: usize) -> Self {
        Self {
            name: name.to_owned(),
            role,
            karpenter: false,
            size,
            outdated: size,
            annotated: 0,
            warm: 0,
            detached: 0,
            surge: None,
            unavailable: None,
            balancer: false,
        }
    }
}

/// Pods of a kind as a test describes them.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    pub group: usize,
    pub replicas: usize,
    pub min_available: Option<usize>,
    pub never_stops: bool,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Calls fail: after the first `skip`, the next `times`.
    Calls { call: &'static str, skip: usize, times: usize, fault: Fault },
    /// Replacements in a group never join.
    NeverJoins(usize),
    /// Replacements in a group never get ready.
    NeverReady(usize),
    /// Instances are gone when they are terminated.
    GoneBefore,
    /// Load balancers never let go.
    BalancersKeep,
    /// The checks of the API server fail until then.
    EtcdFailsUntil(Duration),
}

#[derive(Debug, Clone)]
struct Instance {
    id: String,
    group: usize,
    version: u32,
    launched: Duration,
    original: bool,
    alive: bool,
    member: bool,
    warm: bool,
    tagged: bool,
    fate: Fate,
    cordoned: bool,
    tainted: bool,
    excluded: bool,
    annotated: bool,
    changes: u32,
    /// In service until then, if at all; `None` is for good.
    balanced: Option<Option<Duration>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Joins,
    NeverJoins,
    NeverReady,
}

#[derive(Debug, Clone)]
struct SimPod {
    name: String,
    uid: u64,
    workload: usize,
    /// The instance it runs on; `None` while no node will have it.
    on: Option<usize>,
    ends: Option<Duration>,
}

#[derive(Default)]
struct State {
    groups: Vec<GroupSpec>,
    desired: Vec<usize>,
    instances: Vec<Instance>,
    workloads: Vec<Workload>,
    pods: Vec<SimPod>,
    troubles: Vec<Trouble>,
    calls: BTreeMap<&'static str, usize>,
    broken: Vec<String>,
    trace: Vec<String>,
    uid: u64,
    steps: usize,
    dies_at: Option<usize>,
    killed: bool,
    rank: usize,
}

/// What an update may do in this world, beyond the promises that always hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct License {
    /// Pods may be there when an instance is terminated.
    pub undrained: bool,
    /// Load balancers may send traffic to an instance that is terminated.
    pub registered: bool,
    /// Instances that are up to date may go, unless the update itself started them.
    pub forced: bool,
}

/// The world. Cloning shares it.
#[derive(Clone)]
pub struct SimWorld {
    pub clock: SimClock,
    state: Arc<Mutex<State>>,
    pub store: Arc<MemoryStore>,
    license: License,
}

impl SimWorld {
    pub fn new(groups: Vec<GroupSpec>, workloads: Vec<Workload>, troubles: Vec<Trouble>) -> Self {
        let mut state = State { troubles, workloads, ..State::default() };
        for (g, group) in groups.iter().enumerate() {
            state.desired.push(if group.karpenter { 0 } else { group.size });
            for n in 0..group.size + group.warm + group.detached {
                let mut instance = Instance {
                    id: format!("i-{}-{n}", group.name),
                    group: g,
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
                    balanced: group.balancer.then_some(None),
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
        let world = Self {
            clock: SimClock::default(),
            state: Arc::new(Mutex::new(state)),
            store: Arc::default(),
            license: License::default(),
        };
        world.state().advance(Duration::ZERO);
        world
    }

    pub fn licensed(mut self, license: License) -> Self {
        self.license = license;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with the world")
    }

    /// Kills the process at the so manieth change from now, before it is made.
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
        state.troubles.clear();
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

    /// Cordons a node as a person would.
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
        cluster.spec.topology = Some(kopsform::api::v1alpha2::Topology {
            dns: Some(kopsform::api::v1alpha2::DnsTopology { r#type: Some(kopsform::api::v1alpha2::DnsType::None) }),
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
        let (killed, fault) = {
            let mut state = self.state();
            state.advance(now);
            *state.calls.entry(call).or_default() += 1;
            if changes {
                state.steps += 1;
                state.killed |= state.dies_at.is_some_and(|at| state.steps > at);
            }
            (state.killed, state.fault(call))
        };
        if killed {
            return std::future::pending().await;
        }
        match fault {
            None => Ok(()),
            Some(fault) => Err(ApiError { action: call.to_owned(), message: "simulated".to_owned(), fault }),
        }
    }
}

impl GroupSpec {
    pub fn instance_group(&self) -> InstanceGroup {
        let mut group = InstanceGroup::default();
        group.metadata.name = self.name.clone();
        group.spec.role = Some(self.role);
        group.spec.min_size = i32::try_from(self.size).ok();
        group.spec.manager = self.karpenter.then_some(InstanceManager::Karpenter);
        if self.surge.is_some() || self.unavailable.is_some() {
            group.spec.rolling_update = Some(RollingUpdate {
                max_surge: self.surge.map(IntOrString::Int),
                max_unavailable: self.unavailable.map(IntOrString::Int),
                ..RollingUpdate::default()
            });
        }
        group
    }

    /// How many instances may be out of service at once.
    fn allowed_down(&self) -> usize {
        let manager = if self.karpenter { InstanceManager::Karpenter } else { InstanceManager::CloudGroup };
        let spec = self.instance_group();
        let settings = Settings::resolve(spec.spec.rolling_update.as_ref(), None, manager, self.size);
        if self.role == InstanceGroupRole::ControlPlane {
            1
        } else if self.karpenter {
            (settings.max_surge + settings.max_unavailable).max(1)
        } else if settings.max_surge == 0 {
            settings.max_unavailable.max(1)
        } else {
            settings.max_unavailable
        }
    }

    fn balancer(&self) -> Option<Balancer> {
        self.balancer.then(|| Balancer::Classic(self.name.clone()))
    }
}

impl Instance {
    fn joined(&self, now: Duration) -> bool {
        self.alive && !self.warm && self.fate != Fate::NeverJoins && (self.original || now >= self.launched + JOIN)
    }

    fn ready(&self, now: Duration) -> bool {
        self.joined(now) && self.fate == Fate::Joins && (self.original || now >= self.launched + READY)
    }

    fn in_service(&self, now: Duration) -> bool {
        self.balanced.is_some_and(|until| until.is_none_or(|until| now < until))
    }

    fn needs_update(&self) -> bool {
        self.version != NEW || self.annotated || self.tagged
    }
}

impl State {
    fn serves_api(&self, instance: &Instance) -> bool {
        self.groups[instance.group].serves_api()
    }

    fn role(&self, instance: &Instance) -> InstanceGroupRole {
        self.groups[instance.group].role
    }

    /// Groups replace what they lack, pods end and start elsewhere.
    fn advance(&mut self, now: Duration) {
        for g in 0..self.groups.len() {
            let group = &self.groups[g];
            let live = |i: &&Instance| i.group == g && i.alive && !i.warm;
            let (have, want) = if group.karpenter {
                (self.instances.iter().filter(live).count(), group.size)
            } else {
                (self.instances.iter().filter(live).filter(|i| i.member).count(), self.desired[g])
            };
            for _ in have..want {
                self.launch(g, now);
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

    fn launch(&mut self, group: usize, now: Duration) {
        let mut fate = Fate::Joins;
        for trouble in &self.troubles {
            match trouble {
                Trouble::NeverJoins(g) if *g == group => fate = Fate::NeverJoins,
                Trouble::NeverReady(g) if *g == group => fate = Fate::NeverReady,
                _ => {}
            }
        }
        let spec = &self.groups[group];
        let id = format!("i-{}-r{}", spec.name, self.instances.len());
        self.instances.push(Instance {
            id,
            group,
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
            balanced: spec.balancer.then_some(None),
        });
    }

    /// The node a new pod of a workload gets: untainted first, then the emptiest.
    fn place(&self, workload: usize, now: Duration) -> Option<usize> {
        let group = self.workloads[workload].group;
        let fit = (0..self.instances.len()).filter(|i| {
            let instance = &self.instances[*i];
            instance.group == group && instance.ready(now) && !instance.cordoned
        });
        fit.min_by_key(|i| (self.instances[*i].tainted, self.pods.iter().filter(|p| p.on == Some(*i)).count(), *i))
    }

    fn fault(&mut self, call: &'static str) -> Option<Fault> {
        for trouble in &mut self.troubles {
            if let Trouble::Calls { call: wanted, skip, times, fault } = trouble
                && *wanted == call
            {
                if *skip > 0 {
                    *skip -= 1;
                } else if *times > 0 {
                    *times -= 1;
                    return Some(*fault);
                }
            }
        }
        None
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.instances.iter().position(|i| i.id == id && i.alive)
    }

    fn note(&mut self, now: Duration, what: &str, id: &str) {
        self.trace.push(format!("{} {what} {id}", now.as_secs()));
    }

    /// Checks the promises that hold when an instance is taken out of service.
    fn check_service(&mut self, now: Duration, what: &str, id: &str, license: License) {
        let Some(touched) = self.find(id).map(|i| self.instances[i].clone()) else { return };
        if touched.warm {
            return;
        }
        let mut broken = Vec::new();
        if !touched.needs_update() && !(license.forced && touched.original) {
            broken.push(format!("{what} of {id}, which is up to date"));
        }
        let group = &self.groups[touched.group];
        let able = |i: &Instance| {
            let up = if group.role == InstanceGroupRole::Bastion { i.alive } else { i.ready(now) };
            up && !i.cordoned && !(what == "terminate" && i.id == id)
        };
        let count = self.instances.iter().filter(|i| i.group == touched.group && able(i)).count();
        let down = group.size.saturating_sub(count);
        if down > group.allowed_down() {
            broken.push(format!("{what} of {id} leaves {count} of {} instances", group.size));
        }
        if group.role == InstanceGroupRole::ControlPlane {
            let others = self.instances.iter().filter(|i| i.id != id && i.alive && self.role(i) == group.role);
            let down: Vec<_> = others.filter(|i| !i.ready(now) || i.cordoned).map(|i| i.id.as_str()).collect();
            if !down.is_empty() {
                broken.push(format!("{what} of {id} while {down:?} of the control plane is down"));
            }
        }
        let rank = match group.role {
            InstanceGroupRole::Bastion => 1,
            InstanceGroupRole::ControlPlane => 2,
            InstanceGroupRole::ApiServer => 3,
            InstanceGroupRole::Node => 4,
        };
        if rank < self.rank {
            broken.push(format!("{what} of {id} after a later role"));
        }
        self.rank = self.rank.max(rank);
        self.broken.extend(broken.into_iter().map(|b| format!("{}: {b}", now.as_secs())));
    }

    fn evictable(&self, on: usize) -> Vec<&SimPod> {
        self.pods.iter().filter(|p| p.on == Some(on)).collect()
    }

    fn healthy(&self, workload: usize, now: Duration) -> usize {
        let serving = |p: &&SimPod| {
            p.workload == workload && p.ends.is_none() && p.on.is_some_and(|on| self.instances[on].ready(now))
        };
        self.pods.iter().filter(serving).count()
    }

    fn pod(&self, pod: &SimPod) -> Pod {
        let node = pod.on.map(|on| self.instances[on].id.clone()).unwrap_or_default();
        Pod {
            namespace: "default".to_owned(),
            name: pod.name.clone(),
            uid: pod.uid.to_string(),
            host_ip: node.clone(),
            node,
            labels: BTreeMap::from([("w".to_owned(), pod.workload.to_string())]),
            controller: "ReplicaSet".to_owned(),
            terminating: pod.ends.is_some(),
            ..Pod::default()
        }
    }

    fn node(&self, instance: &Instance, now: Duration) -> Node {
        let taint = Taint {
            key: UPDATE_TAINT.to_owned(),
            value: None,
            effect: "PreferNoSchedule".to_owned(),
            time_added: None,
        };
        Node {
            name: instance.id.clone(),
            instance: instance.id.clone(),
            version: instance.changes.to_string(),
            unschedulable: instance.cordoned,
            taints: if instance.tainted { vec![taint] } else { Vec::new() },
            needs_update: instance.annotated,
            excluded: instance.excluded,
            control_plane: self.role(instance) == InstanceGroupRole::ControlPlane,
            ready: if instance.ready(now) { Truth::True } else { Truth::False },
            network_unavailable: false,
            addresses: vec![instance.id.clone()],
            zone: String::new(),
            hostname: instance.id.clone(),
        }
    }

    fn has_node(&self, instance: &Instance, now: Duration) -> bool {
        instance.joined(now) && self.role(instance) != InstanceGroupRole::Bastion
    }
}

#[async_trait]
impl Cloud for SimWorld {
    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError> {
        self.call("snapshot", false).await?;
        let state = self.state();
        let mut snapshot = CloudSnapshot::default();
        for (g, group) in state.groups.iter().enumerate().filter(|(_, group)| !group.karpenter) {
            let of = |warm: bool| {
                state
                    .instances
                    .iter()
                    .filter(move |i| i.group == g && i.alive && i.warm == warm && (i.member || warm))
                    .map(move |i| Member {
                        id: i.id.clone(),
                        launch: Some(format!("lt-{g}:{}", i.version)),
                        lifecycle: if warm { "Warmed:Stopped".to_owned() } else { "InService".to_owned() },
                    })
                    .collect()
            };
            snapshot.groups.push(ScalingGroup {
                name: scaling_group_name(&group.instance_group(), CLUSTER),
                desired: i32::try_from(state.desired[g]).unwrap_or(0),
                launch: Some(format!("lt-{g}:{NEW}")),
                members: of(false),
                warm: of(true),
                classic_balancers: if group.balancer { vec![group.name.clone()] } else { Vec::new() },
                ..ScalingGroup::default()
            });
        }
        snapshot.instances = state
            .instances
            .iter()
            .filter(|i| i.alive)
            .map(|i| Ec2Instance {
                id: i.id.clone(),
                group: state.groups[i.group].name.clone(),
                detached_from: i.tagged.then(|| "group".to_owned()),
                ..Ec2Instance::default()
            })
            .collect();
        Ok(snapshot)
    }

    async fn tag_detached(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        self.call("tag", true).await?;
        let mut state = self.state();
        if let Some(i) = state.find(instance) {
            state.instances[i].tagged = true;
        }
        Ok(())
    }

    async fn detach(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        self.call("detach", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        state.note(now, "detach", instance);
        let Some(i) = state.find(instance) else { return Err(ApiError::permanent("detach", "no such instance")) };
        if !state.instances[i].tagged {
            state.broken.push(format!("{instance} is detached without its tag"));
        }
        if state.role(&state.instances[i]) == InstanceGroupRole::ControlPlane {
            state.broken.push(format!("{instance} of the control plane is detached"));
        }
        state.instances[i].member = false;
        state.instances[i].balanced = None;
        state.advance(now);
        Ok(())
    }

    async fn terminate(&self, instance: &str) -> Result<(), ApiError> {
        self.call("terminate", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(i) = state.find(instance) else { return Ok(()) };
        if state.troubles.iter().any(|t| matches!(t, Trouble::GoneBefore)) {
            state.note(now, "lose", instance);
        } else {
            state.check_service(now, "terminate", instance, self.license);
            state.note(now, "terminate", instance);
            let (license, found) = (self.license, state.instances[i].clone());
            let registered = state.has_node(&found, now);
            if registered && !found.warm && !license.undrained {
                if !found.cordoned {
                    state.broken.push(format!("{instance} is terminated and not cordoned"));
                }
                if !state.evictable(i).is_empty() {
                    state.broken.push(format!("{instance} is terminated with pods"));
                }
            }
            // The only instance that serves the API has no other to send traffic to.
            let sole = state.serves_api(&found)
                && state.groups.iter().filter(|g| g.serves_api()).map(|g| g.size).sum::<usize>() < 2;
            if registered && found.in_service(now) && !license.registered && !sole {
                state.broken.push(format!("{instance} is terminated while it gets traffic"));
            }
        }
        let instance = &mut state.instances[i];
        instance.alive = false;
        instance.member = false;
        state.advance(now);
        Ok(())
    }

    async fn balancer_state(&self, balancer: &Balancer, instance: &str) -> Result<BalancerState, ApiError> {
        self.call("balancer", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let Some(i) = state.find(instance) else { return Ok(BalancerState::Out) };
        let found = &state.instances[i];
        assert_eq!(
            state.groups[found.group].balancer().as_ref(),
            Some(balancer),
            "an instance is asked for in its own balancer"
        );
        Ok(match found.balanced {
            Some(None) => BalancerState::InService,
            Some(Some(until)) if now < until => BalancerState::Draining,
            _ => BalancerState::Out,
        })
    }

    async fn deregister(&self, _balancer: &Balancer, instance: &str) -> Result<(), ApiError> {
        self.call("deregister", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let kept = state.troubles.iter().any(|t| matches!(t, Trouble::BalancersKeep));
        if let Some(i) = state.find(instance)
            && !kept
        {
            state.instances[i].balanced = Some(Some(now + BALANCER_DRAIN));
        }
        Ok(())
    }

    async fn delete_group(&self, _group: &ScalingGroup) -> Result<(), ApiError> {
        self.call("delete group", true).await
    }
}

#[async_trait]
impl Kubernetes for SimWorld {
    async fn nodes(&self) -> Result<Vec<Arc<Node>>, ApiError> {
        self.call("nodes", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let joined = state.instances.iter().filter(|i| state.has_node(i, now));
        Ok(joined.map(|i| Arc::new(state.node(i, now))).collect())
    }

    async fn node(&self, name: &str) -> Result<Option<Node>, ApiError> {
        self.call("node", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let found = state.find(name).map(|i| &state.instances[i]).filter(|i| state.has_node(i, now));
        Ok(found.map(|i| state.node(i, now)))
    }

    async fn patch_node(&self, node: &Node, change: NodeChange) -> Result<Patched, ApiError> {
        self.call("patch", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(i) = state.find(&node.name) else { return Ok(Patched::Gone) };
        if state.instances[i].changes.to_string() != node.version {
            return Ok(Patched::Conflict);
        }
        let instance = &mut state.instances[i];
        instance.changes += 1;
        instance.tainted = change.tainted.unwrap_or(instance.tainted);
        instance.excluded = change.excluded.unwrap_or(instance.excluded);
        if let Some(cordoned) = change.cordoned {
            instance.cordoned = cordoned;
            state.note(now, if cordoned { "cordon" } else { "uncordon" }, &node.name);
            if cordoned {
                state.check_service(now, "cordon", &node.name, self.license);
            }
        }
        Ok(Patched::Done)
    }

    async fn system_pods(&self) -> Result<Vec<Pod>, ApiError> {
        self.call("system pods", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let planes =
            state.instances.iter().filter(|i| state.role(i) == InstanceGroupRole::ControlPlane && i.ready(now));
        Ok(planes
            .flat_map(|i| {
                ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(|app| Pod {
                    namespace: "kube-system".to_owned(),
                    name: format!("{app}-{}", i.id),
                    host_ip: i.id.clone(),
                    labels: BTreeMap::from([("k8s-app".to_owned(), app.to_owned())]),
                    mirror: true,
                    ..Pod::default()
                })
            })
            .collect())
    }

    async fn pods_on(&self, node: &str) -> Result<Vec<Pod>, ApiError> {
        self.call("pods", false).await?;
        let state = self.state();
        let Some(on) = state.find(node) else { return Ok(Vec::new()) };
        let agent = Pod {
            name: "agent".to_owned(),
            uid: "agent".to_owned(),
            controller: "DaemonSet".to_owned(),
            ..Pod::default()
        };
        Ok(state.evictable(on).into_iter().map(|p| state.pod(p)).chain([agent]).collect())
    }

    async fn pods_in(&self, _namespace: &str) -> Result<Vec<Pod>, ApiError> {
        self.call("pods in namespace", false).await?;
        let state = self.state();
        Ok(state.pods.iter().map(|p| state.pod(p)).collect())
    }

    async fn budgets(&self) -> Result<Vec<Budget>, ApiError> {
        self.call("budgets", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let budgets = state.workloads.iter().enumerate().filter_map(|(w, workload)| {
            let desired = workload.min_available?;
            let healthy = state.healthy(w, now);
            Some(Budget {
                namespace: "default".to_owned(),
                name: format!("w{w}"),
                selector: Some(Selector {
                    labels: BTreeMap::from([("w".to_owned(), w.to_string())]),
                    expressions: Vec::new(),
                }),
                allowed: i32::try_from(healthy.saturating_sub(desired)).unwrap_or(0),
                healthy: i32::try_from(healthy).unwrap_or(0),
                desired: i32::try_from(desired).unwrap_or(0),
                expected: i32::try_from(workload.replicas).unwrap_or(0),
            })
        });
        Ok(budgets.collect())
    }

    async fn evict(&self, pod: &Pod) -> Result<Eviction, ApiError> {
        self.call("evict", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(p) = state.pods.iter().position(|p| p.uid.to_string() == pod.uid) else { return Ok(Eviction::Gone) };
        let w = state.pods[p].workload;
        if let Some(desired) = state.workloads[w].min_available
            && state.pods[p].ends.is_none()
            && state.healthy(w, now) <= desired
        {
            return Ok(Eviction::Refused(format!("The disruption budget w{w} needs {desired} healthy pods")));
        }
        let stop = if state.workloads[w].never_stops { Duration::MAX } else { now + POD_STOP };
        state.pods[p].ends.get_or_insert(stop);
        Ok(Eviction::Accepted)
    }

    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError> {
        self.call("delete pod", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(p) = state.pods.iter().position(|p| p.uid.to_string() == pod.uid) {
            let w = state.pods[p].workload;
            let stop = if grace == Some(0) {
                now
            } else if state.workloads[w].never_stops {
                Duration::MAX
            } else {
                now + POD_STOP
            };
            state.pods[p].ends = Some(stop);
        }
        Ok(())
    }

    async fn failing_checks(&self) -> Result<Vec<String>, ApiError> {
        self.call("readyz", false).await?;
        let now = self.clock.now();
        let fails = |t: &Trouble| matches!(t, Trouble::EtcdFailsUntil(until) if now < *until);
        Ok(if self.state().troubles.iter().any(fails) { vec!["etcd".to_owned()] } else { Vec::new() })
    }

    async fn api_addresses(&self) -> Result<Vec<IpAddr>, ApiError> {
        Ok(Vec::new())
    }
}

/// The journal's store: a write is a change like any other, before which the process may die.
#[async_trait]
impl Store for SimWorld {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.store.read(key).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let _ = self.call("journal", true).await;
        self.store.write(key, bytes, condition).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let _ = self.call("journal", true).await;
        self.store.delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(prefix).await
    }

    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }
}
