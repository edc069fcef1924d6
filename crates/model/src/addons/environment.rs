//! Environment variables of pods that reach the state store and the internet.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::addon_context::AddonContext;
use kopsform_env as env;

/// Variables by name, in the order of their names.
pub(super) type Variables = BTreeMap<String, String>;

/// The proxy of the spec as programs look for it; nothing where there is none.
pub(super) fn proxy(scene: &AddonContext<'_>) -> Variables {
    let mut variables = whole_proxy(scene);
    let proxy = scene.cluster.spec.egress_proxy.as_ref();
    if proxy.is_some_and(|proxy| proxy.http_proxy.host.is_empty()) {
        variables.retain(|name, _| !name.starts_with("http"));
    }
    variables.retain(|_, value| !value.is_empty());
    variables
}

/// The same with empty variables, as kops sets them for programs that read the state store.
fn whole_proxy(scene: &AddonContext<'_>) -> Variables {
    let Some(proxy) = &scene.cluster.spec.egress_proxy else { return Variables::new() };
    let (host, port) = (&proxy.http_proxy.host, proxy.http_proxy.port);
    let url = if port == 0 { format!("http://{host}") } else { format!("http://{host}:{port}") };
    let excludes = &proxy.excludes;
    [("http_proxy", &url), ("https_proxy", &url), ("no_proxy", excludes), ("NO_PROXY", excludes)]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into()
}

/// What a program needs to read the state store: the proxy; on AWS also the region, and the access to a store that is not AWS'.
pub(super) fn state_store(scene: &AddonContext<'_>) -> Variables {
    let mut variables = whole_proxy(scene);
    if scene.on_gce() {
        return variables;
    }
    if !scene.values.region.is_empty() {
        variables.insert("AWS_REGION".to_owned(), scene.values.region.clone());
    }
    for name in [env::S3_REGION, env::S3_ENDPOINT, env::S3_ACCESS_KEY_ID, env::S3_SECRET_ACCESS_KEY] {
        if let Some(value) = scene.context.environment.get(name) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    variables
}

/// The variables as a container lists them, after those that are always there.
pub(super) fn list(first: &[(&str, &str)], variables: &Variables) -> Vec<Value> {
    let first = first.iter().map(|(name, value)| (*name, *value));
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    first.chain(variables).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
