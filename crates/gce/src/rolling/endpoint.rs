//! The address of a cluster's Kubernetes API.

use serde_json::Value;

use crate::api::Api;
use crate::error::call_failed;
use crate::value::text;
use kopsform_rolling::ports::ApiError;
use kopsform_spec::names::gce as names;
use kopsform_spec::v1alpha2::Cluster;

/// The address of the load balancer in front of a cluster's API: the external one, else an internal one. `None` if there is none.
///
/// As in kops, these are the cluster's forwarding rules whose names begin with `api-`. kops looks for those of a shared VPC in
/// its host project, where they are not; here they are looked for in the cluster's project.
///
/// # Errors
/// When the forwarding rules cannot be listed.
pub async fn api_address(api: &Api, cluster: &Cluster) -> Result<Option<String>, ApiError> {
    if cluster.api_load_balancer().is_none() {
        return Ok(None);
    }
    let (project, region) = (&cluster.spec.project, cluster.region());
    let rules = api.get_all(&format!("projects/{project}/regions/{region}/forwardingRules"), "").await;
    let rules = rules.map_err(call_failed("list forwarding rules"))?;
    Ok(address(&rules, &cluster.metadata.name))
}

fn address(rules: &[Value], cluster: &str) -> Option<String> {
    let label = names::safe_cluster_name(cluster);
    let is_own = |rule: &&Value| {
        let of = rule.get("labels").map_or("", |labels| text(labels, names::CLUSTER_LABEL));
        text(rule, "name").starts_with("api-") && of == label && !text(rule, "IPAddress").is_empty()
    };
    // Several internal ones are those of several subnets; any of them serves.
    let key = |rule: &&Value| {
        (!text(rule, "loadBalancingScheme").starts_with("EXTERNAL"), text(rule, "IPAddress").to_owned())
    };
    rules.iter().filter(is_own).min_by_key(key).map(|rule| text(rule, "IPAddress").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(name: &str, scheme: &str, ip: &str, cluster: &str) -> Value {
        json!({
            "name": name, "loadBalancingScheme": scheme, "IPAddress": ip, "labels": { "k8s-io-cluster-name": cluster },
        })
    }

    #[test]
    fn the_external_rule_of_the_cluster_is_preferred() {
        let mut rules = vec![
            rule("api-demo-example-com", "EXTERNAL", "203.0.113.9", "other-example-com"),
            rule("kops-controller-us-test1", "INTERNAL", "10.0.0.1", "demo-example-com"),
            rule("api-us-test1-demo-example-com", "INTERNAL", "10.0.0.2", "demo-example-com"),
        ];
        assert_eq!(address(&rules, "demo.example.com").as_deref(), Some("10.0.0.2"));
        rules.push(rule("api-demo-example-com", "EXTERNAL", "203.0.113.5", "demo-example-com"));
        assert_eq!(address(&rules, "demo.example.com").as_deref(), Some("203.0.113.5"));
        assert_eq!(address(&rules, "third.example.com"), None);
    }
}
