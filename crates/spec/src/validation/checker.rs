//! What every rule uses to say what it found.

use std::fmt::Display;

use super::Rules;
use crate::decode::{Locations, Strictness};
use kopsform_diagnostics::{Finding, Report, Severity, nearest};
use kopsform_env::features::Features;

/// A message, with what to do about it where that is known.
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

/// Gathers what is wrong with one object and gives it its place.
pub(super) struct Checker<'a> {
    locations: &'a Locations,
    object: String,
    strictness: Strictness,
    /// kops' feature flags.
    pub(super) features: &'a Features,
    report: &'a mut Report,
}

/// How a finding is told: by [`Checker::error`] where kops refuses it, by [`Checker::strict`] where it does not.
pub(super) type Emit<'a> = fn(&mut Checker<'a>, &'static str, String, Note);

impl<'a> Checker<'a> {
    /// A checker of an object, called `Cluster/name` in findings.
    pub(super) fn new(locations: &'a Locations, object: String, rules: &Rules<'a>, report: &'a mut Report) -> Self {
        Self { locations, object, strictness: rules.strictness, features: rules.features, report }
    }

    fn push(&mut self, severity: Severity, code: &'static str, path: impl Display, note: Note) {
        let mut finding = match severity {
            Severity::Error => Finding::error(code, path.to_string(), note.message),
            Severity::Warning => Finding::warning(code, path.to_string(), note.message),
        };
        finding.hint = note.hint.or_else(|| remedy(code).map(str::to_owned));
        finding.object.clone_from(&self.object);
        self.locations.place(&mut finding);
        self.report.push(finding);
    }

    /// Something kops refuses.
    pub(super) fn error(&mut self, code: &'static str, path: impl Display, note: impl Into<Note>) {
        self.push(Severity::Error, code, path, note.into());
    }

    /// Something kops lets through and should not.
    pub(super) fn strict(&mut self, code: &'static str, path: impl Display, note: impl Into<Note>) {
        match self.strictness {
            Strictness::Strict => self.push(Severity::Error, code, path, note.into()),
            Strictness::Lenient => self.push(Severity::Warning, code, path, note.into()),
            Strictness::Stored => {}
        }
    }

    /// Something that works and may not be what is meant.
    pub(super) fn warning(&mut self, code: &'static str, path: impl Display, note: impl Into<Note>) {
        if self.strictness != Strictness::Stored {
            self.push(Severity::Warning, code, path, note.into());
        }
    }

    /// A field that must be there.
    pub(super) fn required(&mut self, path: impl Display, note: impl Into<Note>) {
        let path = path.to_string();
        // A value that did not fit its type is left out, and has been told about.
        if !self.holds_value(&path) {
            let mut note: Note = note.into();
            let field = path.rsplit('.').next().unwrap_or(&path);
            note.hint = note.hint.or_else(|| Some(format!("write {field}: …")));
            self.push(Severity::Error, "missing-field", path, note);
        }
    }

    /// Whether something other than nothing was written at a path.
    pub(super) fn holds_value(&self, path: &str) -> bool {
        self.locations.holds_value(path)
    }

    /// Whether a whole number was written at a path.
    pub(super) fn holds_number(&self, path: &str) -> bool {
        self.locations.holds_number(path)
    }

    /// Whether a path was written at all.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.locations.holds(path)
    }
}

/// What to do about a flaw where its rule says nothing of its own.
fn remedy(code: &str) -> Option<&'static str> {
    Some(match code {
        "duplicate-item" | "duplicate-route" => "remove one of the two",
        "duplicate-name" => "give one of them another name",
        "duplicate-id" => "name each subnet of the VPC once",
        "duplicate-device" | "duplicate-path" => "choose another one",
        "overlap" => "choose networks that have no addresses in common",
        "shared-group" => "give each member a group of its own",
        "mixed-egress" => "write the same in both",
        "mixed-versions" => "write one version for all, or none",
        "mixed-subnets" => "make a group for each type of subnet",
        "several-utility-subnets" => "keep one of them, or make the others Public",
        "bad-range" => "see spec.nonMasqueradeCIDR",
        "outside-network" => "choose an address inside of it",
        _ => return None,
    })
}

/// `did you mean x?`, or all there are where they are few.
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
