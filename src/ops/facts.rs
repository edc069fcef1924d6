//! Where an operation gets its facts from: the lock file first, AWS for the rest unless the person forbade it.

use std::path::PathBuf;

use super::clouds::{FACTS_CAN_BE_LOOKED_UP, FactLookup};
use kopsform_env::{self as env, Environment};
use kopsform_model::facts::{Facts, LookupError, Needs, lock};

/// What a person said about look-ups.
#[derive(Debug, Clone, Default)]
pub struct LookupOptions {
    /// The lock file; `KOPSFORM_LOCK` when absent.
    pub lock: Option<PathBuf>,
    /// Use nothing but the lock file.
    pub offline: bool,
}

/// Facts on demand, each looked up at most once.
pub struct FactFinder {
    facts: Facts,
    lock: Option<PathBuf>,
    offline: bool,
    lookup: FactLookup,
}

impl FactFinder {
    /// Reads the lock file, if there is one.
    ///
    /// # Errors
    /// When the lock file is named but cannot be read.
    pub fn open(options: &LookupOptions, environment: &Environment) -> Result<Self, LookupError> {
        let path = options.lock.clone().or_else(|| environment.get(env::KOPSFORM_LOCK).map(PathBuf::from));
        let facts = match &path {
            Some(path) => lock::read(path)?,
            None => Facts::default(),
        };
        Ok(Self { facts, lock: path, offline: options.offline, lookup: FactLookup::new(environment) })
    }

    /// Whether nothing but recorded facts may be used.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// What is known so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Everything that was found, once nothing more is asked for.
    pub fn finished(self) -> Facts {
        self.facts
    }

    /// Finds everything that is needed and not known yet.
    ///
    /// # Errors
    /// [`LookupError::Missing`] names all that the lock file lacks when AWS must not or cannot be asked; else what AWS said.
    pub async fn find(&mut self, needs: &Needs) -> Result<&Facts, LookupError> {
        if !self.offline && !needs.missing(&self.facts).is_empty() {
            self.lookup.resolve(needs, &mut self.facts).await?;
        }
        if self.offline || !FACTS_CAN_BE_LOOKED_UP {
            lock::require(needs, &self.facts, self.lock.as_deref(), self.offline)?;
        }
        Ok(&self.facts)
    }
}
