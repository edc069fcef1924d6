//! A cluster and its failures, as described by a test.

use std::time::Duration;

use kopsform_rolling::ports::{Capabilities, Eviction, LoadBalancerRef, Retryability};
use kopsform_rolling::settings::{Settings, SurgeSupport};
use kopsform_spec::meta::IntOrString;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, InstanceManager, RollingUpdate};

/// A group, as described by a test.
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
    pub load_balancer: bool,
    /// In how many zones the cloud has a group for it.
    pub zones: usize,
}

impl GroupSpec {
    /// The number of instances in a zone.
    pub(super) fn size_in(&self, zone: usize) -> usize {
        self.size / self.zones + usize::from(zone < self.size % self.zones)
    }

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
            load_balancer: false,
            zones: 1,
        }
    }
}

/// Pods of one workload, as described by a test.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    pub group: usize,
    pub replicas: usize,
    pub min_available: Option<usize>,
    pub never_stops: bool,
}

/// What fails.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Calls fail: after the first `skip`, the next `times`.
    Calls { call: &'static str, skip: usize, times: usize, retryability: Retryability },
    /// Replacements in a group never join.
    NeverJoins(usize),
    /// Replacements in a group never get ready.
    NeverReady(usize),
    /// Instances no longer exist when they are terminated.
    GoneBefore,
    /// Load balancers never finish deregistering.
    DeregistrationHangs,
    /// The answer to evictions of pods that are there.
    Evictions(Eviction),
    /// Pods are being deleted for a year, and a finalizer keeps them.
    HeldByFinalizer,
    /// A single node is not found when it is looked up.
    NodesNotFound,
    /// The nodes of a group register only then.
    RegisterAt(usize, Duration),
    /// A process of a group is suspended.
    Suspended(usize, &'static str),
    /// The checks of the API server fail until then.
    EtcdFailsUntil(Duration),
}

/// What an update may do in this simulation, besides what the invariants allow.
#[derive(Debug, Clone, Copy, Default)]
pub struct License {
    /// Pods may be there when an instance is terminated.
    pub undrained: bool,
    /// Load balancers may send traffic to an instance that is terminated.
    pub registered: bool,
    /// Instances that are up to date may go, unless the update itself started them.
    pub forced: bool,
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
    pub(super) fn allowed_down(&self, capabilities: Capabilities) -> usize {
        let spec = self.instance_group();
        let support = match (self.karpenter, capabilities.detach) {
            (true, _) => SurgeSupport::Concurrency,
            (false, true) => SurgeSupport::Detach,
            (false, false) => SurgeSupport::Unsupported,
        };
        let settings = Settings::resolve(spec.spec.rolling_update.as_ref(), None, support, self.size);
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

    pub(super) fn load_balancer(&self) -> Option<LoadBalancerRef> {
        self.load_balancer
            .then(|| LoadBalancerRef { id: self.name.clone(), title: format!("classic load balancer {}", self.name) })
    }
}
