//! The environment of pods that reach the state store or the internet.

use std::collections::BTreeMap;

use crate::facts::region_of;
use kopsform_env::{self as env, Environment};
use kopsform_spec::v1alpha2::Cluster;

/// Variables that are passed on from the user's environment.
const PASSED_ON: [&str; 4] = [env::S3_REGION, env::S3_ENDPOINT, env::S3_ACCESS_KEY_ID, env::S3_SECRET_ACCESS_KEY];

/// The variables of the cluster's own pods: the proxy, and on AWS the region and an S3-compatible store.
pub fn system_environment(cluster: &Cluster, environment: &Environment) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    if let Some(proxy) = &cluster.spec.egress_proxy {
        let host = &proxy.http_proxy.host;
        let port = if proxy.http_proxy.port == 0 { String::new() } else { format!(":{}", proxy.http_proxy.port) };
        for name in ["http_proxy", "https_proxy"] {
            variables.insert(name.to_owned(), format!("http://{host}{port}"));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            variables.insert(name.to_owned(), proxy.excludes.clone());
        }
    }
    if cluster.is_on_gce() {
        return variables;
    }
    let region = region_of(cluster);
    let region =
        if region.is_empty() { environment.get(env::AWS_REGION).unwrap_or_default().to_owned() } else { region };
    if !region.is_empty() {
        variables.insert(env::AWS_REGION.to_owned(), region);
    }
    for name in PASSED_ON {
        if let Some(value) = environment.get(name) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_spec::v1alpha2::{EgressProxy, HttpProxy};

    #[test]
    fn proxies_and_stores_reach_pods() {
        let mut cluster = Cluster::default();
        cluster.spec.egress_proxy = Some(EgressProxy {
            http_proxy: HttpProxy { host: "proxy".to_owned(), port: 3128 },
            excludes: "localhost".to_owned(),
        });
        let environment = Environment::of([(env::S3_ENDPOINT, "http://minio:9000"), (env::AWS_REGION, "eu-west-1")]);
        let variables = system_environment(&cluster, &environment);
        assert_eq!(variables["https_proxy"], "http://proxy:3128");
        assert_eq!(variables["no_proxy"], "localhost");
        assert_eq!(variables["S3_ENDPOINT"], "http://minio:9000");
        assert_eq!(variables["AWS_REGION"], "eu-west-1", "taken from outside only without zones");
        assert!(!variables.contains_key("S3_REGION"));
    }
}
