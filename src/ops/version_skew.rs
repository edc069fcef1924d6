//! Which Kubernetes version the control plane runs: while it is older than the spec, workers must not be newer.

use kopsform_env::Environment;
use kopsform_spec::versions::parse_tolerant;

/// The lowest kubelet version of the running control plane, asked of the context with the cluster's name in the person's
/// kubeconfig. `None` where there is no such context: then no update of Kubernetes is taken to be under way.
///
/// # Errors
/// Why the API could not be asked.
#[cfg(feature = "kube")]
pub async fn running_version(cluster: &str, environment: &Environment) -> Result<Option<String>, String> {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

    if !kopsform_kubeconfig::has_context(environment, cluster) {
        return Ok(None);
    }
    let client = kopsform_kube::from_kubeconfig(environment, cluster, None).await.map_err(|error| error.to_string())?;
    let versions = tokio::time::timeout(PATIENCE, client.control_plane_versions()).await;
    let versions = versions.map_err(|_| "the API did not answer".to_owned())?.map_err(|error| error.to_string())?;
    Ok(lowest(&versions))
}

/// Without a Kubernetes client nothing can be asked.
///
/// # Errors
/// None.
#[cfg(not(feature = "kube"))]
pub async fn running_version(_cluster: &str, _environment: &Environment) -> Result<Option<String>, String> {
    Ok(None)
}

/// The lowest of some versions, without a leading `v`; those that are none are left out.
#[cfg_attr(not(feature = "kube"), allow(dead_code))]
fn lowest(versions: &[String]) -> Option<String> {
    let parsed = versions.iter().filter_map(|text| Some((parse_tolerant(text)?, text)));
    parsed.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, text)| text.trim_start_matches('v').to_owned())
}

/// The version workers are configured for, if it is not the spec's: what the control plane runs, where that is older.
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
