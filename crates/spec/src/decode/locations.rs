//! Where the values of an object stand.

use kopsform_diagnostics::{Finding, Location};
use kopsform_yaml::Document;

/// An object with the places of its values.
#[derive(Debug, Clone)]
pub struct Decoded<T> {
    /// The object.
    pub object: T,
    /// Where its values stand.
    pub locations: Locations,
}

/// Where the values of an object stand in the text it was read from.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    /// The document and its text; none for an object that no one wrote.
    document: Option<Document>,
}

impl Locations {
    /// The places of a document.
    pub(super) fn of(document: Document) -> Self {
        Self { document: Some(document) }
    }

    /// No places: the object was made from flags or in a test.
    pub fn none() -> Self {
        Self::default()
    }

    /// Where a field stands, or the nearest thing around it that was written.
    pub fn find(&self, path: &str) -> Option<Location> {
        let document = self.document.as_ref()?;
        Some(document.source.place(document.root.find(path).position))
    }

    /// Whether a field was written.
    pub fn holds(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| d.root.position_of(path).is_some())
    }

    /// Whether a field was written with a value that is not empty: no text, list or mapping without content.
    pub fn holds_value(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| {
            let found = d.root.find(path);
            found.rest.is_empty() && !found.node.is_null() && !found.node.is_empty()
        })
    }

    /// Whether a field was written as a whole number.
    pub fn holds_number(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| {
            let found = d.root.find(path);
            found.rest.is_empty() && found.node.to_json().is_i64()
        })
    }

    /// The name of the text.
    pub fn file(&self) -> Option<&str> {
        self.document.as_ref().map(|d| d.source.name.as_str())
    }

    /// Gives a finding its place and the line it is about, by its path.
    pub fn place(&self, finding: &mut Finding) {
        let Some(document) = &self.document else { return };
        if finding.location.is_none() {
            let found = document.root.find(&finding.path);
            finding.location = Some(document.source.place(found.position));
        }
        if finding.excerpt.is_none()
            && !holds_secret(&finding.path)
            && let Some(location) = &finding.location
        {
            finding.excerpt = document.source.excerpt(location.line, location.column);
        }
    }
}

/// Whether what stands at a path is not to be shown.
pub(super) fn holds_secret(path: &str) -> bool {
    let field = path.rsplit('.').next().unwrap_or(path);
    matches!(field, "privateMaterial" | "publicKey" | "vSpherePassword")
}
