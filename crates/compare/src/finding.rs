//! Findings: what differs, in a stable form for programs and as a line for people.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a difference changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// What Terraform, IAM, Kubernetes or an instance reads.
    Meaning,
    /// Only bytes: order, formatting, comments, names of files.
    Bytes,
}

/// One difference between two sets of files. No value holds a private key or a secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub severity: Severity,
    /// The file that differs: its path in the new set, or in the old one if only that has it.
    pub file: String,
    /// The address of the Terraform block that it belongs to: `aws_iam_role_policy.masters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The object within the file: `Deployment kube-system/coredns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The value within the object, file or block: `spec.replicas`, `Statement[2].Action`; of text, the line: `[12]`.
    pub path: String,
    /// The old value; absent if there is only a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value; absent if there is only an old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// What kind of thing differs: `security group rule`, `kubelet flag of`.
    #[serde(skip)]
    pub what: String,
    /// Its name: `https-api`, `nodes`.
    #[serde(skip)]
    pub name: String,
    /// What happened to it: `from_port 443 → 6443`.
    #[serde(skip)]
    pub change: String,
    /// The three as one line, which is also how the finding is displayed.
    pub summary: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)
    }
}

/// Findings of the same change to several things, as one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'f> {
    /// The line: `kubelet flag of nodes-a and nodes-b: maxPods 110 → 100`.
    pub text: String,
    /// The findings that it stands for.
    pub findings: Vec<&'f Finding>,
}

/// Names that a line lists; of more, the number follows.
const MAX_NAMES: usize = 4;

/// One line for each change, in the order of the findings: the same change to things of one kind is reported once.
pub fn lines(findings: &[Finding]) -> Vec<Line<'_>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut known = HashMap::new();
    for finding in findings {
        let key = (finding.severity, finding.what.as_str(), finding.change.as_str());
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let line = |group: Vec<&'_ Finding>| match group.as_slice() {
        [only] => only.summary.clone(),
        [first, ..] => {
            let names: BTreeSet<&str> = group.iter().map(|finding| finding.name.as_str()).collect();
            let others = names.len().saturating_sub(MAX_NAMES);
            let names: Vec<&str> = names.into_iter().collect();
            let names = match names.as_slice() {
                [only] => (*only).to_owned(),
                _ if others > 0 => format!("{} and {others} others", names[..MAX_NAMES.min(names.len())].join(", ")),
                [start @ .., last] => format!("{} and {last}", start.join(", ")),
                [] => String::new(),
            };
            summary(&first.what, &names, &first.change)
        }
        [] => String::new(),
    };
    groups.into_iter().map(|group| Line { text: line(group.clone()), findings: group }).collect()
}

/// `WHAT NAME: CHANGE`, without the parts that are empty.
pub(crate) fn summary(what: &str, name: &str, change: &str) -> String {
    let subject = [what, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if subject.is_empty() { change.to_owned() } else { format!("{subject}: {change}") }
}
