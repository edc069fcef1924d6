//! Rules that the user switches off.

use crate::{Explain, Finding, Report, Rule, UnknownRule};

/// A set of rules whose findings are left out, as far as kops accepts what they find.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed([u64; WORDS]);

const WORDS: usize = 4;
// Each rule has a bit.
const _: () = assert!(Rule::ALL.len() <= WORDS * u64::BITS as usize);

/// Why a rule cannot be switched off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    #[error(transparent)]
    Unknown(#[from] UnknownRule),
    /// All its findings are what kops refuses, too.
    #[error("the rule {0} can't be allowed: all that it finds is an error in kops, too")]
    AlwaysAnError(Rule),
}

impl Explain for AllowError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unknown(error) if error.nearest.is_none() => {
                vec![
                    "findings name their rule with `kopsform validate spec -o json`; docs/rules.md lists all"
                        .to_owned(),
                ]
            }
            Self::Unknown(error) => error.hints(),
            Self::AlwaysAnError(_) => vec!["correct what it finds".to_owned()],
        }
    }
}

impl Allowed {
    /// Adds a rule by its name.
    ///
    /// # Errors
    /// If there is no such rule, or kops refuses everything that it finds.
    pub fn add(&mut self, name: &str) -> Result<(), AllowError> {
        let rule: Rule = name.parse()?;
        if !rule.may_be_allowed() {
            return Err(AllowError::AlwaysAnError(rule));
        }
        let (word, bit) = Self::place(rule);
        self.0[word] |= bit;
        Ok(())
    }

    /// The rules of these names.
    ///
    /// # Errors
    /// As [`Allowed::add`].
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, AllowError> {
        let mut allowed = Self::default();
        names.into_iter().try_for_each(|name| allowed.add(name))?;
        Ok(allowed)
    }

    /// The rules of both sets.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
        self
    }

    /// Whether a finding is left out.
    pub fn covers(&self, finding: &Finding) -> bool {
        let (word, bit) = Self::place(finding.rule);
        self.0[word] & bit != 0 && finding.may_be_allowed()
    }

    fn place(rule: Rule) -> (usize, u64) {
        let index = rule as usize;
        (index / u64::BITS as usize, 1 << (index % u64::BITS as usize))
    }
}

impl Report {
    /// Leaves out findings of rules that the user allows. Errors of kops stay.
    pub fn allow(&mut self, allowed: Allowed) {
        self.findings.retain(|finding| !allowed.covers(finding));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Severity;

    #[test]
    fn findings_of_an_allowed_rule_are_left_out_unless_kops_refuses_them() {
        let mut report = Report::default();
        report.push(Finding::error(Rule::Conflict, "a", "kops refuses it"));
        report.push(Finding::strict(Severity::Error, Rule::Conflict, "b", "kops accepts it"));
        report.push(Finding::warning(Rule::Conflict, "c", "it works"));
        report.push(Finding::warning(Rule::OldVersion, "d", "another rule"));
        report.allow(Allowed::of(["conflict", "unknown-field"]).unwrap());
        let left: Vec<&str> = report.findings.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(left, ["a", "d"]);
    }

    #[test]
    fn sets_are_combined() {
        let (old, unknown) = (Allowed::of(["old-version"]).unwrap(), Allowed::of(["unknown-field"]).unwrap());
        assert_eq!(old.and(unknown), Allowed::of(["unknown-field", "old-version", "old-version"]).unwrap());
        assert!(old.covers(&Finding::warning(Rule::OldVersion, "", "")));
        assert!(!old.covers(&Finding::warning(Rule::UnknownField, "", "")));
    }

    #[test]
    fn a_name_that_is_no_rule_or_never_allowed_is_an_error() {
        let error = Allowed::of(["unknown-feild"]).unwrap_err();
        assert_eq!(error.to_string(), "unknown rule \"unknown-feild\"");
        assert_eq!(error.hints(), ["did you mean unknown-field?"]);
        assert!(Allowed::of(["x"]).unwrap_err().hints()[0].contains("docs/rules.md"));
        assert_eq!(Allowed::of(["wrong-type"]), Err(AllowError::AlwaysAnError(Rule::WrongType)));
    }
}
