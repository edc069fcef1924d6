//! Reporting: how rules turn what they find into findings.

use std::fmt::Display;

use super::Rules;
use crate::decode::{Locations, Strictness};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};
use kopsform_env::features::Features;

/// A message, with a hint where there is one.
pub(super) struct Note {
    message: String,
    hint: Option<String>,
}

impl From<&str> for Note {
    fn from(message: &str) -> Self {
        Self { message: message.to_owned(), hint: None }
    }
}

impl From<String> for Note {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}

impl<M: Into<String>, H: Into<String>> From<(M, H)> for Note {
    fn from((message, hint): (M, H)) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

/// Collects the findings of one object, with their locations.
pub(super) struct Checker<'a> {
    locations: &'a Locations,
    object: String,
    strictness: Strictness,
    pub(super) features: &'a Features,
    report: &'a mut Report,
}

/// Severity callback of a rule that kops enforces only in some contexts: [`Checker::error`] where it does,
/// [`Checker::strict`] where it does not.
pub(super) type Emit<'a> = fn(&mut Checker<'a>, Rule, String, Note);

impl<'a> Checker<'a> {
    /// A checker of an object, called `Cluster/name` in findings.
    pub(super) fn new(locations: &'a Locations, object: String, rules: &Rules<'a>, report: &'a mut Report) -> Self {
        Self { locations, object, strictness: rules.strictness, features: rules.features, report }
    }

    fn push(&mut self, finding: impl FnOnce(String, String) -> Finding, path: impl Display, note: Note) {
        let mut finding = finding(path.to_string(), note.message);
        if self.report.is_full(finding.severity) {
            // It is only counted. To find its location could take as long as reading the file.
            return self.report.push(finding);
        }
        finding.hint = note.hint.or_else(|| default_hint(finding.rule).map(str::to_owned));
        finding.object.clone_from(&self.object);
        self.locations.place(&mut finding);
        self.report.push(finding);
    }

    /// Something kops refuses.
    pub(super) fn error(&mut self, rule: Rule, path: impl Display, note: impl Into<Note>) {
        self.push(|path, message| Finding::error(rule, path, message), path, note.into());
    }

    /// Something kops accepts and should not.
    pub(super) fn strict(&mut self, rule: Rule, path: impl Display, note: impl Into<Note>) {
        if let Some(severity) = self.strictness.severity() {
            self.push(|path, message| Finding::strict(severity, rule, path, message), path, note.into());
        }
    }

    /// Something that works and may not be what is meant.
    pub(super) fn warning(&mut self, rule: Rule, path: impl Display, note: impl Into<Note>) {
        if self.strictness != Strictness::Stored {
            self.push(|path, message| Finding::warning(rule, path, message), path, note.into());
        }
    }

    /// A required field that is missing.
    pub(super) fn required(&mut self, path: impl Display, note: impl Into<Note>) {
        let path = path.to_string();
        // A value that does not fit its type is left out by decoding, which has reported it.
        if !self.holds_value(&path) {
            let mut note: Note = note.into();
            let field = path.rsplit('.').next().unwrap_or(&path);
            note.hint = note.hint.or_else(|| Some(format!("write {field}: …")));
            self.error(Rule::MissingField, path, note);
        }
    }

    /// Whether a path was written with a value that is not empty.
    pub(super) fn holds_value(&self, path: &str) -> bool {
        self.locations.holds_value(path)
    }

    /// Whether a whole number was written at a path.
    pub(super) fn holds_number(&self, path: &str) -> bool {
        self.locations.holds_number(path)
    }

    /// Whether a path was written, be it as null.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.locations.holds(path)
    }
}

/// The hint of findings that come without one.
fn default_hint(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::DuplicateItem | Rule::DuplicateRoute => "remove one of the two",
        Rule::DuplicateName => "give one of them another name",
        Rule::DuplicateId => "name each subnet of the VPC once",
        Rule::DuplicateDevice | Rule::DuplicatePath => "choose another one",
        Rule::Overlap => "choose networks that have no addresses in common",
        Rule::SharedGroup => "give each member a group of its own",
        Rule::MixedEgress => "write the same in both",
        Rule::MixedVersions => "write one version for all, or none",
        Rule::MixedSubnets => "make a group for each type of subnet",
        Rule::SeveralUtilitySubnets => "keep one of them, or make the others Public",
        Rule::BadRange => "see spec.nonMasqueradeCIDR",
        Rule::OutsideNetwork => "choose an address inside of it",
        _ => return None,
    })
}

/// `did you mean x?`, or all known names where they are few.
pub(super) fn suggest<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(near) = nearest(name, known.clone()) {
        return Some(format!("did you mean {near}?"));
    }
    let names: Vec<&str> = known.take(9).collect();
    (1..=8).contains(&names.len()).then(|| format!("there are {}", names.join(", ")))
}

/// A note with a suggestion, if there is one.
pub(super) fn with_suggestion<'n>(message: String, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Note {
    Note { message, hint: suggest(name, known) }
}

/// Reports repeated items of a list, with the severity in `emit`.
pub(super) fn duplicates<'a>(cx: &mut Checker<'a>, path: &str, items: &[String], emit: Emit<'a>) {
    for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_empty()) {
        if items[..i].contains(item) {
            emit(cx, Rule::DuplicateItem, format!("{path}[{i}]"), format!("{item} is in the list already").into());
        }
    }
}
