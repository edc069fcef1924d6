//! Additional objects, which are applied to the cluster.

use serde_json::Value;

use super::Rules;
use super::checker::Checker;
use crate::decode::Decoded;
use kopsform_diagnostics::{Report, Rule};

const SCHEDULER_GROUP: &str = "kubescheduler.config.k8s.io/";

pub(super) fn check(objects: &[&Decoded<Value>], rules: &Rules<'_>, report: &mut Report) {
    let mut schedulers = 0;
    for decoded in objects {
        let text = |path: &str| decoded.object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
        let object = if name.is_empty() { kind.to_owned() } else { format!("{kind}/{name}") };
        let mut cx = Checker::new(&decoded.locations, object, rules, report);
        if kind != "KubeSchedulerConfiguration" || !version.starts_with(SCHEDULER_GROUP) {
            if name.is_empty() {
                cx.strict(Rule::MissingField, "metadata.name", (format!("the {kind} has no name"), "write a name"));
            }
            continue;
        }
        schedulers += 1;
        if schedulers > 1 {
            let message = "there are several configurations of the scheduler";
            cx.error(Rule::DuplicateObject, "kind", (message, "keep one of them"));
        }
        match decoded.object.pointer("/clientConnection/kubeconfig") {
            None | Some(Value::Null) => {}
            Some(Value::String(path)) if path.is_empty() => {}
            Some(_) => {
                let message = "kops sets the kubeconfig of the scheduler";
                cx.error(Rule::ReservedField, "clientConnection.kubeconfig", (message, "remove it"));
            }
        }
    }
}
