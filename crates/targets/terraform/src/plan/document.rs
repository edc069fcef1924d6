//! The JSON form of a plan.
//!
//! Its format is that of Terraform's documentation, "JSON Output Format". Minor versions add fields, so unknown ones are ignored;
//! an unknown major version or action is an error, because a guard must not pass what it does not understand.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use kopsform_diagnostics::{Explain, shortened};

/// The major versions of the format. 0 is that of Terraform before 1.1, which differs in nothing that is read here.
const MAJORS: [&str; 2] = ["0", "1"];

/// Why a plan cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is the binary file that `terraform plan -out` writes.
    #[error("this is a plan in Terraform's binary format")]
    Binary,
    /// It is a series of JSON objects, as `terraform plan -json` logs them.
    #[error("this is the log of a run with -json, not a plan")]
    Log,
    /// It is no JSON, or a field has another type than in a plan.
    #[error("this is not a plan: {reason}")]
    Malformed {
        /// What is wrong, with the path of the field or line and column.
        reason: String,
    },
    /// It is JSON of another kind.
    #[error("this is not a plan: {0}")]
    NotAPlan(&'static str),
    /// The format has another major version.
    #[error("unknown format version {0:?} of the plan; supported are 0.x and 1.x")]
    FormatVersion(String),
    /// Terraform failed to make the plan.
    #[error("the plan is incomplete, because planning failed")]
    Errored,
    /// A resource, named first, has actions that this release does not know.
    #[error("{0}")]
    UnknownActions(String),
}

impl Explain for PlanError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::FormatVersion(_) | Self::UnknownActions(_) => {
                vec!["use a release of kopsform that knows this version of Terraform".to_owned()]
            }
            Self::Errored => vec!["fix the errors that `terraform plan` reports, and plan again".to_owned()],
            _ => {
                vec!["write it with `terraform plan -out PLAN` and `terraform show -json PLAN > plan.json`".to_owned()]
            }
        }
    }
}

/// A plan: what Terraform would do to each managed resource.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) changes: Vec<ResourceChange>,
}

/// What happens to a resource instance.
#[derive(Debug)]
pub(super) struct ResourceChange {
    pub address: String,
    /// Terraform's type, `aws_ebs_volume`.
    pub kind: String,
    /// Whether this is not the resource itself but an earlier object of it, whose deletion failed before.
    pub is_deposed: bool,
    pub effect: Effect,
    /// The attributes now; null for what does not exist yet.
    pub before: Value,
    /// The attributes afterwards, without those that are not known yet; null for what will not exist.
    pub after: Value,
    /// `true` where attributes are not known yet.
    pub after_unknown: Value,
    /// Why Terraform decided so.
    pub reason: Option<String>,
    /// The arguments that force a replacement: `encrypted`, `subnet_mapping[0].subnet_id`.
    pub replace_paths: Vec<String>,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing, or only its address changes.
    None,
    /// It is created.
    Create,
    /// It is changed in place.
    Update,
    /// It is destroyed.
    Destroy,
    /// It is destroyed, then created again.
    DestroyThenCreate,
    /// Another one is created, then it is destroyed.
    CreateThenDestroy,
    /// Another one is created, and Terraform forgets it without destroying it.
    CreateThenForget,
    /// Terraform forgets it without destroying it.
    Forget,
}

impl Effect {
    /// Terraform's list of actions as one effect; `None` for an unknown list.
    fn of(actions: &[String]) -> Option<Self> {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        Some(match actions.as_slice() {
            ["no-op" | "read"] => Self::None,
            ["create"] => Self::Create,
            ["update"] => Self::Update,
            ["delete"] => Self::Destroy,
            ["delete", "create"] => Self::DestroyThenCreate,
            ["create", "delete"] => Self::CreateThenDestroy,
            ["create", "forget"] | ["forget", "create"] => Self::CreateThenForget,
            ["forget"] => Self::Forget,
            _ => return None,
        })
    }

    /// Whether the object that exists now is destroyed.
    pub fn destroys(self) -> bool {
        matches!(self, Self::Destroy | Self::DestroyThenCreate | Self::CreateThenDestroy)
    }

    /// Whether another object is created instead of the one that exists now.
    pub fn replaces(self) -> bool {
        matches!(self, Self::DestroyThenCreate | Self::CreateThenDestroy | Self::CreateThenForget)
    }
}

#[derive(Deserialize)]
struct Document {
    format_version: Option<Value>,
    resource_changes: Option<Vec<Entry>>,
    planned_values: Option<IgnoredAny>,
    configuration: Option<IgnoredAny>,
    /// Of a state.
    values: Option<IgnoredAny>,
    errored: Option<bool>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    address: String,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    deposed: Option<String>,
    change: Change,
    #[serde(default)]
    action_reason: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
    #[serde(default)]
    replace_paths: Option<Vec<Vec<Value>>>,
}

impl Plan {
    /// Reads a plan in JSON.
    ///
    /// # Errors
    /// When the bytes are not a plan, it is incomplete, or a later release wrote it.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlanError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(PlanError::Binary);
        }
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let document: Document = serde_path_to_error::deserialize(&mut deserializer).map_err(malformed)?;
        if deserializer.end().is_err() {
            return Err(PlanError::Log);
        }
        let version = match &document.format_version {
            Some(Value::String(version)) => version.as_str(),
            Some(other) => return Err(PlanError::FormatVersion(shortened(other.to_string()))),
            None => return Err(PlanError::NotAPlan("there is no format_version")),
        };
        if !version.split('.').next().is_some_and(|major| MAJORS.contains(&major)) {
            return Err(PlanError::FormatVersion(shortened(version.to_owned())));
        }
        let is_plan = document.resource_changes.is_some()
            || document.planned_values.is_some()
            || document.configuration.is_some();
        if !is_plan {
            let reason = match document.values {
                Some(_) => "it is a state; `terraform show -json` without a plan prints that",
                None => "there are no resource_changes and no planned_values",
            };
            return Err(PlanError::NotAPlan(reason));
        }
        if document.errored == Some(true) {
            return Err(PlanError::Errored);
        }
        let managed = document.resource_changes.unwrap_or_default().into_iter().filter(Entry::is_managed);
        Ok(Self { changes: managed.map(Entry::into_change).collect::<Result<_, _>>()? })
    }

    /// The number of managed resources in the plan, whether they change or not.
    pub fn resources(&self) -> usize {
        self.changes.iter().filter(|change| !change.is_deposed).count()
    }
}

impl Entry {
    /// Data sources are only read.
    fn is_managed(&self) -> bool {
        self.mode.as_deref().is_none_or(|mode| mode == "managed")
    }

    fn into_change(self) -> Result<ResourceChange, PlanError> {
        let Self { address, kind, deposed, change, action_reason, .. } = self;
        let Some(effect) = Effect::of(&change.actions) else {
            let reason = format!("{address} has unknown actions: {:?}", change.actions);
            return Err(PlanError::UnknownActions(shortened(reason)));
        };
        Ok(ResourceChange {
            address,
            kind,
            is_deposed: deposed.is_some(),
            effect,
            before: change.before,
            after: change.after,
            after_unknown: change.after_unknown,
            reason: action_reason,
            replace_paths: change.replace_paths.unwrap_or_default().iter().map(|path| argument(path)).collect(),
        })
    }
}

/// A path of attributes and indexes as Terraform writes it.
fn argument(path: &[Value]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Value::String(name) if text.is_empty() => text.push_str(name),
            Value::String(name) => {
                text.push('.');
                text.push_str(name);
            }
            Value::Number(index) => text.push_str(&format!("[{index}]")),
            // An element of a set, which has no index.
            _ => text.push_str("[*]"),
        }
    }
    text
}

fn malformed(error: serde_path_to_error::Error<serde_json::Error>) -> PlanError {
    let path = error.path().to_string();
    let error = error.into_inner();
    // A message about the value itself could quote a secret; the kinds of errors do not.
    let reason = match error.classify() {
        serde_json::error::Category::Data if path == "." => "expected an object".to_owned(),
        serde_json::error::Category::Data => format!("{} has another type than in a plan", shortened(path)),
        serde_json::error::Category::Eof if error.line() <= 1 && error.column() == 0 => "it is empty".to_owned(),
        serde_json::error::Category::Eof => format!("it ends too early, at line {}", error.line()),
        _ => format!("it is not JSON: line {}, column {}", error.line(), error.column()),
    };
    PlanError::Malformed { reason }
}
