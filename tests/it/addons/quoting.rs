//! Values of specs arrive in manifests as they were written, whatever they look like in YAML.

use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::{Value, json};

use super::cluster::Case;
use crate::support::root;

/// Values that YAML reads as another type, or as more than one value, unless they are quoted.
const ODD: [&str; 9] =
    ["1.30", "yes", "null", "0x1f", "x # y", "x: y", "x\", \"added\": \"*", "x', added: 'y", "{added: x}"];

/// String fields: the case that has the addon, and the path in its spec.
const FIELDS: [(&str, &str); 19] = [
    ("authentication-aws/full", "authentication.aws.image"),
    ("authentication-aws/full", "authentication.aws.clusterID"),
    ("aws-ebs-csi-driver/full", "cloudConfig.awsEBSCSIDriver.version"),
    ("aws-load-balancer-controller/full", "awsLoadBalancerController.version"),
    ("aws-cloud-controller/full", "cloudControllerManager.image"),
    ("cert-manager/full", "certManager.defaultIssuer"),
    ("cluster-autoscaler/full", "clusterAutoscaler.image"),
    ("cluster-autoscaler/full", "clusterAutoscaler.maxNodeProvisionTime"),
    ("cluster-autoscaler/full", "clusterAutoscaler.newPodScaleUpDelay"),
    ("cluster-autoscaler/full", "clusterAutoscaler.scaleDownDelayAfterAdd"),
    ("cluster-autoscaler/full", "clusterAutoscaler.scaleDownUnneededTime"),
    ("coredns/full", "kubeDNS.coreDNSImage"),
    ("coredns/full", "kubeDNS.cpaImage"),
    ("metrics-server/full", "metricsServer.image"),
    ("amazon-vpc/full", "networking.amazonvpc.imageName"),
    ("amazon-vpc/full", "networking.amazonvpc.initImageName"),
    ("node-local-dns/full", "kubeDNS.nodeLocalDNS.image"),
    ("node-problem-detector/full", "nodeProblemDetector.image"),
    ("node-termination-handler/full", "nodeTerminationHandler.version"),
];

fn nested(path: &str, value: &str) -> Value {
    path.rsplit('.').fold(json!(value), |value, name| json!({ name: value }))
}

/// How many strings contain a value, and whether an entry was added.
fn count(value: &Value, wanted: &str) -> usize {
    match value {
        Value::String(text) => usize::from(text.contains(wanted)),
        Value::Array(items) => items.iter().map(|item| count(item, wanted)).sum(),
        Value::Object(entries) => {
            assert!(!entries.contains_key("added"), "a value became an entry: {entries:?}");
            entries.values().map(|value| count(value, wanted)).sum()
        }
        _ => 0,
    }
}

#[test]
fn values_arrive_as_they_were_written() {
    let (mut lost, mut tried) = (Vec::new(), 0);
    for (case, path) in FIELDS {
        // How often a value arrives; formats refuse some values.
        let arrived = |value: &str| {
            let objects = Case::with(case, &nested(path, value)).ok()?.objects();
            Some(objects.iter().map(|object| count(object, value)).sum::<usize>())
        };
        let known = ["usual-text-7", "7m", "registry.example.com/usual:7"].into_iter().find_map(arrived);
        let usual = known.filter(|usual| *usual > 0).unwrap_or_else(|| panic!("{case}: {path} is in no manifest"));
        let odd: Vec<_> = ODD.iter().filter_map(|odd| Some((odd, arrived(odd)?))).collect();
        tried += odd.len();
        lost.extend(odd.iter().filter(|(_, found)| *found < usual).map(|(odd, _)| format!("{path}: {odd}")));
    }
    assert!(tried > FIELDS.len(), "only {tried} values were tried");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Whether an action prints nothing, or prints a value that cannot be more than one.
fn is_safe(action: &str, line: &str) -> bool {
    let control = ["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "/*", "$"];
    let first = action.split_whitespace().next().unwrap_or_default();
    let prints_variable = first.starts_with('$') && !action.contains(":=") && !action.contains(" = ");
    let is_control = control
        .iter()
        .any(|word| first == *word || (first.starts_with(word) && !word.chars().all(char::is_alphabetic)));
    // Quantities have a format of their own, and numbers among them stay numbers, as in kops.
    let is_quantity = |name: &str| line.contains(&format!("{name}: {{{{ {action} }}}}"));
    (is_control && !prints_variable)
        || action.contains("toJson")
        || action.contains("toYaml")
        || is_quantity("cpu")
        || is_quantity("memory")
}

#[test]
fn every_value_of_a_template_is_quoted() {
    let action = Regex::new(r"\{\{-? ?(.*?) ?-?\}\}").unwrap();
    let mut raw = Vec::new();
    let mut visit = |path: &Path| {
        // The lines of a block scalar are one string, in which nothing is quoted; specs have no line breaks to end it.
        let mut block = None;
        for (i, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            if block.is_some_and(|outer| indent > outer || line.trim().is_empty() || line.starts_with("{{")) {
                continue;
            }
            block = line.trim_end().trim_end_matches(['-', '+']).ends_with(['|', '>']).then_some(indent);
            for found in action.captures_iter(line).filter(|found| !is_safe(&found[1], line)) {
                raw.push(format!("{}:{}: {}", path.strip_prefix(root()).unwrap().display(), i + 1, &found[0]));
            }
        }
    };
    let mut files = 0;
    for addon in fs::read_dir(root().join("templates/addons")).unwrap().map(|entry| entry.unwrap().path()) {
        if addon.is_dir() {
            for file in fs::read_dir(addon).unwrap().map(|entry| entry.unwrap().path()) {
                visit(&file);
                files += 1;
            }
        }
    }
    assert!(files > 50);
    assert!(raw.is_empty(), "print these by `| toJson`:\n{}", raw.join("\n"));
}
