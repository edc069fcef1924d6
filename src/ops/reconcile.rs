//! The steps of `reconcile cluster` that no other command has.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::cluster_access::ClusterSession;
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::health::{Failure, FailureKind};
use kopsform_rolling::observe::observe_health;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// For how long the control plane may take to get ready, as in kops.
const WAIT: Duration = Duration::from_secs(600);
/// The pause between two looks at it.
const INTERVAL: Duration = Duration::from_secs(10);

/// Why the control plane is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReadyError {
    /// The time has passed.
    #[error("the control plane did not get ready within {} minutes: {reason}", WAIT.as_secs() / 60)]
    TimedOut {
        /// What is wrong with it.
        reason: String,
    },
    /// The session has no access to the Kubernetes API.
    #[error("the Kubernetes API is not connected")]
    NoKubernetes,
    /// The run is to stop.
    #[error("stopped while the control plane was not ready: {reason}")]
    Stopped {
        /// What is wrong with it.
        reason: String,
    },
}

impl Explain for NotReadyError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::TimedOut { .. } => vec![
                "the other groups were not updated; check the control plane with `kopsform validate cluster`, then run the command \
                 again"
                    .to_owned(),
            ],
            Self::Stopped { .. } => vec!["run the command again: it continues with what is left".to_owned()],
            Self::NoKubernetes => Vec::new(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        if matches!(self, Self::Stopped { .. }) { ExitCode::Stopped } else { ExitCode::Error }
    }
}

/// Waits until the API answers and the instances of the control plane are ready nodes. Pods are not considered: those of the new
/// version may be unable to run before the instances are replaced.
///
/// # Errors
/// When they are not ready in time.
pub async fn wait_for_control_plane(
    session: &ClusterSession,
    stop: &CancellationToken,
    note: impl Fn(&str),
) -> Result<(), NotReadyError> {
    let kubernetes = session.kubernetes().ok_or(NotReadyError::NoKubernetes)?;
    let (access, clock) = (&session.access, session.clock());
    let until = clock.now() + WAIT;
    loop {
        let reason = match observe_health(access.cloud(), &kubernetes, &access.cluster, &access.groups).await {
            Ok((_, health)) => match health.failures.iter().find(|failure| is_of_control_plane(failure)) {
                None => return Ok(()),
                Some(failure) => format!("{} {}: {}", failure.kind, failure.name, failure.message),
            },
            Err(error) => error.to_string(),
        };
        if stop.is_cancelled() {
            return Err(NotReadyError::Stopped { reason });
        }
        if clock.now() + INTERVAL > until {
            return Err(NotReadyError::TimedOut { reason });
        }
        note(&format!("the control plane is not ready yet: {reason}"));
        clock.sleep(INTERVAL).await;
    }
}

fn is_of_control_plane(failure: &Failure) -> bool {
    let is_its_group = |role: InstanceGroupRole| role == InstanceGroupRole::ControlPlane;
    failure.kind != FailureKind::Pod && failure.group.as_ref().is_none_or(|(_, role)| is_its_group(*role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_instances_of_the_control_plane_hold_it_back() {
        let failure = |kind, role: Option<InstanceGroupRole>| Failure {
            kind,
            name: String::new(),
            message: String::new(),
            group: role.map(|role| ("g".to_owned(), role)),
            instance: None,
        };
        assert!(is_of_control_plane(&failure(FailureKind::Machine, Some(InstanceGroupRole::ControlPlane))));
        assert!(is_of_control_plane(&failure(FailureKind::Dns, None)));
        assert!(!is_of_control_plane(&failure(FailureKind::Node, Some(InstanceGroupRole::Node))));
        assert!(!is_of_control_plane(&failure(FailureKind::Pod, Some(InstanceGroupRole::ControlPlane))));
    }
}
