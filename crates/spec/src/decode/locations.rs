//! The locations of the values of an object.

use kopsform_diagnostics::{Finding, Location};
use kopsform_yaml::Document;

use crate::cloud::Cloud;

/// An object with the locations of its values.
#[derive(Debug, Clone)]
pub struct Decoded<T> {
    pub object: T,
    pub locations: Locations,
}

/// The locations of the values of an object in the document it was decoded from.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    /// `None` for an object that was not decoded.
    document: Option<Document>,
    /// Whether its file has several objects.
    several: bool,
    /// The cloud whose values were accepted; `None` for those of any cloud.
    cloud: Option<Cloud>,
}

impl Locations {
    pub(super) fn of(document: Document, several: bool, cloud: Option<Cloud>) -> Self {
        Self { document: Some(document), several, cloud }
    }

    /// The document, if values of any cloud were accepted in it.
    pub(super) fn of_any_cloud(&self) -> Option<&Document> {
        self.document.as_ref().filter(|_| self.cloud.is_none())
    }

    /// No locations: the object was made from flags or in a test.
    pub fn none() -> Self {
        Self::default()
    }

    /// The location of a field, or of the nearest enclosing value that was written.
    pub fn find(&self, path: &str) -> Option<Location> {
        let document = self.document.as_ref()?;
        Some(document.source.place(document.root.find(path).position))
    }

    /// Whether a field was written.
    pub fn holds(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| d.root.position_of(path).is_some())
    }

    /// Whether a field was written with a value that is not null and not an empty string, list or mapping.
    pub fn holds_value(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| {
            let found = d.root.find(path);
            found.rest.is_empty() && !found.node.is_null() && !found.node.is_empty()
        })
    }

    /// Whether a field was written as an integer.
    pub fn holds_number(&self, path: &str) -> bool {
        self.document.as_ref().is_some_and(|d| {
            let found = d.root.find(path);
            found.rest.is_empty() && found.node.to_json().is_i64()
        })
    }

    /// The name of the file.
    pub fn file(&self) -> Option<&str> {
        self.document.as_ref().map(|d| d.source.name.as_str())
    }

    /// Sets the location and excerpt of a finding, by its path.
    pub fn place(&self, finding: &mut Finding) {
        let Some(document) = &self.document else { return };
        finding.names_object = self.several;
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

/// Whether the value at a path must not be shown.
pub(super) fn holds_secret(path: &str) -> bool {
    let field = path.rsplit('.').next().unwrap_or(path);
    matches!(field, "privateMaterial" | "publicKey" | "vSpherePassword")
}
