//! `check plan`: finds what a Terraform plan would do to etcd, the API and the control plane.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::support::github::annotation;
use kopsform_diagnostics::Explain;
use kopsform_files::{read_bounded, read_stream_bounded};
use kopsform_terraform::plan::{self, Effect, Finding, Plan, PlanError, Protected};

/// The largest plan that is read, in bytes. A plan repeats the whole configuration and state, so it is much larger than other
/// files.
const LIMIT: u64 = 512 << 20;

/// Why a plan could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckPlanError {
    #[error("cannot read the plan {name}: {source}")]
    Read { name: String, source: std::io::Error },
    #[error("cannot check {name}: {source}")]
    Plan { name: String, source: PlanError },
}

impl Explain for CheckPlanError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read { .. } => Vec::new(),
            Self::Plan { source, .. } => source.hints(),
        }
    }
}

/// The outcome of a check.
#[derive(Debug)]
pub struct CheckedPlan {
    /// The plan as messages name it.
    pub name: String,
    /// The number of managed resources in the plan.
    pub resources: usize,
    /// What was found and is not allowed.
    pub findings: Vec<Finding>,
    /// What was found and is allowed.
    pub allowed: Vec<Finding>,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each finding with its addresses and a hint.
    Text,
    /// A JSON object with all findings.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Reads and checks a plan in JSON; `-` is standard input.
///
/// # Errors
/// If it cannot be read, or is not a plan that this release knows.
pub async fn run(file: &str, allowed: &BTreeSet<Protected>) -> Result<CheckedPlan, CheckPlanError> {
    let name = if file == "-" { "standard input".to_owned() } else { file.to_owned() };
    let failed = |source| CheckPlanError::Read { name: name.clone(), source };
    let path = file.to_owned();
    let read = move || match path.as_str() {
        "-" => read_stream_bounded(std::io::stdin().lock(), LIMIT),
        path => Ok(read_bounded(Path::new(path), LIMIT)?),
    };
    let bytes = tokio::task::spawn_blocking(read).await;
    let bytes = bytes.map_err(|error| failed(std::io::Error::other(error)))?.map_err(failed)?;
    check(name, &bytes, allowed)
}

fn check(name: String, bytes: &[u8], allowed: &BTreeSet<Protected>) -> Result<CheckedPlan, CheckPlanError> {
    let plan = Plan::parse(bytes).map_err(|source| CheckPlanError::Plan { name: name.clone(), source })?;
    let (allowed, findings) = plan::check(&plan).into_iter().partition(|found| allowed.contains(&found.protected));
    Ok(CheckedPlan { name, resources: plan.resources(), findings, allowed })
}

impl CheckedPlan {
    /// Formats the findings.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => self.json(),
            Format::Github => self.github(),
        }
    }

    /// `plan.json: 2 findings, 1 allowed, in 84 resources`.
    pub fn summary(&self) -> String {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let allowed = match self.allowed.len() {
            0 => String::new(),
            n => format!("{n} allowed, "),
        };
        let (findings, resources) = (count(self.findings.len(), "finding"), count(self.resources, "resource"));
        format!("{}: {findings}, {allowed}in {resources}", self.name)
    }

    fn all(&self) -> impl Iterator<Item = (&Finding, bool)> {
        self.findings.iter().map(|finding| (finding, false)).chain(self.allowed.iter().map(|finding| (finding, true)))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (finding, is_allowed) in self.all() {
            let severity = if is_allowed { "allowed" } else { "error" };
            let _ = writeln!(text, "{severity}: {finding}");
            for (address, effect) in finding.addresses.iter().zip(&finding.effects) {
                let _ = writeln!(text, "  {:>3} {address}", sign(*effect));
            }
            if !is_allowed {
                let _ = writeln!(text, "hint: {}", finding.hint);
            }
            text.push('\n');
        }
        text
    }

    fn json(&self) -> String {
        let findings: Vec<_> = self
            .all()
            .map(|(finding, is_allowed)| {
                let mut value = json!(finding);
                value["message"] = json!(finding.to_string());
                value["allowed"] = json!(is_allowed);
                value
            })
            .collect();
        let value = json!({ "plan": self.name, "resources": self.resources, "findings": findings });
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text
    }

    fn github(&self) -> String {
        let line = |(finding, is_allowed): (&Finding, bool)| {
            let (severity, title) = match is_allowed {
                true => ("notice", format!("allowed: {}", finding.protected)),
                false => ("error", format!("protected: {}", finding.protected)),
            };
            let message = format!("{finding}\n{}\n{}", finding.addresses.join("\n"), finding.hint);
            annotation(severity, &[("title", title.as_str())], &message)
        };
        self.all().map(line).collect()
    }
}

/// The sign by which Terraform shows an effect.
fn sign(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "",
        Effect::Create => "+",
        Effect::Update => "~",
        Effect::Destroy => "-",
        Effect::DestroyThenCreate => "-/+",
        Effect::CreateThenDestroy => "+/-",
        Effect::CreateThenForget => "+/.",
        Effect::Forget => ".",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn checked(allowed: &[Protected]) -> CheckedPlan {
        let plan = json!({"format_version": "1.2", "resource_changes": [{
            "address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume",
            "change": {"actions": ["delete"], "before": {"tags": {"Name": "a.etcd-main.x", "k8s.io/etcd/main": "a/a"}}},
        }]});
        check("plan.json".to_owned(), plan.to_string().as_bytes(), &allowed.iter().copied().collect()).unwrap()
    }

    #[test]
    fn findings_name_addresses_and_hints_in_every_format() {
        let checked = checked(&[]);
        let text = checked.render(Format::Text);
        assert!(
            text.starts_with("error: etcd volume a.etcd-main.x would be destroyed\n    - aws_ebs_volume.a\nhint: "),
            "{text}"
        );
        let json: serde_json::Value = serde_json::from_str(&checked.render(Format::Json)).unwrap();
        assert_eq!(json["findings"][0]["protected"], "etcd");
        assert_eq!(json["findings"][0]["action"], "destroy");
        assert_eq!(json["findings"][0]["addresses"], json!(["aws_ebs_volume.a"]));
        assert_eq!(json["findings"][0]["allowed"], false);
        let github = checked.render(Format::Github);
        assert!(
            github.starts_with("::error title=protected%3A etcd::etcd volume a.etcd-main.x would be destroyed%0A"),
            "{github}"
        );
        assert_eq!(checked.summary(), "plan.json: 1 finding, in 1 resource");
    }

    #[test]
    fn what_is_allowed_is_listed_and_does_not_count() {
        let checked = checked(&[Protected::Etcd]);
        assert!(checked.findings.is_empty());
        assert!(checked.render(Format::Text).starts_with("allowed: etcd volume"));
        assert!(checked.render(Format::Github).starts_with("::notice "));
        assert_eq!(checked.summary(), "plan.json: 0 findings, 1 allowed, in 1 resource");
    }
}
