//! The facts of an operation: from the lock file, and from the cloud for what it lacks unless `--offline` is given.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::ops::clouds::{FactLookup, unsupported};
use kopsform_env::{self as env, Environment};
use kopsform_model::facts::{Facts, LookupError, Needs, lock};

/// Where facts may come from.
#[derive(Debug, Clone, Default)]
pub struct LookupOptions {
    /// The lock file; `KOPSFORM_LOCK` if absent.
    pub lock: Option<PathBuf>,
    /// Use only the lock file.
    pub offline: bool,
}

/// Finds facts on demand, each at most once.
pub struct FactFinder {
    facts: Facts,
    lock: Option<PathBuf>,
    offline: bool,
    lookup: FactLookup,
}

impl FactFinder {
    /// Reads the lock file, if one is given.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn open(options: &LookupOptions, environment: &Environment) -> Result<Self, LookupError> {
        let path = options.lock.clone().or_else(|| environment.get(env::KOPSFORM_LOCK).map(PathBuf::from));
        let mut facts = match &path {
            Some(path) => {
                tracing::info!(path = %path.display(), offline = options.offline, "reading recorded facts");
                lock::read(path)?
            }
            None => Facts::default(),
        };
        if !options.offline {
            // Addresses that did not exist when the file was written may have been created since.
            for addresses in facts.gce.addresses.values_mut().flat_map(BTreeMap::values_mut) {
                addresses.retain(|_, address| !address.is_empty());
            }
        }
        Ok(Self { facts, lock: path, offline: options.offline, lookup: FactLookup::new(environment) })
    }

    /// Whether only recorded facts may be used.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// The facts found so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// All facts that were found.
    pub fn finished(self) -> Facts {
        self.facts
    }

    /// Finds all facts that are needed and not known yet.
    ///
    /// # Errors
    /// [`LookupError::Missing`] with everything the lock file lacks if the cloud must not or cannot be queried; else its error.
    pub async fn find(&mut self, needs: &Needs) -> Result<&Facts, LookupError> {
        if !self.offline && !needs.missing(&self.facts).is_empty() {
            self.lookup.resolve(needs, &mut self.facts).await?;
        }
        let needs = if self.offline { needs } else { &unsupported(needs) };
        lock::require(needs, &self.facts, self.lock.as_deref(), self.offline)?;
        Ok(&self.facts)
    }
}
