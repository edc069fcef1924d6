//! What the components of each Kubernetes minor release take: feature gates, admission plugins, API versions and flags.
//!
//! A component exits on a name it does not know. kops passes such names on, so a spec that worked with an older release
//! can leave a cluster without a control plane or a group without nodes. The table comes from the components themselves,
//! see `scripts/kubernetes-table`; [`rules`] applies it to specs.

pub mod rules;
mod settings;
mod table;

use std::ops::RangeInclusive;

use kopsform_diagnostics::nearest;

use crate::versions::{NEWEST_SUPPORTED, OLDEST_SUPPORTED};
use table::{Kind, Row, TABLE};

/// The minor releases the table describes in full, all of Kubernetes 1. Of older ones it only has what was removed.
pub const MINORS: RangeInclusive<u64> = OLDEST_SUPPORTED.1..=NEWEST_SUPPORTED.1;

/// A program of Kubernetes that the spec configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// kube-apiserver.
    ApiServer,
    /// kube-controller-manager.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
    /// The kubelet.
    Kubelet,
    /// kube-proxy.
    Proxy,
}

impl Component {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ApiServer, Self::ControllerManager, Self::Scheduler, Self::Kubelet, Self::Proxy];

    /// The name of the program, such as `kube-apiserver`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Kubelet => "kubelet",
            Self::Proxy => "kube-proxy",
        }
    }

    /// The letter that stands for it in the table.
    fn letter(self) -> char {
        match self {
            Self::ApiServer => 'a',
            Self::ControllerManager => 'm',
            Self::Scheduler => 's',
            Self::Kubelet => 'k',
            Self::Proxy => 'p',
        }
    }
}

/// Whether a component of one minor release takes a name. Minors are the number after `1.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It does.
    Known {
        /// The only value a feature gate takes, where it is locked: the component exits on the other.
        locked: Option<bool>,
    },
    /// It did until the release before `minor`.
    Removed {
        /// The first release without it.
        minor: u64,
    },
    /// A later release does.
    NotYet {
        /// The first release with it.
        minor: u64,
    },
    /// No release does, as far as the table goes back.
    Unknown {
        /// A name the component takes that looks like this one.
        nearest: Option<&'static str>,
    },
}

/// Whether a component knows a feature gate.
pub fn feature_gate(component: Component, minor: u64, name: &str) -> Support {
    support(Kind::Gate, component, minor, name)
}

/// Whether kube-apiserver has an admission plugin.
pub fn admission_plugin(minor: u64, name: &str) -> Support {
    support(Kind::Plugin, Component::ApiServer, minor, name)
}

/// Whether kube-apiserver can switch an API version such as `batch/v1` on or off. The core group is the bare version, `v1`.
pub fn api_version(minor: u64, name: &str) -> Support {
    support(Kind::Api, Component::ApiServer, minor, name)
}

/// Whether a component has a command line flag, written without dashes before it.
pub fn flag(component: Component, minor: u64, name: &str) -> Support {
    support(Kind::Flag, component, minor, name)
}

fn support(kind: Kind, component: Component, minor: u64, name: &str) -> Support {
    let Some(row) = TABLE.get(kind, name).iter().find(|row| row.concerns(component)) else {
        let known = TABLE.names(kind, |row| row.concerns(component) && row.holds_in(minor));
        return Support::Unknown { nearest: nearest(name, known) };
    };
    match *row {
        Row { removed: Some(removed), .. } if minor >= removed => Support::Removed { minor: removed },
        Row { added: Some(added), .. } if minor < added => Support::NotYet { minor: added },
        Row { locked, .. } => {
            Support::Known { locked: locked.and_then(|(value, since)| (minor >= since).then_some(value)) }
        }
    }
}

#[cfg(test)]
mod tests;
