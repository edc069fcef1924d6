//! A build without Google Cloud.

use kopsform_env::Environment;

/// Does not look for a project.
pub fn google_project(_environment: &Environment) -> Option<String> {
    None
}
