//! The invariants of an update, checked whenever it takes an instance out of service.

use std::time::Duration;

use kopsform_spec::v1alpha2::InstanceGroupRole;

use kopsform_rolling::ports::Capabilities;

use super::{Instance, License, State};

/// What an update may do.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) license: License,
    pub(super) capabilities: Capabilities,
}

impl State {
    /// Checks the invariants that hold when an instance is removed from service.
    pub(super) fn check_service(&mut self, now: Duration, what: &str, id: &str, allowed: Allowed) {
        let Some(touched) = self.find(id).map(|i| self.instances[i].clone()) else { return };
        if touched.warm {
            return;
        }
        let mut broken = Vec::new();
        let Allowed { license, capabilities } = allowed;
        if !(touched.needs_update() || (license.forced && touched.original)) {
            broken.push(format!("{what} of {id}, which is up to date"));
        }
        let group = &self.groups[touched.group];
        let able = |i: &Instance| {
            let up = if group.role == InstanceGroupRole::Bastion { i.alive } else { i.ready(now) };
            up && !i.cordoned && !(what == "terminate" && i.id == id)
        };
        let count = self.instances.iter().filter(|i| i.group == touched.group && able(i)).count();
        let down = group.size.saturating_sub(count);
        if down > group.allowed_down(capabilities) {
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
}
