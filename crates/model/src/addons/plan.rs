//! What an addon says of itself: its name in the channel, its files and how nodes learn of changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::addon_context::AddonContext;
use kopsform_diagnostics::{Explain, Report};

/// Why the manifests cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AddonsError {
    /// A template is wrong, or lacks a value: a defect of this program.
    #[error("template of addon {addon}: {report}")]
    Template {
        /// The addon's directory.
        addon: &'static str,
        /// Where and what.
        report: Report,
    },
    /// A rendered manifest is not YAML, mostly because of a value in the spec.
    #[error("manifest of addon {addon}: {report}")]
    Manifest {
        /// The addon's directory.
        addon: &'static str,
        /// Where and what.
        report: Report,
    },
    /// Values of a template cannot be written as JSON.
    #[error("values of addon {addon}: {source}")]
    Values {
        /// The addon's directory.
        addon: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
    /// An object has a label of its own where the channel needs another.
    #[error("{object} of addon {addon} has label {label}={found}, and needs {wanted}")]
    Label {
        /// The addon's name in the channel.
        addon: String,
        /// Kind and name.
        object: String,
        /// The label's key.
        label: String,
        /// Its value in the manifest.
        found: String,
        /// The value the channel needs.
        wanted: String,
    },
    /// A fact that was not looked up.
    #[error("addon {addon}: {reason}")]
    Fact {
        /// The addon's directory.
        addon: &'static str,
        /// What is missing.
        reason: String,
    },
}

impl Explain for AddonsError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest { .. } => vec!["a value of the spec that reaches this manifest may need quotes".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// Which instances must be replaced when the manifest changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RollingUpdate {
    ControlPlane,
    All,
}

impl RollingUpdate {
    /// The value in the channel.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::All => "all",
        }
    }
}

/// The labels by which the channel finds an addon's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selector {
    /// `k8s-addon: <name>`.
    Addon,
    /// Shared by all network plugins, so that a new one replaces the old.
    Networking,
    /// Shared by all ways to log in.
    Authentication,
    /// A label of its own.
    Label(&'static str, &'static str),
    /// None at all.
    Nothing,
}

impl Selector {
    /// The labels of an addon of this name.
    pub fn labels(self, name: &str) -> BTreeMap<String, String> {
        let (key, value) = match self {
            Self::Addon => ("k8s-addon", name),
            Self::Networking => ("role.kubernetes.io/networking", "1"),
            Self::Authentication => ("role.kubernetes.io/authentication", "1"),
            Self::Label(key, value) => (key, value),
            Self::Nothing => return BTreeMap::new(),
        };
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }
}

/// Where a manifest comes from.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Templates, and the values they are rendered over.
    Templates { directory: &'static str, files: Vec<&'static str>, values: Value },
    /// Objects that the user stored, published unchanged.
    Objects(Vec<Value>),
    /// Nothing: only the rules that remove what an earlier manifest held.
    Nothing,
}

/// A change to rendered objects that a template cannot express.
pub(super) type Edit = fn(&AddonContext<'_>, &mut [Value]);

/// One entry of the channel and its manifest.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The name in the channel and the directory in the store.
    pub name: &'static str,
    /// Distinguishes variants of an addon; `None` for addons that have only one.
    pub id: Option<&'static str>,
    /// The file in the directory, without extension.
    pub file: &'static str,
    pub selector: Selector,
    pub rolling_update: Option<RollingUpdate>,
    /// Whether the channel makes a certificate authority (a cert-manager issuer) for it.
    pub needs_pki: bool,
    /// Whether objects that left the manifest are deleted.
    pub prune: bool,
    pub content: Content,
    pub edit: Option<Edit>,
}

impl Plan {
    /// An addon whose file is called like its id, as nearly all are.
    pub fn new(name: &'static str, id: &'static str, content: Content) -> Self {
        Self {
            name,
            id: Some(id),
            file: id,
            selector: Selector::Addon,
            rolling_update: None,
            needs_pki: false,
            prune: false,
            content,
            edit: None,
        }
    }

    /// An addon without id.
    pub fn unversioned(name: &'static str, file: &'static str, content: Content) -> Self {
        Self { id: None, file, ..Self::new(name, file, content) }
    }

    pub fn selector(self, selector: Selector) -> Self {
        Self { selector, ..self }
    }

    pub fn rolling_update(self, rolling_update: RollingUpdate) -> Self {
        Self { rolling_update: Some(rolling_update), ..self }
    }

    pub fn needs_pki(self, needs_pki: bool) -> Self {
        Self { needs_pki, ..self }
    }

    pub fn prune(self) -> Self {
        Self { prune: true, ..self }
    }

    pub fn edit(self, edit: Edit) -> Self {
        Self { edit: Some(edit), ..self }
    }

    /// The manifest's path below `addons/`.
    pub fn manifest(&self) -> String {
        format!("{}/{}.yaml", self.name, self.file)
    }

    /// Name and id, which name the resource in Terraform.
    pub fn key(&self) -> String {
        match self.id {
            Some(id) => format!("{}-{id}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// An addon: whether a cluster has it, and how.
pub(super) struct Addon {
    /// The directory of its templates. For an addon without templates, its name in messages.
    pub directory: &'static str,
    /// `None` where the cluster doesn't have it.
    pub plan: fn(&AddonContext<'_>) -> Result<Option<Plan>, AddonsError>,
}

/// The contents of an addon's template files, built into the program.
macro_rules! templates {
    ($directory:literal: $($file:literal),+ $(,)?) => {
        vec![$(include_str!(concat!("../../../../templates/addons/", $directory, "/", $file, ".yaml"))),+]
    };
}
pub(super) use templates;
