//! Why a graph cannot be written as CloudFormation.

use std::fmt;

use kopsform_diagnostics::{Explain, Location};

/// A field of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecField {
    /// The instance group whose spec has it; `None` for the spec of the cluster.
    pub group: Option<String>,
    /// Its path, `spec.subnets[1].publicIP`. Of an item that is known by its value only, the index is missing: `spec.subnets[].publicIP`.
    pub path: String,
    /// The value that it has, if it is known.
    pub value: Option<String>,
    /// Where it is, if the spec has it and the caller knows its file.
    pub location: Option<Location>,
}

impl SpecField {
    /// A field of the cluster's spec.
    pub fn of_cluster(path: impl Into<String>) -> Self {
        Self { group: None, path: path.into(), value: None, location: None }
    }

    /// A field of an instance group.
    pub fn of_group(group: impl Into<String>, path: impl Into<String>) -> Self {
        Self { group: Some(group.into()), ..Self::of_cluster(path) }
    }

    /// The same with its value.
    pub fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }
}

impl fmt::Display for SpecField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.location, &self.group) {
            (Some(location), _) => write!(f, "{location}: ")?,
            (None, Some(group)) => write!(f, "InstanceGroup/{group}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.path)
    }
}

/// Why a graph cannot be written as CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Two resources would have one logical id.
    #[error("{first} and {second} would both have the logical id {id} in the template")]
    DuplicateId {
        /// The id.
        id: String,
        /// `Kind/name` of the first.
        first: String,
        /// `Kind/name` of the second.
        second: String,
    },
    /// Two outputs would have one name.
    #[error("two outputs would have the name {0:?}")]
    DuplicateOutput(String),
    /// The resource must exist already, which a template cannot check.
    #[error("the lifecycle of {task} is ExistsAndValidates, but {name:?} is not looked up for CloudFormation")]
    MustExist {
        /// kops' task name.
        task: &'static str,
        /// The name of the resource.
        name: String,
    },
    /// CloudFormation has no way to express the resource.
    #[error("{field}: {reason}")]
    Unsupported {
        /// The field of the spec that asks for it.
        field: Box<SpecField>,
        /// What CloudFormation lacks.
        reason: String,
        /// What to do instead.
        hint: String,
    },
    /// A resource needs another one that is neither in the template nor known.
    #[error("{user} needs the id of {node}, which this run leaves out of the template")]
    LeftOut {
        /// `Kind/name` of what refers to it.
        user: String,
        /// `Kind/name` of what is left out.
        node: String,
    },
    /// One part of the cluster does not fit into a template.
    #[error(
        "{part} has {resources} resources in {bytes} bytes; a template takes {MAX_RESOURCES} resources in {MAX_BYTES} bytes"
    )]
    TooLarge {
        /// The file of the template.
        part: String,
        /// How many resources it has.
        resources: usize,
        /// Its size.
        bytes: usize,
    },
}

/// The most resources of a template.
pub const MAX_RESOURCES: usize = 500;
/// The largest template, in bytes, that CloudFormation reads from S3.
pub const MAX_BYTES: usize = 1_000_000;

impl Explain for RenderError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unsupported { hint, .. } => vec![hint.clone()],
            Self::LeftOut { .. } => {
                vec![
                    "CloudFormation keeps what a template leaves out only in another stack: update the whole cluster"
                        .to_owned(),
                ]
            }
            Self::TooLarge { .. } => {
                vec!["use --target direct or --target terraform for clusters of this size".to_owned()]
            }
            Self::DuplicateId { .. } | Self::DuplicateOutput(_) | Self::MustExist { .. } => Vec::new(),
        }
    }
}
