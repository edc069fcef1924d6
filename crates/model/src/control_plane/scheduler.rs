//! kube-scheduler: its configuration file, and what is left for its command line.

use serde_json::{Map, Number, Value, json};

use crate::Context;
use kopsform_spec::v1alpha2::{Cluster, KubeSchedulerConfig};

/// Where nodes keep the scheduler's configuration.
pub const SCHEDULER_CONFIG_PATH: &str = "/var/lib/kube-scheduler/config.yaml";
const KUBECONFIG: &str = "/var/lib/kube-scheduler/kubeconfig";
const GROUP: &str = "kubescheduler.config.k8s.io/";
const KIND: &str = "KubeSchedulerConfiguration";

/// The configuration file: the object that the user stored, if any, with kops' settings applied on top.
///
/// # Errors
/// When there are several such objects, or one cannot take the settings.
pub fn scheduler_config(context: &Context<'_>) -> Result<String, String> {
    let is_config = |object: &&Value| {
        object["kind"] == KIND && object["apiVersion"].as_str().is_some_and(|version| version.starts_with(GROUP))
    };
    let own: Vec<&Value> = context.additional_objects.iter().filter(is_config).collect();
    let mut config = match own.as_slice() {
        [] => json!({"apiVersion": format!("{GROUP}v1"), "kind": KIND}),
        [object] => (*object).clone(),
        several => return Err(format!("there are {} {KIND} objects, there can be one", several.len())),
    };
    let connection = config
        .as_object_mut()
        .map(|fields| fields.entry("clientConnection").or_insert_with(|| Value::Object(Map::new())))
        .and_then(Value::as_object_mut)
        .ok_or_else(|| format!("clientConnection of {KIND} is no mapping"))?;
    connection.insert("kubeconfig".to_owned(), json!(KUBECONFIG));
    let scheduler = context.cluster.spec.kube_scheduler.as_ref();
    if let Some(nanos) = scheduler.and_then(|s| s.qps.as_ref()).and_then(|qps| qps.nanos()) {
        connection.insert("qps".to_owned(), Value::Number(decimal(nanos)));
    }
    if let Some(burst) = scheduler.map(|s| s.burst).filter(|burst| *burst != 0) {
        connection.insert("burst".to_owned(), json!(burst));
    }
    Ok(kopsform_yaml::to_string(&config))
}

/// The scheduler's settings without those that are in its configuration file.
pub fn scheduler_flags(cluster: &Cluster) -> KubeSchedulerConfig {
    KubeSchedulerConfig { qps: None, burst: 0, ..cluster.spec.kube_scheduler.clone().unwrap_or_default() }
}

/// An amount in billionths as a number: whole where it is whole.
fn decimal(nanos: i128) -> Number {
    const NANOS: i128 = 1_000_000_000;
    match i64::try_from(nanos / NANOS) {
        Ok(whole) if nanos % NANOS == 0 => Number::from(whole),
        _ => Number::from_f64(nanos as f64 / NANOS as f64).unwrap_or_else(|| Number::from(0)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fixture::Fixture;

    fn config(fixture: &Fixture, objects: &[Value]) -> Result<Value, String> {
        let context = Context { additional_objects: objects, ..fixture.context() };
        scheduler_config(&context).map(|text| serde_yaml::from_str(&text).unwrap())
    }

    #[test]
    fn client_limits_move_into_the_file() {
        let mut fixture = Fixture::default();
        let scheduler =
            KubeSchedulerConfig { qps: Some("1500m".into()), burst: 20, log_level: 2, ..Default::default() };
        fixture.cluster.spec.kube_scheduler = Some(scheduler);
        let made = config(&fixture, &[]).unwrap();
        assert_eq!(made["clientConnection"], json!({"kubeconfig": KUBECONFIG, "qps": 1.5, "burst": 20}));
        let flags = scheduler_flags(&fixture.cluster);
        assert_eq!((flags.qps, flags.burst, flags.log_level), (None, 0, 2));
    }

    #[test]
    fn an_own_configuration_is_kept() {
        let own = json!({
            "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": KIND,
            "profiles": [{"schedulerName": "mine"}], "clientConnection": {"burst": 7},
        });
        let made = config(&Fixture::default(), std::slice::from_ref(&own)).unwrap();
        assert_eq!(made["profiles"], own["profiles"]);
        assert_eq!(made["clientConnection"], json!({"burst": 7, "kubeconfig": KUBECONFIG}));
        assert!(config(&Fixture::default(), &[own.clone(), own]).is_err());
    }
}
