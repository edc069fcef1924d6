//! Findings about user input: all of them at once, each with its location and a hint.

mod allowed;
mod excerpt;
pub mod exit;
mod rule;
mod visible;

use std::fmt;
use std::ops::Range;

pub use crate::allowed::{AllowError, Allowed};
pub use crate::excerpt::Excerpt;
use crate::exit::ExitCode;
pub use crate::rule::{Area, Class, Rule, UnknownRule, markdown as rules_markdown};
pub use crate::visible::visible;

/// How many findings of each severity a report keeps. More are of no help, and take memory and time.
pub const MAX_FINDINGS: usize = 1000;
/// The longest message, hint or path of a finding, in bytes: names in a file can be megabytes long.
const MAX_TEXT: usize = 4096;
/// Names longer than this, in bytes, are not looked up as misspellings: comparing takes time by the length.
const MAX_NAME: usize = 100;

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
    /// Whether it is shown with the object: where its file has several.
    pub names_object: bool,
    /// The field as the user spells it, `spec.subnets[1].cidr`; empty where there is none.
    pub path: String,
    pub location: Option<Location>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The part of the line at the location that is shown under the message.
    pub excerpt: Option<Excerpt>,
    /// The bytes of the source it is about, where they are known: in templates, not in YAML.
    pub span: Option<Range<usize>>,
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
            names_object: false,
            path: path.into(),
            location: None,
            message: message.into(),
            hint: None,
            excerpt: None,
            span: None,
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

/// `cluster.yml:41:5: spec.sshAcces: unknown field`, then the hint on a line of its own. In a file of several objects, the object
/// follows the location: `cluster.yml:41:5: InstanceGroup/nodes: spec.imge: unknown field`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        if (self.location.is_none() || self.names_object) && !self.object.is_empty() {
            write!(f, "{}: ", self.object)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(excerpt) = &self.excerpt {
            excerpt.write(f, self.location.as_ref().map_or(0, |l| l.line))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// All findings of one run, in the order of their locations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The findings: of errors and of warnings at most [`MAX_FINDINGS`] each.
    pub findings: Vec<Finding>,
    /// How many errors there were besides.
    omitted_errors: usize,
    /// How many warnings there were besides.
    omitted_warnings: usize,
}

impl Report {
    /// Adds a finding; from [`MAX_FINDINGS`] of its severity on it is only counted.
    pub fn push(&mut self, mut finding: Finding) {
        if self.is_full(finding.severity) {
            match finding.severity {
                Severity::Error => self.omitted_errors += 1,
                Severity::Warning => self.omitted_warnings += 1,
            }
            return;
        }
        for text in [Some(&mut finding.message), Some(&mut finding.path), finding.hint.as_mut()].into_iter().flatten() {
            shorten(text);
        }
        self.findings.push(finding);
    }

    fn omitted(&self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.omitted_errors,
            Severity::Warning => self.omitted_warnings,
        }
    }

    /// Whether further findings of a severity are only counted: then their hints need not be computed.
    pub fn is_full(&self, severity: Severity) -> bool {
        self.findings.len() >= MAX_FINDINGS
            && (self.omitted(severity) > 0
                || self.findings.iter().filter(|f| f.severity == severity).count() >= MAX_FINDINGS)
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.omitted_errors == 0 && self.omitted_warnings == 0
    }

    /// Whether any finding is an error, including omitted ones.
    pub fn has_errors(&self) -> bool {
        self.omitted_errors > 0 || self.errors().next().is_some()
    }

    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Error)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Warning)
    }

    /// How many errors there are, those that are only counted included.
    pub fn error_count(&self) -> usize {
        self.errors().count() + self.omitted_errors
    }

    /// How many warnings there are, those that are only counted included.
    pub fn warning_count(&self) -> usize {
        self.warnings().count() + self.omitted_warnings
    }

    /// `and 12 more errors`, where some findings of a severity are only counted.
    pub fn more(&self, severity: Severity) -> Option<String> {
        let count = self.omitted(severity);
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("and {count} more {severity}{plural}"))
    }

    /// Appends another report's findings.
    pub fn extend(&mut self, other: Report) {
        other.findings.into_iter().for_each(|finding| self.push(finding));
        self.omitted_errors += other.omitted_errors;
        self.omitted_warnings += other.omitted_warnings;
    }

    /// Makes every warning an error, for `--strict`.
    pub fn make_strict(&mut self) {
        for finding in &mut self.findings {
            finding.severity = Severity::Error;
        }
        self.omitted_errors += std::mem::take(&mut self.omitted_warnings);
    }

    /// Makes what kops accepts and should not an error, and leaves warnings.
    pub fn make_strict_findings_errors(&mut self) {
        for finding in self.findings.iter_mut().filter(|finding| finding.class == Class::Strict) {
            finding.severity = Severity::Error;
        }
    }

    /// Sorts by location, then by path; findings without a location come last.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            let key = |f: &Finding| f.location.is_none();
            key(a).cmp(&key(b)).then_with(|| a.location.cmp(&b.location)).then_with(|| a.path.cmp(&b.path))
        });
    }
}

/// A report of one finding.
impl From<Finding> for Report {
    fn from(finding: Finding) -> Self {
        let mut report = Self::default();
        report.push(finding);
        report
    }
}

/// The message of an error's root cause: the errors around it only say that something failed.
#[must_use]
pub fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Why TLS fails on a system without certificates of authorities, such as a container image made from scratch.
pub const NO_CA_CERTIFICATES: &str =
    "this system has no CA certificates: install them (Debian: ca-certificates), or name a bundle in SSL_CERT_FILE";

/// The message of a library's error, cut: it may repeat a whole file.
#[must_use]
pub fn shortened(mut text: String) -> String {
    shorten(&mut text);
    text
}

fn shorten(text: &mut String) {
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push('…');
    }
}

/// All errors, one finding after the other.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut line = |f: &mut fmt::Formatter<'_>, text: &dyn fmt::Display| {
            let separator = if std::mem::take(&mut first) { "" } else { "\n" };
            write!(f, "{separator}{text}")
        };
        for finding in self.errors() {
            line(f, finding)?;
        }
        self.more(Severity::Error).map_or(Ok(()), |more| line(f, &more))
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

/// What an error says with its causes, as far as it does not repeat them itself.
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

/// The candidate nearest to a mistyped name, if one is near enough to be meant. Very long names are near to nothing.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_NAME {
        return None;
    }
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|c| c.len() <= MAX_NAME)
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
        assert_eq!(nearest(&"k".repeat(10_000_000), known), None);
    }

    #[test]
    fn a_report_keeps_some_findings_and_counts_the_rest() {
        let mut report = Report::default();
        for i in 0..MAX_FINDINGS + 5 {
            report.push(Finding::warning(Rule::OldVersion, "", format!("warning {i}")));
        }
        assert!(!report.has_errors());
        report.push(Finding::error(Rule::UnknownField, "p".repeat(10_000), "m".repeat(10_000)));
        assert!(report.has_errors());
        assert_eq!((report.error_count(), report.warning_count()), (1, MAX_FINDINGS + 5));
        assert_eq!(report.more(Severity::Warning).as_deref(), Some("and 5 more warnings"));
        assert_eq!(report.findings.len(), MAX_FINDINGS + 1);
        assert!(report.to_string().len() < 9000);
        let mut both = report.clone();
        both.extend(report);
        assert_eq!((both.error_count(), both.warning_count()), (2, 2 * MAX_FINDINGS + 10));
        both.make_strict();
        both.findings.clear();
        assert!(both.has_errors() && !both.is_empty());
        assert_eq!(both.to_string(), format!("and {} more errors", MAX_FINDINGS + 10));
    }

    #[test]
    fn columns_far_to_the_right_are_shown() {
        let line = "x".repeat(200_000);
        for column in [65_535, 65_536, 199_999] {
            let at = Location { file: "f".to_owned(), line: 1, column };
            let mut finding = Finding::error(Rule::UnknownField, "", "wrong").at(at);
            finding.excerpt = Some(Excerpt::new(&line, column));
            assert!(finding.to_string().len() < 500);
        }
    }
}
