//! The Kubernetes version of the running control plane: while it is older than the spec's, workers must not be newer.

use std::time::Duration;

use super::clouds;
use kopsform_env::Environment;
use kopsform_spec::versions::parse_tolerant;

/// The lowest kubelet version of the running control plane, read through the context with the cluster's name in the user's
/// kubeconfig. `None` without such a context: then no update of Kubernetes is assumed to be in progress.
///
/// # Errors
/// Why the API could not be used.
pub async fn running_version(cluster: &str, environment: &Environment) -> Result<Option<String>, String> {
    const TIMEOUT: Duration = Duration::from_secs(15);

    if !kopsform_kubeconfig::has_context(environment, cluster) {
        return Ok(None);
    }
    let versions = tokio::time::timeout(TIMEOUT, clouds::control_plane_versions(environment, cluster)).await;
    Ok(lowest(&versions.map_err(|_| "the API did not respond".to_owned())??))
}

/// The lowest of some versions, without a leading `v`; malformed ones are skipped.
fn lowest(versions: &[String]) -> Option<String> {
    let parsed = versions.iter().filter_map(|text| Some((parse_tolerant(text)?, text)));
    parsed.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, text)| text.trim_start_matches('v').to_owned())
}

/// The version workers are configured for, if it is not the spec's: the control plane's, where that is older.
pub fn worker_version<'a>(running: Option<&'a str>, spec: &str) -> Option<&'a str> {
    let (running, own) = (running?, parse_tolerant(spec)?);
    parse_tolerant(running).is_some_and(|version| version < own).then_some(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_wait_for_the_control_plane() {
        let versions = ["v1.35.2", "v1.34.9", "unknown"].map(str::to_owned);
        assert_eq!(lowest(&versions).as_deref(), Some("1.34.9"));
        assert_eq!(lowest(&[]), None);
        assert_eq!(worker_version(Some("1.34.9"), "v1.35.2"), Some("1.34.9"));
        assert_eq!(worker_version(Some("1.35.2"), "1.35.2"), None);
        assert_eq!(worker_version(Some("1.36.0"), "1.35.2"), None, "never newer than the spec");
        assert_eq!(worker_version(None, "1.35.2"), None);
    }
}
