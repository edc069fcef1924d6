//! The groups an update covers: `--instance-group` and `--instance-group-roles`.

use kopsform_diagnostics::{Explain, nearest};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

/// Why a selection is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No group has that name.
    #[error("InstanceGroup {name:?} not found")]
    UnknownGroup {
        /// The name as given.
        name: String,
        /// The nearest existing name.
        nearest: Option<String>,
    },
    /// No role has that name.
    #[error("invalid instance group role {0:?}")]
    UnknownRole(String),
}

impl Explain for SelectionError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownGroup { nearest: Some(nearest), .. } => vec![format!("did you mean {nearest}?")],
            Self::UnknownGroup { .. } => Vec::new(),
            Self::UnknownRole(_) => vec!["roles are control-plane, apiserver, node and bastion".to_owned()],
        }
    }
}

/// A choice of groups by name and role; empty lists choose all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of instance groups.
    pub names: Vec<String>,
    /// Roles as given.
    pub roles: Vec<String>,
}

impl Selection {
    /// Whether all groups are chosen.
    pub fn is_everything(&self) -> bool {
        self.names.is_empty() && self.roles.is_empty()
    }

    /// The names of the chosen groups. With names and roles given, a group must meet both.
    pub fn choose<'a>(&self, groups: &'a [InstanceGroup]) -> Result<Vec<&'a str>, SelectionError> {
        let known = || groups.iter().map(|g| g.metadata.name.as_str());
        for name in &self.names {
            if !known().any(|k| k == name) {
                let nearest = nearest(name, known()).map(str::to_owned);
                return Err(SelectionError::UnknownGroup { name: name.clone(), nearest });
            }
        }
        let roles = self.roles.iter().map(|r| parse_role(r)).collect::<Result<Vec<_>, _>>()?;
        Ok(groups
            .iter()
            .filter(|g| self.names.is_empty() || self.names.contains(&g.metadata.name))
            .filter(|g| roles.is_empty() || roles.contains(&g.role()))
            .map(|g| g.metadata.name.as_str())
            .collect())
    }
}

/// Parses a role in any case, singular or plural; `master` means the control plane.
pub fn parse_role(text: &str) -> Result<InstanceGroupRole, SelectionError> {
    let lower = text.to_lowercase();
    match lower.strip_suffix('s').unwrap_or(&lower) {
        "control-plane" | "controlplane" | "master" => Ok(InstanceGroupRole::ControlPlane),
        "apiserver" => Ok(InstanceGroupRole::ApiServer),
        "node" => Ok(InstanceGroupRole::Node),
        "bastion" => Ok(InstanceGroupRole::Bastion),
        _ => Err(SelectionError::UnknownRole(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<InstanceGroup> {
        [
            ("a", InstanceGroupRole::ControlPlane),
            ("nodes", InstanceGroupRole::Node),
            ("other", InstanceGroupRole::Node),
            ("bastions", InstanceGroupRole::Bastion),
        ]
        .map(|(name, role)| {
            let mut group = InstanceGroup::default();
            group.metadata.name = name.into();
            group.spec.role = Some(role);
            group
        })
        .to_vec()
    }

    fn choose(names: &[&str], roles: &[&str]) -> Result<Vec<String>, SelectionError> {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let selection = Selection { names: owned(names), roles: owned(roles) };
        selection.choose(&groups()).map(|found| found.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn names_and_roles_narrow_each_other() {
        assert_eq!(choose(&[], &[]).map(|g| g.len()), Ok(4));
        assert_eq!(choose(&["other", "a"], &[]), Ok(vec!["a".into(), "other".into()]));
        assert_eq!(choose(&[], &["Masters", "bastion"]), Ok(vec!["a".into(), "bastions".into()]));
        assert_eq!(choose(&["a", "nodes"], &["node"]), Ok(vec!["nodes".into()]));
    }

    #[test]
    fn a_typo_suggests_the_nearest_name() {
        let error = choose(&["node"], &[]).err().map(|e| (e.to_string(), e.hints()));
        let expected = ("InstanceGroup \"node\" not found".to_owned(), vec!["did you mean nodes?".to_owned()]);
        assert_eq!(error, Some(expected));
        assert!(choose(&[], &["worker"]).is_err());
    }
}
