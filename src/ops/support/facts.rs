//! The facts of an operation: from the lock file, and from AWS for what it lacks unless `--offline` is given.

use std::path::PathBuf;

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
    #[cfg(feature = "aws")]
    environment: Environment,
    #[cfg(feature = "aws")]
    clients: Option<kopsform_aws::clients::Clients>,
}

impl FactFinder {
    /// Reads the lock file, if one is given.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn open(options: &LookupOptions, environment: &Environment) -> Result<Self, LookupError> {
        let path = options.lock.clone().or_else(|| environment.get(env::KOPSFORM_LOCK).map(PathBuf::from));
        let facts = match &path {
            Some(path) => {
                tracing::info!(path = %path.display(), offline = options.offline, "reading recorded facts");
                lock::read(path)?
            }
            None => Facts::default(),
        };
        Ok(Self {
            facts,
            lock: path,
            offline: options.offline,
            #[cfg(feature = "aws")]
            environment: environment.clone(),
            #[cfg(feature = "aws")]
            clients: None,
        })
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
    /// [`LookupError::Missing`] with everything the lock file lacks if AWS must not or cannot be queried; else AWS' error.
    pub async fn find(&mut self, needs: &Needs) -> Result<&Facts, LookupError> {
        if !needs.missing(&self.facts).is_empty() {
            self.look_up(needs).await?;
        }
        if self.offline || cfg!(not(feature = "aws")) {
            lock::require(needs, &self.facts, self.lock.as_deref(), self.offline)?;
        }
        Ok(&self.facts)
    }

    #[cfg(feature = "aws")]
    async fn look_up(&mut self, needs: &Needs) -> Result<(), LookupError> {
        if self.offline {
            return Ok(());
        }
        let clients = match self.clients.take() {
            Some(clients) => clients,
            None => kopsform_aws::clients::Clients::load(&self.environment, Some(&needs.region)).await,
        };
        let clients = self.clients.insert(clients);
        tracing::info!(region = needs.region, "looking up facts in AWS");
        kopsform_aws::lookup::resolve(clients, needs, &mut self.facts).await
    }

    #[cfg(not(feature = "aws"))]
    async fn look_up(&mut self, _needs: &Needs) -> Result<(), LookupError> {
        Ok(())
    }
}
