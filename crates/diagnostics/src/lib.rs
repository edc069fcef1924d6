//! Findings about user input: all of them at once, each with its location and a hint.

pub mod exit;
mod rule;

use std::fmt;

use crate::exit::ExitCode;
pub use rule::{Area, Class, Rule, UnknownRule, markdown as rules_markdown};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written while there is one.
    Error,
    /// The work goes on; `--strict` makes it an error.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A location in an input. Lines and columns start at 1, columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file as the user named it, or another name of the input.
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong, or likely wrong, in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    pub rule: Rule,
    /// Why it has its severity; one of the rule's classes.
    pub class: Class,
    /// The object: `Cluster/demo.example.com`, `InstanceGroup/nodes`; empty where there is none.
    pub object: String,
    /// The field as the user spells it, `spec.subnets[1].cidr`; empty where there is none.
    pub path: String,
    pub location: Option<Location>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line of the input at the location, shown under the message.
    pub excerpt: Option<String>,
}

impl Finding {
    /// An error about a field, without a location yet.
    pub fn error(rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Class::Error, rule, path, message)
    }

    /// What kops accepts and should not, without a location yet. The severity depends on how strict the run is.
    pub fn strict(severity: Severity, rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(severity, Class::Strict, rule, path, message)
    }

    /// A warning about a field, without a location yet.
    pub fn warning(rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, Class::Warning, rule, path, message)
    }

    fn new(severity: Severity, class: Class, rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity,
            rule,
            class,
            object: String::new(),
            path: path.into(),
            location: None,
            message: message.into(),
            hint: None,
            excerpt: None,
        }
    }

    /// Reclassifies an error as something that kops accepts.
    #[must_use]
    pub fn as_strict(mut self, severity: Severity) -> Self {
        self.class = Class::Strict;
        self.severity = severity;
        self
    }

    /// Whether the user may switch it off: kops accepts it.
    pub fn may_be_allowed(&self) -> bool {
        self.class != Class::Error
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds its location.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds the object it is about.
    #[must_use]
    pub fn object(mut self, object: impl Into<String>) -> Self {
        self.object = object.into();
        self
    }
}

/// `cluster.yml:41:5: spec.sshAcces: unknown field`, then the hint on a line of its own.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        } else if !self.object.is_empty() {
            write!(f, "{}: ", self.object)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(excerpt) = &self.excerpt {
            let line = self.location.as_ref().map_or(0, |l| l.line);
            write!(f, "\n  {line:>4} | {excerpt}")?;
            if let Some(location) = &self.location {
                write!(f, "\n       | {:>column$}", "^", column = location.column)?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// All findings of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Error)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Warning)
    }

    /// Appends another report's findings.
    pub fn extend(&mut self, other: Report) {
        self.findings.extend(other.findings);
    }

    /// Makes every warning an error, for `--strict`.
    pub fn make_strict(&mut self) {
        for finding in &mut self.findings {
            finding.severity = Severity::Error;
        }
    }

    /// Sorts by location, then by path; findings without a location come last.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.location.is_none(), f.location.clone(), f.path.clone());
            key(a).cmp(&key(b))
        });
    }
}

/// The errors, one after the other.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.errors().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// An error that knows what the user can do about it.
pub trait Explain: std::error::Error + Send + Sync + 'static {
    /// Hints, printed one a line as `hint: …` after the error.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// The exit code that the program ends with.
    fn exit_code(&self) -> ExitCode {
        ExitCode::Error
    }
}

impl Explain for Report {}

/// An error's message followed by those of its causes that it does not contain already.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}

/// The candidate nearest to a misspelled name, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&lower, &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= (name.len().max(c.len()) / 3).max(1))
        .min_by_key(|(distance, c)| (*distance, *c))
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["sshAccess", "sshKeyName", "subnets"];
        assert_eq!(nearest("sshAcces", known), Some("sshAccess"));
        assert_eq!(nearest("SSHAccess", known), Some("sshAccess"));
        assert_eq!(nearest("kubelet", known), None);
    }
}
